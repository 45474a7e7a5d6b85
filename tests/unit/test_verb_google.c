/* Which account a connection reads with, and whether its schedule fits into what Google allows. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/conn.h"
#include "app/login_choice.h"
#include "kind/google_call.h"
#include "kind/sheets_kind.h"
#include "store/conn.h"

#define SHEETS GOOGLE_SCOPES_WHO " " GOOGLE_SCOPE_SHEETS
#define SHEET "1SheetForTests000000000000000000000000000000"

#include "unit/fault_fixture.h"

static void
account(const char *id, const char *owner, const char *kind, const char *scopes)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, granted_at, created_at) VALUES ('%s', '%s', 'google', '%s', '%s', "
	    "'%s@a.example', '%s', 'x', 1, 1)",
	    id, owner, kind, id, id, scopes));
}

static enum rc
connects(const char *provider, const char *account_id, int64_t minutes, const char **id)
{
	const struct conn_input in = {
		.provider = provider,
		.name = "C",
		.account_id = account_id,
		.config = said(
		    strcmp(provider, "google-sheets") ? "{}" : "{\"spreadsheet\":\"" SHEET "\"}"),
		.schedule = json_stored(
		    cx.a, arena_printf(cx.a, "{\"intervalMinutes\":%lld}", (long long)minutes)),
	};

	return conn_create(&cx, db, &owner_calls, &in, id);
}

static void
reads_with(const char *conn_id, const char *account_id)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, conn_id, &c));
	assert_string_equal(c.account_id, account_id);
}

static void
the_only_account_is_taken_and_of_several_one_is_named(void **state)
{
	const char *id;
	json *plan;

	(void)state;
	assert_error(connects("google-sheets", NULL, 60, &id), E_INPUT);
	assert_string_equal(wrong_field(), "accountId");
	account("theirs", OTHER, "oauth", SHEETS);
	assert_error(connects("google-sheets", NULL, 60, &id), E_INPUT);
	assert_error(connects("google-sheets", "theirs", 60, &id), E_INPUT);
	account("one", OWNER, "oauth", SHEETS);
	assert_ok(connects("google-sheets", NULL, 60, &id));
	reads_with(id, "one");
	account("two", OWNER, "oauth", SHEETS);
	assert_error(connects("google-sheets", NULL, 60, &id), E_INPUT);
	assert_non_null(strstr(cx.err.detail, "Say which account"));
	assert_ok(connects("google-sheets", "two", 60, &id));
	reads_with(id, "two");
	/* Another one from now on. */
	assert_ok(conn_change(&cx, db, &owner_calls, id, said("{\"accountId\":\"one\"}"), &plan));
	reads_with(id, "one");
	assert_error(
	    conn_change(&cx, db, &owner_calls, id, said("{\"accountId\":\"theirs\"}"), &plan),
	    E_INPUT);
	reads_with(id, "one");
}

static void
an_account_must_allow_what_is_read(void **state)
{
	const char *id;

	(void)state;
	account("one", OWNER, "oauth", SHEETS);
	assert_error(connects("google-contacts", NULL, 1440, &id), E_SCOPES);
	assert_non_null(strstr(cx.err.detail, "one@a.example does not let Tidemark"));
	assert_non_null(
	    strstr(cx.err.detail, "/api/auth/google/start?account=one&add=google-contacts"));
	/* Of a service account its key says it. */
	account("robot", OWNER, "service", "");
	assert_ok(connects("google-sheets", "robot", 60, &id));
	/* What needs no account gets none. */
	{
		const struct login_wish wish = { .provider = "csv", .given = "one" };

		assert_ok(login_choose(&cx, db, OWNER, &caller_wrongs, &wish, &id));
		assert_null(id);
	}
	assert_string_equal(login_service_provider(NULL), "google");
	assert_string_equal(login_service_provider("notion"), "notion");
	assert_false(login_ready("google"));
	assert_false(login_ready("none"));
}

static void
schedules_that_take_more_than_is_allowed_are_refused(void **state)
{
	const char *ids[4], *id;
	struct conn c;

	(void)state;
	conf_override(CONF_GOOGLE_SHEETS_READS_USER, "9");
	conf_override(CONF_GOOGLE_SHEETS_READS, "20");
	account("one", OWNER, "oauth", SHEETS);
	account("two", OWNER, "oauth", SHEETS);
	/* Three calls a minute each, of nine. */
	for (int i = 0; i < 3; i++)
		assert_ok(connects("google-sheets", "one", 1, &ids[i]));
	assert_error(connects("google-sheets", "one", 1, &id), E_INPUT);
	assert_string_equal(wrong_field(), "schedule.intervalMinutes");
	assert_non_null(strstr(cx.err.detail, "the calls of its account to "));
	assert_non_null(strstr(cx.err.detail, "Read other sources less often first."));
	/* What needs less than before always fits; more does not. */
	assert_ok(conn_schedule(&cx, db, &owner_calls, ids[0], said("{\"intervalMinutes\":10}")));
	assert_ok(connects("google-sheets", "one", 60, &ids[3]));
	assert_error(
	    conn_schedule(&cx, db, &owner_calls, ids[3], said("{\"intervalMinutes\":1}")), E_INPUT);
	assert_non_null(strstr(cx.err.detail, "The shortest interval that fits is "));
	assert_ok(conn_get(&cx, db, OWNER, ids[3], &c));
	assert_int_equal(c.sched.interval_minutes, 60);
	/* One that is off takes nothing, and is held against it when it is resumed. */
	assert_ok(conn_pause(&cx, db, &owner_calls, ids[1]));
	assert_ok(conn_schedule(&cx, db, &owner_calls, ids[3], said("{\"intervalMinutes\":1}")));
	assert_error(conn_resume(&cx, db, &owner_calls, ids[1]), E_INPUT);
	/* Another account has calls of its own, until the installation has none left. */
	assert_ok(connects("google-sheets", "two", 1, &id));
	conf_override(CONF_GOOGLE_SHEETS_READS, "10");
	assert_error(connects("google-sheets", "two", 1, &id), E_INPUT);
	assert_non_null(strstr(cx.err.detail, "the calls of this installation to "));
}

static int
google_close(void **state)
{
	conf_override(CONF_GOOGLE_SHEETS_READS_USER, "60");
	conf_override(CONF_GOOGLE_SHEETS_READS, "300");
	return db_teardown(state);
}

#define google_test(f) cmocka_unit_test_setup_teardown(f, verbs_open, google_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		google_test(the_only_account_is_taken_and_of_several_one_is_named),
		google_test(an_account_must_allow_what_is_read),
		google_test(schedules_that_take_more_than_is_allowed_are_refused),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
