/* seconds: 30 */
/*
 * Databases of earlier programs: tests/table/schema/NNNN.sql is one that had NNNN migrations, with
 * rows in every table. A new migration adds the dump of the schema before it.
 */
#include "unit/db_fixture.h"

#include "base/buf.h"
#include "sql_texts.h"

enum { DUMP_BYTES = 1 << 20, MIGRATIONS_HERE = sizeof sql_migrations / sizeof *sql_migrations };

/* The sanitizers, with which it takes long, look at some. */
#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 4 };
#else
enum { EVERY = 1 };
#endif

static const char *
dump_of(int version)
{
	const char *path = arena_printf(cx.a, "tests/table/schema/%04d.sql", version);
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(cx.a, DUMP_BYTES);
	size_t n;

	if (!f)
		flunk("%s is missing", path);
	n = fread(text, 1, DUMP_BYTES - 1, f);
	assert_true(n > 0 && n < DUMP_BYTES - 1);
	fclose(f);
	return text;
}

/* Everything that the query finds, a row a line. */
static const char *
rows_of(sqlite3 *h, const char *sql)
{
	struct buf *b = buf_in(cx.a, DUMP_BYTES);
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		flunk("%s: %s", sql, sqlite3_errmsg(h));
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			buf_printf(b, "%d:", sqlite3_column_type(st, i));
			buf_str(b, (const char *)sqlite3_column_text(st, i));
			buf_ch(b, '|');
		}
		buf_ch(b, '\n');
	}
	sqlite3_finalize(st);
	return buf_c(b);
}

/* The tables as they were: what is asked of each, before and after, and what it answered before. */
struct kept {
	const char *table, *sql, *rows;
	const char *now; /* asked afterwards */
};

/* Where the rows of a table are, when it is gone or holds those of another one too. */
static const char *
asked_afterwards(const struct kept *k)
{
	if (!strcmp(k->table, "record_change"))
		return "SELECT action, at, before, dataset_no, object_key, sync_no FROM change"
		       " WHERE object_kind = 'record' AND side = 'local'"
		       " AND owner = '00000000-0000-7000-8000-00000000000a'"
		       " AND connection_id = 'c1' ORDER BY 1, 2";
	return k->sql;
}

/* Sessions of the first schema end, for they have no id to be listed by; what was applied grows. */
static bool
is_to_be_kept(const char *table, int version)
{
	return strcmp(table, "schema_migration") && (strcmp(table, "web_session") || version > 1);
}

static const char *
columns_of(sqlite3 *h, const char *table)
{
	struct buf *b = buf_in(cx.a, DUMP_BYTES);
	sqlite3_stmt *st;
	const char *sql = arena_printf(
	    cx.a, "SELECT name FROM pragma_table_info('%s') ORDER BY name", table);

	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_printf(
		    b, "%s\"%s\"", b->n ? ", " : "", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return buf_c(b);
}

static size_t
remember(sqlite3 *h, int version, struct kept *kept, size_t cap)
{
	sqlite3_stmt *st;
	size_t n = 0;

	assert_int_equal(sqlite3_prepare_v2(h,
			     "SELECT name FROM sqlite_schema WHERE type = 'table' OR type = 'view'",
			     -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct kept k = { .table = arena_dup(
				      cx.a, (const char *)sqlite3_column_text(st, 0)) };

		k.sql = arena_printf(
		    cx.a, "SELECT %s FROM \"%s\" ORDER BY 1, 2", columns_of(h, k.table), k.table);
		if (!strcmp(k.table, "change"))
			k.sql = arena_printf(cx.a,
			    "SELECT %s FROM change WHERE object_kind <> 'record' ORDER BY 1, 2",
			    columns_of(h, k.table));
		k.rows = rows_of(h, k.sql);
		k.now = asked_afterwards(&k);
		if (!*k.rows)
			flunk("schema %d has no row in %s: a row that is not there cannot be lost",
			    version, k.table);
		assert_true(n < cap);
		if (is_to_be_kept(k.table, version))
			kept[n++] = k;
	}
	sqlite3_finalize(st);
	return n;
}

/* Without the views, which belong to datasets. */
static const char *
schema_of(sqlite3 *h)
{
	return rows_of(h,
	    "SELECT type, name, tbl_name, sql FROM sqlite_schema"
	    " WHERE type <> 'view' ORDER BY type, name");
}

static const char *
fresh_schema(void)
{
	const char *schema;
	sqlite3 *h;

	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_ok(db_migrate(&cx, db, NULL));
	db_close(db);
	db = NULL;
	h = raw_open();
	schema = schema_of(h);
	sqlite3_close(h);
	unlink(conf_path(cx.a, "tidemark.db"));
	unlink(conf_path(cx.a, "tidemark.db-wal"));
	unlink(conf_path(cx.a, "tidemark.db-shm"));
	return schema;
}

static void
every_statement_fits(void)
{
	sqlite3 *h = raw_open();

	for (int q = 0; q < Q__MAX; q++)
		sqlite3_finalize(raw_ask(h, sql_texts[q].text));
	sqlite3_close(h);
}

static void
migrate_from(int version)
{
	int applied = -1;
	const char *answer;

	raw(dump_of(version));
	assert_error(db_open(&cx, 0, &db), E_SCHEMA);
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_int_equal(db_schema_version(db), version);
	assert_ok(db_migrate(&cx, db, &applied));
	assert_int_equal(applied, MIGRATIONS_HERE - version);
	assert_ok(db_integrity(&cx, db, &answer));
	assert_string_equal(answer, "ok");
	db_close(db);
	assert_ok(db_open(&cx, 0, &db));
	every_statement_fits();
	db_close(db);
	db = NULL;
}

static void
compare_rows(int version, const struct kept *kept, size_t n)
{
	sqlite3 *h = raw_open();

	for (size_t i = 0; i < n; i++) {
		const char *now = rows_of(h, kept[i].now);

		if (strcmp(now, kept[i].rows))
			flunk("from schema %d: %s held\n%s\nand holds\n%s", version, kept[i].table,
			    kept[i].rows, now);
	}
	assert_int_equal(ask_handle(h, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	sqlite3_close(h);
}

static void
every_earlier_database_is_brought_forward_with_all_its_rows(void **state)
{
	(void)state;
	for (int version = 1; version < MIGRATIONS_HERE; version += EVERY) {
		const char *fresh = fresh_schema();
		struct kept kept[100];
		sqlite3 *h;
		size_t n;

		raw(dump_of(version));
		h = raw_open();
		n = remember(h, version, kept, sizeof kept / sizeof *kept);
		sqlite3_close(h);
		assert_true(n > 10);
		unlink(conf_path(cx.a, "tidemark.db"));
		migrate_from(version);
		compare_rows(version, kept, n);
		h = raw_open();
		assert_string_equal(schema_of(h), fresh);
		sqlite3_close(h);
		unlink(conf_path(cx.a, "tidemark.db"));
	}
}

/* A word that a .def file lists must not need a table rebuilt. */
static void
new_words_need_no_new_schema(void **state)
{
	(void)state;
	raw(dump_of(MIGRATIONS_HERE - 1));
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_ok(db_migrate(&cx, db, NULL));
	db_close(db);
	db = NULL;
	raw("UPDATE sync SET trigger = 'undo', phase = 'sending', state = 'waiting' WHERE no = 10;"
	    "UPDATE sync_log SET level = 'debug' WHERE sync_no = 10;"
	    "UPDATE schedule SET health = 'resting', frequency = '5min'"
	    " WHERE connection_id = 'c1'");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, empty_open, home_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_earlier_database_is_brought_forward_with_all_its_rows),
		TEST(new_words_need_no_new_schema),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
