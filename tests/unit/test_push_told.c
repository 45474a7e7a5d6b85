/* What one turn of the outbox leaves behind: what the service has told is believed, and no more is
 * asked of it than is not known. */
#include "unit/hub_fixture.h"

#define DAY "2027-03-04"

static const char *
location_here(const char *id)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return json_str(json_stored(cx.a, e.value), "location");
}

/* The etag of the link is that of the twin, so that the next request needs no look. */
static void
assert_level(const struct thing *twin)
{
	const char *etag = first_of("SELECT etag FROM link");

	assert_string_equal(etag, thing_etag(twin));
	assert_string_equal(first_of("SELECT state FROM link"), LINK_SYNCED);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 0);
}

static void
what_the_service_adds_is_here_with_its_answer(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	settles();
	cals[0].gives_rooms = true;
	id = made_here("Tea", DAY);
	sends();
	assert_string_equal(location_here(id), "Room 5");
	assert_string_equal(title_here(id), "Tea");
	assert_int_equal(cals[0].looks, 0);
	assert_level(twin_there(0, id));
	/* Of what is edited there too. */
	edited_here(id, "{\"title\":\"Coffee\",\"location\":\"Room 1\"}");
	sends();
	assert_string_equal(location_here(id), "Room 5");
	assert_int_equal(cals[0].looks, 0);
	assert_level(twin_there(0, id));
	cals[0].gives_rooms = false;
	assert_silence(3);
}

static void
an_edit_that_was_found_before_the_request_makes_its_answer_no_older(void **state)
{
	const char *id;
	struct thing *twin;

	(void)state;
	connect(CONN_A, "a", "");
	id = made_here("Tea", DAY);
	settles();
	twin = twin_there(0, id);
	edited_there(0, twin, "location", "Room 5");
	edited_here(id, "{\"title\":\"Coffee\"}");
	raw("UPDATE link SET etag = NULL");
	sends();
	assert_int_equal(cals[0].looks, 1);
	assert_string_equal(title_there(twin), "Coffee");
	assert_string_equal(location_here(id), "Room 5");
	assert_level(twin);
	/* It goes without a look. */
	edited_here(id, "{\"title\":\"Cocoa\"}");
	sends();
	assert_int_equal(cals[0].looks, 1);
	assert_string_equal(title_there(twin), "Cocoa");
	settles();
	assert_silence(3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_the_service_adds_is_here_with_its_answer),
		HUB_TEST(an_edit_that_was_found_before_the_request_makes_its_answer_no_older),
	};

	return cmocka_run_group_tests_name("a turn of the outbox", tests, NULL, NULL);
}
