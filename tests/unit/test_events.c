/* Messages to webhooks are written with the end of the run that they tell about: once, for its
 * owner alone. */
#include "kill_fixture.h"

#include "app/hooks.h"
#include "unit/caller_fixture.h"

static const char *hook_id;

static void
add_hook(const char *events)
{
	struct hook_input in = { .url = "https://example.com/", .events = json_list(cx.a) };
	const char *secret;

	for (struct str rest = str_c(events); rest.p;)
		json_add(
		    (json *)(uintptr_t)in.events, json_string(cx.a, str_cut(rest, ',', &rest)));
	assert_ok(hooks_add(&cx, db, &owner_calls, &in, &hook_id, &secret));
}

static int64_t
messages(const char *type)
{
	return raw_number(
	    arena_printf(cx.a, "SELECT count(*) FROM message WHERE type = '%s'", type));
}

static void
a_sync_tells_its_owners_webhooks(void **state)
{
	(void)state;
	(void)sync_text("id,name\n1,a\n");
	assert_int_equal(
	    raw_number("SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM lane)"), 0);
	add_hook("sync.completed,records.changed");
	add_hook("sync.completed");
	raw("INSERT INTO account (id, name, role, created_at) "
	    "VALUES ('other', 'other', 'member', 1);"
	    "INSERT INTO webhook (id, owner, url, events, enabled, secret, created_at, updated_at) "
	    "VALUES ('h', 'other', 'http://x/', 'sync.completed', 1, 's', 1, 1)");
	(void)sync_text("id,name\n1,b\n2,c\n");
	assert_int_equal(messages("sync.completed"), 1);
	assert_int_equal(messages("records.changed"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery"), 3);
	assert_int_equal(raw_number("SELECT count(*) FROM delivery WHERE webhook_id = 'h'"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE type = 'records.changed' "
				    "AND body LIKE '%\"added\":1,\"updated\":1,\"deleted\":0%'"),
	    1);
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE body LIKE '%name%c%' "
				    "AND type = 'records.changed' AND body LIKE '%payload%'"),
	    0);
	(void)sync_text("id,name\n1,b\n2,c\n");
	assert_int_equal(messages("sync.completed"), 2);
	assert_int_equal(messages("records.changed"), 1);
}

static void
failures_and_recovery_are_told(void **state)
{
	(void)state;
	add_hook("sync.failed,sync.recovered,connection.needs_attention");
	script.text = "id,name\n1,a\n";
	script.fail_page = 1;
	script.fail_kind = E_SOURCE_DENIED;
	(void)sync_now();
	(void)sync_now();
	assert_int_equal(messages("sync.failed"), 2);
	assert_int_equal(messages("connection.needs_attention"), 1);
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM message WHERE body LIKE '%\"code\":\"source_forbidden\"%'"),
	    3);
	script.fail_page = 0;
	(void)sync_now();
	(void)sync_now();
	assert_int_equal(messages("sync.recovered"), 1);
	assert_int_equal(messages("sync.completed"), 0);
}

static void
no_message_for_a_webhook_that_is_off(void **state)
{
	const bool off = false;

	(void)state;
	add_hook("sync.completed");
	assert_ok(
	    hooks_change(&cx, db, &owner_calls, hook_id, &(struct hook_input){ .enabled = &off }));
	(void)sync_text("id,name\n1,a\n");
	assert_int_equal(raw_number("SELECT count(*) FROM message"), 0);
}

static void
a_sync_killed_anywhere_is_told_once(void **state)
{
	int kills = 0;

	(void)state;
	add_hook("sync.completed,records.changed,sync.failed");
	for (int kill_at = 1;; kill_at++) {
		bool killed;

		raw("DELETE FROM record; DELETE FROM change;"
		    "DELETE FROM link; DELETE FROM conflict; DELETE FROM dataset; DELETE "
		    "FROM sync; DELETE FROM message; UPDATE connection SET cursor = NULL");
		script.text = "id,name\n1,a\n2,b\n";
		enqueue();
		killed = work(kill_at);
		if (!killed)
			break;
		kills++;
		while (work(0))
			continue;
		if (messages("sync.completed") != 1 || messages("records.changed") != 1 ||
		    messages("sync.failed") != 0)
			flunk("step %d: %lld completed, %lld changed, %lld failed", kill_at,
			    (long long)messages("sync.completed"),
			    (long long)messages("records.changed"),
			    (long long)messages("sync.failed"));
	}
#ifdef TIDEMARK_STEPS
	assert_in_range(kills, 8, 1000);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(a_sync_tells_its_owners_webhooks),
		ENGINE_TEST(failures_and_recovery_are_told),
		ENGINE_TEST(no_message_for_a_webhook_that_is_off),
		ENGINE_TEST(a_sync_killed_anywhere_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
