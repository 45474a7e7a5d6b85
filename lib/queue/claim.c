/*
 * claim.c - see queue.h. What is claimed, and in which order.
 */
#include "base/clock.h"
#include "base/proc.h"
#include "queue/channel.h"
#include "queue/queue.h"

static enum rc
claim_asked(struct ctx *cx, struct db *db, const char *only, const char **id, const char **owner)
{
	int64_t now = clock_ms(), until = now + queue_lease_ms(), pid = proc_self();
	enum sql q = only ? Q_QUEUE_CLAIM_ONE : Q_QUEUE_CLAIM_ASKED;
	bool found;

	if (only)
		TRY(db_row(cx, db, &found, q, "iiis", now, until, pid, only));
	else
		TRY(db_row(cx, db, &found, q, "iii", now, until, pid));
	*id = found ? db_dup(cx->a, db, q, C_CLAIM_ID) : NULL;
	*owner = found ? db_dup(cx->a, db, q, C_CLAIM_OWNER) : NULL;
	db_reset(db, q);
	return RC_OK;
}

static enum rc
claim_due_one(struct ctx *cx, struct db *db, bool failing, int64_t now, const char **conn_id,
    const char **owner)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_QUEUE_DUE, "ii", (int64_t)failing, now));
	*conn_id = found ? db_dup(cx->a, db, Q_QUEUE_DUE, C_QUEUE_DUE_CONNECTION_ID) : NULL;
	*owner = found ? db_dup(cx->a, db, Q_QUEUE_DUE, C_QUEUE_DUE_OWNER) : NULL;
	db_reset(db, Q_QUEUE_DUE);
	return RC_OK;
}

/* Makes a run for the connection that is due and claims it. A connection that cannot be used
 * (deleted meanwhile, already running) is only moved on, so that it cannot stand in the way of
 * others. */
static enum rc
claim_due(
    struct ctx *cx, struct db *db, struct claim_state *st, const char **id, const char **owner)
{
	int64_t now = clock_ms();
	bool made;

	for (int tries = 0; tries < 100; tries++) {
		bool failing = st->failing < st->healthy;
		const char *conn_id;
		struct conn c;

		TRY(claim_due_one(cx, db, failing, now, &conn_id, owner));
		if (!conn_id) {
			failing = !failing;
			TRY(claim_due_one(cx, db, failing, now, &conn_id, owner));
		}
		if (!conn_id)
			return RC_OK;
		TRY(db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", conn_id, *owner,
		    now + 2 * queue_lease_ms(), now));
		if (conn_get(cx, db, *owner, conn_id, &c) != RC_OK)
			continue;
		TRY(queue_insert(cx, db, &c, "schedule", &made, id));
		if (!made)
			continue;
		failing ? st->failing++ : st->healthy++;
		return claim_asked(cx, db, *id, id, owner);
	}
	return RC_OK;
}

/* Makes a run for a connection whose source has called back, and claims it. */
static enum rc
claim_pushed(struct ctx *cx, struct db *db, const char **id, const char **owner)
{
	const char *conn_id;
	struct conn c;
	bool made;

	TRY(channel_next(cx, db, &conn_id, owner));
	if (!conn_id)
		return RC_OK;
	if (conn_get(cx, db, *owner, conn_id, &c) != RC_OK)
		return channel_served(cx, db, *owner, conn_id);
	TRY(queue_insert(cx, db, &c, "webhook", &made, id));
	return made ? claim_asked(cx, db, *id, id, owner) : channel_served(cx, db, *owner, conn_id);
}

struct claim_args {
	struct claim_state *st;
	const char *only;
	bool *found;
	struct job *out;
};

static enum rc
claim_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct claim_args *w = arg;
	const char *id = NULL, *owner = NULL;

	TRY(claim_asked(cx, db, w->only, &id, &owner));
	if (!id && !w->only)
		TRY(claim_pushed(cx, db, &id, &owner));
	if (!id && !w->only && !w->st->asked_only)
		TRY(claim_due(cx, db, w->st, &id, &owner));
	*w->found = id != NULL;
	if (!id)
		return RC_OK;
	TRY(run_get(cx, db, owner, id, &w->out->run));
	TRY(conn_get(cx, db, owner, w->out->run.connection_id, &w->out->conn));
	w->out->attempt = w->out->run.attempt;
	/* What was asked for until now is served by a run that begins to read now; not by one
	 * that goes on with what was read. */
	if (!w->out->run.resumed_from) {
		TRY(channel_served(cx, db, owner, w->out->conn.id));
		TRY(db_run(cx, db, NULL, Q_QUEUE_AGAIN_DONE, "ss", w->out->conn.id, owner));
	}
	/* A run that was asked for is also the scheduled one. */
	return db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", w->out->conn.id, owner,
	    clock_ms() + 2 * queue_lease_ms(), clock_ms());
}

enum rc
queue_claim(struct ctx *cx, struct db *db, struct claim_state *st, const char *only, bool *found,
    struct job *out)
{
	bool pending;

	*found = false;
	if (!only) {
		TRY(queue_pending(cx, db, clock_ms(), &pending));
		if (!pending)
			return RC_OK;
	}
	struct claim_args w = {
		.st = st,
		.only = only,
		.found = found,
		.out = out,
	};

	return db_write(cx, db, claim_write, &w);
}

static enum rc
claim_any_due(struct ctx *cx, struct db *db, bool failing, int64_t now, bool *yes)
{
	const enum sql q = Q_QUEUE_ANY_DUE;

	if (*yes)
		return RC_OK;
	TRY(db_row(cx, db, yes, q, "ii", (int64_t)failing, now));
	db_reset(db, q);
	return RC_OK;
}

enum rc
queue_pending(struct ctx *cx, struct db *db, int64_t now, bool *yes)
{
	int64_t called_at;

	TRY(db_row(cx, db, yes, Q_QUEUE_ANY_ASKED, ""));
	db_reset(db, Q_QUEUE_ANY_ASKED);
	TRY(channel_due(cx, db, &called_at));
	*yes |= called_at != 0 && called_at <= clock_ms();
	TRY(claim_any_due(cx, db, false, now, yes));
	return claim_any_due(cx, db, true, now, yes);
}
