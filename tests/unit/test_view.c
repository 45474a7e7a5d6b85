/* The SQL view of a dataset: hostile headers, what it shows, its life. */
#include "unit/db_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/conf.h"
#include "store/conn.h"
#include "store/data.h"
#include "store/view.h"
#include "table/types.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#define CONN "00000000-0000-7000-8000-0000000000c1"

static struct dataset ds;

static int
setup(void **state)
{
	struct dataset_list list;

	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'admin', 'operator', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('" CONN "', '" OWNER "', 'csv', 'Prices, 2026!', '{}', 1, 1);"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, created_at) VALUES"
	    " (3, '00000000-0000-7000-8000-0000deadbeef', '" CONN "', '" OWNER
	    "', '', 'Prices, 2026!', '[]', '{}', 1);"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted, "
	    "action, sync_no) VALUES"
	    " (3298534883329, 3, 'k1', '[\"0003\",\"x\",{\"a\":1},7]', 1, 1, NULL, 0, 1), "
	    "(3298534883330, 3, 'k2', '[\"2\"]', 1, 1, NULL, 0, 1),"
	    " (3298534883331, 3, 'k3', '[\"3\",\"y\"]', 1, 1, 5, 2, 1), (4398046511105, 4, "
	    "'other', '[\"9\"]', 1, 1, NULL, 0, 1);");
	assert_ok(dataset_list(&cx, db, OWNER, CONN, &list));
	assert_int_equal(list.n, 1);
	ds = list.v[0];
	return 0;
}

static json *
columns(const struct str *names, size_t n)
{
	json *list = json_list(cx.a);

	for (size_t i = 0; i < n; i++) {
		json *o = json_new(cx.a);
		json_set_s(o, "name", names[i]);
		json_add(list, o);
	}
	return list;
}

static void
sync_view(const json *list)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(view_sync(&cx, db, &ds, list));
	assert_ok(db_commit(&cx, db));
	assert_ok(dataset_get(&cx, db, OWNER, ds.id, &ds));
}

/* Header and rows of the view as another program sees them. */
static const char *
shown(const char *view)
{
	return raw_table(arena_printf(cx.a, "SELECT * FROM \"%s\"", view));
}

static void
shows_present_records_under_the_names_of_their_columns(void **state)
{
	json *list = columns(
	    (const struct str[]){ STR("id"), STR("name"), STR("more"), STR("n"), STR("later") }, 5);

	(void)state;
	json_set_bool(json_nth(list, 1), "gone", true);
	sync_view(list);
	assert_string_equal(ds.view_name, "data_prices_2026_deadbeef");
	assert_string_equal(shown(ds.view_name),
	    "_key|id|more|n|later\nk1|0003|{\"a\":1}|7|NULL\nk2|2|NULL|NULL|NULL");
}

/* Every process prepares all its statements again after a change of the schema. */
/* The view of a column of which that is said. */
static void
sync_column(bool exact)
{
	json *list = columns((const struct str[]){ STR("v") }, 1);

	json_set_str(json_nth(list, 0), "type", "text");
	if (exact)
		json_set_bool(json_nth(list, 0), "exact", true);
	sync_view(list);
}

/* The first record's only value, which is this one, as another program sees it. */
static const char *
value_shown(const char *value)
{
	raw(arena_printf(cx.a, "UPDATE record SET payload = '[%s]' WHERE key = 'k1'", value));
	return raw_table(arena_printf(cx.a,
	    "SELECT typeof(v) || ' ' || v AS shown FROM \"%s\" WHERE \"_key\" = 'k1'",
	    ds.view_name));
}

static void
a_number_that_sql_has_not_is_shown_digit_by_digit(void **state)
{
	static const struct {
		const char *value, *shown;
		bool exact;
	} cases[] = {
		{ "12", "integer 12", true },
		{ "-9223372036854775808", "integer -9223372036854775808", true },
		{ "9223372036854775807", "integer 9223372036854775807", true },
		{ "9223372036854775808", "text 9223372036854775808", false },
		{ "-9223372036854775809", "text -9223372036854775809", false },
		{ "100000000000000000000", "text 100000000000000000000", false },
		{ "1.5", "real 1.5", true },
		{ "12345678901234.5", "real 12345678901234.5", true },
		{ "123456789012345.67", "text 123456789012345.67", false },
		{ "1e5", "real 100000.0", false },
		{ "1e400", "text 1e400", false },
		{ "-1E400", "text -1E400", false },
		{ "\"00012345678901234567890\"", "text 00012345678901234567890", true },
		{ "\"1e400\"", "text 1e400", true },
		{ "{\"a\":1e400}", "text {\"a\":1e400}", true },
		{ "true", "integer 1", true },
	};

	(void)state;
	for (int exact = 0; exact < 2; exact++) {
		sync_column(exact);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			assert_int_equal(type_exact(str_c(cases[i].value)), cases[i].exact);
			if (!exact || cases[i].exact)
				assert_string_equal(value_shown(cases[i].value),
				    arena_printf(cx.a, "shown\n%s", cases[i].shown));
		}
	}
}

/* To open the database is to parse every view in it. */
static void
of_a_column_without_such_numbers_a_view_says_little(void **state)
{
	json *list = columns((const struct str[]){ STR("v") }, 1);
	const size_t as_ever = strlen(view_text(cx.a, "x", 1, list));

	(void)state;
	json_set_bool(json_nth(list, 0), "exact", true);
	assert_true(strlen(view_text(cx.a, "x", 1, list)) + 100 < as_ever);
}

static void
one_that_would_be_the_same_is_let_be(void **state)
{
	json *list = columns((const struct str[]){ STR("id"), STR("name") }, 2);
	const char *version = "PRAGMA schema_version";
	int64_t was;

	(void)state;
	sync_view(list);
	was = raw_number(version);
	sync_view(list);
	assert_int_equal(raw_number(version), was);
	raw("DROP VIEW data_prices_2026_deadbeef;"
	    "CREATE VIEW data_prices_2026_deadbeef AS SELECT 1 AS id");
	sync_view(list);
	assert_string_equal(shown(ds.view_name), "_key|id|name\nk1|0003|x\nk2|2|NULL");
}

static void
hostile_headers_are_only_names(void **state)
{
	static const struct str names[] = { STR("\"); DROP TABLE record; --"), STR("a\"b\"\"c"),
		STR("'quoted'"), STR("semi;colon"), STR("line\nbreak\r\n"), STR("select"),
		STR("SELECT"), STR("_key"), STR("_KEY"), STR(""), STR("nul\0cut"),
		STR("bad \xff\xfe"), STR("[x]"), STR("`y`"), STR("?1"), STR(":p"), STR("$[0]"),
		STR("/* c */"), STR("\xf0\x9f\x92\xa9"), STR("\x7f"), STR("%s%n%d"), STR("\\"),
		STR("-- x"), STR("\"\"\"\"\"\""), STR("a\"b\"\"c") };
	const size_t n = sizeof names / sizeof *names;

	(void)state;
	sync_view(columns(names, n));
	assert_string_equal(shown(ds.view_name),
	    "_key|\"); DROP TABLE record; --|a\"b\"\"c|'quoted'|semi;"
	    "colon|line break|select|SELECT_2|_key_2|_KEY_3|column_10|nul cut|column_12|[x]|`y`|?1|"
	    ":p|$[0]|"
	    "/* c */|\xf0\x9f\x92\xa9|column_20|%s%n%d|\\|-- x|\"\"\"\"\"\"|a\"b\"\"c_2"
	    "\nk1|0003|x|{\"a\":1}|7|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"
	    "\nk2|2|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
	    "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 4);
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_master WHERE type = 'view'"), 1);
}

static void
a_thousand_columns_of_the_longest_names_fit(void **state)
{
	struct str *names = arena_array(cx.a, 1100, sizeof *names);
	char quotes[300];

	(void)state;
	conf_override(CONF_USER_VIEW_KB, "4096");
	memset(quotes, '"', sizeof quotes);
	for (size_t i = 0; i < 1000; i++)
		names[i] = (struct str){ quotes, sizeof quotes };
	sync_view(columns(names, 1000));
	assert_int_equal(raw_number(arena_printf(
			     cx.a, "SELECT count(*) FROM pragma_table_info('%s')", ds.view_name)),
	    1001);
	/* More than any view can have are cut, not an error. */
	for (size_t i = 0; i < 1100; i++)
		names[i] = str_c(arena_printf(cx.a, "c%zu", i));
	sync_view(columns(names, 1100));
	assert_int_equal(raw_number(arena_printf(
			     cx.a, "SELECT count(*) FROM pragma_table_info('%s')", ds.view_name)),
	    1001);
}

static void
one_over_what_its_owner_may_have_goes_and_comes_back_with_the_room(void **state)
{
	struct str *names = arena_array(cx.a, 100, sizeof *names);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		names[i] = str_c(arena_printf(cx.a, "column%zu", i));
	sync_view(columns(names, 2));
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 1);
	conf_override(CONF_USER_VIEW_KB, "1");
	sync_view(columns(names, 100));
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM dataset WHERE view_name IS NOT NULL"), 0);
	conf_override(CONF_USER_VIEW_KB, "512");
	sync_view(columns(names, 100));
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 1);
}

/* Short names are described in few bytes, and take as much SQL as others. */
static void
what_counts_is_the_sql_that_everybody_reads(void **state)
{
	struct str *names = arena_array(cx.a, 100, sizeof *names);
	int64_t bytes;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		names[i] = str_c(arena_printf(cx.a, "%zu", i));
	sync_view(columns(names, 100));
	bytes = raw_number("SELECT length(sql) FROM sqlite_schema WHERE type = 'view'");
	assert_int_equal(raw_number("SELECT view_bytes FROM dataset WHERE no = 3"), bytes);
	assert_true((int64_t)strlen(json_text(cx.a, columns(names, 90))) * 5 < bytes);
	conf_override(CONF_USER_VIEW_KB, arena_printf(cx.a, "%d", (int)(bytes / 1024)));
	sync_view(columns(names, 90));
	assert_non_null(ds.view_name);
	sync_view(columns(names, 100));
	assert_null(ds.view_name);
	assert_int_equal(raw_number("SELECT view_bytes FROM dataset WHERE no = 3"), 0);
	/* What others of the same owner take counts as well. */
	raw("INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, created_at, view_bytes) VALUES (9, 'd9', '" CONN "', '" OWNER
	    "', 'other', 'Other', '[]', '{}', 1, 5000)");
	sync_view(columns(names, 90));
	assert_null(ds.view_name);
	conf_override(CONF_USER_VIEW_KB, "512");
}

static void
one_that_is_never_twice_the_same_is_left_out_for_a_day(void **state)
{
	const int64_t t0 = clock_ms();
	int64_t version;

	(void)state;
	clock_step_to(t0);
	for (int i = 0; i < 24; i++) {
		const struct str name = str_c(arena_printf(cx.a, "c%d", i));

		sync_view(columns(&name, 1));
		assert_non_null(ds.view_name);
		/* The same once more is not made. */
		sync_view(columns(&name, 1));
	}
	sync_view(columns((const struct str[]){ STR("x") }, 1));
	assert_null(ds.view_name);
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 0);
	version = raw_number("PRAGMA schema_version");
	clock_step_by(DAY_MS - 1000);
	sync_view(columns((const struct str[]){ STR("y") }, 1));
	assert_null(ds.view_name);
	assert_int_equal(raw_number("PRAGMA schema_version"), version);
	clock_step_by(1000);
	sync_view(columns((const struct str[]){ STR("y") }, 1));
	assert_non_null(ds.view_name);
	/* A clock that was set back is no reason to wait longer. */
	clock_step_to(t0 - DAY_MS);
	raw("UPDATE dataset SET view_made = 99");
	sync_view(columns((const struct str[]){ STR("z") }, 1));
	assert_non_null(ds.view_name);
	clock_fake(0);
}

static void
keeps_its_name_when_columns_or_the_connection_change(void **state)
{
	json *one = columns((const struct str[]){ STR("id") }, 1);
	json *two = columns((const struct str[]){ STR("id"), STR("b") }, 2);
	const char *name;

	(void)state;
	sync_view(one);
	name = ds.view_name;
	raw("UPDATE connection SET name = 'Another name'");
	sync_view(two);
	assert_string_equal(ds.view_name, name);
	assert_string_equal(shown(name), "_key|id|b\nk1|0003|x\nk2|2|NULL");
	assert_ok(db_begin(&cx, db));
	assert_ok(view_drop(&cx, db, &ds));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_master WHERE type = 'view'"), 0);
}

static void
view_names_are_plain_words(void **state)
{
	static const char id[] = "01935a00-0000-7000-8000-00000000beef";

	(void)state;
	assert_string_equal(view_name_for(cx.a, "Sales  (EU)", id), "data_sales_eu_0000beef");
	assert_string_equal(
	    view_name_for(cx.a, "\"; DROP TABLE x; --", id), "data_drop_table_x_0000beef");
	assert_string_equal(view_name_for(cx.a, "Z\xc3\xbcrich", id), "data_z_rich_0000beef");
	assert_string_equal(view_name_for(cx.a, "\xe6\x97\xa5\xe6\x9c\xac", id), "data_0000beef");
	assert_string_equal(view_name_for(cx.a, "", id), "data_0000beef");
	assert_true(strlen(view_name_for(cx.a,
			"a very long name that goes on and on and on and on and on", id)) < 60);
}

/* A look-up by key must not walk the dataset, and a walk must go in the order of the file. */
static void
the_view_can_use_the_indexes(void **state)
{
	(void)state;
	sync_view(columns((const struct str[]){ STR("id") }, 1));
	assert_non_null(strstr(
	    raw_plan(arena_printf(cx.a, "SELECT * FROM \"%s\" WHERE _key = 'k1'", ds.view_name)),
	    "record_key (dataset_no=? AND key=?)"));
	assert_non_null(strstr(raw_plan(arena_printf(cx.a, "SELECT * FROM \"%s\"", ds.view_name)),
	    "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_present_records_under_the_names_of_their_columns),
		TEST(a_number_that_sql_has_not_is_shown_digit_by_digit),
		TEST(of_a_column_without_such_numbers_a_view_says_little),
		TEST(one_that_would_be_the_same_is_let_be),
		TEST(hostile_headers_are_only_names),
		TEST(a_thousand_columns_of_the_longest_names_fit),
		TEST(one_over_what_its_owner_may_have_goes_and_comes_back_with_the_room),
		TEST(what_counts_is_the_sql_that_everybody_reads),
		TEST(one_that_is_never_twice_the_same_is_left_out_for_a_day),
		TEST(keeps_its_name_when_columns_or_the_connection_change),
		TEST(view_names_are_plain_words),
		TEST(the_view_can_use_the_indexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
