/*
 * save.h - what a plan is carried out with: shared by apply.c, which goes through it, and
 * decided.c, which decides single items again.
 */
#ifndef SYNC_READ_SAVE_H
#define SYNC_READ_SAVE_H

#include "sync/read/checkpoint.h"
#include "sync/read/intake.h"

/* plan.json, as an object: what a saving run needs and a resumed one finds again. {"datasets":
 * [{"no", "remoteId", "name", "columns", "keyRule"}], "bytes", "items", "keep", ...} */
struct apply {
	struct db *db;
	const struct job *job;
	struct progress *progress;
	const struct spool *spool;
	json *plan;
	struct checkpoint *at; /* where to go on, and what is done so far, over all tries */
	int64_t met;           /* in this try: edits made here that it came upon */
	int64_t capped;        /* and records whose oldest changes went, for there are too many */
	/* apply_plan() sets: */
	int64_t first_run; /* the run that made the plan: what is newer is its own writing */
	bool keep, held, delta;
	struct repeats *repeats;
	int64_t now; /* of the present transaction */
};

/* The dataset that items are applied to, as it is in this transaction. */
struct apply_set {
	int64_t no, first, next_seq, rows_delta, bytes_delta;
	bool held;     /* nothing of it is done: see dataset_held() */
	bool refuses;  /* what would be replaced stays as it is */
	json *columns; /* of the plan */
};

#endif
