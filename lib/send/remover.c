/*
 * remover.c - see remover.h. Each transaction begins with the lane's fence, and what it says is
 * done is done: killed anywhere, the next turn finds the rest.
 */
#include "access/grant.h"
#include "access/keeper.h"
#include "base/log.h"
#include "base/step.h"
#include "queue/leave.h"
#include "queue/queue.h"
#include "queue/workdir.h"
#include "send/remover.h"
#include "send/watch.h"
#include "store/removal.h"

enum { TURN_MS = 5 * SECOND_MS, WAIT_MS = 5 * SECOND_MS, REST_MS = MINUTE_MS, REST_MAX = 6 };
/* So often what has failed to remove at a provider what was made there is tried anew. */
enum { LEAVES_MAX = 5 };

struct removing {
	const struct lane *lane;
	const char *conn_id, *hook_id;
	struct removal_runs runs;
	int64_t limit;
	bool more;
	bool waits; /* for runs that remove at a provider what was made there */
	bool again; /* one of them had failed, and is tried anew */
	bool gone;  /* the user itself, and this lane with it */
};

static enum rc
remove_records_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	TRY(removal_records(cx, db, w->lane->owner, w->conn_id, w->limit, &w->more));
	return w->more ? RC_OK
		       : removal_rows(cx, db, w->lane->owner, w->conn_id, w->limit, &w->more);
}

static enum rc
remove_rest_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	for (size_t i = 0; i < w->runs.n; i++)
		TRY(removal_run(cx, db, w->lane->owner, w->runs.id[i]));
	w->more = w->runs.n == REMOVAL_RUNS;
	return w->more ? RC_OK : removal_conn(cx, db, w->lane->owner, w->conn_id);
}

/* The files of a run go before the row that leads to them. */
static enum rc
remove_rest(struct ctx *cx, struct db *db, struct removing *w)
{
	TRY(removal_runs(cx, db, w->lane->owner, w->conn_id, &w->runs));
	for (size_t i = 0; i < w->runs.n; i++)
		workdir_discard(cx->a, w->runs.id[i]);
	step("remove:files");
	return db_write(cx, db, remove_rest_write, w);
}

static enum rc
remove_user_conn_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct removing *w = arg;
	const char *owner = w->lane->owner;
	struct conn c;
	enum rc rc;

	TRY(lane_held(cx, db, w->lane));
	TRY(sync_end(cx, db, owner, w->conn_id));
	rc = conn_get(cx, db, owner, w->conn_id, &c);
	if (rc == RC_OK)
		TRY(conn_remove(cx, db, owner, w->conn_id, clock_ms()));
	else if (rc != RC_NOTFOUND) /* it is disconnected already, its data kept */
		return rc;
	return removal_doom(cx, db, owner, w->conn_id, clock_ms());
}

static enum rc
remove_user_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	TRY(removal_user_rows(cx, db, w->lane->owner, w->limit, &w->more));
	return w->more ? RC_OK : removal_user_itself(cx, db, w->lane->owner);
}

/* What cannot be revoked at the provider is forgotten all the same. */
static enum rc
remove_user_logins(struct ctx *cx, struct db *db, const char *owner)
{
	struct removal_logins list;
	enum grant_end_kind how;

	TRY(removal_user_logins(cx, db, owner, &list));
	for (size_t i = 0; i < list.n; i++) {
		if (grant_revoke(cx, db, owner, list.id[i], &how) != RC_OK ||
		    how == GRANT_UNREACHED)
			log_event(
			    LOG_LEVEL_WARN, "remove.not_revoked", "s:account", list.id[i], NULL);
		cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

/* As long as a run leaves one of the connections, its access is needed. */
static enum rc
remove_waits(struct ctx *cx, struct db *db, struct removing *w)
{
	struct run_list runs;

	w->waits = false;
	TRY(run_active_all(cx, db, w->lane->owner, &runs));
	for (size_t i = 0; i < runs.n; i++)
		w->waits |= runs.v[i].task != NULL;
	return RC_OK;
}

/* Did the run that was to remove what was made there fail, in a way that may pass? Nobody is left
 * who could ask for another one. */
static enum rc
remove_leaves_again(struct ctx *cx, struct db *db, const struct removing *w, const struct conn *c,
    struct leave *leave, bool *again)
{
	struct run last;

	*again = false;
	if (!c->leaving)
		return RC_OK;
	TRY(run_latest(cx, db, c->owner, c->id, &last));
	if (!last.id || !leave_read(cx->a, &last, leave) || !last.error_code ||
	    error_by_code(last.error_code)->retry == RETRY_STOP)
		return RC_OK;
	*again = w->lane->failures < LEAVES_MAX;
	if (!*again)
		log_event(LOG_LEVEL_WARN, "remove.left_there", "s:connection", c->id, "s:code",
		    last.error_code, NULL);
	return RC_OK;
}

static enum rc
remove_leave_write(struct ctx *cx, struct db *db, void *arg)
{
	struct removing *w = arg;
	struct leave leave;
	const char *sync_id;
	struct conn c;
	enum rc rc;

	TRY(lane_held(cx, db, w->lane));
	rc = conn_get(cx, db, w->lane->owner, w->conn_id, &c);
	if (rc == RC_NOTFOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	TRY(remove_leaves_again(cx, db, w, &c, &leave, &w->again));
	return w->again ? leave_begin(cx, db, &c, &leave, &sync_id) : RC_OK;
}

/* Of a user who is to go, when none of its connections is left to be worked off. */
static enum rc
remove_user_page(struct ctx *cx, struct db *db, struct removing *w)
{
	TRY(remove_waits(cx, db, w));
	if (w->waits)
		return RC_OK;
	TRY(removal_user_conn(cx, db, w->lane->owner, &w->conn_id));
	if (w->conn_id)
		TRY(db_write(cx, db, remove_leave_write, w));
	w->waits = w->again;
	if (w->conn_id)
		return w->again ? RC_OK : db_write(cx, db, remove_user_conn_write, w);
	TRY(remove_user_logins(cx, db, w->lane->owner));
	TRY(db_write(cx, db, remove_user_write, w));
	step("remove:user");
	w->gone = !w->more;
	return RC_OK;
}

static enum rc
remove_hook_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct removing *w = arg;

	TRY(lane_held(cx, db, w->lane));
	return removal_hook(cx, db, w->lane->owner, w->hook_id, w->limit);
}

static enum rc
remove_hook_page(struct ctx *cx, struct db *db, struct removing *w)
{
	TRY(db_write(cx, db, remove_hook_write, w));
	step("remove:hook");
	return RC_OK;
}

static enum rc
remove_conn_page(struct ctx *cx, struct db *db, struct removing *w)
{
	bool more;

	TRY(watch_close(cx, db, w->lane->owner, w->conn_id, &more));
	if (more)
		return RC_OK;
	TRY(db_write(cx, db, remove_records_write, w));
	step("remove:after-commit");
	return w->more ? RC_OK : remove_rest(cx, db, w);
}

/* One page of what is next; *over: nothing is left. */
static enum rc
remove_page(struct ctx *cx, struct db *db, struct removing *w, bool *over)
{
	const char *owner = w->lane->owner;
	const int64_t began = clock_mono_ms();
	bool user;

	TRY(removal_next(cx, db, owner, &w->conn_id));
	TRY(removal_hook_next(cx, db, owner, &w->hook_id));
	if (!w->conn_id && !w->hook_id) {
		TRY(removal_user(cx, db, owner, &user));
		*over = !user;
		return user ? remove_user_page(cx, db, w) : RC_OK;
	}
	TRY(w->conn_id ? remove_conn_page(cx, db, w) : remove_hook_page(cx, db, w));
	w->limit = removal_pace(w->limit, clock_mono_ms() - began);
	return RC_OK;
}

struct remover_end {
	const struct lane *lane;
	int64_t hold_until, failures;
};

static enum rc
remover_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct remover_end *w = arg;
	int64_t due_at = w->hold_until ? w->hold_until : clock_ms();
	const char *conn, *hook;
	bool user;

	/* Asked here, for nobody else can make a lane due that is being worked on. */
	TRY(removal_next(cx, db, w->lane->owner, &conn));
	TRY(removal_hook_next(cx, db, w->lane->owner, &hook));
	TRY(removal_user(cx, db, w->lane->owner, &user));
	return lane_release(
	    cx, db, w->lane, conn || hook || user ? due_at : 0, w->hold_until, w->failures);
}

enum rc
remover_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct removing w = { .lane = lane, .limit = REMOVAL_PAGE };
	struct remover_end end = { .lane = lane };
	const int64_t until = clock_mono_ms() + TURN_MS;
	bool over = false;
	enum rc rc = RC_OK;

	/* What has told the service of one account has no access to another one's. */
	while (rc == RC_OK && !over && !w.gone && !w.waits && !keeper_bound() &&
	    clock_mono_ms() < until)
		rc = remove_page(cx, db, &w, &over);
	if (w.gone || (rc != RC_OK && cx->err.kind == E_LEASE))
		return rc;
	if (rc != RC_OK) {
		log_event(LOG_LEVEL_WARN, "remove.failed", "s:code", error_row(cx->err.kind)->code,
		    "s:detail", cx->err.detail, NULL);
		end.failures = lane->failures + 1;
		end.hold_until = clock_ms() +
		    REST_MS * (end.failures < REST_MAX ? end.failures : REST_MAX);
	}
	if (rc == RC_OK && w.waits) {
		end.hold_until = clock_ms() + WAIT_MS;
		end.failures = lane->failures + w.again;
	}
	return db_write(cx, db, remover_end_write, &end);
}
