/* Mail that waits: sealed, sent through the queue, and never a flood: troubles and recoveries go
 * into digests. */
#include "engine_fixture.h"

#include "send/deliver.h"
#include "send/sender.h"
#include "queue/mailbox.h"
#include "unit/mail_server.h"

static int
setup(void **state)
{
	int failed = fixture_open(state);

	conf_override(CONF_SMTP_URL, arena_printf(cx.a, "smtp://127.0.0.1:%d", mail_port));
	conf_override(CONF_MAIL_FROM, "tidemark@example.com");
	conf_override(CONF_APP_URL, "https://sync.example.com");
	raw("UPDATE account SET email = 'anna@example.org'");
	(void)mail_said();
	return failed;
}

static int
teardown(void **state)
{
	clock_fake(0);
	conf_override(CONF_SMTP_URL, "");
	conf_override(CONF_MAIL_FROM, "");
	conf_override(CONF_APP_URL, "");
	return fixture_close(state);
}

/* Sends what is due; how many mails the server got. */
static int
mails(const char **said)
{
	static const volatile sig_atomic_t go_on;
	struct ctx mine = { .a = arena_new("deliver", (size_t)16 << 20, 0) };
	int n = 0;

	if (sender_all(&mine, db, &go_on) != RC_OK)
		flunk("%s", mine.err.detail);
	arena_free(mine.a);
	*said = mail_said();
	for (const char *p = *said; (p = strstr(p, "\r\n.\r\n")); p++)
		n++;
	return n;
}

static void
later(int64_t ms)
{
	clock_step_to(clock_ms() + ms);
}

static void
add_connection(const char *id, const char *name)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" OWNER "', 'script', '%s', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('%s', '" OWNER "', 0, 'ok', 'hourly', 60, 1);",
	    id, name, id));
}

/* The connection's state changes as a settled run changes it. */
static void
becomes(const char *id, bool trouble)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, id, &c));
	c.sched.health = trouble ? HEALTH_ATTENTION : HEALTH_OK;
	c.sched.error_code = trouble ? "source_forbidden" : NULL;
	c.sched.error_detail = trouble ? "example.com answered 403." : NULL;
	assert_ok(db_begin(&cx, db));
	assert_ok(sched_save(&cx, db, &c));
	assert_ok(mail_digest_ask(&cx, db, &c));
	assert_ok(db_commit(&cx, db));
}

static void
mail_waits_sealed_and_is_sent_once(void **state)
{
	const char *said;

	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(mail_enqueue(&cx, db, OWNER, "anna@example.org", "Your link",
	    "https://sync.example.com/sign-in?key=hidden\n"));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM message WHERE type = 'mail' AND body NOT LIKE '%hidden%' "
		"AND body NOT LIKE '%anna%'"),
	    1);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "Subject: Your link\r\n"));
	assert_non_null(strstr(said, "Message-ID: <msg_"));
	assert_non_null(strstr(said, "key=3Dhidden"));
	assert_int_equal(mails(&said), 0);
}

static void
a_mail_server_that_is_down_is_tried_again(void **state)
{
	const char *said, *url = conf_str(CONF_SMTP_URL);

	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(mail_enqueue(&cx, db, OWNER, "no@example.org", "Refused", "x\n"));
	assert_ok(mail_enqueue(&cx, db, OWNER, "anna@example.org", "Hello", "x\n"));
	assert_ok(db_commit(&cx, db));
	conf_override(CONF_SMTP_URL, "smtp://127.0.0.1:1");
	assert_int_equal(mails(&said), 0);
	conf_override(CONF_SMTP_URL, url);
	assert_int_equal(mails(&said), 0);
	later(10 * SECOND_MS);
	/* One address that is refused for good is no reason for the other to wait. */
	assert_int_equal(mails(&said), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery WHERE state = 'failed'"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery WHERE state = 'done'"), 1);
}

static void
without_a_mail_server_nothing_waits(void **state)
{
	(void)state;
	conf_override(CONF_SMTP_URL, "");
	becomes(CONN, true);
	assert_ok(db_begin(&cx, db));
	assert_ok(mail_tell(&cx, db, OWNER, "x", "x"));
	assert_int_not_equal(mail_enqueue(&cx, db, OWNER, "anna@example.org", "x", "x"), RC_OK);
	db_rollback(db);
	assert_int_equal(raw_number("SELECT (SELECT count(*) FROM told) + (SELECT count(*) "
				    "FROM lane) + (SELECT count(*) FROM message)"),
	    0);
}

static void
who_does_not_want_notices_gets_none(void **state)
{
	const char *said;

	(void)state;
	becomes(CONN, true);
	raw("UPDATE account SET mail_notices = 0");
	later(HOUR_MS);
	assert_int_equal(mails(&said), 0);
	becomes(CONN, true);
	assert_int_equal(raw_number("SELECT count(*) FROM told WHERE waiting = 1"), 0);
}

static void
one_mail_for_a_trouble_and_one_when_it_is_over(void **state)
{
	const char *said;

	(void)state;
	becomes(CONN, true);
	assert_int_equal(mails(&said), 0);
	later(DIGEST_MINUTES * MINUTE_MS + 1);
	assert_int_equal(mails(&said), 1);
	assert_non_null(
	    strstr(said, "To: <anna@example.org>\r\nSubject: Tidemark: Test needs attention\r\n"));
	assert_non_null(strstr(said, "example.com answered 403."));
	assert_non_null(strstr(said, "https://sync.example.com/connections/" CONN));
	/* Its reason becomes another: it is known that it is in trouble. */
	becomes(CONN, true);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 0);
	becomes(CONN, false);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "Subject: Tidemark: Test works again\r\n"));
	later(2 * DAY_MS);
	assert_int_equal(mails(&said), 0);
}

static void
what_one_connection_has_been_told_of_is_no_others(void **state)
{
	const char *said;

	(void)state;
	add_connection("c2", "Second");
	becomes(CONN, true);
	becomes("c2", true);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "2 connections need attention"));
	/* One works again and is told; the other is in trouble as before. */
	becomes(CONN, false);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "Test works again"));
	assert_null(strstr(said, "Second"));
	assert_string_equal(
	    raw_lines("SELECT connection_id || state FROM told ORDER BY connection_id DESC", 0),
	    "c2attention\n" CONN "recovered\n");
	becomes("c2", false);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "Second works again"));
}

static void
troubles_of_the_same_minutes_are_one_mail(void **state)
{
	const char *said;

	(void)state;
	for (int i = 0; i < 30; i++) {
		const char *id = arena_printf(cx.a, "00000000-0000-7000-8000-0000000001%02d", i);
		add_connection(id, arena_printf(cx.a, "Source %d", i));
		becomes(id, true);
		later(SECOND_MS);
	}
	later(DIGEST_MINUTES * MINUTE_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "Subject: Tidemark: 30 connections need attention\r\n"));
	assert_non_null(strstr(said, "* Source 0\r\n"));
	assert_null(strstr(said, "* Source 29\r\n"));
	assert_non_null(strstr(said, "... and 10 more."));
}

static void
a_trouble_that_passes_at_once_is_not_told(void **state)
{
	const char *said;

	(void)state;
	becomes(CONN, true);
	becomes(CONN, false);
	later(HOUR_MS);
	assert_int_equal(mails(&said), 0);
}

static void
a_connection_that_flaps_is_told_once_a_day(void **state)
{
	const char *said;
	int troubles = 0;

	(void)state;
	for (int hour = 0; hour < 72; hour++) {
		becomes(CONN, hour % 2 == 0);
		later(HOUR_MS);
		(void)mails(&said);
		troubles += strstr(said, "needs attention") != NULL;
	}
	assert_in_range(troubles, 2, 3);
	/* It stays broken: it is told when the day is over. */
	becomes(CONN, true);
	later(DAY_MS + HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "needs attention"));
}

static void
a_settled_run_asks_for_the_digest(void **state)
{
	const char *said;

	(void)state;
	script.text = "id\n1\n";
	script.fail_page = 1;
	script.fail_kind = E_SOURCE_DENIED;
	(void)sync_now();
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	script.fail_page = 0;
	(void)sync_now();
	later(HOUR_MS);
	assert_int_equal(mails(&said), 1);
	assert_non_null(strstr(said, "works again"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mail_waits_sealed_and_is_sent_once),
		TEST(a_mail_server_that_is_down_is_tried_again),
		TEST(without_a_mail_server_nothing_waits),
		TEST(who_does_not_want_notices_gets_none),
		TEST(one_mail_for_a_trouble_and_one_when_it_is_over),
		TEST(what_one_connection_has_been_told_of_is_no_others),
		TEST(troubles_of_the_same_minutes_are_one_mail),
		TEST(a_trouble_that_passes_at_once_is_not_told),
		TEST(a_connection_that_flaps_is_told_once_a_day),
		TEST(a_settled_run_asks_for_the_digest),
	};
	int failed;

	mail_start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mail_stop();
	return failed;
}
