/* What people do about themselves, what operators do about them, and tokens: who may, what is asked
 * for, and what ends with it. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/people.h"
#include "app/sign_in.h"
#include "app/tokens.h"
#include "base/clock.h"
#include "vault/password.h"

#define PASSWORD "four words in a row"

#include "unit/fault_fixture.h"

static struct caller
person(const char *owner)
{
	struct caller c = owner_calls;

	c.owner = owner;
	c.session = "s";
	return c;
}

static struct user
user_of(const char *id)
{
	struct user u;

	assert_ok(user_get(&cx, db, id, &u));
	return u;
}

static void
has_password(const char *id)
{
	const char *hash;

	assert_ok(password_hash(&cx, PASSWORD, &hash));
	raw(arena_printf(cx.a, "UPDATE account SET password = '%s' WHERE id = '%s'", hash, id));
}

static void
session_of(const char *id, const char *owner)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO web_session (hash, id, owner, csrf, created_at, seen_at, expires_at, "
	    "address, agent) VALUES ('h%s', '%s', '%s', 'c', 1, 1, %lld, '', '')",
	    id, id, owner, (long long)clock_ms() + DAY_MS));
}

static void
operators_add_people_and_change_them(void **state)
{
	const struct person eve = { .name = "eve", .workspace_id = "4711", .email = "e@a.example" };
	struct user u;

	(void)state;
	assert_error(people_add(&cx, db, owner_may(SCOPE_WRITE), &eve, &u), E_FORBIDDEN);
	assert_ok(people_add(&cx, db, &owner_calls, &eve, &u));
	assert_string_equal(user_of(u.id).role, "member");
	assert_string_equal(user_of(u.id).workspace_id, "4711");
	assert_string_equal(user_of(u.id).email, "e@a.example");
	assert_error(people_add(&cx, db, &owner_calls, &eve, &u), E_INPUT);
	assert_string_equal(wrong_field(), "name");
	(void)said("{}");
	assert_error(people_add(&cx, db, &owner_calls,
			 &(struct person){ .name = "fay", .workspace_id = "4711" }, &u),
	    E_INPUT);
	assert_string_equal(wrong_field(), "workspace_id");
	(void)said("{}");
	assert_error(people_add(&cx, db, &owner_calls,
			 &(struct person){ .name = "fay", .role = "king" }, &u),
	    E_INPUT);
	assert_string_equal(wrong_field(), "role");
	(void)said("{}");
	assert_error(people_add(&cx, db, &owner_calls,
			 &(struct person){ .name = "fay", .email = "nobody" }, &u),
	    E_INPUT);
	assert_string_equal(wrong_field(), "email");
	assert_int_equal(raw_number("SELECT count(*) FROM account"), 3);
}

static void
what_is_named_is_changed_by_operators_alone(void **state)
{
	static const struct {
		const char *change, *field;
	} wrong[] = {
		{ "{\"name\":\"x\"}", "name" },
		{ "{\"disabled\":\"yes\"}", "disabled" },
		{ "{\"role\":7}", "role" },
		{ "{\"role\":\"king\"}", "role" },
		{ "{\"email\":\"nobody\"}", "email" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_error(
		    people_change(&cx, db, &owner_calls, OTHER, said(wrong[i].change)), E_INPUT);
		assert_string_equal(wrong_field(), wrong[i].field);
	}
	assert_error(
	    people_change(&cx, db, owner_may(SCOPE_WRITE), OTHER, said("{}")), E_FORBIDDEN);
	assert_ok(people_change(&cx, db, &owner_calls, OTHER,
	    said("{\"role\":\"operator\",\"workspace_id\":\"9\",\"email\":\"b@a.example\"}")));
	assert_string_equal(user_of(OTHER).role, "operator");
	assert_string_equal(user_of(OTHER).workspace_id, "9");
	assert_ok(people_change(&cx, db, &owner_calls, OTHER, said("{\"disabled\":true}")));
	assert_true(user_of(OTHER).disabled_at > 0);
	assert_string_equal(user_of(OTHER).email, "b@a.example");
	assert_ok(people_change(
	    &cx, db, &owner_calls, OTHER, said("{\"disabled\":false,\"email\":null}")));
	assert_int_equal(user_of(OTHER).disabled_at, 0);
	assert_null(user_of(OTHER).email);
	assert_ok(people_change(&cx, db, &owner_calls, OTHER, said("{\"role\":\"member\"}")));
	/* The last operator stays one. */
	assert_error(
	    people_change(&cx, db, &owner_calls, OWNER, said("{\"role\":\"member\"}")), E_STATE);
	assert_error(
	    people_change(&cx, db, &owner_calls, OWNER, said("{\"disabled\":true}")), E_STATE);
	assert_error(people_remove(&cx, db, &owner_calls, OWNER, false), E_STATE);
	assert_error(people_remove(&cx, db, owner_may(SCOPE_WRITE), OTHER, false), E_FORBIDDEN);
	assert_ok(people_remove(&cx, db, &owner_calls, OTHER, false));
	assert_error(people_remove(&cx, db, &owner_calls, OTHER, false), E_STATE);
}

static void
links_sign_in_and_a_reset_ends_everything_else(void **state)
{
	const char *link;
	struct caller self = person(OWNER);

	(void)state;
	has_password(OTHER);
	assert_error(people_link(&cx, db, owner_may(SCOPE_WRITE), OTHER, &link), E_FORBIDDEN);
	assert_ok(people_link(&cx, db, &owner_calls, OTHER, &link));
	assert_non_null(strstr(link, "/sign-in?key="));
	assert_ok(people_invite(&cx, db, &owner_calls, OTHER, &link));
	assert_non_null(user_of(OTHER).password);
	session_of("x", OTHER);
	assert_ok(people_reset(&cx, db, &owner_calls, OTHER, &link));
	assert_null(user_of(OTHER).password);
	assert_int_equal(raw_number("SELECT count(*) FROM web_session"), 0);
	assert_error(people_invite(&cx, db, &self, OWNER, &link), E_FORBIDDEN);
	assert_error(people_reset(&cx, db, &self, OWNER, &link), E_FORBIDDEN);
	assert_error(people_link(&cx, db, &owner_calls, "nobody", &link), E_NOT_FOUND);
}

static void
ones_own_password_is_changed_with_the_present_one(void **state)
{
	struct caller self = person(OWNER);

	(void)state;
	assert_error(
	    account_password(&cx, db, &owner_calls, PASSWORD, "other words in a row"), E_FORBIDDEN);
	/* Without one: within some minutes of an invitation. */
	assert_error(account_password(&cx, db, &self, NULL, PASSWORD), E_FORBIDDEN);
	self.password_until = clock_ms() + MINUTE_MS;
	assert_ok(account_password(&cx, db, &self, NULL, PASSWORD));
	self.password_until = 0;
	(void)said("{}");
	assert_error(account_password(&cx, db, &self, "wrong", "other words in a row"), E_INPUT);
	assert_string_equal(wrong_field(), "current");
	(void)said("{}");
	assert_error(account_password(&cx, db, &self, PASSWORD, "short"), E_INPUT);
	assert_string_equal(wrong_field(), "password");
	ok_once(account_password(&cx, db, &self, PASSWORD, "other words in a row"));
	assert_true(password_fits(user_of(OWNER).password, "other words in a row"));
	assert_error(account_notices(&cx, db, &owner_calls, false), E_FORBIDDEN);
	assert_ok(account_notices(&cx, db, &self, false));
	assert_false(user_of(OWNER).mail_notices);
	assert_ok(account_notices(&cx, db, &self, true));
	assert_true(user_of(OWNER).mail_notices);
}

static void
ones_own_sessions_end_one_by_one_or_all_but_this(void **state)
{
	struct caller self = person(OWNER);

	(void)state;
	session_of("s", OWNER);
	session_of("t", OWNER);
	session_of("u", OWNER);
	session_of("v", OTHER);
	assert_error(account_end_sessions(&cx, db, &owner_calls, "t"), E_FORBIDDEN);
	assert_ok(account_end_sessions(&cx, db, &self, "t"));
	assert_error(account_end_sessions(&cx, db, &self, "v"), E_NOT_FOUND);
	assert_string_equal(raw_lines("SELECT id FROM web_session ORDER BY id", 0), "s\nu\nv\n");
	assert_ok(account_end_sessions(&cx, db, &self, NULL));
	assert_string_equal(raw_lines("SELECT id FROM web_session ORDER BY id", 0), "s\nv\n");
}

static void
an_address_counts_when_it_is_confirmed(void **state)
{
	struct caller self = person(OTHER);
	bool sent;

	(void)state;
	has_password(OTHER);
	assert_error(account_email(&cx, db, &self, "nobody", PASSWORD, &sent), E_INPUT);
	(void)said("{}");
	assert_error(account_email(&cx, db, &self, "b@a.example", "wrong", &sent), E_INPUT);
	assert_string_equal(wrong_field(), "current");
	(void)said("{}");
	assert_error(account_email(&cx, db, &self, "b@a.example", PASSWORD, &sent), E_INPUT);
	assert_string_equal(wrong_field(), "email");
	conf_override(CONF_SMTP_URL, "smtp://mail.example");
	conf_override(CONF_MAIL_FROM, "tidemark@a.example");
	raw("UPDATE account SET email = 'op@a.example' WHERE id = '" OWNER "'");
	ok_once(account_email(&cx, db, &self, "b@a.example", PASSWORD, &sent));
	assert_true(sent);
	assert_null(user_of(OTHER).email);
	/* To him, and to an operator, for he had none before. */
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE owner = '" OTHER "'"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE owner = '" OWNER "'"), 1);
	raw("UPDATE account SET email = 'b@a.example' WHERE id = '" OTHER "'; DELETE FROM message");
	ok_once(account_email(&cx, db, &self, "c@a.example", PASSWORD, &sent));
	/* To the new one and the old one. */
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE owner = '" OTHER "'"), 2);
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE owner = '" OWNER "'"), 0);
	ok_once(account_email(&cx, db, &self, "", PASSWORD, &sent));
	assert_false(sent);
	assert_null(user_of(OTHER).email);
}

static void
who_comes_in_has_the_right_password_and_is_not_shut_out(void **state)
{
	const struct visitor v = { .address = "192.0.2.1", .agent = "x" };
	const char *cookie = NULL;

	(void)state;
	has_password(OWNER);
	assert_error(sign_in_password(&cx, db, &v, "ann", "wrong", &cookie), E_UNAUTHORIZED);
	assert_error(sign_in_password(&cx, db, &v, "nobody", PASSWORD, &cookie), E_UNAUTHORIZED);
	assert_error(sign_in_password(&cx, db, &v, "bob", PASSWORD, &cookie), E_UNAUTHORIZED);
	ok_once(sign_in_password(&cx, db, &v, "ann", PASSWORD, &cookie));
	assert_non_null(cookie);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM web_session WHERE owner = '" OWNER "'"), 1);
	raw("UPDATE account SET disabled_at = 1 WHERE id = '" OWNER "'");
	assert_error(sign_in_password(&cx, db, &v, "ann", PASSWORD, &cookie), E_UNAUTHORIZED);
	for (int i = 0; i < 5; i++)
		assert_int_not_equal(sign_in_password(&cx, db, &v, "ann", "wrong", &cookie), RC_OK);
	assert_error(sign_in_password(&cx, db, &v, "ann", PASSWORD, &cookie), E_TOO_MANY);
	assert_true(cx.err.wait_ms > 0);
	conf_override(CONF_SMTP_URL, "smtp://mail.example");
	conf_override(CONF_MAIL_FROM, "tidemark@a.example");
	raw("UPDATE account SET email = 'b@a.example' WHERE id = '" OTHER "'");
	ok_once(sign_in_mail(&cx, db, &v, "bob"));
	ok_once(sign_in_mail(&cx, db, &v, "ann"));
	ok_once(sign_in_mail(&cx, db, &v, "nobody"));
	assert_string_equal(raw_lines("SELECT owner FROM message", 0), OTHER "\n");
}

static void
tokens_may_no_more_than_who_makes_them(void **state)
{
	struct token_made made, next;
	struct token_list list;
	int64_t until;

	(void)state;
	assert_error(tokens_make(&cx, db, owner_may(SCOPE_READ | SCOPE_SYNC),
			 &(struct token_input){ "x", "read", 0 }, &made),
	    E_FORBIDDEN);
	assert_error(tokens_make(&cx, db, owner_may(SCOPE_READ | SCOPE_WRITE),
			 &(struct token_input){ "x", "read,sync", 0 }, &made),
	    E_FORBIDDEN);
	assert_error(tokens_make(&cx, db, &owner_calls,
			 &(struct token_input){ "", "read,fly", 3651 }, &made),
	    E_INPUT);
	assert_int_equal(json_len(caller_wrongs.list), 3);
	(void)said("{}");
	assert_ok(tokens_make(
	    &cx, db, &owner_calls, &(struct token_input){ "mine", "read,sync", 3650 }, &made));
	assert_true(str_starts(str_c(made.text), "tm_"));
	assert_error(tokens_rotate(&cx, db, &owner_calls, made.token.id, -1, &next), E_INPUT);
	assert_string_equal(wrong_field(), "overlapHours");
	assert_error(tokens_rotate(&cx, db, &owner_calls, made.token.id, 721, &next), E_INPUT);
	assert_error(tokens_rotate(&cx, db, other_calls(), made.token.id, 1, &next), E_NOT_FOUND);
	(void)said("{}");
	assert_ok(tokens_rotate(&cx, db, &owner_calls, made.token.id, 24, &next));
	assert_string_equal(next.token.scopes, "read,sync");
	until = raw_number(
	    arena_printf(cx.a, "SELECT expires_at FROM api_token WHERE id = '%s'", made.token.id));
	assert_in_range(until, clock_ms() + 23 * HOUR_MS, clock_ms() + 24 * HOUR_MS);
	assert_error(tokens_revoke(&cx, db, other_calls(), next.token.id), E_NOT_FOUND);
	assert_ok(tokens_revoke(&cx, db, &owner_calls, next.token.id));
	/* Those that work come first, the newest of them before the others. */
	assert_ok(
	    tokens_make(&cx, db, &owner_calls, &(struct token_input){ "later", "read", 1 }, &next));
	assert_ok(tokens_of(&cx, db, OWNER, &list));
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0].name, "later");
	assert_string_equal(list.v[1].id, made.token.id);
	assert_true(list.v[2].revoked_at > 0);
}

static void
a_progress_token_is_for_a_connection_of_ones_own(void **state)
{
	struct progress_made made;

	(void)state;
	raw("INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c', '" OWNER "', 'csv', 'C', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('c', '" OWNER "', 0, 'ok', 'hourly', 60, 1)");
	assert_error(tokens_progress(&cx, db, &owner_calls, "c", 0, &made), E_INPUT);
	assert_error(tokens_progress(&cx, db, &owner_calls, "c", 1441, &made), E_INPUT);
	assert_string_equal(wrong_field(), "minutes");
	assert_error(tokens_progress(&cx, db, other_calls(), "c", 5, &made), E_NOT_FOUND);
	assert_error(tokens_progress(&cx, db, owner_may(SCOPE_READ), "c", 5, &made), E_FORBIDDEN);
	(void)said("{}");
	assert_ok(tokens_progress(&cx, db, &owner_calls, "c", 1440, &made));
	assert_true(str_starts(str_c(made.text), "tmp_"));
	assert_in_range(made.expires_at, clock_ms() + 23 * HOUR_MS, clock_ms() + 24 * HOUR_MS);
}

static int
people_open(void **state)
{
	conf_override(CONF_KEY_FILE, NULL);
	conf_override(CONF_SMTP_URL, "");
	conf_override(CONF_MAIL_FROM, "");
	conf_override(CONF_APP_URL, "https://tidemark.example");
	return verbs_open(state);
}

#define people_test(f) cmocka_unit_test_setup_teardown(f, people_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		people_test(operators_add_people_and_change_them),
		people_test(what_is_named_is_changed_by_operators_alone),
		people_test(links_sign_in_and_a_reset_ends_everything_else),
		people_test(ones_own_password_is_changed_with_the_present_one),
		people_test(ones_own_sessions_end_one_by_one_or_all_but_this),
		people_test(an_address_counts_when_it_is_confirmed),
		people_test(who_comes_in_has_the_right_password_and_is_not_shut_out),
		people_test(tokens_may_no_more_than_who_makes_them),
		people_test(a_progress_token_is_for_a_connection_of_ones_own),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
