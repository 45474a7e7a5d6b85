/* A copy of ours gives way to what is there by itself while the guard holds what was to be sent to
 * it: whatever is answered, and whenever, no second one is left there. */
#include "kept_fixture.h"

#include "base/step.h"

/* Pages of two, and no more at once in the answer itself. */
static int
in_pieces(void **state)
{
	step_pages(2);
	return hub_setup(state);
}

static int
in_pieces_over(void **state)
{
	step_pages(0);
	return hub_teardown(state);
}

/* The copies of all are held, and one of them is there by itself. */
static struct thing *
held_and_there(void)
{
	struct thing *b;

	connect(CONN_B, "b", "");
	connected();
	for (int i = 0; i < MANY; i++)
		edited_here(event_of(i), "{\"title\":\"Mine\"}");
	sends();
	assert_int_equal(live_there(1), MANY);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = 'held'"), 2 * MANY);
	b = made_there(1, "h1", "Event 07", DAY);
	snprintf(b->uid, sizeof b->uid, "g07@there");
	return b;
}

static void
assert_no_second_one(const struct thing *b)
{
	settles();
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE state = 'held'"), 0);
	assert_int_equal(events_here(), MANY);
	assert_int_equal(live_there(1), MANY);
	assert_false(b->gone);
	assert_silence(2);
}

static void
keeps_beside(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "pull:page") != 0)
		return;
	step_watch(NULL, NULL);
	says("keep");
}

static void
a_copy_gives_way_though_it_has_still_to_follow_an_answer(void **state)
{
	const struct thing *b = held_and_there();

	(void)state;
	step_watch(keeps_beside, NULL);
	reads(CONN_B);
	step_watch(NULL, NULL);
	assert_no_second_one(b);
}

static void
a_copy_that_is_held_gives_way_though_what_is_held_is_kept_afterwards(void **state)
{
	const struct thing *b = held_and_there();

	(void)state;
	reads(CONN_B);
	says("keep");
	assert_no_second_one(b);
}

static void
a_copy_that_is_held_gives_way_though_what_is_held_is_sent_afterwards(void **state)
{
	const struct thing *b = held_and_there();

	(void)state;
	reads(CONN_B);
	says("approve");
	assert_no_second_one(b);
}

#define PIECES_TEST(f) cmocka_unit_test_setup_teardown(f, in_pieces, in_pieces_over)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PIECES_TEST(a_copy_gives_way_though_it_has_still_to_follow_an_answer),
		PIECES_TEST(a_copy_that_is_held_gives_way_though_what_is_held_is_kept_afterwards),
		PIECES_TEST(a_copy_that_is_held_gives_way_though_what_is_held_is_sent_afterwards),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("hub_gives_way", tests, NULL, NULL);
}
