/* seconds: 20 */
/*
 * A record that two sides write: a run, and somebody else while it is under way. One edit wins, the
 * other is kept and named; nothing is lost, and the next run changes nothing. Built with
 * TIDEMARK_STEPS (build/steps).
 */
#include "writer_fixture.h"

#include "store/feed.h"
#include "store/conflict.h"

#define FIRST "id,v,w\n1,a,x\n2,b,y\n"

/* --- what a plan that is applied later did to a record that somebody else wrote in between --- */

/* By the rules of the feed alone, and without a word of what it was before. */
static void
writes_without_a_word(struct db *own)
{
	(void)own;
	raw("UPDATE record SET seq = (SELECT (no << 40) + next_seq FROM dataset),"
	    " payload = '[\"1\",\"app\",\"x\"]', action = 1, rev = rev + 1 WHERE key = '1';"
	    "UPDATE dataset SET next_seq = next_seq + 1, bytes = (SELECT sum(length(CAST(key AS "
	    "BLOB)) + length(CAST(payload AS BLOB))) FROM record WHERE deleted IS NULL)");
}

static void
a_write_that_nobody_tells_of_is_not_overwritten_either(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(FIRST);
	writer = (struct other_writer){ .line = 3, .fn = writes_without_a_word };
	r = sync_text("id,v,w\n1,remote,x\n2,b,y\n");
	assert_true(writer.done);
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 0, 0, 0, 1);
	assert_string_equal(contents(), "1=[\"1\",\"app\",\"x\"]\n2=[\"2\",\"b\",\"y\"]\n");
	assert_true(is_kept("app"));
	assert_true(is_kept("remote"));
	assert_int_equal(seen_number("SELECT count(*) FROM conflict WHERE state = 'resolved'"), 1);
	assert_quiet();
}

/* --- every edit against every answer of the source, at every moment --- */

static const struct moment {
	const char *name, *step;
	int times;
	int64_t line;
} moments[] = {
	{ .name = "between claim and comparison", .step = "download:write", .times = 1 },
	{ .name = "before the header is compared", .line = 1 },
	{ .name = "before its row is compared", .line = 2 },
	{ .name = "after its row was compared", .line = 3 },
	{ .name = "between comparison and saving", .step = "process:planned", .times = 1 },
	{ .name = "when saving begins", .step = "apply:begun", .times = 1 },
	{ .name = "after the first page", .step = "apply:after-commit", .times = 1 },
	{ .name = "after the second page", .step = "apply:after-commit", .times = 2 },
	{ .name = "when the run has ended", .step = "finish:after-commit", .times = 1 },
};

enum { MOMENTS = sizeof moments / sizeof *moments };

static void
edits_it(struct db *own)
{
	struct seen s;

	edit_see(own, "1", &s);
	assert_ok(edit_put(own, "1", "app", s.there ? s.w : "x"));
}

static void
edits_another_field(struct db *own)
{
	struct seen s;

	edit_see(own, "1", &s);
	assert_ok(edit_put(own, "1", s.there ? s.v : "a", "app"));
}

static void
edits_it_alike(struct db *own)
{
	struct seen s;

	edit_see(own, "1", &s);
	assert_ok(edit_put(own, "1", "remote", s.there ? s.w : "x"));
}

static void
deletes_it(struct db *own)
{
	struct seen s;

	edit_see(own, "1", &s);
	if (s.there)
		assert_ok(edit_put(own, "1", NULL, NULL));
}

static void
edits_it_there_and_back(struct db *own)
{
	struct seen s;

	edit_see(own, "1", &s);
	if (!s.there)
		return;
	assert_ok(edit_put(own, "1", "on the way", s.w));
	assert_ok(edit_put(own, "1", s.v, s.w));
}

#define SAME "id,v,w\n1,a,x\n2,b,z\n"
#define CHANGED "id,v,w\n1,remote,x\n2,b,z\n"
#define GONE "id,v,w\n2,b,z\n3,c,c\n"

/* kept: what must be found somewhere; conflicts: when the edit comes before its record is saved */
static const struct meeting {
	void (*fn)(struct db *);
	const char *text, *record; /* NULL: it is not there */
	const char *kept[3];
	int conflicts;
} meetings[] = {
	{ edits_it, SAME, "[\"1\",\"app\",\"x\"]", { "a", "app" }, 0 },
	{ edits_it, CHANGED, "[\"1\",\"app\",\"x\"]", { "a", "app", "remote" }, 1 },
	{ edits_it, GONE, "[\"1\",\"app\",\"x\"]", { "a", "app" }, 1 },
	{ edits_another_field, SAME, "[\"1\",\"a\",\"app\"]", { "x", "app" }, 0 },
	{ edits_another_field, CHANGED, "[\"1\",\"remote\",\"app\"]", { "a", "app", "x" }, 0 },
	{ edits_another_field, GONE, "[\"1\",\"a\",\"app\"]", { "x", "app" }, 1 },
	{ edits_it_alike, SAME, "[\"1\",\"remote\",\"x\"]", { "a" }, 0 },
	{ edits_it_alike, CHANGED, "[\"1\",\"remote\",\"x\"]", { "a" }, 0 },
	{ deletes_it, SAME, NULL, { "a" }, 0 },
	{ deletes_it, CHANGED, NULL, { "a", "remote" }, 1 },
	{ deletes_it, GONE, NULL, { "a" }, 0 },
	{ edits_it_there_and_back, SAME, "[\"1\",\"a\",\"x\"]", { "a", "on the way" }, 0 },
	{ edits_it_there_and_back, CHANGED, "[\"1\",\"remote\",\"x\"]", { "a" }, 0 },
	{ edits_it_there_and_back, GONE, NULL, { "a" }, 0 },
};

enum { MEETINGS = sizeof meetings / sizeof *meetings };

static const char *
record_one(void)
{
	const char *all = raw_lines(
	    "SELECT payload FROM record WHERE key = '1' AND deleted IS NULL", 0);

	return *all ? all : NULL;
}

static void
start_over(void)
{
	raw("DELETE FROM record; DELETE FROM change; DELETE FROM link; DELETE FROM conflict;"
	    "DELETE FROM dataset; DELETE FROM sync; UPDATE connection SET cursor = NULL;"
	    "UPDATE schedule SET health = 'ok', failing = 0, retry_count = 0, deferrals = 0");
	step_pages(0);
	writer = (struct other_writer){ 0 };
}

static void
meet(const struct meeting *m, const struct moment *at, int which)
{
	int64_t conflicts;
	const char *now, *want = m->record ? arena_printf(cx.a, "%s\n", m->record) : NULL;
	struct run r;

	start_over();
	(void)sync_text(FIRST);
	step_pages(1);
	writer = (struct other_writer){
		.step = at->step,
		.times = at->times,
		.line = at->line,
		.fn = m->fn,
	};
	r = sync_text(m->text);
	/* Where the source has less to be saved, there are fewer moments. */
	if (!writer.done)
		return;
	now = record_one();
	conflicts = seen_number("SELECT count(*) FROM conflict");
	if (strcmp(r.state, "complete"))
		flunk("meeting %d %s: %s %s", which, at->name, r.error_code, r.error_detail);
	if (!now != !want || (want && strcmp(now, want)))
		flunk("meeting %d %s: %s", which, at->name, now ? now : "not there");
	for (size_t i = 0; i < 3 && m->kept[i]; i++)
		if (!is_kept(m->kept[i]))
			flunk("meeting %d %s: %s is lost", which, at->name, m->kept[i]);
	if (conflicts > m->conflicts || (at->line && conflicts < m->conflicts))
		flunk("meeting %d %s: %d conflicts", which, at->name, (int)conflicts);
	assert_string_equal(
	    raw_lines("SELECT payload FROM record WHERE key = '2'", 0), "[\"2\",\"b\",\"z\"]\n");
	assert_quiet();
}

static void
every_edit_meets_every_answer_of_the_source_at_every_moment(void **state)
{
	int done = 0;

	(void)state;
	for (int i = 0; i < MEETINGS; i++)
		for (int k = i % SLOW_SHARE; k < MOMENTS; k += SLOW_SHARE) {
			meet(&meetings[i], &moments[k], i);
			done += writer.done;
		}
	assert_true(done > CASES(MEETINGS * MOMENTS) * 3 / 4);
}

/* --- a record that both make --- */

static void
adds_three(struct db *own)
{
	assert_ok(edit_put(own, "3", "app", "mine"));
}

static void
both_make_the_same_record_and_it_is_one(void **state)
{
	(void)state;
	for (int k = 0; k < MOMENTS; k++) {
		start_over();
		(void)sync_text(FIRST);
		step_pages(1);
		writer = (struct other_writer){
			.step = moments[k].step,
			.times = moments[k].times,
			.line = moments[k].line,
			.fn = adds_three,
		};
		(void)sync_text(FIRST "3,remote,mine\n");
		if (!writer.done)
			continue;
		assert_string_equal(raw_lines("SELECT payload FROM record WHERE key LIKE '3%'", 0),
		    "[\"3\",\"app\",\"mine\"]\n");
		assert_true(is_kept("remote"));
		assert_quiet();
	}
}

/* The rows that repeat a key stay apart, also where somebody has made a record of that key. */
static void
a_key_that_repeats_and_that_somebody_makes_loses_no_row(void **state)
{
	(void)state;
	(void)sync_text(FIRST);
	raw("UPDATE connection SET config = '{\"key\": \"id\"}'");
	writer = (struct other_writer){ .step = "process:planned", .times = 1, .fn = adds_three };
	(void)sync_text(FIRST "3,one,mine\n3,two,mine\n");
	assert_true(writer.done);
	assert_string_equal(
	    raw_lines("SELECT key || payload FROM record WHERE key LIKE '3%' ORDER BY key", 0),
	    "3[\"3\",\"app\",\"mine\"]\n3#2[\"3\",\"two\",\"mine\"]\n");
	assert_true(is_kept("one"));
	assert_quiet();
}

static void
what_is_made_here_stays_while_the_source_lacks_it(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(FIRST);
	adds_three(db);
	r = sync_text("id,v,w\n1,a,x\n");
	assert_counts(&r, 0, 0, 1, 1);
	assert_string_equal(raw_lines("SELECT key FROM record WHERE deleted IS NULL", 0), "1\n3\n");
	assert_quiet();
}

/* --- edits that are older than the run --- */

static void
an_edit_stays_read_after_read_and_what_the_source_changes_beside_it_comes(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text(FIRST);
	edits_it(db);
	r = sync_text("id,v,w\n1,a,x\n2,b,b\n");
	assert_counts(&r, 0, 1, 0, 1);
	assert_string_equal(record_one(), "[\"1\",\"app\",\"x\"]\n");
	r = sync_text("id,v,w\n1,a,theirs\n2,b,b\n");
	assert_counts(&r, 0, 1, 0, 1);
	assert_string_equal(record_one(), "[\"1\",\"app\",\"theirs\"]\n");
	r = sync_text("id,v,w\n1,other,theirs\n2,b,b\n");
	assert_counts(&r, 0, 0, 0, 1);
	assert_string_equal(record_one(), "[\"1\",\"app\",\"theirs\"]\n");
	assert_true(is_kept("other"));
	/* The source comes round to it: nothing sets it apart any more. */
	r = sync_text("id,v,w\n1,app,theirs\n2,b,b\n");
	assert_counts(&r, 0, 0, 0, 1);
	assert_int_equal(seen_number("SELECT count(*) FROM record WHERE origin <> 0"), 0);
	r = sync_text("id,v,w\n1,new,theirs\n2,b,b\n");
	assert_counts(&r, 0, 1, 0, 1);
	assert_string_equal(record_one(), "[\"1\",\"new\",\"theirs\"]\n");
	assert_quiet();
}

static void
a_deletion_made_here_outlives_the_sweep_of_old_tombstones(void **state)
{
	int64_t n = 1;

	(void)state;
	(void)sync_text(FIRST);
	deletes_it(db);
	raw("UPDATE record SET deleted = 1 WHERE key = '1'");
	assert_ok(db_begin(&cx, db));
	assert_ok(db_end(&cx, db, feed_forget(&cx, db, 1, 1000, 1000, &n)));
	assert_int_equal(n, 0);
	(void)sync_text("id,v,w\n1,a,x\n2,b,b\n");
	assert_null(record_one());
	/* And when the source has lost it too, it may come anew. */
	(void)sync_text("id,v,w\n2,b,b\n3,c,c\n");
	(void)sync_text("id,v,w\n1,a,x\n2,b,b\n3,c,c\n");
	assert_string_equal(record_one(), "[\"1\",\"a\",\"x\"]\n");
	assert_quiet();
}

/* What was edited here is not lost by the source losing it, so the guard does not count it. */
static void
the_guard_counts_what_would_really_go(void **state)
{
	struct run r;

	(void)state;
	(void)sync_text("id,v,w\n1,a,x\n2,b,y\n3,c,z\n");
	edits_it(db);
	r = sync_text("id,v,w\n2,b,y\n3,c,z\n");
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 0, 0, 0, 2);
	r = sync_text("id,v,w\n4,d,d\n");
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 1, 0, 2, 0);
	assert_string_equal(raw_lines("SELECT key FROM record WHERE deleted IS NULL", 0), "1\n4\n");
	assert_quiet();
}

static void
history_tells_who_and_why(void **state)
{
	struct record_changes h;
	struct dataset d;

	(void)state;
	(void)sync_text(FIRST);
	edits_it(db);
	(void)sync_text(CHANGED);
	edit_dataset(db, &d);
	assert_ok(record_history(&cx, db, OWNER, &d, &(struct history_page){ .key = "1" }, &h));
	assert_int_equal(h.n, 3);
	assert_non_null(strstr(h.v[0].reason, "the edit here stays"));
	assert_non_null(h.v[0].sync_id);
	assert_null(h.v[0].actor);
	assert_string_equal(h.v[1].actor, "ann");
	assert_string_equal(h.v[1].reason, "Because of the test.");
	assert_null(h.v[1].sync_id);
	assert_int_equal(h.v[2].action, 0);
	assert_non_null(h.v[2].sync_id);
	/* Of what was made here, the first appearance is the edit, however long it takes. */
	raw("CREATE TRIGGER slow AFTER INSERT ON record BEGIN SELECT count(*) FROM (WITH RECURSIVE"
	    " n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n);"
	    " END");
	adds_three(db);
	assert_ok(record_history(&cx, db, OWNER, &d, &(struct history_page){ .key = "3" }, &h));
	assert_int_equal(h.n, 1);
	assert_string_equal(h.v[0].actor, "ann");
	assert_null(h.v[0].sync_id);
}

static void
an_edit_needs_its_dataset_and_its_record(void **state)
{
	struct record_edit e = { .actor = "bob", .key = "1", .payload = STR("[\"1\",\"bob\"]") };
	int64_t seq;
	struct dataset d;

	(void)state;
	(void)sync_text(FIRST);
	edit_dataset(db, &d);
	e.dataset = &d;
	assert_ok(db_begin(&cx, db));
	assert_error(record_edit(&cx, db, "somebody else", &e), E_NOT_FOUND);
	db_rollback(db);
	assert_int_equal(edit_put(db, "9", NULL, NULL), RC_NOTFOUND);
	seq = seen_number("SELECT max(seq) FROM record");
	assert_ok(edit_put(db, "1", "a", "x"));
	assert_int_equal(seen_number("SELECT max(seq) FROM record"), seq);
	assert_int_equal(seen_number("SELECT count(*) FROM change"), 0);
	assert_sound();
}

/* --- killed at every step, with a second writer before it goes on --- */

static void
killed_anywhere_and_edited_before_it_goes_on(void **state)
{
	int kills = 0;

	(void)state;
	for (int at = 1;; at += SLOW_SHARE) {
		start_over();
		(void)sync_text(FIRST "3,c,c\n4,d,d\n");
		step_pages(1);
		script.text = "id,v,w\n1,remote,x\n3,c,remote\n4,d,new\n5,e,e\n6,f,f\n";
		enqueue();
		if (!work(at))
			break;
		kills++;
		edits_it(db);
		assert_ok(edit_put(db, "5", "app", "e"));
		deletes_it(db);
		while (work(0))
			continue;
		assert_null(record_one());
		assert_true(is_kept("app"));
		assert_string_equal(
		    raw_lines("SELECT payload FROM record WHERE deleted IS NULL ORDER BY key", 0),
		    "[\"3\",\"c\",\"remote\"]\n[\"4\",\"d\",\"new\"]\n[\"5\",\"app\",\"e\"]\n"
		    "[\"6\",\"f\",\"f\"]\n");
		assert_quiet();
	}
	assert_in_range(kills, CASES(12), 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WRITER_TEST(a_write_that_nobody_tells_of_is_not_overwritten_either),
		WRITER_TEST(every_edit_meets_every_answer_of_the_source_at_every_moment),
		WRITER_TEST(both_make_the_same_record_and_it_is_one),
		WRITER_TEST(a_key_that_repeats_and_that_somebody_makes_loses_no_row),
		WRITER_TEST(what_is_made_here_stays_while_the_source_lacks_it),
		WRITER_TEST(
		    an_edit_stays_read_after_read_and_what_the_source_changes_beside_it_comes),
		WRITER_TEST(a_deletion_made_here_outlives_the_sweep_of_old_tombstones),
		WRITER_TEST(the_guard_counts_what_would_really_go),
		WRITER_TEST(history_tells_who_and_why),
		WRITER_TEST(an_edit_needs_its_dataset_and_its_record),
		WRITER_TEST(killed_anywhere_and_edited_before_it_goes_on),
	};

	return cmocka_run_group_tests_name("two writers", tests, NULL, NULL);
}
