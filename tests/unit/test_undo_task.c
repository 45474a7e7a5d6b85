/* What a run that takes something back is told, and how far it has come: what is written down is
 * what is read again after an interruption. */
#include "unit/unit.h"

#include "base/json.h"
#include "queue/undo.h"

static struct undo
again(const struct undo *u)
{
	const struct run run = {
		.owner = "ann",
		.connection_id = "c1",
		.task = undo_text(cx.a, u),
	};
	struct undo out;

	assert_true(undo_read(cx.a, &run, &out));
	assert_string_equal(out.owner, "ann");
	assert_string_equal(out.conn_id, "c1");
	return out;
}

static void
a_task_is_read_as_it_was_written(void **state)
{
	struct undo whole = {
		.by = "Ann",
		.sync_id = "s1",
		.at = "2026-11-26T09:00:00Z",
		.runs = json_stored(cx.a, "[{\"no\":7},{\"no\":5}]"),
		.records = true,
	};
	const struct undo one = {
		.by = "Bob",
		.object = { .kind = "record", .dataset_no = 4, .key = "k" },
		.change = 9,
	};
	struct undo got;

	(void)state;
	got = again(&whole);
	assert_string_equal(got.by, "Ann");
	assert_string_equal(got.sync_id, "s1");
	assert_string_equal(got.at, "2026-11-26T09:00:00Z");
	assert_string_equal(json_text(cx.a, got.runs), "[{\"no\":7},{\"no\":5}]");
	assert_true(got.records);
	assert_null(got.object.kind);
	assert_int_equal(got.change, 0);
	whole.records = false;
	assert_false(again(&whole).records);
	got = again(&one);
	assert_string_equal(got.by, "Bob");
	assert_null(got.sync_id);
	assert_null(got.at);
	assert_false(got.records);
	assert_string_equal(got.object.kind, "record");
	assert_int_equal(got.object.dataset_no, 4);
	assert_string_equal(got.object.key, "k");
	assert_int_equal(got.change, 9);
}

static void
another_task_is_none_of_it(void **state)
{
	static const char *const tasks[] = { NULL, "", "{}", "[]", "{\"do\":\"leave\"}",
		"{\"do\":7}" };
	struct undo out;

	(void)state;
	for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
		assert_false(undo_read(cx.a, &(struct run){ .task = tasks[i] }, &out));
}

/* Each place by itself: one that is lost would be gone through twice, or left out. */
static void
where_it_stands_is_read_as_it_was_written(void **state)
{
	const struct undo_at places[] = { { 0 }, { .change = 11 }, { .run = 2 },
		{ .appeared = true }, { .seq = INT64_C(5000000000) }, { .there = true },
		{ .link = "00000000-0000-7000-8000-0000000000a1" }, { .over = true } };

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const struct undo_at *want = &places[i];
		struct undo_at got;

		memset(&got, 0xff, sizeof got);
		undo_at_read(json_stored(cx.a, json_text(cx.a, undo_at_json(cx.a, want))), &got);
		assert_int_equal(got.change, want->change);
		assert_int_equal(got.run, want->run);
		assert_int_equal(got.appeared, want->appeared);
		assert_int_equal(got.seq, want->seq);
		assert_int_equal(got.there, want->there);
		assert_string_equal(got.link, want->link);
		assert_int_equal(got.over, want->over);
	}
}

static void
what_was_never_begun_begins_at_the_beginning(void **state)
{
	struct undo_at at;

	(void)state;
	memset(&at, 0xff, sizeof at);
	undo_at_read(NULL, &at);
	assert_true(!at.change && !at.run && !at.appeared && !at.seq && !at.there && !at.over);
	assert_string_equal(at.link, "");
	undo_at_link(&at, "x");
	assert_string_equal(at.link, "x");
	undo_at_link(&at, NULL);
	assert_string_equal(at.link, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_is_read_as_it_was_written),
		cmocka_unit_test(another_task_is_none_of_it),
		cmocka_unit_test(where_it_stands_is_read_as_it_was_written),
		cmocka_unit_test(what_was_never_begun_begins_at_the_beginning),
	};

	return cmocka_run_group_tests_name("undo task", tests, unit_open, unit_close);
}
