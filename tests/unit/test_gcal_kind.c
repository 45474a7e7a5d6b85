/* Which calendar is meant: by its id, or by one of the links that Google shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include "base/hash.h"
#include "kind/kind.h"

#define GROUP "c_q754@group.calendar.google.com"

static struct arena *a;

/* What is stored, or NULL where the field is complained about. */
static const char *
calendar(const char *given)
{
	json *config = json_new(a), *found;
	const struct kind_given all = { .config = config };

	json_set_str(config, "calendar", given);
	found = kind_check(a, "google-calendar", &all);
	if (json_len(json_at(found, "errors")))
		return NULL;
	return json_str(json_at(found, "config"), "calendar");
}

static void
an_id_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(calendar(NULL), "primary");
	assert_string_equal(calendar("primary"), "primary");
	assert_string_equal(calendar("ann@example.com"), "ann@example.com");
	assert_string_equal(calendar(GROUP), GROUP);
	assert_string_equal(calendar("de.german#holiday@group.v.calendar.google.com"),
	    "de.german#holiday@group.v.calendar.google.com");
}

static void
links_of_google_name_their_calendar(void **state)
{
	const char *packed = base64url_encode(a, str_c(GROUP));

	(void)state;
	assert_string_equal(
	    calendar(arena_printf(a, "https://calendar.google.com/calendar/u/0?cid=%s", packed)),
	    GROUP);
	assert_string_equal(
	    calendar(arena_printf(
		a, "https://calendar.google.com/calendar/r?pli=1&cid=%s%%3D%%3D", packed)),
	    GROUP);
	assert_string_equal(
	    calendar("https://calendar.google.com/calendar/r?cid=ann%40example.com"),
	    "ann@example.com");
	assert_string_equal(calendar(" https://calendar.google.com/calendar/embed?src=c_q754%40"
				     "group.calendar.google.com&ctz=Europe%2FBerlin "),
	    GROUP);
	assert_string_equal(
	    calendar("https://calendar.google.com/calendar/ical/ann%2Btea%40example.com/"
		     "public/basic.ics"),
	    "ann+tea@example.com");
}

static void
a_link_that_names_none_is_refused(void **state)
{
	static const char *const links[] = {
		"https://calendar.google.com/calendar/u/0/r",
		"https://calendar.google.com/calendar/u/0?cid=",
		"https://calendar.google.com/calendar/u/0?cid=%ZZ",
		"https://calendar.google.com/calendar/u/0?cid=!!",
		"https://calendar.google.com/calendar/ical",
		"https://calendar.google.com",
		"https://",
		"https://outlook.example/embed?src=ann%40example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		assert_null(calendar(links[i]));
}

static int
open_arena(void **state)
{
	(void)state;
	a = arena_new("test", 1 << 20, 0);
	return 0;
}

static int
close_arena(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_stays_as_it_is),
		cmocka_unit_test(links_of_google_name_their_calendar),
		cmocka_unit_test(a_link_that_names_none_is_refused),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
