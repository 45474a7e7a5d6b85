/*
 * apply.h - carries out a plan, in transactions of at most APPLY_ITEMS records and not much more
 * than APPLY_BYTES, so that no other writer waits long; each with its checkpoint, progress and
 * lease.
 */
#ifndef SYNC_READ_APPLY_H
#define SYNC_READ_APPLY_H

#include "sync/read/save.h"

enum { APPLY_ITEMS = 2000, APPLY_BYTES = 1024 * 1024 };

/* Applies from ap->at on to the end. Each page's transaction saves the checkpoint. */
MUST enum rc apply_plan(struct ctx *, struct apply *);
/* Of a plan without items, in the caller's write, which also sees to the cursor: the datasets are
 * as the source has them. */
MUST enum rc apply_empty(struct ctx *, struct apply *);

#endif
