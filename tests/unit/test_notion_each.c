/* Series as a page for each occurrence: which have one, what is written, and whose edit it is. */
#include "unit/unit.h"

#include "base/clock.h"
#include "provider/notion/event.h"

#define CALENDAR \
	"{\"title\": \"title\", \"date\": \"d\", \"location\": \"l\", \"status\": \"s\", " \
	"\"mark\": \"m\", \"types\": {\"status\": \"select\"}}"
#define SERIES \
	"{\"title\": \"A\", \"location\": \"Hall\", \"startDateTime\": \"2026-10-05\", " \
	"\"endDateTime\": \"2026-10-06\", \"allDay\": true, \"status\": \"confirmed\", " \
	"\"busy\": true, \"recurrence\": [\"RRULE:FREQ=WEEKLY\"], " \
	"\"@20261019\": {\"status\": \"cancelled\"}}"

static int64_t
at(const char *text)
{
	int64_t ms;

	assert_true(clock_parse(str_c(text), &ms));
	return ms / SECOND_MS;
}

/* The page that Notion makes of what was written to `had`. */
static json *
stored(const json *had, const json *properties)
{
	json *page = had ? json_copy(cx.a, had) : json_new(cx.a);
	json *all = had ? json_at(page, "properties") : json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(properties, &it);) {
		json *one = json_copy(cx.a, it.value);
		struct json_iter typed = { 0 };

		json_each(it.value, &typed);
		json_set_str(one, "id", it.key);
		json_set_str(one, "type", typed.key);
		for (size_t i = 0;
		     i < json_len(json_at(one, typed.key)) && json_is_list(json_at(one, typed.key));
		     i++) {
			json *piece = json_nth(json_at(one, typed.key), i);

			json_set_str(
			    piece, "plain_text", json_str(json_at(piece, "text"), "content"));
		}
		json_set(all, it.key, one);
	}
	json_set_str(page, "id", "page");
	json_set(page, "created_by", json_stored(cx.a, "{\"id\": \"bot\"}"));
	json_set(page, "last_edited_by", json_stored(cx.a, "{\"id\": \"bot\"}"));
	json_set(page, "properties", all);
	return page;
}

static const struct notion_event series = { .push = "p", .object = "o" };

static struct notion_occurrence
occurrence(const json *value, const char *slot)
{
	struct when start, place;
	struct occurrence o;

	assert_true(when_read(str_c("2026-10-05"), NULL, &start));
	assert_true(when_slot_read(str_c(slot), &start, &place));
	assert_true(occur_at(cx.a, value, &place, &o));
	return (struct notion_occurrence){
		.calendar = json_stored(cx.a, CALENDAR),
		.value = occur_value(cx.a, value, &o),
		.series = &series,
		.page = "series",
		.slot = slot,
	};
}

static const char *
days(const json *value, const char *now, int64_t *next)
{
	struct buf *b = buf_in(cx.a, 10000);
	struct occurrence *v;
	const size_t n = notion_each_list(cx.a, value, at(now), &v, next);

	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s ", when_slot(cx.a, &v[i].slot));
	return buf_c(b);
}

static void
the_window_goes_along_with_the_days(void **state)
{
	const json *value = json_stored(cx.a, SERIES);
	int64_t next;

	(void)state;
	/* From a week ago to the end of the sixtieth day. */
	assert_string_equal(days(value, "2026-10-13T23:59:59Z", &next),
	    "20261012 20261026 20261102 20261109 20261116 20261123 20261130 20261207 ");
	assert_int_equal(next, at("2026-10-14T00:00:00Z"));
	assert_string_equal(days(value, "2026-10-15T00:00:00Z", &next),
	    "20261012 20261026 20261102 20261109 20261116 20261123 20261130 20261207 20261214 ");
	assert_string_equal(days(value, "2026-10-20T00:00:00Z", &next),
	    "20261026 20261102 20261109 20261116 20261123 20261130 20261207 20261214 ");
	assert_string_equal(days(value, "2026-01-01T00:00:00Z", &next), "");
}

static void
there_are_never_more_than_a_hundred(void **state)
{
	json *value = json_stored(cx.a,
	    "{\"startDateTime\": \"2026-10-05T00:00:00Z\", \"endDateTime\": "
	    "\"2026-10-05T00:00:10Z\", \"recurrence\": [\"RRULE:FREQ=MINUTELY\"]}");
	struct occurrence *v;
	int64_t next;

	(void)state;
	assert_true(notion_each_list(cx.a, value, at("2026-12-05T00:00:00Z"), &v, &next) <= 100);
	json_set(value, "recurrence", json_stored(cx.a, "[\"RRULE:FREQ=HOURLY\"]"));
	assert_int_equal(notion_each_list(cx.a, value, at("2026-12-05T00:00:00Z"), &v, &next), 100);
}

static void
what_was_written_needs_no_writing_and_is_nobodys_edit(void **state)
{
	json *value = json_stored(cx.a, SERIES), *page, *mark;
	struct notion_occurrence o = occurrence(value, "20261012");

	(void)state;
	page = stored(NULL, notion_each_properties(cx.a, &o, NULL, "bot"));
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	assert_false(notion_each_edited(cx.a, page, o.calendar, mark));
	assert_string_equal(json_text(cx.a, notion_each_properties(cx.a, &o, page, "bot")), "{}");
	/* That somebody has written elsewhere in the page is no reason to write. */
	json_set(page, "last_edited_by", json_stored(cx.a, "{\"id\": \"ann\"}"));
	assert_string_equal(json_text(cx.a, notion_each_properties(cx.a, &o, page, "bot")), "{}");
	json_set(value, "status", json_string(cx.a, str_c("tentative")));
	o = occurrence(value, "20261012");
	page = stored(page, notion_each_properties(cx.a, &o, page, "bot"));
	assert_string_equal(
	    json_str(json_at(json_at(json_at(page, "properties"), "s"), "select"), "name"),
	    "Tentative");
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	assert_true(json_flag(mark, "touched", false));
	json_set(page, "created_by", json_stored(cx.a, "{\"id\": \"ann\"}"));
	assert_false(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
}

static json *
edited(json *page, const char *id, const char *property)
{
	json *one = json_new(cx.a);

	json_set(one, id, json_stored(cx.a, property));
	return stored(page, one);
}

static void
an_edit_is_that_occurrences_alone(void **state)
{
	json *value = json_stored(cx.a, SERIES), *page, *mark;
	const struct notion_occurrence o = occurrence(value, "20261012");

	(void)state;
	page = stored(NULL, notion_each_properties(cx.a, &o, NULL, "bot"));
	page = edited(page, "title", "{\"title\": [{\"text\": {\"content\": \"B\"}}]}");
	page = edited(page, "l", "{\"rich_text\": []}");
	page = edited(page, "d", "{\"date\": {\"start\": \"2026-10-13\", \"end\": null}}");
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	assert_true(notion_each_edited(cx.a, page, o.calendar, mark));
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_string_equal(json_text(cx.a, json_at(value, "@20261012")),
	    "{\"timeZone\":null,\"title\":\"B\",\"startDateTime\":\"2026-10-13\","
	    "\"endDateTime\":\"2026-10-14\","
	    "\"allDay\":true,\"location\":null}");
	assert_string_equal(json_str(value, "title"), "A");
	/* As the others are again: then it does not differ. */
	page = edited(page, "title", "{\"title\": [{\"text\": {\"content\": \"A\"}}]}");
	json_set_str(json_at(mark, "sent"), "title", "other");
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_false(json_has(json_at(value, "@20261012"), "title"));
	page = edited(page, "d", "{\"date\": null}");
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_string_equal(
	    json_text(cx.a, json_at(value, "@20261012")), "{\"status\":\"cancelled\"}");
	/* What is left out is not changed by what its page still says. */
	page = edited(page, "title", "{\"title\": [{\"text\": {\"content\": \"C\"}}]}");
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_string_equal(
	    json_text(cx.a, json_at(value, "@20261012")), "{\"status\":\"cancelled\"}");
}

/* The calendar with another property for a word; NULL: none. */
static json *
mapped(const char *word, const char *id)
{
	json *calendar = json_stored(cx.a, CALENDAR);

	if (id)
		json_set_str(calendar, word, id);
	else
		json_unset(calendar, word);
	return calendar;
}

static const char *
override_of(const json *value)
{
	const json *one = json_at(value, "@20261012");

	return one ? json_text(cx.a, one) : "";
}

/* One occurrence is elsewhere than the series, and the database has no property for that. */
static void
what_is_mapped_later_is_filled_in_and_loses_nothing(void **state)
{
	json *value = json_stored(cx.a, SERIES), *page, *mark, *properties;
	struct notion_occurrence o;
	struct notion_unshown shown;

	(void)state;
	json_set(value, "@20261012", json_stored(cx.a, "{\"location\": \"Room 9\"}"));
	o = occurrence(value, "20261012");
	o.calendar = mapped("location", NULL);
	page = stored(NULL, notion_each_properties(cx.a, &o, NULL, "bot"));
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	assert_false(notion_each_edited(cx.a, page, o.calendar, mark));
	/* What no page can say is no reason to keep one that somebody throws away. */
	shown = (struct notion_unshown){
		.calendar = o.calendar,
		.mark = mark,
		.was = json_copy(cx.a, value),
		.now = value,
	};
	notion_each_cancel(cx.a, "20261012", value);
	assert_false(notion_each_unshown(cx.a, &shown, "20261012"));
	/* There is one now, and it is empty. */
	value = json_copy(cx.a, shown.was);
	o = occurrence(value, "20261012");
	assert_false(notion_each_edited(cx.a, page, o.calendar, mark));
	properties = notion_each_properties(cx.a, &o, page, "bot");
	assert_non_null(strstr(json_text(cx.a, json_at(properties, "l")), "Room 9"));
	/* Somebody has written in it before it was filled in: that is his, and it did not say what
	 * it has written over. */
	page = edited(page, "l", "{\"rich_text\": [{\"text\": {\"content\": \"Garden\"}}]}");
	assert_true(notion_each_edited(cx.a, page, o.calendar, mark));
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_string_equal(override_of(value), "{\"location\":\"Garden\"}");
	shown.calendar = o.calendar;
	shown.now = value;
	assert_true(notion_each_unshown(cx.a, &shown, "20261012"));
}

static void
what_another_property_was_made_to_say_is_nobodys_edit(void **state)
{
	json *value = json_stored(cx.a, SERIES), *page, *mark, *properties;
	struct notion_occurrence o;
	const char *before;

	(void)state;
	json_set(value, "@20261012", json_stored(cx.a, "{\"location\": \"Room 9\"}"));
	before = override_of(value);
	o = occurrence(value, "20261012");
	page = stored(NULL, notion_each_properties(cx.a, &o, NULL, "bot"));
	/* Nothing in the new property, no date in the new one: neither was cleared by anybody. */
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	o.calendar = mapped("location", "l2");
	json_set_str((json *)o.calendar, "date", "d2");
	assert_false(notion_each_edited(cx.a, page, o.calendar, mark));
	notion_each_take(cx.a, page, o.calendar, mark, value);
	assert_string_equal(override_of(value), before);
	properties = notion_each_properties(cx.a, &o, page, "bot");
	assert_non_null(strstr(json_text(cx.a, json_at(properties, "l2")), "Room 9"));
	assert_non_null(strstr(json_text(cx.a, json_at(properties, "d2")), "2026-10-12"));
	/* Not said for a while, edited here, said again: the page has what it was made to say. */
	o.calendar = mapped("location", NULL);
	json_set(value, "title", json_string(cx.a, str_c("B")));
	o.value = occurrence(value, "20261012").value;
	page = stored(page, notion_each_properties(cx.a, &o, page, "bot"));
	json_set(value, "@20261012", json_stored(cx.a, "{\"location\": \"Room 1\"}"));
	o = occurrence(value, "20261012");
	assert_true(notion_each_is(cx.a, page, o.calendar, "bot", &mark));
	assert_false(notion_each_edited(cx.a, page, o.calendar, mark));
	properties = notion_each_properties(cx.a, &o, page, "bot");
	assert_non_null(strstr(json_text(cx.a, json_at(properties, "l")), "Room 1"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_window_goes_along_with_the_days),
		TEST(there_are_never_more_than_a_hundred),
		TEST(what_was_written_needs_no_writing_and_is_nobodys_edit),
		TEST(an_edit_is_that_occurrences_alone),
		TEST(what_is_mapped_later_is_filled_in_and_loses_nothing),
		TEST(what_another_property_was_made_to_say_is_nobodys_edit),
	};

	return cmocka_run_group_tests_name("Notion, occurrences", tests, NULL, NULL);
}
