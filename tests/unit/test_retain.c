/* Housekeeping at its limits: what is older than it is kept goes, to the millisecond, what is
 * younger or still needed stays, and more than is deleted at once goes as well. */
#include "unit/db_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "access/quota.h"
#include "app/retain.h"
#include "base/clock.h"
#include "queue/queue.h"
#include "queue/workdir.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define NOW INT64_C(1795170600000)

static long long before; /* what is from before then goes */

static int
retain_open(void **state)
{
	if (db_setup(state))
		return -1;
	before = NOW - conf_int(CONF_KEEP_DAYS) * DAY_MS;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " VALUES ('c1', '" ANN "', 'csv', 'one', '{}', 1, 1),"
	    " ('c2', '" ANN "', 'csv', 'two', '{}', 1, 1)");
	return 0;
}

static void
housekeeping(void)
{
	assert_ok(retain_all(&cx, db, NOW));
}

/* trigger and review as SQL. */
static void
run_of(int no, const char *conn, const char *trigger, const char *review, const char *finished)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at,"
	    " updated_at, finished_at, review) VALUES (%d, 'r%d', '%s', '" ANN
	    "', '%s', 'complete', 'complete', 1, 1, %s, %s)",
	    no, no, conn, trigger, finished, review));
}

static void
runs_go_but_not_the_last_one_nor_one_that_waits_for_an_answer(void **state)
{
	const char *old = arena_printf(cx.a, "%lld", before - 1);
	const char *young = arena_printf(cx.a, "%lld", before);

	(void)state;
	run_of(1, "c1", "schedule", "NULL", old);
	run_of(2, "c1", "schedule", "'{}'", old);
	run_of(3, "c1", "guard", "'{}'", old);
	run_of(4, "c1", "guard", "NULL", old);
	run_of(5, "c1", "schedule", "NULL", young);
	run_of(6, "c1", "schedule", "NULL", "NULL");
	run_of(7, "c2", "schedule", "NULL", old);
	run_of(8, "c2", "schedule", "NULL", old);
	for (int i = 0; i < 2; i++) {
		housekeeping();
		assert_string_equal(
		    raw_lines("SELECT id FROM sync ORDER BY no", 0), "r3\nr5\nr6\nr8\n");
	}
}

static void
what_people_were_told_goes_with_its_age_however_much_it_is(void **state)
{
	(void)state;
	raw(arena_printf(cx.a,
	    "INSERT INTO notice (id, owner, kind, code, detail, created_at)"
	    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
	    " SELECT printf('a%%05d', i), '" ANN "', 'attention', 'x', 'y', %lld FROM n;"
	    "INSERT INTO notice (id, owner, kind, code, detail, created_at)"
	    " VALUES ('b', '" ANN "', 'attention', 'x', 'y', %lld)",
	    before - 1, before));
	for (int i = 0; i < 2; i++) {
		housekeeping();
		assert_string_equal(raw_lines("SELECT id FROM notice", 0), "b\n");
	}
}

static void
message_of(const char *id, int64_t at, const char *due)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO message VALUES ('%s', '" ANN "', 'mail', '{}', %lld);"
	    "INSERT INTO delivery (id, owner, message_id, lane_id, state, due_at, created_at)"
	    " VALUES ('d%s', '" ANN "', '%s', 'mail', '%s', %s, 1)",
	    id, (long long)at, id, id, strcmp(due, "NULL") ? "waiting" : "done", due));
}

static void
messages_go_and_what_still_waits_five_days_later(void **state)
{
	(void)state;
	message_of("a", before - 1, "NULL");
	message_of("b", before, "NULL");
	message_of("c", before - 1, "7");
	message_of("d", before - 5 * DAY_MS, "7");
	message_of("e", before - 5 * DAY_MS - 1, "7");
	for (int i = 0; i < 2; i++) {
		housekeeping();
		assert_string_equal(
		    raw_lines("SELECT id FROM message ORDER BY id", 0), "b\nc\nd\n");
		assert_string_equal(
		    raw_lines("SELECT id FROM delivery ORDER BY id", 0), "db\ndc\ndd\n");
	}
}

static void
event_of(const char *id, const char *deleted)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, updated_at,"
	    " deleted_at) VALUES ('%s', '" ANN "', '%s', '{}', 1, 1, 1, 1, %s)",
	    id, id, deleted));
}

static void
deleted_events_go_and_old_ones_that_are_there_stay(void **state)
{
	(void)state;
	event_of("a", arena_printf(cx.a, "%lld", before - 1));
	event_of("b", arena_printf(cx.a, "%lld", before));
	event_of("c", "NULL");
	raw(arena_printf(cx.a,
	    "INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side)"
	    " VALUES ('" ANN "', 'event', 0, 'a', %lld, 1, 'local'),"
	    " ('" ANN "', 'event', 0, 'c', %lld, 1, 'local')",
	    before - 1, before));
	housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM event ORDER BY id", 0), "b\nc\n");
	assert_string_equal(raw_lines("SELECT object_key FROM change", 0), "c\n");
}

static void
link_of(const char *id, const char *key, const char *state, const char *base)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO link (id, owner, connection_id, object_kind, object_key, state, base,"
	    " created_at, updated_at) VALUES ('%s', '" ANN
	    "', 'c1', 'event', '%s', '%s', %s, 1, 1)",
	    id, key, state, base));
}

static void
item_of(const char *id, const char *link, const char *finished)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO outbox (id, owner, link_id, connection_id, op, state, created_at,"
	    " updated_at, finished_at) VALUES ('%s', '" ANN "', '%s', 'c1', 'put', '%s', 1, 1, %s)",
	    id, link, strcmp(finished, "NULL") ? "done" : "failed", finished));
}

static void
what_was_sent_goes_with_its_age_and_what_waits_stays(void **state)
{
	(void)state;
	event_of("e", "NULL");
	link_of("l", "e", "synced", "'{}'");
	item_of("a", "l", arena_printf(cx.a, "%lld", before - 1));
	item_of("b", "l", arena_printf(cx.a, "%lld", before));
	item_of("c", "l", "NULL");
	housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM outbox ORDER BY id", 0), "b\nc\n");
	assert_string_equal(raw_lines("SELECT id FROM link", 0), "l\n");
}

static void
conflict_of(const char *id, const char *resolved)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO conflict (id, owner, link_id, connection_id, object_kind, object_key,"
	    " policy, state, fields, kept, detected_at, resolved_at) VALUES ('%s', '" ANN
	    "', 'l%s', 'c1', 'event', 'e', 'ask', '%s', '[]', '{}', 1, %s)",
	    id, id, strcmp(resolved, "NULL") ? "resolved" : "open", resolved));
}

static void
conflicts_go_when_they_have_been_settled_for_so_long(void **state)
{
	(void)state;
	conflict_of("a", arena_printf(cx.a, "%lld", before - 1));
	conflict_of("b", arena_printf(cx.a, "%lld", before));
	conflict_of("c", "NULL");
	housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM conflict ORDER BY id", 0), "b\nc\n");
}

/* What is still there without its event, or may be, is remembered: it would be taken for new. */
static void
the_links_of_an_event_go_with_it_where_nothing_is_left_there(void **state)
{
	const char *old = arena_printf(cx.a, "%lld", before - 1);

	(void)state;
	for (const char *key = "abcdef"; *key; key++)
		event_of(arena_printf(cx.a, "%c", *key), old);
	event_of("y", arena_printf(cx.a, "%lld", before));
	event_of("z", "NULL");
	link_of("gone", "a", "synced", "NULL");
	link_of("there", "b", "synced", "'{}'");
	link_of("kept there", "c", "skipped", "'{}'");
	link_of("left", "d", "skipped", "NULL");
	link_of("being sent", "e", "queued", "NULL");
	link_of("to be sent", "f", "synced", "NULL");
	item_of("o", "to be sent", "NULL");
	link_of("young", "y", "synced", "NULL");
	link_of("of one that is there", "z", "synced", "NULL");
	for (int i = 0; i < 2; i++)
		housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM event ORDER BY id", 0), "y\nz\n");
	assert_string_equal(raw_lines("SELECT id FROM link ORDER BY object_key", 0),
	    "there\nkept there\nleft\nbeing sent\nto be sent\nyoung\nof one that is there\n");
}

static void
token_of(const char *id, const char *expires, const char *revoked)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO api_token (id, owner, name, hash, scopes, created_at, expires_at,"
	    " revoked_at) VALUES ('%s', '" ANN "', 't', 'h%s', 'read', 1, %s, %s)",
	    id, id, expires, revoked));
}

static void
tokens_go_that_have_not_worked_for_so_long(void **state)
{
	const char *old = arena_printf(cx.a, "%lld", before - 1);
	const char *young = arena_printf(cx.a, "%lld", before);

	(void)state;
	token_of("a", old, "NULL");
	token_of("b", "NULL", old);
	token_of("c", arena_printf(cx.a, "%lld", (long long)NOW), old);
	token_of("d", young, "NULL");
	token_of("e", "NULL", young);
	token_of("f", "NULL", "NULL");
	housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM api_token ORDER BY id", 0), "d\ne\nf\n");
}

static void
a_quota_that_nobody_has_used_for_long_is_forgotten(void **state)
{
	const long long then = (long long)(NOW - QUOTA_DAYS * DAY_MS);

	(void)state;
	raw(arena_printf(cx.a,
	    "INSERT INTO rate_bucket (name, level, at, blocked_until) VALUES"
	    " ('a', 1, %lld, 0), ('b', 1, %lld, 0), ('c', 1, %lld, %lld)",
	    then - 1, then, then - 1, (long long)NOW));
	housekeeping();
	assert_string_equal(raw_lines("SELECT name FROM rate_bucket ORDER BY name", 0), "b\nc\n");
}

static void
more_than_is_deleted_at_once_goes_as_well(void **state)
{
	const char *numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
			      "WHERE i < 2300) ";

	(void)state;
	raw(arena_printf(cx.a,
	    "%sINSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at,"
	    " updated_at, finished_at) SELECT i, 'r' || i, 'c1', '" ANN
	    "', 'schedule', 'complete', 'complete', 1, 1, 1 FROM n;"
	    "%sINSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side)"
	    " SELECT '" ANN "', 'record', 1, 'k', 1, 1, 'local' FROM n;"
	    "%sINSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, updated_at,"
	    " deleted_at) SELECT 'e' || i, '" ANN "', i, '{}', 1, 1, 1, 1, 1 FROM n;"
	    "%sINSERT INTO message SELECT 'm' || i, '" ANN "', 'mail', '{}', 1 FROM n;"
	    "%sINSERT INTO link (id, owner, connection_id, object_kind, object_key, state,"
	    " created_at, updated_at) SELECT 'l' || i, '" ANN
	    "', 'c1', 'event', 'e' || i, 'synced', 1, 1 FROM n;"
	    "INSERT INTO outbox (id, owner, link_id, connection_id, op, state, created_at,"
	    " updated_at, finished_at)"
	    " SELECT id, owner, id, 'c1', 'put', 'done', 1, 1, 1 FROM link;"
	    "INSERT INTO conflict (id, owner, link_id, connection_id, object_kind, object_key,"
	    " policy, state, fields, kept, detected_at, resolved_at) SELECT id, owner, id, 'c1',"
	    " 'event', 'e', 'ask', 'resolved', '[]', '{}', 1, 1 FROM link;"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule,"
	    " rows, next_seq, created_at) VALUES (1, 'd1', 'c1', '" ANN
	    "', '', 'One', '[]', '{}', 0, 2301, 5), (7, 'd7', 'c2', '" ANN
	    "', '', 'Seven', '[]', '{}', 0, 2301, 5);"
	    "%sINSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted,"
	    " action, sync_no) SELECT (d.no << 40) + i, d.no, 'k' || i, '[]', 1, 1, 1, 2, 1"
	    " FROM dataset d, n",
	    numbers, numbers, numbers, numbers, numbers, numbers));
	housekeeping();
	assert_string_equal(raw_lines("SELECT id FROM sync", 0), "r2300\n");
	assert_int_equal(
	    raw_number("SELECT (SELECT count(*) FROM change) + (SELECT count(*) FROM event)"
		       " + (SELECT count(*) FROM message) + (SELECT count(*) FROM record)"
		       " + (SELECT count(*) FROM link) + (SELECT count(*) FROM outbox)"
		       " + (SELECT count(*) FROM conflict)"),
	    0);
	/* A cursor from before then is refused, of either dataset. */
	assert_int_equal(
	    raw_number("SELECT count(*) FROM dataset WHERE pruned = (no << 40) + 2300"), 2);
}

/* Of so many ms ago. */
static void
workdir_of(const char *name, int64_t age)
{
	const char *path = workdir_path(cx.a, name), *file = arena_printf(cx.a, "%s/page", path);
	const struct timespec then = { .tv_sec = (time_t)((NOW - age) / SECOND_MS) };
	int fd;

	assert_int_equal(mkdir(path, 0700), 0);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){ then, then }, 0), 0);
}

static bool
workdir_there(const char *name)
{
	return access(workdir_path(cx.a, name), F_OK) == 0;
}

static void
what_a_run_left_on_disk_goes_after_a_day(void **state)
{
	(void)state;
	/* There is nothing yet. */
	housekeeping();
	assert_int_equal(mkdir(workdir_top(cx.a), 0700), 0);
	workdir_of("old", DAY_MS + SECOND_MS);
	workdir_of("young", DAY_MS - SECOND_MS);
	housekeeping();
	assert_false(workdir_there("old"));
	assert_true(workdir_there("young"));
	workdir_discard(cx.a, "young");
	assert_false(workdir_there("young"));
	/* One that is not there is no trouble. */
	workdir_discard(cx.a, "young");
	assert_int_equal(rmdir(workdir_top(cx.a)), 0);
}

static void
what_a_run_left_that_was_over_when_its_process_was_killed_goes_at_once(void **state)
{
	(void)state;
	raw("INSERT INTO sync (id, connection_id, owner, trigger, state, phase, created_at, "
	    "updated_at, finished_at, resumed_from) VALUES "
	    "('over', 'c1', '" ANN "', 'manual', 'complete', 'complete', 1, 1, 1, NULL), "
	    "('cut', 'c2', '" ANN "', 'manual', 'error', 'error', 1, 1, 1, NULL), "
	    "('next', 'c2', '" ANN "', 'resume', 'queued', 'idle', 1, 1, NULL, 'cut')");
	assert_int_equal(mkdir(workdir_top(cx.a), 0700), 0);
	workdir_of("over", 0);
	workdir_of("cut", 0);
	workdir_of("next", 0);
	workdir_of("preview", 0);
	queue_clear_left(&cx, db);
	assert_false(workdir_there("over"));
	/* Another run goes on with it, it is at work, or nothing is known of it. */
	assert_true(workdir_there("cut"));
	assert_true(workdir_there("next"));
	assert_true(workdir_there("preview"));
	raw("UPDATE sync SET state = 'complete', finished_at = 1 WHERE id = 'next'");
	queue_clear_left(&cx, db);
	assert_false(workdir_there("cut") || workdir_there("next"));
	workdir_discard(cx.a, "preview");
	assert_int_equal(rmdir(workdir_top(cx.a)), 0);
}

/* How much there can be of each table. What grows by being used goes with its age; of the rest
 * there are as many as of what they belong to, of which each user has a limit. */
static const char *const by_age[] = { "audit", "change", "conflict", "delivery", "delivery_attempt",
	"event", "heard", "idempotency", "link", "message", "notice", "oauth_try", "outbox",
	"progress_token", "quota_use", "rate_bucket", "record", "sign_in_key", "sign_in_limit",
	"sync", "sync_log", "web_session", "api_token", "channel", "subscription" };
static const char *const by_count[] = { "account", "auto_sync", "connection", "credential",
	"dataset", "dataset_past", "labelled", "lane", "lane_turn", "mention", "meta", "person",
	"person_ident", "person_mapping", "person_place", "person_rule", "remote_account",
	"remote_clock", "ruling", "schedule", "schema_migration", "told", "webhook" };

enum { BY_AGE = sizeof by_age / sizeof *by_age, BY_COUNT = sizeof by_count / sizeof *by_count };

static bool
is_in(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

static void
of_every_table_it_is_known_what_keeps_it_from_growing(void **state)
{
	const char *names = raw_lines("SELECT name FROM sqlite_schema WHERE type = 'table'"
				      " AND name NOT LIKE 'sqlite%' ORDER BY name",
	    0);
	struct str rest = str_c(names);
	size_t known = 0;

	(void)state;
	while (rest.n) {
		const char *name = arena_dup_str(cx.a, str_cut(rest, '\n', &rest));

		if (is_in(name, by_age, BY_AGE) == is_in(name, by_count, BY_COUNT))
			flunk("%s: how much can there be of it?", name);
		known++;
	}
	assert_int_equal(known, BY_AGE + BY_COUNT);
}

#define retain_test(f) cmocka_unit_test_setup_teardown(f, retain_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		retain_test(runs_go_but_not_the_last_one_nor_one_that_waits_for_an_answer),
		retain_test(what_people_were_told_goes_with_its_age_however_much_it_is),
		retain_test(messages_go_and_what_still_waits_five_days_later),
		retain_test(deleted_events_go_and_old_ones_that_are_there_stay),
		retain_test(of_every_table_it_is_known_what_keeps_it_from_growing),
		retain_test(what_was_sent_goes_with_its_age_and_what_waits_stays),
		retain_test(conflicts_go_when_they_have_been_settled_for_so_long),
		retain_test(the_links_of_an_event_go_with_it_where_nothing_is_left_there),
		retain_test(tokens_go_that_have_not_worked_for_so_long),
		retain_test(a_quota_that_nobody_has_used_for_long_is_forgotten),
		retain_test(more_than_is_deleted_at_once_goes_as_well),
		retain_test(what_a_run_left_on_disk_goes_after_a_day),
		retain_test(what_a_run_left_that_was_over_when_its_process_was_killed_goes_at_once),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
