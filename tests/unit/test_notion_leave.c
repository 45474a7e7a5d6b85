/* What is left at Notion of a connection that is left: what we made goes, a person's pages lose
 * what we kept in them and nothing else, and what is another installation's stays. */
#include "unit/strew_fixture.h"

#define SEATS "\"Seats\": {\"number\": 3}"

/* What is said of each page that has a mark; of others nothing is known. */
static json *acts;
static struct buf *asked; /* "page object", a line each */

static enum rc
known(struct ctx *c, void *arg, const char *key, const char *object, enum leaving_act *out)
{
	(void)c;
	(void)arg;
	buf_printf(asked, "%s %s\n", key, object ? object : "-");
	*out = (enum leaving_act)json_num(acts, key, LEAVING_NOTHING);
	return RC_OK;
}

static int64_t
leaves(void)
{
	struct farewell bye = { .known = known };
	int calls = 0;

	asked = buf_in(cx.a, 1 << 16);
	buf_clear(did.asked);
	assert_ok(reader_notion.leave(&cx, &from, &bye, &calls));
	assert_int_equal(calls > 0, buf_s(did.asked).n > 0);
	return bye.n;
}

static void
becomes(const char *page, enum leaving_act act)
{
	json_set_i64(acts, page, act);
}

static bool
has_property(const char *name)
{
	fine("GET", arena_printf(cx.a, N "/data_sources/%s", source), NULL);
	return at(arena_printf(cx.a, "properties.%s", name)) != NULL;
}

static const char *
mark_of(const char *id)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	return text_at("properties.Tidemark.rich_text.0.plain_text");
}

static bool
in_trash(const char *id)
{
	fine("GET", arena_printf(cx.a, N "/pages/%s", id), NULL);
	return json_flag(got, "in_trash", false);
}

/* A page of Paula's in which we keep something. */
static const char *
paulas_page(const char *title)
{
	const char *id;

	bearer = "paula";
	id = page(arena_printf(cx.a,
	    "\"Name\": {\"title\": [{\"text\": {\"content\": \"%s\"}}]}, " SEATS ", \"Tidemark\": "
	    "{\"rich_text\": " TEXT("{\\\"uid\\\":\\\"u\\\"}") "}",
	    title));
	bearer = "n";
	return id;
}

static void
what_we_made_goes_and_a_page_of_a_person_loses_our_mark_alone(void **state)
{
	const char *key, *theirs;

	(void)state;
	key = choir_is_there();
	theirs = paulas_page("Tea");
	acts = json_new(cx.a);
	becomes(theirs, LEAVING_MARKS);
	becomes(key, LEAVING_ALL);
	for (int n = -4; n <= 59; n += 21)
		becomes(page_on(n), LEAVING_ALL);
	control("{\"notion_brief_pages\": true}");
	/* Five of the series, Paula's, and the property. */
	assert_int_equal(leaves(), 7);
	has(buf_c(asked), arena_printf(cx.a, "%s object\n", key));
	has(buf_c(asked), arena_printf(cx.a, "%s -\n", theirs));
	assert_true(in_trash(key));
	assert_false(in_trash(theirs));
	assert_string_equal(json_of("properties.Seats.number"), "3");
	assert_false(has_property("Tidemark"));
	assert_true(has_property("Seats"));
	NO_PAGES;
	/* Once more, as after an answer that was lost. */
	assert_int_equal(leaves(), 0);
	assert_false(in_trash(theirs));
}

static void
the_property_stays_while_another_installation_keeps_something_in_it(void **state)
{
	const char *key, *foreign;

	(void)state;
	key = choir_is_there();
	foreign = paulas_page("Theirs");
	acts = json_new(cx.a);
	becomes(key, LEAVING_ALL);
	assert_int_equal(leaves(), 1);
	assert_true(in_trash(key));
	has(mark_of(foreign), "\"uid\"");
	assert_false(in_trash(foreign));
	assert_true(has_property("Tidemark"));
}

/* It was renamed since; a second one of its first name is somebody else's. */
static void
our_property_is_known_by_its_id(void **state)
{
	const char *theirs;

	(void)state;
	choir_is_there();
	theirs = paulas_page("Tea");
	paula("PATCH", arena_printf(cx.a, N "/data_sources/%s", source),
	    "{\"properties\": {\"Tidemark\": {\"name\": \"Kept\"}}}");
	paula("PATCH", arena_printf(cx.a, N "/data_sources/%s", source),
	    "{\"properties\": {\"Tidemark\": {\"rich_text\": {}}}}");
	acts = json_new(cx.a);
	becomes(theirs, LEAVING_MARKS);
	leaves();
	fine("GET", arena_printf(cx.a, N "/pages/%s", theirs), NULL);
	assert_string_equal(json_of("properties.Kept.rich_text"), "[]");
	assert_true(has_property("Tidemark"));
}

/* It was left to Paula, who had written in it, when its place was gone. */
static void
what_was_left_to_a_person_is_not_put_into_the_trash(void **state)
{
	const char *key, *id;

	(void)state;
	key = choir_is_there();
	id = page_on(17);
	paula_edits(id, SEATS);
	push(key, choir(-46, arena_printf(cx.a, ",\"@%s\":{\"status\":\"cancelled\"}", slot(17))));
	runs();
	has(mark_of(id), "\"left\"");
	acts = json_new(cx.a);
	becomes(id, LEAVING_ALL);
	leaves();
	assert_false(in_trash(id));
	assert_string_equal(json_of("properties.Tidemark.rich_text"), "[]");
	assert_string_equal(json_of("properties.Seats.number"), "3");
}

static void
where_nothing_was_ever_written_nothing_is_taken_away(void **state)
{
	(void)state;
	begin(EACH);
	acts = json_new(cx.a);
	assert_int_equal(leaves(), 0);
	has_not(buf_c(did.asked), "PATCH");
	/* Nor asked, where nothing was read. */
	from.cursor = json_stored(cx.a, "{}");
	assert_int_equal(leaves(), 0);
	assert_string_equal(buf_c(did.asked), "");
}

static enum rc
leaves_anew(void)
{
	struct farewell bye = { .known = known };
	int calls = 0;

	return reader_notion.leave(&cx, &from, &bye, &calls);
}

static void
nothing_is_made_anew(int n)
{
	(void)n;
}

/* As far as it came, and not further. */
static void
property_is_there(int n)
{
	if (n < 10 && !has_property("Tidemark"))
		flunk("the property went before the pages, at %d", n);
}

static void
whichever_request_is_refused_it_goes_on_from_there(void **state)
{
	const char *key;

	(void)state;
	key = choir_is_there();
	asked = buf_in(cx.a, 1 << 16);
	acts = json_new(cx.a);
	becomes(key, LEAVING_ALL);
	for (int n = -4; n <= 59; n += 21)
		becomes(page_on(n), LEAVING_ALL);
	/* Each time a page or two more are gone. */
	assert_int_equal(refused_each(leaves_anew, nothing_is_made_anew, property_is_there), 5);
	assert_true(in_trash(key));
	NO_PAGES;
	assert_false(has_property("Tidemark"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		strew_test(what_we_made_goes_and_a_page_of_a_person_loses_our_mark_alone),
		strew_test(the_property_stays_while_another_installation_keeps_something_in_it),
		strew_test(our_property_is_known_by_its_id),
		strew_test(what_was_left_to_a_person_is_not_put_into_the_trash),
		strew_test(whichever_request_is_refused_it_goes_on_from_there),
		strew_test(where_nothing_was_ever_written_nothing_is_taken_away),
	};

	return cmocka_run_group_tests_name("leaving Notion", tests, NULL, NULL);
}
