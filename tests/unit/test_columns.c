/* Columns: names that stay, drift, and types that never flip. Single values:
 * tests/table/types.txt. */
#include "unit/unit.h"

#include <stdio.h>

#include "base/rand.h"
#include "table/columns.h"
#include "table/types.h"
#include "unit/table_file.h"

static json *warnings;

/*
 * A read in short: the header's cells and the rows' cells are separated by "|".
 */

static size_t
cut(const char *line, struct str *out)
{
	struct str rest = str_c(line);
	size_t n = 0;

	while (rest.p)
		out[n++] = str_cut(rest, '|', &rest);
	return n;
}

static struct columns *
read_rows(const json *stored, const char *header, const char *const *rows, size_t n)
{
	struct columns *c = columns_new(cx.a, stored);
	struct str cells[64];
	size_t k = cut(header, cells);

	warnings = json_list(cx.a);
	assert_ok(columns_header(&cx, c, cells, k, !stored, warnings));
	for (size_t i = 0; i < n; i++) {
		k = cut(rows[i], cells);
		for (size_t p = 0; p < k && p < c->places; p++)
			columns_see(&c->v[c->by_place[p]], cells[p]);
	}
	columns_finish(c, !stored, true, warnings);
	return c;
}

#define READ(stored, header, ...) \
	read_rows(stored, header, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof(const char *const[]){ __VA_ARGS__ } / sizeof(char *))

/* Columns by number as "name:place", gone ones as "name:-". */
static const char *
shape(const struct columns *c)
{
	struct buf *b = buf_in(cx.a, 100000);

	for (size_t i = 0; i < c->n; i++) {
		buf_printf(b, "%s%s:", i ? " " : "", c->v[i].name);
		if (c->v[i].gone)
			buf_ch(b, '-');
		else
			buf_printf(b, "%d", c->v[i].place);
	}
	return buf_c(b);
}

static const char *
types(const struct columns *c)
{
	struct buf *b = buf_in(cx.a, 100000);

	for (size_t i = 0; i < c->n; i++)
		buf_printf(b, "%s%s", i ? " " : "", c->v[i].type);
	return buf_c(b);
}

/* The message of a code; "": there was none. */
static const char *
told(const char *code)
{
	for (size_t i = 0; i < json_len(warnings); i++)
		if (!strcmp(json_str(json_nth(warnings, i), "code"), code))
			return json_str(json_nth(warnings, i), "message");
	return "";
}

static void
assert_told(const char *code, const char *part)
{
	if (!strstr(told(code), part) || !*told(code))
		flunk("%s: \"%s\" lacks \"%s\"", code, told(code), part);
}

static void
assert_only(const char *code)
{
	if (json_len(warnings) != (code ? 1 : 0) || (code && !*told(code)))
		flunk("warnings: %s", json_text(cx.a, warnings));
}

/* A read of one member with this value. */
static json *
read_value(const json *stored, const char *value)
{
	struct columns *c = columns_new(cx.a, stored);
	size_t no;

	warnings = json_list(cx.a);
	assert_ok(columns_named(&cx, c, STR("n"), &no));
	columns_see_json(&c->v[no], STR("\"text\""));
	columns_see_json(&c->v[no], str_c(value));
	columns_finish(c, !stored, false, warnings);
	return columns_json(cx.a, c);
}

static bool
is_exact(const json *columns)
{
	return json_flag(json_nth(columns, 0), "exact", false);
}

static void
a_column_that_once_had_a_number_too_long_for_sql_is_known_for_it(void **state)
{
	static const char *const longer[] = { "18446744073709551615", "0.12345678901234567",
		"1e400" };
	json *stored;

	(void)state;
	for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
		stored = read_value(NULL, "9223372036854775807");
		assert_true(is_exact(stored));
		assert_true(is_exact(read_value(stored, "\"18446744073709551615\"")));
		stored = read_value(stored, longer[i]);
		assert_false(is_exact(stored));
		assert_false(is_exact(read_value(stored, "1")));
	}
}

static void
of_a_column_from_before_it_was_told_no_more_is_known(void **state)
{
	(void)state;
	assert_false(is_exact(read_value(
	    json_stored(cx.a, "[{\"name\":\"n\",\"type\":\"text\",\"place\":0}]"), "1")));
}

static void
table_case(char *const *col, int n, const char *where)
{
	struct column c = { 0 };
	const char *got = "?";
	struct str s = str_c(col[1]), rest = s;

	assert_true(n >= 3);
	if (!strcmp(col[0], "text"))
		got = type_decide(type_of(s));
	else if (!strcmp(col[0], "json")) {
		columns_see_json(&c, s);
		got = type_decide(c.seen);
	} else if (!strcmp(col[0], "seen")) {
		while (rest.p)
			columns_see(&c, str_cut(rest, ' ', &rest));
		got = type_decide(c.seen);
	} else if (!strcmp(col[0], "widen"))
		got = type_widen(type_word(col[1]), type_word(col[2]));
	if (strcmp(got, col[n - 1]))
		flunk("%s %s: %s", where, col[1], got);
}

static void
values_have_the_types_of_the_table(void **state)
{
	(void)state;
	assert_true(table_each("tests/table/types.txt", table_case) > 100);
}

static void
names_are_trimmed_never_blank_and_never_twice(void **state)
{
	struct columns *c = READ(
	    NULL, " id |name||name|\tmulti\nline|name_2|name", "1|a|x|b|c|d|e");

	(void)state;
	assert_string_equal(
	    shape(c), "id:0 name:1 column_3:2 name_3:3 multi line:4 name_2:5 name_4:6");
	assert_string_equal(c->v[0].label, " id ");
	assert_told("column_duplicate", "\"name_3\", \"name_4\"");
	assert_told("column_blank", "\"column_3\"");
	assert_string_equal(told("column_added"), "");
}

static void
moved_columns_keep_their_numbers(void **state)
{
	struct columns *c = READ(NULL, "id|name|n", "1|a|2");

	(void)state;
	c = READ(columns_json(cx.a, c), "n|id|name", "2|1|a");
	assert_string_equal(shape(c), "id:1 name:2 n:0");
	assert_int_equal(c->by_place[0], 2);
	assert_only("column_moved");
	c = READ(columns_json(cx.a, c), "new|n|id|name", "9|2|1|a");
	assert_string_equal(shape(c), "id:2 name:3 n:1 new:0");
	assert_only("column_added");
	/* The first is the last. */
	c = READ(columns_json(cx.a, c), "n|id|name|new", "2|1|a|9");
	assert_only("column_moved");
	/* Two in the middle change places. */
	c = READ(columns_json(cx.a, c), "n|name|id|new", "2|a|1|9");
	assert_only("column_moved");
	c = READ(columns_json(cx.a, c), "n|name|id|new", "2|a|1|9");
	assert_string_equal(told("column_moved"), "");
	/* One that is gone moves no other. */
	c = READ(columns_json(cx.a, c), "name|id|new", "a|1|9");
	assert_string_equal(told("column_moved"), "");
}

static void
a_new_name_in_the_old_place_is_a_rename(void **state)
{
	struct columns *c = READ(NULL, "id|name|mail|n", "1|a|b|2");

	(void)state;
	c = READ(columns_json(cx.a, c), "id|full name|mail|n", "1|a|b|2");
	assert_string_equal(shape(c), "id:0 full name:1 mail:2 n:3");
	assert_only("column_renamed");
	assert_told("column_renamed", "\"name\" is now \"full name\"");
	/* Two side by side, and a column that came in front of everything. */
	c = READ(columns_json(cx.a, c), "x|id|NAME|E-Mail|n", "0|1|a|b|2");
	assert_string_equal(shape(c), "id:1 NAME:2 E-Mail:3 n:4 x:0");
	assert_told("column_added", "\"x\"");
	assert_told("column_renamed", "\"mail\" is now \"E-Mail\"");
	/* Other numbers of columns between the same neighbours: nobody can know which is which. */
	c = READ(columns_json(cx.a, c), "x|id|first|last|E-Mail|n", "0|1|a|a|b|2");
	assert_string_equal(shape(c), "id:1 NAME:- E-Mail:4 n:5 x:0 first:2 last:3");
	assert_string_equal(told("column_renamed"), "");
	assert_told("column_gone", "\"NAME\"");
}

static void
another_table_is_not_a_renamed_one(void **state)
{
	struct columns *c = READ(NULL, "id|name|n", "1|a|2");

	(void)state;
	c = READ(columns_json(cx.a, c), "date|place|price", "1|a|2");
	assert_string_equal(shape(c), "id:- name:- n:- date:0 place:1 price:2");
	c = READ(NULL, "only", "1");
	c = READ(columns_json(cx.a, c), "other", "1");
	assert_string_equal(shape(c), "other:0");
}

static void
gone_columns_come_back_to_their_number(void **state)
{
	struct columns *c = READ(NULL, "id|name|n", "1|a|2");

	(void)state;
	c = READ(columns_json(cx.a, c), "id|n", "1|2");
	assert_string_equal(shape(c), "id:0 name:- n:1");
	assert_only("column_gone");
	c = READ(columns_json(cx.a, c), "id|n", "1|2");
	assert_only(NULL);
	c = READ(columns_json(cx.a, c), "id|n|name", "1|2|a");
	assert_string_equal(shape(c), "id:0 name:2 n:1");
	assert_told("column_added", "Back in the source: \"name\"");
}

static void
repeated_names_are_told_apart_by_their_order(void **state)
{
	struct columns *c = READ(NULL, "a|x|a|a", "1|2|3|4");

	(void)state;
	assert_string_equal(shape(c), "a:0 x:1 a_2:2 a_3:3");
	c = READ(columns_json(cx.a, c), "x|a|a|a", "2|1|3|4");
	assert_string_equal(shape(c), "a:1 x:0 a_2:2 a_3:3");
	c = READ(columns_json(cx.a, c), "x|a|a", "2|1|3");
	assert_string_equal(shape(c), "a:1 x:0 a_2:2 a_3:-");
	/* A real "a_2" is a new column, not the repetition that goes by that name. */
	c = READ(columns_json(cx.a, c), "x|a|a|a_2", "2|1|3|9");
	assert_string_equal(shape(c), "a:1 x:0 a_2:2 a_3:- a_2_2:3");
}

static void
blank_headers_are_found_by_the_name_before_them(void **state)
{
	struct columns *c = READ(NULL, "a||b|", "1|2|3|4");

	(void)state;
	assert_string_equal(shape(c), "a:0 column_2:1 b:2 column_4:3");
	c = READ(columns_json(cx.a, c), "new|b||a|", "0|3|4|1|2");
	assert_string_equal(shape(c), "a:3 column_2:4 b:1 column_4:2 new:0");
	c = READ(columns_json(cx.a, c), "new|b||a|named", "0|3|4|1|2");
	assert_string_equal(shape(c), "a:3 named:4 b:1 column_4:2 new:0");
	c = READ(columns_json(cx.a, c), "|b||a|named", "0|3|4|1|2");
	assert_string_equal(shape(c), "a:3 named:4 b:1 column_4:2 new:0");
	assert_told("column_renamed", "no name in the header any more and stays \"new\"");
}

static void
the_empty_right_side_of_a_sheet_is_no_column(void **state)
{
	struct columns *c = READ(NULL, "a|b|||", "1|2|||", "3|4");

	(void)state;
	assert_string_equal(shape(c), "a:0 b:1");
	assert_int_equal(c->blank_from, 2);
	assert_only(NULL);
	c = READ(columns_json(cx.a, c), "a|b|||", "1|2||5|", "3|4|||");
	assert_string_equal(shape(c), "a:0 b:1 column_3:2 column_4:3");
	/* Once stored, it stays. */
	c = READ(columns_json(cx.a, c), "a|b|||", "1|2|||");
	assert_string_equal(shape(c), "a:0 b:1 column_3:2 column_4:3");
}

static void
types_widen_with_a_word_and_never_narrow(void **state)
{
	struct columns *c = READ(NULL, "id|n|d|t|e", "1|1|2026-11-20|x|", "2|2||y|");

	(void)state;
	assert_string_equal(types(c), "integer integer date text empty");
	c = READ(columns_json(cx.a, c), "id|n|d|t|e", "1|1.5|2026-11-20T10:00|1|7", "2|2||2|8");
	assert_string_equal(types(c), "integer decimal datetime text integer");
	assert_only("type_changed");
	assert_told("type_changed",
	    "\"n\" was integer, now there is decimal in it too: it is decimal from now on");
	assert_told("type_changed", "\"d\" was date");
	c = READ(columns_json(cx.a, c), "id|n|d|t|e", "A1|1|2026-11-20|1|7");
	assert_string_equal(types(c), "text decimal datetime text integer");
	assert_told("type_changed",
	    "\"id\" was integer, now there is text in it too: it is text from now on");
	c = READ(columns_json(cx.a, c), "id|n|d|t|e", "1|1|2026-11-20|1|");
	assert_string_equal(types(c), "text decimal datetime text integer");
	assert_only(NULL);
	c = READ(NULL, "w", " ", "  ");
	assert_string_equal(types(c), "text");
}

static void
long_lists_are_shortened_in_warnings(void **state)
{
	struct buf *b = buf_in(cx.a, 10000);
	struct columns *c = READ(NULL, "a|b", "1|2");

	(void)state;
	buf_str(b, "a|b");
	for (int i = 0; i < 30; i++)
		buf_printf(b, "|new %d", i);
	c = READ(columns_json(cx.a, c), buf_c(b), "1|2");
	assert_int_equal(c->n, 32);
	assert_told("column_added", "\"new 7\" and 22 more.");
}

static void
hostile_headers_become_usable_names(void **state)
{
	char longest[5000];
	struct str h[5] = {
		{ longest, sizeof longest },
		{ "nul\0here", 8 },
		{ "bad \xff utf-8", 11 },
		{ "\x01\x02\x03", 3 },
		{ "\xc3\xa4\xc3\xa4", 4 },
	};
	struct columns *c = columns_new(cx.a, NULL);

	(void)state;
	memset(longest, 'x', sizeof longest);
	memcpy(longest + COLUMN_NAME_MAX - 1, "\xc3\xa4", 2);
	warnings = json_list(cx.a);
	assert_ok(columns_header(&cx, c, h, 5, true, warnings));
	assert_int_equal(strlen(c->v[0].name), COLUMN_NAME_MAX - 1);
	assert_string_equal(c->v[1].name, "nul here");
	assert_string_equal(c->v[2].name, "column_3");
	assert_string_equal(c->v[3].name, "column_4");
	assert_string_equal(c->v[4].name, "\xc3\xa4\xc3\xa4");
	for (size_t i = 0; i < c->n; i++)
		assert_true(str_utf8_ok(str_c(c->v[i].name)));
	/* The same header again finds the same columns. */
	c = columns_new(cx.a, columns_json(cx.a, c));
	assert_ok(columns_header(&cx, c, h, 5, false, warnings));
	assert_int_equal(c->n, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(c->by_place[i], i);
}

static void
too_many_columns_are_refused(void **state)
{
	struct str *h = arena_array(cx.a, 3000, sizeof *h);
	struct columns *c = columns_new(cx.a, NULL);
	char name[20];
	size_t no;

	(void)state;
	warnings = json_list(cx.a);
	for (size_t i = 0; i < 3000; i++)
		h[i] = str_c(i < 1000 ? arena_printf(cx.a, "c%zu", i) : "");
	assert_ok(columns_header(&cx, c, h, 3000, true, warnings));
	columns_finish(c, true, true, warnings);
	assert_int_equal(c->n, 1000);
	h[1000] = STR("one more");
	assert_error(columns_header(&cx, columns_new(cx.a, NULL), h, 1001, true, warnings),
	    E_SOURCE_TOO_LARGE);
	c = columns_new(cx.a, NULL);
	for (int i = 0; i < COLUMNS_MAX; i++) {
		snprintf(name, sizeof name, "m%d", i);
		assert_ok(columns_named(&cx, c, str_c(name), &no));
		assert_int_equal(no, i);
	}
	assert_error(columns_named(&cx, c, STR("m1000"), &no), E_SOURCE_TOO_LARGE);
	assert_ok(columns_named(&cx, c, STR("m7"), &no));
	assert_int_equal(no, 7);
}

static void
members_are_columns_by_name_in_any_order(void **state)
{
	static const struct str names[] = {
		{ "id", 2 },
		{ "a ", 2 },
		{ "a", 1 },
		{ "", 0 },
		{ "n\0l", 3 },
		{ "new\nline", 8 },
	};
	struct columns *c = columns_new(cx.a, NULL);
	size_t no;

	(void)state;
	warnings = json_list(cx.a);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < 6; i++) {
			size_t k = round == 1 ? 5 - i : i;
			assert_ok(columns_named(&cx, c, names[k], &no));
			assert_int_equal(no, k);
			columns_see_json(&c->v[no], STR("1"));
		}
	columns_finish(c, true, false, warnings);
	assert_string_equal(shape(c), "id:0 a :1 a:2 column_4:3 n l:4 new line:5");
	assert_only(NULL);
	c = columns_new(cx.a, columns_json(cx.a, c));
	for (size_t i = 6; i-- > 1;) {
		assert_ok(columns_named(&cx, c, names[i], &no));
		assert_int_equal(no, i);
	}
	assert_ok(columns_named(&cx, c, STR("fresh"), &no));
	columns_finish(c, false, false, warnings);
	assert_string_equal(shape(c), "id:- a :4 a:3 column_4:2 n l:1 new line:0 fresh:5");
	assert_told("column_gone", "\"id\"");
	assert_told("column_added", "\"fresh\"");
	/* A read without records says nothing about columns. */
	warnings = json_list(cx.a);
	c = columns_new(cx.a, columns_json(cx.a, c));
	columns_finish(c, false, false, warnings);
	assert_string_equal(shape(c), "id:- a :4 a:3 column_4:2 n l:1 new line:0 fresh:5");
	assert_only(NULL);
}

/* Any history of headers: numbers are never given twice, names are unique, every place leads to
 * a column that says so. */
static void
random_headers_keep_the_rules(void **state)
{
	static const char *const pool[] = { "a", "b", "c", "d", "a_2", "column_2", "", "", "a",
		"B" };
	struct columns *c = columns_new(cx.a, NULL);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct str h[8];
		size_t n = 1 + rand_below(8), before;

		if (round % 100 == 0)
			c = columns_new(cx.a, NULL);
		for (size_t i = 0; i < n; i++)
			h[i] = str_c(pool[rand_below(sizeof pool / sizeof *pool)]);
		warnings = json_list(cx.a);
		before = c->n;
		c = columns_new(cx.a, c->n ? columns_json(cx.a, c) : NULL);
		if (columns_header(&cx, c, h, n, before == 0, warnings) != RC_OK)
			continue;
		for (size_t i = 0; i < n; i++) {
			assert_true(c->by_place[i] >= 0 && (size_t)c->by_place[i] < c->n);
			assert_int_equal(c->v[c->by_place[i]].place, i);
			columns_see(&c->v[c->by_place[i]], STR("1"));
		}
		columns_finish(c, before == 0, true, warnings);
		assert_true(c->n >= before);
		for (size_t i = 0; i < c->n; i++) {
			assert_int_equal(columns_find(c, c->v[i].name), i);
			assert_true(c->v[i].gone == (c->v[i].place < 0));
			assert_true(*c->v[i].name);
		}
	}
}

/* Datasets from before the name was kept free. */
static void
a_stored_column_whose_name_is_reserved_by_now_is_called_by_its_place(void **state)
{
	static const char *const stored[][2] = {
		{ "[{\"name\":\"_meta\"},{\"name\":\"id\"}]", "_meta_2 id" },
		{ "[{\"name\":\"id\"},{\"name\":\"_meta\"}]", "id _meta_3" },
		{ "[{\"name\":\"id\"},{\"label\":\"x\"},{\"name\":\"_meta\"}]",
		    "id column_2 _meta_4" },
		{ "[{\"name\":\"_Meta\"},{\"name\":\"_meta_2\"}]", "_Meta _meta_2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
		const struct columns *c = columns_new(cx.a, json_stored(cx.a, stored[i][0]));
		struct buf *b = buf_in(cx.a, 1000);

		for (size_t k = 0; k < c->n; k++) {
			buf_printf(b, "%s%s", k ? " " : "", c->v[k].name);
			assert_int_equal(columns_find(c, c->v[k].name), k);
			assert_int_equal(columns_find(c, c->v[k].label),
			    strcmp(c->v[k].label, "x") ? (int)k : -1);
		}
		assert_string_equal(buf_c(b), stored[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_column_that_once_had_a_number_too_long_for_sql_is_known_for_it),
		cmocka_unit_test(of_a_column_from_before_it_was_told_no_more_is_known),
		cmocka_unit_test(values_have_the_types_of_the_table),
		cmocka_unit_test(names_are_trimmed_never_blank_and_never_twice),
		cmocka_unit_test(moved_columns_keep_their_numbers),
		cmocka_unit_test(a_new_name_in_the_old_place_is_a_rename),
		cmocka_unit_test(another_table_is_not_a_renamed_one),
		cmocka_unit_test(gone_columns_come_back_to_their_number),
		cmocka_unit_test(repeated_names_are_told_apart_by_their_order),
		cmocka_unit_test(blank_headers_are_found_by_the_name_before_them),
		cmocka_unit_test(the_empty_right_side_of_a_sheet_is_no_column),
		cmocka_unit_test(types_widen_with_a_word_and_never_narrow),
		cmocka_unit_test(long_lists_are_shortened_in_warnings),
		cmocka_unit_test(hostile_headers_become_usable_names),
		cmocka_unit_test(too_many_columns_are_refused),
		cmocka_unit_test(members_are_columns_by_name_in_any_order),
		cmocka_unit_test(random_headers_keep_the_rules),
		cmocka_unit_test(
		    a_stored_column_whose_name_is_reserved_by_now_is_called_by_its_place),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
