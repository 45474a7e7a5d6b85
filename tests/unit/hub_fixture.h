/*
 * hub_fixture.h - the application's calendar and two calendars of a service (hub_there.h), "a" and
 * "b", each a connection that both sides write, through real runs and the real lane of the outbox.
 */
#ifndef HUB_FIXTURE_H
#define HUB_FIXTURE_H

#include "fault_point.h"
#include "hub_there.h"

#include <sys/wait.h>

#include "base/rand.h"
#include "event/event.h"
#include "queue/event_edit.h"
#include "queue/orphan.h"
#include "queue/queue.h"
#include "send/sender.h"
#include "store/conflict.h"
#include "sync/engine.h"
#include "sync/task.h"
#include "sync/write/outlet.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#define CONN_A "00000000-0000-7000-8000-0000000000c1"
#define CONN_B "00000000-0000-7000-8000-0000000000c2"

/* --- the world --- */

static enum rc
outbox_turn(struct ctx *c, struct db *d, struct parcel *p)
{
	return outlet_work(c, d, &p->lane);
}
static const struct sender outbox_sender = { .work = outbox_turn };

static inline void
connect(const char *id, const char *calendar, const char *more)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" OWNER "', 'cal', 'Calendar %s', '{\"calendar\":\"%s\"%s}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('%s', '" OWNER "', 1, 'ok', '15min', 15, 1);",
	    id, calendar, calendar, more, id));
}

static int
hub_setup(void **state)
{
	if (db_setup(state))
		return -1;
	cals = mmap(
	    NULL, CALS * sizeof *cals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cals == MAP_FAILED)
		return -1;
	/* Processes die here, power does not fail. */
	sqlite3_exec(sqlite_handle(db->engine), "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	sender_use(LANE_OUTBOX, &outbox_sender);
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'ann', 'member', 1)");
	return 0;
}

static int
hub_teardown(void **state)
{
	munmap(cals, CALS * sizeof *cals);
	return db_teardown(state);
}

/* --- runs --- */

static enum rc
ask_write(struct ctx *c, struct db *d, void *arg)
{
	struct conn conn;
	const char *id;

	TRY(conn_get(c, d, OWNER, arg, &conn));
	return sync_enqueue(c, d, &conn, "manual", &id);
}

/* One that is asked for already is not asked for again. */
static inline void
ask_sync(const char *conn_id)
{
	if (db_write(&cx, db, ask_write, (void *)conn_id) != RC_OK)
		assert_int_equal(cx.err.kind, E_RUNNING);
	cx.err = (struct err){ 0 };
}

/* All that was asked for. */
static inline enum rc
runs_all(struct ctx *c, struct db *d)
{
	struct claim_state st = { 0 };
	bool found = true;

	while (found) {
		struct job job = { 0 };

		TRY(queue_claim(c, d, &st, NULL, &found, &job));
		if (found)
			TRY(job.run.task ? task_run(c, d, &job) : engine_run(c, d, &job));
	}
	return RC_OK;
}

/* One run of it; as it is then. */
static inline struct run
reads(const char *conn_id)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	bool found;

	ask_sync(conn_id);
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_ok(engine_run(&cx, db, &job));
	assert_ok(run_latest(&cx, db, OWNER, conn_id, &r));
	return r;
}

/* And all that is to be sent. */
static inline enum rc
work_all(struct ctx *c, struct db *own)
{
	volatile sig_atomic_t stop = 0;

	TRY(runs_all(c, own));
	return sender_all(c, own, &stop);
}

/* As the worker does. */
static inline void
sends(void)
{
	struct ctx own = { .a = arena_new("sends", 64 << 20, 0) };
	volatile sig_atomic_t stop = 0;

	assert_ok(sender_all(&own, db, &stop));
	arena_free(own.a);
}

/* Everything, until nothing is left. */
static inline void
settles(void)
{
	for (int i = 0; i < 2; i++) {
		ask_sync(CONN_A);
		if (raw_number("SELECT count(*) FROM connection WHERE id = '" CONN_B "'"))
			ask_sync(CONN_B);
		assert_ok(runs_all(&cx, db));
		sends();
	}
}

/* --- kills --- */

/* In a process that dies at its n-th step. False: it came to its end before. */
static inline bool
dies(enum rc (*work)(struct ctx *, struct db *), int at)
{
	int64_t reaped;
	char n[16];
	pid_t pid;
	int status;

	snprintf(n, sizeof n, "%d", at);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct ctx mine = { .a = arena_new("child", (size_t)1 << 29, 0) };
		struct db *own;

		setenv("TIDEMARK_STEP_KILL", n, 1);
		if (db_open(&mine, 0, &own) != RC_OK)
			_exit(3);
		_exit(work(&mine, own) == RC_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	assert_ok(queue_reap(&cx, db, pid, E_INTERRUPTED, &reaped));
	assert_ok(orphan_lanes(&cx, db, pid, clock_ms()));
	return true;
}

/* Likewise one that ends because a statement fails: the first time of each. */
static inline bool
fails_at(enum rc (*work)(struct ctx *, struct db *), int at)
{
	int64_t reaped;

	if (!fault_meets(work, at, 1))
		return false;
	assert_ok(queue_reap(&cx, db, getpid(), E_INTERRUPTED, &reaped));
	assert_ok(orphan_lanes(&cx, db, getpid(), clock_ms()));
	return true;
}

typedef bool struck_fn(enum rc (*work)(struct ctx *, struct db *), int at);

/* What waits for a time waits no longer, as if that had passed. */
static inline void
time_passes(void)
{
	raw("UPDATE outbox SET next_at = 1 WHERE next_at IS NOT NULL;"
	    "UPDATE lane SET due_at = 1, hold_until = 0 WHERE kind = 'outbox';"
	    "UPDATE sync SET wait_until = 0");
}

/* --- the application --- */

struct app_edit {
	const char *id; /* NULL: a new one */
	const char *said;
	char made[UUID_TEXT];
};

static enum rc
app_write(struct ctx *c, struct db *d, void *arg)
{
	struct app_edit *w = arg;
	struct event_row e = { .owner = OWNER };
	struct complaints wrong = { 0 };
	struct edit edit = { .owner = OWNER, .actor = "ann", .now = clock_ms() };
	json *value = NULL;

	if (w->id) {
		TRY(event_get(c, d, OWNER, w->id, &e));
		edit.before = json_stored(c->a, e.value);
	}
	if (w->said)
		TRY(event_take(c, &wrong, edit.before, json_stored(c->a, w->said), &value));
	edit.after = value;
	TRY(event_edit(c, d, &edit, &e));
	snprintf(w->made, sizeof w->made, "%s", e.id);
	return RC_OK;
}

static inline const char *
made_here(const char *title, const char *day)
{
	struct app_edit w = {
		.said = arena_printf(cx.a,
		    "{\"title\":\"%s\",\"startDateTime\":\"%sT10:00:00Z\","
		    "\"endDateTime\":\"%sT11:00:00Z\"}",
		    title, day, day),
	};

	assert_ok(db_write(&cx, db, app_write, &w));
	return arena_dup(cx.a, w.made);
}

/* said NULL: deleted. */
static inline void
edited_here(const char *id, const char *said)
{
	struct app_edit w = { .id = id, .said = said };

	assert_ok(db_write(&cx, db, app_write, &w));
}

/* The title of an event here; "-": it is gone. */
static inline const char *
title_here(const char *id)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return e.deleted_at ? "-" : json_str(json_stored(cx.a, e.value), "title");
}

static inline int64_t
events_here(void)
{
	return raw_number("SELECT count(*) FROM event WHERE deleted_at IS NULL");
}

/* In order, each with a comma behind it. */
static inline const char *
titles_sorted(const char **v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (strcmp(v[k], v[i]) < 0) {
				const char *x = v[i];

				v[i] = v[k];
				v[k] = x;
			}
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s,", v[i]);
	return buf_c(out);
}

/* The titles of all events here. */
static inline const char *
titles_here(void)
{
	char *text = (char *)raw_lines("SELECT value FROM event WHERE deleted_at IS NULL", 0);
	struct buf *b = buf_in(cx.a, 1 << 16);
	const char *v[100];
	size_t n = 0;

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l && n < 100;
	     l = strtok_r(NULL, "\n", &save))
		v[n++] = json_str(json_stored(cx.a, l), "title");
	return titles_sorted(v, n, b);
}

/* What the statement finds first. */
static inline const char *
first_of(const char *sql)
{
	const char *text = raw_lines(sql, 0);

	return arena_dup_str(cx.a, (struct str){ text, strcspn(text, "\n") });
}

/* The only event here, or the newest. */
static inline const char *
newest_here(void)
{
	return first_of("SELECT id FROM event ORDER BY id DESC");
}

/* --- what must hold --- */

static inline int64_t
all_writes(void)
{
	return cals[0].writes + cals[1].writes +
	    raw_number("SELECT COALESCE(sum(rev), 0) FROM event") * 1000 +
	    raw_number("SELECT count(*) FROM change") * 1000000;
}

/* Nothing is written anywhere any more, however often it is done, also when all is read. */
static inline void
assert_silence(int times)
{
	int64_t before = all_writes();

	for (int i = 0; i < times; i++) {
		cals[0].oldest = cals[1].oldest = i == times / 2 ? INT64_MAX : 0;
		settles();
	}
	assert_int_equal(all_writes(), before);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM link WHERE state NOT IN ('synced', 'skipped')"), 0);
}

#define HUB_TEST(f) cmocka_unit_test_setup_teardown(f, hub_setup, hub_teardown)

#endif
