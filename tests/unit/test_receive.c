/* What services call out: how each kind understands a message, and what is none. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "kind/google_call.h"
#include "kind/kind.h"

#define A "153104cd-477e-809d-8dc4-ff2d96ae3090"
#define B "253104cd-477e-809d-8dc4-ff2d96ae3090"
#define C "353104cd-477e-809d-8dc4-ff2d96ae3090"
#define AT INT64_C(1793922934285) /* 2026-11-05T23:55:34.285Z */

struct sent {
	const char *const (*headers)[2]; /* ended by a NULL name */
	const char *body;
};

static const char *
header_of(const void *arg, const char *name)
{
	const struct sent *s = arg;

	for (size_t i = 0; s->headers[i][0]; i++)
		if (!strcmp(s->headers[i][0], name))
			return s->headers[i][1];
	return NULL;
}

static bool
comes(const char *kind, const struct sent *s, struct kind_call *call)
{
	const struct kind_request r = {
		.a = cx.a,
		.header = header_of,
		.arg = s,
		.body = str_c(s->body),
	};

	return kind_find(kind)->receiver->receive(&r, call);
}

/* A message of Notion: "id at about,about item gone"; "none": it is no such call. */
static const char *
notion_says(const char *body)
{
	static const char *const headers[][2] = { { "x-notion-signature", "sha256=ab12" },
		{ NULL, NULL } };
	const struct sent s = { headers, body };
	struct buf *b = buf_in(cx.a, 1000);
	struct kind_call call;

	if (!comes("notion", &s, &call))
		return "none";
	assert_string_equal(call.signature, "ab12");
	assert_null(call.channel);
	if (call.secret)
		return arena_printf(cx.a, "secret %s", call.secret);
	buf_printf(b, "%s %lld ", call.id, (long long)call.at);
	for (size_t i = 0; i < KIND_ABOUT && call.about[i]; i++)
		buf_printf(b, "%s%.1s", i ? "," : "", call.about[i]);
	buf_printf(b, " %.1s%s", call.item ? call.item : "-", call.gone ? " gone" : "");
	return buf_c(b);
}

static const char *
message(const char *type, const char *entity, const char *data)
{
	return notion_says(arena_printf(cx.a,
	    "{\"id\":\"m\",\"timestamp\":\"2026-11-05T23:55:34.285Z\",\"type\":\"%s\","
	    "\"entity\":{\"id\":\"" A "\",\"type\":\"%s\"},\"data\":{%s}}",
	    type, entity, data));
}

static void
a_message_of_notion_says_which_page_of_what(void **state)
{
	static const char in[] = "\"parent\":{\"id\":\"" B "\",\"data_source_id\":\"" C "\"}";
	const char *plain = arena_printf(cx.a, "m %lld 3,2,1 1", (long long)AT);
	const char *gone = arena_printf(cx.a, "m %lld 3,2,1 1 gone", (long long)AT);

	(void)state;
	assert_string_equal(message("page.content_updated", "page", in), plain);
	assert_string_equal(message("page.created", "page", in), plain);
	assert_string_equal(message("page.of_a_new_type", "page", in), plain);
	/* It may be anywhere now. */
	assert_string_equal(message("page.deleted", "page", in), gone);
	assert_string_equal(message("page.moved", "page", in), gone);
	assert_string_equal(message("page.undeleted", "page", in), gone);
	/* What is no page is no record. */
	assert_string_equal(message("database.deleted", "database", in),
	    arena_printf(cx.a, "m %lld 3,2,1 -", (long long)AT));
	assert_string_equal(message("data_source.schema_updated", "data_source", ""),
	    arena_printf(cx.a, "m %lld 1 -", (long long)AT));
	assert_string_equal(message("page.moved", "page", "\"parent\":{\"id\":\"" B "\"}"),
	    arena_printf(cx.a, "m %lld 2,1 1 gone", (long long)AT));
}

static void
what_notion_does_not_say_is_not_known(void **state)
{
	(void)state;
	assert_string_equal(
	    notion_says("{\"verification_token\":\"secret_x\"}"), "secret secret_x");
	assert_string_equal(notion_says("{\"id\":\"m\",\"type\":\"page.created\"}"), "m 0  -");
	assert_string_equal(
	    notion_says("{\"id\":\"m\",\"type\":\"page.deleted\",\"timestamp\":\"soon\","
			"\"entity\":{\"id\":\"x\",\"type\":\"page\"}}"),
	    "m 0  - gone");
	assert_string_equal(notion_says("{\"verification_token\":\"\"}"), "none");
	assert_string_equal(notion_says("{\"type\":\"page.created\"}"), "none");
	assert_string_equal(notion_says("{\"id\":\"m\"}"), "none");
	assert_string_equal(notion_says("[]"), "none");
	assert_string_equal(notion_says("{"), "none");
	assert_string_equal(notion_says(""), "none");
}

static void
a_signature_is_of_the_one_way_that_is_known(void **state)
{
	static const char *const rows[][2] = { { "sha256=ab", "ab" }, { "sha256=", "" },
		{ "sha1=ab", NULL }, { "ab", NULL }, { "", NULL } };
	static const char *const none[][2] = { { NULL, NULL } };
	const char *const body = "{\"id\":\"m\",\"type\":\"t\"}";
	struct kind_call call;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const headers[][2] = { { "x-notion-signature", rows[i][0] },
			{ NULL, NULL } };

		assert_true(comes("notion", &(struct sent){ headers, body }, &call));
		if (rows[i][1])
			assert_string_equal(call.signature, rows[i][1]);
		else
			assert_null(call.signature);
	}
	assert_true(comes("notion", &(struct sent){ none, body }, &call));
	assert_null(call.signature);
}

static void
a_message_of_google_is_in_its_headers(void **state)
{
	static const char *const kinds[] = { "google-sheets", "google-calendar" };
	static const char *const hello[][2] = { { "x-goog-channel-id", "ch" },
		{ "x-goog-channel-token", "tok" }, { "x-goog-resource-id", "res" },
		{ "x-goog-resource-state", "sync" }, { NULL, NULL } };
	static const char *const change[][2] = { { "x-goog-channel-id", "ch" },
		{ "x-goog-resource-state", "exists" }, { NULL, NULL } };
	static const char *const bare[][2] = { { "x-goog-channel-id", "ch" }, { NULL, NULL } };
	static const char *const none[][2] = { { "x-goog-resource-id", "res" }, { NULL, NULL } };
	struct kind_call call;

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		assert_true(comes(kinds[i], &(struct sent){ hello, "" }, &call));
		assert_string_equal(call.channel, "ch");
		assert_string_equal(call.token, "tok");
		assert_string_equal(call.resource, "res");
		assert_true(call.greeting);
		assert_true(comes(kinds[i], &(struct sent){ change, "" }, &call));
		assert_false(call.greeting);
		assert_null(call.token);
		assert_null(call.resource);
		assert_true(comes(kinds[i], &(struct sent){ bare, "" }, &call));
		assert_false(call.greeting);
		assert_false(comes(kinds[i], &(struct sent){ none, "" }, &call));
	}
}

static void
a_role_writes_or_it_does_not(void **state)
{
	(void)state;
	assert_true(google_role_writes("owner"));
	assert_true(google_role_writes("writer"));
	assert_false(google_role_writes("reader"));
	assert_false(google_role_writes("freeBusyReader"));
	assert_false(google_role_writes(""));
	assert_false(google_role_writes(NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_of_notion_says_which_page_of_what),
		TEST(what_notion_does_not_say_is_not_known),
		TEST(a_signature_is_of_the_one_way_that_is_known),
		TEST(a_message_of_google_is_in_its_headers),
		TEST(a_role_writes_or_it_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
