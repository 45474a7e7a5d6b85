/*
 * hub_back.h - an event that is there by itself, and goes there: for tests of what comes back.
 */
#ifndef TESTS_UNIT_HUB_BACK_H
#define TESTS_UNIT_HUB_BACK_H

#include "unit/hub_fixture.h"

#include "app/conflicts.h"
#include "app/events.h"
#include "base/step.h"
#include "unit/caller_fixture.h"

#define DAY "2027-05-04"

static inline int64_t
conflicts_about(const char *field)
{
	return raw_number(arena_printf(
	    cx.a, "SELECT count(*) FROM conflict WHERE fields LIKE '%%\"%s\"%%'", field));
}

/* Calendar "a" with one event that is there by itself. */
static inline const char *
one_is_there(struct thing **t)
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	*t = made_there(0, "g1", "Meeting", DAY);
	settles();
	return newest_here();
}

static inline bool
has_here(const char *id, const char *text)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return strstr(e.value, text) != NULL;
}

/* The room of theirs is here as well, and nobody has been asked about anything. */
static inline void
assert_room_without_conflict(const char *id)
{
	assert_true(has_here(id, "Room 5"));
	assert_int_equal(conflicts_about("title") + conflicts_about("location"), 0);
}

#endif
