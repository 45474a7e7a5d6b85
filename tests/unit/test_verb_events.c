/* What can be done with events, as its owner does it: made, changed, deleted, brought back; one
 * occurrence, or it and all that follow. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/events.h"
#include "base/clock.h"

#include "unit/fault_fixture.h"

static struct event_done done;

static const char *
made(const char *text)
{
	assert_ok(events_add(&cx, db, &owner_calls, said(text), &done));
	return done.e.id;
}

static const char *
value_of(const char *id)
{
	struct event_row e;

	assert_ok(event_get(&cx, db, OWNER, id, &e));
	return e.value;
}

static const char *
text_of(const char *id, const char *name)
{
	const char *s = json_str(json_stored(cx.a, value_of(id)), name);

	return s ? s : "(none)";
}

static struct event_place
place(const char *id)
{
	return (struct event_place){ .id = id };
}

static int64_t
changes(void)
{
	return raw_number("SELECT count(*) FROM change");
}

#define TEA \
	"{\"title\":\"Tea\",\"startDateTime\":\"2026-10-05T10:00:00Z\",\"endDateTime\":" \
	"\"2026-10-05T11:00:00Z\",\"timeZone\":\"UTC\"}"
#define DAILY \
	"{\"title\":\"Tea\",\"startDateTime\":\"2026-10-05T10:00:00Z\",\"endDateTime\":" \
	"\"2026-10-05T11:00:00Z\",\"timeZone\":\"UTC\",\"recurrence\":[\"RRULE:FREQ=DAILY;" \
	"COUNT=10\"]}"

static void
an_event_is_made_changed_deleted_and_brought_back(void **state)
{
	const char *id = made(TEA);
	struct event_place at = place(id);

	(void)state;
	assert_int_equal(done.e.rev, 1);
	assert_string_equal(text_of(id, "title"), "Tea");
	assert_ok(events_change(
	    &cx, db, &owner_calls, &at, said("{\"title\":\"Pot\",\"location\":\"Here\"}"), &done));
	assert_int_equal(done.e.rev, 2);
	assert_int_equal(json_len(done.lost), 0);
	assert_string_equal(text_of(id, "title"), "Pot");
	assert_string_equal(text_of(id, "startDateTime"), "2026-10-05T10:00:00Z");
	/* What is as it was is no edit. */
	ok_once(events_change(&cx, db, &owner_calls, &at, said("{\"title\":\"Pot\"}"), &done));
	assert_int_equal(done.e.rev, 2);
	assert_int_equal(changes(), 2);
	/* Somebody else was first. */
	at.rev = 1;
	assert_error(
	    events_change(&cx, db, &owner_calls, &at, said("{\"title\":\"X\"}"), &done), E_STALE);
	assert_error(events_remove(&cx, db, &owner_calls, &at, &done), E_STALE);
	at.rev = 2;
	assert_error(events_restore(&cx, db, &owner_calls, &at, &done), E_STATE);
	assert_ok(events_remove(&cx, db, &owner_calls, &at, &done));
	assert_int_equal(raw_number("SELECT count(*) FROM event WHERE deleted_at IS NOT NULL"), 1);
	assert_error(events_remove(&cx, db, &owner_calls, &at, &done), E_GONE);
	assert_ok(events_restore(&cx, db, &owner_calls, &at, &done));
	assert_string_equal(text_of(id, "location"), "Here");
	assert_int_equal(changes(), 4);
	assert_string_equal(
	    audited(), "event made\nevent changed\nevent deleted\nevent restored\n");
}

static void
what_is_wrong_is_said_and_nothing_is_written(void **state)
{
	const char *id = made(TEA);
	struct event_place at = place(id);

	(void)state;
	assert_error(events_add(&cx, db, &owner_calls, said("{\"title\":\"x\"}"), &done), E_INPUT);
	assert_string_equal(wrong_field(), "startDateTime");
	assert_error(events_change(&cx, db, &owner_calls, &at,
			 said("{\"endDateTime\":\"2026-10-05T09:00:00Z\"}"), &done),
	    E_INPUT);
	assert_error(
	    events_add(&cx, db, owner_may(SCOPE_READ | SCOPE_SYNC), said(TEA), &done), E_FORBIDDEN);
	assert_error(
	    events_change(&cx, db, owner_may(SCOPE_READ), &at, said("{}"), &done), E_FORBIDDEN);
	assert_error(events_remove(&cx, db, owner_may(SCOPE_SYNC), &at, &done), E_FORBIDDEN);
	assert_error(events_restore(&cx, db, owner_may(SCOPE_SYNC), &at, &done), E_FORBIDDEN);
	assert_error(events_change(&cx, db, other_calls(), &at, said("{}"), &done), E_NOT_FOUND);
	assert_error(events_remove(&cx, db, other_calls(), &at, &done), E_NOT_FOUND);
	assert_int_equal(changes(), 1);
	assert_string_equal(text_of(id, "title"), "Tea");
}

static void
one_occurrence_is_changed_and_left_out(void **state)
{
	const char *id = made(DAILY);
	struct event_place at = { .id = id, .slot = "2026-10-07T10:00:00Z" };

	(void)state;
	assert_ok(events_change_one(
	    &cx, db, &owner_calls, &at, said("{\"title\":\"Green tea\"}"), &done));
	assert_non_null(strstr(value_of(id), "\"@20261007T100000Z\":{\"title\":\"Green tea\"}"));
	/* As the series has it: that differs in nothing. */
	assert_ok(
	    events_change_one(&cx, db, &owner_calls, &at, said("{\"title\":\"Tea\"}"), &done));
	assert_null(strstr(value_of(id), "@20261007"));
	assert_ok(events_remove_one(&cx, db, &owner_calls, &at, &done));
	assert_non_null(strstr(value_of(id), "\"@20261007T100000Z\":{\"status\":\"cancelled\"}"));
	at.slot = "2026-10-07T10:30:00Z";
	assert_error(
	    events_change_one(&cx, db, &owner_calls, &at, said("{\"title\":\"x\"}"), &done),
	    E_NOT_FOUND);
	at.slot = "2026-10-15T10:00:00Z";
	assert_error(events_remove_one(&cx, db, &owner_calls, &at, &done), E_NOT_FOUND);
	at.slot = "2026-10-14T10:00:00Z";
	assert_ok(events_remove_one(&cx, db, &owner_calls, &at, &done));
	/* One that is no series has none. */
	at = (struct event_place){ .id = made(TEA), .slot = "2026-10-05T10:00:00Z" };
	assert_error(events_remove_one(&cx, db, &owner_calls, &at, &done), E_NOT_FOUND);
}

static void
it_and_all_that_follow_are_a_series_of_their_own(void **state)
{
	const char *id = made(DAILY);
	struct event_place at = {
		.id = id,
		.slot = "2026-10-08T10:00:00Z",
		.following = true,
	};

	(void)state;
	assert_ok(
	    events_change_one(&cx, db, &owner_calls, &at, said("{\"title\":\"Later\"}"), &done));
	assert_non_null(done.following.id);
	assert_string_not_equal(done.following.id, id);
	assert_string_equal(text_of(done.following.id, "title"), "Later");
	assert_string_equal(text_of(done.following.id, "startDateTime"), "2026-10-08T10:00:00Z");
	assert_string_equal(text_of(id, "title"), "Tea");
	assert_non_null(strstr(value_of(id), "UNTIL=20261008T095959Z"));
	assert_non_null(strstr(value_of(done.following.id), "COUNT=7"));
	/* From the first on it is the whole series. */
	at.slot = "2026-10-05T10:00:00Z";
	assert_ok(
	    events_change_one(&cx, db, &owner_calls, &at, said("{\"title\":\"First\"}"), &done));
	assert_null(done.following.id);
	assert_string_equal(text_of(id, "title"), "First");
	at.slot = "2026-10-06T10:00:00Z";
	assert_ok(events_remove_one(&cx, db, &owner_calls, &at, &done));
	assert_null(done.following.id);
	assert_non_null(strstr(value_of(id), "UNTIL=20261006T095959Z"));
	at.slot = "2026-10-05T10:00:00Z";
	assert_ok(events_remove_one(&cx, db, &owner_calls, &at, &done));
	assert_int_equal(raw_number("SELECT count(*) FROM event WHERE deleted_at IS NULL"), 1);
}

static void
what_has_no_place_any_more_is_named(void **state)
{
	const char *id = made(DAILY);
	struct event_place one = { .id = id }, at = place(id);

	(void)state;
	for (int i = 0; i < 7; i++) {
		one.slot = arena_printf(cx.a, "2026-10-%02dT10:00:00Z", 8 + i);
		assert_ok(events_change_one(
		    &cx, db, &owner_calls, &one, said("{\"title\":\"Other\"}"), &done));
	}
	assert_ok(events_change(&cx, db, &owner_calls, &at,
	    said("{\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=4\"]}"), &done));
	assert_int_equal(json_len(done.lost), 6);
	assert_non_null(strstr(raw_lines("SELECT reason FROM change ORDER BY no DESC LIMIT 1", 0),
	    "The series does not come any more on 2026-10-09 10:00, 2026-10-10 10:00, "
	    "2026-10-11 10:00, 2026-10-12 10:00, 2026-10-13 10:00 and at 1 further times: what "
	    "was different there has gone with it."));
	assert_non_null(strstr(value_of(id), "@20261008T100000Z"));
}

static void
an_event_without_a_provider_has_arrived(void **state)
{
	const char *id = made(TEA);
	bool settled = false;

	(void)state;
	assert_ok(events_arrived(&cx, db, OWNER, id, &settled));
	assert_true(settled);
}

#define CAL "00000000-0000-7000-8000-0000000000ca"
#define BASE "00000000-0000-7000-8000-0000000000ba"

static bool
is_waited_for(const char *id)
{
	bool settled = false;

	assert_ok(events_arrived(&cx, db, OWNER, id, &settled));
	return !settled;
}

/* It has been read once. */
static void
connected(const char *conn_id, const char *provider, const char *config)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" OWNER "', '%s', 'Its', '%s', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at, last_success_at) "
	    "VALUES ('%s', '" OWNER "', 1, 'ok', 'hourly', 60, 1, 1)",
	    conn_id, provider, config, conn_id));
}

static void
an_answer_waits_for_a_place_that_takes_it_now(void **state)
{
	const char *id;

	(void)state;
	connected(CAL, "google-calendar", "{\"calendar\":\"primary\"}");
	id = made(TEA);
	assert_true(is_waited_for(id));
	/* The service has asked to be left alone. */
	raw("UPDATE lane SET due_at = due_at + 60000, hold_until = due_at + 60000");
	assert_false(is_waited_for(id));
	raw("UPDATE lane SET pid = 1");
	assert_true(is_waited_for(id));
	/* Its account lets nobody in. */
	raw("UPDATE lane SET pid = 0, due_at = NULL");
	assert_false(is_waited_for(id));
}

static void
an_answer_does_not_wait_for_the_end_of_a_read(void **state)
{
	const char *id;

	(void)state;
	connected(BASE, "notion",
	    "{\"dataSource\":\"00000000-0000-4000-8000-00000000000d\",\"mode\":\"calendar\"}");
	id = made(TEA);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 1);
	assert_false(is_waited_for(id));
	raw("UPDATE connection SET cursor = '{\"source\":{}}'");
	assert_true(is_waited_for(id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		verb_test(an_event_is_made_changed_deleted_and_brought_back),
		verb_test(what_is_wrong_is_said_and_nothing_is_written),
		verb_test(one_occurrence_is_changed_and_left_out),
		verb_test(it_and_all_that_follow_are_a_series_of_their_own),
		verb_test(what_has_no_place_any_more_is_named),
		verb_test(an_event_without_a_provider_has_arrived),
		verb_test(an_answer_waits_for_a_place_that_takes_it_now),
		verb_test(an_answer_does_not_wait_for_the_end_of_a_read),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
