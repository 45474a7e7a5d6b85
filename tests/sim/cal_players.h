/*
 * cal_players.h - processes of ours, played in this one as in players.h: one carries out runs, one
 * works on the outbox. One that is killed takes the other along, as the end of their tick would,
 * and the next tick finds what they have left.
 */
#ifndef SIM_CAL_PLAYERS_H
#define SIM_CAL_PLAYERS_H

#include "sim/cal_calls.h"

#include <fcntl.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/proc.h"
#include "queue/lane.h"
#include "queue/queue.h"
#include "send/sender.h"
#include "sync/engine.h"
#include "sync/write/outlet.h"

enum { PLAYERS = 2, STACK = 1 << 20, HURRY = 3, FILES = 1024 };
/* TIDEMARK_SILENCE_SECONDS: after which a request that was not answered is given up. */
enum { SILENCE_MS = 90 * 1000 };

/* Which descriptors are open. */
struct files {
	bool open[FILES];
};

struct player {
	struct ctx cx;
	struct db *db;
	ucontext_t at;
	char *stack;
	bool busy;
	const char *name;
	enum rc (*does)(struct ctx *, struct db *);
};

static struct player players[PLAYERS];
static struct player *playing; /* NULL: the schedule itself */
/* Turns in which, as soon as something was read, it is edited here and that is sent. */
static int hurry;
static ucontext_t schedule_at;
static struct files files_kept; /* what a process that is killed has opened goes with it */
static bool killed;
/* The sender has just seen a series whole. Nobody edits one of its occurrences until it has deleted
 * it, or has given it other places: the etag of a series does not tell of that, and no condition
 * could. */
static bool seen_whole;
static int kill_at; /* the point at which a process is killed, counted down; 0: by luck alone */

static const char *
player_name(void)
{
	return playing ? playing->name : "sim";
}

static void
player_leaves(void)
{
	struct player *p = playing;

	tally.switches++;
	playing = NULL;
	swapcontext(&p->at, &schedule_at);
}

static void
player_yields(const char *where, bool may_die)
{
	if (!playing || sim.calm)
		return;
	if (may_die && (luck(sim.w.kill) || (kill_at && --kill_at == 0))) {
		tell("%s is killed at %s", player_name(), where);
		tally.kills++;
		killed = true;
		player_leaves();
	}
	/* Nobody else could write while a write is open. */
	if (!seen_whole && !in_write(playing->db) && !(hurry && playing == &players[1]) &&
	    luck(sim.w.yield))
		player_leaves();
}

static inline void
player_holds(bool hold)
{
	(void)hold;
}

static void
player_step(void *arg, const char *name)
{
	(void)arg;
	/* There are so many of these that hardly a run would come to its end. */
	if (!kill_at && !strncmp(name, "write:", 6) && dice(8))
		return;
	if (!strncmp(name, "push:", 5))
		seen_whole = false;
	player_yields(name, true);
}

/* --- our requests --- */

static inline void
cal_reply(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	struct fake_request ask = {
		.a = c->a,
		.method = req->method,
		.target = req->url + strlen(CAL_HOST),
		.body = req->body,
	};
	struct fake_reply reply;
	size_t n = 0;

	for (size_t i = 0; i < req->headers_n; i++) {
		const char *name = cal_lower(c->a, req->headers[i].name);
		const char *value = req->headers[i].value;

		if (!strcmp(name, "authorization"))
			value = arena_printf(c->a, "Bearer %s", sides[grant_side(value)].ours);
		params_add(&ask.headers, name, value);
	}
	fake_handle(cal.fake, &ask, &reply);
	out->status = reply.status;
	out->body = buf_s(reply.body);
	if (reply.type)
		out->headers[n++] = (struct net_header){ "Content-Type", reply.type };
	for (size_t i = 0; i < reply.headers.n && n < NET_HEADERS_MAX - 1; i++)
		out->headers[n++] = (struct net_header){ reply.headers.v[i].name,
			reply.headers.v[i].value };
	if (strcmp(req->method, "GET") && strstr(req->url, CAL_EVENTS) &&
	    !strstr(req->url, "/watch") && reply.status < 300) {
		cal.writes++;
		tally.sent++;
	}
}

/* Nobody is ever told of anything, and nothing of guests is ours to say. */
static inline void
cal_modest(const struct net_request *req)
{
	if (!strcmp(req->method, "GET") || !strstr(req->url, CAL_EVENTS) ||
	    strstr(req->url, "/watch"))
		return;
	if (!strstr(req->url, "sendUpdates=none"))
		sim_bad("%s %s may send mails", req->method, req->url);
	if (req->body.p && strstr(req->body.p, "attendees"))
		sim_bad("guests are written: %s", req->body.p);
}

static inline void
cal_serves(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	if (!strcmp(req->url, CAL_TOKENS)) {
		grant_tokens(c, req, out);
	} else if (!strcmp(req->url, CAL_USERINFO)) {
		grant_userinfo(c, req, out);
	} else if (is_notion_url(req->url)) {
		notion_reply(c, playing == &players[1], req, out);
	} else if (strncmp(req->url, CAL_HOST "/", sizeof CAL_HOST)) {
		sim_bad("%s is asked", req->url);
		out->fault = NET_NO_NAME;
	} else if (!grant_good(c, req)) {
		cal_refuse(c, out, 401, "authError");
	} else {
		cal_modest(req);
		cal_reply(c, req, out);
	}
}

/* What differs in it may go with it. */
static bool
cal_takes_places(const struct net_request *req)
{
	return !strcmp(req->method, "DELETE") ||
	    (req->body.p &&
		(strstr(req->body.p, "\"recurrence\"") || strstr(req->body.p, "\"start\"")));
}

/* No request is on its way for longer than that, and no answer: whoever has asked has given it up
 * by then, and relies on it. */
static bool
cal_is_late(int64_t began, struct net_response *out)
{
	if (clock_mono_ms() - began < SILENCE_MS)
		return false;
	tally.faults++;
	tell("%s has given it up", player_name());
	out->fault = NET_LOST;
	return true;
}

static void
cal_answer(struct ctx *c, void *arg, const struct net_request *req, struct net_response *out)
{
	const int64_t began = clock_mono_ms();

	(void)arg;
	seen_whole = seen_whole && cal_takes_places(req);
	player_yields("asks", true);
	seen_whole = false;
	if (cal_is_late(began, out))
		return;
	if (playing && luck(sim.w.fault)) {
		if (is_notion_url(req->url))
			notion_weather(c, out);
		else
			cal_weather(c, req, out);
		return;
	}
	cal_serves(c, req, out);
	tell("%s %s %.90s %.200s: %d", player_name(), req->method, req->url + strlen("https://www"),
	    req->body.p ? req->body.p : "", out->status);
	seen_whole = playing == &players[1] && strstr(req->url, "iCalUID=");
	if (playing == &players[0] && luck(6)) {
		hurry = HURRY;
		player_leaves();
	}
	player_yields("answered", true);
	if (cal_is_late(began, out) || !playing || !luck(sim.w.fault))
		return;
	tally.faults++;
	tell("%s hears nothing of it", player_name());
	if (dice(2))
		out->fault = NET_LOST;
	else if (is_notion_url(req->url))
		notion_refuse(c, out, 503, "service_unavailable");
	else
		cal_refuse(c, out, 503, "backendError");
}

/* --- what they do --- */

static enum rc
runs_all(struct ctx *c, struct db *d)
{
	struct claim_state st = { 0 };
	bool found = true;

	while (found) {
		struct job job = { 0 };

		TRY(queue_claim(c, d, &st, NULL, &found, &job));
		if (found)
			TRY(engine_run(c, d, &job));
	}
	return RC_OK;
}

static enum rc
sends_all(struct ctx *c, struct db *d)
{
	static const volatile sig_atomic_t stop = 0;

	return sender_all(c, d, &stop);
}

static void
player_main(void)
{
	struct player *p = playing;

	if (p->does(&p->cx, p->db) != RC_OK && p->cx.err.kind != E_LEASE)
		sim_bad("%s: %s at %s", p->name, p->cx.err.detail, p->cx.err.where);
	p->busy = false;
	playing = NULL;
	setcontext(&schedule_at);
}

static void
player_clears(struct player *p)
{
	db_rollback(p->db);
	p->db->hold = NULL;
	arena_reset(p->cx.a);
	p->cx.err = (struct err){ 0 };
	p->busy = false;
}

static void
files_open(struct files *f)
{
	for (int fd = 0; fd < FILES; fd++)
		f->open[fd] = fcntl(fd, F_GETFD) >= 0;
}

static void
files_close_others(const struct files *kept)
{
	for (int fd = 0; fd < FILES; fd++)
		if (!kept->open[fd])
			close(fd);
}

/* The next tick. */
static void
players_are_gone(void)
{
	int64_t n;

	killed = seen_whole = false;
	for (int i = 0; i < PLAYERS; i++)
		player_clears(&players[i]);
	files_close_others(&files_kept);
	assert_ok(queue_reap(&cx, db, proc_self(), E_INTERRUPTED, &n));
	assert_ok(lane_reap(&cx, db, proc_self(), clock_ms()));
}

static void
player_turn(struct player *p)
{
	if (!p->busy) {
		player_clears(p);
		getcontext(&p->at);
		p->at.uc_stack.ss_sp = p->stack;
		p->at.uc_stack.ss_size = STACK;
		p->at.uc_link = NULL;
		makecontext(&p->at, player_main, 0);
		p->busy = true;
	}
	playing = p;
	swapcontext(&schedule_at, &p->at);
	playing = NULL;
	if (killed)
		players_are_gone();
	else if (!p->busy)
		player_clears(p);
}

static enum rc
outbox_turn(struct ctx *c, struct db *d, struct parcel *p)
{
	return outlet_work(c, d, &p->lane);
}
static const struct sender outbox_sender = { .work = outbox_turn };

/* What a handle opens with its first write stays open as long as it does. */
static enum rc
write_nothing(struct ctx *c, struct db *d, void *arg)
{
	(void)c, (void)d, (void)arg;
	return RC_OK;
}

static void
players_open(void)
{
	for (int i = 0; i < PLAYERS; i++) {
		struct player *p = &players[i];

		*p = (struct player){
			.name = i ? "sender" : "runner",
			.stack = malloc(STACK),
			.does = i ? sends_all : runs_all,
		};
		p->cx.a = arena_new("player", (size_t)256 << 20, 0);
		assert_ok(db_open(&cx, 0, &p->db));
		sqlite3_exec(
		    sqlite_handle(p->db->engine), "PRAGMA synchronous = OFF", NULL, NULL, NULL);
		assert_ok(db_write(&cx, p->db, write_nothing, NULL));
	}
	sender_use(LANE_OUTBOX, &outbox_sender);
	net_transport_set(cal_answer, NULL);
	step_watch(player_step, NULL);
	step_watch_more(true);
}

static void
players_close(void)
{
	step_watch(NULL, NULL);
	net_transport_set(NULL, NULL);
	for (int i = 0; i < PLAYERS; i++) {
		db_close(players[i].db);
		arena_free(players[i].cx.a);
		free(players[i].stack);
	}
}

#endif
