/* Tokens of accounts: one refresh for all who ask, nothing lost by a kill, the end of a grant
 * told once, trouble on the way taken for no end. */
#include "unit/grant_fixture.h"

#include "base/clock.h"
#include "queue/edit.h"
#include "queue/queue.h"

/* --- connecting --- */

static void
an_account_is_one_row_with_nothing_readable_in_it(void **state)
{
	const char *bearer = token();
	char cmd[300];

	(void)state;
	assert_true(ann.made);
	assert_string_equal(ann.address, ANN);
	assert_string_equal(row().address, ANN);
	assert_int_equal(refreshes(), 0);
	assert_true(strlen(bearer) > 10);
	snprintf(cmd, sizeof cmd, "cat %s/tidemark.db* | grep -aqF -- '%s'", home, bearer);
	assert_int_not_equal(system(cmd), 0);
	snprintf(cmd, sizeof cmd, "cat %s/tidemark.db* | grep -aqF -- '%s'", home, row().sealed);
	assert_int_equal(system(cmd), 0);
}

static void
connecting_again_keeps_the_row_and_the_refresh_token(void **state)
{
	struct login before = row();
	struct grant_result again;

	(void)state;
	/* Without prompt=consent no refresh token comes. */
	assert_ok(connect_as(ANN, false, ann.account_id, &again));
	assert_string_equal(again.account_id, ann.account_id);
	assert_false(again.made);
	assert_false(again.other);
	assert_string_equal(row().sealed, before.sealed);
	assert_string_not_equal(row().access, before.access);
	let_it_grow_old();
	token();
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
}

static void
one_user_can_have_so_many_accounts(void **state)
{
	struct grant_result r;

	(void)state;
	conf_override(CONF_USER_LOGINS, "1");
	assert_error(connect_as("bob@example.com", true, NULL, &r), E_STATE);
	assert_non_null(strstr(cx.err.detail, "You have 1 connected account"));
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
	/* The one that is there can be connected again. */
	assert_ok(connect_as(ANN, true, NULL, &r));
	conf_override(CONF_USER_LOGINS, NULL);
	assert_ok(connect_as("bob@example.com", true, NULL, &r));
}

static void
without_any_refresh_token_nothing_is_stored(void **state)
{
	struct grant_result r;

	(void)state;
	raw("UPDATE connection SET account_id = NULL; DELETE FROM remote_account");
	assert_int_not_equal(connect_as(ANN, false, NULL, &r), RC_OK);
	assert_int_equal(cx.err.kind, E_OAUTH_SETUP);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 0);
}

static void
another_account_is_another_row(void **state)
{
	struct grant_result r;

	(void)state;
	assert_ok(connect_as("bob@example.com", true, ann.account_id, &r));
	assert_true(r.other);
	assert_true(r.made);
	assert_string_equal(r.address, "bob@example.com");
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 2);
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM connection c JOIN remote_account r ON r.id = c.account_id "
		"WHERE r.address = '" ANN "'"),
	    2);
}

static void
a_part_of_what_is_needed_is_not_enough(void **state)
{
	const struct grant_request g = with_code(
	    fake_agree("cy@example.com", FAKE_WHO, true), NULL);
	struct grant_result r;

	(void)state;
	assert_int_not_equal(grant_connect(&cx, db, &g, &r), RC_OK);
	assert_int_equal(cx.err.kind, E_SCOPES);
	assert_non_null(strstr(cx.err.detail, "was not allowed to see your spreadsheets."));
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
}

static void
an_account_is_only_its_owners(void **state)
{
	const char *bearer;
	enum grant_end_kind how;

	(void)state;
	assert_int_equal(grant_token(&cx, db, "00000000-0000-7000-8000-000000000002",
			     ann.account_id, NULL, &bearer),
	    RC_NOTFOUND);
	assert_int_equal(
	    grant_revoke(&cx, db, "00000000-0000-7000-8000-000000000002", ann.account_id, &how),
	    RC_NOTFOUND);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
}

static void
a_service_account_gets_its_tokens_by_its_key(void **state)
{
	const char *key = json_text(cx.a,
	    json_at(fake_control("{\"service_account\": \"robot@p.iam.gserviceaccount.com\"}"),
		"service_account"));
	const char *bearer, *other;
	struct grant_result r;

	(void)state;
	assert_ok(connect_key(key, &r));
	assert_ok(grant_token(&cx, db, OWNER, r.account_id, NULL, &bearer));
	let_it_grow_old();
	assert_ok(grant_token(&cx, db, OWNER, r.account_id, NULL, &other));
	assert_string_not_equal(bearer, other);
	assert_int_equal(connect_key("{\"type\":\"service_account\"}", &r), RC_INVALID);
	assert_int_equal(connect_key("not json", &r), RC_INVALID);
}

/* --- access tokens --- */

static void
a_token_is_fetched_when_it_is_about_to_end_and_not_before(void **state)
{
	const char *first = token(), *second;

	(void)state;
	assert_string_equal(token(), first);
	assert_int_equal(refreshes(), 0);
	let_it_grow_old();
	second = token();
	assert_string_not_equal(second, first);
	assert_string_equal(token(), second);
	assert_int_equal(refreshes(), 1);
}

static void
one_that_was_refused_is_replaced_once(void **state)
{
	const char *first = token(), *second, *third;

	(void)state;
	assert_ok(grant_token(&cx, db, OWNER, ann.account_id, first, &second));
	assert_string_not_equal(second, first);
	assert_ok(grant_token(&cx, db, OWNER, ann.account_id, first, &third));
	assert_string_equal(third, second);
	assert_int_equal(refreshes(), 1);
}

static enum rc
ask_once(struct ctx *c, struct db *own)
{
	const char *bearer;

	fake_forked();
	return grant_token(c, own, OWNER, ann.account_id, NULL, &bearer);
}

static void
fork_asker(pid_t *pid)
{
	*pid = fork();
	if (*pid == 0) {
		struct ctx mine = { .a = arena_new("child", (size_t)1 << 28, 0) };
		struct db *own;
		if (db_open(&mine, 0, &own) == RC_OK && ask_once(&mine, own) == RC_OK)
			_exit(0);
		print_error("%s: %s at %s\n", error_row(mine.err.kind)->code, mine.err.detail,
		    mine.err.where);
		_exit(1);
	}
}

static bool
ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
many_processes_that_ask_at_once_make_one_refresh(void **state)
{
	pid_t pid[8];

	(void)state;
	let_it_grow_old();
	fake_control("{\"latency_ms\": 150}");
	for (int i = 0; i < 8; i++)
		fork_asker(&pid[i]);
	for (int i = 0; i < 8; i++)
		assert_true(ended_well(pid[i]));
	fake_control("{\"latency_ms\": 0}");
	assert_int_equal(refreshes(), 1);
}

static void
a_refresh_token_that_is_replaced_is_kept(void **state)
{
	const char *sealed = row().sealed;

	(void)state;
	fake_control("{\"client\": {\"rotate\": true}}");
	for (int i = 0; i < 3; i++) {
		let_it_grow_old();
		token();
		assert_string_not_equal(row().sealed, sealed);
		sealed = row().sealed;
	}
	assert_int_equal(refreshes(), 3);
	assert_int_equal(fake_calls("/token", 200), 3);
}

#ifdef TIDEMARK_STEPS
static void
killed_with_a_new_token_in_hand_it_is_fetched_again(void **state)
{
	const char *before = row().access;
	int64_t until;
	pid_t pid;

	(void)state;
	let_it_grow_old();
	assert_true(in_a_process(1, ask_once, &pid));
	assert_string_equal(row().access, before);
	assert_string_equal(row().health, "ok");
	assert_int_equal(refreshes(), 1);
	/* Nobody waits until the dead one's right lapses. */
	until = raw_number("SELECT lease_until FROM remote_account WHERE lease IS NOT NULL");
	token();
	assert_true(clock_ms() < until);
	assert_int_equal(refreshes(), 2);
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account WHERE lease IS NULL"), 1);
}

static const char *code;

static enum rc
connect_bob(struct ctx *c, struct db *own)
{
	const struct grant_request g = with_code(code, NULL);
	struct grant_result r;

	fake_forked();
	return grant_connect(c, own, &g, &r);
}

static void
killed_while_connecting_nothing_is_half_there(void **state)
{
	struct grant_result r;
	pid_t pid;

	(void)state;
	code = fake_agree("bob@example.com", SCOPES, true);
	assert_true(in_a_process(1, connect_bob, &pid));
	assert_int_equal(raw_number("SELECT count(*) FROM remote_account"), 1);
	assert_ok(connect_as("bob@example.com", true, NULL, &r));
	assert_true(r.made);
}
#endif

static void
a_lease_of_a_wrong_clock_does_not_hold_for_ever(void **state)
{
	(void)state;
	let_it_grow_old();
	raw("UPDATE remote_account SET lease = 'other', lease_until = 99999999999999");
	token();
	assert_int_equal(refreshes(), 1);
}

/* --- while somebody connects anew --- */

/* Their refresh takes long; meanwhile the account is connected anew. */
static void
connect_during_a_refresh(const char *fault)
{
	struct grant_result r;
	pid_t pid;

	let_it_grow_old();
	fake_control(arena_printf(cx.a,
	    "{\"faults\": [{\"kind\": \"%s\", \"path\": \"/token\", \"count\": 1, "
	    "\"delay_ms\": 700}]}",
	    fault));
	fork_asker(&pid);
	while (!raw_number("SELECT count(*) FROM remote_account WHERE lease IS NOT NULL") ||
	    refreshes() < 1)
		clock_sleep_ms(5);
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	assert_string_equal(r.account_id, ann.account_id);
	assert_true(ended_well(pid));
	assert_string_equal(row().health, "ok");
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health = 'attention'"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 0);
	assert_int_equal(refreshes(), 2);
	let_it_grow_old();
	token();
}

static void
a_refresh_that_is_overtaken_takes_what_is_stored(void **state)
{
	(void)state;
	connect_during_a_refresh("slow");
}

static void
the_end_of_an_old_grant_says_nothing_about_the_new_one(void **state)
{
	(void)state;
	connect_during_a_refresh("invalid_grant");
}

/* --- the end of a grant, and what is none --- */

static void
the_end_of_a_grant_stops_every_connection_with_one_notice(void **state)
{
	struct grant_result r;

	(void)state;
	let_it_grow_old();
	fake_control("{\"expire\": \"refresh\", \"email\": \"" ANN "\"}");
	refused_as(E_GRANT);
	assert_string_equal(row().health, "attention");
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health = 'attention' "
				    "AND error_code = 'reconnect' AND next_poll_at IS NULL"),
	    2);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
	/* Nobody tries it again. */
	refused_as(E_GRANT);
	assert_non_null(strstr(cx.err.detail, ANN));
	assert_int_equal(refreshes(), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
	/* Connected again, both go on. */
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	assert_string_equal(r.account_id, ann.account_id);
	assert_string_equal(row().health, "ok");
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health = 'attention'"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE state = 'queued'"), 2);
	token();
}

static enum rc
waits_write(struct ctx *c, struct db *d, void *arg)
{
	struct link l = {
		.owner = OWNER,
		.connection_id = CONN,
		.object = { .kind = OBJECT_EVENT, .key = "e" },
	};
	struct conn two;
	const char *id;

	(void)arg;
	TRY(edit_link(c, d, &l, clock_ms()));
	TRY(conn_get(c, d, OWNER, CONN2, &two));
	return sync_enqueue(c, d, &two, "manual", &id);
}

/* A run that had read before the grant ended has made its connection well again since; one that is
 * on its way may end as the old grant did. */
static void
what_waits_for_a_new_grant_goes_on_where_no_connection_is_stopped(void **state)
{
	struct grant_result r;

	(void)state;
	let_it_grow_old();
	fake_control("{\"expire\": \"refresh\", \"email\": \"" ANN "\"}");
	refused_as(E_GRANT);
	assert_ok(db_write(&cx, db, waits_write, NULL));
	raw("UPDATE schedule SET health = 'ok', error_code = NULL; UPDATE lane SET due_at = NULL");
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	assert_int_equal(
	    raw_number("SELECT count(*) FROM lane WHERE id LIKE 'outbox|%' AND due_at > 0"), 1);
	assert_string_equal(
	    raw_lines("SELECT connection_id FROM schedule WHERE again = 1", 0), CONN2 "\n");
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE state = 'queued'"), 1);
}

static const char *
wanted(void)
{
	return raw_lines(
	    "SELECT id FROM lane WHERE id LIKE 'watch|%' AND due_at > 0 ORDER BY 1", 0);
}

/* Whether the service still calls by what the old one had opened, nobody knows. */
static void
channels_of_a_grant_that_has_ended_are_opened_anew_by_the_next(void **state)
{
	struct grant_result r;

	(void)state;
	raw(arena_printf(cx.a,
	    "INSERT INTO channel (id, owner, connection_id, token_hash, resource_id, expires_at, "
	    "created_at, account_id) VALUES ('ours', '" OWNER "', '" CONN
	    "', 'h', 'r', %lld, 1, '%s'), ('of another', '" OWNER "', '" CONN2
	    "', 'h', 'r', %lld, 1, 'other')",
	    (long long)clock_ms() + DAY_MS, ann.account_id, (long long)clock_ms() + DAY_MS));
	let_it_grow_old();
	fake_control("{\"expire\": \"refresh\", \"email\": \"" ANN "\"}");
	refused_as(E_GRANT);
	assert_string_equal(raw_lines("SELECT id FROM channel", 0), "of another\n");
	/* Nobody is asked who cannot call, or whose connection is paused. */
	raw("UPDATE schedule SET health = 'ok', error_code = NULL");
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	assert_string_equal(wanted(), "");
	conf_override(CONF_APP_URL, "https://sync.example.com");
	raw(arena_printf(cx.a,
	    "DELETE FROM channel; UPDATE connection SET provider = 'google-calendar', "
	    "push_refused = 'Not let in.', push_refused_at = %lld",
	    (long long)clock_ms()));
	raw("UPDATE schedule SET enabled = connection_id = '" CONN "'");
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	conf_override(CONF_APP_URL, NULL);
	assert_string_equal(wanted(), "watch|" OWNER "|" CONN "\n");
	/* Nor is one whose channel somebody has switched off. */
	raw("DELETE FROM lane; UPDATE connection SET push_refused = 'Off.', push_refused_at = 0");
	conf_override(CONF_APP_URL, "https://sync.example.com");
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	conf_override(CONF_APP_URL, NULL);
	assert_string_equal(wanted(), "");
}

static void
an_account_of_very_many_connections_stops_and_goes_on_with_all(void **state)
{
	const char *one = "SELECT count(*) FROM schedule WHERE health = 'attention' "
			  "AND error_code = 'reconnect'";
	struct grant_result r;

	(void)state;
	raw(arena_printf(cx.a,
	    "CREATE TEMP TABLE many (id TEXT); WITH RECURSIVE c(i) AS "
	    "(SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1100) INSERT INTO many "
	    "SELECT 'many-' || i "
	    "FROM c; INSERT INTO connection (id, owner, provider, name, config, "
	    "created_at, updated_at, "
	    "account_id) SELECT id, '" OWNER
	    "', 'script', id, '{}', 1, 1, '%s' FROM many; INSERT INTO "
	    "schedule (connection_id, owner, enabled, health, frequency, interval_minutes, set_at) "
	    "SELECT id, '" OWNER "', 1, 'ok', 'hourly', 60, 1 FROM many;",
	    ann.account_id));
	let_it_grow_old();
	fake_control("{\"expire\": \"refresh\", \"email\": \"" ANN "\"}");
	refused_as(E_GRANT);
	assert_int_equal(raw_number(one), 1102);
	assert_ok(connect_as(ANN, true, ann.account_id, &r));
	assert_int_equal(raw_number(one), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE state = 'queued'"), 1102);
}

static void
trouble_on_the_way_is_no_end(void **state)
{
	static const struct {
		const char *fault;
		enum error_kind kind;
	} rows[] = {
		{ "500", E_SOURCE_5XX },
		{ "502", E_SOURCE_5XX },
		{ "503", E_SOURCE_5XX },
		{ "429", E_RATE_LIMITED },
		{ "html", E_SOURCE_STATUS },
		{ "reset", E_NETWORK },
		{ "cut", E_TRUNCATED },
		{ "lost", E_NETWORK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		let_it_grow_old();
		fake_control(arena_printf(cx.a,
		    "{\"faults\": [{\"kind\": \"%s\", \"path\": \"/token\", \"count\": -1}]}",
		    rows[i].fault));
		refused_as(rows[i].kind);
		fake_control("{\"faults\": []}");
		assert_string_equal(row().health, "ok");
		assert_int_equal(
		    raw_number("SELECT count(*) FROM remote_account WHERE lease IS NULL"), 1);
		/* The next one who asks has better luck. */
		token();
	}
	assert_int_equal(raw_number("SELECT count(*) FROM schedule WHERE health <> 'ok'"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 0);
}

static void
a_wrong_client_secret_is_no_end_either(void **state)
{
	(void)state;
	let_it_grow_old();
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "wrong");
	refused_as(E_OAUTH_SETUP);
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "secret");
	assert_string_equal(row().health, "ok");
	token();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_is_one_row_with_nothing_readable_in_it),
		TEST(connecting_again_keeps_the_row_and_the_refresh_token),
		TEST(one_user_can_have_so_many_accounts),
		TEST(without_any_refresh_token_nothing_is_stored),
		TEST(another_account_is_another_row),
		TEST(a_part_of_what_is_needed_is_not_enough),
		TEST(an_account_is_only_its_owners),
		TEST(a_service_account_gets_its_tokens_by_its_key),
		TEST(a_token_is_fetched_when_it_is_about_to_end_and_not_before),
		TEST(one_that_was_refused_is_replaced_once),
		TEST(many_processes_that_ask_at_once_make_one_refresh),
		TEST(a_refresh_token_that_is_replaced_is_kept),
#ifdef TIDEMARK_STEPS
		TEST(killed_with_a_new_token_in_hand_it_is_fetched_again),
		TEST(what_waits_for_a_new_grant_goes_on_where_no_connection_is_stopped),
		TEST(killed_while_connecting_nothing_is_half_there),
#endif
		TEST(a_lease_of_a_wrong_clock_does_not_hold_for_ever),
		TEST(a_refresh_that_is_overtaken_takes_what_is_stored),
		TEST(the_end_of_an_old_grant_says_nothing_about_the_new_one),
		TEST(the_end_of_a_grant_stops_every_connection_with_one_notice),
		TEST(channels_of_a_grant_that_has_ended_are_opened_anew_by_the_next),
		TEST(an_account_of_very_many_connections_stops_and_goes_on_with_all),
		TEST(trouble_on_the_way_is_no_end),
		TEST(a_wrong_client_secret_is_no_end_either),
	};

	return grant_tests(tests, sizeof tests / sizeof *tests);
}
