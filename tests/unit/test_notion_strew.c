/* The pages of the occurrences of a series at Notion, call by call against a workspace of the
 * stand-in in this process: they are as the series says, what somebody changes on one is of that
 * occurrence, and nothing that somebody has written in one goes. */
#include "unit/strew_fixture.h"

#define SEATS "\"Seats\": {\"number\": 3}"
#define NO_DATE "\"When\": {\"date\": null}"

static void
agrees_on(const char *key, const char *part)
{
	has(agreed(key), part);
}

static void
agrees_not_on(const char *key, const char *part)
{
	has_not(agreed(key), part);
}

static void
of_page(const char *id, const char *path, const char *value)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_string_equal(json_of(path), value);
}

/* It is no page of ours any more, and its record says why. */
static void
was_left(const char *id, const char *why)
{
	of_page(id, "in_trash", "false");
	of_page(id, "properties.Seats.number", "3");
	has(text_at("properties.Tidemark.rich_text.0.plain_text"), "\"left\"");
	has(buf_c(told), arena_printf(cx.a, "%s %s", id, why));
}

/* --- it is level --- */

static void
what_is_level_is_not_written_to(void **state)
{
	const char *key;

	(void)state;
	key = choir_is_there();
	agrees_not_on(key, "\"@");
	runs();
	has_not(buf_c(did.asked), "PATCH");
	has_not(buf_c(did.asked), "POST /v1/pages\n");
	PAGES_ARE_ON(-4, 17, 38, 59);
}

static void
a_series_that_is_moved_takes_its_pages_along(void **state)
{
	const int days[] = { -4, 17, 38, 59 };
	const char *key, *id[4];

	(void)state;
	key = choir_is_there();
	for (size_t i = 0; i < 4; i++)
		id[i] = page_on(days[i]);
	paula_edits(id[1], SEATS);
	push(key, choir(-45, ""));
	runs();
	PAGES_ARE_ON(-3, 18, 39, 60);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(page_on(days[i] + 1), id[i]);
	of_page(id[1], "properties.Seats.number", "3");
	/* One that has its place as before stays, whatever is moved beside it. */
	push(key, choir(-24, ""));
	runs();
	PAGES_ARE_ON(-3, 18, 39, 60);
	assert_string_equal(page_on(18), id[1]);
}

static void
the_window_goes_along(void **state)
{
	const char *first;

	(void)state;
	choir_is_there();
	first = page_on(-4);
	clock_step_by(4 * DAY_MS);
	runs();
	PAGES_ARE_ON(17, 38, 59);
	of_page(first, "in_trash", "true");
	has(buf_c(told), arena_printf(cx.a, "%s went: ", first));
	clock_step_by(19 * DAY_MS);
	runs();
	PAGES_ARE_ON(17, 38, 59, 80);
}

static void
what_is_over_and_was_written_in_stays_on_its_day(void **state)
{
	const char *id;

	(void)state;
	choir_is_there();
	id = page_on(-4);
	paula_edits(id, SEATS);
	clock_step_by(4 * DAY_MS);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	was_left(id, "The occurrence is over.");
}

static void
what_goes_here_goes_there_unless_somebody_has_written_in_it(void **state)
{
	const char *key, *id, *unwritten, *without;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	unwritten = page_on(38);
	paula_edits(id, SEATS);
	without = arena_printf(cx.a,
	    ",\"@%s\":{\"status\":\"cancelled\"},\"@%s\":{\"status\":\"cancelled\"}", slot(17),
	    slot(38));
	push(key, choir(-46, without));
	runs();
	PAGES_ARE_ON(-4, 59);
	was_left(id, "The occurrence is not in its series any more.");
	of_page(unwritten, "in_trash", "true");
	/* With a date of its own it is Paula's, and none of the series. */
	paula_edits(id, "\"When\": {\"date\": {\"start\": \"2026-12-24\"}}");
	runs();
	agrees_not_on(key, "2026-12-24");
	of_page(id, "properties.When.date.start", "\"2026-12-24\"");
}

/* --- somebody there --- */

static void
an_edit_of_a_page_is_one_of_that_occurrence(void **state)
{
	const char *key;

	(void)state;
	key = choir_is_there();
	paula_edits(page_on(17), TITLE("Solo"));
	runs();
	agrees_on(key, arena_printf(cx.a, "\"@%s\":{\"title\":\"Solo\"}", slot(17)));
	paula_edits(
	    page_on(38), arena_printf(cx.a, "\"When\": {\"date\": {\"start\": \"%s\"}}", day(40)));
	runs();
	PAGES_ARE_ON(-4, 17, 40, 59);
	agrees_on(key, day(40));
	agrees_on(key, "Solo");
}

static void
a_page_without_a_date_or_in_the_trash_is_left_out_of_its_series(void **state)
{
	const char *key, *id, *trashed, *out17, *out38;

	(void)state;
	key = choir_is_there();
	out17 = arena_printf(cx.a, "\"@%s\":{\"status\":\"cancelled\"}", slot(17));
	out38 = arena_printf(cx.a, "\"@%s\":{\"status\":\"cancelled\"}", slot(38));
	id = page_on(17);
	trashed = page_on(38);
	paula_edits(id, NO_DATE);
	runs();
	agrees_on(key, out17);
	paula_trashes(trashed, true);
	runs();
	from.cursor = NULL;
	runs();
	agrees_on(key, out38);
	PAGES_ARE_ON(-4, 59);
	/* Out of it again, it is in the series again. */
	paula_trashes(trashed, false);
	runs();
	agrees_not_on(key, out38);
	assert_string_equal(page_on(38), trashed);
	PAGES_ARE_ON(-4, 38, 59);
}

/* What was written over in pages before they said it. */
static const char *
unseen(const char *key)
{
	const json *of = looked(key).unseen;

	return of ? json_text(cx.a, of) : "";
}

static const char *
titled(int day, const char *title)
{
	return arena_printf(cx.a, "\"@%s\":{\"title\":\"%s\"}", slot(day), title);
}

static void
what_is_written_over_in_a_page_that_does_not_say_it_yet_is_told(void **state)
{
	const char *key, *id, *undated, *trashed, *more;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	undated = page_on(38);
	trashed = page_on(59);
	more = arena_printf(
	    cx.a, ",%s,%s,%s", titled(17, "Solo"), titled(38, "Trio"), titled(59, "Quartet"));
	push(key, choir(-46, more));
	assert_string_equal(unseen(key), "");
	paula_edits(id, TITLE("Duet"));
	paula_edits(undated, NO_DATE);
	paula_trashes(trashed, true);
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\":{\"%s\":true}}", trashed));
	runs();
	from.told = NULL;
	agrees_on(key, titled(17, "Duet"));
	has(unseen(key), titled(17, "Solo"));
	has(unseen(key), titled(38, "Trio"));
	has(unseen(key), titled(59, "Quartet"));
	/* The page says by now what is there: who edits it has seen that. */
	paula_edits(id, TITLE("Chorus"));
	runs();
	agrees_on(key, titled(17, "Chorus"));
	has(unseen(key), titled(17, "Solo"));
	/* What is there again is not written over any more. */
	push(key, choir(-46, more));
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	assert_string_equal(unseen(key), "");
}

static void
who_edits_his_own_edit_or_something_else_has_written_over_nothing(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	paula_edits(id, TITLE("Solo"));
	assert_ok(reads());
	paula_edits(id, TITLE("Duet"));
	assert_ok(reads());
	agrees_on(key, titled(17, "Duet"));
	assert_string_equal(unseen(key), "");
	id = page_on(38);
	push(key, choir(-46, arena_printf(cx.a, ",%s", titled(38, "Trio"))));
	paula_edits(id, arena_printf(cx.a, "\"When\": {\"date\": {\"start\": \"%s\"}}", day(40)));
	runs();
	agrees_on(key, "Trio");
	agrees_on(key, day(40));
	assert_string_equal(unseen(key), "");
	PAGES_ARE_ON(-4, 17, 40, 59);
}

/* Notion says so in a message, which names the page; the read itself takes it into the series. */
static void
a_page_that_is_told_to_be_in_the_trash_is_left_out_at_once(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	runs();
	id = page_on(17);
	paula_trashes(id, true);
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\":{\"%s\":true}}", id));
	assert_ok(reads());
	from.told = NULL;
	agrees_on(key, arena_printf(cx.a, "\"@%s\":{\"status\":\"cancelled\"}", slot(17)));
	assert_ok(tends());
	PAGES_ARE_ON(-4, 38, 59);
}

static void
edits_are_not_taken_where_nothing_comes_from_there(void **state)
{
	const char *key;

	(void)state;
	key = choir_is_there();
	settings(EACH ", \"direction\": \"push\"");
	paula_edits(page_on(17), TITLE("Solo"));
	paula_trashes(page_on(38), true);
	runs();
	agrees_not_on(key, "Solo");
	agrees_not_on(key, "cancelled");
	/* And where nothing goes there, nothing is done there. */
	settings(EACH ", \"direction\": \"pull\"");
	push(key, choir(-45, ""));
	runs();
	assert_null(page_on(18));
}

/* --- accidents --- */

static void
of_two_pages_for_one_place_the_later_one_goes(void **state)
{
	const char *id, *mark, *twin;

	(void)state;
	choir_is_there();
	id = page_on(17);
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	mark = json_text(
	    cx.a, json_string(cx.a, str_c(text_at("properties.Tidemark.rich_text.0.plain_text"))));
	twin = page(arena_printf(cx.a,
	    TITLE("Choir") ", \"When\": {\"date\": {\"start\": \"%s\"}}, \"Tidemark\": "
			   "{\"rich_text\": [{\"text\": {\"content\": %s}}]}",
	    day(17), mark));
	clock_step_by(DAY_MS);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	of_page(twin, "in_trash", "true");
	of_page(id, "in_trash", "false");
}

/* Pages that we have asked for. */
static int
made_there(void)
{
	int n = 0;

	for (const char *p = buf_c(did.asked); (p = strstr(p, "POST /v1/pages\n")); p++)
		n++;
	return n;
}

static void
a_page_whose_answer_is_lost_is_made_once_however_late_the_index_is(void **state)
{
	(void)state;
	begin(EACH);
	push(NULL, choir(-46, ""));
	assert_ok(reads());
	control("{\"notion_lag_ms\": 170000, \"faults\": [{\"kind\": \"lost\", \"method\": "
		"\"POST\", \"path\": \"/v1/pages\", \"count\": 1}]}");
	buf_clear(did.asked);
	assert_int_not_equal(tends(), RC_OK);
	assert_int_equal(made_there(), 1);
	/* The index does not tell yet that it has arrived: nothing is made. */
	clock_step_by(2 * MINUTE_MS);
	assert_ok(tends());
	assert_int_equal(made_there(), 1);
	clock_step_by(2 * MINUTE_MS);
	assert_ok(tends());
	assert_int_equal(made_there(), 4);
	clock_step_by(4 * MINUTE_MS);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
}

static void
what_is_not_shown_to_us_is_neither_missed_nor_made_again(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	control(arena_printf(
	    cx.a, "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": false}}", id));
	push(key, choir(-46, ",\"location\":\"Hall\""));
	runs();
	agrees_not_on(key, "cancelled");
	PAGES_ARE_ON(-4, 38, 59);
	control(arena_printf(
	    cx.a, "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": true}}", id));
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	assert_string_equal(page_on(17), id);
}

static const char *series_key, *series_page;

static enum rc
reads_and_tends(void)
{
	TRY(reads());
	clock_step_by(2 * MINUTE_MS);
	return tends();
}

/* Another day each time, and somebody who has edited one of the pages. */
static void
moves(int n)
{
	push(series_key, choir(n % 2 ? -45 : -46, ""));
	paula_edits(page_on(n % 2 ? 38 : 39), SEATS);
}

static void
pages_are_level(int n)
{
	const int by = n % 2;

	json_set_bool((json *)from.cursor, "untended", true);
	clock_step_by(4 * MINUTE_MS);
	runs();
	runs();
	PAGES_ARE_ON(-4 + by, 17 + by, 38 + by, 59 + by);
	assert_string_equal(page_on(38 + by), series_page);
	of_page(series_page, "properties.Seats.number", "3");
}

static void
whichever_request_is_refused_the_next_run_makes_it_level(void **state)
{
	(void)state;
	series_key = choir_is_there();
	series_page = page_on(38);
	assert_in_range(refused_each(reads_and_tends, moves, pages_are_level), 5, 100);
}

/* --- the end --- */

static void
with_a_series_go_the_pages_that_nobody_has_written_in(void **state)
{
	const char *key, *id, *text;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	text = page_on(38);
	paula_edits(id, SEATS);
	paula("PATCH", arena_printf(cx.a, N "/blocks/%s/children", text),
	    "{\"children\": [{\"paragraph\": {\"rich_text\": " TEXT("Bring cake.") "}}]}");
	push(key, NULL);
	runs();
	from.cursor = NULL;
	runs();
	NO_PAGES;
	of_page(id, "in_trash", "false");
	of_page(id, "properties.Seats.number", "3");
	of_page(text, "in_trash", "false");
}

static void
a_series_that_is_to_be_one_page_is_one_again(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(59);
	paula_edits(id, SEATS);
	from.config = json_stored(
	    cx.a, arena_printf(cx.a, "{\"dataSource\": \"%s\", \"mode\": \"calendar\"}", source));
	from.cursor = NULL;
	runs();
	runs();
	/* It shows the one that comes next; a page that was written in has no date. */
	PAGES_ARE_ON(17);
	assert_string_equal(page_on(17), key);
	of_page(id, "properties.Seats.number", "3");
	/* And back. */
	settings(EACH);
	from.cursor = NULL;
	runs();
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	assert_string_not_equal(page_on(17), key);
}

static void
an_event_that_comes_once_is_no_matter_of_this(void **state)
{
	const char *key;

	(void)state;
	begin(EACH);
	key = arena_dup(cx.a,
	    push(NULL,
		arena_printf(cx.a,
		    "{\"title\":\"Tea\",\"startDateTime\":\"%s\",\"endDateTime\":\"%s\","
		    "\"allDay\":true,\"status\":\"confirmed\",\"busy\":true}",
		    day(3), day(4)))
		.key);
	runs();
	PAGES_ARE_ON(3);
	assert_string_equal(page_on(3), key);
}

/* --- the index is late --- */

static void
what_the_index_does_not_tell_yet_is_not_written_over(void **state)
{
	const char *key, *mine, *other;
	char *recital;

	(void)state;
	key = choir_is_there();
	mine = page_on(17);
	other = page_on(38);
	recital = arena_dup(cx.a, choir(-46, ""));
	memcpy(strstr(recital, "Choir"), "Opera", 5);
	push(key, recital);
	assert_ok(reads());
	control("{\"notion_lag_ms\": 60000}");
	clock_step_by(2 * MINUTE_MS);
	paula_edits(mine, TITLE("Solo"));
	assert_ok(tends());
	of_page(other, "properties.Name.title.0.plain_text", "\"Opera\"");
	of_page(mine, "properties.Name.title.0.plain_text", "\"Solo\"");
	agrees_on(key, arena_printf(cx.a, "\"@%s\":{\"title\":\"Solo\"}", slot(17)));
	paula_trashes(mine, true);
	push(key, choir(-46, ""));
	assert_ok(reads());
	assert_ok(tends());
	of_page(mine, "in_trash", "true");
	agrees_on(key, arena_printf(cx.a, "\"@%s\":{\"status\":\"cancelled\"}", slot(17)));
}

static void
one_in_the_trash_has_its_say_once(void **state)
{
	const char *key, *first;

	(void)state;
	key = choir_is_there();
	first = page_on(17);
	paula_trashes(first, true);
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\": {\"%s\": true}}", first));
	runs();
	PAGES_ARE_ON(-4, 38, 59);
	/* It was edited here, which stands. */
	push(key, choir(-46, arena_printf(cx.a, ",\"@%s\":{\"title\":\"Solo\"}", slot(17))));
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	agrees_not_on(key, "cancelled");
	of_page(first, "in_trash", "true");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		strew_test(what_is_level_is_not_written_to),
		strew_test(a_series_that_is_moved_takes_its_pages_along),
		strew_test(the_window_goes_along),
		strew_test(what_is_over_and_was_written_in_stays_on_its_day),
		strew_test(what_goes_here_goes_there_unless_somebody_has_written_in_it),
		strew_test(an_edit_of_a_page_is_one_of_that_occurrence),
		strew_test(a_page_without_a_date_or_in_the_trash_is_left_out_of_its_series),
		strew_test(what_is_written_over_in_a_page_that_does_not_say_it_yet_is_told),
		strew_test(who_edits_his_own_edit_or_something_else_has_written_over_nothing),
		strew_test(a_page_that_is_told_to_be_in_the_trash_is_left_out_at_once),
		strew_test(edits_are_not_taken_where_nothing_comes_from_there),
		strew_test(of_two_pages_for_one_place_the_later_one_goes),
		strew_test(a_page_whose_answer_is_lost_is_made_once_however_late_the_index_is),
		strew_test(what_the_index_does_not_tell_yet_is_not_written_over),
		strew_test(one_in_the_trash_has_its_say_once),
		strew_test(what_is_not_shown_to_us_is_neither_missed_nor_made_again),
		strew_test(whichever_request_is_refused_the_next_run_makes_it_level),
		strew_test(with_a_series_go_the_pages_that_nobody_has_written_in),
		strew_test(a_series_that_is_to_be_one_page_is_one_again),
		strew_test(an_event_that_comes_once_is_no_matter_of_this),
	};

	return cmocka_run_group_tests_name("pages of a series", tests, NULL, NULL);
}
