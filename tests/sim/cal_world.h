/*
 * cal_world.h - one schedule: the application and two people edit one calendar each, all three of
 * them kept level through the whole of the product but its processes: provider, runs, outbox,
 * against the stand-in for Google. Then faults and edits stop, all works itself off, and what must
 * hold is checked.
 */
#ifndef SIM_CAL_WORLD_H
#define SIM_CAL_WORLD_H

#include "sim/cal_checks.h"
#include "unit/near_files.h"
#include "unit/near_memory.h"

enum { CAL_ROUNDS = 40 };

/* Between what works itself off and the next time: what is in Notion's trash is found when all is
 * read, after six hours at the latest. */
#define QUIET_MS (NOTIONS ? 6 * HOUR_MS + MINUTE_MS : HOUR_MS)

/* --- the schedule --- */

static enum rc
ask_write(struct ctx *c, struct db *d, void *arg)
{
	struct conn conn;
	const char *id;

	TRY(conn_get(c, d, OWNER, arg, &conn));
	return sync_enqueue(c, d, &conn, "webhook", &id);
}

/* One that is asked for already is not asked for again. */
static inline void
ask_sync(const char *conn_id)
{
	if (db_write(&cx, db, ask_write, (void *)conn_id) != RC_OK && cx.err.kind != E_RUNNING)
		sim_bad("a sync can't be asked for: %s", cx.err.detail);
	cx.err = (struct err){ 0 };
}

/* The stand-in has the same clock. Set back, its index would seem to be late by as much more than
 * any index is: an edit of before is told ten minutes after another one was written over it. */
static inline int64_t
time_jumps(void)
{
	const int64_t by = (int64_t)dice(1200000) - 600000;

	return NOTIONS && notion.lag_ms && by < 0 ? -by : by;
}

static inline void
time_passes(void)
{
	clock_step_by(dice(3) ? dice(40000) : dice(600000));
	if (luck(25)) {
		int64_t by = time_jumps();

		tally.jumps++;
		tell("the clock jumps by %lld s", (long long)(by / SECOND_MS));
		clock_step_to(clock_ms() + by);
	}
}

/* The window of pages of occurrences goes along with them. */
static inline void
days_pass(void)
{
	int days = 1 + (int)dice(12);

	tell("%d days pass", days);
	clock_step_by(days * DAY_MS);
}

static inline void
schedule_turns(void)
{
	uint32_t what = dice(16);

	clock_step_by(dice(8000));
	if (sim.cal.calls)
		calls_come();
	if (sim.cal.grants && dice(20) == 0)
		grants_turn();
	if (sim.cal.shares && dice(20) == 0)
		shares_turn();
	if (sim.cal.each && dice(20) == 0)
		days_pass();
	if (sim.cal.each && dice(8) == 0)
		people_edit_leaf();
	if (hurry && --hurry < HURRY - 1)
		player_turn(&players[1]);
	else if (hurry)
		people_edit_again();
	else if (what < 3)
		people_edit_here();
	else if (what < 6)
		people_edit_there();
	else if (what < 7)
		people_answer();
	else if (what < 9)
		time_passes();
	else if (what < 11 && sim.cal.calls != CALLS_ONLY)
		ask_sync(sides[dice(SIDES)].conn);
	else
		player_turn(&players[dice(PLAYERS)]);
	arena_reset(cx.a);
}

/* --- the end --- */

/* Does what was read last wait for a person? */
static bool
side_asks(int s, struct run *r)
{
	return run_latest(&cx, db, OWNER, sides[s].conn, r) == RC_OK && r->error_code &&
	    !strcmp(r->error_code, error_row(E_NEEDS_APPROVAL)->code);
}

static inline bool
any_asks(void)
{
	struct run r;

	for (int s = 0; s < SIDES; s++)
		if (side_asks(s, &r))
			return true;
	return false;
}

/* What has failed is tried again by a person, who lets all be that he is asked about. */
static void
people_let_go(void)
{
	static const char *const states[] = { OUTBOX_FAILED, OUTBOX_HELD };

	for (int i = 0; i < 2; i++) {
		struct outbox_page page = { .owner = OWNER, .state = states[i], .after = "" };
		struct outbox_list list;

		assert_ok(outbox_list_state(&cx, db, &page, &list));
		for (size_t k = 0; k < list.n; k++)
			tell("%s: %s", states[i],
			    list.v[k].error_detail ? list.v[k].error_detail : "asked");
		assert_ok(db_begin(&cx, db));
		for (size_t k = 0; k < list.n; k++)
			assert_ok(outbox_hurry(&cx, db, OWNER, list.v[k].id, clock_ms()));
		assert_ok(db_commit(&cx, db));
	}
	for (int s = 0; s < SIDES; s++) {
		struct run r;
		const char *id;

		if (!side_asks(s, &r))
			continue;
		tally.guards++;
		if (sync_answer(&cx, db, OWNER, r.id, "approve", &id) != RC_OK)
			cx.err = (struct err){ 0 };
	}
}

static inline int64_t
open_items(void)
{
	return ask_handle(
	    sqlite_handle(db->engine), "SELECT count(*) FROM outbox WHERE finished_at IS NULL");
}

/* Reads that a message, or a channel that has begun to listen, asks for. */
static inline int64_t
reads_asked(void)
{
	return ask_handle(sqlite_handle(db->engine),
	    "SELECT count(*) FROM schedule WHERE asked > served AND health <> 'attention'");
}

/* Of events. (The records of occurrences that a series lost with its places are seen to be gone when
 * all is read again.) */
static inline int64_t
changes(void)
{
	return ask_handle(
	    sqlite_handle(db->engine), "SELECT count(*) FROM change WHERE object_kind = 'event'");
}

/* Is it left alone until a person looks, who is told? Nothing that comes in is heeded then. */
static inline bool
side_stopped(int s)
{
	return ask_handle(sqlite_handle(db->engine),
		   arena_printf(cx.a,
		       "SELECT count(*) FROM schedule WHERE connection_id = '%s' AND"
		       " health = 'attention'",
		       sides[s].conn)) > 0;
}

/* All that waits is sent, and each calendar read: when that is asked for, or somebody tells of a
 * change. */
static inline void
works_off(bool asked)
{
	clock_step_by(QUIET_MS);
	people_let_go();
	for (int s = 0; s < SIDES; s++)
		if (asked || side_stopped(s))
			ask_sync(sides[s].conn);
	if (sim.cal.calls)
		calls_come();
	player_turn(&players[0]);
	player_turn(&players[1]);
	if (sim.cal.calls)
		calls_come();
}

/* Pages of occurrences come and go with the days, of which no message tells. */
static inline void
pages_are_read(void)
{
	for (int s = GOOGLES; s < SIDES; s++)
		ask_sync(sides[s].conn);
}

static inline void
world_calms(void)
{
	const bool polls = sim.cal.calls != CALLS_ONLY || !sim.cal.each;
	int64_t read = -1; /* the day */

	sim.calm = true;
	for (int i = 0; i < PLAYERS; i++)
		if (players[i].busy)
			player_turn(&players[i]);
	for (int s = 0; s < GOOGLES; s++)
		if (grants[s].ended)
			grant_again(s);
	shares_end();
	for (int i = 0; i < CAL_ROUNDS && !*sim.bad; i++) {
		long writes = cal.writes;
		int64_t no = changes();

		works_off(sim.cal.calls != CALLS_ONLY);
		if (people_answer())
			continue;
		if (i && writes == cal.writes && no == changes() && !open_items() && !calls.n &&
		    !reads_asked() && !any_asks()) {
			if (polls || read == clock_ms() / DAY_MS)
				return;
			pages_are_read();
			read = (clock_ms() + QUIET_MS) / DAY_MS;
		}
		arena_reset(cx.a);
	}
	sim_bad("it never becomes quiet");
}

/* A new day, with which the windows of pages of occurrences have gone on, and most of which is still
 * to come. */
static inline void
day_begins(void)
{
	clock_step_by(2 * DAY_MS + MINUTE_MS - QUIET_MS - clock_ms() % DAY_MS);
	works_off(true);
	works_off(true);
}

/* Nothing is to be done when it is done again, also when all is read. */
static inline void
check_quiet(void)
{
	long writes;
	int64_t no;

	if (sim.cal.each)
		day_begins();
	writes = cal.writes;
	no = changes();
	/* It has been quiet once, after what was changed was read. */
	cal_sql("UPDATE connection SET cursor = NULL");
	works_off(true);
	if (dice(4) == 0)
		works_off(true);
	if (writes != cal.writes || no != changes())
		sim_bad("it goes on writing for nothing: %ld there, %lld changes here",
		    cal.writes - writes, (long long)(changes() - no));
	if (open_items())
		sim_bad("the queue does not become empty");
}

/* --- the whole of it --- */

static const char *const sweeps[] = {
	"BEGIN IMMEDIATE",
	"DELETE FROM outbox",
	"DELETE FROM link",
	"DELETE FROM conflict",
	"DELETE FROM change",
	"DELETE FROM event",
	"DELETE FROM record",
	"DELETE FROM sync_log",
	"DELETE FROM sync",
	"DELETE FROM lane",
	"DELETE FROM lane_turn",
	"DELETE FROM quota_use",
	"DELETE FROM notice",
	"DELETE FROM told",
	"DELETE FROM rate_bucket",
	"DELETE FROM audit",
	"DELETE FROM dataset_past",
	"DELETE FROM channel",
	"DELETE FROM subscription",
	"DELETE FROM mention",
	"DELETE FROM heard",
	"DELETE FROM remote_account",
	"DELETE FROM remote_clock",
	"INSERT INTO remote_account SELECT * FROM sim_login",
	"UPDATE dataset SET rows = 0, next_seq = 1",
	"UPDATE connection SET cursor = NULL, guard = 'ask', push_refused = NULL,"
	" push_refused_at = NULL",
	"UPDATE schedule SET enabled = 1, frequency = '15min', interval_minutes = 15,"
	" health = 'ok', failing = 0, next_poll_at = NULL, error_code = NULL,"
	" error_detail = NULL, asked = 0, served = 0, again = 0, retry_count = 0,"
	" deferrals = 0, last_success_at = NULL",
	"COMMIT",
};
enum { SWEEPS = sizeof sweeps / sizeof *sweeps };

/* A handle of its own: to switch foreign keys off and on again would have all statements of ours
 * prepared again. */
static struct {
	sqlite3 *handle;
	sqlite3_stmt *st[SWEEPS];
} broom;

static void
broom_open(void)
{
	broom.handle = raw_open();
	sqlite3_exec(
	    broom.handle, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF", NULL, NULL, NULL);
	for (int i = 0; i < SWEEPS; i++)
		broom.st[i] = raw_ask(broom.handle, sweeps[i]);
}

static void
broom_close(void)
{
	for (int i = 0; i < SWEEPS; i++)
		sqlite3_finalize(broom.st[i]);
	sqlite3_close(broom.handle);
}

static void
world_resets(void)
{
	for (int i = 0; i < SWEEPS; i++) {
		if (sqlite3_step(broom.st[i]) != SQLITE_DONE)
			flunk("%s: %s", sweeps[i], sqlite3_errmsg(broom.handle));
		sqlite3_reset(broom.st[i]);
	}
}

static void
world_begins(uint64_t seed)
{
	static const char *const policies[] = { "latest", "application", "provider", "ask" };
	bool trace = sim.trace;

	memset(&sim, 0, sizeof sim);
	memset(&cal, 0, sizeof cal);
	memset(&grants, 0, sizeof grants);
	calls.n = 0;
	hurry = 0;
	sim.trace = trace;
	sim.seed = seed;
	sim.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	rand_seed(seed);
	clock_step_to(SIM_EPOCH);
	sim.began = clock_mono_ms();
	world_resets();
	cal.fake = fake_new(false);
	sim.cal.each = NOTIONS && dice(2);
	sim.cal.shares = NOTIONS && dice(3) == 0;
	for (int s = GOOGLES; s < SIDES; s++)
		notion_begins(&sides[s], policies[dice(4)]);
	for (int s = 0; s < GOOGLES; s++) {
		cal_control(arena_printf(cx.a,
		    "{\"account\":{\"email\":\"%s\",\"name\":\"Somebody\"},"
		    "\"token\":{\"value\":\"%s\",\"email\":\"%s\"}}",
		    sides[s].email, sides[s].ours, sides[s].email));
		cal_control(arena_printf(cx.a, "{\"token\":{\"value\":\"%s\",\"email\":\"%s\"}}",
		    sides[s].theirs, sides[s].email));
		cal_sql(arena_printf(cx.a,
		    "UPDATE connection SET config = '{\"calendar\":\"primary\",\"conflicts\":"
		    "\"%s\"}' WHERE id = '%s'",
		    policies[dice(4)], sides[s].conn));
	}
	cal_control("{\"quota\":{\"calendar\":{\"user\":0,\"project\":0}}}");
	cal.whole = seed % 2;
	cal_control(arena_printf(cx.a, "{\"deleted_whole\":%s}", cal.whole ? "true" : "false"));
	/* People look at every page there is, one by one. */
	if (NOTIONS)
		cal_control("{\"quota\":{\"notion\":{\"user\":0}}}");
	sim.cal.guests = dice(3) == 0;
	sim.cal.grants = dice(3) == 0;
	sim.cal.calls = dice(3);
	/* Of what is shared in Notion, and what is not, no message tells: it is found when all is
	 * read. */
	if (sim.cal.calls == CALLS_ONLY)
		sim.cal.shares = false;
	sim.w = (struct weather){
		.fault = dice(5) ? 6 + (int)dice(20) : 0,
		.kill = dice(4) ? 30 + (int)dice(120) : 0,
		.yield = 2 + (int)dice(4),
	};
	/* What stands in Notion has come there by a run, a request, and another run. */
	if (sim.cal.each)
		sim.w.yield *= 1 + (int)dice(20);
}

/* Who hears of changes by messages alone has listened from the beginning. */
static inline void
world_listens(void)
{
	cal_sql("UPDATE schedule SET frequency = 'weekly', interval_minutes = 10080");
	sim.calm = true;
	works_off(true);
	works_off(false);
	sim.calm = false;
}

static inline void
world_hears(void)
{
	conf_override(CONF_APP_URL, sim.cal.calls ? "https://tidemark.example" : "");
	if (NOTIONS && sim.cal.calls) {
		sim.calm = true;
		notion_listens();
		sim.calm = false;
	}
	if (sim.cal.calls == CALLS_ONLY)
		world_listens();
}

/* All works itself off, and what must hold is checked. */
static inline void
world_settles(void)
{
	if (!*sim.bad)
		world_calms();
	if (!*sim.bad)
		check_level();
	if (!*sim.bad)
		check_losses();
	if (!*sim.bad)
		check_guests();
	if (!*sim.bad)
		check_quiet();
}

static inline void
world_goes(void)
{
	for (int i = 0; i < PLAYERS; i++)
		player_clears(&players[i]);
	fake_free(cal.fake);
	cal.fake = NULL;
	arena_reset(cx.a);
}

static inline void
world_ends(void)
{
	world_settles();
	world_goes();
}

/* True when all holds. */
static inline bool
world_lives(uint64_t seed)
{
	int turns;

	world_begins(seed);
	world_hears();
	turns = (10 + (int)dice(40)) * (NOTIONS ? 3 : 1) * (sim.cal.each ? 3 : 1);
	tell("seed %llu: %d turns", (unsigned long long)seed, turns);
	for (int i = 0; i < turns && !*sim.bad; i++)
		schedule_turns();
	world_ends();
	if (*sim.bad && sim.trace)
		printf("%s\n%s\n%s\n%s\n%s\n%s\n%s\nWRONG: %s\n", raw_table("SELECT * FROM sync"),
		    raw_table("SELECT * FROM schedule"),
		    raw_table("SELECT * FROM outbox WHERE finished_at IS NULL"),
		    raw_table("SELECT * FROM lane"),
		    raw_table("SELECT id, uid, value, deleted_at FROM event"),
		    raw_table("SELECT * FROM conflict"),
		    raw_table(
			"SELECT no, object_kind, object_key, at, action, side,"
			" substr(connection_id, -1), actor, reason, before FROM change ORDER BY no DESC LIMIT 400"),
		    sim.bad);
	return !*sim.bad;
}

/* --- for the programs --- */

static inline void
side_connects(const struct side *s)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" OWNER "', '%s', '%s', '{\"calendar\":\"primary\"}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('%s', '" OWNER "', 1, 'ok', '15min', 15, 1);",
	    s->conn, is_notion(s) ? "notion" : "google-calendar", s->email, s->conn));
	if (!is_notion(s))
		assert_ok(db_write(&cx, db, sign_in_write, (void *)s));
}

static int
world_open(void **state)
{
	home_in_memory();
	if (db_setup(state) != 0)
		return -1;
	near_files_open();
	sqlite3_exec(sqlite_handle(db->engine), "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'ann', 'member', 1)");
	conf_override(CONF_GOOGLE_CLIENT_ID, "client");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "secret");
	conf_override(CONF_NOTION_API_KEY, NOTION_OURS);
	/* No process is to be started when something is asked for. */
	conf_override(CONF_WAKE_FILE, "/dev/null");
	/* Each new view has every statement of every handle prepared again. */
	conf_override(CONF_USER_VIEW_KB, "0");
	for (int s = 0; s < SIDES; s++)
		side_connects(&sides[s]);
	cal_sql("CREATE TABLE sim_login AS SELECT * FROM remote_account");
	broom_open();
	players_open();
	/* What every schedule finds there. */
	world_begins(0);
	sim.calm = true;
	for (int i = 0; i < 3; i++)
		works_off(true);
	fake_free(cal.fake);
	files_open(&files_kept);
	return *sim.bad ? -1 : 0;
}

static int
world_close(void **state)
{
	broom_close();
	players_close();
	clock_fake(0);
	rand_unseed();
	return db_teardown(state);
}

#endif
