/*
 * before.h - what somebody has asked for, and that is done before a run reads or decides anything:
 * what was held follows the answer that was given, the old data is dropped, what was kept is kept
 * no longer. A page at a time, so that nobody else waits long; whatever ends the run, the next one
 * goes on with it.
 */
#ifndef SYNC_BEFORE_H
#define SYNC_BEFORE_H

#include "sync/outcome.h"
#include "sync/progress.h"

/* What was answered to the guard before what leaves (queue/heed.h), of all of the owner's. job: the
 * run that waits for it; NULL: none does. */
MUST enum rc before_deciding(struct ctx *, struct db *, const char *owner, const struct job *job);
MUST enum rc
before_reading(struct ctx *, struct db *, const struct job *, struct progress *, struct outcome *);

#endif
