/* The way to a provider's consent page and back: it is begun by a person in a session, ends in the
 * same session, once, and what comes back is believed only from the provider. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/logins.h"
#include "base/clock.h"
#include "kind/google_call.h"
#include "kind/sheets_kind.h"

#include "unit/fault_fixture.h"

#define HERE "session-1"

static int
logins_open(void **state)
{
	if (verbs_open(state))
		return -1;
	conf_override(CONF_GOOGLE_CLIENT_ID, "1.apps.googleusercontent.com");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "whisper");
	raw("INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, granted_at, created_at) VALUES ('one', '" OWNER "', 'google', 'oauth', 's', "
	    "'ann@a.example', '" GOOGLE_SCOPES_WHO " " GOOGLE_SCOPE_SHEETS "', 'x', 1, 1)");
	return 0;
}

static int
logins_close(void **state)
{
	conf_override(CONF_GOOGLE_CLIENT_ID, "");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "");
	return db_teardown(state);
}

/* The owner at a browser. */
static const struct caller *
person(const char *session)
{
	static struct caller c;

	c = owner_calls;
	c.session = session;
	return &c;
}

/* What stands in an address under the name. */
static const char *
in_address(const char *url, const char *name)
{
	const char *at = strstr(url, arena_printf(cx.a, "%s=", name));

	assert_non_null(at);
	at += strlen(name) + 1;
	return arena_dup_str(cx.a, (struct str){ at, strcspn(at, "&") });
}

static const char *
begun(const char *account_id, const char *kind)
{
	const struct login_start to = {
		.provider = "google",
		.account_id = account_id,
		.kind = kind,
		.next = "/connections/new",
	};
	const char *url = NULL;

	assert_ok(logins_start(&cx, db, person(HERE), &to, &url));
	return url;
}

static void
a_person_is_sent_to_the_consent_page_with_what_is_needed(void **state)
{
	const char *url = begun(NULL, "google-contacts"), *again;

	(void)state;
	assert_non_null(strstr(in_address(url, "state"), ".google-contacts"));
	assert_non_null(strstr(in_address(url, "scope"), "contacts"));
	assert_string_equal(in_address(url, "code_challenge_method"), "S256");
	/* Nothing of what proves it is in the address, or stored as it is. */
	assert_null(strstr(url, "whisper"));
	assert_int_equal(raw_number(arena_printf(cx.a,
			     "SELECT count(*) FROM oauth_try WHERE state LIKE '%%%s%%'",
			     in_address(url, "state"))),
	    0);
	again = begun("one", NULL);
	assert_non_null(strstr(in_address(again, "state"), ".google-sheets"));
	assert_non_null(strstr(in_address(again, "login_hint"), "ann"));
	assert_string_not_equal(in_address(again, "state"), in_address(url, "state"));
	/* A kind that is not the provider's says nothing. */
	assert_non_null(strstr(in_address(begun("one", "notion"), "state"), ".google-sheets"));
}

static void
who_cannot_begin_leaves_no_trace(void **state)
{
	struct login_start to = { .provider = "google", .next = "/" };
	struct caller reader = *person(HERE);
	const char *url;

	(void)state;
	assert_error(logins_start(&cx, db, &owner_calls, &to, &url), E_FORBIDDEN);
	reader.scopes = SCOPE_READ;
	assert_error(logins_start(&cx, db, &reader, &to, &url), E_FORBIDDEN);
	to.account_id = "theirs";
	assert_error(logins_start(&cx, db, person(HERE), &to, &url), E_NOT_FOUND);
	to = (struct login_start){ .provider = "nobody" };
	assert_error(logins_start(&cx, db, person(HERE), &to, &url), E_NOT_FOUND);
	to = (struct login_start){ .provider = "notion" };
	assert_error(logins_start(&cx, db, person(HERE), &to, &url), E_OAUTH_SETUP);
	assert_non_null(strstr(cx.err.detail, "NOTION_CLIENT_ID"));
	assert_int_equal(raw_number("SELECT count(*) FROM oauth_try"), 0);
}

static enum rc
comes_back(const struct caller *by, const struct login_back *back, struct login_outcome *out)
{
	return logins_back(&cx, db, by, back, out);
}

static void
it_ends_where_it_began_and_once(void **state)
{
	struct login_back back = { .provider = "google", .error = "access_denied" };
	struct caller bob = *person(HERE), reader = *person(HERE);
	struct login_outcome out;

	(void)state;
	back.state = in_address(begun(NULL, NULL), "state");
	bob.owner = OTHER;
	reader.scopes = SCOPE_READ;
	assert_error(comes_back(&bob, &back, &out), E_UNAUTHORIZED);
	assert_error(comes_back(person("session-2"), &back, &out), E_UNAUTHORIZED);
	assert_error(comes_back(person(NULL), &back, &out), E_UNAUTHORIZED);
	assert_error(comes_back(&reader, &back, &out), E_FORBIDDEN);
	back.provider = "notion";
	assert_error(comes_back(person(HERE), &back, &out), E_UNAUTHORIZED);
	back.provider = "google";
	ok_once(comes_back(person(HERE), &back, &out));
	assert_string_equal(out.next, "/connections/new");
	assert_false(out.connected);
	assert_non_null(strstr(out.said, "declined at Google"));
	assert_error(comes_back(person(HERE), &back, &out), E_UNAUTHORIZED);
	assert_string_equal(out.next, "/settings?tab=accounts");
	back.state = NULL;
	assert_error(comes_back(person(HERE), &back, &out), E_UNAUTHORIZED);
	/* Too late. */
	back.state = in_address(begun(NULL, NULL), "state");
	raw(arena_printf(
	    cx.a, "UPDATE oauth_try SET expires_at = %lld", (long long)clock_ms() - 1));
	assert_error(comes_back(person(HERE), &back, &out), E_UNAUTHORIZED);
}

static void
what_comes_back_is_believed_from_the_provider_alone(void **state)
{
	static const struct {
		struct login_back back;
		const char *said;
	} rows[] = {
		{ { .code = "c", .iss = "https://evil.example" }, "did not come from Google" },
		{ { .code = "c", .iss = "accounts.google.com" }, "did not come from Google" },
		{ { .error = "<b>pay here</b>" }, "reported a problem" },
		{ { .error = "<b>pay here</b>", .code = "c" }, "reported a problem" },
		{ { .iss = "https://accounts.google.com" }, "reported a problem" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct login_back back = rows[i].back;
		struct login_outcome out;

		back.provider = "google";
		back.state = in_address(begun(NULL, NULL), "state");
		ok_once(comes_back(person(HERE), &back, &out));
		if (!strstr(out.said, rows[i].said) || strstr(out.said, "pay"))
			flunk("row %zu: %s", i, out.said);
		assert_false(out.connected);
	}
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM audit"), 0);
}

static void
what_an_account_does_not_allow_is_said_in_words(void **state)
{
	static const struct {
		const char *kind, *scopes;
		bool missing;
	} rows[] = {
		{ "oauth", GOOGLE_SCOPES_WHO, true },
		{ "oauth", "", true },
		{ "oauth", GOOGLE_SCOPES_WHO " " GOOGLE_SCOPE_SHEETS, true },
		{ "service", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct login acc = {
			.provider = "google",
			.kind = rows[i].kind,
			.scopes = rows[i].scopes,
		};
		const char *words;

		assert_ok(login_missing(&cx, &acc, &words));
		if (!words != !rows[i].missing)
			flunk("row %zu: %s", i, words ? words : "nothing");
		assert_true(!words || !strstr(words, "googleapis"));
	}
}

static void
what_is_nobodys_or_not_ones_own_is_not_disconnected(void **state)
{
	bool revoked, left;
	const char *id;

	(void)state;
	assert_error(logins_remove(&cx, db, other_calls(), "one", &revoked, &left), E_NOT_FOUND);
	assert_error(
	    logins_remove(&cx, db, owner_may(SCOPE_READ), "one", &revoked, &left), E_FORBIDDEN);
	said("{}");
	assert_error(logins_service(&cx, db, &owner_calls, "google", "", &id), E_INPUT);
	assert_string_equal(wrong_field(), "key");
	assert_error(
	    logins_service(&cx, db, owner_may(SCOPE_READ), "google", "{}", &id), E_FORBIDDEN);
	/* While no worker can be asked it stays as it is. */
	assert_int_not_equal(logins_remove(&cx, db, &owner_calls, "one", &revoked, &left), RC_OK);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM audit"), 0);
}

#define login_test(f) cmocka_unit_test_setup_teardown(f, logins_open, logins_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		login_test(a_person_is_sent_to_the_consent_page_with_what_is_needed),
		login_test(who_cannot_begin_leaves_no_trace),
		login_test(it_ends_where_it_began_and_once),
		login_test(what_comes_back_is_believed_from_the_provider_alone),
		login_test(what_an_account_does_not_allow_is_said_in_words),
		login_test(what_is_nobodys_or_not_ones_own_is_not_disconnected),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("logins", tests, NULL, NULL);
}
