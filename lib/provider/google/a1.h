/*
 * a1.h - ranges as sheets name them: "B3:F", "3:900", "Tab!A1:C9", "'Bob''s tab'!A:B". Pure.
 */
#ifndef PROVIDER_GOOGLE_A1_H
#define PROVIDER_GOOGLE_A1_H

#include "base/arena.h"
#include "base/buf.h"

enum { A1_COLUMNS_MAX = 18278, A1_ROWS_MAX = 10000000 };

/* Counted from 1, both ends included; 0: open. */
struct a1 {
	const char *tab; /* NULL: not said */
	int64_t row, col, last_row, last_col;
};

/* False when it is no such range (it may be the name of one). The tab is the arena's. */
bool a1_parse(struct arena *, struct str, struct a1 *out);
/* "'Tab'!B3:F900". */
void a1_write(
    struct buf *, const char *tab, int64_t row, int64_t col, int64_t last_row, int64_t last_col);
/* "A", "Z", "AA" ... */
const char *a1_column(int64_t col, char out[8]);

#endif
