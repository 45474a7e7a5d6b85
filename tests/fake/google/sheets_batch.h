/*
 * sheets_batch.h - one request of batchUpdate, shared by the files that carry them out:
 * sheets_batch.c, sheets_batch_tabs.c, sheets_batch_cells.c and sheets_batch_marks.c.
 */
#ifndef FAKE_GOOGLE_SHEETS_BATCH_H
#define FAKE_GOOGLE_SHEETS_BATCH_H

#include "fake/google/sheets.h"

struct step {
	struct call *c;
	struct book *book;
	const char *name;
	size_t index;
	const json *args;
	json *reply; /* {} to fill */
};

struct step_kind {
	const char *name;
	void (*run)(struct step *);
};

/* Ended by a NULL name. */
extern const struct step_kind tab_steps[], cell_steps[], mark_steps[];

/* Rows or columns of a tab. */
struct span {
	struct tab *tab;
	bool cols;
	int64_t at, n;
};

void step_wrong(struct step *, const char *why);
/* Each refuses and gives NULL or false when it does not fit. */
struct tab *step_tab(struct step *, const json *holder);                /* by its sheetId */
bool step_range(struct step *, const json *grid_range, struct range *); /* open: to the end */
bool step_span(struct step *, const json *dimension_range, struct span *);
const struct mask *step_mask(struct step *); /* "fields" */
/* Values that are their type's default are not kept. */
json *without_defaults(struct arena *, const json *);

#endif
