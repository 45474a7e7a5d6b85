/* Conditions on rows as people write them, and on pages of Notion, where a property keeps its part
 * in one when it is called otherwise. */
#include "unit/unit.h"

#include "kind/row_test.h"
#include "provider/notion/notion.h"

static void
conditions_hold_as_they_are_written(void **state)
{
	static const struct {
		const char *text, *cell;
		bool holds;
	} rows[] = {
		{ "Status = open", "OPEN", true },
		{ "Status = open", "opened", false },
		{ "Status is open", " open ", true },
		{ "Status is not open", "open", false },
		{ "Status is not open", "", true },
		{ "Status != open", "done", true },
		/* As numbers where both are. */
		{ "Amount >= 100", "100.0", true },
		{ "Amount >= 100", "99", false },
		{ "Amount < 9", "10", false },
		{ "Amount < 9", "1e0", true },
		{ "Amount > 9", "10", true },
		{ "Amount <= 100", "100", true },
		{ "Amount <= 100", "100.5", false },
		{ "Amount = 7", "7.00", true },
		/* Else as texts. */
		{ "Amount < 9", "10 pieces", true },
		{ "Code = 0x10", "16", false },
		{ "Code = nan", "nan", true },
		{ "Code = inf", "INF", true },
		{ "Name < b", "Ann", true },
		{ "Name < b", "b", false },
		{ "Name > ann", "anna", true },
		{ "Name contains ann", "Joanna", true },
		{ "Name contains ann", "an", false },
		{ "Name does not contain ann", "Joanna", false },
		{ "Name does not contain ann", "", true },
		{ "Mail is empty", "  ", true },
		{ "Mail is empty", "a@b.c", false },
		{ "Mail is not empty", "a@b.c", true },
		{ "Mail is not empty", "", false },
		/* The first operator counts. */
		{ "A = b < c", "b < c", true },
		{ "A <= b", "b", true },
		{ "What is new = yes", "yes", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct row_test t;
		const char *why;

		if (!row_test_parse(cx.a, rows[i].text, &t, &why))
			flunk("%s is none", rows[i].text);
		if (row_test_holds(&t, str_c(rows[i].cell)) != rows[i].holds)
			flunk("%s: %s", rows[i].text, rows[i].cell);
	}
}

static void
what_is_no_condition_says_how_one_is_written(void **state)
{
	static const char *const texts[] = { "", "Status", "= open", "  = open", "is empty",
		"Name contains", "Mail is empty now", "Mail is not empty x" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct row_test t;
		const char *why = NULL;

		if (row_test_parse(cx.a, texts[i], &t, &why))
			flunk("\"%s\": %s", texts[i], t.column);
		assert_non_null(strstr(why, "Status = open"));
	}
}

static const json *
conditions(const char *list)
{
	return json_stored(cx.a, arena_printf(cx.a, "{\"where\":%s}", list));
}

/* What is read with those conditions, as the cursor of the read before. */
static const json *
calendar_of(const json *config, const json *before, const char *schema)
{
	json *o = json_new(cx.a);

	json_set(o, "where", notion_where(cx.a, config, before, json_stored(cx.a, schema)));
	return o;
}

static bool
holds(const json *calendar, const char *properties)
{
	return notion_where_holds(cx.a,
	    json_stored(cx.a, arena_printf(cx.a, "{\"properties\":{%s}}", properties)), calendar);
}

#define TICKED(yes) "\"Done\":{\"id\":\"d\",\"type\":\"checkbox\",\"checkbox\":" #yes "}"
#define HOURS(n) "\"Hours\":{\"id\":\"h\",\"type\":\"number\",\"number\":" #n "}"

static void
pages_are_events_for_which_all_conditions_hold(void **state)
{
	static const char schema[] =
	    "[{\"name\":\"Done\",\"id\":\"d\"},{\"name\":\"Hours\",\"id\":\"h\"}]";
	const json *calendar = calendar_of(
	    conditions("[\"Done = false\",\"Hours > 2\"]"), NULL, schema);

	(void)state;
	assert_true(holds(calendar, TICKED(false) "," HOURS(3)));
	assert_false(holds(calendar, TICKED(true) "," HOURS(3)));
	assert_false(holds(calendar, TICKED(false) "," HOURS(2)));
	/* A page that has nothing there. */
	assert_false(holds(calendar, TICKED(false)));
	assert_true(holds(calendar_of(conditions("[]"), NULL, schema), TICKED(true)));
	assert_null(notion_where_missing(calendar));
}

static void
a_property_keeps_its_part_in_a_condition_when_it_is_called_otherwise(void **state)
{
	static const char first[] = "[{\"name\":\"Done\",\"id\":\"d\"}]";
	static const char renamed[] =
	    "[{\"name\":\"Finished\",\"id\":\"d\"},{\"name\":\"X\",\"id\":\"x\"}]";
	static const char another[] =
	    "[{\"name\":\"Done\",\"id\":\"n\"},{\"name\":\"Old\",\"id\":\"d\"}]";
	static const char gone[] = "[{\"name\":\"X\",\"id\":\"x\"}]";
	const json *config = conditions("[\"Done = false\"]");
	const json *before = calendar_of(config, NULL, first), *now;

	(void)state;
	now = calendar_of(config, before, renamed);
	assert_null(notion_where_missing(now));
	assert_true(holds(now, TICKED(false)));
	assert_false(holds(now, TICKED(true)));
	/* One that is called so now is the one. */
	now = calendar_of(config, before, another);
	assert_string_equal(json_str(json_nth(json_at(now, "where"), 0), "id"), "n");
	/* It is told when it is gone, and was not there ever. */
	assert_string_equal(
	    notion_where_missing(calendar_of(config, before, gone)), "Done = false");
	assert_string_equal(notion_where_missing(calendar_of(config, NULL, gone)), "Done = false");
	/* Another condition has not had it. */
	assert_string_equal(
	    notion_where_missing(calendar_of(conditions("[\"Done = true\"]"), before, renamed)),
	    "Done = true");
	assert_null(notion_where_missing(NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(conditions_hold_as_they_are_written),
		TEST(what_is_no_condition_says_how_one_is_written),
		TEST(pages_are_events_for_which_all_conditions_hold),
		TEST(a_property_keeps_its_part_in_a_condition_when_it_is_called_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
