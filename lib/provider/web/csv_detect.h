/*
 * csv_detect.h - what kind of CSV this is, from its beginning. Pure.
 */
#ifndef PROVIDER_WEB_CSV_DETECT_H
#define PROVIDER_WEB_CSV_DETECT_H

#include "provider/web/csv_rows.h"

enum { CSV_AUTO = 1, CSV_SAMPLE_BYTES = 64 * 1024, CSV_SAMPLE_ROWS = 200 };

/* Fills what is CSV_AUTO in how->delimiter, how->quote and how->escape, and always newline and
 * spaces, by how evenly the lines fall into cells. whole: the sample is the entire text. */
void csv_detect(struct csv_dialect *how, struct str sample, bool whole);

/* Is the first of these rows a header? Yes, unless it looks like the rows below: numbers, dates,
 * addresses, repeated values. */
bool csv_has_header(const struct row *rows, size_t n);
/* How many of them stand above the table: titles and notes, much narrower than what follows. */
size_t csv_title_rows(const struct row *rows, size_t n);

#endif
