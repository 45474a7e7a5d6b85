/*
 * sheets.h - what the two halves of google-sheets share (sheets.c, sheets_parse.c), and the
 * pure parts that are tested alone.
 *
 * Pages in the spool are JSON objects. The first tells the tabs: {"title", "zone", "tabs":
 * [{"id", "title", "row", "col", "lastRow", "lastCol"}], "left": [{"title", "why"}]}. Each other
 * one holds blocks of rows: {"parts": [{"tab": n, "row", "over"}], "values": answer, "shown":
 * answer?}, where "values" is an answer of values.batchGet with plain numbers, and "shown", in
 * which dates are texts, is there for the first block of a tab and for all that follow one with
 * dates: each cell is what the sheet shows it as, whatever stands above it. A part holds the
 * rows from `row` on, and `over` rows in front of them that were the last ones of the part
 * before.
 */
#ifndef PROVIDER_GOOGLE_SHEETS_H
#define PROVIDER_GOOGLE_SHEETS_H

#include "kind/row_test.h"
#include "provider/provider.h"

enum { GSHEETS_PAGE_MAX = 64 * 1024 * 1024, GSHEETS_OVERLAP = 20 };

/* The first page, out of an answer of spreadsheets.get: which tabs there are of those that the
 * settings choose. cursor: of the last complete read, or NULL. Pure. */
MUST enum rc
gsheets_choose(struct ctx *, const json *config, const json *cursor, const json *meta, json *page);

MUST enum rc
gsheets_parse(struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);

enum serial_kind { SERIAL_NONE, SERIAL_DATE, SERIAL_TIME, SERIAL_DATE_TIME, SERIAL_DURATION };

/* What a cell is that is the number `serial` and is shown as `shown`. Pure. */
enum serial_kind gsheets_kind(double serial, struct str shown);
/* The serial (days since 1899-12-30; the fraction is the time of day) as text: "2026-11-21",
 * "10:30:00", "2026-11-21T10:30:00", "27:15:00". False outside the years 1 to 9999. */
bool gsheets_when(double serial, enum serial_kind, char out[40]);

#endif
