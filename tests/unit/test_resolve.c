/* What follows from a person's answer to a conflict: for all of it, field by field, or by what was
 * entered; and what then is sent, by the table that decides. */
#include "unit/unit.h"

#include "agree/answer.h"

static const struct merge_group groups[] = {
	{ .name = "time", .members = { "start", "end", "allDay", "timeZone" } },
};
static const struct merge_rules rules = { .groups = groups, .n_groups = 1 };

/* "-" is a version that is not there. */
static json *
version(const char *text)
{
	json *j = NULL;

	if (strcmp(text, "-") != 0)
		assert_ok(json_parse(&cx, "The case", str_c(text), &j));
	return j;
}

static const char fields[] =
    "[{\"field\":\"title\",\"base\":\"a\",\"local\":\"b\",\"remote\":\"c\"},"
    "{\"field\":\"time\",\"base\":{\"start\":1,\"end\":2},\"local\":{\"start\":3,\"end\":4},"
    "\"remote\":{\"start\":5,\"end\":6}},{\"field\":\"place\",\"local\":\"here\"}]";
static const char base[] = "{\"title\":\"a\",\"start\":1,\"end\":2,\"color\":\"red\"}";
static const char here[] =
    "{\"title\":\"b2\",\"start\":3,\"end\":4,\"place\":\"here\",\"color\":\"blue\"}";

static struct answered
answered(const struct answer *answer, const char *f, const char *b, const char *h)
{
	const struct answer_in in = {
		.answer = answer,
		.fields = version(f),
		.base = version(b),
		.here = version(h),
	};
	struct answered out;

	answer_apply(cx.a, &rules, &in, &out);
	return out;
}

static void
is(const json *got, const char *want)
{
	if (!value_same(cx.a, got, version(want)))
		flunk("got %s, not %s", json_text(cx.a, got), want);
}

/* The fields that go out once what was there is agreed on. */
static size_t
sent(const struct answered *w)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in in = {
		.base = w->base,
		.local = w->value,
		.remote = w->base,
		.policy = &facts,
	};
	struct merged m;

	merge(cx.a, &rules, &in, &m);
	assert_int_equal(m.n_collisions, 0);
	return m.to_remote.n;
}

static void
ours_stands_as_it_is_by_now_and_theirs_is_kept(void **state)
{
	const struct answer all = { .pick = PICK_LOCAL };
	struct answered w = answered(&all, fields, base, here);

	(void)state;
	is(w.value, here);
	is(w.base, "{\"title\":\"c\",\"start\":5,\"end\":6,\"color\":\"red\"}");
	is(w.kept, "{\"title\":\"c\",\"time\":{\"start\":5,\"end\":6}}");
	assert_int_equal(sent(&w), 5);
	assert_string_equal(w.reason,
	    "A conflict was answered: title as it is here, time as it is here, place as it is "
	    "here.");
}

static void
theirs_is_taken_over_and_what_was_edited_here_since_is_kept(void **state)
{
	const struct answer all = { .pick = PICK_REMOTE };
	struct answered w = answered(&all, fields, base, here);

	(void)state;
	is(w.value, "{\"title\":\"c\",\"start\":5,\"end\":6,\"color\":\"blue\"}");
	is(w.kept,
	    "{\"title\":\"b2\",\"time\":{\"start\":3,\"end\":4},"
	    "\"place\":\"here\"}");
	assert_int_equal(sent(&w), 1);
}

static void
each_field_is_answered_by_itself(void **state)
{
	const struct answer each = {
		.fields = version("{\"title\":{\"side\":\"remote\"},\"time\":{\"side\":\"local\"},"
				  "\"place\":{\"value\":\"elsewhere\"}}"),
	};
	struct answered w = answered(&each, fields, base, here);

	(void)state;
	is(w.value,
	    "{\"title\":\"c\",\"start\":3,\"end\":4,\"place\":\"here\",\"color\":\"blue\"}");
	is(w.entered, "{\"place\":\"elsewhere\"}");
	is(w.kept, "{\"title\":\"b2\",\"time\":{\"start\":5,\"end\":6}}");
	assert_string_equal(json_str(json_nth(w.fields, 0), "chosen"), "remote");
	assert_string_equal(json_str(json_nth(w.fields, 1), "chosen"), "local");
	assert_string_equal(json_str(json_nth(w.fields, 2), "chosen"), "edited");
}

static void
of_a_group_what_is_entered_is_entered_by_member(void **state)
{
	const struct answer each = {
		.fields = version("{\"title\":{\"side\":\"local\"},\"place\":{\"side\":\"local\"},"
				  "\"time\":{\"value\":{\"start\":9}}}"),
	};
	struct answered w = answered(&each, fields, base, here);

	(void)state;
	is(w.entered, "{\"start\":9}");
	is(w.value, here);
}

/* By what was written of the whole since: a place that its series had, and that stayed with it. */
static void
what_differs_in_a_part_is_looked_at_once_it_is_answered(void **state)
{
	static const char asked[] =
	    "[{\"field\":\"@20270108\",\"local\":{\"status\":\"cancelled\"},"
	    "\"remote\":{\"title\":\"b\",\"location\":\"c\"}}]";
	const struct answer theirs = { .pick = PICK_REMOTE };

	(void)state;
	assert_true(answered(&theirs, asked, "{}", here).look);
	assert_false(answered(&theirs, fields, base, here).look);
}

static void
an_edit_against_a_deletion_is_answered_by_side_or_by_what_it_shall_be(void **state)
{
	static const char gone_here[] = "[{\"field\":\"deleted\",\"base\":false,\"local\":true,"
					"\"remote\":false,\"value\":{\"title\":\"c\"}}]";
	static const char gone_there[] = "[{\"field\":\"deleted\",\"base\":false,\"local\":false,"
					 "\"remote\":true}]";
	const struct answer stays = { .fields = version("{\"deleted\":{\"value\":false}}") };
	const struct answer goes = { .fields = version("{\"deleted\":{\"value\":true}}") };
	struct answered w = answered(&stays, gone_there, base, here);

	(void)state;
	is(w.value, here);
	assert_null(w.base);
	assert_string_equal(json_str(json_nth(w.fields, 0), "chosen"), "local");
	w = answered(&goes, gone_there, base, here);
	assert_null(w.value);
	assert_null(w.base);
	w = answered(&goes, gone_here, base, "-");
	assert_null(w.value);
	is(w.base, "{\"title\":\"c\"}");
	w = answered(&stays, gone_here, base, "-");
	is(w.value, "{\"title\":\"c\"}");
	is(w.base, "{\"title\":\"c\"}");
	assert_true(w.look);
}

/* Two places ask of the same deletion, each edited in its own way: whoever is answered second is
 * merged with what the first has brought back, from what was agreed on there. */
static void
what_was_brought_back_by_another_answer_is_merged_from_what_was_agreed_on(void **state)
{
	static const char gone_here[] = "[{\"field\":\"deleted\",\"base\":false,\"local\":true,"
					"\"remote\":false,\"value\":{\"title\":\"d\"}}]";
	const struct answer theirs = { .pick = PICK_REMOTE };
	struct answered first = answered(&theirs, gone_here, base, "-");
	struct answered second = answered(&theirs, gone_here, base, json_text(cx.a, first.value));

	(void)state;
	is(second.value, "{\"title\":\"d\"}");
	is(second.base, base);
	assert_true(second.look);
}

static void
what_has_gone_here_since_is_decided_anew(void **state)
{
	const struct answer all = { .pick = PICK_LOCAL };
	struct answered w = answered(&all, fields, base, "-");

	(void)state;
	assert_true(w.look);
	assert_null(w.value);
	is(w.kept, "{\"title\":\"c\",\"time\":{\"start\":5,\"end\":6}}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ours_stands_as_it_is_by_now_and_theirs_is_kept),
		TEST(theirs_is_taken_over_and_what_was_edited_here_since_is_kept),
		TEST(each_field_is_answered_by_itself),
		TEST(of_a_group_what_is_entered_is_entered_by_member),
		TEST(what_differs_in_a_part_is_looked_at_once_it_is_answered),
		TEST(an_edit_against_a_deletion_is_answered_by_side_or_by_what_it_shall_be),
		TEST(what_was_brought_back_by_another_answer_is_merged_from_what_was_agreed_on),
		TEST(what_has_gone_here_since_is_decided_anew),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
