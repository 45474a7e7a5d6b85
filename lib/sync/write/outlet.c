/*
 * outlet.c - see outlet.h.
 */
#include "sync/write/outlet.h"

#include "access/keeper.h"
#include "access/lend.h"
#include "base/backoff.h"
#include "base/log.h"
#include "base/step.h"
#include "queue/outward.h"
#include "queue/post.h"
#include "store/login.h"
#include "store/outbox.h"
#include "sync/progress.h"
#include "sync/write/hub.h"
#include "sync/write/push.h"

enum { TURN_MS = 30 * SECOND_MS, TURN_ITEMS = 100, PATIENCE_MS = 20 * SECOND_MS };
/* The end of a read makes its lane due; should that be missed, it is looked again so much later. */
#define EARLY_MS HOUR_MS

struct outlet {
	const struct lane *lane;
	struct conn conn;
	const struct provider *provider;
	struct lend *lend;
	struct source source;
	struct hub hub;
	struct twoway t;
	json *config, *secret;
	bool refused;    /* by the account */
	bool shut;       /* nothing can be sent until somebody has done something */
	int64_t wait_ms; /* the service asks for that */
	int64_t failures;
};

/* "outbox|owner|connection"; false when there is nothing of it that could be written to. */
static bool
outlet_load(struct ctx *cx, struct db *db, struct outlet *w)
{
	struct str conn, owner, rest = str_c(w->lane->id + strlen(LANE_ID_OUTBOX));

	owner = str_cut(rest, '|', &conn);
	if (!conn.p ||
	    conn_get(cx, db, arena_dup_str(cx->a, owner), arena_dup_str(cx->a, conn), &w->conn) !=
		RC_OK)
		return false;
	w->provider = provider_find(w->conn.provider);
	return w->provider && w->provider->writer->send && conn_sends(&w->conn);
}

static enum rc
outlet_open(struct ctx *cx, struct db *db, struct outlet *w)
{
	struct loan loan = {
		.owner = w->conn.owner,
		.account_id = w->conn.account_id,
		.patience_ms = PATIENCE_MS,
	};

	/* Whoever presses "Try now" is not told to wait: what the service says is looked at. */
	TRY(outbox_again(cx, db, w->conn.id, clock_ms(), &loan.asked));
	TRY(conn_config(cx, &w->conn, &w->config));
	TRY(keeper_open(cx, db, &w->conn, &w->secret));
	loan.token = kind_token(w->provider->kind, w->secret);
	TRY(lend_open(cx, db, w->provider->kind, &loan, &w->lend));
	w->source = (struct source){
		.config = w->config,
		.secret = w->secret,
		.cursor = json_at(json_stored(cx->a, w->conn.cursor), "source"),
		.remote = w->lend ? &w->lend->remote : NULL,
	};
	hub_open(cx->a, &w->hub, &w->conn, w->provider, &w->source, &w->t);
	return RC_OK;
}

static enum rc
outlet_judge_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct outlet *w = arg;

	return outward_judge(cx, db, w->conn.owner, w->conn.id, clock_ms());
}

/* Until nothing is due, the turn is over, the service asks to wait, or this process is to end. */
static enum rc
outlet_send(struct ctx *cx, struct db *db, struct outlet *w)
{
	const int64_t until = clock_mono_ms() + TURN_MS;
	struct push_turn turn = { .found = true };

	if (post_is_early(cx->a, &w->conn))
		return RC_OK;
	TRY(db_write(cx, db, outlet_judge_write, w));
	for (int i = 0; i < TURN_ITEMS && turn.found && !w->wait_ms; i++) {
		if (clock_mono_ms() >= until || progress_stopped())
			break;
		hub_begin(&w->hub);
		TRY(push_next(cx, db, &w->t, &turn));
		w->wait_ms = turn.wait_ms;
	}
	return RC_OK;
}

/* Who lets an account in again makes its syncs begin. One that is well was refused all the same, as
 * when its grant ended under a request: nobody will, and the next try tells more. */
static bool
outlet_is_out(struct ctx *cx, struct db *db, const struct outlet *w)
{
	struct login a;

	return !w->conn.account_id ||
	    login_get(cx, db, w->conn.owner, w->conn.account_id, &a) != RC_OK ||
	    strcmp(a.health, "ok") != 0;
}

static bool
outlet_is_early(struct ctx *cx, struct db *db, const struct outlet *w)
{
	struct conn now;

	return conn_get(cx, db, w->conn.owner, w->conn.id, &now) == RC_OK &&
	    post_is_early(cx->a, &now);
}

/* Asked here, for nobody else can make a lane due that is being worked on: who has let the account
 * in again, or the connection go on, or has read to the end, since it was found to be shut, could
 * not either. */
static enum rc
outlet_end_write(struct ctx *cx, struct db *db, void *arg)
{
	struct outlet *w = arg;
	int64_t due_at = 0, hold_until = 0;

	if (w->shut)
		w->shut = !outlet_load(cx, db, w) || (w->refused && outlet_is_out(cx, db, w));
	cx->err = (struct err){ 0 };
	if (w->shut)
		return lane_release(cx, db, w->lane, 0, 0, w->failures);
	if (w->wait_ms)
		hold_until = clock_ms() + w->wait_ms;
	TRY(outbox_next(cx, db, w->conn.id, &due_at));
	if (due_at && due_at < hold_until)
		due_at = hold_until;
	if (due_at && outlet_is_early(cx, db, w))
		due_at = clock_ms() + EARLY_MS;
	cx->err = (struct err){ 0 };
	return lane_release(cx, db, w->lane, due_at, hold_until, w->failures);
}

enum rc
outlet_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct outlet w = { .lane = lane };
	enum rc rc = RC_OK;

	w.shut = !outlet_load(cx, db, &w);
	if (!w.shut)
		rc = outlet_open(cx, db, &w);
	if (!w.shut && rc == RC_OK)
		rc = outlet_send(cx, db, &w);
	if (rc != RC_OK) {
		log_event(LOG_LEVEL_INFO, "outbox.stopped", "s:connection", w.conn.id, "s:code",
		    error_row(cx->err.kind)->code, "s:detail", cx->err.detail, NULL);
		w.shut = w.refused = rc == RC_AUTH;
		w.wait_ms = rc == RC_AUTH ? backoff_ms(MINUTE_MS, lane->failures, HOUR_MS)
					  : MINUTE_MS;
		w.failures = lane->failures + 1;
	}
	cx->err = (struct err){ 0 };
	step("outbox:worked");
	return db_write(cx, db, outlet_end_write, &w);
}
