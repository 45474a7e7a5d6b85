/* Calendars that both sides edit: which connections are some, and the channel of each. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/calendar.h"
#include "base/clock.h"
#include "queue/channel.h"

#define NOW INT64_C(1795170600000)

#include "unit/fault_fixture.h"

static void
connected(const char *id, const char *owner, const char *provider, const char *config)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '%s', '%s', 'C', '%s', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('%s', '%s', 1, 'ok', 'custom', 15, 1)",
	    id, owner, provider, config, id, owner));
}

static struct conn
the_conn(const char *id)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, id, &c));
	return c;
}

static enum rc
channel_write(struct ctx *c, struct db *d, void *arg)
{
	const struct calendar_channel *ch = arg;
	struct conn conn;

	TRY(conn_get(c, d, OWNER, "cal", &conn));
	TRY(channel_insert(c, d, &conn, ch->id, "secret", ch->expires_at));
	return channel_opened(c, d, &conn, ch->id, "res", ch->expires_at);
}

static void
opened(const char *id, int64_t until)
{
	struct calendar_channel ch = { id, until };

	ok_once(db_write(&cx, db, channel_write, &ch));
}

static const char *
channel_now(void)
{
	const struct conn c = the_conn("cal");
	struct calendar_channel ch;

	assert_ok(calendar_channel(&cx, db, &c, &ch));
	return ch.id ? ch.id : "(none)";
}

static void
only_what_both_sides_edit_is_a_calendar(void **state)
{
	struct conn c, *v;
	size_t n;

	(void)state;
	connected("csv", OWNER, "csv", "{}");
	connected("other", OTHER, "google-calendar", "{\"calendar\":\"x\"}");
	for (int i = 0; i < 250; i++)
		connected(arena_printf(cx.a, "more-%03d", i), OWNER, "csv", "{}");
	connected("cal-2", OWNER, "google-calendar", "{\"calendar\":\"y\"}");
	/* Also behind the first page of connections. */
	assert_ok(calendar_list(&cx, db, OWNER, &v, &n));
	assert_int_equal(n, 2);
	assert_string_equal(v[0].id, "cal");
	assert_string_equal(v[1].id, "cal-2");
	assert_ok(calendar_get(&cx, db, OWNER, "cal", &c));
	assert_string_equal(c.id, "cal");
	assert_error(calendar_get(&cx, db, OWNER, "csv", &c), E_NOT_FOUND);
	assert_error(calendar_get(&cx, db, OWNER, "other", &c), E_NOT_FOUND);
	assert_error(calendar_get(&cx, db, OWNER, "none", &c), E_NOT_FOUND);
}

static void
a_channel_counts_while_it_is_open_and_wanted(void **state)
{
	(void)state;
	assert_string_equal(channel_now(), "(none)");
	opened("ch-1", NOW + HOUR_MS);
	assert_string_equal(channel_now(), "ch-1");
	clock_step_to(NOW + HOUR_MS);
	assert_string_equal(channel_now(), "(none)");
	/* Of two the newer one counts; one that was not answered yet does not. */
	opened("ch-2", NOW + 9 * HOUR_MS);
	assert_string_equal(channel_now(), "ch-2");
	raw("UPDATE channel SET resource_id = NULL WHERE id = 'ch-2'");
	assert_string_equal(channel_now(), "(none)");
	raw("UPDATE channel SET resource_id = 'res' WHERE id = 'ch-2'; DELETE FROM channel"
	    " WHERE id = 'ch-1'");
	/* Nobody is awaited once it is gone there. */
	raw("CREATE TRIGGER gone AFTER UPDATE ON connection BEGIN DELETE FROM channel; END");
	ok_once(calendar_unwatch(&cx, db, &owner_calls, "cal"));
	assert_string_equal(channel_now(), "(none)");
	assert_string_equal(audited(), "channel stopped\n");
}

static void
refused(const char *id, enum error_kind kind, const char *why)
{
	struct calendar_channel ch;

	cx.err = (struct err){ 0 };
	assert_error(calendar_watch(&cx, db, &owner_calls, id, &ch), kind);
	if (!strstr(cx.err.detail, why))
		flunk("\"%s\" is not in \"%s\"", why, cx.err.detail);
	assert_string_equal(audited(), "");
}

static void
a_channel_that_cannot_be_says_why_and_asks_for_nothing(void **state)
{
	struct calendar_channel ch;

	(void)state;
	conf_override(CONF_APP_URL, "http://localhost:8080");
	refused("cal", E_NOT_YET, "over https only");
	conf_override(CONF_APP_URL, "https://sync.example.com");
	refused("none", E_NOT_FOUND, "");
	connected("notion", OWNER, "notion", "{\"dataSource\":\"x\",\"mode\":\"calendar\"}");
	refused("notion", E_NOT_YET, "operator sets its messages up");
	raw("UPDATE schedule SET enabled = 0 WHERE connection_id = 'cal'");
	refused("cal", E_STATE, "paused");
	raw("UPDATE schedule SET enabled = 1 WHERE connection_id = 'cal'");
	assert_error(calendar_watch(&cx, db, owner_may(SCOPE_READ), "cal", &ch), E_FORBIDDEN);
	assert_error(calendar_unwatch(&cx, db, owner_may(SCOPE_READ), "cal"), E_FORBIDDEN);
	assert_error(calendar_unwatch(&cx, db, other_calls(), "cal"), E_NOT_FOUND);
	assert_string_equal(audited(), "");
}

static void
a_new_channel_is_told_from_the_old_one(void **state)
{
	struct calendar_channel ch;

	(void)state;
	opened("old", NOW + HOUR_MS);
	/* As the service does when it is asked. */
	raw("CREATE TRIGGER answers AFTER INSERT ON audit BEGIN INSERT INTO channel (id, owner,"
	    " connection_id, token_hash, resource_id, expires_at, created_at) SELECT 'new', owner,"
	    " connection_id, 'x', 'res', expires_at + 1, created_at + 1 FROM channel"
	    " WHERE id = 'old'; END");
	ok_once(calendar_watch(&cx, db, &owner_calls, "cal", &ch));
	assert_string_equal(ch.id, "new");
	assert_true(ch.expires_at == NOW + HOUR_MS + 1);
	/* What the service has refused is said at once, in its words. */
	raw("DROP TRIGGER answers; CREATE TRIGGER refuses AFTER INSERT ON audit BEGIN"
	    " UPDATE connection SET push_refused = 'not this one', push_refused_at = 5; END");
	assert_error(calendar_watch(&cx, db, &owner_calls, "cal", &ch), E_NOT_YET);
	assert_non_null(strstr(cx.err.detail, "does not call back: not this one"));
}

static int
calendar_open(void **state)
{
	if (verbs_open(state))
		return -1;
	clock_step_to(NOW);
	conf_override(CONF_APP_URL, "https://sync.example.com");
	connected("cal", OWNER, "google-calendar", "{\"calendar\":\"primary\"}");
	return 0;
}

static int
calendar_close(void **state)
{
	conf_override(CONF_APP_URL, NULL);
	clock_fake(0);
	return db_teardown(state);
}

#define calendar_test(f) cmocka_unit_test_setup_teardown(f, calendar_open, calendar_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		calendar_test(only_what_both_sides_edit_is_a_calendar),
		calendar_test(a_channel_counts_while_it_is_open_and_wanted),
		calendar_test(a_channel_that_cannot_be_says_why_and_asks_for_nothing),
		calendar_test(a_new_channel_is_told_from_the_old_one),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
