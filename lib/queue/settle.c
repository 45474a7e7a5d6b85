/*
 * settle.c - see queue.h. The end of a run. The arithmetic is sched.c's; here it is written down.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "queue/events.h"
#include "queue/mailbox.h"
#include "queue/queue.h"
#include "queue/sched.h"

static enum rc
settle_announce(struct ctx *cx, struct db *db, const struct conn *c, int announce, int64_t now)
{
	char id[UUID_TEXT];

	if (!announce)
		return RC_OK;
	TRY(db_run(cx, db, NULL, Q_NOTICE_PUT, "ssssssi", arena_dup(cx->a, rand_uuid(id)), c->owner,
	    c->id, announce == 1 ? "attention" : "recovered",
	    c->sched.error_code ? c->sched.error_code : "",
	    c->sched.error_detail ? c->sched.error_detail : "", now));
	return mail_digest_ask(cx, db, c);
}

/* The next time by the schedule's recurrence rule; 0: it has none, or one that cannot be read any
 * more, for its zone was removed: then the interval counts. */
static int64_t
settle_rule(struct ctx *cx, const struct sched *s, int64_t now)
{
	int64_t next, gap;

	if (!s->rrule || rrule_next(cx, s->rrule, s->time_zone, now, &next, &gap) != RC_OK)
		return 0;
	return next;
}

enum rc
queue_pass_over(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	const int64_t now = clock_ms();
	int64_t next;
	struct conn c;

	TRY(conn_get(cx, db, owner, conn_id, &c));
	if (c.sched.next_poll_at == 0 || c.sched.next_poll_at > now)
		return RC_OK;
	next = settle_rule(cx, &c.sched, now);
	return db_run(cx, db, NULL, Q_QUEUE_POSTPONE, "ssii", conn_id, owner,
	    next > now ? next : sched_next(&c.sched, now), now);
}

struct settlement {
	const struct job *job;
	const struct run *result;
	const struct err *err; /* NULL: it is complete */
	bool again;            /* another one follows */
};

/* Somebody asked for a sync while this one went on with an old read, or an old grant. Whoever
 * cancels it wants none. */
static enum rc
settle_asked(struct ctx *cx, struct db *db, struct settlement *s)
{
	const struct conn *c = &s->job->conn;
	int64_t asked;

	TRY(db_run(cx, db, &asked, Q_QUEUE_AGAIN_DONE, "ss", c->id, c->owner));
	s->again = asked && !(s->err && s->err->kind == E_CANCELLED);
	return RC_OK;
}

static enum rc
settle_again(struct ctx *cx, struct db *db, const struct settlement *s)
{
	const char *id;

	return s->again ? sync_enqueue(cx, db, &s->job->conn, "manual", &id) : RC_OK;
}

/* The schedule after the run, and who is told about its end. */
static enum rc
settle_schedule(struct ctx *cx, struct db *db, const struct settlement *s)
{
	const struct job *job = s->job;
	const struct run *r = s->result;
	const struct err *err = s->err;
	int64_t now = clock_ms(), next_rule;
	struct sched before;
	struct conn c;
	int announce;

	/* Read again: a person may have changed the schedule while the run went on. */
	TRY(conn_get(cx, db, job->conn.owner, job->conn.id, &c));
	before = c.sched;
	next_rule = settle_rule(cx, &c.sched, now);
	c.sched.follows = s->again;
	c.sched.count_from = sched_count_from(&c.sched, r->due_at, r->started_at);
	sched_after(&c.sched, err, now, next_rule, rand_u64(), &announce);
	TRY(sched_save(cx, db, &c));
	TRY(settle_announce(cx, db, &c, announce, now));
	return events_settled(cx, db,
	    &(struct settled){
		.conn = &c,
		.run = r,
		.err = err,
		.before = &before,
		.announce = announce,
	    });
}

/* It has read nothing: when the source was read last, and is next, stays as it is. */
static enum rc
settle_task(struct ctx *cx, struct db *db, const struct settlement *s)
{
	struct conn c;

	TRY(conn_get(cx, db, s->job->conn.owner, s->job->conn.id, &c));
	TRY(events_settled(cx, db,
	    &(struct settled){
		.conn = &c,
		.run = s->result,
		.err = s->err,
		.before = &c.sched,
	    }));
	return settle_again(cx, db, s);
}

static enum rc
settle_write(struct ctx *cx, struct db *db, void *arg)
{
	struct settlement *s = arg;
	struct run ended = *s->result;

	ended.id = s->job->run.id;
	ended.attempt = s->job->attempt;
	ended.state = s->err ? "error" : "complete";
	ended.error_code = s->err ? error_row(s->err->kind)->code : NULL;
	ended.error_detail = s->err && *s->err->detail ? s->err->detail : NULL;
	TRY(run_finish(cx, db, &ended, clock_ms()));
	TRY(settle_asked(cx, db, s));
	if (s->job->run.task)
		return settle_task(cx, db, s);
	TRY(settle_schedule(cx, db, s));
	if (!s->err)
		TRY(queue_roll(cx, db, &s->job->conn));
	return settle_again(cx, db, s);
}

struct err
queue_run_error(struct ctx *cx, const struct err *err)
{
	const struct err as = *err;
	const struct err before = cx->err;
	struct err out;

	if (error_row(as.kind)->retry != RETRY_CALLER)
		return as;
	(void)fail(cx, E_BUG, "%s %.400s", error_row(as.kind)->title, as.detail);
	out = cx->err;
	out.where = as.where;
	cx->err = before;
	return out;
}

enum rc
queue_settle(struct ctx *cx, struct db *db, const struct job *job, const struct run *result,
    const struct err *err)
{
	struct settlement s = { .job = job, .result = result, .err = err };
	struct err fit;

	if (err) {
		fit = queue_run_error(cx, err);
		s.err = &fit;
	}
	return db_write(cx, db, settle_write, &s);
}

enum rc
queue_range(struct ctx *cx, struct db *db, const struct job *job, int64_t from)
{
	return db_run(cx, db, NULL, Q_QUEUE_RANGE, "sii", job->run.id, job->attempt, from);
}

enum rc
queue_leave(
    struct ctx *cx, struct db *db, const struct job *job, int64_t until, const char *message)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_QUEUE_LEAVE, "siisi", job->run.id, job->attempt, until,
	    message, clock_ms()));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}
