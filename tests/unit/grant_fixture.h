/* grant_fixture.h - an account at the stand-in, and two connections that read with it. */
#ifndef GRANT_FIXTURE_H
#define GRANT_FIXTURE_H

#include "kill_fixture.h"

#include "access/grant.h"
#include "unit/fake_server.h"

#define ANN "ann@example.com"
#define SCOPES FAKE_WHO " " FAKE_SHEETS
#define CONN2 "00000000-0000-7000-8000-0000000000c2"

static struct grant_result ann;

/* The way back with a code, for the usual scopes. */
static inline struct grant_request
with_code(const char *oauth_code, const char *wanted)
{
	return (struct grant_request){
		.owner = OWNER,
		.provider = "google",
		.scopes = SCOPES,
		.code = oauth_code,
		.verifier = FAKE_VERIFIER,
		.redirect = FAKE_REDIRECT,
		.account_id = wanted,
	};
}

static inline enum rc
connect_key(const char *key, struct grant_result *out)
{
	const struct grant_request g = {
		.owner = OWNER, .provider = "google", .scopes = FAKE_SHEETS, .key = key
	};

	return grant_service(&cx, db, &g, out);
}

static inline enum rc
connect_as(const char *email, bool again, const char *wanted, struct grant_result *out)
{
	const struct grant_request g = with_code(fake_agree(email, SCOPES, again), wanted);

	return grant_connect(&cx, db, &g, out);
}

/* Connected, with two connections that read with it. */
static inline int
setup(void **state)
{
	int failed = fixture_open(state);

	fake_control(
	    "{\"reset\": true, \"faults\": [], \"latency_ms\": 0, \"client\": {\"rotate\": "
	    "false}}");
	assert_ok(connect_as(ANN, true, NULL, &ann));
	raw("INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('" CONN2 "', '" OWNER "', 'script', 'Two', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('" CONN2 "', '" OWNER
	    "', 1, 'ok', 'hourly', 60, 1);");
	assert_ok(db_begin(&cx, db));
	assert_ok(conn_set_account(&cx, db, OWNER, CONN, ann.account_id));
	assert_ok(conn_set_account(&cx, db, OWNER, CONN2, ann.account_id));
	assert_ok(db_commit(&cx, db));
	fake_control("{\"reset\": true}");
	return failed;
}

static inline struct login
row(void)
{
	struct login a;

	assert_ok(login_get(&cx, db, OWNER, ann.account_id, &a));
	return a;
}

static inline const char *
token(void)
{
	const char *bearer;

	assert_ok(grant_token(&cx, db, OWNER, ann.account_id, NULL, &bearer));
	return bearer;
}

static inline void
refused_as(enum error_kind kind)
{
	const char *bearer;

	assert_int_not_equal(grant_token(&cx, db, OWNER, ann.account_id, NULL, &bearer), RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
}

static inline void
let_it_grow_old(void)
{
	raw("UPDATE remote_account SET access_until = 1");
}

static inline int
refreshes(void)
{
	return fake_calls("/token", 0);
}

/* The stand-in with its accounts, for as long as the tests run. */
static inline int
grant_tests(const struct CMUnitTest *tests, size_t n)
{
	int failed;

	cx = (struct ctx){ .a = arena_new("main", (size_t)1 << 24, 0) };
	fake_start();
	fake_control("{\"account\": {\"email\": \"" ANN "\", \"name\": \"Ann\"}}");
	fake_control("{\"account\": {\"email\": \"bob@example.com\", \"name\": \"Bob\"}}");
	fake_control("{\"account\": {\"email\": \"cy@example.com\", \"name\": \"Cy\"}}");
	arena_free(cx.a);
	failed = _cmocka_run_group_tests("grants", tests, n, NULL, NULL);
	fake_stop();
	return failed;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_close)

#endif
