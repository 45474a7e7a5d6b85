/*
 * claim.c - see queue.h. What is claimed, and in which order.
 */
#include "base/clock.h"
#include "base/proc.h"
#include "queue/channel.h"
#include "queue/places.h"
#include "queue/queue.h"

/* In the table of turns, beside the kinds of lanes. */
#define TURN_RUN "run"

/* Who is served next: whoever comes behind `served` and has something, and a place. */
struct turn {
	const struct places *places;
	const char *served;
	int64_t now;
};

/* What he has: queue_asked_owner or queue_due_owner; of connections that failed last or others. */
struct wanted {
	enum sql q;
	bool failing;
};

static enum rc
turn_behind(struct ctx *cx, struct db *db, const struct turn *t, struct wanted w, const char *after,
    const char **owner)
{
	const struct places_want want = {
		.asked = w.q == Q_QUEUE_ASKED_OWNER,
		.failing = w.failing,
	};
	bool found;

	*owner = NULL;
	if (!places_any(t->places, want))
		return RC_OK;
	do {
		TRY(db_row(cx, db, &found, w.q, "iis", (int64_t)w.failing, t->now, after));
		after = *owner = found ? db_dup(cx->a, db, w.q, 0) : NULL;
		db_reset(db, w.q);
	} while (*owner && !places_for(t->places, *owner, want));
	return RC_OK;
}

/* *owner NULL: nobody. */
static enum rc
turn_next(struct ctx *cx, struct db *db, const struct turn *t, struct wanted w, const char **owner)
{
	TRY(turn_behind(cx, db, t, w, t->served, owner));
	return *owner || !*t->served ? RC_OK : turn_behind(cx, db, t, w, "", owner);
}

static enum rc
turn_open(struct ctx *cx, struct db *db, const struct places *places, struct turn *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LANE_TURN, "s", TURN_RUN));
	*out = (struct turn){
		.places = places,
		.served = found ? db_dup(cx->a, db, Q_LANE_TURN, 0) : "",
		.now = clock_ms(),
	};
	db_reset(db, Q_LANE_TURN);
	return RC_OK;
}

static enum rc
claim_one(struct ctx *cx, struct db *db, const char *want, const char **id, const char **owner)
{
	int64_t now = clock_ms(), until = now + queue_lease_ms(), pid = proc_self();
	const enum sql q = Q_QUEUE_CLAIM_ONE;
	bool found;

	TRY(db_row(cx, db, &found, q, "iiis", now, until, pid, want));
	*id = found ? db_dup(cx->a, db, q, C_CLAIM_ID) : NULL;
	*owner = found ? db_dup(cx->a, db, q, C_CLAIM_OWNER) : NULL;
	db_reset(db, q);
	return RC_OK;
}

static enum rc
claim_asked(
    struct ctx *cx, struct db *db, const struct turn *t, const char **id, const char **owner)
{
	const char *want;
	bool found;

	for (int failing = 0; failing < 2 && !*id; failing++) {
		TRY(turn_next(cx, db, t, (struct wanted){ Q_QUEUE_ASKED_OWNER, failing }, owner));
		if (!*owner)
			continue;
		TRY(db_row(
		    cx, db, &found, Q_QUEUE_ASKED_OF, "iis", (int64_t)failing, t->now, *owner));
		want = found ? db_dup(cx->a, db, Q_QUEUE_ASKED_OF, 0) : NULL;
		db_reset(db, Q_QUEUE_ASKED_OF);
		if (want)
			TRY(claim_one(cx, db, want, id, owner));
	}
	return RC_OK;
}

/* A connection that is due; conn_id NULL: none. */
struct due {
	const char *conn_id, *owner;
	int64_t at;
	bool failing;
};

static enum rc
due_next(struct ctx *cx, struct db *db, const struct turn *t, bool failing, struct due *out)
{
	const enum sql q = Q_QUEUE_DUE_OF;
	bool found;

	*out = (struct due){ .failing = failing };
	TRY(turn_next(cx, db, t, (struct wanted){ Q_QUEUE_DUE_OWNER, failing }, &out->owner));
	if (!out->owner)
		return RC_OK;
	TRY(db_row(cx, db, &found, q, "iis", (int64_t)failing, t->now, out->owner));
	if (found) {
		out->conn_id = db_dup(cx->a, db, q, C_QUEUE_DUE_CONNECTION_ID);
		out->at = db_num(db, q, C_QUEUE_DUE_NEXT_POLL_AT);
	}
	db_reset(db, q);
	return RC_OK;
}

/* Makes a run for the connection that is due and claims it. The schedule stays as it is until the
 * end of the run: until then the run itself is why nothing is due. A connection that cannot be used
 * (deleted meanwhile) is only moved on, so that it cannot stand in the way of others. */
static enum rc
claim_due(struct ctx *cx, struct db *db, struct claim_state *st, const struct turn *t,
    const char **id, const char **owner)
{
	for (int tries = 0; tries < 100; tries++) {
		const bool failing = st->failing < st->healthy;
		struct due due;
		struct conn c;
		bool made;

		TRY(due_next(cx, db, t, failing, &due));
		if (!due.conn_id)
			TRY(due_next(cx, db, t, !failing, &due));
		if (!due.conn_id)
			return RC_OK;
		made = false;
		if (conn_get(cx, db, due.owner, due.conn_id, &c) == RC_OK && !c.leaving)
			TRY(queue_insert_due(cx, db, &c, due.at, &made, id));
		if (!made) {
			TRY(db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", due.conn_id, due.owner,
			    t->now + 2 * queue_lease_ms(), t->now));
			continue;
		}
		due.failing ? st->failing++ : st->healthy++;
		return claim_one(cx, db, *id, id, owner);
	}
	return RC_OK;
}

/* Makes a run for a connection whose source has called back, or does from now on, and claims it. */
static enum rc
claim_pushed(
    struct ctx *cx, struct db *db, const struct turn *t, const char **id, const char **owner)
{
	struct channel_call call;
	struct conn c;
	bool made;

	if (!places_any(t->places, (struct places_want){ false, false }))
		return RC_OK;
	TRY(channel_next(cx, db, t->places, &call));
	*owner = call.owner;
	if (!call.conn_id)
		return RC_OK;
	if (conn_get(cx, db, *owner, call.conn_id, &c) != RC_OK || c.leaving)
		return channel_served(cx, db, *owner, call.conn_id);
	TRY(queue_insert(cx, db, &c, call.trigger, &made, id));
	return made ? claim_one(cx, db, *id, id, owner)
		    : channel_served(cx, db, *owner, call.conn_id);
}

struct claim_args {
	struct claim_state *st;
	const char *only;
	bool *found;
	struct job *out;
};

/* What there is a place for, by those whose turn it is. */
static enum rc
claim_any(
    struct ctx *cx, struct db *db, struct claim_state *st, const char **id, const char **owner)
{
	struct places places;
	struct turn t;

	TRY(places_read(cx, db, &places));
	TRY(turn_open(cx, db, &places, &t));
	TRY(claim_asked(cx, db, &t, id, owner));
	if (!*id)
		TRY(claim_pushed(cx, db, &t, id, owner));
	if (!*id && !st->asked_only)
		TRY(claim_due(cx, db, st, &t, id, owner));
	if (!*id || !*owner || !strcmp(t.served, *owner))
		return RC_OK;
	return db_run(cx, db, NULL, Q_LANE_SERVED, "ss", TURN_RUN, *owner);
}

static enum rc
claim_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct claim_args *w = arg;
	const char *id = NULL, *owner = NULL;

	TRY(w->only ? claim_one(cx, db, w->only, &id, &owner)
		    : claim_any(cx, db, w->st, &id, &owner));
	*w->found = id != NULL;
	if (!id)
		return RC_OK;
	TRY(run_get(cx, db, owner, id, &w->out->run));
	TRY(conn_get(cx, db, owner, w->out->run.connection_id, &w->out->conn));
	w->out->attempt = w->out->run.attempt;
	if (w->out->run.task)
		return RC_OK;
	/* What was asked for until now is served by a run that begins to read now; not by one
	 * that goes on with what was read. */
	if (w->out->run.resumed_from || w->out->attempt != 1)
		return RC_OK;
	TRY(channel_served(cx, db, owner, w->out->conn.id));
	return db_run(cx, db, NULL, Q_QUEUE_AGAIN_DONE, "ss", w->out->conn.id, owner);
}

enum rc
queue_claim(struct ctx *cx, struct db *db, struct claim_state *st, const char *only, bool *found,
    struct job *out)
{
	bool pending;

	*found = false;
	if (!only) {
		TRY(queue_pending(cx, db, false, &pending));
		if (!pending)
			return RC_OK;
	}
	struct claim_args w = {
		.st = st,
		.only = only,
		.found = found,
		.out = out,
	};

	return db_write_hasty(cx, db, claim_write, &w);
}

enum rc
queue_pending(struct ctx *cx, struct db *db, bool asked_only, bool *yes)
{
	struct places places;
	struct turn t = { .places = &places, .served = "", .now = clock_ms() };
	const char *owner = NULL;
	int64_t called_at = 0;

	TRY(places_read(cx, db, &places));
	for (int failing = 0; failing < 2 && !owner; failing++) {
		TRY(turn_next(cx, db, &t, (struct wanted){ Q_QUEUE_ASKED_OWNER, failing }, &owner));
		if (!owner && !asked_only)
			TRY(turn_next(
			    cx, db, &t, (struct wanted){ Q_QUEUE_DUE_OWNER, failing }, &owner));
	}
	if (places_any(&places, (struct places_want){ false, false }))
		TRY(channel_due(cx, db, &places, &called_at));
	*yes = owner || (called_at != 0 && called_at <= t.now);
	return RC_OK;
}

static enum rc
next_earlier(struct ctx *cx, struct db *db, enum sql q, int64_t failing, int64_t *at)
{
	bool found;

	if (q == Q_QUEUE_DUE_NEXT)
		TRY(db_row(cx, db, &found, q, "i", failing));
	else
		TRY(db_row(cx, db, &found, q, ""));
	if (found && !db_null(db, q, 0) && (*at == 0 || db_num(db, q, 0) < *at))
		*at = db_num(db, q, 0);
	db_reset(db, q);
	return RC_OK;
}

enum rc
queue_next(struct ctx *cx, struct db *db, int64_t *at)
{
	*at = 0;
	TRY(next_earlier(cx, db, Q_QUEUE_ASKED_NEXT, 0, at));
	TRY(next_earlier(cx, db, Q_QUEUE_DUE_NEXT, 0, at));
	return next_earlier(cx, db, Q_QUEUE_DUE_NEXT, 1, at);
}
