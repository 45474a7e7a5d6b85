/*
 * world.h - one schedule: people edit on both sides while processes come, go and die, then faults
 * and edits stop, all works itself off, and what must hold is checked.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "sim/players.h"
#include "unit/near_files.h"

/* --- people --- */

static inline struct content
here_content(const char *key, bool *gone)
{
	struct here h;

	assert_ok(here_get(&cx, db, &sim_twoway, key, &h));
	*gone = !h.value;
	return content_of(h.value);
}

static void
human_does(const char *key, const struct content *set)
{
	struct human h = { .key = key, .set = set };

	tally.here++;
	assert_ok(db_write(&cx, db, human_write, &h));
}

static inline void
edits_here(void)
{
	int i = here.n ? (int)dice((uint32_t)here.n + 1) : 0;
	const char *key = i < here.n ? here.keys[i] : NULL;
	struct content c = { { 0 } };
	bool gone = true;

	if (!key && here.n >= 4)
		return;
	if (key)
		c = here_content(key, &gone);
	if (!gone && dice(6) == 0) {
		content_fine(&c);
		here.deleted_by_user[i] = true;
		human_does(key, NULL);
		tell("somebody deletes o%d here", i);
		return;
	}
	if (gone && key && dice(2))
		return;
	content_edit(&c);
	if (dice(3) == 0)
		content_edit(&c);
	human_does(key, &c);
	tell("somebody writes o%d %s here", here_index(key ? key : here.keys[here.n - 1]),
	    content_text(&c, false));
}

static inline void
thing_deleted(struct thing *t)
{
	tally.there++;
	content_fine(&t->c);
	t->gone = t->deleted_by_user = true;
	thing_touch(t);
}

static inline void
edits_there(void)
{
	int i = there.n ? (int)dice((uint32_t)there.n + 1) : 0;
	struct thing *t;

	if (i >= there.n && there.n >= 6)
		return;
	t = i < there.n ? &there.v[i] : thing_new();
	if (t->purged)
		return;
	if (i < there.n - 1 + (t->etag != 0) && !t->gone && dice(6) == 0) {
		thing_deleted(t);
		tell("somebody deletes r%d there", i);
		return;
	}
	if (t->gone && (!there.revives || dice(2)))
		return;
	if (!t->gone || dice(2))
		content_edit(&t->c);
	t->gone = false;
	tally.there++;
	thing_touch(t);
	tell("somebody writes r%d %s there", i, content_text(&t->c, false));
}

/* Both sides make the very same edit. */
static inline void
edits_both(void)
{
	struct thing *t = there.n ? &there.v[dice((uint32_t)there.n)] : NULL;
	struct link l;
	struct content c;
	bool gone;
	int f = (int)dice(FIELDS);

	if (!t || t->gone)
		return;
	assert_ok(link_of_remote(&cx, db, ANN, "c1", thing_key(cx.a, (int)(t - there.v)), &l));
	if (!l.id)
		return;
	c = here_content(l.object.key, &gone);
	if (gone)
		return;
	c.f[f] = t->c.f[f] = token_new(c.f[f], t->c.f[f]);
	sim.token[c.f[f]].both = true;
	tally.there++;
	thing_touch(t);
	human_does(l.object.key, &c);
	tell("the same edit %s here and %s there", content_text(&c, false),
	    content_text(&t->c, false));
}

/* --- the rest of the world --- */

static inline void
time_passes(void)
{
	clock_step_by(dice(3) ? dice(40000) : dice(600000));
	if (luck(25)) {
		int64_t by = (int64_t)dice(1200000) - 600000;

		tally.jumps++;
		tell("the clock jumps by %lld s", (long long)(by / SECOND_MS));
		clock_step_to(clock_ms() + by);
	}
}

static enum rc
queue_moves(struct ctx *c, struct db *d, void *arg)
{
	const bool *held = arg;

	const char *question = "held by somebody";

	return *held ? outbox_hold(c, d, ANN, "c1", question, clock_ms())
		     : outbox_free(c, d, ANN, question, "~", clock_ms());
}

static inline enum rc
answer_get(struct ctx *c, struct db *d, const struct resolve *r, const struct object *o,
    const json **value)
{
	struct here h;

	(void)r;
	TRY(here_get(c, d, &sim_twoway, o->key, &h));
	*value = h.value;
	return RC_OK;
}

static inline enum rc
answer_write(struct ctx *c, struct db *d, const struct resolve *r, const struct edit *e)
{
	(void)r;
	if (e->after)
		TRY(here_put(c, d, &sim_twoway, e->object.key, e->after));
	else if (e->before)
		TRY(here_remove(c, d, &sim_twoway, e->object.key));
	return edit_tell(c, d, e);
}

static enum rc
human_answers(struct ctx *c, struct db *d, void *arg)
{
	struct conflict out;

	return resolve_conflict(c, d, arg, &out);
}

/* For all of it, or field by field. */
static inline struct answer
answer_chosen(const struct conflict *c)
{
	const json *fields = json_stored(cx.a, c->fields);
	json *each = json_new(cx.a);

	if (dice(2))
		return (struct answer){ .pick = dice(2) ? PICK_LOCAL : PICK_REMOTE };
	for (size_t i = 0; i < json_len(fields); i++) {
		json *one = json_new(cx.a);

		json_set_str(one, "side", pick_word(dice(2) ? PICK_LOCAL : PICK_REMOTE));
		json_set(each, json_str(json_nth(fields, i), "field"), one);
	}
	return (struct answer){ .fields = each };
}

/* Who answers whether a deletion or an edit stands has seen both. */
static inline void
answer_saw(const struct conflict *c)
{
	struct content now;
	struct link l;
	bool gone;

	if (!strstr(c->fields, "\"deleted\""))
		return;
	now = here_content(c->object.key, &gone);
	content_fine(&now);
	here.deleted_by_user[here_index(c->object.key)] = true;
	assert_ok(link_get(&cx, db, ANN, c->link_id, &l));
	if (l.remote_id)
		content_fine(&there.v[thing_index(l.remote_id)].c);
}

/* One of the conflicts that are open is answered, if there is one. */
static inline bool
answers_one(void)
{
	struct conflict_page page = { .owner = ANN, .state = CONFLICT_OPEN };
	const struct resolve_ops ops = {
		.rules = sim_twoway.rules,
		.get = answer_get,
		.write = answer_write,
	};
	struct resolve say = { .owner = ANN, .by = "session", .now = clock_ms(), .ops = &ops };
	struct conflict_list list;
	const struct conflict *c;

	assert_ok(conflict_page(&cx, db, &page, &list));
	if (!list.n)
		return false;
	c = &list.v[dice((uint32_t)list.n)];
	answer_saw(c);
	say.conflict_id = c->id;
	say.answer = answer_chosen(c);
	assert_ok(db_write(&cx, db, human_answers, &say));
	tally.answers++;
	tell("somebody answers a conflict: %s",
	    say.answer.pick ? pick_word(say.answer.pick) : json_text(cx.a, say.answer.fields));
	return true;
}

static inline void
world_turns(void)
{
	bool held = dice(2);
	int i = there.n ? (int)dice((uint32_t)there.n) : -1;

	switch (dice(10)) {
	case 0: /* cursors end */
		there.oldest = there.seq;
		break;
	case 1: /* what was deleted is forgotten, and cursors from before that end */
		if (i < 0 || !there.v[i].gone || there.v[i].purged)
			break;
		there.v[i].purged = true;
		if (there.oldest < there.v[i].etag)
			there.oldest = there.v[i].etag;
		break;
	case 2:
		there.poison = there.poison ? 0 : sim.tokens;
		break;
	case 3:
		assert_ok(db_write(&cx, db, queue_moves, &held));
		break;
	case 4:
		answers_one();
		break;
	default:
		time_passes();
	}
}

static inline void
schedule_turns(void)
{
	uint32_t what = dice(16);

	clock_step_by(dice(8000));
	if (what < 3)
		edits_here();
	else if (what < 6)
		edits_there();
	else if (what < 7)
		edits_both();
	else if (what < 10)
		world_turns();
	else
		player_turn(&players[sim.w.parallel ? dice(PLAYERS) : 0], (int)dice(3));
	arena_reset(cx.a);
}

/* --- the end --- */

static bool
queue_is_empty(void)
{
	struct outbox_count n[OUTBOX_STATES];
	size_t states;

	assert_ok(outbox_counts(&cx, db, ANN, n, &states));
	for (size_t i = 0; i < states; i++)
		if (strcmp(n[i].state, OUTBOX_DONE) != 0)
			return false;
	return true;
}

/* A person lets go what is held, and tries again what has failed. */
static inline void
queue_is_freed(void)
{
	struct outbox_page page = { .owner = ANN, .state = OUTBOX_FAILED, .after = "" };
	struct outbox_list failed, held;

	assert_ok(outbox_list_state(&cx, db, &page, &failed));
	page.state = OUTBOX_HELD;
	assert_ok(outbox_list_state(&cx, db, &page, &held));
	assert_ok(db_begin(&cx, db));
	for (size_t i = 0; i < failed.n; i++)
		assert_ok(outbox_hurry(&cx, db, ANN, failed.v[i].id, clock_ms()));
	for (size_t i = 0; i < held.n; i++)
		assert_ok(outbox_free(&cx, db, ANN, held.v[i].question, held.v[i].id, clock_ms()));
	assert_ok(db_commit(&cx, db));
}

static inline void
world_calms(void)
{
	sim.calm = true;
	for (int i = 0; i < PLAYERS; i++)
		if (players[i].busy)
			player_turn(&players[i], 0);
	queue_is_freed();
	for (int i = 0; i < 40 && !*sim.bad; i++) {
		int64_t seq = there.seq;
		long writes = here.writes;

		clock_step_by(HOUR_MS);
		player_turn(&players[0], 2);
		if (answers_one())
			continue;
		if (i && seq == there.seq && writes == here.writes && queue_is_empty())
			return;
		arena_reset(cx.a);
	}
	sim_bad("it never becomes quiet");
}

/* Nothing is to be done when it is done again, also when all is read. */
static inline void
check_quiet(void)
{
	long sent = there.writes, writes = here.writes;

	for (int i = 0; i < 3; i++) {
		if (i == 1)
			there.oldest = there.seq + 1;
		clock_step_by(HOUR_MS);
		player_turn(&players[0], 2);
	}
	if (sent != there.writes || writes != here.writes)
		sim_bad("it goes on writing: %ld there and %ld here, for nothing",
		    there.writes - sent, here.writes - writes);
	if (!queue_is_empty())
		sim_bad("the queue does not become empty");
}

static inline void
check_pair(int i, int *live)
{
	struct object o = twoway_object(&sim_twoway, here.keys[i]);
	bool gone, asked = here.deleted_by_user[i] || !here_was(db, o.key);
	struct content c = here_content(o.key, &gone);
	const struct thing *t = NULL;
	struct link l;
	int n = -1;

	assert_ok(link_of(&cx, db, ANN, "c1", &o, &l));
	if (l.id && l.remote_id)
		n = thing_index(l.remote_id);
	else if (l.id)
		n = thing_by_mark(l.id, true);
	if (n >= 0)
		t = &there.v[n];
	*live += !gone;
	content_fine(&c);
	if (!gone && (!t || t->gone || memcmp(&t->c, &c, sizeof c) != 0))
		sim_bad("o%d is %s and r%d is %s", i, content_text(&c, gone), n,
		    t ? content_text(&t->c, t->gone) : "not there");
	if (gone && t && !t->gone)
		sim_bad("o%d is gone and r%d is %s", i, n, content_text(&t->c, false));
	if (gone && !asked && !(t && t->deleted_by_user))
		sim_bad("o%d is gone, and nobody deleted it", i);
}

static inline void
check_doubles(void)
{
	int live = 0, things = 0;

	for (int i = 0; i < here.n; i++)
		check_pair(i, &live);
	for (int i = 0; i < there.n; i++)
		things += !there.v[i].gone;
	if (things != live)
		sim_bad("%d objects here and %d things there", live, things);
}

static inline void
kept_one(const json *value)
{
	int t = (int)json_value_i64(value);

	token_fine(t);
	if (t > 0 && t <= sim.tokens)
		sim.token[t].kept = true;
}

static inline void
kept_fine(const json *kept)
{
	for (struct json_iter it = { 0 }; json_each(kept, &it);) {
		kept_one(it.value);
		for (struct json_iter in = { 0 }; json_each(it.value, &in);)
			kept_one(in.value);
	}
}

static inline void
check_losses(void)
{
	struct conflict_page page = { .owner = ANN, .state = CONFLICT_RESOLVED };
	struct conflict_list list;

	assert_ok(conflict_page(&cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++)
		kept_fine(json_stored(cx.a, list.v[i].kept));
	tally.conflicts += (long)list.n;
	for (int t = 1; t <= sim.tokens; t++)
		if (!sim.token[t].fine)
			sim_bad("edit %d is lost", t);
		else if (sim.token[t].back && !sim.token[t].kept)
			sim_bad("edit %d was undone, and no conflict tells of it", t);
}

/* --- the whole of it --- */

static void
world_begins(uint64_t seed)
{
	static const enum policy policies[] = { POLICY_LATEST, POLICY_APPLICATION, POLICY_PROVIDER,
		POLICY_ASK };
	char *err = NULL;
	bool trace = sim.trace;

	memset(&sim, 0, sizeof sim);
	memset(&there, 0, sizeof there);
	memset(&here, 0, sizeof here);
	memset(&run, 0, sizeof run);
	sim.trace = trace;
	sim.seed = seed;
	sim.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	rand_seed(seed);
	clock_step_to(SIM_EPOCH);
	sim.began = clock_mono_ms();
	sim.w = (struct weather){
		.etags = dice(4) != 0,
		.says = dice(2),
		.lags = dice(3) == 0,
		.parallel = dice(3) != 0,
		.fault = dice(5) ? 6 + (int)dice(20) : 0,
		.kill = dice(4) ? 20 + (int)dice(60) : 0,
		.yield = 2 + (int)dice(4),
		.lag_ms = 2 * MINUTE_MS,
	};
	there.revives = sim.w.etags && dice(4);
	sim_twoway.policy = policies[dice(4)];
	sim_twoway.lease_ms = sim_twoway.unsure_ms = 5 * MINUTE_MS;
	sim_twoway.lists_lag = sim.w.lags;
	if (sqlite3_exec(sqlite_handle(db->engine),
		"BEGIN IMMEDIATE; DELETE FROM outbox; DELETE FROM link; DELETE FROM conflict;"
		"DELETE FROM change; DELETE FROM sim_object; UPDATE connection SET cursor = NULL;"
		"COMMIT",
		NULL, NULL, &err) != SQLITE_OK)
		flunk("%s", err);
}

/* True when all holds. */
static inline bool
world_lives(uint64_t seed)
{
	int turns;

	world_begins(seed);
	turns = 10 + (int)dice(50);
	tell("seed %llu: %d turns, policy %s%s%s%s%s", (unsigned long long)seed, turns,
	    policy_word(sim_twoway.policy), sim.w.etags ? ", etags" : "",
	    sim.w.says ? ", says" : "", sim.w.lags ? ", lags" : "",
	    sim.w.parallel ? ", parallel" : "");
	for (int i = 0; i < turns && !*sim.bad; i++)
		schedule_turns();
	if (!*sim.bad)
		world_calms();
	if (!*sim.bad)
		check_quiet();
	if (!*sim.bad)
		check_doubles();
	if (!*sim.bad)
		check_losses();
	/* What went wrong may have left somebody in the midst of it. */
	for (int i = 0; i < PLAYERS; i++) {
		players[i].busy = false;
		player_clears(&players[i]);
	}
	arena_reset(cx.a);
	if (*sim.bad)
		tell("WRONG: %s", sim.bad);
	return !*sim.bad;
}

/* --- for the programs --- */

static int
world_open(void **state)
{
	char *err = NULL;

	home_in_memory();
	if (db_setup(state) != 0)
		return -1;
	near_files_open();
	if (sqlite3_exec(sqlite_handle(db->engine),
		"CREATE TABLE sim_object (key TEXT PRIMARY KEY, value TEXT, at INTEGER, gone INTEGER);"
		"INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
		"', 'ann', 'member', 1);"
		"INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
		" VALUES ('c1', '" ANN "', 'csv', 'x', '{}', 1, 1);"
		"INSERT INTO schedule (connection_id, owner, enabled, health, frequency,"
		" interval_minutes, set_at) VALUES ('c1', '" ANN "', 1, 'ok', 'hourly', 60, 1);",
		NULL, NULL, &err) != SQLITE_OK)
		flunk("%s", err);
	players_open();
	for (int i = 0; i < HANDLES; i++)
		sqlite3_exec(sqlite_handle(here_handle[i].db->engine),
		    "PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	return 0;
}

static int
world_close(void **state)
{
	players_close();
	clock_fake(0);
	rand_unseed();
	flaw_planted = FLAW_NONE;
	return db_teardown(state);
}

#endif
