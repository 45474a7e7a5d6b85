/* Pages that were written just now, and that the index of Notion, two minutes late, does not tell
 * of yet: a read of everything looks at them, and takes what it finds; what it cannot look at is
 * left undecided. */
#include "unit/notion_read_fixture.h"

#include "provider/notion/event.h"

enum { YOUNG_LOOKS = 100 };

static json *young_now; /* {key: true} */
static int young_asked;

static enum rc
keys_of(struct ctx *c, const struct young *y, json *keys)
{
	(void)c;
	(void)y;
	young_asked++;
	for (struct json_iter it = { 0 }; json_each(young_now, &it);)
		json_set_bool(keys, it.key, true);
	return RC_OK;
}

static const struct young young = { keys_of };

static const char *
event_made(const char *name)
{
	const char *id = page(arena_printf(cx.a,
	    "\"Name\": {\"title\": [{\"text\": {\"content\": \"%s\"}}]}, "
	    "\"When\": {\"date\": {\"start\": \"2026-11-0%d\"}}",
	    name, 1 + (int)json_len(young_now) % 9));

	json_set_bool(young_now, id, true);
	return id;
}

/* The calendar has been read, and holds one page of which the index knows. */
static void
begun(void)
{
	young_now = json_new(cx.a);
	young_asked = 0;
	control("{\"quota\": {\"notion\": {\"user\": 0}}}");
	event_made("Old");
	clock_step_to(clock_ms() + 10 * MINUTE_MS);
	begin(CALENDAR);
	from.young = &young;
	assert_ok(reads());
	young_now = json_new(cx.a);
	young_asked = 0;
	control("{\"notion_lag_ms\": 110000}");
}

static enum rc
reads_all(void)
{
	enum rc rc;

	from.asked = true;
	rc = reads();
	from.asked = false;
	return rc;
}

static int
looks(void)
{
	int n = 0;

	for (const char *p = buf_c(did.asked); (p = strstr(p, "GET /v1/pages/")); p++)
		n++;
	return n;
}

/* What came. */
static struct {
	const char *v[2000];
	size_t n;
	int unread;
} came;

static enum rc
twin_came(struct ctx *c, struct twin_sink *sink, const struct twin *t)
{
	(void)c;
	(void)sink;
	came.unread += t->unread;
	if (t->values)
		came.v[came.n++] = arena_dup(cx.a, json_str(t->values, "title"));
	else if (!t->unread)
		came.v[came.n++] = "(gone)";
	return RC_OK;
}

static int
order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char *
twins(void)
{
	struct twin_sink sink = { .twin = twin_came };
	struct fixture_page pages[READ_PAGES];
	struct page_in in[READ_PAGES];
	const size_t n = pages_in(pages, in);
	struct buf *b = buf_in(cx.a, 1 << 16);

	came.n = 0;
	came.unread = 0;
	assert_ok(reader_notion.twins(&cx, &from, in, n, &sink));
	qsort(came.v, came.n, sizeof *came.v, order);
	for (size_t i = 0; i < came.n; i++)
		buf_printf(b, "%s%s", i ? " " : "", came.v[i]);
	return buf_c(b);
}

static void
shares(const char *id, bool yes)
{
	control(arena_printf(cx.a,
	    "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": %s}}", id,
	    yes ? "true" : "false"));
}

static void
a_page_that_the_index_does_not_tell_of_yet_is_told_of_by_a_look(void **state)
{
	(void)state;
	begun();
	event_made("Tea");
	event_made("Choir");
	event_made("Board");
	assert_ok(reads_all());
	assert_false(did.delta);
	assert_false(json_has(from.cursor, "looked"));
	assert_int_equal(looks(), 3);
	assert_string_equal(twins(), "Board Choir Old Tea");
	assert_int_equal(rows_of(rows_read()), 4);
	assert_false(json_has(from.cursor, "undecided"));
	/* Of what the index tells no look is made. */
	clock_step_by(3 * MINUTE_MS);
	assert_ok(reads_all());
	assert_int_equal(looks(), 0);
	assert_string_equal(twins(), "Board Choir Old Tea");
}

static void
one_that_is_gone_by_then_is_missing_as_ever(void **state)
{
	const char *other, *id, *here = source;

	(void)state;
	begun();
	other = data_source("Elsewhere", "");
	source = here;
	event_made("Tea");
	trashed(event_made("Trashed"));
	shares(event_made("Hidden"), false);
	id = event_made("Moved");
	fine("POST", arena_printf(cx.a, N "/pages/%s/move", id),
	    arena_printf(cx.a,
		"{\"parent\": {\"type\": \"data_source_id\", \"data_source_id\": \"%s\"}}", other));
	edited(event_made("Undated"), "\"When\": {\"date\": null}");
	assert_ok(reads_all());
	assert_int_equal(looks(), 5);
	/* Nothing is said of those that are gone: a person may have to be asked first. */
	assert_string_equal(twins(), "Old Tea");
	assert_int_equal(came.unread, 0);
}

static void
reads_of_what_was_edited_cost_no_look(void **state)
{
	(void)state;
	begun();
	clock_step_by(10 * MINUTE_MS);
	assert_ok(reads_all());
	young_asked = 0;
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	event_made("Tea");
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	assert_int_equal(young_asked, 0);
}

static void
who_looks_at_the_beginning_alone_looks_at_no_page_by_itself(void **state)
{
	(void)state;
	begun();
	event_made("Tea");
	did.enough = 1;
	assert_ok(reads());
	did.enough = 0;
	assert_int_equal(looks(), 0);
	assert_int_equal(young_asked, 0);
}

static void
more_than_a_hundred_are_left_undecided_until_the_index_must_have_them(void **state)
{
	(void)state;
	begun();
	for (int i = 0; i < 130; i++)
		event_made(arena_printf(cx.a, "E%d", i));
	assert_ok(reads_all());
	assert_int_equal(looks(), YOUNG_LOOKS);
	twins();
	assert_int_equal(came.n, 1 + YOUNG_LOOKS);
	assert_int_equal(came.unread, 30);
	assert_true(json_flag(from.cursor, "undecided", false));
	/* Not a moment before, whatever is read meanwhile. */
	clock_step_by(NOTION_LAG_MS - 1);
	assert_ok(reads());
	assert_true(did.delta);
	clock_step_by(1);
	young_now = json_new(cx.a);
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
	assert_int_equal(looks(), 0);
	twins();
	assert_int_equal(came.n, 131);
	assert_int_equal(came.unread, 0);
	assert_false(json_has(from.cursor, "undecided"));
	clock_step_by(6 * MINUTE_MS);
	assert_ok(reads());
	assert_true(did.delta);
	assert_string_equal(twins(), "");
}

/* Whether so many are to go is asked of all at once, not of some and then of the rest. */
static void
those_that_are_gone_are_undecided_as_long_as_others_are(void **state)
{
	enum { MADE = 150, GONE = 120, LEFT = MADE - GONE };
	const char *id;

	(void)state;
	begun();
	for (int i = 0; i < MADE; i++) {
		id = event_made(arena_printf(cx.a, "E%d", i));
		if (i < GONE)
			trashed(id);
	}
	assert_ok(reads_all());
	assert_int_equal(looks(), YOUNG_LOOKS);
	assert_string_equal(twins(), "Old");
	assert_int_equal(came.unread, MADE);
	clock_step_by(NOTION_LAG_MS);
	young_now = json_new(cx.a);
	assert_ok(reads());
	twins();
	assert_int_equal(came.n, 1 + LEFT);
	assert_int_equal(came.unread, 0);
}

/* What is missing among the records may be one of those. */
static void
records_of_pages_that_are_left_undecided_are_not_missing(void **state)
{
	(void)state;
	begun();
	for (int i = 0; i < 130; i++)
		event_made(arena_printf(cx.a, "E%d", i));
	assert_ok(reads_all());
	assert_non_null(strstr(rows_read(), "torn\n"));
	clock_step_by(NOTION_LAG_MS);
	young_now = json_new(cx.a);
	assert_ok(reads());
	assert_null(strstr(rows_read(), "torn\n"));
}

/* The index tells of the page as we have made it while it lacks what became of it. */
static void
what_somebody_has_edited_since_is_not_taken_back_by_the_index(void **state)
{
	const char *id;

	(void)state;
	begun();
	control("{\"notion_user\": {\"token\": \"paula\", \"name\": \"Paula\"}}");
	id = event_made("Tea");
	clock_step_by(20 * SECOND_MS);
	bearer = "paula";
	edited(id, TITLE("Theirs"));
	bearer = "n";
	assert_ok(reads_all());
	assert_string_equal(twins(), "Old Theirs");
	/* A page in the list of the next minutes is another one, and looked at. */
	assert_true(json_has(json_at(from.cursor, "looked"), id));
	for (int i = 0; i < 5; i++) {
		clock_step_by(20 * SECOND_MS);
		assert_ok(reads());
		assert_true(did.unchanged || !strstr(twins(), "Tea"));
	}
	clock_step_by(20 * SECOND_MS);
	assert_ok(reads_all());
	assert_string_equal(twins(), "Old Theirs");
}

/* Each page of the spool is read, lost with the process, and read again by what was saved. */
static void
read_with_a_kill_after_each_page(void)
{
	const char *next = NULL;
	bool last = false;

	buf_clear(did.asked);
	from.asked = true;
	for (did.n = 0; !last; did.n++) {
		for (int once = 0; once < 2; once++) {
			struct fetch f = {
				.page = did.n,
				.next = next,
				.write = read_write,
				.rewind = read_rewind,
			};

			did.page[did.n] = buf_in(cx.a, 16 << 20);
			assert_ok(reader_notion.fetch(&cx, &from, &f));
			if (once == 0)
				continue;
			next = f.next_page ? arena_dup(cx.a, f.next_page) : NULL;
			last = !next;
			if (last)
				from.cursor = f.cursor;
		}
	}
	from.asked = false;
}

static void
a_kill_between_two_looks_costs_no_more_than_those_of_one_page(void **state)
{
	(void)state;
	begun();
	for (int i = 0; i < 60; i++)
		event_made(arena_printf(cx.a, "E%d", i));
	read_with_a_kill_after_each_page();
	assert_int_equal(looks(), 2 * 60);
	assert_true(did.n > 3);
	twins();
	assert_int_equal(came.n, 61);
	assert_int_equal(came.unread, 0);
}

static void
a_page_that_is_looked_at_is_there_once(void **state)
{
	const char *id;

	(void)state;
	begun();
	id = event_made("Tea");
	event_made("Choir");
	/* A message has named it, too. */
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\": {\"%s\": true}}", id));
	assert_ok(reads_all());
	from.told = NULL;
	assert_int_equal(looks(), 2);
	assert_string_equal(twins(), "Choir Old Tea");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		read_test(a_page_that_the_index_does_not_tell_of_yet_is_told_of_by_a_look),
		read_test(one_that_is_gone_by_then_is_missing_as_ever),
		read_test(reads_of_what_was_edited_cost_no_look),
		read_test(who_looks_at_the_beginning_alone_looks_at_no_page_by_itself),
		read_test(more_than_a_hundred_are_left_undecided_until_the_index_must_have_them),
		read_test(those_that_are_gone_are_undecided_as_long_as_others_are),
		read_test(records_of_pages_that_are_left_undecided_are_not_missing),
		read_test(what_somebody_has_edited_since_is_not_taken_back_by_the_index),
		read_test(a_kill_between_two_looks_costs_no_more_than_those_of_one_page),
		read_test(a_page_that_is_looked_at_is_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
