/*
 * calendar.c - see calendar.h.
 */
#include "app/calendar.h"

#include "ask/ask.h"
#include "base/clock.h"
#include "base/vec.h"
#include "kind/kind.h"
#include "queue/channel.h"

enum { CALENDAR_PAGE = 200, CALENDAR_POLL_MS = 100, CALENDARS_MAX = 10000 };

bool
calendar_is(struct arena *a, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && kind_object(k, json_stored(a, c->config));
}

enum rc
calendar_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct conn *out)
{
	TRY(conn_get(cx, db, owner, id, out));
	return calendar_is(cx->a, out) ? RC_OK
				       : fail(cx, E_NOT_FOUND, "There is no such calendar.");
}

enum rc
calendar_list(struct ctx *cx, struct db *db, const char *owner, struct conn **v, size_t *n)
{
	struct conn_list list = { .next = "" };
	size_t cap = 0;

	*v = NULL;
	*n = 0;
	while (list.next) {
		TRY(conn_list(cx, db, owner, list.next, CALENDAR_PAGE, &list));
		VEC_HOLD(cx->a, *v, cap, *n + list.n, CALENDARS_MAX);
		for (size_t i = 0; i < list.n; i++)
			if (calendar_is(cx->a, &list.v[i]))
				(*v)[(*n)++] = list.v[i];
	}
	return RC_OK;
}

/* --- channels --- */

enum rc
calendar_channel(struct ctx *cx, struct db *db, const struct conn *c, struct calendar_channel *out)
{
	struct channel *v;
	bool off;
	size_t n;

	*out = (struct calendar_channel){ 0 };
	TRY(channel_list(cx, db, c, &v, &n));
	TRY(channel_is_off(cx, db, c, &off));
	for (size_t i = 0; i < n && !out->id && !off; i++)
		if (v[i].resource_id && v[i].expires_at > clock_ms())
			*out = (struct calendar_channel){ v[i].id, v[i].expires_at };
	return RC_OK;
}

struct calendar_change {
	const struct caller *by;
	const char *conn_id;
	bool off;
	struct conn conn;
	struct calendar_channel before;
};

static enum rc
calendar_may_watch(struct ctx *cx, const struct conn *c)
{
	if (!kind_find(c->provider)->receiver)
		return fail(cx, E_NOT_YET, "This provider does not call back: it is polled.");
	if (!channel_possible())
		return fail(cx, E_NOT_YET,
		    "Providers call back over https only: the operator sets APP_URL to an address "
		    "that the internet reaches. Until then it is polled.");
	if (kind_find(c->provider)->receiver->signs)
		return fail(cx, E_NOT_YET,
		    "No channel is opened for one calendar: an operator sets its messages up "
		    "once, under Settings, Connected accounts.");
	return c->sched.enabled ? RC_OK
				: fail(cx, E_STATE, "The connection is paused: resume it first.");
}

static enum rc
calendar_change_write(struct ctx *cx, struct db *db, void *arg)
{
	struct calendar_change *w = arg;

	TRY(calendar_get(cx, db, w->by->owner, w->conn_id, &w->conn));
	TRY(calendar_channel(cx, db, &w->conn, &w->before));
	if (w->off) {
		TRY(channel_off(cx, db, &w->conn));
	} else {
		TRY(calendar_may_watch(cx, &w->conn));
		TRY(channel_ask(cx, db, &w->conn));
	}
	return caller_audit(cx, db, w->by, w->off ? "channel stopped" : "channel asked for",
	    w->conn.id, w->conn.name);
}

static enum rc
calendar_refused(struct ctx *cx, struct db *db, const struct conn *c)
{
	const char *why;
	int64_t at;

	TRY(channel_refusal(cx, db, c, &why, &at));
	return why ? fail(cx, E_NOT_YET, "The service does not call back: %.300s", why) : RC_OK;
}

enum rc
calendar_watch(struct ctx *cx, struct db *db, const struct caller *by, const char *conn_id,
    struct calendar_channel *out)
{
	const int64_t until = clock_mono_ms() + CALENDAR_WAIT_MS;
	struct calendar_change w = { .by = by, .conn_id = conn_id };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(db_write(cx, db, calendar_change_write, &w));
	wake_tick();
	while (clock_mono_ms() < until) {
		TRY(calendar_channel(cx, db, &w.conn, out));
		if (out->id && (!w.before.id || strcmp(out->id, w.before.id) != 0))
			return RC_OK;
		TRY(calendar_refused(cx, db, &w.conn));
		clock_sleep_ms(CALENDAR_POLL_MS);
	}
	/* The old one still works, or none does yet. */
	return calendar_channel(cx, db, &w.conn, out);
}

enum rc
calendar_unwatch(struct ctx *cx, struct db *db, const struct caller *by, const char *conn_id)
{
	const int64_t until = clock_mono_ms() + CALENDAR_WAIT_MS;
	struct calendar_change w = { .by = by, .conn_id = conn_id, .off = true };
	struct channel *v;
	size_t n = 1;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(db_write(cx, db, calendar_change_write, &w));
	wake_tick();
	while (n > 0 && clock_mono_ms() < until) {
		TRY(channel_list(cx, db, &w.conn, &v, &n));
		if (n > 0)
			clock_sleep_ms(CALENDAR_POLL_MS);
	}
	return RC_OK;
}
