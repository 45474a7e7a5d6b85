/* Events as pages of Notion and back: nothing is lost, whatever the page has properties for. */
#include "unit/unit.h"

#include "provider/notion/event.h"

#define ALL \
	"{\"title\": \"title\", \"date\": \"d\", \"description\": \"e\", \"location\": \"l\", " \
	"\"notes\": \"n\", \"mark\": \"m\"}"
/* As it was read before the property of our own was made. */
#define OLD "{\"title\": \"title\", \"date\": \"d\"}"
#define FEW "{\"title\": \"title\", \"date\": \"d\", \"mark\": \"m\"}"

/* The page that Notion makes of what was written; `had` is what it was. */
static json *
stored(const json *had, const json *properties)
{
	json *page = had ? json_stored(cx.a, json_text(cx.a, had)) : json_new(cx.a);
	json *all = had ? json_at(page, "properties") : json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(properties, &it);) {
		json *one = json_new(cx.a), *list = json_list(cx.a);
		struct json_iter typed = { 0 };

		json_each(it.value, &typed);
		for (size_t i = 0; i < json_len(typed.value) && json_is_list(typed.value); i++) {
			json *piece = json_new(cx.a);
			const char *text = json_str(
			    json_at(json_nth(typed.value, i), "text"), "content");

			assert_true(strlen(text) > 0 && strlen(text) <= 8000);
			json_set_str(piece, "plain_text", text);
			json_add(list, piece);
		}
		json_set_str(one, "id", it.key);
		json_set_str(one, "type", typed.key);
		json_set(one, typed.key, json_is_list(typed.value) ? list : typed.value);
		json_set(all, it.key, one);
	}
	json_set_str(page, "last_edited_time", "2026-10-05T10:00:00.000Z");
	json_set(page, "created_by", json_stored(cx.a, "{\"id\": \"bot\"}"));
	json_set(page, "properties", all);
	return page;
}

static bool
same(const json *x, const json *y)
{
	for (struct json_iter it = { 0 }; json_each(x, &it);)
		if (!notion_same(cx.a, x, y, it.key))
			return false;
	return json_len(x) == json_len(y);
}

static const char *const values[] = {
	"{\"title\": \"A\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": \"2026-10-06\", "
	"\"allDay\": true, \"status\": \"confirmed\", \"busy\": true}",
	"{\"title\": \"B\", \"startDateTime\": \"2026-10-05\", \"endDateTime\": \"2026-10-09\", "
	"\"allDay\": true, \"status\": \"tentative\", \"busy\": false, \"notes\": \"n\"}",
	"{\"startDateTime\": \"2026-10-25T02:30:00+01:00\", \"endDateTime\": "
	"\"2026-10-25T03:30:00+01:00\", \"allDay\": false, \"timeZone\": \"Europe/Berlin\", "
	"\"status\": \"confirmed\", \"busy\": true, \"url\": \"https://u.example\"}",
	/* Wherever one is. */
	"{\"title\": \"C\", \"startDateTime\": \"2026-10-05T10:00:00\", \"endDateTime\": "
	"\"2026-10-05T10:30:00\", \"allDay\": false, \"status\": \"confirmed\", \"busy\": true}",
	/* No time at all between its ends. */
	"{\"title\": \"D\", \"startDateTime\": \"2026-10-05T10:00:00Z\", \"endDateTime\": "
	"\"2026-10-05T10:00:00Z\", \"allDay\": false, \"status\": \"cancelled\", \"busy\": true, "
	"\"description\": \"d\\n\\ud83d\\ude00\", \"color\": \"5\", \"location\": \"L\"}",
};
enum { VALUES = sizeof values / sizeof *values };

static void
what_is_written_is_read_as_it_was(void **state)
{
	static const char *const calendars[] = { ALL, FEW };

	(void)state;
	for (size_t i = 0; i < VALUES; i++)
		for (size_t k = 0; k < 2; k++) {
			struct notion_change c = {
				.calendar = json_stored(cx.a, calendars[k]),
				.shall = json_stored(cx.a, values[i]),
				.push = "p1",
				.object = "o1",
				.uid = "u1",
			};
			struct notion_event e;

			assert_true(notion_event(cx.a, stored(NULL, notion_properties(cx.a, &c)),
			    c.calendar, "bot", &e));
			if (!same(e.value, c.shall))
				flunk("%s, %s", values[i], json_text(cx.a, e.value));
			assert_string_equal(e.push, "p1");
			assert_string_equal(e.object, "o1");
			assert_string_equal(e.uid, "u1");
		}
}

static void
the_mark_is_read_though_its_property_is_not_known_yet(void **state)
{
	(void)state;
	for (size_t i = 0; i < VALUES; i++) {
		struct notion_change c = {
			.calendar = json_stored(cx.a, FEW),
			.shall = json_stored(cx.a, values[i]),
			.push = "p1",
		};
		json *page = stored(NULL, notion_properties(cx.a, &c));
		json *properties = json_at(page, "properties");
		struct notion_event e;

		json_set(properties, NOTION_MARK,
		    json_stored(cx.a, json_text(cx.a, json_at(properties, "m"))));
		json_unset(properties, "m");
		assert_true(notion_event(cx.a, page, json_stored(cx.a, OLD), "bot", &e));
		if (!same(e.value, c.shall))
			flunk("%s, %s", values[i], json_text(cx.a, e.value));
		assert_string_equal(e.push, "p1");
	}
}

/* From each value to each other one, and the same once more is nothing to write. */
static void
a_change_leaves_what_shall_be_and_then_nothing_to_do(void **state)
{
	struct notion_change c = { .calendar = json_stored(cx.a, ALL), .push = "p", .object = "o" };
	struct notion_event e;
	json *page, *more;

	(void)state;
	for (size_t i = 0; i < VALUES * VALUES; i++) {
		c.have = NULL;
		c.had_mark = false;
		c.shall = json_stored(cx.a, values[i / VALUES]);
		page = stored(NULL, notion_properties(cx.a, &c));
		assert_true(notion_event(cx.a, page, c.calendar, "bot", &e));
		c.have = e.value;
		c.had_mark = e.marked;
		c.shall = json_stored(cx.a, values[i % VALUES]);
		page = stored(page, notion_properties(cx.a, &c));
		assert_true(notion_event(cx.a, page, c.calendar, "bot", &e));
		if (!same(e.value, c.shall))
			flunk("%zu: %s", i, json_text(cx.a, e.value));
		c.have = e.value;
		more = notion_properties(cx.a, &c);
		if (json_len(more))
			flunk("%zu: %s", i, json_text(cx.a, more));
	}
}

static void
a_page_that_needs_nothing_beside_it_gets_nothing(void **state)
{
	struct notion_change c = {
		.calendar = json_stored(cx.a, ALL),
		.have = json_stored(cx.a, values[0]),
		.shall = json_stored(cx.a,
		    "{\"title\": \"New\", \"startDateTime\": \"2026-11-05\", \"endDateTime\": "
		    "\"2026-11-06\", \"allDay\": true, \"status\": \"confirmed\", \"busy\": true}"),
	};

	(void)state;
	assert_false(notion_needs_mark(cx.a, &c));
	assert_string_equal(json_text(cx.a, notion_properties(cx.a, &c)),
	    "{\"title\":{\"title\":[{\"text\":{\"content\":\"New\"}}]},\"d\":{\"date\":{\"start\":"
	    "\"2026-11-05\",\"end\":null}}}");
	c.shall = json_stored(cx.a, values[1]);
	assert_true(notion_needs_mark(cx.a, &c));
}

/* A page that was made while there were few properties, read when there are all. */
static void
a_property_that_comes_later_is_filled_in_once(void **state)
{
	static const char all[] =
	    "{\"title\": \"title\", \"date\": \"d\", \"notes\": \"n\", \"url\": \"u\", "
	    "\"status\": \"s\", \"mark\": \"m\", \"types\": {\"url\": \"url\", \"status\": "
	    "\"select\"}, \"fresh\": {\"notes\": 1, \"url\": 1}}";
	static const char *const shown[] = { "Confirmed", "Tentative", "Confirmed", "Confirmed",
		"Cancelled" };
	struct notion_change c = { .calendar = json_stored(cx.a, FEW), .push = "p" };
	struct notion_event e;
	json *page;

	(void)state;
	for (size_t i = 0; i < VALUES; i++) {
		c.calendar = json_stored(cx.a, FEW);
		c.have = c.lacking = c.said = NULL;
		c.had_mark = false;
		c.shall = json_stored(cx.a, values[i]);
		page = stored(NULL, notion_properties(cx.a, &c));
		json_set(json_at(page, "properties"), "s",
		    json_stored(cx.a, "{\"id\": \"s\", \"type\": \"select\", \"select\": null}"));
		c.calendar = json_stored(cx.a, all);
		for (int turn = 0; turn < 2; turn++) {
			assert_true(notion_event(cx.a, page, c.calendar, "bot", &e));
			if (!same(e.value, c.shall))
				flunk("%zu: %s", i, json_text(cx.a, e.value));
			if ((json_len(e.lacking) > 0) != (turn == 0))
				flunk("%zu, %d: %s", i, turn, json_text(cx.a, e.lacking));
			assert_false(json_has(c.shall, "notes") && json_has(e.silent, "notes"));
			c.have = e.value;
			c.had_mark = e.marked;
			c.lacking = e.lacking;
			c.said = e.said;
			page = stored(page, notion_properties(cx.a, &c));
		}
		assert_string_equal(
		    json_str(json_at(json_at(json_at(page, "properties"), "s"), "select"), "name"),
		    shown[i]);
	}
}

/* What a page cannot say is not said to be empty. */
static void
what_no_property_says_is_left_open(void **state)
{
	const json *calendar = json_stored(cx.a, FEW);
	struct notion_change c = { .calendar = calendar, .shall = json_stored(cx.a, values[0]) };
	struct notion_event e;

	(void)state;
	assert_true(
	    notion_event(cx.a, stored(NULL, notion_properties(cx.a, &c)), calendar, "bot", &e));
	assert_string_equal(json_text(cx.a, e.silent),
	    "{\"description\":false,\"location\":false,\"notes\":false,\"url\":false}");
	assert_int_equal(json_len(e.lacking), 0);
}

static void
what_is_moved_in_notion_keeps_the_rest(void **state)
{
	struct notion_change c = {
		.calendar = json_stored(cx.a, ALL),
		.shall = json_stored(cx.a, values[2]),
		.push = "p",
	};
	json *page = stored(NULL, notion_properties(cx.a, &c)), *date;
	struct notion_event e;

	(void)state;
	date = json_at(json_at(json_at(page, "properties"), "d"), "date");
	json_set_str(date, "start", "2026-10-26T10:00:00.000+00:00");
	json_set_null(date, "end");
	assert_true(notion_event(cx.a, page, c.calendar, "bot", &e));
	assert_string_equal(json_str(e.value, "startDateTime"), "2026-10-26T10:00:00Z");
	assert_string_equal(json_str(e.value, "endDateTime"), "2026-10-26T11:00:00Z");
	assert_string_equal(json_str(e.value, "timeZone"), "Europe/Berlin");
	assert_string_equal(json_str(e.value, "url"), "https://u.example");
	/* Somebody else's copy is nobody's but his. */
	json_set(page, "created_by", json_stored(cx.a, "{\"id\": \"ann\"}"));
	assert_true(notion_event(cx.a, page, c.calendar, "bot", &e));
	assert_null(e.push);
	assert_string_equal(json_str(e.value, "url"), "https://u.example");
	json_set_null(json_at(json_at(page, "properties"), "d"), "date");
	assert_false(notion_event(cx.a, page, c.calendar, "bot", &e));
}

static void
long_texts_are_cut_into_pieces_that_notion_takes(void **state)
{
	struct notion_change c = { .calendar = json_stored(cx.a, ALL), .push = "p" };
	struct buf *b = buf_in(cx.a, 100000);
	struct notion_event e;
	json *value = json_stored(cx.a, values[0]), *properties, *pieces;

	(void)state;
	for (int i = 0; i < 1999; i++)
		buf_ch(b, 'x');
	/* Two of Notion's characters, of which one would fit. */
	for (int i = 0; i < 1500; i++)
		buf_str(b, "\xf0\x9f\x98\x80");
	json_set_str(value, "notes", buf_c(b));
	c.shall = value;
	properties = notion_properties(cx.a, &c);
	pieces = json_at(json_at(properties, "n"), "rich_text");
	assert_int_equal(json_len(pieces), 3);
	assert_int_equal(strlen(json_str(json_at(json_nth(pieces, 0), "text"), "content")), 1999);
	assert_int_equal(strlen(json_str(json_at(json_nth(pieces, 1), "text"), "content")), 4000);
	assert_true(notion_event(cx.a, stored(NULL, properties), c.calendar, "bot", &e));
	assert_string_equal(json_str(e.value, "notes"), buf_c(b));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

static void
a_date_of_notion_is_days_or_moments(void **state)
{
	static const struct {
		const char *date, *start, *end;
	} rows[] = {
		{ "{\"start\":\"2026-10-05\"}", "2026-10-05", "2026-10-06" },
		{ "{\"start\":\"2026-10-05\",\"end\":\"2026-10-06\"}", "2026-10-05", "2026-10-07" },
		{ "{\"start\":\"2026-10-05\",\"end\":\"2026-10-01\"}", "2026-10-05", "2026-10-06" },
		{ "{\"start\":\"2026-10-05T10:00:00.000+02:00\",\"end\":null}",
		    "2026-10-05T08:00:00Z", "2026-10-05T09:00:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00Z\",\"end\":\"2026-10-05T12:30:00+01:00\"}",
		    "2026-10-05T10:00:00Z", "2026-10-05T11:30:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00\",\"end\":\"2026-10-05T11:30:00\"}",
		    "2026-10-05T10:00:00Z", "2026-10-05T11:30:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00\",\"end\":\"2026-10-05T11:30:00\","
		  "\"time_zone\":\"America/New_York\"}",
		    "2026-10-05T14:00:00Z", "2026-10-05T15:30:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00+02:00\",\"time_zone\":\"America/New_York\"}",
		    "2026-10-05T08:00:00Z", "2026-10-05T09:00:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00\",\"time_zone\":\"Nowhere\"}",
		    "2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z" },
		{ "{\"start\":\"2026-10-05\",\"time_zone\":\"America/New_York\"}", "2026-10-05",
		    "2026-10-06" },
		{ "{\"start\":\"2026-10-05T10:00:00\",\"end\":\"2026-10-05\"}",
		    "2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00Z\",\"end\":\"2026-10-05T10:00:00Z\"}",
		    "2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z" },
		{ "{\"start\":\"2026-10-05T10:00:00Z\",\"end\":\"soon\"}", "2026-10-05T10:00:00Z",
		    "2026-10-05T11:00:00Z" },
	};
	struct when start, end;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(notion_span_of(cx.a, json_stored(cx.a, rows[i].date), &start, &end));
		assert_string_equal(when_text(cx.a, &start), rows[i].start);
		assert_string_equal(when_text(cx.a, &end), rows[i].end);
	}
	assert_false(notion_span_of(cx.a, json_stored(cx.a, "{\"start\":\"soon\"}"), &start, &end));
	assert_false(
	    notion_span_of(cx.a, json_stored(cx.a, "{\"end\":\"2026-10-05\"}"), &start, &end));
	assert_false(notion_span_of(cx.a, NULL, &start, &end));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read_as_it_was),
		TEST(the_mark_is_read_though_its_property_is_not_known_yet),
		TEST(a_change_leaves_what_shall_be_and_then_nothing_to_do),
		TEST(a_page_that_needs_nothing_beside_it_gets_nothing),
		TEST(a_property_that_comes_later_is_filled_in_once),
		TEST(what_no_property_says_is_left_open),
		TEST(what_is_moved_in_notion_keeps_the_rest),
		TEST(long_texts_are_cut_into_pieces_that_notion_takes),
		TEST(a_date_of_notion_is_days_or_moments),
	};

	return cmocka_run_group_tests_name("Notion, events", tests, NULL, NULL);
}
