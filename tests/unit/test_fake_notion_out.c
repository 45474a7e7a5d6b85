/* The stand-in's Notion: messages of what has changed, and connections that people allow. */
#include "unit/notion_fixture.h"

#include "base/hash.h"

/*
 * Messages.
 */
static struct fake_note note;
static json *told;

/* The message that is due, checked against the secret. */
static bool
take(const char *secret)
{
	unsigned char mac[SHA256_LEN];
	char hex[SHA256_HEX];

	if (!fake_note_take(world, &note))
		return false;
	hash_hmac(str_c(secret), str_c(note.body), mac);
	hex_encode(mac, sizeof mac, hex);
	assert_non_null(strstr(note.headers, arena_printf(cx.a, "sha256=%s\r\n", hex)));
	told = json_stored(cx.a, note.body);
	return true;
}

static void
messages_are_signed_tried_again_and_told_together(void **state)
{
	const char *secret, *id, *path;

	(void)state;
	control("{\"notion_webhook\": {\"token\": \"n\", \"address\": \"http://127.0.0.1/hook\"}}");
	secret = kept_text("verification_token");
	assert_true(take(secret));
	assert_string_equal(json_str(told, "verification_token"), secret);
	fake_note_done(world, note.note, 200);
	/* Nothing before somebody has confirmed it. */
	page(TITLE("Tea"));
	assert_false(take(secret));
	control(arena_printf(cx.a, "{\"notion_webhook\": {\"verify\": \"%s\"}}", secret));
	control("{\"push\": {\"delay_ms\": 30000}}");
	id = page(TITLE("Pot"));
	path = arena_printf(cx.a, N "/pages/%s", id);
	fine("PATCH", path, "{\"properties\": {\"Seats\": {\"number\": 1}}}");
	fine("PATCH", path, "{\"properties\": {\"Seats\": {\"number\": 2}}}");
	path = arena_printf(cx.a, N "/pages/%s", page(TITLE("Cup")));
	fine("PATCH", path, "{\"in_trash\": true}");
	clock_step_by(30 * SECOND_MS);
	assert_true(take(secret));
	assert_string_equal(json_str(told, "type"), "page.created");
	assert_string_equal(json_str(json_at(told, "entity"), "id"), id);
	assert_int_equal(json_num(told, "attempt_number", 0), 1);
	/* Bytes that nobody makes of the same JSON. */
	assert_string_not_equal(note.body, json_text(cx.a, told));
	fake_note_done(world, note.note, 404);
	assert_true(take(secret));
	assert_string_equal(json_str(told, "type"), "page.properties_updated");
	assert_string_equal(
	    json_str(json_at(json_at(told, "data"), "parent"), "data_source_id"), source);
	assert_int_equal(json_len(json_at(json_at(told, "data"), "updated_properties")), 1);
	fake_note_done(world, note.note, 200);
	assert_false(take(secret));
	clock_step_by(HOUR_MS);
	assert_true(take(secret));
	assert_string_equal(json_str(told, "type"), "page.created");
	assert_int_equal(json_num(told, "attempt_number", 0), 2);
}

/*
 * Public connections.
 */
#define AUTHORIZE \
	N "/oauth/authorize?client_id=client&redirect_uri=https%3A%2F%2Fapp.example%2Fback" \
	  "&response_type=code&owner=user&state=s1"

static int
token(const char *body)
{
	struct fake_request req = {
		.a = cx.a,
		.method = "POST",
		.target = N "/oauth/token",
		.body = str_c(body),
	};

	params_add(&req.headers, "authorization", "Basic Y2xpZW50OnNlY3JldA==");
	params_add(&req.headers, "content-type", "application/json");
	fake_handle(world, &req, &rep);
	got = json_stored(cx.a, buf_c(rep.body));
	return rep.status;
}

static void
a_public_connection_is_allowed_and_each_refresh_ends_the_tokens_before(void **state)
{
	const char *who, *location, *access, *refresh, *code;

	(void)state;
	fine("GET", N "/users", NULL);
	who = kept_text("results.0.id");
	assert_int_equal(ask("GET", AUTHORIZE "&scope=x", NULL), 400);
	assert_int_equal(ask("GET", AUTHORIZE, NULL), 200);
	assert_int_equal(post_form(AUTHORIZE, "decision=deny"), 302);
	assert_string_equal(
	    header("Location"), "https://app.example/back?error=access_denied&state=s1");
	assert_int_equal(
	    post_form(AUTHORIZE, arena_printf(cx.a, "decision=allow&account=%s&page=" ROOT, who)),
	    302);
	location = arena_dup(cx.a, header("Location"));
	code = arena_dup_str(cx.a, (struct str){ location + 30, strcspn(location + 30, "&") });
	assert_int_equal(token("{\"grant_type\": \"authorization_code\", \"code\": \"no\", "
			       "\"redirect_uri\": \"https://app.example/back\"}"),
	    400);
	assert_string_equal(text_at("error"), "invalid_grant");
	code = arena_printf(cx.a,
	    "{\"grant_type\": \"authorization_code\", \"code\": \"%s\", \"redirect_uri\": "
	    "\"https://app.example/back\"}",
	    code);
	assert_int_equal(token(code), 200);
	assert_string_equal(text_at("token_type"), "bearer");
	assert_string_equal(text_at("owner.user.id"), who);
	assert_null(at("expires_in"));
	access = kept_text("access_token");
	refresh = kept_text("refresh_token");
	assert_int_equal(token(code), 400);
	bearer = access;
	fine("GET", arena_printf(cx.a, N "/data_sources/%s", source), NULL);
	refresh = arena_printf(
	    cx.a, "{\"grant_type\": \"refresh_token\", \"refresh_token\": \"%s\"}", refresh);
	assert_int_equal(token(refresh), 200);
	assert_string_not_equal(text_at("access_token"), access);
	assert_int_equal(ask("GET", N "/users/me", NULL), 401);
	assert_int_equal(token(refresh), 400);
	assert_string_equal(text_at("error"), "invalid_grant");
}

/* A public connection that somebody has allowed. */
static void
allowed(void)
{
	const char *who, *location, *code;

	fine("GET", N "/users", NULL);
	who = kept_text("results.0.id");
	assert_int_equal(
	    post_form(AUTHORIZE, arena_printf(cx.a, "decision=allow&account=%s&page=" ROOT, who)),
	    302);
	location = arena_dup(cx.a, header("Location"));
	code = arena_dup_str(cx.a, (struct str){ location + 30, strcspn(location + 30, "&") });
	code = arena_printf(cx.a,
	    "{\"grant_type\": \"authorization_code\", \"code\": \"%s\", \"redirect_uri\": "
	    "\"https://app.example/back\"}",
	    code);
	assert_int_equal(token(code), 200);
}

static bool
board_says(const char *form, const char *text)
{
	return page_says("/fake/notion", form, text);
}

static void
people_subscribe_on_the_page_of_the_demo(void **state)
{
	const char *secret;

	(void)state;
	assert_true(board_says("do=subscribe", "It is not known where Tidemark is."));
	allowed();
	fake_back(world, "http://127.0.0.1:8080/api/auth/google/callback");
	assert_true(board_says("do=subscribe", "a token is on its way"));
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note.url, "http://127.0.0.1:8080/api/webhooks/notion");
	secret = arena_dup(cx.a, json_str(json_stored(cx.a, note.body), "verification_token"));
	fake_note_done(world, note.note, 204);
	assert_true(board_says("do=verify&token=other", "This is not the token"));
	assert_true(
	    board_says(arena_printf(cx.a, "do=verify&token=%s", secret), "Messages go to http"));
	page(TITLE("Tea"));
	assert_true(take(secret));
	assert_string_equal(json_str(told, "type"), "page.created");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		notion_test(messages_are_signed_tried_again_and_told_together),
		notion_test(a_public_connection_is_allowed_and_each_refresh_ends_the_tokens_before),
		notion_test(people_subscribe_on_the_page_of_the_demo),
	};

	return cmocka_run_group_tests_name("stand-in Notion, outside", tests, NULL, NULL);
}
