/*
 * ctl_sync.c - tidemark status, sync.
 */
#include <stdio.h>

#include "app/state.h"
#include "app/syncs.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/loop.h"
#include "ctl/ctl.h"
#include "queue/queue.h"
#include "store/user.h"

enum { PAGE = 200, WATCH_MS = 250 };

/* One line of status: a connection with what is known of it. */
struct line {
	const struct user *user;
	struct conn conn;
	struct run run; /* its active or latest run; id NULL: none */
};

/* The word that pages and interface have for it too. */
static bool
is_active(const struct line *l)
{
	return l->run.id && !l->run.finished_at;
}

static const char *
state_of(const struct line *l)
{
	return conn_state(&l->conn, is_active(l))->word;
}

static int64_t
next_of(const struct line *l)
{
	return conn_next_poll(&l->conn, is_active(l), clock_ms());
}

/* NULL: it has none. */
static const char *
trouble_detail(const struct conn *c)
{
	const char *code = conn_trouble(c);

	if (!code)
		return NULL;
	if (code == c->sched.error_code && c->sched.error_detail && *c->sched.error_detail)
		return c->sched.error_detail;
	return error_by_code(code)->title;
}

static json *
ctl_describe(struct arena *a, const struct line *l)
{
	json *o = json_new(a);
	const struct sched *s = &l->conn.sched;

	json_set_str(o, "id", l->conn.id);
	json_set_str(o, "user", l->user->name);
	json_set_str(o, "name", l->conn.name);
	json_set_str(o, "provider", l->conn.provider);
	json_set_str(o, "state", state_of(l));
	json_set_time(o, "nextPollAt", next_of(l));
	json_set_time(o, "lastSuccessAt", s->last_success_at);
	json_set_i64(o, "retryCount", s->retry_count);
	json_set_str(o, "error", conn_trouble(&l->conn));
	json_set_str(o, "errorDetail", trouble_detail(&l->conn));
	if (l->run.id) {
		json *r = json_new(a);

		json_set_str(r, "id", l->run.id);
		json_set_str(r, "state", l->run.state);
		json_set_i64(r, "progress", l->run.progress);
		json_set_str(r, "message", l->run.message);
		json_set_time(r, "startedAt", l->run.started_at);
		json_set_time(r, "finishedAt", l->run.finished_at);
		json_set(o, "sync", r);
	} else
		json_set_null(o, "sync");
	return o;
}

static void
ctl_print(const struct line *l)
{
	const struct sched *s = &l->conn.sched;
	int64_t took = l->run.id && l->run.started_at ? l->run.finished_at - l->run.started_at : 0;
	char text[CLOCK_TEXT];

	ctl_say("%-10s %-28s %-15s %s", state_of(l), l->conn.name, l->conn.provider, l->user->name);
	if (l->run.id && l->run.finished_at)
		ctl_say(", last %s in %.1f s", clock_text(l->run.finished_at, text),
		    (double)took / 1000);
	else if (l->run.id)
		ctl_say(", %lld %%: %s", (long long)l->run.progress, l->run.message);
	if (s->enabled && next_of(l))
		ctl_say(", next %s", clock_text(next_of(l), text));
	ctl_say("\n");
	if (conn_trouble(&l->conn))
		ctl_say("           %s: %s\n", conn_trouble(&l->conn), trouble_detail(&l->conn));
}

/* --failed: those that are not well; --due: those whose time has come. */
static bool
is_asked_for(const struct call *c, const struct line *l)
{
	const struct sched *s = &l->conn.sched;

	if (call_option(c, "failed") && !conn_trouble(&l->conn))
		return false;
	return !call_option(c, "due") || (s->next_poll_at && s->next_poll_at <= clock_ms());
}

/* "3 connections: 1 attention, 2 active" */
static enum rc
ctl_totals(struct call *c)
{
	int64_t count[STATE__MAX], all = 0;
	const char *between = ": ";
	struct user u = { .id = NULL };

	if (call_option(c, "user"))
		TRY(user_find(c->cx, c->db, call_option(c, "user"), &u));
	TRY(conn_counts(c->cx, c->db, u.id, count));
	for (int s = 0; s < STATE__MAX; s++)
		all += count[s];
	ctl_say("%lld connection%s", (long long)all, all == 1 ? "" : "s");
	for (int s = 0; s < STATE__MAX; s++)
		if (count[s]) {
			ctl_say("%s%lld %s", between, (long long)count[s], conn_states[s].word);
			between = ", ";
		}
	ctl_say("\n");
	return RC_OK;
}

/* Prints every connection of a user, or adds it to the list. */
static enum rc
each_conn(struct call *c, const struct user *u, void *arg)
{
	struct conn_list page = { .next = "" };
	struct line l = { .user = u };
	json *list = arg;

	while (page.next) {
		TRY(conn_list(c->cx, c->db, u->id, page.next, PAGE, &page));
		for (size_t i = 0; i < page.n; i++) {
			l.conn = page.v[i];
			TRY(run_latest(c->cx, c->db, u->id, l.conn.id, &l.run));
			if (!is_asked_for(c, &l))
				continue;
			if (list)
				json_add(list, ctl_describe(c->cx->a, &l));
			else
				ctl_print(&l);
		}
	}
	return RC_OK;
}

enum rc
ctl_status(struct call *c)
{
	json *out = call_option(c, "json") ? json_new(c->cx->a) : NULL;
	json *list = out ? json_list(c->cx->a) : NULL;
	int64_t now = clock_ms(), beat;
	char text[CLOCK_TEXT];

	TRY(queue_last_beat(c->cx, c->db, &beat));
	if (!out)
		TRY(ctl_totals(c));
	if (!out)
		ctl_say("Last tick: %s%s\n", beat ? clock_text(beat, text) : "never",
		    now - beat > 3 * MINUTE_MS
			? "  (it should come every minute: see the README on cron and systemd)"
			: "");
	TRY(call_users(c, each_conn, list));
	if (out) {
		json_set_time(out, "lastTickAt", beat);
		json_set(out, "connections", list);
		ctl_say("%s\n", json_text(c->cx->a, out));
	}
	return RC_OK;
}

struct search {
	struct conn found;
	size_t hits;
};

static enum rc
look_among(struct call *c, const struct user *u, void *arg)
{
	struct search *s = arg;
	struct conn found;
	enum rc rc = conn_find(c->cx, c->db, u->id, c->arg[0], &found);

	if (rc == RC_OK) {
		s->found = found;
		s->hits++;
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The one connection that the words name, whoever's it is. */
static enum rc
find_conn(struct call *c, struct conn *out)
{
	struct search s = { .hits = 0 };

	TRY(call_users(c, look_among, &s));
	*out = s.found;
	if (s.hits == 1)
		return RC_OK;
	if (s.hits)
		return fail(c->cx, E_INPUT,
		    "Several users have a connection of this name; add --user NAME or give its "
		    "id.");
	return fail(c->cx, E_NOT_FOUND,
	    "There is no connection with this name or id; tidemark status lists them.");
}

/* Follows a run to its end. Progress goes to standard error, the outcome to standard output. */
static enum rc
ctl_follow(struct call *c, const struct conn *conn, const char *id)
{
	char last[256] = "", now[256];
	struct run r;

	for (;;) {
		struct arena *a = arena_new("watch", 1024 * 1024, 0);
		struct ctx cx = { .a = a };
		enum rc rc = run_get(&cx, c->db, conn->owner, id, &r);

		if (rc != RC_OK) {
			c->cx->err = cx.err;
			arena_free(a);
			return rc;
		}
		snprintf(now, sizeof now, "%3lld %%  %s", (long long)r.progress, r.message);
		if (strcmp(now, last) != 0)
			ctl_tell("%s\n", now);
		memcpy(last, now, sizeof last);
		bool over = r.finished_at != 0;
		arena_free(a);
		if (over)
			break;
		clock_sleep_ms(WATCH_MS);
	}
	TRY(run_get(c->cx, c->db, conn->owner, id, &r));
	ctl_say("%s: +%lld ~%lld -%lld, %lld unchanged, %lld skipped\n", r.state,
	    (long long)r.added, (long long)r.updated, (long long)r.deleted, (long long)r.unchanged,
	    (long long)r.skipped);
	if (!r.error_code)
		return RC_OK;
	for (int k = 1; k < E__MAX; k++)
		if (!strcmp(error_row((enum error_kind)k)->code, r.error_code))
			return fail(
			    c->cx, (enum error_kind)k, "%s", r.error_detail ? r.error_detail : "");
	return fail(c->cx, E_CRASHED, NULL);
}

/* A tick that is started here has the settings of this shell: they must be those of the
 * installation, or a healthy connection is stopped by them. */
static enum rc
sync_fits(struct call *c)
{
	enum conf_key k;

	if (conf_set(CONF_WAKE_FILE) || loop_runs(c->cx->a) ||
	    !conf_differs(c->cx->a, TICK_ENV, &k))
		return RC_OK;
	return fail(c->cx, E_STATE,
	    "The tick of this installation runs with another %s than this shell has, so nothing "
	    "was started. Set it alike, or put it where both find it: %s.",
	    conf_name(k), conf_file() ? conf_file() : "/etc/tidemark/tidemark.conf");
}

enum rc
ctl_sync(struct call *c)
{
	struct conn conn = { 0 };
	struct caller by;
	const char *id;
	enum rc rc;

	TRY(find_conn(c, &conn));
	TRY(sync_fits(c));
	by = call_by(c, conn.owner);
	/* Should a tick be started here: what it writes down is no part of the outcome. */
	conf_pass(CONF_LOG_LEVEL, "3");
	rc = syncs_start(c->cx, c->db, &by, conn.id, &id);
	/* One that runs already is the one to follow. */
	if (rc != RC_OK && (c->cx->err.kind != E_RUNNING || !call_option(c, "wait")))
		return rc;
	if (!call_option(c, "wait")) {
		ctl_say("%s\n", id);
		return RC_OK;
	}
	return ctl_follow(c, &conn, id);
}
