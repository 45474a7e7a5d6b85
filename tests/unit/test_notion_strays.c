/* Pages of occurrences that their series does not have, or lacks: whatever came between, none of
 * them stands there for nothing, none is missing until another day, and what somebody has said in
 * one is not taken back by an index that is late. */
#include "unit/strew_fixture.h"

#define SEATS "\"Seats\": {\"number\": 3}"

/* What Paula does as soon as we have looked at that page. */
static struct {
	const char *id, *body;
} behind;

static void
strays_listen(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	const char *body = behind.body;

	strew_listens(c, arg, in, out);
	if (!body || strcmp(in->method, "GET") || !strstr(in->url, behind.id))
		return;
	behind.body = NULL;
	bearer = "paula";
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", behind.id), body);
	bearer = "n";
}

static void
moves_behind_our_look(const char *id, int to)
{
	net_transport_set(strays_listen, &world);
	behind.id = id;
	behind.body = arena_printf(
	    cx.a, "{\"properties\": {\"When\": {\"date\": {\"start\": \"%s\"}}}}", day(to));
}

static const char *
mark_of(const char *id)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	return text_at("properties.Tidemark.rich_text.0.plain_text");
}

static void
is_in_trash(const char *id, const char *yes)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_string_equal(json_of("in_trash"), yes);
}

static void
shares(const char *id, bool yes)
{
	control(arena_printf(cx.a,
	    "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": %s}}", id,
	    yes ? "true" : "false"));
}

/* All is read, as when somebody asks for it. */
static void
runs_whole(void)
{
	from.asked = true;
	runs();
	from.asked = false;
}

static void
a_page_that_is_moved_just_as_it_is_left_is_no_event_of_its_own(void **state)
{
	const char *id;

	(void)state;
	choir_is_there();
	id = page_on(-4);
	paula_edits(id, SEATS);
	clock_step_by(4 * DAY_MS);
	assert_ok(reads());
	moves_behind_our_look(id, -3);
	assert_ok(tends());
	assert_null(behind.body);
	has(mark_of(id), arena_printf(cx.a, "{\"left\":{\"start\":\"%s\"", day(-3)));
	PAGES_ARE_ON(-3, 17, 38, 59);
}

/* And nobody hears that it was left: it is all the same, also when it is edited later. Given
 * another date, it is one. */
static void
nor_is_it_where_the_answer_to_that_is_lost(void **state)
{
	const char *id;

	(void)state;
	choir_is_there();
	id = page_on(-4);
	paula_edits(id, SEATS);
	clock_step_by(4 * DAY_MS);
	assert_ok(reads());
	moves_behind_our_look(id, -3);
	control(arena_printf(cx.a,
	    "{\"faults\": [{\"kind\": \"lost\", \"method\": \"PATCH\", \"path\": "
	    "\"/v1/pages/%s\", \"count\": 4}]}",
	    id));
	assert_int_not_equal(tends(), RC_OK);
	control("{\"faults\": []}");
	assert_null(behind.body);
	has(mark_of(id), arena_printf(cx.a, "{\"left\":{\"start\":\"%s\"", day(-4)));
	assert_null(agreed(id));
	runs();
	has(mark_of(id), arena_printf(cx.a, "{\"left\":{\"start\":\"%s\"", day(-3)));
	paula_edits(id, TITLE("Solo"));
	assert_null(agreed(id));
	paula_edits(id, arena_printf(cx.a, "\"When\": {\"date\": {\"start\": \"%s\"}}", day(9)));
	has(agreed(id), "Solo");
}

/* Its first page was put into the trash before we had heard that it was made; another was made, of
 * the same push. */
static void
what_becomes_of_an_earlier_page_of_a_series_is_no_matter_of_its_pages(void **state)
{
	const char *first, *key;

	(void)state;
	begin(EACH);
	first = arena_dup(cx.a, push(NULL, choir(-46, "")).key);
	paula_trashes(first, true);
	key = arena_dup(cx.a, push(NULL, choir(-46, "")).key);
	assert_string_not_equal(first, key);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\":{\"%s\":true}}", first));
	runs();
	from.told = NULL;
	PAGES_ARE_ON(-4, 17, 38, 59);
}

static enum rc
deletes(const char *key)
{
	const struct pushed now = looked(key);
	const struct push p = {
		.id = PUSH,
		.dataset = "",
		.key = key,
		.etag = now.etag,
		.was = now.values,
	};
	struct pushed out;

	return writer_notion.send(&cx, &from, &p, &out);
}

static void
comes_back(const char *key)
{
	struct push p = { .id = PUSH, .dataset = "", .key = key, .whole = true };
	struct pushed out;

	p.values = p.all = json_stored(cx.a, choir(-46, ""));
	assert_ok(writer_notion.send(&cx, &from, &p, &out));
	clock_step_by(2 * MINUTE_MS);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
}

/* Whichever request of its deletion is refused: its pages go with the series, and not before it. */
static void
a_series_that_is_not_deleted_after_all_keeps_its_pages(void **state)
{
	const char *key;
	int n = 0;

	(void)state;
	key = choir_is_there();
	for (refused_at = 3; deletes(key) != RC_OK || !refused_at; refused_at = 3 + n++) {
		refused_at = 0;
		cx.err = (struct err){ 0 };
		fine("GET", arena_printf(cx.a, N "/pages/%s", key), NULL);
		if (!strcmp(json_of("in_trash"), "false")) {
			PAGES_ARE_ON(-4, 17, 38, 59);
			continue;
		}
		clock_step_by(HOUR_MS);
		runs_whole();
		NO_PAGES;
		comes_back(key);
	}
	refused_at = 0;
	assert_in_range(n, 4, 40);
	NO_PAGES;
}

/* By us, as it was; or by Paula. */
static void
a_series_that_comes_out_of_the_trash_has_its_pages_again(void **state)
{
	const char *key;

	(void)state;
	key = choir_is_there();
	push(key, NULL);
	runs();
	NO_PAGES;
	comes_back(key);
	push(key, NULL);
	runs_whole();
	NO_PAGES;
	clock_step_by(2 * HOUR_MS);
	paula_trashes(key, false);
	runs_whole();
	PAGES_ARE_ON(-4, 17, 38, 59);
	runs_whole();
	has_not(buf_c(did.asked), "PATCH");
}

static void
a_page_that_was_hidden_while_its_place_went_goes_when_it_is_shown(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(38);
	shares(id, false);
	push(key, choir(-46, arena_printf(cx.a, ",\"@%s\":{\"status\":\"cancelled\"}", slot(38))));
	runs_whole();
	PAGES_ARE_ON(-4, 17, 59);
	clock_step_by(2 * HOUR_MS);
	shares(id, true);
	runs_whole();
	PAGES_ARE_ON(-4, 17, 59);
	is_in_trash(id, "true");
	runs_whole();
	has_not(buf_c(did.asked), "PATCH");
}

/* It was left out of the series when it went into the trash, and its place has gone since. */
static void
a_page_that_comes_out_of_the_trash_without_a_place_is_looked_at(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(59);
	paula_trashes(id, true);
	runs_whole();
	push(key,
	    arena_printf(
		cx.a, "%.*s;COUNT=5\"]}", (int)strlen(choir(-46, "")) - 3, choir(-46, "")));
	runs_whole();
	PAGES_ARE_ON(-4, 17, 38);
	paula_trashes(id, false);
	runs();
	PAGES_ARE_ON(-4, 17, 38);
	has(mark_of(id), "\"left\"");
	is_in_trash(id, "false");
}

/* Without a moment after it. */
static void
paula_retitles(const char *id, const char *title)
{
	bearer = "paula";
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    arena_printf(cx.a,
		"{\"properties\": {\"Name\": {\"title\": [{\"text\": {\"content\": "
		"\"%s\"}}]}}}",
		title));
	bearer = "n";
}

static void
occurrence_is_titled(const char *key, const char *id, const char *title)
{
	has(agreed(key), arena_printf(cx.a, "\"@%s\":{\"title\":\"%s\"}", slot(17), title));
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_string_equal(text_at("properties.Name.title.0.plain_text"), title);
}

/* She edits it twice, and the index tells of the first of these for some minutes more. told: of the
 * second a message does. */
static void
edited_twice(bool by_message)
{
	const char *key, *id;

	key = choir_is_there();
	id = page_on(17);
	paula_edits(id, TITLE("Solo"));
	control("{\"notion_lag_ms\": 60000}");
	paula_retitles(id, "Duet");
	if (by_message)
		from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\":{\"%s\":true}}", id));
	assert_ok(reads());
	from.told = NULL;
	assert_ok(tends());
	occurrence_is_titled(key, id, "Duet");
	for (int i = 0; i < 2; i++) {
		from.asked = i == 0;
		json_unset((json *)from.cursor, "looked");
		assert_ok(reads());
		assert_ok(tends());
		occurrence_is_titled(key, id, "Duet");
	}
	from.asked = false;
	clock_step_by(5 * MINUTE_MS);
	runs();
	occurrence_is_titled(key, id, "Duet");
}

static void
an_edit_that_the_index_still_tells_of_is_not_taken_over_a_later_one(void **state)
{
	(void)state;
	edited_twice(false);
}

static void
nor_is_it_where_a_message_has_told_of_the_later_one(void **state)
{
	(void)state;
	edited_twice(true);
}

/* The index is a minute late: it tells of the first of two edits. What we have written there it
 * tells, too; that is known. */
static void
what_was_edited_in_these_minutes_is_as_its_page_says_and_not_its_list(void **state)
{
	const char *ours = page(TITLE("Choir")), *id;

	(void)state;
	bearer = "paula";
	id = page(
	    arena_printf(cx.a, TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"%s\"}}", day(3)));
	bearer = "n";
	begin(ONE);
	clock_step_by(7 * MINUTE_MS);
	control("{\"notion_lag_ms\": 60000}");
	paula_retitles(id, "Solo");
	clock_step_by(30 * SECOND_MS);
	paula_retitles(id, "Duet");
	clock_step_by(45 * SECOND_MS);
	has(queried("{}"), "Solo");
	assert_ok(reads());
	assert_true(did.delta);
	assert_int_equal(did.calls, 2);
	has(rows_read(), "Duet");
	assert_ok(reads());
	assert_true(did.unchanged);
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", ours),
	    "{\"properties\": {" TITLE("Trio") "}}");
	clock_step_by(61 * SECOND_MS);
	assert_ok(reads());
	assert_int_equal(did.calls, 1);
	has(rows_read(), "Trio");
}

/* The index does not tell of it yet. */
static void
a_page_that_is_left_out_just_as_it_is_to_be_written_goes_at_once(void **state)
{
	const char *key = choir_is_there(), *id = page_on(17);
	json *band = json_stored(cx.a, choir(-46, ""));

	(void)state;
	json_set_str(band, "title", "Band");
	push(key, json_text(cx.a, band));
	assert_ok(reads());
	control("{\"notion_lag_ms\": 60000}");
	bearer = "paula";
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {\"When\": {\"date\": null}}}");
	bearer = "n";
	assert_ok(tends());
	has(mark_of(id), "\"left\"");
	clock_step_by(2 * MINUTE_MS);
	PAGES_ARE_ON(-4, 38, 59);
	has(agreed(key), "cancelled");
}

/* --- a series that is gone --- */

static int solos; /* twins that are gone and tell of it */

static enum rc
counts_solos(struct ctx *c, struct twin_sink *sink, const struct twin *t)
{
	(void)c, (void)sink;
	if (!t->values && strstr(json_text(cx.a, t->unseen), "Solo"))
		solos++;
	return RC_OK;
}

static void
what_was_written_over_unseen_is_told_of_a_series_in_the_trash(void **state)
{
	struct twin_sink sink = { .twin = counts_solos };
	struct fixture_page pages[READ_PAGES];
	struct page_in in[READ_PAGES];
	struct pushed now;
	const char *key;

	(void)state;
	key = choir_is_there();
	push(key, choir(-46, arena_printf(cx.a, ",\"@%s\":{\"title\":\"Solo\"}", slot(17))));
	paula_edits(page_on(17), TITLE("Duet"));
	assert_ok(reads());
	paula_trashes(key, true);
	now = looked(key);
	assert_null(now.values);
	has(json_text(cx.a, now.last), "Duet");
	has(json_text(cx.a, now.unseen), "Solo");
	from.told = json_stored(cx.a, arena_printf(cx.a, "{\"items\":{\"%s\":true}}", key));
	assert_ok(reads());
	solos = 0;
	assert_ok(reader_notion.twins(&cx, &from, in, pages_in(pages, in), &sink));
	assert_int_equal(solos, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		strew_test(a_page_that_is_moved_just_as_it_is_left_is_no_event_of_its_own),
		strew_test(nor_is_it_where_the_answer_to_that_is_lost),
		strew_test(what_becomes_of_an_earlier_page_of_a_series_is_no_matter_of_its_pages),
		strew_test(a_series_that_is_not_deleted_after_all_keeps_its_pages),
		strew_test(a_series_that_comes_out_of_the_trash_has_its_pages_again),
		strew_test(a_page_that_was_hidden_while_its_place_went_goes_when_it_is_shown),
		strew_test(a_page_that_comes_out_of_the_trash_without_a_place_is_looked_at),
		strew_test(an_edit_that_the_index_still_tells_of_is_not_taken_over_a_later_one),
		strew_test(nor_is_it_where_a_message_has_told_of_the_later_one),
		strew_test(a_page_that_is_left_out_just_as_it_is_to_be_written_goes_at_once),
		strew_test(what_was_written_over_unseen_is_told_of_a_series_in_the_trash),
		strew_test(what_was_edited_in_these_minutes_is_as_its_page_says_and_not_its_list),
	};

	return cmocka_run_group_tests_name("pages without a place", tests, NULL, NULL);
}
