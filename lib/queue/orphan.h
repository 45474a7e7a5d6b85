/*
 * orphan.h - what a process had claimed that has died. It is due again as soon as the death is
 * known, not when the claim would lapse: whoever claims it next raises the fence, so the dead one
 * could write no more even if it lived, and that a request of its may be out shows in the row.
 */
#ifndef QUEUE_ORPHAN_H
#define QUEUE_ORPHAN_H

#include "db/db.h"

/* A write of its own, or a part of the caller's: the lanes of process `pid`, which is known to be
 * dead, and what it was sending in them. */
MUST enum rc orphan_lanes(struct ctx *, struct db *, int64_t pid, int64_t now);
/* By a process that has claimed nothing yet: what bears its number was left by a dead one that had
 * the same number, and would be taken for its own. */
MUST enum rc orphan_mine(struct ctx *, struct db *);

#endif
