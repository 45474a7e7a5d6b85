/*
 * leave_run.h - a run that leaves its connection (queue/leave.h): the copies are withdrawn, the
 * outbox takes them away while the run waits without a worker, then the provider removes marks and
 * labels, the access is revoked when nobody else here uses it, and the connection ends. Killed
 * anywhere, it goes on there.
 */
#ifndef SYNC_LEAVE_RUN_H
#define SYNC_LEAVE_RUN_H

#include "queue/leave.h"
#include "sync/outcome.h"

/* The run up to its end. *settled: with it the run was settled, too. */
MUST enum rc leave_run(
    struct ctx *, struct db *, struct job *, const struct leave *, struct outcome *, bool *settled);

#endif
