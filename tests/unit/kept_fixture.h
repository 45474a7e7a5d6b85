/*
 * kept_fixture.h - a calendar of which a person has kept most, here or there, when much of it was
 * to go; and asks about it again.
 */
#ifndef KEPT_FIXTURE_H
#define KEPT_FIXTURE_H

#include "hub_fixture.h"

#define DAY "2026-10-05"

enum { MANY = 8, LEFT = 2 };

static inline void
connected(void)
{
	connect(CONN_A, "a", "");
	raw("UPDATE connection SET guard_percent = 30, guard_items = 2");
	for (int i = 0; i < MANY; i++)
		made_there(
		    0, arena_printf(cx.a, "g%02d", i), arena_printf(cx.a, "Event %02d", i), DAY);
	settles();
	assert_int_equal(events_here(), MANY);
}

static inline const char *
event_of(int i)
{
	return first_of(
	    arena_printf(cx.a, "SELECT object_key FROM link WHERE remote_id = 'g%02d'", i));
}

/* The last question; its id NULL: none was ever asked. */
static inline struct run
question(void)
{
	struct run r = { 0 };
	const char *id = first_of("SELECT id FROM sync WHERE review IS NOT NULL ORDER BY no DESC");

	if (*id)
		assert_ok(run_get(&cx, db, OWNER, id, &r));
	return r;
}

static inline int64_t
asked(const char *what)
{
	return json_num(json_stored(cx.a, question().review), what, -1);
}

static inline void
says(const char *answer)
{
	const struct run r = question();
	const char *id;

	assert_ok(sync_answer(&cx, db, OWNER, r.id, answer, &id));
}

static inline void
answered(const char *how)
{
	says(how);
	assert_ok(runs_all(&cx, db));
	sends();
}

static inline enum rc
again_write(struct ctx *c, struct db *d, void *arg)
{
	struct conn conn;
	const char *id;

	(void)arg;
	TRY(conn_get(c, d, OWNER, CONN_A, &conn));
	return sync_reset(c, d, &conn, RESET_ASK, &id);
}

static inline void
asks_again(void)
{
	assert_ok(db_write(&cx, db, again_write, NULL));
}

static inline int64_t
records_here(void)
{
	return raw_number("SELECT count(*) FROM record WHERE deleted IS NULL");
}

static inline void
assert_level(int left)
{
	settles();
	assert_int_equal(events_here(), left);
	assert_int_equal(records_here(), left);
	assert_int_equal(live_there(0), left);
	assert_silence(2);
}

static inline void
kept_here(void)
{
	connected();
	for (int i = LEFT; i < MANY; i++)
		deleted_there(0, thing_at(&cals[0], arena_printf(cx.a, "g%02d", i)));
	assert_string_equal(reads(CONN_A).error_code, "needs_approval");
	answered("keep");
	settles();
	assert_int_equal(events_here(), MANY);
	assert_int_equal(records_here(), MANY);
	assert_string_equal(reads(CONN_A).state, "complete");
}

static inline void
kept_there(void)
{
	connected();
	for (int i = LEFT; i < MANY; i++)
		edited_here(event_of(i), NULL);
	sends();
	assert_int_equal(asked("deletions"), MANY - LEFT);
	answered("keep");
	settles();
	assert_int_equal(live_there(0), MANY);
	assert_int_equal(events_here(), LEFT);
}

#endif
