/*
 * db_fixture.h - a migrated database in a temporary home, and a second, raw connection that
 * plays another program. SQL of tests goes through here: raw() does something, raw_number(),
 * raw_lines() and raw_table() ask; what they give is cx.a's.
 */
#ifndef DB_FIXTURE_H
#define DB_FIXTURE_H

#include "unit/unit.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "db/handle.h"
#include "db/sqlite.h"
#include "db/turn.h"

static struct db *db;

static inline sqlite3 *
raw_open(void)
{
	sqlite3 *h;
	char path[100];

	snprintf(path, sizeof path, "%s/tidemark.db", home);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	sqlite3_busy_timeout(h, 60000);
	return h;
}

static inline void
raw(const char *sql)
{
	sqlite3 *h = raw_open();
	char *err = NULL;

	if (sqlite3_exec(h, sql, NULL, NULL, &err) != SQLITE_OK)
		flunk("%s: %s", sql, err);
	sqlite3_close(h);
}

static inline int64_t
ask_handle(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Is a write under way? */
static inline bool
in_write(const struct db *d)
{
	return d->write;
}

static inline int64_t
raw_number(const char *sql)
{
	sqlite3 *h = raw_open();
	int64_t n = ask_handle(h, sql);

	sqlite3_close(h);
	return n;
}

static inline const char *
raw_cell(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL
	    ? "NULL"
	    : (const char *)sqlite3_column_text(st, column);
}

static inline sqlite3_stmt *
raw_ask(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		flunk("%s: %s", sql, sqlite3_errmsg(h));
	return st;
}

/* One column (from 0) of every row, a line each. */
static inline const char *
raw_lines(const char *sql, int column)
{
	struct buf *b = buf_in(cx.a, (size_t)64 << 20);
	sqlite3 *h = raw_open();
	sqlite3_stmt *st = raw_ask(h, sql);

	while (sqlite3_step(st) == SQLITE_ROW)
		buf_printf(b, "%s\n", raw_cell(st, column));
	sqlite3_finalize(st);
	sqlite3_close(h);
	return buf_c(b);
}

/* The names of the columns and below them the rows, | between the cells and no line break at the
 * end. */
static inline const char *
raw_table(const char *sql)
{
	struct buf *b = buf_in(cx.a, (size_t)64 << 20);
	sqlite3 *h = raw_open();
	sqlite3_stmt *st = raw_ask(h, sql);

	for (int i = 0; i < sqlite3_column_count(st); i++)
		buf_printf(b, "%s%s", i ? "|" : "", sqlite3_column_name(st, i));
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(st); i++)
			buf_printf(b, "%s%s", i ? "|" : "\n", raw_cell(st, i));
	sqlite3_finalize(st);
	sqlite3_close(h);
	return buf_c(b);
}

/* How the statement would be carried out, a step a line. */
static inline char *
raw_plan(const char *sql)
{
	return arena_printf(
	    cx.a, "%s", raw_lines(arena_printf(cx.a, "EXPLAIN QUERY PLAN %s", sql), 3));
}

static inline int
empty_open(void **state)
{
	conf_override(CONF_DATABASE_URL, "");
	return home_open(state);
}

/* The bytes of a database that was just migrated; none: nothing was yet. */
static struct buf *new_bytes;
static struct arena *new_arena;

static inline void
new_drop(void)
{
	arena_free(new_arena);
}

static inline void
new_keep(const char *path)
{
	FILE *f = fopen(path, "r");
	char chunk[1 << 16];

	assert_non_null(f);
	new_arena = arena_new("new database", (size_t)64 << 20, 0);
	assert_int_equal(atexit(new_drop), 0);
	new_bytes = buf_in(new_arena, (size_t)32 << 20);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_add(new_bytes, chunk, n);
	(void)fclose(f);
}

/* A new database in the home: migrations are run once in a program, what they made is copied. */
static inline void
new_database(void)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof path, "%s/tidemark.db", home);
	if (!new_bytes) {
		assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
		assert_ok(db_migrate(&cx, db, NULL));
		db_close(db);
		new_keep(path);
		return;
	}
	f = fopen(path, "wx");
	assert_non_null(f);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(fwrite(buf_c(new_bytes), 1, new_bytes->n, f), new_bytes->n);
	assert_int_equal(fclose(f), 0);
}

static inline int
db_setup(void **state)
{
	if (empty_open(state) != 0)
		return -1;
	new_database();
	assert_ok(db_open(&cx, 0, &db));
	return 0;
}

static inline int
db_teardown(void **state)
{
	db_close(db);
	db = NULL;
	return home_close(state);
}

/* What the table meta has under the name; NULL: nothing. */
static inline const char *
meta(const char *name)
{
	const char *value = NULL;
	bool found;

	assert_ok(db_row(&cx, db, &found, Q_META_GET, "s", name));
	if (found)
		value = db_dup(cx.a, db, Q_META_GET, 0);
	db_reset(db, Q_META_GET);
	return value;
}

#endif
