/* The end of an account: what stops with it, and what of it is not ours to end. */
#include "unit/grant_fixture.h"

static void
disconnecting_revokes_and_stops_the_connections(void **state)
{
	enum grant_end_kind how;

	(void)state;
	assert_ok(grant_revoke(&cx, db, OWNER, ann.account_id, &how));
	assert_int_equal(how, GRANT_REVOKED);
	assert_int_equal(fake_calls("/revoke", 200), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM connection WHERE account_id IS NULL"), 2);
	/* As when the provider had ended it: at once, with the reason, with one notice. */
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health = 'attention' AND "
				    "error_code = 'reconnect' AND next_poll_at IS NULL AND "
				    "error_detail LIKE '%was disconnected%'"),
	    2);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
}

static void
an_account_without_connections_goes_without_a_notice(void **state)
{
	enum grant_end_kind how;

	(void)state;
	raw("UPDATE connection SET account_id = NULL");
	assert_ok(grant_revoke(&cx, db, OWNER, ann.account_id, &how));
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health <> 'ok'"), 0);
}

/* A revocation ends all that the project was granted for the account, whoever asked for it. */
static void
what_another_user_reads_with_is_not_revoked(void **state)
{
	enum grant_end_kind how;

	(void)state;
	raw("INSERT INTO account (id, name, role, created_at) VALUES "
	    "('00000000-0000-7000-8000-000000000002', 'bob', 'member', 1);"
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, granted_at, created_at) SELECT 'bobs', "
	    "'00000000-0000-7000-8000-000000000002', provider, kind, subject, address, scopes, "
	    "sealed, 1, 1 FROM remote_account");
	assert_ok(grant_revoke(&cx, db, OWNER, ann.account_id, &how));
	assert_int_equal(how, GRANT_LEFT);
	assert_int_equal(fake_calls("/revoke", 200), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health = 'attention'"), 2);
	/* The last one who leaves ends it. */
	raw("UPDATE remote_account SET subject = 'another'");
	assert_ok(grant_revoke(&cx, db, "00000000-0000-7000-8000-000000000002", "bobs", &how));
	assert_int_not_equal(how, GRANT_LEFT);
}

static void
what_cannot_be_revoked_is_forgotten_all_the_same(void **state)
{
	enum grant_end_kind how;

	(void)state;
	fake_control("{\"faults\": [{\"kind\": \"503\", \"path\": \"/revoke\", \"count\": 1}]}");
	assert_ok(grant_revoke(&cx, db, OWNER, ann.account_id, &how));
	assert_int_equal(how, GRANT_UNREACHED);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 0);
}

/* What is stored is known to be dead then. */
static void
shut_out_it_is_not_connected_again_without_a_new_refresh_token(void **state)
{
	struct grant_result again;

	(void)state;
	raw("UPDATE remote_account SET health = 'attention', error_code = 'reconnect'");
	assert_int_not_equal(connect_as(ANN, false, ann.account_id, &again), RC_OK);
	assert_int_equal(cx.err.kind, E_OAUTH_SETUP);
	assert_string_equal(row().health, "attention");
	assert_ok(connect_as(ANN, true, ann.account_id, &again));
	assert_string_equal(row().health, "ok");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(disconnecting_revokes_and_stops_the_connections),
		TEST(an_account_without_connections_goes_without_a_notice),
		TEST(what_another_user_reads_with_is_not_revoked),
		TEST(what_cannot_be_revoked_is_forgotten_all_the_same),
		TEST(shut_out_it_is_not_connected_again_without_a_new_refresh_token),
	};

	return grant_tests(tests, sizeof tests / sizeof *tests);
}
