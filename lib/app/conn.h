/*
 * conn.h - what can be done with a connection. Each verb is one short transaction; what needs
 * provider code is asked of the worker before it.
 */
#ifndef APP_CONN_H
#define APP_CONN_H

#include "app/caller.h"
#include "store/run.h"

struct conn_input {
	const char *provider, *name, *account_id; /* name NULL or "": one from the address */
	const json *config, *secret, *schedule;   /* schedule NULL: the usual */
	const json *limits;                       /* has them (limits.h); NULL: the usual */
	bool start;                               /* the first sync at once */
};

/* Checks, saves and starts; *id is the new connection's. */
MUST enum rc conn_create(
    struct ctx *, struct db *, const struct caller *, const struct conn_input *, const char **id);
/* name, accountId, config, secret, schedule, guard ("ask", "always"): what is there is changed, all
 * of it or nothing; of the configuration what is not there stays, and what is null goes. A stored
 * secret stays with the server that it was entered for. *plan: what the change does, or that it is
 * held (plan.h); NULL: it does nothing to anything that was read. */
MUST enum rc conn_change(struct ctx *, struct db *, const struct caller *, const char *id,
    const json *change, json **plan);
/* A change that is held (plan.h) is made, or dropped: answer as of syncs_answer(). *next: the run
 * that acts on it, or the one that has asked. E_STATE: it is over. */
struct conn_decision {
	const struct caller *by;
	const struct run *run;
	const char *answer;
};
MUST enum rc
conn_decide(struct ctx *, struct db *, const struct conn_decision *, const char **next);
/* The schedule alone, as PUT .../schedule takes it. */
MUST enum rc
conn_schedule(struct ctx *, struct db *, const struct caller *, const char *id, const json *change);
MUST enum rc conn_pause(struct ctx *, struct db *, const struct caller *, const char *id);
/* Failures are counted from zero. */
MUST enum rc conn_resume(struct ctx *, struct db *, const struct caller *, const char *id);
/* mode: "refetch" (read everything again), "ask" (the same, and ask again about what was kept) or
 * "clear" (drop the data first). */
MUST enum rc conn_reset(struct ctx *, struct db *, const struct caller *, const char *id,
    const char *mode, const char **sync_id);
/* At once and as a whole: whatever runs is ended. With its data, also where that was kept before:
 * from then on nobody reads it, and it is dropped page by page. */
MUST enum rc
conn_disconnect(struct ctx *, struct db *, const struct caller *, const char *id, bool delete_data);

#endif
