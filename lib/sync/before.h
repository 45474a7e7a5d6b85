/*
 * before.h - what somebody has asked for with a run, and that is done before it reads anything: the
 * old data is dropped, what was kept is kept no longer. A page at a time, so that nobody else waits
 * long; whatever ends the run, the next one goes on with it.
 */
#ifndef SYNC_BEFORE_H
#define SYNC_BEFORE_H

#include "sync/outcome.h"
#include "sync/progress.h"

MUST enum rc
before_reading(struct ctx *, struct db *, const struct job *, struct progress *, struct outcome *);

#endif
