/*
 * leave_run.c - see leave_run.h.
 */
#include "sync/leave_run.h"

#include "access/grant.h"
#include "base/clock.h"
#include "base/step.h"
#include "store/event.h"
#include "store/outbox.h"
#include "sync/apart.h"
#include "sync/progress.h"
#include "sync/tend.h"

enum { LEAVE_ARENA = 128 * 1024 * 1024 };

#define LEAVE_LOOK_MS (2 * SECOND_MS)
/* Nothing has gone for so long: it does not go any more. */
#define LEAVE_GIVE_UP_MS (10 * MINUTE_MS)

enum leave_phase { LEAVE_COPIES, LEAVE_WAIT, LEAVE_MARKS, LEAVE_REVOKE };

/* How far it is: the checkpoint. */
struct leave_at {
	int64_t phase;
	const char *after;   /* of the copies; "": from the first on */
	int64_t made;        /* copies that are to go */
	int64_t left, since; /* on their way, and since when it is so many */
	int64_t cleaned;     /* what was done about marks and labels */
};

struct leave_work {
	struct db *db;
	struct job *job;
	const struct leave *leave;
	struct outcome *outcome;
	struct progress progress;
	struct leave_at at, next;
	struct arena *page;
};

static const char *
leave_at_text(struct arena *a, const struct leave_at *at)
{
	json *o = json_new(a);

	json_set_i64(o, "phase", at->phase);
	json_set_str(o, "after", at->after);
	json_set_i64(o, "made", at->made);
	json_set_i64(o, "left", at->left);
	json_set_i64(o, "since", at->since);
	json_set_i64(o, "cleaned", at->cleaned);
	return json_text(a, o);
}

static struct leave_at
leave_at_read(struct arena *a, const char *text)
{
	const json *o = json_stored(a, text);

	return (struct leave_at){
		.phase = json_num(o, "phase", LEAVE_COPIES),
		.after = json_str(o, "after") ? json_str(o, "after") : "",
		.made = json_num(o, "made", 0),
		.left = json_num(o, "left", -1),
		.since = json_num(o, "since", 0),
		.cleaned = json_num(o, "cleaned", 0),
	};
}

/* In the caller's write. */
static enum rc
leave_save(struct ctx *cx, struct db *db, const struct leave_work *w, const struct leave_at *at)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_QUEUE_CHECKPOINT, "sis", w->job->run.id, w->job->attempt,
	    leave_at_text(cx->a, at)));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

/* --- copies --- */

static enum rc
leave_copies_write(struct ctx *cx, struct db *db, void *arg)
{
	struct leave_work *w = arg;

	w->next = w->at;
	TRY(queue_hold(cx, db, w->job));
	TRY(leave_page(cx, db, &w->job->conn, &w->next.after, &w->next.made, clock_ms()));
	if (!w->next.after)
		w->next = (struct leave_at){
			.phase = LEAVE_WAIT,
			.after = "",
			.made = w->next.made,
			.left = -1,
		};
	return leave_save(cx, db, w, &w->next);
}

static enum rc
leave_copies(struct ctx *cx, struct leave_work *w)
{
	struct arena *own = cx->a;
	enum rc rc;

	while (w->at.phase == LEAVE_COPIES) {
		cx->a = w->page;
		rc = db_write(cx, w->db, leave_copies_write, w);
		cx->a = own;
		w->at = w->next;
		w->at.after = arena_dup(own, w->next.after);
		arena_reset(w->page);
		TRY(rc);
		step("leave:withdrawn");
		TRY(progress_move(cx, &w->progress, (struct moved){ PHASE_PROCESSING, 0, 1 },
		    "Looking for what was made there, %lld so far", (long long)w->at.made));
	}
	return RC_OK;
}

/* --- waiting --- */

static enum rc
leave_wait_write(struct ctx *cx, struct db *db, void *arg)
{
	struct leave_work *w = arg;
	const struct conn *c = &w->job->conn;
	const int64_t now = clock_ms();
	int64_t left;

	w->next = w->at;
	TRY(queue_hold(cx, db, w->job));
	TRY(outbox_on_way(cx, db, c->owner, c->id, &left));
	if (left != w->at.left) {
		w->next.left = left;
		w->next.since = now;
	}
	if (!left)
		w->next.phase = LEAVE_MARKS;
	TRY(leave_save(cx, db, w, &w->next));
	if (!left)
		return RC_OK;
	return queue_leave(cx, db, w->job, now + LEAVE_LOOK_MS,
	    arena_printf(cx->a, "Removing what was made there: %lld left", (long long)left));
}

/* *waits: the run was left, and another worker goes on with it. */
static enum rc
leave_wait(struct ctx *cx, struct leave_work *w, bool *waits)
{
	TRY(db_write(cx, w->db, leave_wait_write, w));
	w->at = w->next;
	*waits = w->at.phase == LEAVE_WAIT;
	if (*waits && clock_ms() - w->at.since > LEAVE_GIVE_UP_MS)
		return fail(cx, E_UNAVAILABLE,
		    "%lld things that Tidemark has made there could not be removed for ten "
		    "minutes. Try again later, or disconnect without removing them.",
		    (long long)w->at.left);
	return RC_OK;
}

/* What could not be removed is said, each by its name. */
static enum rc
leave_failed(struct ctx *cx, struct leave_work *w)
{
	const struct conn *c = &w->job->conn;
	struct link_list list;
	const char *after = "";
	int64_t n = 0;

	do {
		TRY(link_list_all(cx, w->db, c->owner, c->id, after, &list));
		for (size_t i = 0; i < list.n; i++) {
			const struct link *l = &list.v[i];

			if (!l->withdrawn || strcmp(l->state, LINK_FAILED))
				continue;
			if (n++ < OUTCOME_LINES - 5)
				outcome_log(w->outcome, "warning", "Not removed: %s. %s",
				    l->remote_id ? l->remote_id : l->object.key,
				    l->error_detail ? l->error_detail : "");
		}
		after = list.next;
	} while (after);
	return n ? fail(cx, E_SOURCE_DENIED,
		       "%lld of %lld could not be removed there. Try again, or disconnect without "
		       "removing them.",
		       (long long)n, (long long)w->at.made)
		 : RC_OK;
}

/* --- marks and labels --- */

/* What the ledger knows of something that carries a mark of ours. */
static enum rc
leave_known(struct ctx *cx, void *arg, const char *key, const char *object, enum leaving_act *out)
{
	struct leave_work *w = arg;
	const struct conn *c = &w->job->conn;
	struct event_row e;
	struct link l;

	*out = LEAVING_NOTHING;
	TRY(link_of_remote(cx, w->db, c->owner, c->id, key, &l));
	if (l.id) {
		*out = l.withdrawn ? LEAVING_ALL : LEAVING_MARKS;
		return RC_OK;
	}
	if (!object)
		return RC_OK;
	TRY(event_try(cx, w->db, c->owner, object, &e));
	*out = e.id ? LEAVING_ALL : LEAVING_NOTHING;
	return RC_OK;
}

static enum rc
leave_marks_write(struct ctx *cx, struct db *db, void *arg)
{
	struct leave_work *w = arg;

	w->at.phase = LEAVE_REVOKE;
	TRY(queue_hold(cx, db, w->job));
	return leave_save(cx, db, w, &w->at);
}

static enum rc
leave_clean(struct ctx *cx, struct leave_work *w, struct farewell *leaving)
{
	struct keeping kept;
	struct tending t = { .db = w->db, .job = w->job };
	struct apart apart;
	int calls = 0;

	TRY(apart_open(cx, w->db, w->job, &w->progress, &apart));
	if (!apart.provider || !apart.provider->reader->leave)
		return RC_OK;
	t.provider = apart.provider;
	t.source = &apart.source;
	t.lend = apart.lend;
	TRY(tend_keeping(cx, &t, w->outcome, &kept));
	leaving->kept = &kept;
	TRY(apart.provider->reader->leave(cx, &apart.source, leaving, &calls));
	w->outcome->result.calls += calls;
	return RC_OK;
}

static enum rc
leave_marks(struct ctx *cx, struct leave_work *w)
{
	struct farewell leaving = { .known = leave_known, .arg = w };

	TRY(leave_failed(cx, w));
	TRY(leave_clean(cx, w, &leaving));
	w->at.cleaned = leaving.n;
	step("leave:cleaned");
	return db_write(cx, w->db, leave_marks_write, w);
}

/* --- the end --- */

/* The account is of no use to anybody else here. */
static enum rc
leave_revoke(struct ctx *cx, struct leave_work *w)
{
	const struct conn *c = &w->job->conn;
	enum grant_end_kind how;
	const char **ids;
	size_t n;

	if (!c->account_id)
		return RC_OK;
	TRY(login_conns(cx, w->db, c->owner, c->account_id, &ids, &n));
	if (n > 1)
		return RC_OK;
	if (grant_revoke(cx, w->db, c->owner, c->account_id, &how) != RC_OK)
		how = GRANT_UNREACHED;
	cx->err = (struct err){ 0 };
	if (how == GRANT_UNREACHED)
		outcome_log(w->outcome, "warning",
		    "The access could not be revoked at the provider: take it away there, among "
		    "the apps that have access to the account.");
	else if (how == GRANT_REVOKED)
		outcome_log(w->outcome, "info", "The access to the account was revoked.");
	step("leave:revoked");
	return RC_OK;
}

static enum rc
leave_end_write(struct ctx *cx, struct db *db, void *arg)
{
	struct leave_work *w = arg;
	struct conn c;

	TRY(outcome_settle(cx, db, w->job, w->outcome, NULL));
	TRY(conn_get(cx, db, w->job->conn.owner, w->job->conn.id, &c));
	return leave_end(cx, db, &c, w->leave->data, clock_ms());
}

static enum rc
leave_steps(struct ctx *cx, struct leave_work *w, bool *settled)
{
	bool waits = false;
	json *config;

	/* Nothing is begun that could not be ended. */
	TRY(conn_config(cx, &w->job->conn, &config));
	TRY(leave_copies(cx, w));
	if (w->at.phase == LEAVE_WAIT)
		TRY(leave_wait(cx, w, &waits));
	*settled = waits;
	if (waits)
		return RC_OK;
	if (w->at.phase == LEAVE_MARKS)
		TRY(leave_marks(cx, w));
	TRY(leave_revoke(cx, w));
	w->outcome->result.deleted = w->at.made;
	w->outcome->said = arena_printf(cx->a,
	    "Disconnected; removed there: %lld made by Tidemark, %lld marks and labels",
	    (long long)w->at.made, (long long)w->at.cleaned);
	TRY(db_write(cx, w->db, leave_end_write, w));
	*settled = true;
	return RC_OK;
}

enum rc
leave_run(struct ctx *cx, struct db *db, struct job *job, const struct leave *l, struct outcome *o,
    bool *settled)
{
	struct leave_work *w = arena_alloc(cx->a, sizeof *w);
	enum rc rc;

	*settled = false;
	*w = (struct leave_work){ .db = db, .job = job, .leave = l, .outcome = o };
	w->at = leave_at_read(cx->a, job->run.checkpoint);
	progress_init(&w->progress, db, job);
	w->page = arena_new("leave", LEAVE_ARENA, 0);
	rc = leave_steps(cx, w, settled);
	arena_free(w->page);
	return rc;
}
