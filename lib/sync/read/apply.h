/*
 * apply.h - carries out a plan, in transactions of at most APPLY_ITEMS records, each with its
 * checkpoint, progress and lease.
 */
#ifndef SYNC_READ_APPLY_H
#define SYNC_READ_APPLY_H

#include "sync/read/intake.h"

enum { APPLY_ITEMS = 2000 };

/* plan.json, as an object: what a saving run needs and a resumed one finds again. {"datasets":
 * [{"no", "remoteId", "name", "columns", "keyRule"}], "bytes", "items", "keep", ...} */
struct apply {
	struct db *db;
	const struct job *job;
	struct progress *progress;
	const struct spool *spool;
	json *plan;
	int64_t offset; /* where to go on in the plan file */
	int64_t items_done;
	int64_t added, updated, deleted; /* done so far, over all tries */
};

/* Applies from offset to the end. Each page's transaction saves {"stage": "saving", "offset",
 * ...} as the run's checkpoint. At the end the datasets exist even when the plan was empty. */
MUST enum rc apply_plan(struct ctx *, struct apply *);

#endif
