/*
 * show.h - the planner of a run, for people: the first rows of each dataset, and the changes that
 * it has planned with names and differing fields.
 */
#ifndef SYNC_READ_SHOW_H
#define SYNC_READ_SHOW_H

#include "sync/listing.h"
#include "sync/read/planner.h"

struct shower {
	struct planner p;            /* first */
	json *rows[INTAKE_DATASETS]; /* [{"key", "values"}] of each dataset */
	size_t shown;                /* bytes of all of them */
	/* in order: deletions that a run would leave, for the records were edited here */
	int64_t *left;
	size_t n_left, left_cap;
};

/* For a comparison whose arg is itself. */
MUST enum rc shower_make(struct ctx *, void *arg, struct comparer **out);
/* Ends the plan, and lists of it what the listing takes: beside what listing.h says, each has
 * "action" as records have it, "key", and "values" and "before" as lists in the order of the
 * columns. */
MUST enum rc shower_list(struct ctx *, struct shower *, const struct spool *, struct listing *);

/* Of a plan that is written: only the deletions, and the updates of datasets whose values would be
 * replaced, as listing.h says. */
MUST enum rc show_harm(struct ctx *, const struct intake *, const struct spool *, struct listing *);

#endif
