/*
 * Passwords, the limit on guessing them, one-time keys that invite or confirm, sessions that are
 * listed and ended, tokens that are rotated.
 */
#include <time.h>

#include "unit/users_fixture.h"

#include "store/guess.h"
#include "store/token.h"
#include "vault/password.h"

enum { ALL_SCOPES = 15, SCOPES_RSW = 7, WRITE_ONLY = 4 };

static int
people(void **state)
{
	return users_open(state, "ws-1");
}

static void
passwords_are_judged_by_length_and_by_how_soon_they_are_guessed(void **state)
{
	static const char *const bad[] = { "", "short", "123456789", "1234567890", "PASSWORD123",
		"aaaaaaaaaaaaaaa", "abcabcabcabcabc", "annabel.lee", "annabel.lee1",
		"ANNABEL.LEE123", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" };
	static const char *const good[] = { "correct horse battery", "Пароль из слов",
		"日本語のパスワードです", "x9!kqLz0pW" };
	char long_one[PASSWORD_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_error(password_ok(&cx, "annabel.lee", bad[i]), E_INPUT);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_ok(password_ok(&cx, "ann", good[i]));
	assert_ok(password_ok(&cx, "annabel.lee", "annabel.lee1234"));
	for (size_t i = 0; i < sizeof long_one; i++)
		long_one[i] = (char)('a' + i % 25);
	long_one[PASSWORD_MAX + 1] = '\0';
	assert_error(password_ok(&cx, "ann", long_one), E_INPUT);
	long_one[PASSWORD_MAX] = '\0';
	assert_ok(password_ok(&cx, "ann", long_one));
}

static void
a_password_fits_its_own_text_and_no_other(void **state)
{
	const char *one, *two;

	(void)state;
	assert_ok(password_hash(&cx, "correct horse battery", &one));
	assert_ok(password_hash(&cx, "correct horse battery", &two));
	assert_true(str_starts(str_c(one), "$y$"));
	assert_string_not_equal(one, two);
	assert_true(password_fits(one, "correct horse battery"));
	assert_true(password_fits(two, "correct horse battery"));
	assert_false(password_fits(one, "correct horse batterx"));
	assert_false(password_fits(one, ""));
	assert_false(password_fits(NULL, "correct horse battery"));
	assert_false(password_fits(NULL, ""));
	assert_false(password_fits("*0", "x"));
	assert_false(password_fits("", ""));
}

/* What the processor had to do tells an unknown name from a known one only when one of them skips
 * the work. */
static void
an_unknown_user_costs_the_same_work(void **state)
{
	const char *stored;
	clock_t known, unknown, t;

	(void)state;
	assert_ok(password_hash(&cx, "correct horse battery", &stored));
	t = clock();
	for (int i = 0; i < 5; i++)
		assert_false(password_fits(stored, "wrong"));
	known = clock() - t;
	t = clock();
	for (int i = 0; i < 5; i++)
		assert_false(password_fits(NULL, "wrong"));
	unknown = clock() - t;
	assert_true(unknown * 4 > known && known * 4 > unknown);
}

static void
guessing_soon_has_to_wait(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	assert_error(sign_in_try(&cx, db, "ann", "192.0.2.7"), E_TOO_MANY);
	assert_true(cx.err.wait_ms > 29 * SECOND_MS && cx.err.wait_ms <= 30 * SECOND_MS);
	/* Neither another address nor another name is held up by it. */
	assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.8"));
	assert_ok(sign_in_try(&cx, db, "bob", "192.0.2.7"));
	clock_step_to(T0 + 31 * SECOND_MS);
	assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	assert_error(sign_in_try(&cx, db, "ann", "192.0.2.7"), E_TOO_MANY);
	assert_true(cx.err.wait_ms > 59 * SECOND_MS);
	/* It is in the database: another process knows it too. */
	db_close(db);
	assert_ok(db_open(&cx, 0, &db));
	assert_error(sign_in_try(&cx, db, "ann", "192.0.2.7"), E_TOO_MANY);
	clock_step_to(T0 + 2 * DAY_MS);
	assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
}

static void
the_right_password_is_not_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
		assert_ok(sign_in_worked(&cx, db, "ann", "192.0.2.7"));
	}
	for (int i = 0; i < 5; i++)
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	assert_ok(sign_in_worked(&cx, db, "ann", "192.0.2.7"));
	for (int i = 0; i < 6; i++)
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	assert_error(sign_in_try(&cx, db, "ann", "192.0.2.7"), E_TOO_MANY);
}

static void
one_address_guesses_at_few_names(void **state)
{
	int n = 0;

	(void)state;
	while (n < 100 &&
	    sign_in_try(&cx, db, arena_printf(cx.a, "user%d", n), "2001:db8:1:2::1") == RC_OK)
		n++;
	assert_int_equal(n, 31);
	/* Its owner has the whole network. */
	assert_error(sign_in_try(&cx, db, "somebody", "2001:db8:1:2:ffff::9"), E_TOO_MANY);
	assert_ok(sign_in_try(&cx, db, "somebody", "2001:db8:1:3::1"));
}

static void
is_to_wait(const char *name, const char *text)
{
	assert_error(sign_in_try(&cx, db, name, "192.0.2.7"), E_TOO_MANY);
	if (!strstr(cx.err.detail, text))
		flunk("\"%s\" is not in \"%s\"", text, cx.err.detail);
}

static void
who_waits_as_long_as_is_said_is_let_in(void **state)
{
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	is_to_wait("ann", "Wait 30 seconds");
	/* The waits double. */
	for (int seconds = 30; seconds < 120; seconds *= 2) {
		clock_step_to(now += seconds * SECOND_MS);
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	}
	is_to_wait("ann", "Wait 2 minutes");
	clock_step_to(now + 1);
	is_to_wait("ann", "Wait 120 seconds");
	clock_step_to(now + 119 * SECOND_MS + 1);
	is_to_wait("ann", "Wait 1 seconds");
	clock_step_to(now += 120 * SECOND_MS);
	assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	is_to_wait("ann", "Wait 4 minutes");
	clock_step_to(now + 61 * SECOND_MS);
	is_to_wait("ann", "Wait 3 minutes");
	clock_step_to(now + 60 * SECOND_MS + 1);
	is_to_wait("ann", "Wait 3 minutes");
}

static void
many_addresses_guess_at_one_name_in_vain(void **state)
{
	int n = 0;

	(void)state;
	while (
	    n < 200 && sign_in_try(&cx, db, "ann", arena_printf(cx.a, "198.51.100.%d", n)) == RC_OK)
		n++;
	assert_int_equal(n, 101);
	assert_error(sign_in_try(&cx, db, "ann", "203.0.113.1"), E_TOO_MANY);
	assert_true(cx.err.wait_ms <= 15 * MINUTE_MS);
	assert_ok(sign_in_try(&cx, db, "bob", "203.0.113.1"));
}

static void
a_clock_that_was_wrong_locks_nobody_out(void **state)
{
	(void)state;
	clock_step_to(T0 + 3650 * DAY_MS);
	for (int i = 0; i < 6; i++)
		assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
	clock_step_to(T0);
	assert_ok(sign_in_try(&cx, db, "ann", "192.0.2.7"));
}

static void
an_invitation_lets_choose_a_password_for_half_an_hour(void **state)
{
	const char *key;
	struct session s;
	struct sign_in in;

	(void)state;
	key = key_of(ann.id, KEY_PASSWORD, NULL);
	assert_ok(sign_in_key_use(&cx, db, key, &by, "Firefox", &in));
	assert_true(in.choose);
	assert_ok(session_find(&cx, db, in.cookie, &s));
	assert_true(s.password_until >= T0 + PASSWORD_MINUTES * MINUTE_MS &&
	    s.password_until < T0 + PASSWORD_MINUTES * MINUTE_MS + 10 * SECOND_MS);
	assert_string_equal(s.address, "192.0.2.7");
	assert_string_equal(s.agent, "Firefox");
	key = key_of(ann.id, KEY_SIGN_IN, NULL);
	assert_ok(sign_in_key_use(&cx, db, key, &by, "Firefox", &in));
	assert_false(in.choose);
	assert_ok(session_find(&cx, db, in.cookie, &s));
	assert_int_equal(s.password_until, 0);
}

static void
a_mailed_key_confirms_and_does_not_sign_in(void **state)
{
	const char *key, *owner, *email;
	struct user u;
	struct sign_in in;

	(void)state;
	key = key_of(ann.id, KEY_EMAIL, "ann@example.com");
	assert_error(sign_in_key_use(&cx, db, key, &by, "", &in), E_UNAUTHORIZED);
	assert_ok(sign_in_key_owner(&cx, db, key, &owner));
	assert_string_equal(owner, ann.id);
	assert_ok(sign_in_key_confirm(&cx, db, key, &by, &email));
	assert_string_equal(email, "ann@example.com");
	assert_error(sign_in_key_confirm(&cx, db, key, &by, &email), E_UNAUTHORIZED);
	assert_ok(user_get(&cx, db, ann.id, &u));
	assert_string_equal(u.email, "ann@example.com");
	key = key_of(ann.id, KEY_SIGN_IN, NULL);
	assert_error(sign_in_key_confirm(&cx, db, key, &by, &email), E_UNAUTHORIZED);
}

static void
addresses_of_mail_are_one_address(void **state)
{
	static const char *const good[] = { "a@b.c", "ann.o'neil+x@mail.example.com",
		"üser@exämple.com" };
	static const char *const bad[] = { "", "a", "a@b", "@b.c", "a@", "a@b.c,d@e.f",
		"a@b.c\r\nBcc: x@y.z", "a b@c.d", "a@b@c.d", "<a@b.c>", "a@.b.c", "a@b.c.",
		"a@-b.c" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(email_ok(str_c(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(email_ok(str_c(bad[i])));
}

static void
a_new_password_ends_the_other_sessions_and_links(void **state)
{
	const char *one, *two, *key, *hers, *stored;
	struct session_list list;
	struct session s;
	struct user u;
	struct sign_in in;

	(void)state;
	const struct session_new here = { .owner = ann.id, .agent = "", .by = by };
	const struct session_new there = { .owner = op.id, .agent = "", .by = by };

	assert_ok(session_open(&cx, db, &here, &one));
	assert_ok(session_open(&cx, db, &here, &two));
	assert_ok(session_open(&cx, db, &there, &hers));
	key = key_of(ann.id, KEY_SIGN_IN, NULL);
	assert_ok(session_find(&cx, db, two, &s));
	assert_ok(password_hash(&cx, "correct horse battery", &stored));
	assert_ok(db_begin(&cx, db));
	assert_ok(session_set_password(&cx, db, ann.id, stored, s.id));
	assert_ok(db_commit(&cx, db));
	assert_error(session_find(&cx, db, one, &s), E_UNAUTHORIZED);
	assert_ok(session_find(&cx, db, two, &s));
	assert_ok(session_find(&cx, db, hers, &s));
	assert_error(sign_in_key_use(&cx, db, key, &by, "", &in), E_UNAUTHORIZED);
	assert_ok(user_get(&cx, db, ann.id, &u));
	assert_true(password_fits(u.password, "correct horse battery"));
	assert_ok(session_list(&cx, db, ann.id, &list));
	assert_int_equal(list.n, 1);
	assert_ok(db_begin(&cx, db));
	assert_error(session_end_id(&cx, db, op.id, list.v[0].id), E_NOT_FOUND);
	db_rollback(db);
	assert_ok(db_begin(&cx, db));
	assert_ok(session_end_id(&cx, db, ann.id, list.v[0].id));
	assert_ok(db_commit(&cx, db));
	assert_error(session_find(&cx, db, two, &s), E_UNAUTHORIZED);
}

static void
the_last_operator_stays_one(void **state)
{
	struct user u = op;

	(void)state;
	assert_ok(db_begin(&cx, db));
	u.role = "member";
	assert_error(user_save(&cx, db, &u), E_STATE);
	u = op;
	u.disabled_at = T0;
	assert_error(user_save(&cx, db, &u), E_STATE);
	u = ann;
	u.role = "operator";
	assert_ok(user_save(&cx, db, &u));
	u = op;
	u.role = "member";
	assert_ok(user_save(&cx, db, &u));
	assert_ok(db_commit(&cx, db));
}

static void
a_workspace_names_one_user(void **state)
{
	struct user u;

	(void)state;
	assert_ok(user_of_workspace(&cx, db, "ws-1", &u));
	assert_string_equal(u.id, ann.id);
	assert_error(user_of_workspace(&cx, db, "ann", &u), E_NOT_FOUND);
	assert_ok(user_of_workspace(&cx, db, ann.id, &u));
	assert_error(user_of_workspace(&cx, db, "ws-2", &u), E_NOT_FOUND);
	assert_error(user_add(&cx, db, "bob", false, "ws-1", &u), E_STATE);
	assert_error(user_add(&cx, db, "bob", false, "ws 3", &u), E_INPUT);
	/* By name only a member who has none. */
	assert_ok(user_add(&cx, db, "bob", false, NULL, &u));
	assert_ok(user_of_workspace(&cx, db, "bob", &u));
	assert_error(user_of_workspace(&cx, db, op.name, &u), E_NOT_FOUND);
	u = op;
	u.workspace_id = "ws-1";
	assert_ok(db_begin(&cx, db));
	assert_error(user_save(&cx, db, &u), E_STATE);
	db_rollback(db);
	raw("UPDATE account SET disabled_at = 1 WHERE name = 'ann'");
	assert_error(user_of_workspace(&cx, db, "ws-1", &u), E_NOT_FOUND);
}

static enum rc
rotate(const char *owner, const char *id, int64_t hours, const char **text, struct token *t)
{
	const struct token_rotation how = {
		.owner = owner,
		.id = id,
		.overlap_hours = hours,
		.may = ALL_SCOPES,
	};

	return token_rotate(&cx, db, &how, text, t);
}

static void
a_rotated_token_goes_on_for_a_while(void **state)
{
	struct token old, new, t;
	const char *old_text, *new_text, *third;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){
		.owner = ann.id, .name = "host", .scopes = "read,sync", .days = 90 },
	    &old_text, &old));
	assert_error(rotate(op.id, old.id, 24, &new_text, &new), E_NOT_FOUND);
	clock_step_to(T0 + 10 * DAY_MS);
	assert_ok(rotate(ann.id, old.id, 24, &new_text, &new));
	assert_string_equal(new.name, "host");
	assert_string_equal(new.scopes, "read,sync");
	assert_string_equal(new.replaces, old.id);
	assert_true(new.expires_at > T0 + 99 * DAY_MS);
	assert_ok(token_find(&cx, db, old_text, "192.0.2.9", &t));
	assert_ok(token_find(&cx, db, new_text, "192.0.2.9", &t));
	clock_step_to(T0 + 10 * DAY_MS + 25 * HOUR_MS);
	assert_error(token_find(&cx, db, old_text, "", &t), E_UNAUTHORIZED);
	assert_ok(token_find(&cx, db, new_text, "", &t));
	assert_string_equal(t.last_used_from, "192.0.2.9");
	assert_error(rotate(ann.id, old.id, 24, &third, &t), E_STATE);
	/* At once, when nothing else is wanted. */
	assert_ok(rotate(ann.id, new.id, 0, &third, &t));
	assert_error(token_find(&cx, db, new_text, "", &t), E_UNAUTHORIZED);
	assert_ok(token_find(&cx, db, third, "", &t));
}

static void
an_overlap_makes_no_token_live_longer(void **state)
{
	struct token old, new, t;
	const char *old_text, *new_text;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "host", .scopes = "read", .days = 1 },
	    &old_text, &old));
	assert_ok(rotate(ann.id, old.id, 240, &new_text, &new));
	clock_step_to(T0 + DAY_MS + HOUR_MS);
	assert_error(token_find(&cx, db, old_text, "", &t), E_UNAUTHORIZED);
}

/* Tokens of the operator that are newer than what is there. kind: a hexadecimal digit. */
static void
many_tokens(char kind, int n, const char *revoked_at)
{
	raw(arena_printf(cx.a,
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
	    "WHERE i < %d) INSERT INTO api_token (id, owner, name, hash, scopes, created_at, "
	    "revoked_at) "
	    "SELECT 'f%c-' || i, '%s', 'x', '%c' || i, 'write', 1, %s FROM c",
	    n, kind, op.id, kind, revoked_at));
}

static void
no_rotation_gives_more_scopes_than_who_asks_has(void **state)
{
	static const struct {
		const char *scopes;
		unsigned may;
		bool given;
	} rows[] = {
		{ "read,sync,write,operator", WRITE_ONLY, false },
		{ "read,sync,write,operator", SCOPES_RSW, false },
		{ "read,sync,write", WRITE_ONLY, false },
		{ "read", WRITE_ONLY, false },
		{ "write", WRITE_ONLY, true },
		{ "read,sync,write,operator", ALL_SCOPES, true },
	};
	struct token t[sizeof rows / sizeof *rows], new;
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_ok(token_create(&cx, db,
		    &(struct token_new){ .owner = op.id, .name = "x", .scopes = rows[i].scopes },
		    &text, &t[i]));
	/* Twice: while the list shows them, and when it is too short for that. */
	for (int full = 0; full < 2; full++) {
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			struct token_rotation how = {
				.owner = op.id,
				.id = t[i].id,
				.overlap_hours = 24,
				.may = rows[i].may,
			};

			if (!rows[i].given)
				assert_error(token_rotate(&cx, db, &how, &text, &new), E_FORBIDDEN);
			else if (full)
				assert_error(token_rotate(&cx, db, &how, &text, &new), E_STATE);
			else
				assert_ok(token_rotate(&cx, db, &how, &text, &new));
		}
		if (!full)
			many_tokens('a', 1010, "NULL");
	}
}

static void
a_list_shows_every_live_token(void **state)
{
	struct token first, t;
	struct token_list list;
	const char *text;
	size_t live = 0;

	(void)state;
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = op.id, .name = "the oldest", .scopes = "read" }, &text,
	    &first));
	many_tokens('a', TOKENS_LIVE_MAX - 1, "NULL");
	assert_error(
	    token_create(&cx, db,
		&(struct token_new){ .owner = op.id, .name = "one more", .scopes = "read" }, &text,
		&t),
	    E_STATE);
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = ann.id, .name = "of another", .scopes = "read" }, &text,
	    &t));
	raw("UPDATE api_token SET revoked_at = 1 WHERE id > 'fa-'");
	many_tokens('b', TOKENS_LISTED, "1");
	many_tokens('c', 10, "NULL");
	assert_ok(tokens_of(&cx, db, op.id, &list));
	assert_int_equal(list.n, TOKENS_LISTED);
	while (live < list.n && !list.v[live].revoked_at)
		live++;
	assert_int_equal(live, 11);
	assert_string_equal(list.v[live - 1].id, first.id);
	/* There is room again. */
	assert_ok(token_create(&cx, db,
	    &(struct token_new){ .owner = op.id, .name = "one more", .scopes = "read" }, &text,
	    &t));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, people, users_close)
	const struct CMUnitTest tests[] = {
		T(passwords_are_judged_by_length_and_by_how_soon_they_are_guessed),
		T(a_password_fits_its_own_text_and_no_other),
		T(an_unknown_user_costs_the_same_work),
		T(guessing_soon_has_to_wait),
		T(the_right_password_is_not_counted),
		T(one_address_guesses_at_few_names),
		T(who_waits_as_long_as_is_said_is_let_in),
		T(many_addresses_guess_at_one_name_in_vain),
		T(a_clock_that_was_wrong_locks_nobody_out),
		T(an_invitation_lets_choose_a_password_for_half_an_hour),
		T(a_mailed_key_confirms_and_does_not_sign_in),
		T(addresses_of_mail_are_one_address),
		T(a_new_password_ends_the_other_sessions_and_links),
		T(the_last_operator_stays_one),
		T(a_workspace_names_one_user),
		T(a_rotated_token_goes_on_for_a_while),
		T(an_overlap_makes_no_token_live_longer),
		T(no_rotation_gives_more_scopes_than_who_asks_has),
		T(a_list_shows_every_live_token),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
