/*
 * syncs.h - starting, stopping and answering syncs.
 */
#ifndef APP_SYNCS_H
#define APP_SYNCS_H

#include "app/caller.h"
#include "store/conn.h"
#include "store/run.h"

/* E_RUNNING with the active run's id in *id, E_COOLDOWN with err.wait_ms (queue.h). */
MUST enum rc
syncs_start(struct ctx *, struct db *, const struct caller *, const char *conn_id, const char **id);
/* At its next checkpoint; a queued one ends at once. Finished: E_STATE. */
MUST enum rc syncs_cancel(struct ctx *, struct db *, const struct caller *, const char *id);
/* answer: "approve", "always" or "keep" (queue.h). *next: the run that acts on it. */
MUST enum rc syncs_answer(struct ctx *, struct db *, const struct caller *, const char *id,
    const char *answer, const char **next);

/* One of the connections that are due. */
struct sync_due {
	const char *conn, *owner;
	const char *sync;  /* the run, new or active; NULL: it could not be started */
	const char *error; /* why; NULL: it was */
};
/* Queues what is due of the caller's, or of everybody's for the cron secret, oldest first, at
 * most `limit`; *v is the arena's. This is the schedule at work: no row in the audit. */
MUST enum rc syncs_due(struct ctx *, struct db *, const struct caller *, int64_t limit,
    struct sync_due **v, size_t *n);

#endif
