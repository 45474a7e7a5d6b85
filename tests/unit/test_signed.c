/* Messages that a service signs with a secret of its own: who introduces himself is an offer until
 * an operator says that it counts; what is signed with it reaches those it is about, once, and what
 * is not is refused. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/subscriptions.h"
#include "base/clock.h"
#include "base/hash.h"
#include "queue/signed.h"

#include "unit/fault_fixture.h"

#define BODY "{\"page\":1}"

static struct conn tasks, notes; /* the owner's and somebody else's */

static void
connection(const char *id, const char *owner, struct conn *out)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '%s', 'notion', '%s', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('%s', '%s', 1, 'ok', '15min', 15, 1)",
	    id, owner, id, id, owner));
	ok_once(conn_get(&cx, db, owner, id, out));
}

static int
signed_open_(void **state)
{
	if (verbs_open(state))
		return -1;
	connection("tasks", OWNER, &tasks);
	connection("notes", OTHER, &notes);
	return 0;
}

static bool woken;

static enum rc
comes(const struct kind_call *said)
{
	const struct signed_message m = { .receiver = "notion", .said = said, .body = STR(BODY) };

	return signed_receive(&cx, db, &m, &woken);
}

static enum rc
offers(const char *secret)
{
	return comes(&(struct kind_call){ .secret = secret });
}

static const char *
signature(const char *secret)
{
	unsigned char mac[SHA256_LEN];
	char hex[SHA256_HEX];

	hash_hmac(str_c(secret), STR(BODY), mac);
	hex_encode(mac, sizeof mac, hex);
	return arena_dup(cx.a, hex);
}

static enum rc
tells(const char *secret, const char *id, const char *about, const char *item)
{
	return comes(&(struct kind_call){
	    .signature = signature(secret),
	    .id = id,
	    .at = clock_ms(),
	    .about = { about },
	    .item = item,
	});
}

static const char *
offered(void)
{
	return arena_dup_str(
	    cx.a, str_trim(str_c(raw_lines("SELECT id FROM subscription ORDER BY rowid", 0))));
}

/* It counts, and both are told of what is theirs. */
static void
begins(void)
{
	ok_once(offers("whisper"));
	ok_once(subscriptions_confirm(&cx, db, &owner_calls, offered()));
	ok_once(db_begin(&cx, db));
	ok_once(signed_served(&cx, db, &tasks, "list-1"));
	ok_once(signed_served(&cx, db, &notes, "list-2"));
	ok_once(db_commit(&cx, db));
}

static const char *
asked(void)
{
	return raw_lines(
	    "SELECT connection_id || ' ' || (asked - served) FROM schedule ORDER BY 1", 0);
}

static const char *
told(const struct conn *c)
{
	json *o;

	raw(arena_printf(
	    cx.a, "UPDATE schedule SET served = asked WHERE connection_id = '%s'", c->id));
	assert_ok(signed_told(&cx, db, c, &o));
	return o ? json_text(cx.a, o) : "nothing";
}

static void
who_introduces_himself_waits_for_an_operator(void **state)
{
	json *list;

	(void)state;
	assert_ok(offers("whisper"));
	assert_ok(offers("whisper")); /* sent once more */
	assert_int_equal(raw_number("SELECT count(*) FROM subscription"), 1);
	assert_string_equal(
	    raw_lines("SELECT secret FROM subscription WHERE secret LIKE '%whisper%'", 0), "");
	assert_error(tells("whisper", "m1", "list-1", "p1"), E_UNAUTHORIZED);
	assert_ok(subscriptions_shown(&cx, db, &list));
	assert_string_equal(json_str(json_nth(list, 0), "token"), "whisper");
	assert_string_equal(json_str(json_nth(list, 0), "state"), "offered");
	assert_error(subscriptions_confirm(&cx, db, owner_may(SCOPE_READ | SCOPE_WRITE), offered()),
	    E_FORBIDDEN);
	assert_error(subscriptions_confirm(&cx, db, &owner_calls, "none"), E_NOT_FOUND);
	assert_ok(subscriptions_confirm(&cx, db, &owner_calls, offered()));
	assert_ok(tells("whisper", "m1", "list-1", "p1"));
	assert_ok(subscriptions_shown(&cx, db, &list));
	assert_null(json_str(json_nth(list, 0), "token"));
	assert_string_equal(json_str(json_nth(list, 0), "state"), "confirmed");
	assert_string_equal(audited(), "subscription confirmed\n");
	/* Who comes later takes nobody's place. */
	assert_ok(offers("other"));
	assert_error(tells("other", "m2", "list-1", "p1"), E_UNAUTHORIZED);
	assert_ok(tells("whisper", "m2", "list-1", "p1"));
}

static void
what_is_no_secret_or_one_too_many_is_refused(void **state)
{
	char longest[302];
	const struct kind_call wrong = { .secret = "a", .signature = signature("b") };

	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[301] = '\0';
	assert_error(offers(longest), E_NOT_FOUND);
	longest[300] = '\0';
	ok_once(offers(longest));
	assert_error(offers("two\nlines"), E_NOT_FOUND);
	assert_error(comes(&wrong), E_UNAUTHORIZED);
	for (int i = 1; i < SIGNED_OFFERS_MAX; i++)
		ok_once(offers(arena_printf(cx.a, "secret %d", i)));
	assert_error(offers("one more"), E_UNAVAILABLE);
	assert_int_equal(raw_number("SELECT count(*) FROM subscription"), SIGNED_OFFERS_MAX);
	/* One that counts is no offer any more. */
	raw("UPDATE subscription SET confirmed_at = 1 WHERE rowid = 1");
	ok_once(offers("one more"));
}

static void
a_message_reaches_those_it_is_about_and_once(void **state)
{
	(void)state;
	begins();
	assert_ok(tells("whisper", "m1", "list-1", "p1"));
	assert_true(woken);
	assert_string_equal(asked(), "notes 0\ntasks 1\n");
	/* The same one, however often; and what the run that is to come looks at anyway. */
	assert_ok(tells("whisper", "m1", "list-1", "p2"));
	ok_once(tells("whisper", "m2", "list-1", "p1"));
	assert_string_equal(asked(), "notes 0\ntasks 1\n");
	assert_ok(tells("whisper", "m3", "list-1", "p2"));
	assert_false(woken);
	assert_ok(tells("whisper", "m4", "list-3", "p9"));
	assert_string_equal(asked(), "notes 0\ntasks 2\n");
	assert_string_equal(told(&tasks), "{\"items\":{\"p1\":false,\"p2\":false},\"all\":false}");
	assert_string_equal(told(&notes), "nothing");
	assert_int_equal(raw_number("SELECT messages FROM subscription"), 2);
	ok_once(db_begin(&cx, db));
	ok_once(signed_served(&cx, db, &tasks, "list-1"));
	ok_once(db_commit(&cx, db));
	assert_string_equal(told(&tasks), "nothing");
	assert_ok(tells("whisper", "m5", "list-1", NULL));
	assert_string_equal(told(&tasks), "{\"items\":{},\"all\":true}");
}

static void
an_old_message_and_one_without_a_name_change_nothing(void **state)
{
	struct kind_call said = {
		.signature = signature("whisper"),
		.id = "m1",
		.about = { "list-1" },
		.item = "p1",
	};
	char longest[102];

	(void)state;
	begins();
	said.at = clock_ms() - 27 * HOUR_MS;
	assert_ok(comes(&said));
	said.at = clock_ms();
	said.id = NULL;
	assert_ok(comes(&said));
	memset(longest, 'x', sizeof longest);
	longest[101] = '\0';
	said.id = longest;
	assert_ok(comes(&said));
	assert_string_equal(asked(), "notes 0\ntasks 0\n");
	longest[100] = '\0';
	said.at = clock_ms() - 25 * HOUR_MS;
	assert_ok(comes(&said));
	assert_string_equal(asked(), "notes 0\ntasks 1\n");
}

static void
what_may_be_gone_stays_so_until_it_was_looked_at(void **state)
{
	struct kind_call said = {
		.signature = signature("whisper"),
		.id = "m1",
		.about = { "list-1" },
		.item = "p1",
		.gone = true,
	};

	(void)state;
	begins();
	said.at = clock_ms();
	assert_ok(comes(&said));
	ok_once(tells("whisper", "m2", "list-1", "p1"));
	assert_string_equal(told(&tasks), "{\"items\":{\"p1\":true},\"all\":false}");
}

/* An index that is read for all of them may lack it. */
static void
a_page_that_is_named_beside_all_is_told_too(void **state)
{
	(void)state;
	begins();
	ok_once(tells("whisper", "m1", "list-1", NULL));
	ok_once(tells("whisper", "m2", "list-1", "p1"));
	assert_string_equal(told(&tasks), "{\"items\":{\"p1\":false},\"all\":true}");
}

static void
too_much_to_tell_is_told_as_all(void **state)
{
	(void)state;
	begins();
	for (int i = 0; i <= SIGNED_TOLD_MAX; i++)
		ok_once(tells("whisper", arena_printf(cx.a, "m%d", i), "list-1",
		    arena_printf(cx.a, "p%d", i)));
	assert_int_equal(
	    raw_number("SELECT count(*) FROM mention WHERE item <> ''"), SIGNED_TOLD_MAX);
	assert_non_null(strstr(told(&tasks), "\"all\":true"));
}

static void
who_is_off_or_not_heard_of_for_long_is_not_told(void **state)
{
	(void)state;
	begins();
	raw("UPDATE schedule SET enabled = 0 WHERE connection_id = 'tasks'");
	ok_once(tells("whisper", "m1", "list-1", "p1"));
	raw("UPDATE schedule SET enabled = 1");
	raw("UPDATE channel SET expires_at = 1 WHERE connection_id = 'notes'");
	ok_once(tells("whisper", "m2", "list-2", "p1"));
	assert_string_equal(asked(), "notes 0\ntasks 0\n");
	/* A run that does not know what its source is called is told of nothing. */
	ok_once(db_begin(&cx, db));
	ok_once(signed_served(&cx, db, &tasks, NULL));
	ok_once(db_commit(&cx, db));
	assert_string_equal(raw_lines("SELECT connection_id FROM channel", 0), "notes\n");
}

static void
what_is_dropped_opens_nothing_any_more(void **state)
{
	(void)state;
	begins();
	assert_error(subscriptions_drop(&cx, db, owner_may(SCOPE_ALL & ~SCOPE_OPERATOR), offered()),
	    E_FORBIDDEN);
	assert_ok(subscriptions_drop(&cx, db, &owner_calls, offered()));
	assert_error(tells("whisper", "m1", "list-1", "p1"), E_UNAUTHORIZED);
	assert_int_equal(raw_number("SELECT count(*) FROM channel"), 0);
	assert_string_equal(audited(), "subscription confirmed\nsubscription removed\n");
	/* The last of two: until then both are told. */
	begins();
	ok_once(offers("second"));
	raw("UPDATE subscription SET confirmed_at = 1");
	raw("DELETE FROM audit");
	ok_once(subscriptions_drop(&cx, db, &owner_calls,
	    arena_dup_str(
		cx.a, str_trim(str_c(raw_lines("SELECT max(id) FROM subscription", 0))))));
	assert_int_equal(raw_number("SELECT count(*) FROM channel"), 2);
}

static void
a_key_that_is_lost_is_no_reason_to_forget_a_message(void **state)
{
	(void)state;
	begins();
	raw("UPDATE subscription SET secret = 'v1.0000.x'");
	assert_error(tells("whisper", "m1", "list-1", "p1"), E_UNAVAILABLE);
}

static void
what_nobody_confirms_and_what_is_over_goes(void **state)
{
	const int64_t now = clock_ms();

	(void)state;
	begins();
	ok_once(tells("whisper", "m1", "list-1", "p1"));
	ok_once(offers("young"));
	ok_once(offers("old"));
	raw(arena_printf(cx.a,
	    "UPDATE subscription SET offered_at = %lld WHERE rowid IN (1, 3);"
	    "UPDATE subscription SET offered_at = %lld WHERE rowid = 2;"
	    "INSERT INTO heard (receiver, id, until) VALUES ('notion', 'over', %lld)",
	    (long long)(now - 7 * DAY_MS - 1), (long long)(now - 7 * DAY_MS),
	    (long long)(now - 1)));
	ok_once(db_begin(&cx, db));
	ok_once(signed_sweep(&cx, db, now));
	ok_once(db_commit(&cx, db));
	assert_string_equal(raw_lines("SELECT rowid FROM subscription ORDER BY 1", 0), "1\n2\n");
	assert_string_equal(raw_lines("SELECT id FROM heard", 0), "m1\n");
}

#define signed_test(f) cmocka_unit_test_setup_teardown(f, signed_open_, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		signed_test(who_introduces_himself_waits_for_an_operator),
		signed_test(what_is_no_secret_or_one_too_many_is_refused),
		signed_test(a_message_reaches_those_it_is_about_and_once),
		signed_test(an_old_message_and_one_without_a_name_change_nothing),
		signed_test(what_may_be_gone_stays_so_until_it_was_looked_at),
		signed_test(a_page_that_is_named_beside_all_is_told_too),
		signed_test(too_much_to_tell_is_told_as_all),
		signed_test(who_is_off_or_not_heard_of_for_long_is_not_told),
		signed_test(what_is_dropped_opens_nothing_any_more),
		signed_test(a_key_that_is_lost_is_no_reason_to_forget_a_message),
		signed_test(what_nobody_confirms_and_what_is_over_goes),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("signed messages", tests, NULL, NULL);
}
