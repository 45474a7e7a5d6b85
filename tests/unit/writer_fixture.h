/*
 * writer_fixture.h - somebody else who writes records while a run is under way: at a named step of
 * it (lib/base/step.h), or before a line of the source is parsed. He has a database handle of his
 * own, as another process would.
 *
 * The source has the columns id, v and w; a record is found by its id.
 */
#ifndef WRITER_FIXTURE_H
#define WRITER_FIXTURE_H

#include "kill_fixture.h"

#include "base/step.h"
#include "store/edit.h"

/* When he writes, and what. */
static struct other_writer {
	const char *step; /* the name of the step, or NULL */
	int times;        /* steps of that name until then; 1: the first */
	int64_t line;     /* or the line of the source, from 1 */
	void (*fn)(struct db *);
	bool done;
} writer;

static inline void
writer_acts(void)
{
	struct ctx mine = { .a = arena_new("writer", (size_t)1 << 26, 0) };
	struct ctx keep = cx;
	struct db *own;

	writer.done = true;
	cx = mine;
	assert_ok(db_open(&cx, 0, &own));
	writer.fn(own);
	db_close(own);
	arena_free(mine.a);
	cx = keep;
}

static inline void
writer_step(void *arg, const char *name)
{
	(void)arg;
	if (writer.step && !writer.done && !strcmp(name, writer.step) && --writer.times == 0)
		writer_acts();
}

static inline void
writer_line(int64_t no)
{
	if (writer.line && !writer.done && no == writer.line)
		writer_acts();
}

/* It sees what another program would, and stays open: to open one takes longer than to ask. */
static sqlite3 *onlooker;

static inline int64_t
seen_number(const char *sql)
{
	return ask_handle(onlooker, sql);
}

static inline int
writer_open(void **state)
{
	writer = (struct other_writer){ 0 };
	step_pages(0);
	if (fixture_open(state))
		return -1;
	onlooker = raw_open();
	script.line = writer_line;
	step_watch(writer_step, NULL);
	return 0;
}

static inline int
writer_close(void **state)
{
	step_watch(NULL, NULL);
	step_pages(0);
	sqlite3_close(onlooker);
	return fixture_close(state);
}

#define WRITER_TEST(f) cmocka_unit_test_setup_teardown(f, writer_open, writer_close)

static inline enum rc
edit_call(struct ctx *c, struct db *own, void *arg)
{
	return record_edit(c, own, OWNER, arg);
}

/* What the application knows of a record before it edits it. */
struct seen {
	bool there;
	char v[64], w[64];
};

static inline void
edit_dataset(struct db *own, struct dataset *d)
{
	struct dataset_list list;

	assert_ok(dataset_list(&cx, own, OWNER, CONN, &list));
	assert_true(list.n == 1);
	*d = list.v[0];
}

static inline void
edit_see(struct db *own, const char *key, struct seen *s)
{
	struct dataset d;
	struct record r;
	json *values;

	*s = (struct seen){ 0 };
	edit_dataset(own, &d);
	if (record_get(&cx, own, OWNER, &d, key, &r) != RC_OK || r.deleted)
		return;
	values = json_stored(cx.a, r.payload.p);
	s->there = true;
	snprintf(s->v, sizeof s->v, "%s", json_value_str(json_nth(values, 1)));
	snprintf(s->w, sizeof s->w, "%s", json_value_str(json_nth(values, 2)));
}

/* v NULL: deletes it. */
static inline enum rc
edit_put(struct db *own, const char *key, const char *v, const char *w)
{
	struct dataset d;
	struct record_edit e = {
		.dataset = &d,
		.actor = "ann",
		.reason = "Because of the test.",
		.key = key,
	};

	edit_dataset(own, &d);
	if (v)
		e.payload = str_c(arena_printf(cx.a, "[\"%s\",\"%s\",\"%s\"]", key, v, w));
	return db_write(&cx, own, edit_call, &e);
}

/* The text in quotes is in a record, was in one, or lost to another and was kept. */
static inline bool
is_kept(const char *value)
{
	return seen_number(arena_printf(cx.a,
		   "SELECT (SELECT count(*) FROM record WHERE instr(payload, '\"%s\"'))"
		   " + (SELECT count(*) FROM change WHERE instr(before, '\"%s\"'))"
		   " + (SELECT count(*) FROM conflict WHERE instr(kept, '\"%s\"'))",
		   value, value, value)) > 0;
}

/* What must be true of the rows, whatever has been done. */
static inline void
assert_sound(void)
{
	assert_int_equal(seen_number("SELECT count(*) - (SELECT rows FROM dataset) FROM record"
				     " WHERE deleted IS NULL"),
	    0);
	assert_int_equal(seen_number("SELECT COALESCE(sum(length(CAST(key AS BLOB))"
				     " + length(CAST(payload AS BLOB))), 0)"
				     " - (SELECT bytes FROM dataset) FROM record"
				     " WHERE deleted IS NULL"),
	    0);
	assert_int_equal(seen_number("SELECT count(*) FROM record r, dataset d"
				     " WHERE r.seq >= (d.no << 40) + d.next_seq"),
	    0);
	assert_int_equal(seen_number("SELECT (SELECT count(*) FROM record WHERE origin <> 0)"
				     " - (SELECT count(*) FROM link)"),
	    0);
	assert_int_equal(seen_number("SELECT count(*) FROM record WHERE origin <> 0 AND NOT EXISTS"
				     " (SELECT 1 FROM link WHERE object_key = key)"),
	    0);
	assert_int_equal(seen_number("SELECT count(*) FROM conflict WHERE link_id = ''"), 0);
}

/* Everything is read and compared once more, and nothing happens. */
static inline void
assert_quiet(void)
{
	int64_t seq = seen_number("SELECT max(seq) FROM record");
	int64_t changes = seen_number("SELECT count(*) FROM change");
	int64_t conflicts = seen_number("SELECT count(*) FROM conflict");
	struct run r;

	raw("UPDATE connection SET cursor = NULL");
	writer.done = true;
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_counts(&r, 0, 0, 0, (int)r.unchanged);
	assert_int_equal(seen_number("SELECT max(seq) FROM record"), seq);
	assert_int_equal(seen_number("SELECT count(*) FROM change"), changes);
	assert_int_equal(seen_number("SELECT count(*) FROM conflict"), conflicts);
	assert_sound();
}

#endif
