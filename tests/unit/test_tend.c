/* What is done at a source for the records that are kept: a label, put on whoever comes and taken
 * off whoever goes, once each, also when it fails in between; and taken back with the run that has
 * done it. */
#include "unit/engine_fixture.h"

#include "queue/undo.h"
#include "sync/task.h"

#define LABEL "g1"

/* The source: who has the label there, {key: true}. */
static json *wear;
static struct buf *asked; /* what it was asked for: "+a", "-b", in the order of keys */
static int tends;
static enum error_kind fails_before, fails_after; /* the request, once */
static const char *sentence;

/* --- a source that can label --- */

static bool
is_ours(enum bearer_stands s)
{
	return s == BEARER_PUT || s == BEARER_GOING || s == BEARER_COMING;
}

static enum rc
bestow(struct ctx *c, const struct keeping *kept, const char *name, const json *keys, bool on)
{
	const struct bestowal b = {
		.keys = keys,
		.on = on,
		.label = LABEL,
		.name = name,
		.made = true,
		.what = on ? "The label was put on." : "The label was taken off.",
	};
	enum error_kind fails = fails_before;

	if (json_len(keys) == 0)
		return RC_OK;
	TRY(kept->about(c, kept->arg, &b));
	fails_before = E_NONE;
	if (fails)
		return fail(c, fails, "as the test wants it");
	for (size_t i = 0; i < json_len(keys); i++) {
		const char *key = json_value_str(json_nth(keys, i));

		buf_printf(asked, "%s%s ", on ? "+" : "-", key);
		json_unset(wear, key);
		if (on)
			json_set_bool(wear, key, true);
	}
	fails = fails_after;
	fails_after = E_NONE;
	if (fails)
		return fail(c, fails, "as the test wants it");
	return kept->told(c, kept->arg, &b);
}

static enum rc
label_tend(struct ctx *c, const struct source *src, const struct keeping *kept, int *calls)
{
	const char *name = json_str(src->config, "label");
	json *on = json_list(c->a), *off = json_list(c->a);
	struct bearer b;

	tends++;
	++*calls;
	kept->begin(kept->arg, kept->undoing ? KEEPING_HELD : KEEPING_ALL);
	while (true) {
		bool wears;

		TRY(kept->next(c, kept->arg, &b));
		if (!b.key.p)
			break;
		wears = json_has(wear, b.key.p);
		if (name && b.wish == BEARER_SHALL && !wears)
			json_add(on, json_string(c->a, b.key));
		else if (wears && is_ours(b.stands) && (!name || b.wish != BEARER_SHALL))
			json_add(off, json_string(c->a, b.key));
	}
	if (sentence)
		kept->said(kept->arg, sentence);
	TRY(bestow(c, kept, name ? name : "Kept", on, true));
	return bestow(c, kept, name ? name : "Kept", off, false);
}

/* --- a test --- */

static int
tend_setup(void **state)
{
	int failed = fixture_open(state);

	reader_script.tend = label_tend;
	script.own_keys = true;
	wear = json_new(cx.a);
	asked = buf_in(cx.a, 1 << 20);
	tends = 0;
	fails_before = fails_after = E_NONE;
	sentence = NULL;
	return failed;
}

static int
tend_teardown(void **state)
{
	reader_script.tend = NULL;
	return fixture_close(state);
}

static void
label_is(const char *name)
{
	raw(arena_printf(cx.a, "UPDATE connection SET config = '{%s}', config_rev = config_rev + 1",
	    name ? arena_printf(cx.a, "\"label\":\"%s\"", name) : ""));
}

/* What the source was asked for since. */
static const char *
asks(void)
{
	const char *text = arena_dup(cx.a, buf_c(asked));

	buf_clear(asked);
	return text;
}

static const char *
stands(void)
{
	return raw_lines(
	    "SELECT key || ' ' || stands || ' ' || held FROM labelled ORDER BY key", 0);
}

static const char *
log_of_last(void)
{
	return arena_printf(cx.a, "%s%s",
	    raw_lines("SELECT text FROM sync_log WHERE sync_no = (SELECT max(no) FROM sync)", 0),
	    raw_lines("SELECT warnings FROM sync ORDER BY no DESC LIMIT 1", 0));
}

static void
complete(struct run r)
{
	assert_string_equal(r.state, "complete");
}

/* --- syncs --- */

static void
who_comes_gets_the_label_and_who_goes_loses_it(void **state)
{
	(void)state;
	label_is("Kept");
	complete(sync_text("id,name\na,Ann\nb,Bob\nc,Cat\n"));
	assert_string_equal(asks(), "+a +b +c ");
	assert_string_equal(stands(), "a 1 0\nb 1 0\nc 1 0\n");
	/* Each has it in its history, once. */
	assert_int_equal(
	    raw_number("SELECT count(*) FROM change WHERE side = 'remote' AND reason = "
		       "'The label was put on.' AND fields LIKE '%\"after\":\"Kept\"%'"),
	    3);
	complete(sync_text("id,name\na,Ann\nc,Cat!\nd,Dan\n"));
	assert_string_equal(asks(), "+d -b ");
	assert_string_equal(stands(), "a 1 0\nc 1 0\nd 1 0\n");
	assert_int_equal(
	    raw_number("SELECT count(*) FROM change WHERE object_key = 'b' AND fields LIKE "
		       "'%\"before\":\"Kept\"%'"),
	    1);
	/* Nothing is left of whoever is not of the connection. */
	assert_int_equal(
	    raw_number("SELECT count(*) FROM labelled WHERE connection_id <> '" CONN "'"), 0);
}

static void
each_of_many_is_named_once(void **state)
{
	enum { MANY = 1100 };
	struct buf *b = buf_in(cx.a, 1 << 20);

	(void)state;
	label_is("Kept");
	buf_str(b, "id,name\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(b, "k%04d,x\n", i);
	complete(sync_text(buf_c(b)));
	assert_int_equal(json_len(wear), MANY);
	assert_int_equal(raw_number("SELECT count(*) FROM labelled WHERE stands = 1"), MANY);
	assert_int_equal(raw_number("SELECT count(*) FROM change WHERE side = 'remote'"), MANY);
	/* All but one of them go, and are found in the ledger. */
	asks();
	raw("UPDATE connection SET guard = 'always'");
	complete(sync_text("id,name\nk0000,x\n"));
	assert_int_equal(json_len(wear), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM labelled"), 1);
}

/* --- failures --- */

static void
what_fails_is_said_and_done_by_the_next_run_though_nothing_has_changed(void **state)
{
	struct run r;

	(void)state;
	label_is("Kept");
	script.etag = "v1";
	fails_before = E_SOURCE_5XX;
	r = sync_text("id,name\na,Ann\nb,Bob\n");
	complete(r);
	assert_string_equal(asks(), "");
	has(log_of_last(), "All was read, but at the source something is left to be done");
	/* It was about to be put on: whether it was is for the source to say. */
	assert_string_equal(stands(), "a 2 0\nb 2 0\n");
	assert_int_equal(raw_number("SELECT count(*) FROM change WHERE side = 'remote'"), 0);
	has(raw_lines("SELECT cursor FROM connection", 0), "\"untended\":true");
	/* A reader that is told so reads on; the answer is lost this time. */
	script.etag = NULL;
	fails_after = E_NETWORK;
	complete(sync_now());
	assert_string_equal(asks(), "+a +b ");
	complete(sync_now());
	assert_string_equal(asks(), "");
	has_not(raw_lines("SELECT cursor FROM connection", 0), "untended");
	assert_int_equal(json_len(wear), 2);
}

static void
a_run_that_is_told_to_stop_stops(void **state)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	bool found;

	(void)state;
	label_is("Kept");
	fails_before = E_CANCELLED;
	r = sync_text("id,name\na,Ann\n");
	assert_string_equal(r.error_code, "cancelled");
	/* One whose worker goes is taken up by another. */
	fails_before = E_INTERRUPTED;
	r = sync_now();
	assert_string_equal(r.error_code, "interrupted");
	assert_string_equal(asks(), "");
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_ok(engine_run(&cx, db, &job));
	assert_string_equal(asks(), "+a ");
}

static void
what_the_source_says_is_in_the_log_of_the_run(void **state)
{
	(void)state;
	sentence = "The label was renamed.";
	label_is("Kept");
	complete(sync_text("id,name\na,Ann\n"));
	has(log_of_last(), sentence);
}

/* --- undo --- */

struct undo_ask {
	const char *run_id, *id;
};

static enum rc
undo_write(struct ctx *c, struct db *d, void *arg)
{
	struct undo_ask *w = arg;
	struct run run;
	struct conn conn;
	struct undo u;

	TRY(run_get(c, d, OWNER, w->run_id, &run));
	TRY(undo_of_run(c, d, &run, &u));
	TRY(undo_any(c, d, &u));
	u.by = "ann";
	TRY(conn_get(c, d, OWNER, u.conn_id, &conn));
	return sync_task(c, d, &conn,
	    &(struct run){
		.trigger = "undo",
		.task = undo_text(c->a, &u),
		.undoes = u.sync_id,
		.message = "Waiting to take back",
	    },
	    &w->id);
}

/* Takes that run back; the id of the run that does. */
static const char *
undoes(const char *run_id)
{
	struct undo_ask w = { .run_id = run_id };
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	assert_ok(db_write(&cx, db, undo_write, &w));
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found && job.run.task);
	assert_ok(task_run(&cx, db, &job));
	return arena_dup(cx.a, w.id);
}

/* One that has labelled alone: the records were there before. */
static const char *
labelled_run(void)
{
	complete(sync_text("id,name\na,Ann\nb,Bob\n"));
	label_is("Kept");
	asks();
	return arena_dup(cx.a, sync_now().id);
}

static void
a_label_is_taken_back_stays_off_and_comes_back_with_an_undo_of_the_undo(void **state)
{
	const char *run, *undo;

	(void)state;
	run = labelled_run();
	assert_string_equal(asks(), "+a +b ");
	undo = undoes(run);
	assert_string_equal(asks(), "-a -b ");
	has(log_of_last(), "put on 0 there again, and taken off 2");
	assert_string_equal(stands(), "a 0 1\nb 0 1\n");
	/* Whatever later runs do: who comes gets it, and those two do not. */
	complete(sync_text("id,name\na,Ann\nb,Bob!\nc,Cat\n"));
	assert_string_equal(asks(), "+c ");
	undoes(undo);
	assert_string_equal(asks(), "+a +b ");
	has(log_of_last(), "put on 2 there again, and taken off 0");
	complete(sync_text("id,name\na,Ann\nb,Bob\nc,Cat\n"));
	assert_string_equal(asks(), "");
}

static void
a_label_that_a_later_run_has_put_on_again_is_left_to_that(void **state)
{
	const char *first;

	(void)state;
	first = labelled_run();
	/* Bob goes and comes back, and gets it anew. */
	complete(sync_text("id,name\na,Ann\n"));
	complete(sync_text("id,name\na,Ann\nb,Bob\n"));
	asks();
	undoes(first);
	assert_string_equal(asks(), "-a ");
	has(log_of_last(), "A later sync has done the same with the label since.");
	assert_true(json_has(wear, "b"));
}

static void
a_label_that_the_settings_do_not_name_any_more_is_left(void **state)
{
	const char *run;

	(void)state;
	run = labelled_run();
	asks();
	label_is("Other");
	undoes(run);
	assert_string_equal(asks(), "");
	has(log_of_last(), "The settings name another label by now, or none.");
	assert_int_equal(json_len(wear), 2);
}

static void
an_undo_that_fails_there_is_done_by_the_next_sync(void **state)
{
	const char *run;

	(void)state;
	script.etag = "v1";
	run = labelled_run();
	asks();
	fails_before = E_SOURCE_5XX;
	undoes(run);
	assert_string_equal(asks(), "");
	has(log_of_last(), "Here all was taken back, but at the source something is left");
	/* Though the source has nothing new: a reader that is told so reads on. */
	has(raw_lines("SELECT cursor FROM connection", 0), "\"untended\":true");
	script.etag = NULL;
	complete(sync_now());
	assert_string_equal(asks(), "-a -b ");
	assert_string_equal(contents(), "a=[\"a\",\"Ann\"]\nb=[\"b\",\"Bob\"]\n");
}

static void
a_label_that_was_switched_off_is_put_on_again_by_an_undo_of_that(void **state)
{
	const char *off;

	(void)state;
	labelled_run();
	label_is(NULL);
	asks();
	off = arena_dup(cx.a, sync_now().id);
	assert_string_equal(asks(), "-a -b ");
	label_is("Kept");
	undoes(off);
	assert_string_equal(asks(), "+a +b ");
}

/* With the records that a run has brought goes the label that it has put on them. */
static void
with_a_record_that_is_taken_back_goes_its_label(void **state)
{
	const char *run;

	(void)state;
	label_is("Kept");
	complete(sync_text("id,name\na,Ann\n"));
	run = arena_dup(cx.a, sync_text("id,name\na,Ann\nb,Bob\n").id);
	assert_string_equal(asks(), "+a +b ");
	undoes(run);
	assert_string_equal(asks(), "-b ");
	assert_string_equal(contents(), "a=[\"a\",\"Ann\"]\n");
	complete(sync_now());
	assert_string_equal(asks(), "");
	/* The source brings it anew: then it is as all others are. */
	complete(sync_text("id,name\na,Ann\nb,Bobby\n"));
	assert_string_equal(asks(), "+b ");
}

#define TEND_TEST(f) cmocka_unit_test_setup_teardown(f, tend_setup, tend_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEND_TEST(who_comes_gets_the_label_and_who_goes_loses_it),
		TEND_TEST(each_of_many_is_named_once),
		TEND_TEST(what_fails_is_said_and_done_by_the_next_run_though_nothing_has_changed),
		TEND_TEST(a_run_that_is_told_to_stop_stops),
		TEND_TEST(what_the_source_says_is_in_the_log_of_the_run),
		TEND_TEST(a_label_is_taken_back_stays_off_and_comes_back_with_an_undo_of_the_undo),
		TEND_TEST(a_label_that_a_later_run_has_put_on_again_is_left_to_that),
		TEND_TEST(a_label_that_the_settings_do_not_name_any_more_is_left),
		TEND_TEST(an_undo_that_fails_there_is_done_by_the_next_sync),
		TEND_TEST(a_label_that_was_switched_off_is_put_on_again_by_an_undo_of_that),
		TEND_TEST(with_a_record_that_is_taken_back_goes_its_label),
	};

	fixture_root = "/dev/shm";
	return cmocka_run_group_tests_name("what is done at the source", tests, NULL, NULL);
}
