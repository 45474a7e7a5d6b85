/*
 * unseen.h - what somebody there has written over before it was shown there: an edit that knew
 * nothing of what was agreed on is in conflict with it.
 */
#ifndef SYNC_WRITE_UNSEEN_H
#define SYNC_WRITE_UNSEEN_H

#include "sync/write/twoway.h"

/* `base` without the fields that there->unseen has as they were agreed on, and that are others
 * there now; the same when there are none. */
const json *unseen_base(struct arena *, const json *base, const struct there *);

#endif
