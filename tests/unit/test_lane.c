/* Kinds of lanes have places of their own, and owners take turns in them. */
#include "unit/db_fixture.h"

#include "base/proc.h"
#include "queue/lane.h"
#include "queue/orphan.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BEN "00000000-0000-7000-8000-00000000000b"
#define CAT "00000000-0000-7000-8000-00000000000c"

enum { NOW = 1000000000 };

static void
put(enum lane_kind kind, const char *owner, const char *id, int64_t due_at)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(lane_put(&cx, db, kind, owner, id, due_at));
	assert_ok(db_commit(&cx, db));
}

/* n webhooks of an owner that are due, "<name>0" and so on. */
static void
put_webhooks(const char *owner, const char *name, int n)
{
	for (int i = 0; i < n; i++)
		put(LANE_WEBHOOK, owner, arena_printf(cx.a, "%s%d", name, i), NOW - 1000 + i);
}

static bool
claim(int64_t now, struct lane *out)
{
	bool found;

	assert_ok(db_begin(&cx, db));
	assert_ok(lane_claim(&cx, db, now, &found, out));
	assert_ok(db_commit(&cx, db));
	return found;
}

static void
release(const struct lane *l, int64_t due_at, int64_t failures)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(lane_release(&cx, db, l, due_at, 0, failures));
	assert_ok(db_commit(&cx, db));
}

static int64_t
next(int64_t now)
{
	int64_t at;

	assert_ok(lane_next(&cx, db, now, &at));
	return at;
}

static bool
is_due(int64_t now)
{
	const int64_t at = next(now);

	return at != 0 && at <= now;
}

/* Takes all that has a place; the owners' letters in the order of turns. */
static const char *
claim_all(int64_t now)
{
	char order[64] = "";
	struct lane l;
	size_t n = 0;

	while (claim(now, &l) && n + 1 < sizeof order)
		order[n++] = l.owner[strlen(l.owner) - 1];
	return arena_dup(cx.a, order);
}

static void
dead_webhooks_do_not_delay_mail_a_digest_or_a_channel(void **state)
{
	bool seen[LANE__MAX] = { false };
	struct lane l;

	(void)state;
	/* Every place for webhooks is taken by one that does not answer, and more wait. */
	put_webhooks(ANN, "a", 4);
	put_webhooks(BEN, "b", 4);
	put_webhooks(CAT, "c", 4);
	assert_int_equal(strlen(claim_all(NOW)), lane_rows[LANE_WEBHOOK].slots);
	assert_false(is_due(NOW));
	put(LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, NOW);
	put(LANE_DIGEST, ANN, LANE_ID_DIGEST ANN, NOW);
	put(LANE_CHANNEL, ANN, LANE_ID_CHANNEL ANN "|1", NOW);
	for (int i = 0; i < 3; i++) {
		assert_true(is_due(NOW));
		assert_true(claim(NOW, &l));
		seen[l.kind] = true;
	}
	assert_true(seen[LANE_MAIL] && seen[LANE_DIGEST] && seen[LANE_CHANNEL]);
	assert_false(claim(NOW, &l));
}

static void
a_dead_mail_server_delays_no_webhook(void **state)
{
	struct lane mail, l;

	(void)state;
	put(LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, NOW);
	assert_true(claim(NOW, &mail));
	assert_int_equal(mail.kind, LANE_MAIL);
	put_webhooks(ANN, "a", 1);
	assert_true(claim(NOW, &l));
	assert_string_equal(l.id, "a0");
	assert_int_equal(l.kind, LANE_WEBHOOK);
}

static void
two_owners_share_and_none_has_more_than_his_part(void **state)
{
	(void)state;
	put_webhooks(ANN, "a", 10);
	assert_string_equal(claim_all(NOW), "aaa");
	/* It is not due as long as it has no place. */
	assert_false(is_due(NOW));
	put_webhooks(BEN, "b", 1);
	assert_true(is_due(NOW));
	assert_string_equal(claim_all(NOW), "b");
}

static void
who_has_little_is_not_behind_who_has_much(void **state)
{
	struct lane l[3];

	(void)state;
	put_webhooks(ANN, "a", 10);
	put_webhooks(BEN, "b", 10);
	/* All of Cat's is younger than everything of the others. */
	put(LANE_WEBHOOK, CAT, "c", NOW);
	for (int i = 0; i < 3; i++) {
		assert_true(claim(NOW, &l[i]));
		release(&l[i], 0, 0);
	}
	assert_string_equal(l[0].owner, ANN);
	assert_string_equal(l[0].id, "a0");
	assert_string_equal(l[1].owner, BEN);
	assert_string_equal(l[2].owner, CAT);
	assert_true(claim(NOW, &l[0]));
	assert_string_equal(l[0].owner, ANN);
	assert_string_equal(l[0].id, "a1");
}

static void
those_that_failed_come_after_the_others_and_take_few_places(void **state)
{
	struct lane l;

	(void)state;
	put_webhooks(ANN, "a", 3);
	put_webhooks(BEN, "b", 3);
	for (int i = 0; i < 6; i++) {
		assert_true(claim(NOW, &l));
		release(&l, NOW, 1);
	}
	put(LANE_WEBHOOK, CAT, "c", NOW);
	assert_true(claim(NOW, &l));
	assert_string_equal(l.id, "c");
	assert_int_equal(strlen(claim_all(NOW)), lane_rows[LANE_WEBHOOK].failing);
	assert_false(is_due(NOW));
	/* A failing receiver of the mail is another matter. */
	put(LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, NOW);
	assert_true(claim(NOW, &l));
	assert_int_equal(l.kind, LANE_MAIL);
}

static void
a_place_comes_back_with_the_lease_or_the_end_of_the_process(void **state)
{
	const int64_t lease = (lane_rows[LANE_MAIL].seconds + conf_int(CONF_LEASE_SECONDS)) *
	    SECOND_MS;
	struct lane first, l;

	(void)state;
	put(LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, NOW);
	assert_true(claim(NOW, &first));
	assert_false(claim(NOW + lease - 1, &l));
	assert_int_equal(next(NOW), NOW + lease);
	assert_true(claim(NOW + lease, &l));
	assert_int_equal(l.attempt, first.attempt + 1);
	assert_ok(db_begin(&cx, db));
	assert_error(lane_release(&cx, db, &first, 0, 0, 0), E_LEASE);
	db_rollback(db);
	assert_ok(lane_reap(&cx, db, getpid(), NOW + lease));
	assert_true(claim(NOW + lease, &l));
}

static void
no_more_processes_are_named_than_there_is_room_for(void **state)
{
	int64_t pids[3] = { 0, 0, -1 };
	size_t n;

	(void)state;
	put_webhooks(ANN, "a", 4);
	raw("UPDATE lane SET pid = 7 WHERE id = 'a0'; UPDATE lane SET pid = 8 WHERE id = 'a1'; "
	    "UPDATE lane SET pid = 9 WHERE id = 'a2'");
	assert_ok(lane_pids(&cx, db, pids, 2, &n));
	assert_int_equal(n, 2);
	assert_int_equal(pids[2], -1);
	assert_ok(lane_pids(&cx, db, pids, 3, &n));
	assert_int_equal(n, 3);
	assert_int_equal(pids[0] + pids[1] + pids[2], 7 + 8 + 9);
}

static void
every_kind_has_a_place_and_a_word(void **state)
{
	int64_t all = 0;

	(void)state;
	for (int k = 0; k < LANE__MAX; k++) {
		const struct lane_row *row = &lane_rows[k];

		assert_true(*row->word && row->slots >= 1 && row->seconds >= 1);
		assert_true(row->each >= 1 && row->each <= row->slots);
		assert_true(row->failing >= 1 && row->failing <= row->slots);
		for (int j = 0; j < k; j++)
			assert_string_not_equal(row->word, lane_rows[j].word);
		all += row->slots;
	}
	assert_int_equal(all, LANES_BUSY);
}

#ifdef TIDEMARK_STEPS
/* A number comes again: what bears it was claimed by a dead one as long as this one has claimed
 * nothing, and nobody else would find that one dead. */
static void
what_a_dead_process_of_the_same_number_had_claimed_is_due(void **state)
{
	const int64_t now = clock_ms();
	struct lane l, again;

	(void)state;
	put(LANE_OUTBOX, ANN, LANE_ID_OUTBOX ANN "|c", 1);
	put(LANE_WEBHOOK, BEN, "hook", 1);
	proc_play(4711);
	assert_true(claim(now, &l));
	proc_play(4712);
	assert_true(claim(now, &again));
	assert_ok(orphan_mine(&cx, db));
	proc_play(4711);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE pid = 4711"), 1);
	assert_ok(orphan_mine(&cx, db));
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE pid <> 0"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 2);
	proc_play(0);
}
#endif

#define TEST(f) cmocka_unit_test_setup_teardown(f, db_setup, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dead_webhooks_do_not_delay_mail_a_digest_or_a_channel),
		TEST(a_dead_mail_server_delays_no_webhook),
		TEST(two_owners_share_and_none_has_more_than_his_part),
		TEST(who_has_little_is_not_behind_who_has_much),
		TEST(those_that_failed_come_after_the_others_and_take_few_places),
		TEST(a_place_comes_back_with_the_lease_or_the_end_of_the_process),
		TEST(every_kind_has_a_place_and_a_word),
		TEST(no_more_processes_are_named_than_there_is_room_for),
#ifdef TIDEMARK_STEPS
		TEST(what_a_dead_process_of_the_same_number_had_claimed_is_due),
#endif
	};
	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
