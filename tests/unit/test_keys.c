/* How records are told apart: rules as settings and stored rules say them, the keys of rows, and
 * which column is chosen where nobody says. */
#include "unit/unit.h"

#include "table/columns.h"
#include "table/keys.h"

static struct columns *cols;

/* Columns of those names, all there. */
static void
columns_are(const char *names)
{
	struct str rest = str_c(names), label[20];
	size_t n = 0;

	while (rest.p)
		label[n++] = str_cut(rest, ',', &rest);
	cols = columns_new(cx.a, NULL);
	assert_ok(columns_header(&cx, cols, label, n, true, json_list(cx.a)));
}

static struct cell
cell_of(const char *text)
{
	const bool nested = text && *text == '=';

	return text ? (struct cell){ nested ? CELL_JSON : CELL_TEXT, str_c(text + nested) }
		    : (struct cell){ .kind = CELL_NONE };
}

static struct key_rule
rule_of(const char *wanted, int form)
{
	struct key_rule rule;

	key_rule_wanted(cx.a, json_stored(cx.a, wanted), &rule);
	rule.form = form;
	assert_ok(key_rule_resolve(&cx, &rule, cols));
	return rule;
}

static const char *
key_of(const struct key_rule *rule, const struct key_row *row, bool *no_value)
{
	struct buf *out = buf_in(cx.a, 1 << 16);

	key_make(rule, row, out, no_value);
	return arena_dup(cx.a, buf_c(out));
}

/* Of a row "a", "b", "c" of text; a value that begins with = is JSON. */
static const char *
key3(const struct key_rule *rule, const char *a, const char *b, const char *c)
{
	const struct cell cells[] = { cell_of(a), cell_of(b), cell_of(c) };
	const struct key_row row = { .cells = cells,
		.n = 3,
		.payload = str_c(arena_printf(
		    cx.a, "[%s,%s,%s]", a ? a : "null", b ? b : "null", c ? c : "null")),
		.scratch = cx.a };
	bool no_value;

	return key_of(rule, &row, &no_value);
}

static void
a_setting_names_a_column_or_several(void **state)
{
	static const struct {
		const char *config, *wanted;
		size_t n;
	} rows[] = {
		{ "{\"key\":\"id\"}", "id", 1 },
		{ "{\"key\":[\"a\",\"b\"]}", "a|b", 2 },
		{ "{\"key\":\"\"}", "", 0 },
		{ "{\"key\":[]}", "", 0 },
		{ "{\"key\":[1,\"b\"]}", "b", 1 },
		{ "{}", "", 0 },
		{ "{\"key\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}",
		    "1|2|3|4|5|6|7|8", 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct key_rule rule;

		key_rule_wanted(cx.a, json_stored(cx.a, rows[i].config), &rule);
		assert_string_equal(rule.wanted, rows[i].wanted);
		assert_int_equal(rule.n, rows[i].n);
		assert_int_equal(rule.kind, rows[i].n ? KEY_COLUMNS : KEY_UNDECIDED);
	}
}

static void
a_stored_rule_is_read_as_it_was_written(void **state)
{
	static const struct {
		const char *text;
		enum key_kind kind;
		int form;
		size_t n;
	} rows[] = {
		{ "{\"kind\":\"columns\",\"columns\":[\"id\"],\"wanted\":\"id\",\"form\":2}",
		    KEY_COLUMNS, 2, 1 },
		{ "{\"kind\":\"columns\",\"columns\":[\"a\",\"b\"]}", KEY_COLUMNS, 1, 2 },
		{ "{\"kind\":\"source\",\"form\":2}", KEY_SOURCE, 2, 0 },
		{ "{\"kind\":\"content\"}", KEY_CONTENT, 1, 0 },
		{ "{}", KEY_UNDECIDED, 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct key_rule rule;

		key_rule_load(cx.a, rows[i].text, &rule);
		assert_int_equal(rule.kind, rows[i].kind);
		assert_int_equal(rule.form, rows[i].form);
		assert_int_equal(rule.n, rows[i].n);
		assert_non_null(rule.wanted);
	}
}

static void
a_column_of_the_key_that_is_not_there_is_named_with_those_that_are(void **state)
{
	struct key_rule rule;

	(void)state;
	columns_are("id,name,mail");
	key_rule_wanted(cx.a, json_stored(cx.a, "{\"key\":\"nr\"}"), &rule);
	assert_error(key_rule_resolve(&cx, &rule, cols), E_KEY_COLUMN);
	assert_non_null(
	    strstr(cx.err.detail, "\"nr\" is not in the source. It has: id, name, mail."));
	/* One that has gone is not there either. */
	rule = rule_of("{\"key\":\"name\"}", KEY_FORM);
	cols->v[1].gone = true;
	assert_error(key_rule_check(&cx, &rule, cols), E_KEY_COLUMN);
	assert_non_null(strstr(cx.err.detail, "It has: id, mail."));
}

static void
values_of_several_columns_do_not_run_into_each_other(void **state)
{
	struct key_rule now, before, one;

	(void)state;
	columns_are("a,b,c");
	now = rule_of("{\"key\":[\"a\",\"b\"]}", 2);
	before = rule_of("{\"key\":[\"a\",\"b\"]}", 1);
	one = rule_of("{\"key\":\"a\"}", 2);
	assert_string_equal(key3(&now, "x", "y", "z"), "x|y");
	assert_string_equal(key3(&now, "x|", "y", "z"), "x\\||y");
	assert_string_equal(key3(&now, "x", "|y", "z"), "x|\\|y");
	assert_string_equal(key3(&now, "x\\", "y", "z"), "x\\\\|y");
	/* Keys that are out in the world stay as they are. */
	assert_string_equal(key3(&before, "x|", "y", "z"), "x||y");
	assert_string_equal(key3(&one, "x|y", "y", "z"), "x|y");
	/* One of them may be missing. */
	assert_string_equal(key3(&now, "x", NULL, "z"), "x|");
	assert_string_equal(key3(&now, "", "y", "z"), "|y");
}

static void
nested_values_are_keys_by_what_they_say(void **state)
{
	struct key_rule now, before;

	(void)state;
	columns_are("a,b,c");
	now = rule_of("{\"key\":\"a\"}", 2);
	before = rule_of("{\"key\":\"a\"}", 1);
	assert_string_equal(
	    key3(&now, "={\"y\":1,\"x\":2}", "", ""), key3(&now, "={\"x\":2,\"y\":1}", "", ""));
	assert_string_not_equal(key3(&before, "={\"y\":1,\"x\":2}", "", ""),
	    key3(&before, "={\"x\":2,\"y\":1}", "", ""));
	/* A text that looks like one is a text. */
	assert_string_equal(key3(&now, "{\"y\":1,\"x\":2}", "", ""), "{\"y\":1,\"x\":2}");
	assert_string_equal(key3(&now, "=12", "", ""), "12");
}

static void
a_row_without_a_key_is_told_apart_by_its_content(void **state)
{
	const struct cell none[3] = { 0 };
	struct key_rule rule;
	struct key_row row = { .cells = none, .n = 3, .scratch = cx.a };
	const char *one, *two;
	bool no_value;

	(void)state;
	columns_are("a,b,c");
	rule = rule_of("{\"key\":\"a\"}", 2);
	row.payload = STR("[null,{\"x\":1,\"y\":2},null]");
	one = key_of(&rule, &row, &no_value);
	assert_true(no_value);
	assert_int_equal(strlen(one), 32);
	row.payload = STR("[null,{\"y\":2,\"x\":1},null]");
	two = key_of(&rule, &row, &no_value);
	assert_string_equal(one, two);
	row.payload = STR("[null,{\"y\":2,\"x\":3},null]");
	assert_string_not_equal(one, key_of(&rule, &row, &no_value));
	/* By how it is spelled, as keys were made before. */
	rule.form = 1;
	row.payload = STR("[null,{\"x\":1,\"y\":2},null]");
	one = key_of(&rule, &row, &no_value);
	row.payload = STR("[null,{\"y\":2,\"x\":1},null]");
	assert_string_not_equal(one, key_of(&rule, &row, &no_value));
	/* Nothing is missing where content is what was chosen. */
	rule = (struct key_rule){ .kind = KEY_CONTENT, .form = 2 };
	(void)key_of(&rule, &row, &no_value);
	assert_false(no_value);
}

static void
a_key_that_is_no_address_is_its_digest(void **state)
{
	char *text = arena_alloc(cx.a, KEY_MAX + 2);
	struct key_rule rule, source = { .kind = KEY_SOURCE, .form = 2 };
	struct key_row row = { .scratch = cx.a };
	bool no_value;

	(void)state;
	columns_are("a,b,c");
	rule = rule_of("{\"key\":\"a\"}", 2);
	memset(text, 'k', KEY_MAX);
	assert_string_equal(key3(&rule, text, "", ""), text);
	row.source_key = str_c(text);
	assert_string_equal(key_of(&source, &row, &no_value), text);
	text[KEY_MAX] = 'k';
	assert_int_equal(strlen(key3(&rule, text, "", "")), 64);
	row.source_key = str_c(text);
	assert_int_equal(strlen(key_of(&source, &row, &no_value)), 32);
	assert_int_equal(strlen(key3(&rule, "a\nb", "", "")), 64);
	assert_int_equal(strlen(key3(&rule, "a\x7f", "", "")), 64);
	assert_string_not_equal(key3(&rule, "a\nb", "", ""), key3(&rule, "a\tb", "", ""));
}

/* Rows of three values, and which column is chosen; "" when none is. */
static const char *
chosen(const char *names, const char *const rows[][3], size_t n)
{
	struct key_sample *ks = key_sample_new(cx.a);
	struct key_rule rule;

	columns_are(names);
	for (size_t i = 0; i < n; i++) {
		const struct cell cells[] = { cell_of(rows[i][0]), cell_of(rows[i][1]),
			cell_of(rows[i][2]) };

		for (size_t k = 0; k < 3; k++)
			if (rows[i][k])
				columns_see(&cols->v[k], cells[k].v);
		key_sample_row(ks, cells, 3);
	}
	columns_finish(cols, true, true, json_list(cx.a));
	key_sample_choose(ks, cols, &rule);
	assert_int_equal(rule.kind, rule.n ? KEY_COLUMNS : KEY_CONTENT);
	return rule.n ? rule.name[0] : "";
}

static void
the_column_that_tells_rows_apart_is_chosen(void **state)
{
	static const char *const plain[][3] = { { "a", "1", "x" }, { "b", "2", "y" } };
	static const char *const again[][3] = { { "a", "1", "x" }, { "b", "1", "y" } };
	static const char *const empty[][3] = { { "a", "", "x" }, { "b", "2", "y" } };
	static const char *const late[][3] = { { "a", NULL, "x" }, { "b", "2", "y" } };
	static const char *const nested[][3] = { { "=[1]", "1", "x" }, { "=[2]", "1", "x" } };
	static const char *const measured[][3] = { { "1.5", "x", "x" }, { "2.25", "x", "x" } };

	(void)state;
	assert_string_equal(chosen("name,ID,e", plain, 2), "ID");
	assert_string_equal(chosen("name,nr,e-mail", plain, 2), "e-mail");
	/* Those whose name tells most come first. */
	assert_string_equal(chosen("code,slug,uuid", plain, 2), "uuid");
	/* The first one, where no name tells. */
	assert_string_equal(chosen("name,nr,e", plain, 2), "name");
	/* One that repeats, or has been empty, is none. */
	assert_string_equal(chosen("name,id,e", again, 2), "name");
	assert_string_equal(chosen("name,id,e", empty, 2), "name");
	assert_string_equal(chosen("name,id,e", late, 2), "name");
	/* Neither is a list, nor what was measured. */
	assert_string_equal(chosen("id,name,e", nested, 2), "");
	assert_string_equal(chosen("depth,name,e", measured, 2), "");
	assert_string_equal(chosen("id,name,e", plain, 0), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_setting_names_a_column_or_several),
		TEST(a_stored_rule_is_read_as_it_was_written),
		TEST(a_column_of_the_key_that_is_not_there_is_named_with_those_that_are),
		TEST(values_of_several_columns_do_not_run_into_each_other),
		TEST(nested_values_are_keys_by_what_they_say),
		TEST(a_row_without_a_key_is_told_apart_by_its_content),
		TEST(a_key_that_is_no_address_is_its_digest),
		TEST(the_column_that_tells_rows_apart_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
