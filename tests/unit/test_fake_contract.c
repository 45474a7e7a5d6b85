/* Exchanges with the stand-in are held against what the providers say of their interfaces, and that
 * bites. */
#include "unit/fake_fixture.h"

#define EVENTS "/calendar/v3/calendars/primary/events"
#define DAY "\"start\":{\"date\":\"2026-10-05\"},\"end\":{\"date\":\"2026-10-06\"}"

/* As one of our programs. */
static const char *
breach_of(const char *method, const char *target, const char *body)
{
	struct fake_request req = {
		.a = cx.a,
		.method = method,
		.target = target,
		.body = str_c(body),
	};

	params_add(&req.headers, "authorization", "Bearer t");
	params_add(&req.headers, "user-agent", "Tidemark/1");
	params_add(&req.headers, "content-type", "application/json");
	fake_handle(world, &req, &rep);
	return fake_breach(world);
}

/* Breaches are meant here. */
static int
close_plain(void **state)
{
	fake_free(world);
	clock_fake(0);
	return unit_close(state);
}

static void
what_is_allowed_is_none(void **state)
{
	(void)state;
	assert_null(
	    breach_of("GET", EVENTS "?maxResults=5&eventTypes=default&eventTypes=birthday", NULL));
	assert_int_equal(rep.status, 200);
	assert_null(breach_of("POST", EVENTS "?sendUpdates=none", "{\"id\":\"event1\"," DAY "}"));
	assert_int_equal(rep.status, 200);
	assert_null(breach_of("PATCH", EVENTS "/event1", "{\"location\":null}"));
	assert_null(breach_of("DELETE", EVENTS "/event1", NULL));
	assert_int_equal(rep.status, 204);
	assert_null(breach_of("GET", EVENTS "/event1", NULL));
	assert_null(breach_of("GET", "/calendar/v3/users/me/calendarList", NULL));
	assert_null(breach_of("GET", "/nowhere", NULL));
}

static void
what_is_not_allowed_is_found(void **state)
{
	static const struct {
		const char *method, *target, *body, *says;
	} rows[] = {
		{ "GET", EVENTS "?maxResults=0", NULL, "?maxResults is not such a number" },
		{ "GET", EVENTS "?colour=red", NULL, "?colour is not in the reference" },
		{ "GET", EVENTS "?singleEvents=yes", NULL, "?singleEvents is neither" },
		{ "GET", EVENTS "?orderBy=name", NULL, "?orderBy is none of the words" },
		{ "GET", EVENTS "?q=a&q=b", NULL, "?q is there twice" },
		{ "POST", EVENTS "?sendUpdates=nobody", "{" DAY "}", "?sendUpdates is none" },
		{ "POST", EVENTS, "{\"title\":\"x\"," DAY "}",
		    "body.title is not in the reference" },
		{ "POST", EVENTS, "{\"summary\":7," DAY "}", "body.summary is no text" },
		{ "POST", EVENTS, "{\"attendees\":{}," DAY "}", "body.attendees is no list" },
		{ "POST", EVENTS, "{\"attendees\":[{\"mail\":\"x\"}]," DAY "}",
		    "body.attendees[0].mail is not" },
		{ "POST", EVENTS, "{\"start\":{\"date\":\"5.10.\"}}", "body.start.date is no day" },
		{ "POST", EVENTS, "{\"created\":\"2026-10-05T00:00:00Z\"," DAY "}",
		    "body.created is not for us to say" },
		{ "POST", EVENTS, "{\"extendedProperties\":{\"private\":{\"a\":1}}," DAY "}",
		    "body.extendedProperties.private.a is no text" },
		{ "POST", "/calendar/v3/channels/stop", "{\"channel\":\"x\"}",
		    "body.channel is not in the reference" },
		{ "POST", EVENTS "/import", "[]", "body is no object" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *said = breach_of(rows[i].method, rows[i].target, rows[i].body);

		if (!said || !strstr(said, rows[i].says))
			flunk("%s %s: %s, not %s", rows[i].target, rows[i].body ? rows[i].body : "",
			    said ? said : "nothing", rows[i].says);
		close_plain(state);
		world_open(state);
	}
}

/* An answer, whoever asks. */
static void
what_the_stand_in_makes_up_is_found(void **state)
{
	(void)state;
	control("{\"event\":{\"calendar\":\"" OWNER "\",\"id\":\"made1\",\"content\":{" DAY "}}}");
	assert_int_equal(ask("GET", EVENTS, NULL), 200);
	assert_null(fake_breach(world));
	control("{\"event\":{\"calendar\":\"" OWNER "\",\"id\":\"made1\",\"content\":{" DAY
		",\"mood\":\"good\"}}}");
	assert_int_equal(ask("GET", EVENTS, NULL), 200);
	assert_non_null(strstr(fake_breach(world), "answer.items[0].mood is not in the reference"));
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_int_equal(json_len(at("breaches")), 1);
}

#define plain_test(f) cmocka_unit_test_setup_teardown(f, world_open, close_plain)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		plain_test(what_is_allowed_is_none),
		plain_test(what_is_not_allowed_is_found),
		plain_test(what_the_stand_in_makes_up_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
