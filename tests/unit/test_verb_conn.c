/* What can be done with a connection, as its owner does it: made, changed, paused, read again,
 * disconnected, connected again, and found among others. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/conn.h"
#include "app/conn_search.h"
#include "app/remains.h"
#include "app/run_text.h"
#include "app/syncs.h"
#include "base/clock.h"
#include "seal/secret.h"
#include "store/conn.h"

#include "unit/fault_fixture.h"

static const char *
made(const char *name, const char *config, const char *more)
{
	const json *m = said(more);
	const struct conn_input in = {
		.provider = "csv",
		.name = name,
		.config = said(config),
		.secret = json_at(m, "secret"),
		.schedule = json_at(m, "schedule"),
		.start = json_flag(m, "start", false),
	};
	const char *id = NULL;

	assert_ok(conn_create(&cx, db, &owner_calls, &in, &id));
	return id;
}

#define TEA "{\"url\":\"https://example.com/lists/tea.csv?x=1\",\"key\":\"id\"}"

static struct conn
got(const char *id)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, id, &c));
	return c;
}

static json *plan;

static void
change(const char *id, const char *text)
{
	assert_ok(conn_change(&cx, db, &owner_calls, id, said(text), &plan));
}

static void
refused(const char *id, const char *text, const char *field)
{
	assert_error(conn_change(&cx, db, &owner_calls, id, said(text), &plan), E_INPUT);
	assert_string_equal(wrong_field(), field);
}

static void
a_source_gets_a_name_and_a_schedule_of_its_own(void **state)
{
	const char *tea = made("", TEA, "{}"), *site, *pots;

	(void)state;
	assert_string_equal(got(tea).name, "tea.csv");
	assert_true(got(tea).sched.enabled);
	assert_int_equal(got(tea).sched.interval_minutes, 60);
	assert_int_equal(raw_number("SELECT count(*) FROM sync"), 0);
	site = made(NULL, "{\"url\":\"https://example.com\"}", "{}");
	assert_string_equal(got(site).name, "example.com");
	pots = made("  Pots ", "{\"url\":\"https://example.com/p/\"}",
	    "{\"start\":true,\"schedule\":{\"intervalMinutes\":30,\"maxRetries\":7}}");
	assert_string_equal(got(pots).name, "Pots");
	assert_int_equal(got(pots).sched.freq, FREQ_30MIN);
	assert_int_equal(got(pots).sched.max_retries, 7);
	assert_string_equal(raw_lines("SELECT trigger FROM sync", 0), "first\n");
	assert_string_equal(audited(), "connected\nconnected\nconnected\n");
}

static void
what_is_wrong_with_a_source_is_said_and_it_is_not_made(void **state)
{
	static const struct {
		const char *provider, *name, *config, *schedule, *field;
	} rows[] = {
		{ "csv", "x", "{}", NULL, "config.url" },
		{ "csv", "x", "{\"url\":\"gopher://a\"}", NULL, "config.url" },
		{ "none", "x", "{}", NULL, "provider" },
		{ "csv", "a\nb", TEA, NULL, "name" },
		{ "csv", "x", TEA, "{\"intervalMinutes\":0}", "schedule.intervalMinutes" },
		{ "csv", "x", TEA, "{\"intervalMinutes\":576001}", "schedule.intervalMinutes" },
		{ "csv", "x", TEA, "{\"intervalMinutes\":\"5\"}", "schedule.intervalMinutes" },
		{ "csv", "x", TEA, "{\"frequency\":\"often\"}", "schedule.frequency" },
		{ "csv", "x", TEA, "{\"frequency\":5}", "schedule.frequency" },
		{ "csv", "x", TEA, "{\"frequency\":\"custom\"}", "schedule.intervalMinutes" },
		{ "csv", "x", TEA, "{\"enabled\":1}", "schedule.enabled" },
		{ "csv", "x", TEA, "{\"maxRetries\":101}", "schedule.maxRetries" },
		{ "csv", "x", TEA, "{\"maxRetries\":-1}", "schedule.maxRetries" },
		{ "csv", "x", TEA, "{\"often\":1}", "schedule.often" },
		{ "csv", "x", TEA, "{\"rrule\":\"FREQ=SOMETIMES\"}", "schedule.rrule" },
	};
	const char *id;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct conn_input in = {
			.provider = rows[i].provider,
			.name = rows[i].name,
			.schedule = rows[i].schedule ? said(rows[i].schedule) : NULL,
			.config = said(rows[i].config),
		};

		assert_error(conn_create(&cx, db, &owner_calls, &in, &id), E_INPUT);
		if (strcmp(wrong_field(), rows[i].field) != 0)
			flunk("row %zu: %s", i, wrong_field());
	}
	assert_int_equal(raw_number("SELECT count(*) FROM connection"), 0);
}

static void
an_address_that_may_not_be_reached_is_refused_when_it_is_given_and_not_later(void **state)
{
	const char *id = made("Tea", TEA, "{}"), *inside, *none;
	const struct conn_input in = {
		.provider = "ical",
		.config = said("{\"url\":\"https://[fd00::7]/a.ics\"}"),
	};

	(void)state;
	refused(id, "{\"config\":{\"url\":\"http://10.1.2.3/t.csv\"}}", "config.url");
	assert_non_null(strstr(cx.err.detail, "10.1.2.3 leads to a private network"));
	assert_non_null(strstr(got(id).config, "tea.csv"));
	assert_error(conn_create(&cx, db, &owner_calls, &in, &none), E_INPUT);
	assert_string_equal(wrong_field(), "config.url");

	conf_override(CONF_ALLOW_NETS, "10.0.0.0/8");
	inside = made("Pots", "{\"url\":\"http://10.1.2.3/t.csv\"}", "{}");
	conf_override(CONF_ALLOW_NETS, "");
	change(inside, "{\"config\":{\"delimiter\":\"tab\"}}");
	change(inside, "{\"config\":{\"url\":\"http://10.1.2.3/t.csv\",\"quote\":\"none\"}}");
	refused(inside, "{\"config\":{\"url\":\"http://10.1.2.3/u.csv\"}}", "config.url");
	assert_ok(conn_disconnect(&cx, db, &owner_calls, inside, false));
}

static void
what_another_would_read_cannot_be_shown_beforehand(void **state)
{
	const char *id = made("Tea", TEA, "{}");

	(void)state;
	raw("UPDATE schedule SET last_success_at = 1");
	change(id, "{\"config\":{\"key\":[\"name\"]},\"secret\":{\"authorization\":\"Bearer x\"}}");
	assert_string_equal(json_str(plan, "state"), "unseen");
	has(json_str(plan, "reason"), "Who reads it is changed, too. What it does could not");
	has(got(id).config, "\"key\":[\"name\"]");
	change(id, "{\"secret\":{\"authorization\":\"Bearer y\"}}");
	assert_null(plan);
}

static void
what_is_named_is_changed_and_the_rest_stays(void **state)
{
	const char *id = made("Tea", TEA, "{}");

	(void)state;
	change(id, "{\"name\":\" Green tea \",\"config\":{\"delimiter\":\"tab\"}}");
	assert_string_equal(got(id).name, "Green tea");
	assert_non_null(strstr(got(id).config, "\"delimiter\":\"tab\""));
	assert_non_null(strstr(got(id).config, "\"key\":[\"id\"]"));
	change(id, "{\"config\":{\"delimiter\":null}}");
	assert_null(strstr(got(id).config, "delimiter"));
	change(id, "{\"schedule\":{\"frequency\":\"daily\"}}");
	assert_int_equal(got(id).sched.interval_minutes, 1440);
	change(id,
	    "{\"schedule\":{\"rrule\":\"FREQ=WEEKLY;BYDAY=MO\",\"timeZone\":\"Europe/Berlin\"}}");
	assert_string_equal(got(id).sched.rrule, "FREQ=WEEKLY;BYDAY=MO");
	assert_string_equal(got(id).sched.time_zone, "Europe/Berlin");
	assert_int_equal(got(id).sched.freq, FREQ_CUSTOM);
	/* Switched off and on beside it, the rule stays. */
	change(id, "{\"schedule\":{\"enabled\":false}}");
	assert_int_equal(got(id).sched.next_poll_at, 0);
	change(id, "{\"schedule\":{\"enabled\":true}}");
	assert_string_equal(got(id).sched.rrule, "FREQ=WEEKLY;BYDAY=MO");
	change(id, "{\"schedule\":{\"intervalMinutes\":90}}");
	assert_null(got(id).sched.rrule);
	assert_int_equal(got(id).sched.freq, FREQ_CUSTOM);
	refused(id, "{\"colour\":1}", "colour");
	refused(id, "{\"name\":7}", "name");
	refused(id, "{\"name\":\"  \"}", "name");
	refused(id, "{\"config\":7}", "config");
	refused(id, "{\"secret\":7}", "secret");
	refused(id, "{\"schedule\":[]}", "schedule");
	refused(id, "{\"name\":\"Other\",\"config\":{\"url\":\"x\"}}", "config.url");
	assert_string_equal(got(id).name, "Green tea");
	assert_string_equal(raw_lines("SELECT DISTINCT action FROM audit ORDER BY action", 0),
	    "connected\nschedule changed\nsettings changed\nsource changed\n");
}

static void
a_stored_secret_stays_with_its_server(void **state)
{
	const char *id = made("Tea", TEA, "{\"secret\":{\"authorization\":\"tell nobody\"}}");
	struct conn c = got(id);
	json *secret;

	(void)state;
	assert_ok(secret_open(&cx, db, &c, &secret));
	assert_string_equal(json_str(secret, "authorization"), "tell nobody");
	change(id, "{\"config\":{\"url\":\"https://example.com/other.csv\"}}");
	c = got(id);
	assert_ok(secret_open(&cx, db, &c, &secret));
	assert_string_equal(json_str(secret, "authorization"), "tell nobody");
	/* Another server does not get it. */
	assert_error(conn_change(&cx, db, &owner_calls, id,
			 said("{\"config\":{\"url\":\"https://evil.example/tea.csv\"}}"), &plan),
	    E_INPUT);
	change(id,
	    "{\"config\":{\"url\":\"https://evil.example/tea.csv\"},\"secret\":"
	    "{\"authorization\":\"another\"}}");
	c = got(id);
	assert_ok(secret_open(&cx, db, &c, &secret));
	assert_string_equal(json_str(secret, "authorization"), "another");
}

static void
an_edit_mends_what_had_stopped(void **state)
{
	const char *id = made("Tea", TEA, "{}");

	(void)state;
	raw("UPDATE schedule SET health = 'attention', error_code = 'source_gone', error_detail = "
	    "'x', retry_count = 3, next_poll_at = 0");
	change(id, "{\"name\":\"Other\"}");
	assert_int_equal(got(id).sched.health, HEALTH_ATTENTION);
	change(id, "{\"config\":{\"delimiter\":\"tab\"}}");
	assert_int_equal(got(id).sched.health, HEALTH_OK);
	assert_int_equal(got(id).sched.retry_count, 0);
	assert_null(got(id).sched.error_code);
	assert_in_range(got(id).sched.next_poll_at, clock_ms() - MINUTE_MS, clock_ms());
	raw("UPDATE schedule SET health = 'attention', error_code = 'source_gone', error_detail = "
	    "'x', next_poll_at = 0");
	assert_ok(conn_resume(&cx, db, &owner_calls, id));
	assert_int_equal(got(id).sched.health, HEALTH_OK);
	assert_ok(conn_pause(&cx, db, &owner_calls, id));
	assert_false(got(id).sched.enabled);
	assert_int_equal(got(id).sched.next_poll_at, 0);
	assert_ok(conn_schedule(&cx, db, &owner_calls, id, said("{\"enabled\":true}")));
	assert_true(got(id).sched.enabled);
	assert_true(got(id).sched.next_poll_at > 0);
}

static void
nobody_does_what_he_may_not_or_with_what_is_not_his(void **state)
{
	const char *id = made("Tea", TEA, "{}"), *sync;
	const struct caller *reader = owner_may(SCOPE_READ | SCOPE_SYNC);
	const struct conn_input in = { .provider = "csv", .config = said(TEA) };

	(void)state;
	assert_error(conn_create(&cx, db, reader, &in, &sync), E_FORBIDDEN);
	assert_error(conn_change(&cx, db, reader, id, said("{}"), &plan), E_FORBIDDEN);
	assert_error(conn_schedule(&cx, db, reader, id, said("{}")), E_FORBIDDEN);
	assert_error(conn_pause(&cx, db, reader, id), E_FORBIDDEN);
	assert_error(conn_resume(&cx, db, reader, id), E_FORBIDDEN);
	assert_error(conn_reset(&cx, db, reader, id, "clear", &sync), E_FORBIDDEN);
	assert_error(conn_disconnect(&cx, db, reader, id, true), E_FORBIDDEN);
	assert_error(remains_delete(&cx, db, reader, id), E_FORBIDDEN);
	assert_error(remains_reconnect(&cx, db, reader, id, said("{}")), E_FORBIDDEN);
	assert_error(
	    syncs_start(&cx, db, owner_may(SCOPE_READ | SCOPE_WRITE), id, &sync), E_FORBIDDEN);
	assert_error(conn_change(&cx, db, other_calls(), id, said("{}"), &plan), E_NOT_FOUND);
	assert_error(conn_schedule(&cx, db, other_calls(), id, said("{}")), E_NOT_FOUND);
	assert_error(conn_pause(&cx, db, other_calls(), id), E_NOT_FOUND);
	assert_error(conn_resume(&cx, db, other_calls(), id), E_NOT_FOUND);
	assert_error(conn_reset(&cx, db, other_calls(), id, "refetch", &sync), E_NOT_FOUND);
	assert_error(conn_disconnect(&cx, db, other_calls(), id, true), E_NOT_FOUND);
	assert_error(syncs_start(&cx, db, other_calls(), id, &sync), E_NOT_FOUND);
	assert_string_equal(audited(), "connected\n");
	assert_int_equal(raw_number("SELECT count(*) FROM connection"), 1);
}

static const char *
run_said(const char *id)
{
	struct buf *b = buf_in(cx.a, 1 << 20);
	struct run r;

	assert_ok(run_get(&cx, db, OWNER, id, &r));
	assert_ok(run_text(&cx, db, &r, b));
	return buf_c(b);
}

static void
a_sync_is_asked_for_once_stopped_and_told_of(void **state)
{
	const char *id = made("Tea", TEA, "{}"), *sync, *again;
	struct caller person = owner_calls;
	struct sync_due *due;
	size_t n;

	(void)state;
	assert_ok(syncs_start(&cx, db, &owner_calls, id, &sync));
	assert_non_null(strstr(run_said(sync), "\"trigger\":\"api\""));
	assert_error(syncs_start(&cx, db, &owner_calls, id, &again), E_RUNNING);
	assert_string_equal(again, sync);
	assert_error(syncs_cancel(&cx, db, other_calls(), sync), E_NOT_FOUND);
	assert_ok(syncs_cancel(&cx, db, &owner_calls, sync));
	assert_non_null(strstr(run_said(sync), "\"code\":\"cancelled\""));
	assert_non_null(strstr(run_said(sync), arena_printf(cx.a, "\"connectionId\":\"%s\"", id)));
	assert_error(syncs_cancel(&cx, db, &owner_calls, sync), E_STATE);
	assert_error(syncs_start(&cx, db, &owner_calls, id, &again), E_COOLDOWN);
	assert_true(cx.err.wait_ms > 0);
	raw("UPDATE sync SET created_at = 1");
	person.session = "s";
	assert_ok(syncs_start(&cx, db, &person, id, &sync));
	assert_non_null(strstr(run_said(sync), "\"trigger\":\"manual\""));
	assert_ok(syncs_cancel(&cx, db, &owner_calls, sync));
	/* What is due is queued once, for its owner alone. */
	raw("UPDATE schedule SET next_poll_at = 5");
	assert_ok(syncs_due(&cx, db, other_calls(), 10, &due, &n));
	assert_int_equal(n, 0);
	/* What keeps one from running is told of that one. */
	ok_once(syncs_due(&cx, db, &owner_calls, 10, &due, &n));
	assert_int_equal(n, 1);
	assert_string_equal(due[0].conn, id);
	assert_non_null(due[0].sync);
	assert_error(syncs_due(&cx, db, owner_may(SCOPE_READ), 10, &due, &n), E_FORBIDDEN);
}

static void
reading_again_keeps_the_data_or_drops_it_first(void **state)
{
	const char *id = made("Tea", TEA, "{}"), *sync;

	(void)state;
	raw("UPDATE connection SET cursor = '{}'");
	assert_error(conn_reset(&cx, db, &owner_calls, id, "some", &sync), E_INPUT);
	assert_ok(conn_reset(&cx, db, &owner_calls, id, "refetch", &sync));
	assert_null(got(id).cursor);
	assert_false(got(id).clearing);
	assert_ok(syncs_cancel(&cx, db, &owner_calls, sync));
	assert_ok(conn_reset(&cx, db, &owner_calls, id, "clear", &sync));
	assert_true(got(id).clearing);
}

static void
what_is_disconnected_is_kept_or_goes_and_comes_back(void **state)
{
	const char *id = made("Tea", TEA, "{\"secret\":{\"authorization\":\"x\"}}");
	struct conn c;
	json *secret;

	(void)state;
	raw(arena_printf(cx.a,
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, created_at) VALUES (1, 'd', '%s', '" OWNER "', '', 'T', '[]', '{}', 1)",
	    id));
	assert_ok(conn_disconnect(&cx, db, &owner_calls, id, false));
	assert_error(conn_get(&cx, db, OWNER, id, &c), E_NOT_FOUND);
	assert_int_equal(raw_number("SELECT count(*) FROM credential"), 0);
	assert_error(remains_reconnect(&cx, db, &owner_calls, id, said("{\"colour\":1}")), E_INPUT);
	assert_error(remains_reconnect(&cx, db, &owner_calls, id, said("{\"config\":1}")), E_INPUT);
	assert_string_equal(wrong_field(), "config");
	assert_error(remains_reconnect(&cx, db, other_calls(), id, said("{}")), E_NOT_FOUND);
	assert_ok(remains_reconnect(&cx, db, &owner_calls, id, said("{}")));
	c = got(id);
	assert_non_null(strstr(c.config, "tea.csv"));
	assert_ok(secret_open(&cx, db, &c, &secret));
	assert_null(secret);
	assert_int_equal(raw_number("SELECT count(*) FROM sync WHERE state = 'queued'"), 1);
	assert_ok(conn_disconnect(&cx, db, &owner_calls, id, false));
	assert_ok(remains_delete(&cx, db, &owner_calls, id));
	assert_error(remains_reconnect(&cx, db, &owner_calls, id, said("{}")), E_STATE);
	id = made("Pots", TEA, "{}");
	assert_ok(conn_disconnect(&cx, db, &owner_calls, id, true));
	assert_error(conn_get(&cx, db, OWNER, id, &c), E_NOT_FOUND);
	assert_error(conn_disconnect(&cx, db, &owner_calls, id, true), E_NOT_FOUND);
}

/* --- finding --- */

static const char *
names(const struct conn_wish *wish)
{
	struct buf *b = buf_in(cx.a, 10000);
	struct conn_found f;

	assert_ok(conn_search(&cx, db, OWNER, wish, &f));
	for (size_t i = 0; i < f.n; i++)
		buf_printf(b, "%s%s", i ? " " : "", conn_found_nth(&f, i)->name);
	return buf_c(b);
}

static void
connections_are_found_by_words_and_in_any_order(void **state)
{
	const char *ids[4];
	struct conn_found f;
	struct conn_wish wish = { .sort = "name" };

	(void)state;
	ids[0] = made("beta", TEA, "{}");
	ids[1] = made("Alpha", TEA, "{\"schedule\":{\"enabled\":false}}");
	ids[2] = made("gamma ray", TEA, "{}");
	ids[3] = made("delta", "{\"url\":\"https://example.com/x\"}", "{\"start\":true}");
	raw(arena_printf(cx.a,
	    "UPDATE schedule SET health = 'attention' WHERE connection_id = '%s';"
	    "UPDATE schedule SET last_success_at = 50, next_poll_at = 7 WHERE connection_id = '%s'",
	    ids[2], ids[0]));
	assert_string_equal(names(&(struct conn_wish){ NULL }), "beta Alpha gamma ray delta");
	assert_string_equal(names(&wish), "Alpha beta delta gamma ray");
	wish.sort = "-name";
	assert_string_equal(names(&wish), "gamma ray delta beta Alpha");
	wish.sort = "-fresh";
	assert_memory_equal(names(&wish), "beta", 4);
	wish.sort = "next";
	assert_memory_equal(names(&wish), "beta", 4);
	wish.sort = "state";
	assert_string_equal(names(&wish), "gamma ray delta beta Alpha");
	wish = (struct conn_wish){ .words = "RAY gam" };
	assert_string_equal(names(&wish), "gamma ray");
	wish.words = "ray beta";
	assert_string_equal(names(&wish), "");
	wish = (struct conn_wish){ .status = "attention" };
	assert_string_equal(names(&wish), "gamma ray");
	wish.status = "manual";
	assert_string_equal(names(&wish), "Alpha");
	wish = (struct conn_wish){ .provider = "json" };
	assert_string_equal(names(&wish), "");
	wish.provider = "csv";
	wish.sort = "name";
	assert_ok(conn_search(&cx, db, OWNER, &wish, &f));
	assert_int_equal(f.chosen, 4);
	assert_int_equal(f.all, 4);
	assert_int_equal(f.count[STATE_ATTENTION], 1);
	assert_int_equal(f.count[STATE_SYNCING], 1);
	assert_int_equal(f.count[STATE_MANUAL], 1);
	assert_int_equal(f.count[STATE_ACTIVE], 1);
	/* A page goes on behind its last one, also when that has gone. */
	wish.after = conn_found_next(cx.a, &f, 1);
	assert_string_equal(names(&wish), "delta gamma ray");
	assert_ok(conn_disconnect(&cx, db, &owner_calls, ids[0], true));
	assert_string_equal(names(&wish), "delta gamma ray");
	assert_null(conn_found_next(cx.a, &f, 3));
	wish.after = "!";
	assert_error(conn_search(&cx, db, OWNER, &wish, &f), E_INPUT);
	assert_error(conn_search(&cx, db, OWNER, &(struct conn_wish){ .sort = "x" }, &f), E_INPUT);
	assert_error(
	    conn_search(&cx, db, OWNER, &(struct conn_wish){ .status = "x" }, &f), E_INPUT);
	assert_error(
	    conn_search(&cx, db, OWNER, &(struct conn_wish){ .provider = "x" }, &f), E_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		verb_test(a_source_gets_a_name_and_a_schedule_of_its_own),
		verb_test(what_is_wrong_with_a_source_is_said_and_it_is_not_made),
		verb_test(
		    an_address_that_may_not_be_reached_is_refused_when_it_is_given_and_not_later),
		verb_test(what_is_named_is_changed_and_the_rest_stays),
		verb_test(what_another_would_read_cannot_be_shown_beforehand),
		verb_test(a_stored_secret_stays_with_its_server),
		verb_test(an_edit_mends_what_had_stopped),
		verb_test(nobody_does_what_he_may_not_or_with_what_is_not_his),
		verb_test(a_sync_is_asked_for_once_stopped_and_told_of),
		verb_test(reading_again_keeps_the_data_or_drops_it_first),
		verb_test(what_is_disconnected_is_kept_or_goes_and_comes_back),
		verb_test(connections_are_found_by_words_and_in_any_order),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
