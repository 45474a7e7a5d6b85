/*
 * queue.c - see queue.h. States of a run:
 *
 *	queued -> running     queue_claim        (a scheduled run is made and claimed in one transaction)
 *	queued -> error       sync_cancel
 *	running -> complete   queue_settle
 *	running -> error      queue_settle, queue_reap (reap.c)
 *
 * Every move names the state it starts from, and those of a worker its fencing number.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rand.h"
#include "sync/events.h"
#include "sync/lane.h"
#include "sync/mailbox.h"
#include "sync/push.h"
#include "sync/queue.h"
#include "sync/sched.h"
#include "sync/settle.h"

static int64_t
lease_ms(void)
{
	return conf_int(CONF_LEASE_SECONDS) * SECOND_MS;
}

/* In a write transaction. *no 0: another run of the connection is active. */
static enum rc
insert_run(struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, int64_t *no, const char **id)
{
	char uuid[UUID_TEXT];
	int64_t now = clock_ms();
	bool found;

	*id = arena_dup(cx->a, rand_uuid(uuid));
	*no = 0;
	TRY(db_row(cx, db, &found, Q_RUN_INSERT, "sssssiiss", *id, c->id, c->owner, trigger, "Waiting for a free worker", now, INT64_C(0), NULL, NULL));
	if (found)
		*no = db_num(db, Q_RUN_INSERT, 0);
	db_reset(db, Q_RUN_INSERT);
	return RC_OK;
}

enum rc
sync_enqueue(struct ctx *cx, struct db *db, const struct conn *c, const char *trigger, const char **id)
{
	struct run active;
	int64_t no;

	TRY(insert_run(cx, db, c, trigger, &no, id));
	if (no)
		return RC_OK;
	TRY(run_active(cx, db, c->owner, c->id, &active));
	*id = active.id;
	return fail(cx, E_RUNNING, NULL);
}

/* *met: the run was there already. */
static enum rc
start_in_tx(struct ctx *cx, struct db *db, const struct conn *wanted, const char *trigger, struct run *run, bool *met)
{
	struct conn c;
	int64_t now = clock_ms(), last = 0;
	const char *id;
	bool found;

	TRY(conn_get(cx, db, wanted->owner, wanted->id, &c));
	TRY(run_active(cx, db, c.owner, c.id, run));
	*met = run->id != NULL;
	/* One that goes on with what an interrupted run has read cannot bring what is asked for now. */
	if (*met)
		return run->resumed_from ? db_run(cx, db, NULL, Q_QUEUE_AGAIN_ASK, "ss", c.id, c.owner) : RC_OK;
	TRY(db_row(cx, db, &found, Q_RUN_LAST_START, "ss", c.id, c.owner));
	if (found)
		last = db_num(db, Q_RUN_LAST_START, 0);
	db_reset(db, Q_RUN_LAST_START);
	if (found && last <= now && now - last < COOLDOWN_MS) {
		(void)fail(cx, E_COOLDOWN, NULL);
		cx->err.wait_ms = COOLDOWN_MS - (now - last);
		return RC_LIMITED;
	}
	TRY(sync_enqueue(cx, db, &c, trigger, &id));
	return run_get(cx, db, c.owner, id, run);
}

enum rc
sync_start(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *trigger, const char **id)
{
	const struct conn wanted = { .id = conn_id, .owner = owner };
	struct run run = { 0 };
	bool met;

	*id = NULL;
	TRY(db_begin(cx, db));
	TRY(db_end(cx, db, start_in_tx(cx, db, &wanted, trigger, &run, &met)));
	*id = run.id;
	if (met && run.resumed_from)
		return fail(cx, E_RUNNING, "It goes on with what was read before; another sync follows it.");
	return met ? fail(cx, E_RUNNING, NULL) : RC_OK;
}

enum rc
sync_reset(struct ctx *cx, struct db *db, const struct conn *c, bool clear, const char **id)
{
	struct run active;

	TRY(run_active(cx, db, c->owner, c->id, &active));
	if (active.id)
		return fail(cx, E_STATE, "A sync of this connection is running. Cancel it, or wait until it has ended.");
	if (clear) {
		TRY(conn_clear(cx, db, c->owner, c->id));
		TRY(conn_guard_over(cx, db, c->owner, c->id));
	} else
		TRY(conn_set_cursor(cx, db, c->owner, c->id, NULL));
	return sync_enqueue(cx, db, c, "manual", id);
}

static enum rc
cancel_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	struct run run;
	int64_t changed;

	TRY(run_get(cx, db, owner, id, &run));
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_QUEUED, "ssis", id, owner, clock_ms(), "Cancelled before it began"));
	if (changed)
		return RC_OK;
	TRY(db_run(cx, db, &changed, Q_QUEUE_CANCEL_ASK, "ss", id, owner));
	return changed ? RC_OK : fail(cx, E_STATE, "This sync has already ended.");
}

enum rc
sync_cancel(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	TRY(db_begin(cx, db));
	return db_end(cx, db, cancel_in_tx(cx, db, owner, id));
}

enum rc
sync_question(struct ctx *cx, struct db *db, const struct run *run, bool *open)
{
	bool over;

	*open = false;
	if (!run->review)
		return RC_OK;
	TRY(db_row(cx, db, &over, Q_QUEUE_QUESTION_OVER, "ssi", run->connection_id, run->owner, run->no));
	db_reset(db, Q_QUEUE_QUESTION_OVER);
	*open = !over;
	return RC_OK;
}

static enum rc
answer_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *run_id, const char *answer, const char **id)
{
	struct run run, active;
	struct conn c;
	json *review;
	bool open;

	TRY(run_get(cx, db, owner, run_id, &run));
	review = json_stored(cx->a, run.review);
	if (!review)
		return fail(cx, E_STATE, "This sync does not wait for an answer.");
	if (strcmp(answer, "approve") && strcmp(answer, "always") && strcmp(answer, "keep"))
		return fail(cx, E_INPUT, "The answer is one of approve, always and keep.");
	TRY(conn_get(cx, db, owner, run.connection_id, &c));
	TRY(sync_question(cx, db, &run, &open));
	if (!open)
		return fail(cx, E_STATE, "This question is over: a later sync ended without it, or has asked anew. "
		    "Look at the latest sync of this connection.");
	TRY(conn_set_guard(cx, db, owner, c.id, answer, json_str(review, "plan") ? json_str(review, "plan") : ""));
	TRY(db_run(cx, db, NULL, Q_QUEUE_REVIEW_ANSWERED, "ss", run_id, owner));
	c.sched.health = HEALTH_OK;
	c.sched.error_code = c.sched.error_detail = NULL;
	TRY(sched_save(cx, db, &c));
	TRY(run_active(cx, db, owner, c.id, &active));
	if (active.id) {
		*id = active.id;
		return RC_OK;
	}
	return sync_enqueue(cx, db, &c, "approve", id);
}

enum rc
sync_answer(struct ctx *cx, struct db *db, const char *owner, const char *run_id, const char *answer, const char **id)
{
	*id = NULL;
	TRY(db_begin(cx, db));
	return db_end(cx, db, answer_in_tx(cx, db, owner, run_id, answer, id));
}

/*
 * Claiming.
 */

static enum rc
claim_asked(struct ctx *cx, struct db *db, const char *only, const char **id, const char **owner)
{
	int64_t now = clock_ms(), until = now + lease_ms(), pid = getpid();
	enum sql q = only ? Q_QUEUE_CLAIM_ONE : Q_QUEUE_CLAIM_ASKED;
	bool found;

	if (only)
		TRY(db_row(cx, db, &found, q, "iiis", now, until, pid, only));
	else
		TRY(db_row(cx, db, &found, q, "iii", now, until, pid));
	*id = found ? db_dup(cx->a, db, q, 0) : NULL;
	*owner = found ? db_dup(cx->a, db, q, 1) : NULL;
	db_reset(db, q);
	return RC_OK;
}

static enum rc
due_one(struct ctx *cx, struct db *db, bool failing, int64_t now, const char **conn_id, const char **owner)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_QUEUE_DUE, "ii", (int64_t)failing, now));
	*conn_id = found ? db_dup(cx->a, db, Q_QUEUE_DUE, 0) : NULL;
	*owner = found ? db_dup(cx->a, db, Q_QUEUE_DUE, 1) : NULL;
	db_reset(db, Q_QUEUE_DUE);
	return RC_OK;
}

/* Makes a run for the connection that is due and claims it. A connection that cannot be used (deleted meanwhile, already running) is only moved on, so that it
 * cannot stand in the way of others. */
static enum rc
claim_due(struct ctx *cx, struct db *db, struct claim_state *st, const char **id, const char **owner)
{
	int64_t now = clock_ms(), no;

	for (int tries = 0; tries < 100; tries++) {
		bool failing = st->failing < st->healthy;
		const char *conn_id;
		struct conn c;

		TRY(due_one(cx, db, failing, now, &conn_id, owner));
		if (!conn_id) {
			failing = !failing;
			TRY(due_one(cx, db, failing, now, &conn_id, owner));
		}
		if (!conn_id)
			return RC_OK;
		TRY(db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", conn_id, *owner, now + 2 * lease_ms(), now));
		if (conn_get(cx, db, *owner, conn_id, &c) != RC_OK)
			continue;
		TRY(insert_run(cx, db, &c, "schedule", &no, id));
		if (!no)
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
	int64_t no;

	TRY(push_next(cx, db, &conn_id, owner));
	if (!conn_id)
		return RC_OK;
	if (conn_get(cx, db, *owner, conn_id, &c) != RC_OK)
		return push_served(cx, db, *owner, conn_id);
	TRY(insert_run(cx, db, &c, "webhook", &no, id));
	return no ? claim_asked(cx, db, *id, id, owner) : push_served(cx, db, *owner, conn_id);
}

static enum rc
claim_in_tx(struct ctx *cx, struct db *db, struct claim_state *st, const char *only, bool *found, struct job *out)
{
	const char *id = NULL, *owner = NULL;

	TRY(claim_asked(cx, db, only, &id, &owner));
	if (!id && !only)
		TRY(claim_pushed(cx, db, &id, &owner));
	if (!id && !only && !st->asked_only)
		TRY(claim_due(cx, db, st, &id, &owner));
	*found = id != NULL;
	if (!id)
		return RC_OK;
	TRY(run_get(cx, db, owner, id, &out->run));
	TRY(conn_get(cx, db, owner, out->run.connection_id, &out->conn));
	out->attempt = out->run.attempt;
	/* What was asked for until now is served by a run that begins to read now; not by one that goes on with what was read. */
	if (!out->run.resumed_from) {
		TRY(push_served(cx, db, owner, out->conn.id));
		TRY(db_run(cx, db, NULL, Q_QUEUE_AGAIN_DONE, "ss", out->conn.id, owner));
	}
	/* A run that was asked for is also the scheduled one. */
	return db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", out->conn.id, owner, clock_ms() + 2 * lease_ms(), clock_ms());
}

enum rc
queue_claim(struct ctx *cx, struct db *db, struct claim_state *st, const char *only, bool *found, struct job *out)
{
	bool pending;

	*found = false;
	if (!only) {
		TRY(queue_pending(cx, db, clock_ms(), &pending));
		if (!pending)
			return RC_OK;
	}
	TRY(db_begin(cx, db));
	return db_end(cx, db, claim_in_tx(cx, db, st, only, found, out));
}

static enum rc
any(struct ctx *cx, struct db *db, enum sql q, const char *types, int64_t a, int64_t b, bool *yes)
{
	if (*yes)
		return RC_OK;
	if (*types)
		TRY(db_row(cx, db, yes, q, types, a, b));
	else
		TRY(db_row(cx, db, yes, q, ""));
	db_reset(db, q);
	return RC_OK;
}

enum rc
queue_pending(struct ctx *cx, struct db *db, int64_t now, bool *yes)
{
	int64_t push_at;

	*yes = false;
	TRY(any(cx, db, Q_QUEUE_ANY_ASKED, "", 0, 0, yes));
	TRY(push_due(cx, db, &push_at));
	*yes |= push_at != 0 && push_at <= clock_ms();
	TRY(any(cx, db, Q_QUEUE_ANY_DUE, "ii", 0, now, yes));
	return any(cx, db, Q_QUEUE_ANY_DUE, "ii", 1, now, yes);
}

enum rc
queue_heartbeat(struct ctx *cx, struct db *db, const struct job *job, const char *phase, int64_t progress, const char *message, bool *cancel)
{
	bool own = !db_in_write(db), found = false;
	int64_t now = clock_ms();
	enum rc rc;

	*cancel = false;
	if (own)
		TRY(db_begin(cx, db));
	rc = db_row(cx, db, &found, Q_QUEUE_BEAT_RUN, "sisisii", job->run.id, job->attempt, phase, progress, message, now, now + lease_ms());
	if (rc == RC_OK && found)
		*cancel = db_num(db, Q_QUEUE_BEAT_RUN, 0) != 0;
	db_reset(db, Q_QUEUE_BEAT_RUN);
	if (rc == RC_OK && !found)
		rc = fail(cx, E_LEASE, NULL);
	return own ? db_end(cx, db, rc) : rc;
}

static enum rc
mend_in_tx(struct ctx *cx, struct db *db, int64_t now, int64_t *changed)
{
	TRY(db_run(cx, db, changed, Q_QUEUE_MEND, "ii", now, now + HOUR_MS));
	return lane_mend_clock(cx, db, now);
}

enum rc
queue_mend_clock(struct ctx *cx, struct db *db, int64_t now)
{
	int64_t changed;

	TRY(db_begin(cx, db));
	TRY(db_end(cx, db, mend_in_tx(cx, db, now, &changed)));
	if (changed)
		log_event(LOG_LEVEL_WARN, "clock.mended", "i:connections", changed, NULL);
	return RC_OK;
}

enum rc
queue_beat(struct ctx *cx, struct db *db, int64_t now)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)now);
	TRY(db_begin(cx, db));
	return db_end(cx, db, db_run(cx, db, NULL, Q_META_PUT, "ss", "tick_at", text));
}

enum rc
queue_last_beat(struct ctx *cx, struct db *db, int64_t *at)
{
	bool found;

	*at = 0;
	TRY(db_row(cx, db, &found, Q_META_GET, "s", "tick_at"));
	if (found)
		(void)str_i64(db_str(db, Q_META_GET, 0), 0, INT64_MAX, at);
	db_reset(db, Q_META_GET);
	return RC_OK;
}

/*
 * Settling. The arithmetic is sched.c's; here it is written down.
 */

static enum rc
announce_to(struct ctx *cx, struct db *db, const struct conn *c, int announce, int64_t now)
{
	char id[UUID_TEXT];

	if (!announce)
		return RC_OK;
	TRY(db_run(cx, db, NULL, Q_NOTICE_PUT, "ssssssi", arena_dup(cx->a, rand_uuid(id)), c->owner, c->id, announce == 1 ? "attention" : "recovered",
	    c->sched.error_code ? c->sched.error_code : "", c->sched.error_detail ? c->sched.error_detail : "", now));
	return mail_digest_ask(cx, db, c);
}

/* The schedule after the run, and who is told about its end. */
static enum rc
settle_schedule(struct ctx *cx, struct db *db, const struct job *job, const struct run *r, const struct err *err)
{
	int64_t now = clock_ms(), next_rule = 0;
	struct sched before;
	struct conn c;
	uint64_t rnd;
	int announce;

	/* Read again: a person may have changed the schedule while the run went on. */
	TRY(conn_get(cx, db, job->conn.owner, job->conn.id, &c));
	before = c.sched;
	rand_bytes(&rnd, sizeof rnd);
	TRY(settle_rule(cx, &c.sched, now, &next_rule));
	sched_after(&c.sched, err, now, next_rule, rnd, &announce);
	TRY(sched_save(cx, db, &c));
	TRY(announce_to(cx, db, &c, announce, now));
	return events_settled(cx, db, &c, r, err, &before, announce);
}

/* Somebody asked for a sync while this one went on with an old read. Whoever cancels it wants none. */
static enum rc
settle_again(struct ctx *cx, struct db *db, const struct conn *c, const struct err *err)
{
	int64_t asked;
	const char *id;

	TRY(db_run(cx, db, &asked, Q_QUEUE_AGAIN_DONE, "ss", c->id, c->owner));
	return asked && !(err && err->kind == E_CANCELLED) ? sync_enqueue(cx, db, c, "manual", &id) : RC_OK;
}

static enum rc
settle_in_tx(struct ctx *cx, struct db *db, const struct job *job, const struct run *r, const struct err *err)
{
	int64_t now = clock_ms(), changed;
	const struct error_row *row = err ? error_row(err->kind) : NULL;

	TRY(db_run(cx, db, &changed, Q_QUEUE_FINISH, "sissiiiiiiiiiiisssss", job->run.id, job->attempt, err ? "error" : "complete", r->message, now, r->size,
	    r->lines, r->fetched, r->added, r->updated, r->deleted, r->unchanged, r->skipped, r->calls, (int64_t)r->not_modified, r->skips, r->warnings, r->review,
	    row ? row->code : NULL, err && *err->detail ? err->detail : NULL));
	if (!changed)
		return fail(cx, E_LEASE, NULL);
	TRY(settle_schedule(cx, db, job, r, err));
	return settle_again(cx, db, &job->conn, err);
}

enum rc
queue_settle(struct ctx *cx, struct db *db, const struct job *job, const struct run *result, const struct err *err)
{
	if (db_in_write(db))
		return settle_in_tx(cx, db, job, result, err);
	TRY(db_begin(cx, db));
	return db_end(cx, db, settle_in_tx(cx, db, job, result, err));
}
