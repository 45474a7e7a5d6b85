/*
 * watch.c - see watch.h.
 */
#include "send/watch.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/step.h"
#include "access/lend.h"
#include "provider/provider.h"
#include "queue/channel.h"

enum {
	LIFE_MS = 24 * 60 * 60 * 1000,
	RETRY_MS = 10 * 60 * 1000,
	RETRY_MAX_MS = 6 * 60 * 60 * 1000,
	CALL_MS = 15 * 1000
};

struct work {
	const struct lane *lane;
	struct conn conn;
	const struct provider *provider;
	struct lend *lend;
	json *config; /* of what is watched; NULL: channels are closed, which needs none */
	struct channel *old;
	size_t n_old;
	char id[UUID_TEXT], token[TOKEN_TEXT];
	const char *resource;
	int64_t expires_at;
	struct err why; /* it was not opened */
};

/* "watch|owner|connection"; false when it is gone or cannot call back. */
static bool
watch_load(struct ctx *cx, struct db *db, struct work *w)
{
	struct str conn, owner;
	struct str rest = str_c(w->lane->id + strlen(LANE_ID_CHANNEL));

	owner = str_cut(rest, '|', &conn);
	if (!conn.p ||
	    conn_get_any(
		cx, db, arena_dup_str(cx->a, owner), arena_dup_str(cx->a, conn), &w->conn) != RC_OK)
		return false;
	w->provider = provider_find(w->conn.provider);
	return w->provider && w->provider->watcher->watch &&
	    channel_list(cx, db, &w->conn, &w->old, &w->n_old) == RC_OK;
}

/* There is nothing to open any more. */
static enum rc
watch_over_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;

	return lane_release(cx, db, w->lane, 0, 0, 0);
}

static enum rc
watch_again_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;

	return lane_release(cx, db, w->lane, clock_ms(), 0, 0);
}

/* Four fifths of the life that is left: the new one is open before the old one ends. */
static int64_t
renew_at(int64_t now, int64_t expires_at)
{
	int64_t life = expires_at - now;

	return now + (life > 10 * MINUTE_MS ? life / 5 * 4 : 2 * MINUTE_MS);
}

static struct source
watch_source(const struct work *w)
{
	return (struct source){
		.config = w->config,
		.remote = w->lend ? &w->lend->remote : NULL,
	};
}

static enum rc
watch_ask(struct ctx *cx, struct work *w)
{
	struct source src;
	struct watching at = {
		.channel = w->id,
		.token = w->token,
		.address = channel_address(cx->a, w->provider->kind->receiver->name),
		.until = clock_ms() + LIFE_MS,
	};

	TRY(conn_config(cx, &w->conn, &w->config));
	src = watch_source(w);
	TRY(w->provider->watcher->watch(cx, &src, &at));
	w->resource = at.resource;
	w->expires_at = at.expires_at > clock_ms() ? at.expires_at : clock_ms() + HOUR_MS;
	return RC_OK;
}

/* Whose access stops it: of who opened it. The connection may have another account by now. */
static const char *
watch_opener(const struct work *w, const struct channel *c)
{
	return c->account_id ? c->account_id : w->conn.account_id;
}

static enum rc
watch_lend(struct ctx *cx, struct db *db, struct work *w, const char *account_id)
{
	const struct loan loan = {
		.owner = w->conn.owner,
		.account_id = account_id,
		.patience_ms = CALL_MS,
	};

	return lend_open(cx, db, w->provider->kind, &loan, &w->lend);
}

static enum rc
watch_unwatch(struct ctx *cx, struct db *db, struct work *w, const struct channel *c)
{
	const struct watching at = {
		.channel = c->id,
		.resource = c->resource_id,
		.expires_at = c->expires_at,
	};
	struct source src;

	TRY(watch_lend(cx, db, w, watch_opener(w, c)));
	src = watch_source(w);
	return w->provider->watcher->unwatch(cx, &src, &at);
}

/* A channel that is not needed any more; when that does not work it ends by itself. */
static void
watch_stop(struct ctx *cx, struct db *db, struct work *w, const struct channel *c)
{
	if (c->resource_id && c->expires_at > clock_ms() && watch_unwatch(cx, db, w, c) != RC_OK)
		log_event(LOG_LEVEL_INFO, "watch.stop_failed", "s:channel", c->id, "s:code",
		    error_row(cx->err.kind)->code, NULL);
}

static bool
watch_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* The access of one account is all that a process is given, so channels that another one opened are
 * stopped in a turn of their own. */
static bool
watch_is_alien(const struct work *w, const struct channel *c)
{
	return !watch_same(watch_opener(w, c), w->conn.account_id);
}

static bool
watch_is_with(const struct work *w, const struct channel *a, const struct channel *b)
{
	return watch_same(watch_opener(w, a), watch_opener(w, b));
}

static const struct channel *
watch_alien(const struct work *w)
{
	for (size_t i = 0; i < w->n_old; i++)
		if (watch_is_alien(w, &w->old[i]))
			return &w->old[i];
	return NULL;
}

/* The one that the connection's own account has opened; NULL: none. */
static const struct channel *
watch_own(const struct work *w)
{
	for (size_t i = 0; i < w->n_old; i++)
		if (!watch_is_alien(w, &w->old[i]) && w->old[i].resource_id &&
		    w->old[i].expires_at > clock_ms())
			return &w->old[i];
	return NULL;
}

/* Tells the service that nobody listens any more to the channels of one account, and forgets them;
 * true in *more when those of another one are left. */
static enum rc
watch_forget_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;

	for (size_t i = 0; i < w->n_old; i++)
		if (watch_is_with(w, &w->old[i], &w->old[0]))
			TRY(channel_drop(cx, db, &w->conn, w->old[i].id));
	return RC_OK;
}

static enum rc
watch_forget(struct ctx *cx, struct db *db, struct work *w, bool *more)
{
	*more = false;
	if (w->n_old == 0)
		return RC_OK;
	for (size_t i = 0; i < w->n_old; i++)
		if (watch_is_with(w, &w->old[i], &w->old[0]))
			watch_stop(cx, db, w, &w->old[i]);
		else
			*more = true;
	step("watch:stopped");
	return db_write(cx, db, watch_forget_write, w);
}

enum rc
watch_close(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, bool *more)
{
	struct work w = { .n_old = 0 };

	*more = false;
	TRY(conn_get_any(cx, db, owner, conn_id, &w.conn));
	w.provider = provider_find(w.conn.provider);
	if (!w.provider || !w.provider->watcher->unwatch)
		return RC_OK;
	TRY(channel_list(cx, db, &w.conn, &w.old, &w.n_old));
	return watch_forget(cx, db, &w, more);
}

/* Has what is watched become another while the channel was opened? now: as it is by now. */
static enum rc
watch_moved(struct ctx *cx, struct db *db, const struct conn *was, struct conn *now, bool *yes)
{
	TRY(conn_get_any(cx, db, was->owner, was->id, now));
	*yes = !conn_is_set_as(now, was);
	return RC_OK;
}

/* What is left to do is found by the next turn; only after a refusal that may be nothing yet. */
static enum rc
watch_alien_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;
	const bool last = w->n_old == 1;

	TRY(channel_drop(cx, db, &w->conn, watch_alien(w)->id));
	return lane_release(
	    cx, db, w->lane, last ? clock_ms() + CHANNEL_REFUSED_MS : clock_ms(), 0, 0);
}

static enum rc
watch_drop_own(struct ctx *cx, struct db *db, const struct work *w)
{
	for (size_t i = 0; i < w->n_old; i++)
		if (!watch_is_alien(w, &w->old[i]))
			TRY(channel_drop(cx, db, &w->conn, w->old[i].id));
	return RC_OK;
}

/* Of the same thing, by one that still is: no message was lost between the two. */
static bool
watch_listened(const struct work *w, int64_t now)
{
	for (size_t i = 0; i < w->n_old; i++)
		if (watch_same(w->old[i].resource_id, w->resource) && w->old[i].expires_at > now)
			return true;
	return false;
}

/* What was missed is found soon all the same. (By one that is due, perhaps not: it may be reading
 * already.) */
static bool
watch_polled(const struct conn *c, int64_t now)
{
	const int64_t at = c->sched.next_poll_at;

	return at > now && at <= now + HOUR_MS;
}

static enum rc
watch_opened_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;
	const int64_t now = clock_ms();
	struct conn conn;
	bool off, moved;

	TRY(channel_opened(cx, db, &w->conn, w->id, w->resource, w->expires_at));
	TRY(watch_drop_own(cx, db, w));
	TRY(channel_is_off(cx, db, &w->conn, &off));
	TRY(watch_moved(cx, db, &w->conn, &conn, &moved));
	/* Switched off while it was opened: it is closed next, or another one takes its place. */
	if (off || moved)
		return lane_release(cx, db, w->lane, now, 0, 0);
	TRY(channel_refused(cx, db, &w->conn, NULL));
	if (!watch_listened(w, now) && !watch_polled(&conn, now))
		TRY(channel_catch_up(cx, db, &w->conn));
	return lane_release(
	    cx, db, w->lane, watch_alien(w) ? now : renew_at(now, w->expires_at), 0, 0);
}

/* Is it no use to ask again soon? */
static bool
is_refusal(enum error_kind k)
{
	return k != E_RATE_LIMITED && k != E_QUOTA && error_row(k)->retry != RETRY_DEFER;
}

/* No channel; asked for again when that may have changed, though no sync is due by then. */
static enum rc
watch_refused_write(struct ctx *cx, struct db *db, const struct work *w)
{
	const struct err *why = &w->why;
	const int64_t now = clock_ms();

	TRY(watch_drop_own(cx, db, w));
	TRY(channel_refused(
	    cx, db, &w->conn, *why->detail ? why->detail : error_row(why->kind)->title));
	return lane_release(cx, db, w->lane, watch_alien(w) ? now : now + CHANNEL_REFUSED_MS, 0, 0);
}

/* Once more, later; an old channel that still lives stays. */
static enum rc
watch_failed_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;
	const struct err *why = &w->why;
	int64_t wait = backoff_ms(RETRY_MS, w->lane->failures, RETRY_MAX_MS);

	TRY(channel_drop(cx, db, &w->conn, w->id));
	if (is_refusal(why->kind))
		return watch_refused_write(cx, db, w);
	if (wait < why->wait_ms)
		wait = why->wait_ms;
	return lane_release(cx, db, w->lane, clock_ms() + wait, 0, w->lane->failures + 1);
}

static enum rc
watch_begin_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct work *w = arg;

	TRY(lane_held(cx, db, w->lane));
	return channel_insert(cx, db, &w->conn, w->id, w->token, clock_ms() + LIFE_MS);
}

/* Asks for a channel, and stops those before it that the same account opened. */
static enum rc
watch_open(struct ctx *cx, struct db *db, struct work *w)
{
	enum rc rc;

	rand_uuid(w->id);
	rand_token(w->token);
	TRY(db_write(cx, db, watch_begin_write, w));
	step("watch:asked");
	rc = watch_lend(cx, db, w, w->conn.account_id);
	if (rc == RC_OK)
		rc = watch_ask(cx, w);
	step("watch:answered");
	w->why = cx->err;
	TRY(db_write(cx, db, rc == RC_OK ? watch_opened_write : watch_failed_write, w));
	if (rc != RC_OK)
		log_event(LOG_LEVEL_INFO, "watch.not_opened", "s:connection", w->conn.id, "s:code",
		    error_row(w->why.kind)->code, "s:detail", w->why.detail, NULL);
	/* After a refusal none is kept either. */
	for (size_t i = 0; (rc == RC_OK || is_refusal(w->why.kind)) && i < w->n_old; i++)
		if (!watch_is_alien(w, &w->old[i]))
			watch_stop(cx, db, w, &w->old[i]);
	return RC_OK;
}

enum rc
watch_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct work w = { .lane = lane };
	const char *refused;
	bool off, more;
	int64_t at;

	if (!watch_load(cx, db, &w))
		return db_write(cx, db, watch_over_write, &w);
	TRY(channel_is_off(cx, db, &w.conn, &off));
	/* Paused or removed, or a person wants none. */
	if (!w.conn.sched.enabled || off) {
		TRY(watch_forget(cx, db, &w, &more));
		return db_write(cx, db, more ? watch_again_write : watch_over_write, &w);
	}
	TRY(channel_refusal(cx, db, &w.conn, &refused, &at));
	if (watch_alien(&w) && (watch_own(&w) || refused)) {
		watch_stop(cx, db, &w, watch_alien(&w));
		return db_write(cx, db, watch_alien_write, &w);
	}
	return watch_open(cx, db, &w);
}
