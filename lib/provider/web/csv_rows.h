/*
 * csv_rows.h - CSV text in pieces to rows of cells, with line numbers and limits.
 *
 * A line without a quote needs no state machine: it is cut at the delimiters where it lies.
 * Everything else goes through one that copies. Both give the same cells; a test holds them to
 * it. Quotes that stand where none should be belong to the text of their cell and are counted.
 * Memory: one row.
 */
#ifndef PROVIDER_WEB_CSV_ROWS_H
#define PROVIDER_WEB_CSV_ROWS_H

#include "provider/provider.h"

enum {
	CSV_CELL_MAX = 1024 * 1024,
	CSV_ROW_MAX = 16 * 1024 * 1024,
	CSV_CELLS_MAX = 4096 /* kept of one row; the rest is counted */
};

struct csv_dialect {
	char delimiter;
	char quote; /* 0: none */
	/* what makes a quote inside quotes part of the text, beside doubling it; 0: nothing else */
	char escape;
	/* what counts as the end of a line: '\n', or '\r' where there is no '\n' */
	char newline;
	bool spaces; /* blanks around cells do not belong to them: `a, "b"` */
	bool plain;  /* never take the short cut: tests */
};

struct csv_rows;

/* What was read, but not as it was probably meant. */
struct csv_flaws {
	int64_t strays, first_line; /* quotes inside quotes that are not doubled */
	int64_t slashes;            /* of those, behind a backslash */
};

/* row->cells hold the first CSV_CELLS_MAX cells, all CELL_TEXT; more: how many were left out.
 * Rows of no cells (blank lines) are not reported. Any outcome but RC_OK ends the parse with it. */
typedef enum rc csv_row_fn(struct ctx *, void *arg, const struct row *, int64_t more);

/* first_line: the number of the first line that csv_rows_feed() will see. */
struct csv_rows *csv_rows_new(
    struct arena *, const struct csv_dialect *, int64_t first_line, csv_row_fn *, void *arg);
MUST enum rc csv_rows_feed(struct ctx *, struct csv_rows *, struct str piece);
/* The end of the text. cut: it is not the true end, so an unfinished row is dropped; otherwise
 * an unclosed quote is E_CSV. */
MUST enum rc csv_rows_end(struct ctx *, struct csv_rows *, bool cut);
const struct csv_flaws *csv_rows_flaws(const struct csv_rows *);

#endif
