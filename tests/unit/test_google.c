/* Requests to Google: which answers are tried again and how long is waited, which end it and
 * with what sentence, and what an answer may not be. */
#include "unit/unit.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "provider/google/api.h"
#include "unit/web_server.h"

enum { TRIES = 6 };

/* What the server does; shared with its processes. */
static struct script {
	int hits, bad; /* the first so many are answered so, then {"ok":true} */
	int status, sleep_ms;
	bool cut, drop;
	char headers[300], body[1500], bearer[3][40];
} * script;

static void
answer(int fd, const char *request, const char *path)
{
	int hit = __atomic_fetch_add(&script->hits, 1, __ATOMIC_SEQ_CST);
	const char *auth = strstr(request, "Authorization: Bearer ");
	char status[20];

	(void)path;
	if (auth && hit < 3)
		(void)!sscanf(auth + 22, "%39[^\r]", script->bearer[hit]);
	if (hit >= script->bad) {
		web_reply(fd, "200 OK", "Content-Type: application/json; charset=UTF-8\r\n",
		    "{\"ok\":true}");
		return;
	}
	usleep((useconds_t)script->sleep_ms * 1000);
	if (script->drop)
		return;
	if (script->cut) {
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n"
		    "\r\n{\"ok\":");
		return;
	}
	snprintf(status, sizeof status, "%d X", script->status);
	web_reply(fd, status, script->headers, script->body);
}

/* What a run lends; nobody waits. */
static struct lent {
	struct remote remote;
	int tokens, spent, slowed, paused;
	int64_t longest_ms;
	bool stop;
} lent;

static enum rc
lent_token(struct ctx *c, struct remote *r, const char *refused, const char **bearer)
{
	(void)r, (void)c;
	lent.tokens += refused != NULL;
	if (refused)
		*bearer = "new";
	else if (!*bearer)
		*bearer = "old";
	return RC_OK;
}

static enum rc
lent_spend(struct ctx *c, struct remote *r, int q)
{
	(void)r, (void)c;
	assert_int_equal(q, QUOTA_DRIVE);
	lent.spent++;
	return RC_OK;
}

static enum rc
waited(struct ctx *c, int64_t ms)
{
	lent.longest_ms = ms > lent.longest_ms ? ms : lent.longest_ms;
	return lent.stop ? fail(c, E_CANCELLED, NULL) : RC_OK;
}

static enum rc
lent_slow(struct ctx *c, struct remote *r, int q, int64_t ms)
{
	(void)r;
	assert_int_equal(q, QUOTA_DRIVE);
	lent.slowed++;
	return waited(c, ms);
}

static enum rc
lent_pause(struct ctx *c, struct remote *r, int64_t ms)
{
	(void)r;
	lent.paused++;
	return waited(c, ms);
}

static enum rc
lent_alive(struct ctx *c, struct remote *r)
{
	(void)r, (void)c;
	return RC_OK;
}

static void
begin(int bad, int status, const char *headers, const char *body)
{
	*script = (struct script){ .bad = bad, .status = status };
	snprintf(script->headers, sizeof script->headers, "%s", headers);
	snprintf(script->body, sizeof script->body, "%s", body);
	lent = (struct lent){
		.remote = {
			.address = "ann@example.com",
			.token = lent_token,
			.spend = lent_spend,
			.slow = lent_slow,
			.pause = lent_pause,
			.alive = lent_alive,
		},
	};
}

static enum rc
ask(bool once, const json *body, struct rest_reply *out)
{
	const struct rest_call call = {
		.service = &google_service,
		.method = body ? "POST" : NULL,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = "/x",
		.body = body,
		.quota = QUOTA_DRIVE,
		.max_bytes = 100000,
		.timeout_ms = 2000,
		.once = once,
		.what = "the spreadsheet",
	};
	int calls = 0;
	enum rc rc = rest_call(&cx, &lent.remote, &call, &calls, out);

	assert_int_equal(calls, script->hits);
	assert_int_equal(lent.spent, script->hits);
	return rc;
}

#define LEGACY(reason) \
	"{\"error\":{\"errors\":[{\"domain\":\"global\",\"reason\":\"" reason \
	"\",\"message\":\"m\"}],\"code\":403,\"message\":\"Some words.\"}}"
#define PLATFORM(status, reason) \
	"{\"error\":{\"code\":403,\"message\":\"Some words.\",\"status\":\"" status \
	"\",\"details\":[{\"@type\":\"x\"},{\"reason\":\"" reason "\"}]}}"
/* Deeper than anything that is taken apart. */
#define EIGHT(c) c c c c c c c c
#define DEEP "{\"error\":" EIGHT(EIGHT("[")) EIGHT(EIGHT("]")) "}"
#define JSON "Content-Type: application/json\r\n"
#define HTML "Content-Type: text/html\r\n"

/* What each answer means, and how often it is asked for. */
static const struct {
	int status;
	const char *headers, *body;
	enum error_kind kind;
	int requests;
	const char *says;
} answers[] = {
	{ 429, JSON, "", E_RATE_LIMITED, TRIES, "slow down" },
	{ 429, HTML, "<html>", E_RATE_LIMITED, TRIES, "" },
	{ 429, JSON, PLATFORM("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), E_RATE_LIMITED, TRIES,
	    "" },
	{ 403, JSON, LEGACY("rateLimitExceeded"), E_RATE_LIMITED, TRIES, "" },
	{ 403, JSON, LEGACY("userRateLimitExceeded"), E_RATE_LIMITED, TRIES, "" },
	{ 403, JSON, PLATFORM("PERMISSION_DENIED", "RATE_LIMIT_EXCEEDED"), E_RATE_LIMITED, TRIES,
	    "" },
	{ 403, JSON, LEGACY("quotaExceeded"), E_QUOTA, 1, "used up" },
	{ 403, JSON, LEGACY("dailyLimitExceeded"), E_QUOTA, 1, "" },
	{ 500, JSON, LEGACY("backendError"), E_SOURCE_5XX, TRIES, "500" },
	{ 502, HTML, "<html>", E_SOURCE_5XX, TRIES, "502" },
	{ 503, "", "", E_SOURCE_5XX, TRIES, "503" },
	{ 504, "", "", E_SOURCE_5XX, TRIES, "" },
	{ 529, "", "", E_SOURCE_5XX, TRIES, "529" },
	{ 401, JSON, LEGACY("authError"), E_GRANT, 2, "ann@example.com" },
	{ 401, JSON, LEGACY("push.webhookUrlUnauthorized"), E_SOURCE_DENIED, 1,
	    "does not call this address" },
	{ 403, JSON, LEGACY("insufficientPermissions"), E_SCOPES, 1, "the spreadsheet" },
	{ 403, JSON, PLATFORM("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), E_SCOPES, 1,
	    "" },
	{ 403, JSON, LEGACY("accessNotConfigured"), E_API_OFF, 1, "not enabled" },
	{ 403, JSON, PLATFORM("PERMISSION_DENIED", "SERVICE_DISABLED"), E_API_OFF, 1, "" },
	{ 403, JSON, LEGACY("forbidden"), E_SOURCE_DENIED, 1, "Share it with that address" },
	{ 403, "", "", E_SOURCE_DENIED, 1, "ann@example.com" },
	{ 403, HTML, "<html>", E_HTML, TRIES, "403" },
	{ 404, JSON, LEGACY("notFound"), E_SOURCE_GONE, 1, "Share it with that address" },
	{ 404, "", "", E_SOURCE_GONE, 1, "ann@example.com" },
	{ 404, HTML, "<html>", E_HTML, TRIES, "404" },
	{ 400, JSON, LEGACY("badRequest"), E_SOURCE_STATUS, 1, "Some words." },
	{ 400, JSON, PLATFORM("INVALID_ARGUMENT", "x"), E_SOURCE_STATUS, 1, "Some words." },
	{ 400, JSON,
	    "{\"error\":{\"code\":400,\"status\":\"FAILED_PRECONDITION\","
	    "\"message\":\"This operation is not supported for this document\"}}",
	    E_UNSUPPORTED, 1, "Save as Google Sheets" },
	{ 400, "", "", E_SOURCE_STATUS, 1, "did not understand" },
	{ 408, "", "", E_SOURCE_5XX, TRIES, "408" },
	{ 499, "", "", E_SOURCE_5XX, TRIES, "499" },
	{ 409, JSON, "{\"error\":{\"status\":\"ABORTED\"}}", E_SOURCE_5XX, TRIES, "broke off" },
	{ 409, JSON, "{}", E_SOURCE_STATUS, 1, "409" },
	{ 412, "", "", E_SOURCE_STATUS, 1, "" },
	{ 410, JSON, LEGACY("updatedMinTooLongAgo"), E_SOURCE_STATUS, 1, "" },
	{ 302, "Location: http://127.0.0.1:1/else\r\n", "", E_SOURCE_STATUS, 1, "302" },
	/* Errors in shapes that nobody promised. */
	{ 403, JSON, "{\"error\":\"forbidden\"}", E_SOURCE_DENIED, 1, "" },
	{ 403, JSON, "[{\"error\":{}}]", E_SOURCE_DENIED, 1, "" },
	{ 403, JSON, "{\"error\":{\"errors\":{\"reason\":7},\"details\":\"x\"}}", E_SOURCE_DENIED,
	    1, "" },
	{ 404, JSON, "{\"error\":", E_SOURCE_GONE, 1, "" },
	{ 400, JSON, "{\"error\":{\"message\":7}}", E_SOURCE_STATUS, 1, "did not understand" },
	{ 403, JSON, "\xff\xfe{", E_SOURCE_DENIED, 1, "" },
	{ 403, JSON, DEEP, E_SOURCE_DENIED, 1, "" },
	/* A success that is none. */
	{ 200, HTML, "<html>Sign in", E_HTML, TRIES, "something else than data" },
	{ 200, JSON, "", E_HTML, TRIES, "" },
	{ 200, JSON, "null", E_HTML, TRIES, "" },
	{ 200, JSON, "[]", E_HTML, TRIES, "" },
	{ 200, JSON, "{\"a\":1", E_HTML, TRIES, "" },
	{ 200, JSON, "{\"a\":\"\xe9\"}", E_HTML, TRIES, "" },
	{ 200, JSON, "\"text\"", E_HTML, TRIES, "" },
	{ 200, JSON, DEEP, E_HTML, TRIES, "" },
};

static void
each_answer_means_what_it_says(void **state)
{
	struct rest_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		begin(100, answers[i].status, answers[i].headers, answers[i].body);
		if (ask(false, NULL, &reply) == RC_OK || cx.err.kind != answers[i].kind ||
		    script->hits != answers[i].requests || !strstr(cx.err.detail, answers[i].says))
			flunk("%d %s: %s \"%s\" after %d", answers[i].status, answers[i].body,
			    error_row(cx.err.kind)->code, cx.err.detail, script->hits);
		assert_int_equal(
		    lent.slowed + lent.paused, answers[i].requests == TRIES ? TRIES - 1 : 0);
		assert_int_equal(lent.slowed > 0, answers[i].kind == E_RATE_LIMITED);
	}
}

static void
waits_are_as_long_as_asked_within_bounds(void **state)
{
	static const struct {
		const char *header;
		int requests;
		int64_t least_ms, told_ms; /* of the waits; handed to the schedule */
	} rows[] = {
		{ "Retry-After: 3\r\n", TRIES, 3000, 0 },
		{ "Retry-After: 0\r\n", TRIES, 0, 0 },
		{ "Retry-After: -5\r\n", TRIES, 0, 0 },
		{ "Retry-After: soon\r\n", TRIES, 0, 0 },
		{ "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", TRIES, 0, 0 },
		{ "Retry-After: 600\r\n", 1, 0, 600000 },
		{ "Retry-After: 21600\r\n", 1, 0, 6 * HOUR_MS },
		{ "Retry-After: 99999999999\r\n", 1, 0, 7 * DAY_MS },
		{ "Retry-After: Sat, 31 Dec 2072 23:59:59 GMT\r\n", 1, 0, 7 * DAY_MS },
	};
	struct rest_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(100, 429, rows[i].header, "");
		assert_error(ask(false, NULL, &reply), E_RATE_LIMITED);
		if (script->hits != rows[i].requests || lent.longest_ms < rows[i].least_ms ||
		    lent.longest_ms > 33000 ||
		    (rows[i].requests == 1 && cx.err.wait_ms != rows[i].told_ms))
			flunk("%s: %d requests, waits of %lld, told %lld", rows[i].header,
			    script->hits, (long long)lent.longest_ms, (long long)cx.err.wait_ms);
	}
	/* Whoever may not try again by himself is told. */
	begin(100, 429, "Retry-After: 3\r\n", "");
	assert_error(ask(true, NULL, &reply), E_RATE_LIMITED);
	assert_int_equal(script->hits, 1);
	assert_int_equal(cx.err.wait_ms, 3000);
	begin(100, 503, "Retry-After: 7\r\n", "");
	assert_error(ask(false, NULL, &reply), E_SOURCE_5XX);
	assert_in_range(lent.longest_ms, 7000, 33000);
	assert_int_equal(lent.slowed, 0);
}

static void
waits_grow(void **state)
{
	struct rest_reply reply;

	(void)state;
	conf_override(CONF_RETRY_MS, "1000");
	begin(100, 500, "", "");
	assert_error(ask(false, NULL, &reply), E_SOURCE_5XX);
	assert_in_range(lent.longest_ms, 16000, 17000);
	conf_override(CONF_RETRY_MS, NULL);
}

static void
what_passes_is_waited_out(void **state)
{
	static const int statuses[] = { 429, 500, 502, 503, 504 };
	struct rest_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		begin(TRIES - 1, statuses[i], "", "");
		assert_ok(ask(false, NULL, &reply));
		assert_true(json_flag(reply.value, "ok", false));
		assert_int_equal(script->hits, TRIES);
	}
	begin(2, 0, "", "");
	script->drop = true;
	assert_ok(ask(false, NULL, &reply));
	begin(2, 0, "", "");
	script->cut = true;
	assert_ok(ask(false, NULL, &reply));
	assert_int_equal(script->hits, 3);
}

static void
a_token_that_is_refused_is_replaced_once(void **state)
{
	struct rest_reply reply;

	(void)state;
	begin(1, 401, "", "");
	assert_ok(ask(false, NULL, &reply));
	assert_int_equal(lent.tokens, 1);
	assert_string_equal(script->bearer[0], "old");
	assert_string_equal(script->bearer[1], "new");
	assert_int_equal(lent.slowed + lent.paused, 0);
	begin(1, 401, "", "");
	assert_ok(ask(true, NULL, &reply));
}

static void
trouble_on_the_way_has_its_own_errors(void **state)
{
	struct rest_reply reply;

	(void)state;
	begin(100, 0, "", "");
	script->drop = true;
	assert_error(ask(false, NULL, &reply), E_NETWORK);
	assert_int_equal(script->hits, TRIES);
	begin(100, 0, "", "");
	script->cut = true;
	assert_error(ask(false, NULL, &reply), E_TRUNCATED);
	assert_int_equal(script->hits, TRIES);
	/* What was silent to the end of its time is for the schedule. */
	begin(100, 200, "", "{}");
	script->sleep_ms = 3000;
	assert_error(ask(false, NULL, &reply), E_SILENT);
	assert_int_equal(script->hits, 1);
	begin(100, 200, JSON "Content-Encoding: gzip\r\n", "no gzip at all");
	assert_int_not_equal(ask(true, NULL, &reply), RC_OK);
}

static void
what_may_have_had_an_effect_is_not_repeated(void **state)
{
	json *body = json_stored(cx.a, "{\"id\":\"x\"}");
	struct rest_reply reply;

	(void)state;
	begin(100, 503, "", "");
	assert_error(ask(false, body, &reply), E_SOURCE_5XX);
	assert_int_equal(script->hits, 1);
	begin(100, 0, "", "");
	script->drop = true;
	assert_error(ask(false, body, &reply), E_NETWORK);
	assert_int_equal(script->hits, 1);
	begin(2, 429, "", "");
	assert_ok(ask(false, body, &reply));
	assert_int_equal(script->hits, 3);
	begin(100, 429, "", "");
	assert_error(ask(true, body, &reply), E_RATE_LIMITED);
	assert_int_equal(script->hits, 1);
}

static void
a_run_that_is_to_stop_waits_no_longer(void **state)
{
	static const int statuses[] = { 429, 503 };
	struct rest_reply reply;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(100, statuses[i], "", "");
		lent.stop = true;
		assert_error(ask(false, NULL, &reply), E_CANCELLED);
		assert_int_equal(script->hits, 1);
	}
}

static void
an_answer_larger_than_allowed_is_refused(void **state)
{
	const struct rest_call call = {
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = "/x",
		.quota = QUOTA_DRIVE,
		.max_bytes = 8,
		.timeout_ms = 2000,
		.what = "the spreadsheet",
	};
	struct rest_reply reply;
	int calls = 0;

	(void)state;
	begin(0, 200, "", "");
	assert_error(rest_call(&cx, &lent.remote, &call, &calls, &reply), E_SOURCE_TOO_LARGE);
	assert_int_equal(script->hits, 1);
}

static void
a_write_whose_yes_cannot_be_read_is_unsure(void **state)
{
	const struct rest_call call = {
		.service = &google_service,
		.method = "POST",
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = "/x",
		.body = json_new(cx.a),
		.quota = QUOTA_DRIVE,
		.max_bytes = 100000,
		.timeout_ms = 2000,
		.write = true,
		.what = "the event",
	};
	struct rest_reply reply;
	int calls = 0;

	(void)state;
	begin(1, 200, HTML, "<html>Sign in to the network</html>");
	assert_error(rest_call(&cx, &lent.remote, &call, &calls, &reply), E_UNSURE);
	begin(1, 200, JSON, "");
	script->cut = true;
	assert_error(rest_call(&cx, &lent.remote, &call, &calls, &reply), E_UNSURE);
	assert_int_equal(script->hits, 1);
	/* A no is one. */
	begin(1, 400, HTML, "<html>");
	assert_error(rest_call(&cx, &lent.remote, &call, &calls, &reply), E_SOURCE_STATUS);
}

static void
names_in_paths_are_encoded_and_numbers_may_be_texts(void **state)
{
	struct buf *b = buf_in(cx.a, 1000);
	const json *o = json_stored(cx.a,
	    "{\"a\":\"9223372036854775807\",\"b\":7,\"c\":\"x\",\"d\":1.5,"
	    "\"e\":\"9223372036854775808\",\"f\":null}");
	int64_t n = 0;

	(void)state;
	url_encode(b, "'Bob''s tab'!A1:C9/\xc3\xa9~");
	assert_string_equal(buf_c(b), "%27Bob%27%27s%20tab%27%21A1%3AC9%2F%C3%A9~");
	assert_true(google_i64(o, "a", &n) && n == INT64_MAX);
	assert_true(google_i64(o, "b", &n) && n == 7);
	assert_false(google_i64(o, "c", &n) || google_i64(o, "d", &n) || google_i64(o, "e", &n) ||
	    google_i64(o, "f", &n) || google_i64(o, "g", &n));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_answer_means_what_it_says),
		TEST(waits_are_as_long_as_asked_within_bounds),
		TEST(waits_grow),
		TEST(what_passes_is_waited_out),
		TEST(a_token_that_is_refused_is_replaced_once),
		TEST(trouble_on_the_way_has_its_own_errors),
		TEST(what_may_have_had_an_effect_is_not_repeated),
		TEST(a_run_that_is_to_stop_waits_no_longer),
		TEST(an_answer_larger_than_allowed_is_refused),
		TEST(a_write_whose_yes_cannot_be_read_is_unsure),
		TEST(names_in_paths_are_encoded_and_numbers_may_be_texts),
	};
	char base[60];
	int failed;

	script = mmap(
	    NULL, sizeof *script, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unit_open(NULL);
	web_start(answer);
	snprintf(base, sizeof base, "http://127.0.0.1:%d/", web_port);
	conf_override(CONF_GOOGLE_API_BASE, base);
	unit_close(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	return failed;
}
