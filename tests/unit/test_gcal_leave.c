/* Google Calendar, when a connection is left: what is ours goes, what is anybody else's stays. */
#include "unit/gcal_write_fixture.h"

static struct buf *met; /* "ID object" of each event that was asked about */
/* What somebody does to an event while it is asked about. */
static const char *meanwhile;

/* By the first letter of its id: a person's, one of ours, another installation's. */
static enum rc
known(struct ctx *c, void *arg, const char *key, const char *object, enum leaving_act *out)
{
	(void)c;
	(void)arg;
	buf_printf(met, "%s %s\n", *key == 'p' || *key == 'f' ? key : "*", object ? object : "-");
	*out = LEAVING_ALL;
	if (*key == 'p')
		*out = LEAVING_MARKS;
	else if (*key == 'f')
		*out = LEAVING_NOTHING;
	if (meanwhile &&
	    ask(meanwhile, arena_printf(cx.a, EVENTS "/%s", key),
		strcmp(meanwhile, "DELETE") ? "{\"summary\":\"Edited\"}" : NULL) >= 300)
		flunk("%s %s", meanwhile, key);
	meanwhile = NULL;
	return RC_OK;
}

static struct farewell farewell;

static enum rc
leaves(void)
{
	int calls = 0;

	met = buf_in(cx.a, 1 << 16);
	farewell = (struct farewell){ .known = known };
	forget();
	return reader_gcal.leave(&cx, &there, &farewell, &calls);
}

/* own: its private properties. */
static void
marked(const char *id, const char *own)
{
	if (ask("POST", EVENTS,
		arena_printf(cx.a,
		    "{\"id\":\"%s\",\"summary\":\"Tea\",\"start\":{\"date\":\"2026-10-05\"},"
		    "\"end\":{\"date\":\"2026-10-06\"},\"extendedProperties\":{\"private\":{%s}}}",
		    id, own)) != 200)
		flunk("%s", id);
}

#define MARK "\"tidemark_object\":\"o1\""

static void
the_marks_are_taken_off_what_is_a_persons(void **state)
{
	(void)state;
	marked("pers1", MARK ",\"tidemark_by\":\"x\",\"mine\":\"1\"");
	marked("pers2", "\"mine\":\"1\"");
	marked("foreign1", MARK);
	assert_ok(leaves());
	assert_int_equal(farewell.n, 1);
	assert_int_equal(writes, 1);
	has(buf_c(asked), "PATCH /pers1 ");
	has(buf_c(asked), "\"tidemark_object\":null");
	has(buf_c(asked), "\"tidemark_by\":null");
	has_not(buf_c(asked), "mine");
	/* What has no mark is nobody's business. */
	has(buf_c(met), "pers1 o1\n");
	has(buf_c(met), "foreign1 o1\n");
	has_not(buf_c(met), "pers2");
	/* The second time there is nothing left to do. */
	assert_ok(leaves());
	assert_int_equal(writes, 0);
	assert_string_equal(buf_c(met), "foreign1 o1\n");
}

static void
what_we_have_made_goes_whole_and_nothing_that_we_have_not(void **state)
{
	const char *ours = gcal_id(cx.a, PUSH);

	(void)state;
	marked(ours, MARK);
	marked("abcde", MARK);
	assert_ok(leaves());
	assert_int_equal(farewell.n, 2);
	has(buf_c(asked), arena_printf(cx.a, "DELETE /%s ", ours));
	has(buf_c(asked), "PATCH /abcde ");
	assert_int_equal(writes, 2);
}

static void
what_is_changed_or_deleted_in_the_same_moment_is_left_and_the_rest_goes_on(void **state)
{
	static const char *const ways[] = { "PATCH", "DELETE" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		marked(arena_printf(cx.a, "pers%zua", i), MARK);
		marked(arena_printf(cx.a, "pers%zub", i), MARK);
		meanwhile = ways[i];
		assert_ok(leaves());
		assert_int_equal(writes, 2);
		assert_int_equal(farewell.n, 1);
		assert_int_equal(cx.err.kind, E_NONE);
		/* What was edited is met again. */
		assert_ok(leaves());
		assert_int_equal(farewell.n, strcmp(ways[i], "DELETE") ? 1 : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		write_test(the_marks_are_taken_off_what_is_a_persons),
		write_test(what_we_have_made_goes_whole_and_nothing_that_we_have_not),
		write_test(
		    what_is_changed_or_deleted_in_the_same_moment_is_left_and_the_rest_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
