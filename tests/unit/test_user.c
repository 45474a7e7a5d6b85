/*
 * Users, sign-in keys, sessions and API tokens: what opens a door, and for how long.
 */
#include "unit/users_fixture.h"

#include "store/audit.h"
#include "store/token.h"

static int
users(void **state)
{
	return users_open(state, NULL);
}

static void
names_are_taken_once(void **state)
{
	struct user u;
	char long_name[70];

	(void)state;
	assert_error(user_add(&cx, db, "ann", false, NULL, &u), E_STATE);
	assert_error(user_add(&cx, db, "", false, NULL, &u), E_INPUT);
	assert_error(user_add(&cx, db, "a b", false, NULL, &u), E_INPUT);
	assert_error(user_add(&cx, db, "a\nb", false, NULL, &u), E_INPUT);
	assert_error(user_add(&cx, db, "\xff", false, NULL, &u), E_INPUT);
	memset(long_name, 'a', sizeof long_name);
	long_name[65] = '\0';
	assert_error(user_add(&cx, db, long_name, false, NULL, &u), E_INPUT);
	long_name[64] = '\0';
	assert_ok(user_add(&cx, db, long_name, false, NULL, &u));
	assert_ok(user_find(&cx, db, "ann", &u));
	assert_string_equal(u.id, ann.id);
	assert_string_equal(u.role, "member");
	assert_error(user_find(&cx, db, "eve", &u), E_NOT_FOUND);
}

static void
a_key_opens_one_session(void **state)
{
	const char *key;
	struct session s;
	struct sign_in in;

	(void)state;
	key = key_of(ann.id, KEY_SIGN_IN, NULL);
	assert_true(strlen(key) >= 43);
	assert_ok(sign_in_key_use(&cx, db, key, &by, "test", &in));
	assert_ok(session_find(&cx, db, in.cookie, &s));
	assert_string_equal(s.owner, ann.id);
	assert_string_equal(s.user_name, "ann");
	assert_string_equal(s.role, "member");
	assert_true(strlen(s.csrf) >= 43);
	assert_string_not_equal(s.csrf, in.cookie);
	assert_error(sign_in_key_use(&cx, db, key, &by, "test", &in), E_UNAUTHORIZED);
	assert_error(sign_in_key_use(&cx, db, "", &by, "test", &in), E_UNAUTHORIZED);
	assert_error(session_find(&cx, db, key, &s), E_UNAUTHORIZED);
	assert_error(session_find(&cx, db, "", &s), E_UNAUTHORIZED);
}

static void
a_key_dies_after_half_an_hour(void **state)
{
	const char *key;
	struct sign_in in;

	(void)state;
	key = key_of(ann.id, KEY_SIGN_IN, NULL);
	clock_step_to(T0 + SIGN_IN_KEY_MINUTES * MINUTE_MS + SECOND_MS);
	assert_error(sign_in_key_use(&cx, db, key, &by, "test", &in), E_UNAUTHORIZED);
}

static const char *
signed_in(const char *owner)
{
	const char *key;
	struct sign_in in;

	key = key_of(owner, KEY_SIGN_IN, NULL);
	assert_ok(sign_in_key_use(&cx, db, key, &by, "test", &in));
	return in.cookie;
}

static void
an_idle_session_ends(void **state)
{
	const char *cookie = signed_in(ann.id);
	struct session s;

	(void)state;
	for (int h = 11; h <= 66; h += 11) {
		clock_step_to(T0 + h * HOUR_MS);
		assert_ok(session_find(&cx, db, cookie, &s));
	}
	clock_step_to(T0 + 79 * HOUR_MS);
	assert_error(session_find(&cx, db, cookie, &s), E_UNAUTHORIZED);
}

static void
a_session_ends_after_two_weeks_of_use(void **state)
{
	const char *cookie = signed_in(ann.id);
	struct session s;

	(void)state;
	for (int h = 10; h < SESSION_DAYS * 24; h += 10) {
		clock_step_to(T0 + h * HOUR_MS);
		assert_ok(session_find(&cx, db, cookie, &s));
	}
	clock_step_to(T0 + SESSION_DAYS * DAY_MS + SECOND_MS);
	assert_error(session_find(&cx, db, cookie, &s), E_UNAUTHORIZED);
}

static void
visits_are_noted_every_five_minutes(void **state)
{
	const char *cookie = signed_in(ann.id);
	struct session s;
	int64_t first = raw_number("SELECT seen_at FROM web_session");

	(void)state;
	clock_step_to(T0 + 4 * MINUTE_MS);
	assert_ok(session_find(&cx, db, cookie, &s));
	assert_int_equal(raw_number("SELECT seen_at FROM web_session"), first);
	clock_step_to(T0 + 6 * MINUTE_MS);
	assert_ok(session_find(&cx, db, cookie, &s));
	assert_true(raw_number("SELECT seen_at FROM web_session") > first);
}

static void
signing_out_ends_one_session(void **state)
{
	const char *one = signed_in(ann.id), *two = signed_in(ann.id);
	struct session s;

	(void)state;
	assert_ok(session_end(&cx, db, one));
	assert_error(session_find(&cx, db, one, &s), E_UNAUTHORIZED);
	assert_ok(session_find(&cx, db, two, &s));
	assert_ok(session_end(&cx, db, "nothing"));
}

static void
scopes_are_words(void **state)
{
	(void)state;
	assert_int_equal(scopes_parse("read"), 1);
	assert_int_equal(scopes_parse("read, sync ,write,operator"), 15);
	assert_int_equal(scopes_parse("write,write"), 4);
	assert_int_equal(scopes_parse(""), 0);
	assert_int_equal(scopes_parse(","), 0);
	assert_int_equal(scopes_parse("read,all"), 0);
	assert_int_equal(scopes_parse("READ"), 0);
	assert_int_equal(scopes_parse("read,"), 1);
}

static void
a_token_opens_what_its_scopes_say(void **state)
{
	struct token made, t;
	const char *text;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "host", .scopes = "write, read,write" },
	    &text, &made));
	assert_string_equal(made.scopes, "read,write");
	assert_ok(token_find(&cx, db, text, "", &t));
	assert_string_equal(t.id, made.id);
	assert_string_equal(t.owner, ann.id);
	assert_string_equal(t.user_name, "ann");
	assert_string_equal(t.scopes, "read,write");
	assert_int_equal(t.expires_at, 0);
	assert_error(token_find(&cx, db, "tm_", "", &t), E_UNAUTHORIZED);
	assert_error(token_find(&cx, db, text + 1, "", &t), E_UNAUTHORIZED);
	assert_int_equal(
	    raw_number(arena_printf(cx.a,
		"SELECT count(*) FROM api_token WHERE hash = '%s' OR id = '%s' OR name = '%s'",
		text, text, text)),
	    0);
}

static void
tokens_are_made_within_bounds(void **state)
{
	struct token t;
	const char *text;
	char name[102];

	(void)state;
	memset(name, 'x', sizeof name);
	name[101] = '\0';
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = ann.id, .name = name, .scopes = "read" }, &text, &t),
	    E_INPUT);
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = ann.id, .name = "", .scopes = "read" }, &text, &t),
	    E_INPUT);
	assert_error(
	    token_create(&cx, db, &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "" },
		&text, &t),
	    E_INPUT);
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = ann.id, .name = "x", .scopes = "root" }, &text, &t),
	    E_INPUT);
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = "nobody", .name = "x", .scopes = "read" }, &text, &t),
	    E_NOT_FOUND);
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read,operator" },
		&text, &t),
	    E_FORBIDDEN);
	assert_int_equal(raw_number("SELECT count(*) FROM api_token"), 0);
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = op.id, .name = "x", .scopes = "read,operator" }, &text,
	    &t));
}

static void
a_token_ends_with_its_days(void **state)
{
	struct token t;
	const char *text;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read", .days = 2 }, &text,
	    &t));
	clock_step_to(T0 + 2 * DAY_MS - SECOND_MS);
	assert_ok(token_find(&cx, db, text, "", &t));
	clock_step_to(T0 + 2 * DAY_MS + SECOND_MS);
	assert_error(token_find(&cx, db, text, "", &t), E_UNAUTHORIZED);
}

static void
a_revoked_token_is_useless_and_stays_in_the_list(void **state)
{
	struct token_list list;
	struct token made, t;
	const char *text;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read" }, &text, &made));
	assert_error(token_end(&cx, db, op.id, made.id), E_NOT_FOUND);
	assert_ok(token_find(&cx, db, text, "", &t));
	assert_ok(token_end(&cx, db, ann.id, made.id));
	assert_error(token_find(&cx, db, text, "", &t), E_UNAUTHORIZED);
	assert_error(token_end(&cx, db, ann.id, made.id), E_NOT_FOUND);
	assert_ok(tokens_of(&cx, db, ann.id, &list));
	assert_int_equal(list.n, 1);
	assert_true(list.v[0].revoked_at >= T0);
	assert_ok(tokens_of(&cx, db, op.id, &list));
	assert_int_equal(list.n, 0);
}

static void
uses_are_noted_once_a_minute(void **state)
{
	const char *text, *sql = "SELECT COALESCE(last_used_at, 0) FROM api_token";
	struct token t;
	int64_t first;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read" }, &text, &t));
	assert_int_equal(raw_number(sql), 0);
	assert_ok(token_find(&cx, db, text, "", &t));
	first = raw_number(sql);
	assert_true(first >= T0);
	clock_step_to(T0 + 50 * SECOND_MS);
	assert_ok(token_find(&cx, db, text, "", &t));
	assert_int_equal(raw_number(sql), first);
	clock_step_to(T0 + 70 * SECOND_MS);
	assert_ok(token_find(&cx, db, text, "", &t));
	assert_true(raw_number(sql) > first);
}

static void
a_full_house_still_lets_people_in(void **state)
{
	const char *text, *cookie = signed_in(ann.id);
	struct token t;
	struct session s;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read" }, &text, &t));
	clock_step_to(T0 + HOUR_MS);
	/* Noting the visit fails; the visit does not. */
	raw("CREATE TRIGGER no_note BEFORE UPDATE ON api_token BEGIN SELECT RAISE(ABORT, 'no'); "
	    "END; "
	    "CREATE TRIGGER no_visit BEFORE UPDATE ON web_session BEGIN SELECT RAISE(ABORT, 'no'); "
	    "END");
	assert_ok(token_find(&cx, db, text, "", &t));
	assert_ok(session_find(&cx, db, cookie, &s));
	assert_false(in_write(db));
}

static void
who_is_disabled_is_out_at_once(void **state)
{
	const char *text, *cookie = signed_in(ann.id);
	struct token t;
	struct session s;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "x", .scopes = "read" }, &text, &t));
	raw("UPDATE account SET disabled_at = 1 WHERE name = 'ann'");
	assert_error(token_find(&cx, db, text, "", &t), E_UNAUTHORIZED);
	assert_error(session_find(&cx, db, cookie, &s), E_UNAUTHORIZED);
}

static void
the_audit_is_read_newest_first(void **state)
{
	struct audit_list list;

	(void)state;
	for (int i = 0; i < 3; i++) {
		clock_step_to(T0 + i * SECOND_MS);
		assert_ok(db_begin(&cx, db));
		assert_ok(audit_add(&cx, db, ann.id, &by,
		    &(struct deed){ "did", i == 1 ? "b" : "a", arena_printf(cx.a, "%d", i) }));
		assert_ok(db_commit(&cx, db));
	}
	assert_ok(audit_page(&cx, db, &(struct audit_page){ .owner = ann.id, .limit = 10 }, &list));
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].detail, "2");
	assert_string_equal(list.v[0].from, "192.0.2.7");
	assert_null(list.next);
	assert_ok(audit_page(
	    &cx, db, &(struct audit_page){ .owner = ann.id, .object = "a", .limit = 10 }, &list));
	assert_int_equal(list.n, 2);
	assert_ok(audit_page(&cx, db, &(struct audit_page){ .owner = ann.id, .limit = 1 }, &list));
	assert_int_equal(list.n, 1);
	assert_ok(audit_page(&cx, db,
	    &(struct audit_page){ .owner = ann.id, .cursor = list.next, .limit = 1 }, &list));
	assert_string_equal(list.v[0].detail, "1");
	assert_ok(audit_page(&cx, db, &(struct audit_page){ .owner = op.id, .limit = 10 }, &list));
	assert_int_equal(list.n, 0);
	assert_ok(audit_page(&cx, db, &(struct audit_page){ .limit = 10 }, &list));
	assert_int_equal(list.n, 3);
	assert_ok(db_begin(&cx, db));
	assert_ok(audit_sweep(&cx, db, T0 + 2 * SECOND_MS));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(raw_number("SELECT count(*) FROM audit"), 1);
}

static void
the_sweep_takes_what_is_over(void **state)
{
	const char *old = signed_in(ann.id), *cookie;
	struct session s;

	(void)state;
	(void)key_of(ann.id, KEY_SIGN_IN, NULL);
	raw(arena_printf(cx.a,
	    "INSERT INTO idempotency (owner, key, request, status, body, created_at) "
	    "VALUES ('%s', 'k', 'r', 201, '{}', %lld)",
	    ann.id, (long long)T0));
	assert_ok(auth_sweep(&cx, db, T0 + MINUTE_MS));
	assert_int_equal(
	    raw_number("SELECT (SELECT count(*) FROM web_session) * 100 + (SELECT count(*) "
		       "FROM sign_in_key) * 10 + (SELECT count(*) FROM idempotency)"),
	    111);
	clock_step_to(T0 + 15 * DAY_MS);
	cookie = signed_in(ann.id);
	assert_ok(auth_sweep(&cx, db, T0 + 15 * DAY_MS));
	assert_int_equal(
	    raw_number("SELECT (SELECT count(*) FROM web_session) * 100 + (SELECT count(*) "
		       "FROM sign_in_key) * 10 + (SELECT count(*) FROM idempotency)"),
	    100);
	assert_ok(session_find(&cx, db, cookie, &s));
	assert_error(session_find(&cx, db, old, &s), E_UNAUTHORIZED);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, users, users_close)
	const struct CMUnitTest tests[] = {
		T(names_are_taken_once),
		T(a_key_opens_one_session),
		T(a_key_dies_after_half_an_hour),
		T(an_idle_session_ends),
		T(a_session_ends_after_two_weeks_of_use),
		T(visits_are_noted_every_five_minutes),
		T(signing_out_ends_one_session),
		T(scopes_are_words),
		T(a_token_opens_what_its_scopes_say),
		T(tokens_are_made_within_bounds),
		T(a_token_ends_with_its_days),
		T(a_revoked_token_is_useless_and_stays_in_the_list),
		T(uses_are_noted_once_a_minute),
		T(a_full_house_still_lets_people_in),
		T(who_is_disabled_is_out_at_once),
		T(the_audit_is_read_newest_first),
		T(the_sweep_takes_what_is_over),
	};

	return cmocka_run_group_tests_name("user", tests, NULL, NULL);
}
