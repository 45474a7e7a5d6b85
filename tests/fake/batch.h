/*
 * batch.h - one request of batchUpdate, shared by the files that carry them out: fake_batch.c, fake_batch_cells.c and fake_batch_marks.c.
 */
#ifndef FAKE_BATCH_H
#define FAKE_BATCH_H

#include "fake/world.h"

struct step {
	struct call *c;
	struct file *file;
	const char *name;
	size_t index;
	const json *args;
	json *reply;                 /* {} to fill */
};

struct step_kind {
	const char *name;
	void (*run)(struct step *);
};

extern const struct step_kind cell_steps[], mark_steps[];   /* ended by a NULL name */

void step_wrong(struct step *, const char *why);
/* Each refuses and gives NULL or false when it does not fit. */
struct tab *step_tab(struct step *, const json *holder);                    /* by its sheetId */
bool step_range(struct step *, const json *grid_range, struct range *);     /* open ends are the grid's */
struct tab *step_span(struct step *, const json *dimension_range, bool *cols, int64_t *at, int64_t *n);
const struct mask *step_mask(struct step *);                                /* "fields" */
json *without_defaults(struct arena *, const json *);                       /* values that are their type's default are not kept */

#endif
