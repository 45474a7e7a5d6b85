/*
 * sheets_page.h - a page of the spool (gsheets.h) as the parse half holds it: the text of its
 * rows, by part. Its memory is gone with the page.
 */
#ifndef PROVIDER_GOOGLE_SHEETS_PAGE_H
#define PROVIDER_GOOGLE_SHEETS_PAGE_H

#include "provider/google/sheets.h"
#include "provider/web/jscan.h"

enum { PARTS_MAX = 100 };

/* The rows of one part: JSON lists without white space. */
struct rows {
	struct str *v;
	size_t n, cap;
};

/* "[]" for one that is not there: empty rows at the end are left out of answers. */
struct str row_at(const struct rows *, size_t i);

/* The same part twice: plain, and with dates as the sheet shows them. */
enum { PLAIN, SHOWN, VIEWS };

struct sheet_page {
	/* for this page; its arena is reset by whoever goes on to the next one */
	struct ctx cx;
	json *parts;
	size_t n; /* of them */
	struct rows rows[VIEWS][PARTS_MAX];
	size_t views[VIEWS]; /* parts that came in this view */
	bool has_shown;
	struct jscan *js;
	struct jscan_events events;
};

struct sheet_page *sheet_page_new(struct arena *);
void sheet_page_free(struct sheet_page *);
/* The first page: the tabs. */
MUST enum rc sheet_page_tabs(struct ctx *, struct sheet_page *, struct page_in *, json **out);
/* Any other: parts and rows. E_TRUNCATED when they do not fit together. */
MUST enum rc sheet_page_rows(struct ctx *, struct sheet_page *, struct page_in *);

#endif
