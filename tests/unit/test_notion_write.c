/* What goes out to Notion, against a workspace of the stand-in in this process: only what differs,
 * only where the page is as it was seen, and found again when no answer came. */
#include "unit/notion_fixture.h"
#include "unit/read_fixture.h"

#include "base/clock.h"
#include "provider/notion/notion.h"

#define PUSH "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11"
#define TEA \
	"{\"title\":\"Tea\",\"startDateTime\":\"2026-10-05\",\"endDateTime\":\"2026-10-06\"," \
	"\"allDay\":true,\"status\":\"confirmed\",\"busy\":true}"
#define LATER \
	"{\"title\":\"Tea\",\"startDateTime\":\"2026-10-07\",\"endDateTime\":\"2026-10-08\"," \
	"\"allDay\":true,\"status\":\"confirmed\",\"busy\":true}"

static struct pushed seen;
static struct buf *sent; /* bodies of what changes something, a line each */

/* What somebody writes to a page as soon as we have looked at it. */
static const char *behind;
static bool shows_behind; /* the database is shown again then */

static void shown(bool);

static void
listens(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	if (!strcmp(in->method, "PATCH") || strstr(in->url, "/v1/pages?") ||
	    !strcmp(in->url + strlen(in->url) - strlen("/v1/pages"), "/v1/pages"))
		buf_printf(sent, "%s %.*s\n", in->method, (int)in->body.n, in->body.p);
	read_listens(c, arg, in, out);
	if (shows_behind && strstr(in->url, "/v1/pages/")) {
		shows_behind = false;
		shown(true);
	}
	if (behind && !strcmp(in->method, "GET") && strstr(in->url, "/v1/pages/")) {
		const char *body = behind;

		behind = NULL;
		fine("PATCH", arena_printf(cx.a, N "%s", strstr(in->url, "/v1/") + 3), body);
	}
}

/* As after a first read of a calendar. */
static void
begin(void)
{
	conf_override(CONF_NOTION_API_BASE, "https://api.notion.com/fake/notion");
	read_begin(&reader_notion, "n",
	    arena_printf(cx.a, "{\"dataSource\": \"%s\", \"mode\": \"calendar\"}", source));
	net_transport_set(listens, &world);
	sent = buf_in(cx.a, 1 << 20);
	assert_ok(reads());
}

static enum rc
push_with(struct push p, const char *was, const char *all)
{
	struct pushed answer = { 0 };
	enum rc rc;

	p.id = PUSH;
	p.dataset = "";
	p.object = "object";
	p.uid = "uid";
	p.was = was ? json_stored(cx.a, was) : NULL;
	p.all = all ? json_stored(cx.a, all) : NULL;
	p.values = p.all;
	buf_clear(sent);
	cx.err = (struct err){ 0 };
	rc = writer_notion.send(&cx, &from, &p, &answer);
	if (rc == RC_OK)
		seen = answer;
	return rc;
}

/* key NULL: it is made. all NULL: it is deleted. As it was seen last. */
static enum rc
push(const char *key, const char *was, const char *all)
{
	return push_with((struct push){ .key = key, .etag = key ? seen.etag : NULL }, was, all);
}

static const char *
made(void)
{
	assert_ok(push(NULL, NULL, TEA));
	assert_non_null(seen.key);
	assert_non_null(seen.etag);
	/* By which is judged whether it or an edit here is the newer one. */
	assert_true(seen.edited_at > 0);
	return seen.key;
}

static struct pushed
looked(const char *key)
{
	const struct push p = { .id = PUSH, .key = key };
	struct pushed out = { 0 };

	assert_ok(writer_notion.look(&cx, &from, &p, &out));
	return out;
}

static void
there(const char *id, const char *path, const char *value)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	assert_string_equal(json_of(path), value);
}

static void
what_is_made_has_its_names_and_only_what_differs_is_sent(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	assert_string_equal(json_str(seen.values, "title"), "Tea");
	there(id, "properties.When.date.start", "\"2026-10-05\"");
	there(id, "properties.Name.title.0.plain_text", "\"Tea\"");
	/* The property of ours was made for it, once. */
	has(buf_c(sent), "{\"properties\":{\"Tidemark\":{\"rich_text\":{}}}}");
	has(text_at("properties.Tidemark.rich_text.0.plain_text"), PUSH);
	has(text_at("properties.Tidemark.rich_text.0.plain_text"), "\"object\":\"object\"");
	assert_ok(push(id, TEA, LATER));
	there(id, "properties.When.date.start", "\"2026-10-07\"");
	has_not(buf_c(sent), "\"title\"");
	assert_string_equal(json_str(seen.values, "startDateTime"), "2026-10-07");
	/* Nothing differs: nothing is sent. */
	assert_ok(push(id, LATER, LATER));
	assert_string_equal(buf_c(sent), "");
	/* Of values alone the rest is what it was. */
	{
		struct pushed out;
		const struct push p = {
			.id = PUSH,
			.dataset = "",
			.key = id,
			.etag = seen.etag,
			.was = json_stored(cx.a, LATER),
			.values = json_stored(cx.a, "{\"title\":\"Pot\",\"busy\":null}"),
		};

		assert_ok(writer_notion.send(&cx, &from, &p, &out));
		assert_string_equal(json_str(out.values, "title"), "Pot");
		assert_string_equal(json_str(out.values, "startDateTime"), "2026-10-07");
	}
}

static void
a_page_that_was_changed_meanwhile_is_not_written_to(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {" TITLE("Coffee") "}}");
	assert_error(push(id, TEA, LATER), E_CHANGED);
	has(cx.err.detail, "changed in Notion meanwhile");
	assert_error(push(id, TEA, NULL), E_CHANGED);
	assert_string_equal(buf_c(sent), "");
	there(id, "properties.When.date.start", "\"2026-10-05\"");
	/* No state is known: it is written as it is. */
	seen.etag = NULL;
	assert_ok(push(id, TEA, LATER));
	/* What says nothing of the event is no change of it. */
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {\"Seats\": {\"number\": 3}}}");
	assert_ok(push(id, LATER, TEA));
	there(id, "properties.Seats.number", "3");
	/* Its date was taken away: it is no event any more. */
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {\"When\": {\"date\": null}}}");
	assert_error(push(id, TEA, LATER), E_CHANGED);
	assert_non_null(looked(id).key);
	assert_null(looked(id).values);
}

/* Between our look and our write: what has been written is nothing of the calendar. */
static void
a_page_that_leaves_the_calendar_as_it_is_written_to_is_not_taken_for_written(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	behind = "{\"properties\": {\"When\": {\"date\": null}}}";
	assert_error(push(id, TEA,
			 "{\"title\":\"Pot\",\"startDateTime\":\"2026-10-05\",\"endDateTime\":"
			 "\"2026-10-06\",\"allDay\":true,\"status\":\"confirmed\",\"busy\":true}"),
	    E_CHANGED);
	there(id, "properties.Name.title.0.plain_text", "\"Pot\"");
	assert_null(looked(id).values);
}

static void
a_page_that_is_put_into_the_trash_as_it_is_written_to_is_not_refused(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	behind = "{\"in_trash\": true}";
	assert_error(push(id, TEA, LATER), E_CHANGED);
	has(cx.err.detail, "trash");
	/* What it says is known all the same. */
	assert_null(looked(id).values);
	assert_string_equal(json_str(looked(id).last, "title"), "Tea");
	/* Whatever else is refused is. */
	assert_error(push_with((struct push){ .key = id, .whole = true }, NULL,
			 "{\"title\":\"Tea\",\"startDateTime\":\"?\"}"),
	    E_UNSUPPORTED);
}

static void
a_page_that_was_taken_out_of_the_trash_meanwhile_is_not_written_over(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	assert_ok(push(id, TEA, NULL));
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"in_trash\": false, \"properties\": {" TITLE("Coffee") "}}");
	assert_error(push_with((struct push){ .key = id, .whole = true }, NULL, LATER), E_CHANGED);
	there(id, "properties.Name.title.0.plain_text", "\"Coffee\"");
}

static const char *
last_of(const char *id, const char *field)
{
	const char *text = json_str(looked(id).last, field);

	assert_null(looked(id).values);
	return text ? text : "";
}

/* What was edited there just before is not written over unseen. */
static void
what_a_page_says_that_has_left_the_calendar_is_known_before_it_is_brought_back(void **state)
{
	struct push back = { .whole = true };
	struct pushed now;

	(void)state;
	begin();
	back.key = made();
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", back.key),
	    "{\"properties\": {" TITLE("Coffee") ", \"When\": {\"date\": null}}}");
	assert_string_equal(last_of(back.key, "title"), "Coffee");
	/* That it has no date says nothing of when it is. */
	assert_string_equal(last_of(back.key, "startDateTime"), "");
	assert_true(json_has(looked(back.key).silent, "startDateTime"));
	now = looked(back.key);
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", back.key),
	    "{\"properties\": {" TITLE("Cocoa") "}}");
	back.etag = now.etag;
	assert_error(push_with(back, NULL, LATER), E_CHANGED);
	assert_string_equal(buf_c(sent), "");
	/* Into the trash: all that it says is the same. */
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", back.key), "{\"in_trash\": true}");
	assert_string_equal(last_of(back.key, "title"), "Cocoa");
	assert_error(push_with(back, NULL, LATER), E_CHANGED);
	back.etag = looked(back.key).etag;
	assert_ok(push_with(back, NULL, LATER));
	there(back.key, "in_trash", "false");
	there(back.key, "properties.Name.title.0.plain_text", "\"Tea\"");
	there(back.key, "properties.When.date.start", "\"2026-10-07\"");
}

static void
what_a_page_says_that_does_not_fit_the_conditions_any_more_is_known(void **state)
{
	const char *id = page(TITLE("Tea") ", \"When\": {\"date\": {\"start\": \"2026-10-05\"}}");

	(void)state;
	begin();
	from.config = json_stored(cx.a,
	    arena_printf(cx.a,
		"{\"dataSource\": \"%s\", \"mode\": \"calendar\", \"where\": "
		"[\"Seats is empty\"]}",
		source));
	from.cursor = NULL;
	assert_ok(reads());
	assert_non_null(looked(id).values);
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    "{\"properties\": {" TITLE("Coffee") ", \"Seats\": {\"number\": 3}}}");
	assert_string_equal(last_of(id, "title"), "Coffee");
	assert_string_equal(last_of(id, "startDateTime"), "2026-10-05");
}

/* It was not shown, and something else is to be made in its place. */
static void
a_page_that_is_shown_again_is_not_made_once_more(void **state)
{
	struct pushed out = { 0 };
	struct push p = { .id = PUSH };
	const char *id;

	(void)state;
	begin();
	p.former = id = made();
	assert_error(push_with((struct push){ .former = id }, NULL, TEA), E_CHANGED);
	has_not(buf_c(sent), "POST");
	p.id = "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c12";
	assert_ok(writer_notion.look(&cx, &from, &p, &out));
	assert_string_equal(out.key, id);
	assert_string_equal(json_str(out.values, "title"), "Tea");
	/* One that is in the trash by now is not meant. */
	assert_ok(push(id, TEA, NULL));
	assert_ok(writer_notion.look(&cx, &from, &p, &out));
	assert_null(out.key);
	assert_ok(push_with((struct push){ .former = id }, NULL, TEA));
	assert_string_not_equal(seen.key, id);
}

/* A wait between the look and the write is one in which somebody may edit it. */
static void
a_page_is_looked_at_before_each_try_to_write_to_it(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	control("{\"faults\":[{\"kind\":\"429\",\"method\":\"PATCH\",\"path\":\"/v1/pages\","
		"\"retry_after\":7,\"count\":1}]}");
	assert_error(push(id, TEA, LATER), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 7 * SECOND_MS);
	buf_clear(did.asked);
	assert_ok(push(id, TEA, LATER));
	has(buf_c(did.asked), "GET");
}

/* By the end of its turn somebody else may look for what it has made: then nothing is made any
 * more, and what is to wait waits in the queue, where that is known. */
static void
a_page_is_made_within_its_turn_or_later(void **state)
{
	const int64_t now = clock_mono_ms();

	(void)state;
	begin();
	assert_error(push_with((struct push){ .until = now }, NULL, TEA), E_UNAVAILABLE);
	has_not(buf_c(sent), "POST");
	control("{\"faults\":[{\"kind\":\"429\",\"method\":\"POST\",\"path\":\"/v1/pages\","
		"\"retry_after\":7,\"count\":1}]}");
	assert_error(
	    push_with((struct push){ .until = now + MINUTE_MS }, NULL, TEA), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 7 * SECOND_MS);
	assert_ok(push_with((struct push){ .until = now + MINUTE_MS }, NULL, TEA));
	there(seen.key, "properties.Name.title.0.plain_text", "\"Tea\"");
}

/* Two edits of its title stand against each other, and a person is asked: nothing else of what is
 * sent meanwhile writes the old title over the one that is there. */
static void
what_is_asked_about_stays_as_it_is_there(void **state)
{
	struct push p = { .dataset = "" };
	struct pushed out;

	(void)state;
	begin();
	p.key = made();
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", p.key),
	    "{\"properties\": {" TITLE("Coffee") "}}");
	p.id = PUSH;
	p.etag = looked(p.key).etag;
	p.was = json_stored(cx.a, TEA);
	p.all = json_stored(cx.a, LATER);
	p.values = json_stored(
	    cx.a, "{\"startDateTime\":\"2026-10-07\",\"endDateTime\":\"2026-10-08\"}");
	assert_ok(writer_notion.send(&cx, &from, &p, &out));
	there(p.key, "properties.When.date.start", "\"2026-10-07\"");
	there(p.key, "properties.Name.title.0.plain_text", "\"Coffee\"");
	assert_string_equal(json_str(out.values, "title"), "Coffee");
	/* What is sent as nothing is emptied, and the rest stays. */
	p.etag = out.etag;
	p.was = json_stored(cx.a, LATER);
	p.all = json_stored(cx.a,
	    "{\"startDateTime\":\"2026-10-07\",\"endDateTime\":\"2026-10-08\",\"allDay\":true,"
	    "\"status\":\"confirmed\",\"busy\":true}");
	p.values = json_stored(cx.a, "{\"title\":null}");
	assert_ok(writer_notion.send(&cx, &from, &p, &out));
	there(p.key, "properties.Name.title", "[]");
	there(p.key, "properties.When.date.start", "\"2026-10-07\"");
}

static void
what_is_deleted_goes_to_the_trash_and_comes_back_when_all_of_it_is_sent(void **state)
{
	const char *id;

	(void)state;
	begin();
	id = made();
	assert_ok(push(id, TEA, NULL));
	assert_string_equal(seen.key, id);
	assert_null(seen.values);
	there(id, "in_trash", "true");
	assert_string_equal(looked(id).key, id);
	assert_null(looked(id).values);
	/* It is gone already. */
	assert_ok(push(id, TEA, NULL));
	assert_string_equal(buf_c(sent), "");
	assert_error(push_with((struct push){ .key = id, .etag = "x" }, TEA, LATER), E_CHANGED);
	assert_error(push_with((struct push){ .key = id }, TEA, LATER), E_SOURCE_GONE);
	there(id, "in_trash", "true");
	assert_ok(push_with((struct push){ .key = id, .whole = true }, NULL, LATER));
	there(id, "in_trash", "false");
	there(id, "properties.When.date.start", "\"2026-10-07\"");
}

static void
a_page_that_is_not_shown_or_in_another_database_is_not_ours(void **state)
{
	const char *id, *elsewhere, *here = source;

	(void)state;
	begin();
	id = made();
	did.hidden = arena_printf(cx.a, "/v1/pages/%s", id);
	assert_null(looked(id).key);
	assert_error(push(id, TEA, LATER), E_SOURCE_GONE);
	assert_error(push(id, TEA, NULL), E_SOURCE_GONE);
	assert_error(
	    push_with((struct push){ .key = id, .whole = true }, NULL, LATER), E_SOURCE_GONE);
	did.hidden = NULL;
	source = data_source("Other", "\"When\": {\"date\": {}}");
	elsewhere = page(TITLE("Far") ", \"When\": {\"date\": {\"start\": \"2026-10-05\"}}");
	source = here;
	assert_error(push_with((struct push){ .key = elsewhere }, TEA, LATER), E_SOURCE_GONE);
	assert_error(
	    push_with((struct push){ .key = elsewhere, .etag = "x" }, TEA, NULL), E_CHANGED);
	assert_null(looked(elsewhere).values);
	assert_null(looked(elsewhere).last);
	assert_error(push_with((struct push){ .key = elsewhere, .whole = true }, NULL, LATER),
	    E_SOURCE_GONE);
	assert_string_equal(buf_c(sent), "");
	there(elsewhere, "in_trash", "false");
}

static void
shown(bool yes)
{
	control(arena_printf(cx.a,
	    "{\"notion_share\": {\"id\": \"%s\", \"token\": \"n\", \"shared\": %s}}", source,
	    yes ? "true" : "false"));
}

/* Nothing is known of them: what is to be written waits. */
static void
pages_of_a_database_that_is_not_shown_are_not_gone(void **state)
{
	const char *id;
	struct pushed out;

	(void)state;
	begin();
	id = made();
	shown(false);
	assert_error(writer_notion.look(&cx, &from, &(struct push){ .id = PUSH, .key = id }, &out),
	    E_UNAVAILABLE);
	assert_error(push(id, TEA, LATER), E_UNAVAILABLE);
	assert_error(push(id, TEA, NULL), E_UNAVAILABLE);
	assert_error(push(NULL, NULL, TEA), E_UNAVAILABLE);
	/* Shown again behind the first look. */
	shows_behind = true;
	assert_ok(push(id, TEA, LATER));
	fine("PATCH", arena_printf(cx.a, N "/databases/%s", database), "{\"in_trash\": true}");
	assert_error(push(id, LATER, TEA), E_UNAVAILABLE);
	assert_error(push(id, LATER, NULL), E_UNAVAILABLE);
}

static void
what_was_made_without_an_answer_is_found_by_its_name(void **state)
{
	const char *id;

	(void)state;
	begin();
	/* Nothing was made, and nothing is found; the property by which it would be is there. */
	assert_null(looked(NULL).key);
	id = made();
	assert_string_equal(looked(NULL).key, id);
	assert_string_equal(json_str(looked(NULL).values, "title"), "Tea");
	/* A copy that somebody else makes has the name, and is not it. */
	assert_ok(push(id, TEA, NULL));
	assert_null(looked(NULL).key ? looked(NULL).values : NULL);
	from.cursor = json_stored(cx.a, json_text(cx.a, from.cursor));
	json_set_str((json *)from.cursor, "bot", "somebody else");
	id = made();
	assert_null(looked(NULL).key);
	json_unset((json *)from.cursor, "bot");
	assert_string_equal(looked(NULL).key, id);
}

static void
what_notion_cannot_have_is_said_before_anything_is_asked(void **state)
{
	(void)state;
	begin();
	buf_clear(did.asked);
	assert_error(push(NULL, NULL, "{\"title\":\"Tea\"}"), E_UNSUPPORTED);
	has(cx.err.detail, "no time");
	from.cursor = NULL;
	assert_error(push(NULL, NULL, TEA), E_UNAVAILABLE);
	from.cursor = json_stored(cx.a, "{\"source\": \"x\"}");
	assert_error(push(NULL, NULL, TEA), E_UNAVAILABLE);
	assert_string_equal(buf_c(did.asked), "");
}

static int
write_close(void **state)
{
	read_end();
	return notion_close(state);
}

#define write_test(f) cmocka_unit_test_setup_teardown(f, notion_open, write_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		write_test(what_is_made_has_its_names_and_only_what_differs_is_sent),
		write_test(a_page_that_was_changed_meanwhile_is_not_written_to),
		write_test(
		    a_page_that_leaves_the_calendar_as_it_is_written_to_is_not_taken_for_written),
		write_test(a_page_that_is_put_into_the_trash_as_it_is_written_to_is_not_refused),
		write_test(a_page_that_was_taken_out_of_the_trash_meanwhile_is_not_written_over),
		write_test(
		    what_a_page_says_that_has_left_the_calendar_is_known_before_it_is_brought_back),
		write_test(what_a_page_says_that_does_not_fit_the_conditions_any_more_is_known),
		write_test(a_page_that_is_shown_again_is_not_made_once_more),
		write_test(a_page_is_looked_at_before_each_try_to_write_to_it),
		write_test(a_page_is_made_within_its_turn_or_later),
		write_test(what_is_asked_about_stays_as_it_is_there),
		write_test(what_is_deleted_goes_to_the_trash_and_comes_back_when_all_of_it_is_sent),
		write_test(a_page_that_is_not_shown_or_in_another_database_is_not_ours),
		write_test(pages_of_a_database_that_is_not_shown_are_not_gone),
		write_test(what_was_made_without_an_answer_is_found_by_its_name),
		write_test(what_notion_cannot_have_is_said_before_anything_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
