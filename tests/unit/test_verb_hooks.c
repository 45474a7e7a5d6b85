/* What can be done with a webhook, as its owner does it: made, changed, switched off and on, given
 * another secret, tried, and removed. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/hooks.h"
#include "base/clock.h"
#include "send/hook.h"

#include "unit/fault_fixture.h"

#define SITE "https://hooks.example.com/in?token=0123456789abcdef0123456789abcdef"
#define BOTH "[\"records.changed\",\"sync.completed\"]"

static const char *id, *secret;

static enum rc
adds(const char *url, const char *description, const char *events)
{
	const struct hook_input in = {
		.url = url, .description = description, .events = events ? said(events) : NULL
	};

	return hooks_add(&cx, db, &owner_calls, &in, &id, &secret);
}

static enum rc
changes(const struct caller *by, const char *url, const char *description, const char *events)
{
	const struct hook_input in = {
		.url = url, .description = description, .events = events ? said(events) : NULL
	};

	caller_wrongs = (struct complaints){ NULL };
	return hooks_change(&cx, db, by, id, &in);
}

static enum rc
switches(bool on)
{
	return hooks_change(&cx, db, &owner_calls, id, &(struct hook_input){ .enabled = &on });
}

static struct hook
now(void)
{
	struct hook h;

	ok_once(hook_get(&cx, db, OWNER, id, &h));
	return h;
}

static const char *
whole(void)
{
	const struct hook h = now();
	const char *url;

	ok_once(hook_whole(&cx, &h, &url));
	return url;
}

static void
one_is_made_of_what_is_said_and_its_secrets_are_not_shown(void **state)
{
	(void)state;
	assert_ok(adds("  " SITE " ", " Till ", BOTH));
	assert_string_equal(now().description, "Till");
	assert_string_equal(now().events, "sync.completed,records.changed");
	assert_true(now().enabled);
	assert_null(strstr(now().url, "0123456789abcdef"));
	assert_string_equal(whole(), SITE);
	assert_memory_equal(secret, "whsec_", 6);
	assert_int_equal(raw_number("SELECT count(*) FROM webhook"), 1);
	assert_string_equal(audited(), "webhook made\n");
	assert_int_equal(raw_number("SELECT count(*) FROM audit WHERE detail LIKE '%0123456%'"), 0);
}

static void
what_is_wrong_is_said_of_every_field_and_nothing_is_made(void **state)
{
	static const struct {
		const char *url, *description, *events, *field;
		int n;
	} rows[] = {
		{ "", "", BOTH, "url", 1 },
		{ NULL, NULL, NULL, "url", 2 },
		{ "ftp://hooks.example.com/", "", BOTH, "url", 1 },
		{ "http://10.0.0.1/in", "", BOTH, "url", 1 },
		{ "https://hooks.example.com/in?token=(stored)", "", BOTH, "url", 1 },
		{ SITE, "two\nlines", BOTH, "description", 1 },
		{ SITE, "", "[]", "events", 1 },
		{ SITE, "", "\"sync.completed\"", "events", 1 },
		{ SITE, "", "[\"sync.completed\",\"sync.forgotten\"]", "events", 1 },
		{ SITE, "", "[7]", "events", 1 },
		{ "", "two\nlines", "[]", "url", 3 },
	};
	char *const text = arena_alloc(cx.a, HOOK_DESCRIPTION_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		(void)said("{}");
		assert_error(adds(rows[i].url, rows[i].description, rows[i].events), E_INPUT);
		if (strcmp(wrong_field(), rows[i].field) != 0 ||
		    (int)json_len(caller_wrongs.list) != rows[i].n)
			flunk("row %zu: %s", i, json_text(cx.a, caller_wrongs.list));
	}
	memset(text, 'x', HOOK_DESCRIPTION_MAX + 1);
	text[HOOK_DESCRIPTION_MAX + 1] = '\0';
	assert_error(adds(SITE, text, BOTH), E_INPUT);
	assert_string_equal(wrong_field(), "description");
	assert_int_equal(raw_number("SELECT count(*) FROM webhook"), 0);
	text[HOOK_DESCRIPTION_MAX] = '\0';
	assert_ok(adds(SITE, text, BOTH));
}

static void
what_is_not_said_of_a_change_stays(void **state)
{
	(void)state;
	assert_ok(adds(SITE, "Till", BOTH));
	assert_ok(changes(&owner_calls, NULL, NULL, NULL));
	assert_string_equal(whole(), SITE);
	assert_ok(changes(&owner_calls, NULL, "Shop", NULL));
	assert_string_equal(now().events, "sync.completed,records.changed");
	assert_ok(changes(&owner_calls, NULL, NULL, "[\"sync.completed\"]"));
	assert_string_equal(now().description, "Shop");
	assert_string_equal(now().events, "sync.completed");
	assert_error(changes(&owner_calls, NULL, "two\nlines", "[]"), E_INPUT);
	assert_string_equal(now().description, "Shop");
}

static void
the_shown_address_stands_for_the_stored_one_and_for_no_other(void **state)
{
	const char *shown, *other;

	(void)state;
	assert_ok(adds(SITE, "", BOTH));
	shown = now().url;
	assert_ok(changes(&owner_calls, shown, NULL, NULL));
	assert_string_equal(whole(), SITE);
	other = arena_printf(cx.a, "https://evil.example.com%s", strstr(shown, "/in"));
	assert_error(changes(&owner_calls, other, NULL, NULL), E_INPUT);
	assert_string_equal(wrong_field(), "url");
	assert_string_equal(whole(), SITE);
	assert_ok(changes(&owner_calls, "https://other.example.com/", NULL, NULL));
	assert_string_equal(whole(), "https://other.example.com/");
}

static void
one_that_is_off_is_neither_tried_nor_sent_to_and_starts_afresh(void **state)
{
	const char *delivery;

	(void)state;
	assert_ok(adds(SITE, "", BOTH));
	assert_ok(hooks_test(&cx, db, &owner_calls, id, &delivery));
	raw("UPDATE webhook SET failing_since = 1, disabled_code = 'webhook_gone', "
	    "disabled_detail = 'Gone.'");
	assert_ok(switches(false));
	assert_non_null(now().disabled_code);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 0);
	assert_error(hooks_test(&cx, db, &owner_calls, id, &delivery), E_STATE);
	assert_error(hooks_again(&cx, db, &owner_calls, id, delivery), E_STATE);
	assert_ok(switches(true));
	assert_null(now().disabled_code);
	assert_int_equal(now().failing_since, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 1);
	assert_ok(switches(true));
	assert_ok(hooks_again(&cx, db, &owner_calls, id, delivery));
	assert_string_equal(audited(),
	    "webhook made\nwebhook tested\nwebhook off\nwebhook on\nwebhook changed\n"
	    "webhook message sent again\n");
}

static void
another_secret_signs_beside_the_one_before_for_a_day(void **state)
{
	struct str keys[HOOK_KEYS];
	const char *first;
	struct hook h;
	size_t n;

	(void)state;
	assert_ok(adds(SITE, "", BOTH));
	first = secret;
	assert_ok(hooks_rotate(&cx, db, &owner_calls, id, &secret));
	assert_string_not_equal(secret, first);
	assert_string_equal(whole(), SITE);
	h = now();
	ok_once(hook_keys(&cx, &h, h.updated_at, keys, &n));
	assert_int_equal(n, 2);
	ok_once(hook_keys(&cx, &h, h.updated_at + SECRET_OVERLAP_HOURS * HOUR_MS, keys, &n));
	assert_int_equal(n, 1);
}

static void
a_user_has_so_many_and_no_more(void **state)
{
	const char *kept;

	(void)state;
	for (int i = 0; i < HOOKS_MAX; i++)
		ok_once(adds(SITE, "", BOTH));
	kept = id;
	assert_error(adds(SITE, "", BOTH), E_STATE);
	ok_once(hooks_remove(&cx, db, &owner_calls, kept));
	ok_once(adds(SITE, "", BOTH));
}

static void
nobody_does_what_he_may_not_or_with_what_is_not_his(void **state)
{
	const struct caller *reader, *bob;
	const struct hook_input in = { .url = SITE };
	const char *delivery, *mine, *rows;

	(void)state;
	ok_once(adds(SITE, "", BOTH));
	ok_once(hooks_test(&cx, db, &owner_calls, id, &delivery));
	mine = id;
	rows = raw_lines("SELECT id, url, secret, enabled FROM webhook", 0);
	reader = owner_may(SCOPE_READ | SCOPE_SYNC | SCOPE_OPERATOR);
	assert_error(hooks_add(&cx, db, reader, &in, &id, &secret), E_FORBIDDEN);
	id = mine;
	assert_error(hooks_change(&cx, db, reader, id, &in), E_FORBIDDEN);
	assert_error(hooks_remove(&cx, db, reader, id), E_FORBIDDEN);
	assert_error(hooks_rotate(&cx, db, reader, id, &secret), E_FORBIDDEN);
	assert_error(hooks_test(&cx, db, reader, id, &delivery), E_FORBIDDEN);
	assert_error(hooks_again(&cx, db, reader, id, delivery), E_FORBIDDEN);
	bob = other_calls();
	assert_error(hooks_change(&cx, db, bob, id, &in), E_NOT_FOUND);
	assert_error(hooks_remove(&cx, db, bob, id), E_NOT_FOUND);
	assert_error(hooks_rotate(&cx, db, bob, id, &secret), E_NOT_FOUND);
	assert_error(hooks_test(&cx, db, bob, id, &delivery), E_NOT_FOUND);
	assert_error(hooks_again(&cx, db, bob, id, delivery), E_NOT_FOUND);
	assert_error(hooks_again(&cx, db, &owner_calls, id, "nothing"), E_NOT_FOUND);
	assert_string_equal(raw_lines("SELECT id, url, secret, enabled FROM webhook", 0), rows);
	assert_string_equal(audited(), "webhook made\nwebhook tested\n");
}

static void
one_that_is_removed_leaves_nothing_to_be_sent(void **state)
{
	const char *delivery;

	(void)state;
	assert_ok(adds(SITE, "", BOTH));
	assert_ok(hooks_test(&cx, db, &owner_calls, id, &delivery));
	assert_ok(hooks_remove(&cx, db, &owner_calls, id));
	assert_int_equal(raw_number("SELECT count(*) FROM webhook WHERE doomed_at IS NULL"), 0);
	assert_string_equal(raw_lines("SELECT kind FROM lane", 0), "removal\n");
	assert_error(hooks_remove(&cx, db, &owner_calls, id), E_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		verb_test(one_is_made_of_what_is_said_and_its_secrets_are_not_shown),
		verb_test(what_is_wrong_is_said_of_every_field_and_nothing_is_made),
		verb_test(what_is_not_said_of_a_change_stays),
		verb_test(the_shown_address_stands_for_the_stored_one_and_for_no_other),
		verb_test(one_that_is_off_is_neither_tried_nor_sent_to_and_starts_afresh),
		verb_test(another_secret_signs_beside_the_one_before_for_a_day),
		verb_test(a_user_has_so_many_and_no_more),
		verb_test(nobody_does_what_he_may_not_or_with_what_is_not_his),
		verb_test(one_that_is_removed_leaves_nothing_to_be_sent),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
