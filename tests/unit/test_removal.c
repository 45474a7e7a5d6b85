/*
 * What is removed is gone for everybody at once, and whatever ends who removes it, nothing is left
 * in the end. Built with TIDEMARK_STEPS (build/steps).
 */
#include "kill_fixture.h"

#include "queue/doomed.h"
#include "queue/orphan.h"
#include "queue/workdir.h"
#include "send/remover.h"
#include "send/sender.h"
#include "store/data.h"
#include "store/feed.h"
#include "store/hook.h"
#include "store/removal.h"
#include "store/user.h"

#include <sys/stat.h>

static const char *
source(int rows)
{
	struct buf *b = buf_in(cx.a, 4 << 20);

	buf_str(b, "id,name\n");
	for (int i = 1; i <= rows; i++)
		buf_printf(b, "%d,row %d\n", i, i);
	return buf_c(b);
}

/* What a connection has that is written to as well: of each so many. */
static void
two_ways(int n)
{
	raw(arena_printf(cx.a,
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    " INSERT INTO link (id, owner, connection_id, object_kind, object_key, state,"
	    " created_at, updated_at) SELECT 'l' || i, '" OWNER "', '" CONN
	    "', 'event', 'e' || i, 'conflict', 1, 1 FROM n;"
	    "INSERT INTO outbox (id, owner, link_id, connection_id, op, state, created_at,"
	    " updated_at) SELECT id, owner, id, connection_id, 'put', 'failed', 1, 1 FROM link;"
	    "INSERT INTO labelled (connection_id, key, owner, label, name, wanted, made, stands,"
	    " held) SELECT connection_id, id, owner, 'x', 'x', 'x', 1, 1, 0 FROM link;"
	    "INSERT INTO lane (id, kind, owner) VALUES"
	    " ('outbox|" OWNER "|" CONN "', 'outbox', '" OWNER "'),"
	    " ('watch|" OWNER "|" CONN "', 'channel', '" OWNER "'),"
	    " ('outbox|" OWNER "|other', 'outbox', '" OWNER "')",
	    n));
}

static void
start_over(void)
{
	raw("DELETE FROM record; DELETE FROM change; DELETE FROM dataset; DELETE FROM dataset_past;"
	    "DELETE FROM sync; DELETE FROM lane;"
	    "UPDATE connection SET cursor = NULL, clearing = 0, removed_at = NULL,"
	    " doomed_at = NULL");
	two_ways(1200);
	script.text = source(3500);
	(void)sync_now();
	script.text = source(3400);
	(void)sync_now();
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 3500);
}

static enum rc
doom_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	TRY(conn_remove(c, d, OWNER, CONN, clock_ms()));
	TRY(removal_doom(c, d, OWNER, CONN, clock_ms()));
	return doomed_ask(c, d, OWNER, clock_ms());
}

static enum rc
work_lanes(struct ctx *c, struct db *own)
{
	static volatile sig_atomic_t stop;

	return sender_all(c, own, &stop);
}

static int64_t
left(void)
{
	return raw_number("SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM change) +"
			  " (SELECT count(*) FROM dataset) + (SELECT count(*) FROM dataset_past) +"
			  " (SELECT count(*) FROM sync) + (SELECT count(*) FROM sync_log) +"
			  " (SELECT count(*) FROM link) + (SELECT count(*) FROM outbox) +"
			  " (SELECT count(*) FROM labelled) +"
			  " (SELECT count(*) FROM lane WHERE id LIKE '%|" CONN "') +"
			  " (SELECT count(*) FROM sqlite_schema WHERE type = 'view')");
}

static void
killed_anywhere_nothing_is_left(void **state)
{
	int kills = 0, half = 0;
	pid_t pid;

	(void)state;
	raw("CREATE TABLE spare AS SELECT * FROM connection");
	for (int at = 1;; at++) {
		struct dataset_list list;
		bool killed;

		start_over();
		assert_ok(db_write(&cx, db, doom_write, NULL));
		/* From here on nobody reads it. */
		assert_ok(dataset_list(&cx, db, OWNER, CONN, &list));
		assert_int_equal(list.n, 0);
		killed = in_a_process(at, work_lanes, &pid);
		if (killed) {
			kills++;
			half += raw_number("SELECT count(*) FROM record") > 0;
			assert_ok(orphan_lanes(&cx, db, pid, clock_ms()));
			assert_false(in_a_process(0, work_lanes, &pid));
		}
		if (left() || raw_number("SELECT count(*) FROM connection"))
			flunk("step %d: something is left", at);
		assert_int_equal(
		    raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 0);
		raw("INSERT INTO connection SELECT * FROM spare");
		raw("INSERT INTO schedule (connection_id, owner, enabled, health, frequency,"
		    " interval_minutes, set_at) SELECT id, owner, 1, 'ok', 'hourly', 60, 1"
		    " FROM connection");
		if (!killed)
			break;
	}
	assert_in_range(kills, 4, 1000);
	assert_in_range(half, 1, 1000);
}

/* --- users --- */

static enum rc
user_write(struct ctx *c, struct db *d, void *arg)
{
	struct user u;

	(void)arg;
	TRY(user_get(c, d, OWNER, &u));
	u.disabled_at = clock_ms();
	TRY(user_doom(c, d, &u, clock_ms()));
	return doomed_ask(c, d, OWNER, clock_ms());
}

#define PEER "00000000-0000-7000-8000-000000000002"

static const char *const owned[] = { "connection", "dataset", "dataset_past", "sync", "schedule",
	"webhook", "message", "delivery", "lane", "audit", "change", "notice", "remote_account",
	"conflict", "link", "outbox", "credential", "api_token", "web_session", "sign_in_key",
	"idempotency", "auto_sync", "told", "event" };

/* Rows of any table that name the user. */
static int64_t
named(const char *id)
{
	int64_t n = 0;

	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		n += raw_number(arena_printf(
		    cx.a, "SELECT count(*) FROM \"%s\" WHERE owner = '%s'", owned[i], id));
	return n;
}

/* The user with two connections, one of them disconnected with its data kept, and something in
 * every other table; and somebody else, who has a little. */
static void
a_user_with_all(void)
{
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		raw(arena_printf(cx.a, "DELETE FROM \"%s\"", owned[i]));
	raw("DELETE FROM account; DELETE FROM record;"
	    "INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER "', 'a', 'member',"
	    " 1), ('" PEER "', 'b', 'operator', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " VALUES ('" CONN "', '" OWNER "', 'script', 'Test', '{}', 1, 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at,"
	    " removed_at) VALUES ('kept', '" OWNER "', 'script', 'Kept', '{}', 1, 1, 2);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency,"
	    " interval_minutes, set_at) VALUES ('" CONN "', '" OWNER "', 1, 'ok', 'hourly', 60, 1);"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule,"
	    " created_at) VALUES (900, 'd', 'kept', '" OWNER "', '', 'x', '[]', '{}', 1);"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, action,"
	    " sync_no) VALUES ((900 << 40) + 1, 900, 'k', '[]', 1, 1, 0, 1);"
	    "INSERT INTO webhook (id, owner, url, events, enabled, secret, created_at, updated_at)"
	    " VALUES ('w', '" OWNER "', 'x', 'x', 1, 'x', 1, 1);"
	    "INSERT INTO lane (id, kind, owner) VALUES ('w', 'webhook', '" OWNER "');"
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes,"
	    " sealed, granted_at, created_at) VALUES ('r', '" OWNER "', 'none', 'oauth', 's', 'a',"
	    " '', '', 1, 1);"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
	    " INSERT INTO message (id, owner, type, body, created_at)"
	    " SELECT 'm' || i, CASE WHEN i = 1 THEN '" PEER "' ELSE '" OWNER "' END, 'x', '{}', 1"
	    " FROM n;"
	    "INSERT INTO delivery (id, owner, message_id, webhook_id, lane_id, state, created_at)"
	    " SELECT id, owner, id, 'w', 'w', 'waiting', 1 FROM message WHERE id <> 'm1';"
	    "INSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, updated_at)"
	    " VALUES ('e', '" OWNER "', 'e', '{}', 1, 2, 1, 1), ('f', '" PEER
	    "', 'f', '{}', 1, 2, 1, 1);"
	    "INSERT INTO change (owner, object_kind, object_key, at, action, side)"
	    " SELECT owner, 'event', id, 1, 0, 'local' FROM event;"
	    "INSERT INTO conflict (id, owner, link_id, connection_id, object_kind, object_key,"
	    " policy, state, fields, kept, detected_at, resolved_at)"
	    " SELECT id, owner, id, 'gone', 'event', id, 'ask', 'resolved', '[]', '{}', 1, 1"
	    " FROM event;"
	    "INSERT INTO audit (id, owner, at, actor, action, object) VALUES"
	    " ('1', '" OWNER "', 1, 'x', 'x', 'x'), ('2', '" PEER "', 1, 'x', 'x', 'x');");
	script.text = source(1200);
	(void)sync_now();
}

static void
a_user_goes_with_all_wherever_it_is_killed(void **state)
{
	int kills = 0;
	pid_t pid;

	(void)state;
	for (int at = 1;; at++) {
		bool killed;
		int64_t peer;

		a_user_with_all();
		peer = named(PEER);
		assert_ok(db_write(&cx, db, user_write, NULL));
		assert_error(db_write(&cx, db, user_write, NULL), E_STATE);
		killed = in_a_process(at, work_lanes, &pid);
		if (killed) {
			kills++;
			assert_ok(orphan_lanes(&cx, db, pid, clock_ms()));
			assert_false(in_a_process(0, work_lanes, &pid));
		}
		if (named(OWNER) || raw_number("SELECT count(*) FROM account") != 1 ||
		    raw_number("SELECT count(*) FROM record"))
			flunk("step %d: something is left", at);
		assert_int_equal(named(PEER), peer);
		if (!killed)
			break;
	}
	assert_in_range(kills, 5, 1000);
}

/* --- webhooks --- */

static enum rc
hook_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	TRY(hook_doom(c, d, OWNER, "w", clock_ms()));
	return doomed_ask(c, d, OWNER, clock_ms());
}

/* Two, of which one goes, each with so many messages. */
static void
two_hooks(int n)
{
	raw(arena_printf(cx.a,
	    "DELETE FROM webhook; DELETE FROM message; DELETE FROM delivery;"
	    "DELETE FROM delivery_attempt; DELETE FROM lane;"
	    "INSERT INTO webhook (id, owner, url, events, enabled, secret, created_at, updated_at)"
	    " VALUES ('w', '" OWNER "', 'x', 'x', 1, 'x', 1, 1),"
	    " ('v', '" OWNER "', 'x', 'x', 1, 'x', 1, 1);"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    " INSERT INTO message (id, owner, type, body, created_at)"
	    " SELECT 'm' || i, '" OWNER "', 'x', '{}', 1 FROM n;"
	    "INSERT INTO delivery (id, owner, message_id, webhook_id, lane_id, state, created_at)"
	    " SELECT w.id || m.id, m.owner, m.id, w.id, w.id, 'done', 1 FROM message m, webhook w;"
	    "INSERT INTO delivery_attempt (delivery_id, n, at) SELECT id, 1, 1 FROM delivery",
	    n));
}

static void
a_webhook_goes_with_what_was_sent_to_it_wherever_it_is_killed(void **state)
{
	int kills = 0;
	pid_t pid;

	(void)state;
	for (int at = 1;; at++) {
		struct hook_list list;
		struct hook hook;
		bool killed;

		two_hooks(1700);
		assert_ok(db_write(&cx, db, hook_write, NULL));
		assert_error(db_write(&cx, db, hook_write, NULL), E_NOT_FOUND);
		assert_error(hook_get(&cx, db, OWNER, "w", &hook), E_NOT_FOUND);
		assert_ok(hook_list(&cx, db, OWNER, &list));
		assert_int_equal(list.n, 1);
		killed = in_a_process(at, work_lanes, &pid);
		if (killed) {
			kills++;
			assert_ok(orphan_lanes(&cx, db, pid, clock_ms()));
			assert_false(in_a_process(0, work_lanes, &pid));
		}
		assert_string_equal(raw_lines("SELECT id FROM webhook", 0), "v\n");
		assert_string_equal(
		    raw_lines("SELECT webhook_id || count(*) FROM delivery GROUP BY webhook_id", 0),
		    "v1700\n");
		assert_int_equal(raw_number("SELECT count(*) FROM delivery_attempt"), 1700);
		if (!killed)
			break;
	}
	assert_in_range(kills, 2, 1000);
}

static enum rc
hook_page_write(struct ctx *c, struct db *d, void *arg)
{
	(void)arg;
	return removal_hook(c, d, OWNER, "w", 1000);
}

static void
what_was_sent_to_a_webhook_goes_in_pages(void **state)
{
	(void)state;
	two_hooks(2000);
	assert_ok(db_write(&cx, db, hook_write, NULL));
	for (int left = 2000; left >= 0; left -= 1000) {
		assert_int_equal(
		    raw_number("SELECT count(*) FROM delivery WHERE webhook_id = 'w'"), left);
		assert_int_equal(raw_number("SELECT count(*) FROM webhook WHERE id = 'w'"), 1);
		assert_ok(db_write(&cx, db, hook_page_write, NULL));
	}
	assert_int_equal(raw_number("SELECT count(*) FROM webhook WHERE id = 'w'"), 0);
	raw("DELETE FROM webhook; DELETE FROM message; DELETE FROM delivery;"
	    "DELETE FROM delivery_attempt; DELETE FROM lane");
}

static void
the_files_of_its_runs_go_too(void **state)
{
	const char *id, *dir;
	struct stat st;
	struct run r;
	pid_t pid;

	(void)state;
	script.text = source(3);
	(void)sync_now();
	raw("UPDATE sync SET state = 'error'");
	assert_ok(run_latest(&cx, db, OWNER, CONN, &r));
	id = r.id;
	dir = workdir_path(cx.a, id);
	(void)mkdir(workdir_top(cx.a), 0700);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_ok(db_write(&cx, db, doom_write, NULL));
	assert_false(in_a_process(0, work_lanes, &pid));
	assert_int_equal(stat(dir, &st), -1);
}

static void
what_is_asked_while_the_lane_is_worked_on_is_not_lost(void **state)
{
	struct parcel p;
	bool found, again;
	pid_t pid;

	(void)state;
	script.text = source(3);
	(void)sync_now();
	assert_ok(db_write(&cx, db, doom_write, NULL));
	raw("UPDATE connection SET doomed_at = NULL");
	assert_ok(sender_claim(&cx, db, &found, &again, &p));
	assert_true(found);
	assert_int_equal(p.lane.kind, LANE_REMOVAL);
	raw("UPDATE connection SET doomed_at = 1");
	assert_ok(remover_work(&cx, db, &p.lane));
	assert_false(in_a_process(0, work_lanes, &pid));
	assert_int_equal(left(), 0);
}

static void
a_page_of_large_records_is_small(void **state)
{
	int64_t limit = REMOVAL_PAGE;

	(void)state;
	for (int i = 0; i < 20; i++)
		limit = removal_pace(limit, 500);
	assert_int_equal(limit, 10);
	for (int i = 0; i < 20; i++)
		limit = removal_pace(limit, 1);
	assert_int_equal(limit, REMOVAL_PAGE);
	assert_int_equal(removal_pace(REMOVAL_PAGE, 21), REMOVAL_PAGE / 2);
}

static enum rc
rows_write(struct ctx *c, struct db *d, void *arg)
{
	return removal_rows(c, d, OWNER, CONN, 1000, arg);
}

/* Nobody else waits long, however many they are. */
static void
links_and_what_hangs_on_them_go_in_pages(void **state)
{
	int64_t all = 3 * 1500, pages = 0, n;
	bool more = true;

	(void)state;
	two_ways(1500);
	while (more) {
		assert_ok(db_write(&cx, db, rows_write, &more));
		n = raw_number("SELECT (SELECT count(*) FROM link) + (SELECT count(*) FROM outbox)"
			       " + (SELECT count(*) FROM labelled)");
		assert_in_range(all - n, 0, 1000);
		all = n;
		pages++;
	}
	assert_int_equal(pages, 5);
	assert_int_equal(all, 0);
}

/* Cleared, it is the same dataset, empty; who follows its feed starts again. */
static void
a_cleared_dataset_keeps_its_id_and_loses_its_feed(void **state)
{
	struct dataset_list list;
	struct record_list records;
	struct dataset d, now;
	struct feed_place at;
	const char *cursor, *id;
	struct conn c;

	(void)state;
	script.text = source(30);
	(void)sync_now();
	assert_ok(dataset_list(&cx, db, OWNER, CONN, &list));
	d = list.v[0];
	assert_ok(feed_open(&cx, db));
	assert_ok(feed_seek(&cx, db, &d, NULL, 0, &at));
	at.after = feed_end(&d);
	assert_ok(feed_cursor(&cx, db, &at, &cursor));
	db_read_end(db);
	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(db_begin(&cx, db));
	assert_ok(sync_reset(&cx, db, &c, RESET_CLEAR, &id));
	assert_ok(db_commit(&cx, db));
	for (int done = 0; done < 2; done++) {
		assert_ok(dataset_get(&cx, db, OWNER, d.id, &now));
		assert_error(feed_seek(&cx, db, &now, cursor, 0, &at), E_FEED_OVER);
		assert_ok(feed_seek(&cx, db, &now, NULL, 0, &at));
		assert_ok(record_page(&cx, db, OWNER, &now,
		    &(struct record_page){ .after = at.after, .limit = 100 }, &records));
		assert_int_equal(records.n, done ? 30 : 0);
		assert_int_equal(now.rows, done ? 30 : 0);
		/* What was given in between is refused like the rest. */
		assert_ok(feed_cursor(&cx, db, &at, &cursor));
		while (work(0))
			continue;
	}
	assert_error(dataset_get(&cx, db, CONN, d.id, &now), E_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(killed_anywhere_nothing_is_left),
		ENGINE_TEST(a_user_goes_with_all_wherever_it_is_killed),
		ENGINE_TEST(a_webhook_goes_with_what_was_sent_to_it_wherever_it_is_killed),
		ENGINE_TEST(what_was_sent_to_a_webhook_goes_in_pages),
		ENGINE_TEST(the_files_of_its_runs_go_too),
		ENGINE_TEST(what_is_asked_while_the_lane_is_worked_on_is_not_lost),
		ENGINE_TEST(a_page_of_large_records_is_small),
		ENGINE_TEST(links_and_what_hangs_on_them_go_in_pages),
		ENGINE_TEST(a_cleared_dataset_keeps_its_id_and_loses_its_feed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
