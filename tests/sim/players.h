/*
 * players.h - processes of ours, played in this one: each with its stack, context and struct db.
 * One goes on until it comes to a point (lib/base/step.h) or into a request, where another's turn
 * may come, or where it is killed: then its stack is never returned to, and what it held in the
 * database is undone as if it had died.
 */
#ifndef SIM_PLAYERS_H
#define SIM_PLAYERS_H

#include "sim/here.h"

enum { PLAYERS = HANDLES - 1, STACK = 256 << 10 };

struct player {
	struct ctx cx;
	struct db *db;
	ucontext_t at;
	char *stack;
	bool busy, holds;
	const char *name;
	const char *where; /* it came to last */
};

static struct player players[PLAYERS];
static struct player *playing; /* NULL: the schedule itself */
static ucontext_t schedule_at;

/* One process reads at a time, by a lease with a fence, as runs do. */
static struct {
	int64_t fence, until;
	struct player *holder;
	bool approved; /* a person has let a large loss be */
} run;

static const char *
player_name(void)
{
	return playing ? playing->name : "sim";
}

static void
player_holds(bool hold)
{
	if (playing)
		playing->holds = hold;
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
player_dies(const char *where)
{
	struct player *p = playing;

	tell("%s is killed at %s", p->name, where);
	tally.kills++;
	if (in_write(p->db))
		content_undone(p->db);
	p->busy = false;
	player_leaves();
}

static void
player_yields(const char *where, bool may_die)
{
	if (!playing || sim.calm)
		return;
	if (may_die && luck(sim.w.kill))
		player_dies(where);
	/* Nobody else could write while a write is open. */
	playing->where = where;
	if (!playing->holds && !in_write(playing->db) && luck(sim.w.yield))
		player_leaves();
}

static void
player_step(void *arg, const char *name)
{
	(void)arg;
	player_yields(name, true);
}

/* --- what a process does --- */

static enum rc
run_hold(struct ctx *c, struct db *d, void *arg)
{
	const int64_t *fence = arg;

	(void)d;
	if (*fence != run.fence)
		return fail(c, E_LEASE, NULL);
	run.until = clock_ms() + sim_twoway.lease_ms;
	return RC_OK;
}

static enum rc
player_cursor(struct player *p, int64_t *cursor)
{
	struct conn c;

	*cursor = -1;
	TRY(conn_get(&p->cx, p->db, ANN, "c1", &c));
	if (c.cursor)
		*cursor = json_num(json_stored(p->cx.a, c.cursor), "at", -1);
	return RC_OK;
}

/* Pages, and what a full read has seen. */
struct reading {
	struct twoway t;
	struct listing list;
	struct pull_rest rest;
	struct keyset seen;
	const char *cursor;
};

static enum rc
player_read_page(struct player *p, struct reading *r)
{
	struct there v[8];
	struct pull_page page = { .v = v };
	int64_t as_of;

	TRY(change_last(&p->cx, p->db, &as_of));
	TRY(there_page(&p->cx, &r->list, as_of, v, &page.n));
	player_yields("page", true);
	for (size_t i = 0; r->list.full && i < page.n; i++)
		keyset_add(&r->seen, str_c(v[i].key));
	if (!r->list.full && r->list.at == r->list.n)
		page.cursor = r->cursor;
	return pull_page(&p->cx, p->db, &r->t, &page);
}

static enum rc
player_read(struct player *p, int64_t *fence)
{
	struct reading r = { .t = sim_twoway };
	int64_t cursor;
	enum rc rc;

	r.t.hold = run_hold;
	r.t.hold_arg = fence;
	TRY(player_cursor(p, &cursor));
	TRY(change_last(&p->cx, p->db, &r.rest.as_of));
	rc = there_list(&p->cx, cursor, &r.list);
	if (rc == RC_RESYNC) {
		tell("%s: the cursor is refused", p->name);
		rc = there_list(&p->cx, -1, &r.list);
	}
	if (rc != RC_OK)
		return rc;
	r.cursor = arena_printf(p->cx.a, "{\"at\":%lld}", (long long)r.list.cursor);
	keyset_init(p->cx.a, &r.seen);
	r.rest.seen = &r.seen;
	do {
		TRY(player_read_page(p, &r));
	} while (r.list.at < r.list.n);
	if (!r.list.full)
		return RC_OK;
	tally.fulls++;
	r.rest.cursor = r.cursor;
	r.rest.approved = run.approved;
	run.approved = false;
	TRY(pull_rest(&p->cx, p->db, &r.t, &r.rest));
	tell("%s has read all, and %lld are not there", p->name, (long long)r.rest.gone);
	return RC_OK;
}

static void
player_expects(struct player *p, enum rc rc)
{
	static const bool fine[RC__MAX] = {
		[RC_OK] = true,
		[RC_RETRY] = true,
		[RC_LIMITED] = true,
		[RC_AUTH] = true,
	};

	if (rc == RC_REVIEW) {
		tell("%s: so much is gone that a person is asked", p->name);
		tally.guards++;
		run.approved = true;
	} else if (!fine[rc] && p->cx.err.kind != E_LEASE) {
		sim_bad("%s: %s: %s at %s", p->name, error_row(p->cx.err.kind)->code,
		    p->cx.err.detail, p->cx.err.where);
	}
}

static void
player_pulls(struct player *p)
{
	int64_t fence;

	if (run.holder && run.holder != p && run.holder->busy && clock_ms() < run.until)
		return;
	fence = ++run.fence;
	run.holder = p;
	run.until = clock_ms() + sim_twoway.lease_ms;
	player_expects(p, player_read(p, &fence));
	if (run.fence == fence)
		run.holder = NULL;
}

static void
player_pushes(struct player *p, int most)
{
	struct push_turn turn = { .found = true };
	enum rc rc = RC_OK;

	while (turn.found && most-- > 0 && rc == RC_OK) {
		p->holds = false;
		rc = push_next(&p->cx, p->db, &sim_twoway, &turn);
		player_expects(p, rc);
	}
}

static int player_task; /* what the one that begins is to do */

static void
player_main(void)
{
	struct player *p = playing;
	int task = player_task;

	if (task != 1)
		player_pulls(p);
	if (task != 0)
		player_pushes(p, sim.calm ? 100 : 3);
	p->busy = false;
	playing = NULL;
	setcontext(&schedule_at);
}

/* A process that was killed holds nothing; one that has ended neither. */
static void
player_clears(struct player *p)
{
	db_rollback(p->db);
	arena_reset(p->cx.a);
	p->cx.err = (struct err){ 0 };
	for (int i = 0; i < HANDLES; i++)
		for (int q = 0; here_handle[i].db == p->db && q < HERE__MAX; q++)
			sqlite3_reset(here_handle[i].st[q]);
}

/* Goes on, or begins with a task: 0 reads, 1 sends, 2 does both. */
static void
player_turn(struct player *p, int task)
{
	if (!p->busy) {
		player_clears(p);
		player_task = task;
		getcontext(&p->at);
		p->at.uc_stack.ss_sp = p->stack;
		p->at.uc_stack.ss_size = STACK;
		p->at.uc_link = NULL;
		makecontext(&p->at, player_main, 0);
		p->busy = true;
		p->holds = false;
	}
	playing = p;
	swapcontext(&schedule_at, &p->at);
	playing = NULL;
	if (!p->busy)
		player_clears(p);
}

static void
players_open(void)
{
	static const char *const names[PLAYERS] = { "p1", "p2", "p3" };

	for (int i = 0; i < PLAYERS; i++) {
		struct player *p = &players[i];

		*p = (struct player){ .name = names[i], .stack = malloc(STACK) };
		p->cx.a = arena_new("player", (size_t)256 << 20, 0);
		assert_ok(db_open(&cx, 0, &p->db));
		here_handle[i + 1].db = p->db;
	}
	here_handle[0].db = db;
	step_watch(player_step, NULL);
}

static void
players_close(void)
{
	step_watch(NULL, NULL);
	for (int i = 0; i < HANDLES; i++) {
		for (int q = 0; q < HERE__MAX; q++)
			sqlite3_finalize(here_handle[i].st[q]);
		memset(&here_handle[i], 0, sizeof here_handle[i]);
	}
	for (int i = 0; i < PLAYERS; i++) {
		db_close(players[i].db);
		arena_free(players[i].cx.a);
		free(players[i].stack);
	}
}

#endif
