/* Quotas: in no minute more calls than allowed, wherever it begins and however many processes
 * ask; what a provider refuses holds everybody of that account. */
#include "engine_fixture.h"

#include <sys/wait.h>

#include "app/retain.h"
#include "queue/queue.h"
#include "access/quota.h"

#define ACC1 "00000000-0000-7000-8000-0000000000a1"
#define ACC2 "00000000-0000-7000-8000-0000000000a2"
#define BEGIN INT64_C(1790000000000)

enum { CALLS_MAX = 4000 };

static char project[20], account[20];

static void
limits(int64_t per_project, int64_t per_account)
{
	snprintf(project, sizeof project, "%lld", (long long)per_project);
	snprintf(account, sizeof account, "%lld", (long long)per_account);
	conf_override(CONF_GOOGLE_SHEETS_READS, project);
	conf_override(CONF_GOOGLE_SHEETS_READS_USER, account);
	raw("DELETE FROM rate_bucket; DELETE FROM quota_use");
}

static int
setup(void **state)
{
	int failed = fixture_open(state);

	raw("INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, granted_at, created_at) VALUES"
	    " ('" ACC1 "', '" OWNER "', 'google', 'oauth', '1', 'a@x', '', '', 1, 1), ('" ACC2
	    "', '" OWNER "', 'google', 'oauth', '2', 'b@x', '', '', 1, 1)");
	limits(300, 60);
	clock_step_to(BEGIN);
	return failed;
}

static int
teardown(void **state)
{
	clock_fake(0);
	conf_override(CONF_GOOGLE_SHEETS_READS, NULL);
	conf_override(CONF_GOOGLE_SHEETS_READS_USER, NULL);
	return fixture_close(state);
}

/* 0: taken. */
static int64_t
take_of(const char *owner, const char *id)
{
	int64_t wait;

	assert_ok(quota_take(&cx, db, &(struct quota_payer){ .owner = owner, .account_id = id },
	    QUOTA_SHEETS_READS, 0, &wait));
	assert_in_range(wait, 0, 60 * 60 * 1000);
	return wait;
}

static int64_t
take(const char *id)
{
	return take_of(OWNER, id);
}

/* --- pure --- */

static void
a_bucket_fills_with_time_and_never_overflows(void **state)
{
	(void)state;
	assert_int_equal(quota_fill(0, 0, 60), 0);
	assert_int_equal(quota_fill(0, 1000, 60), 900);
	assert_int_equal(quota_fill(500, 1000, 60), 1400);
	assert_int_equal(quota_fill(0, 30000, 60), 6000);
	assert_int_equal(quota_fill(5999, 59999, 60), 6000);
	assert_int_equal(quota_fill(0, INT64_MAX, 60), 6000);
	assert_int_equal(quota_fill(100, -5000, 60), 100);
	assert_int_equal(quota_fill(0, 60000, 1), 1000);
	assert_int_equal(quota_fill(99999, 1, 60), 6000);
	assert_int_equal(quota_fill(0, 59999, 10000000), 500000000);
}

static void
the_wait_is_just_long_enough(void **state)
{
	static const int64_t rates[] = { 1, 2, 3, 7, 19, 20, 60, 61, 300, 12000, 10000000 };

	(void)state;
	assert_int_equal(quota_wait(1000, 60), 0);
	assert_int_equal(quota_wait(5000, 60), 0);
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		for (int64_t level = 0; level < 1000; level += 37) {
			int64_t wait = quota_wait(level, rates[i]);
			assert_true(wait > 0 && wait <= 60000);
			assert_true(quota_fill(level, wait, rates[i]) >= 1000);
			if (wait > 1)
				assert_true(quota_fill(level, wait - 1, rates[i]) < 1000);
		}
}

/* --- a greedy caller --- */

static int64_t at[CALLS_MAX];

/* The most calls in any 60 seconds. */
static int
busiest(int n)
{
	int most = 0;

	for (int i = 0, j = 0; i < n; i++) {
		while (at[i] - at[j] >= 60000)
			j++;
		most = i - j + 1 > most ? i - j + 1 : most;
	}
	return most;
}

static void
no_minute_has_more_calls_than_allowed_and_few_have_less(void **state)
{
	static const int64_t rates[] = { 1, 2, 3, 10, 20, 60, 300, 599, 600, 900 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		const int64_t share = rates[i] >= 600 ? 95 : 80;
		int64_t now = BEGIN, end = BEGIN + 4 * 60000;
		int n = 0;

		limits(100000, rates[i]);
		while (now < end && n < CALLS_MAX) {
			int64_t wait;
			clock_step_to(now);
			wait = take(ACC1);
			if (wait)
				now += wait;
			else
				at[n++] = now;
		}
		if (busiest(n) > rates[i])
			flunk("%d calls in a minute that may have %lld", busiest(n),
			    (long long)rates[i]);
		if (n < (rates[i] > 1 ? rates[i] - 1 : 1) * 4 * share / 100)
			flunk("only %d calls in four minutes of %lld", n, (long long)rates[i]);
	}
}

static void
accounts_share_what_the_project_may(void **state)
{
	int n = 0, other = 0;

	(void)state;
	limits(40, 30);
	/* A tenth of each at once. */
	while (!take(ACC1))
		n++;
	while (!take(ACC2))
		other++;
	assert_int_equal(n, 3);
	assert_int_equal(other, 1);
}

/* --- several processes --- */

/* Takes what it gets until it was told to wait so often. */
static pid_t
greedy(int waits)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct ctx mine = { .a = arena_new("child", (size_t)1 << 28, 0) };
		int64_t wait;
		struct db *own;

		if (db_open(&mine, 0, &own) != RC_OK)
			_exit(1);
		while (waits > 0) {
			if (quota_take(&mine, own,
				&(struct quota_payer){ .owner = OWNER, .account_id = ACC1 },
				QUOTA_SHEETS_READS, 0, &wait) != RC_OK)
				_exit(2);
			waits -= wait > 0;
			clock_sleep_ms(wait ? 1 : 0);
		}
		_exit(0);
	}
	return pid;
}

static void
two_processes_get_no_more_than_one(void **state)
{
	pid_t pid[2];
	int64_t calls, began, took;
	int status;

	(void)state;
	clock_fake(0);
	limits(100000, 1200);
	began = clock_mono_ms();
	for (int i = 0; i < 2; i++)
		pid[i] = greedy(30);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	took = clock_mono_ms() - began;
	calls = raw_number("SELECT sum(calls) FROM quota_use");
	/* 120 at once and 18 a second. */
	assert_in_range(calls, 60, 61 + 19 * took / 1000);
}

/* --- refusals --- */

static void
a_refusal_holds_the_account_as_long_as_it_says(void **state)
{
	(void)state;
	assert_ok(quota_refused(&cx, db, OWNER, ACC1, QUOTA_SHEETS_READS, 5000));
	assert_in_range(take(ACC1), 4900, 5000);
	assert_int_equal(take(ACC2), 0);
	/* A shorter one does not shorten it. */
	assert_ok(quota_refused(&cx, db, OWNER, ACC1, QUOTA_SHEETS_READS, 1000));
	assert_true(take(ACC1) > 4800);
	clock_step_to(BEGIN + 5100);
	assert_int_equal(take(ACC1), 0);
	assert_int_equal(raw_number("SELECT sum(refused) FROM quota_use"), 2);
}

static void
an_absurd_refusal_holds_for_an_hour_at_most(void **state)
{
	(void)state;
	assert_ok(quota_refused(&cx, db, OWNER, ACC1, QUOTA_SHEETS_READS, INT64_MAX));
	assert_in_range(take(ACC1), 1, 60 * 60 * 1000);
	clock_step_to(BEGIN + 60 * 60 * 1000 + 1000);
	assert_int_equal(take(ACC1), 0);
}

/* A long wait is for all but him; a short one, which he would wait too, for him as well. */
static void
what_a_person_asks_for_is_tried_where_others_wait(void **state)
{
	const struct quota_payer asked = { .owner = OWNER, .account_id = ACC1, .asked = true };
	int64_t wait;
	bool shut;

	(void)state;
	assert_ok(quota_shut(&cx, db, &asked, QUOTA_SHEETS_READS, &shut));
	assert_false(shut);
	assert_ok(quota_refused(&cx, db, OWNER, ACC1, QUOTA_SHEETS_READS, 20 * MINUTE_MS));
	assert_ok(quota_shut(&cx, db, &asked, QUOTA_SHEETS_READS, &shut));
	assert_true(shut);
	assert_in_range(take(ACC1), 19 * MINUTE_MS, 20 * MINUTE_MS);
	assert_ok(quota_take(&cx, db, &asked, QUOTA_SHEETS_READS, 2 * MINUTE_MS, &wait));
	assert_in_range(wait, 0, MINUTE_MS);
	clock_step_to(clock_ms() + 19 * MINUTE_MS);
	assert_ok(quota_take(&cx, db, &asked, QUOTA_SHEETS_READS, 2 * MINUTE_MS, &wait));
	assert_in_range(wait, 1000, MINUTE_MS);
	clock_step_to(clock_ms() + wait);
	assert_ok(quota_shut(&cx, db, &asked, QUOTA_SHEETS_READS, &shut));
	assert_false(shut);
}

/* Each that comes is told a later time, and what has been told is kept out of what others get. */
static void
calls_are_taken_in_advance_in_the_order_of_coming(void **state)
{
	const struct quota_payer ann = { .owner = OWNER, .account_id = ACC1 };
	int64_t wait, before = 0, first = 0;

	(void)state;
	limits(100000, 60);
	for (int i = 0; i < 6; i++)
		assert_int_equal(take(ACC1), 0);
	for (int i = 0; i < 20; i++) {
		assert_ok(quota_take(&cx, db, &ann, QUOTA_SHEETS_READS, MINUTE_MS, &wait));
		assert_true(wait > before);
		if (i == 0)
			first = wait;
		else
			assert_in_range(wait - before, first - 2, first + 2);
		before = wait;
	}
	/* Who will not wait so long takes nothing. */
	for (int i = 0; i < 3; i++) {
		assert_ok(quota_take(&cx, db, &ann, QUOTA_SHEETS_READS, 2000, &wait));
		assert_in_range(wait, before + first - 2, before + first + 2);
	}
	clock_step_to(clock_ms() + before);
	assert_in_range(take(ACC1), first - 2, first + 2);
}

static void
other_quotas_are_not_held(void **state)
{
	int64_t wait;

	(void)state;
	assert_ok(quota_refused(&cx, db, OWNER, ACC1, QUOTA_SHEETS_READS, 5000));
	assert_ok(quota_take(&cx, db, &(struct quota_payer){ .owner = OWNER, .account_id = ACC1 },
	    QUOTA_DRIVE, 0, &wait));
	assert_int_equal(wait, 0);
}

/* --- clocks --- */

static void
what_a_wrong_clock_wrote_does_not_hold_for_ever(void **state)
{
	(void)state;
	while (!take(ACC1))
		;
	raw("UPDATE rate_bucket SET at = 99999999999999, blocked_until = 99999999999999");
	assert_true(take(ACC1) <= 2000);
	clock_step_to(BEGIN + 2000);
	assert_int_equal(take(ACC1), 0);
}

static void
a_clock_that_goes_back_gives_nothing_away(void **state)
{
	int n = 0;

	(void)state;
	while (!take(ACC1))
		n++;
	for (int i = 0; i < 50; i++) {
		clock_step_to(BEGIN - 1000 * i);
		n += !take(ACC1);
	}
	assert_int_equal(n, 6);
}

/* --- the meter --- */

static void
calls_are_counted_by_account_and_hour(void **state)
{
	struct quota_use *v;
	size_t n;

	(void)state;
	take(ACC1);
	take(ACC1);
	take(ACC2);
	clock_step_to(BEGIN + 3 * 3600 * 1000);
	take(ACC1);
	assert_ok(quota_used(&cx, db, OWNER, BEGIN + 3600 * 1000, &v, &n));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].calls, 1);
	assert_ok(quota_used(&cx, db, OWNER, 0, &v, &n));
	assert_int_equal(n, 2);
	assert_int_equal(v[0].calls + v[1].calls, 4);
	assert_ok(quota_used(&cx, db, "00000000-0000-7000-8000-000000000002", 0, &v, &n));
	assert_int_equal(n, 0);
	assert_ok(db_begin(&cx, db));
	/* The hour itself is kept. */
	assert_ok(quota_sweep(&cx, db, raw_number("SELECT max(hour) FROM quota_use")));
	assert_ok(db_commit(&cx, db));
	assert_int_equal(raw_number("SELECT sum(calls) FROM quota_use"), 1);
}

static void
used(const char *id, int64_t hour, int calls)
{
	char text[300];

	snprintf(text, sizeof text,
	    "INSERT INTO quota_use (owner, account_id, quota, hour, calls, refused) VALUES ('" OWNER
	    "', '%s', 'sheets-reads', %lld, %d, 0)",
	    id, (long long)hour, calls);
	raw(text);
}

static void
the_busiest_hour_of_a_day_is_kept_for_two_months(void **state)
{
	int64_t day = BEGIN / DAY_MS + 1;
	struct quota_peak_list list;

	(void)state;
	/* 60 a minute: 900 are a quarter of what an hour allows. */
	used(ACC1, day * DAY_MS, 900);
	used(ACC2, day * DAY_MS + HOUR_MS, 1800);
	used(ACC1, (day + 1) * DAY_MS, 1);
	assert_ok(quota_peaks(&cx, db, OWNER, NULL, 0, &list));
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].day, day);
	assert_int_equal(list.v[0].percent, 50);
	assert_int_equal(list.v[1].percent, 1);
	assert_ok(quota_peaks(&cx, db, OWNER, ACC1, 0, &list));
	assert_int_equal(list.v[0].percent, 25);
	assert_ok(quota_peaks(&cx, db, "00000000-0000-7000-8000-000000000002", NULL, 0, &list));
	assert_int_equal(list.n, 0);
	assert_ok(retain_all(&cx, db, (day + 60) * DAY_MS));
	assert_int_equal(raw_number("SELECT count(*) FROM quota_use"), 3);
	assert_ok(retain_all(&cx, db, (day + 61) * DAY_MS));
	assert_int_equal(raw_number("SELECT count(*) FROM quota_use"), 1);
}

static void
foreign_accounts_are_not_counted(void **state)
{
	int64_t wait;

	(void)state;
	assert_ok(quota_take(&cx, db,
	    &(struct quota_payer){
		.owner = "00000000-0000-7000-8000-000000000002", .account_id = ACC1 },
	    QUOTA_SHEETS_READS, 0, &wait));
	assert_int_equal(raw_number("SELECT count(*) FROM quota_use"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Two users who read with one account share what it may. */
static void
what_an_account_may_is_shared_by_the_users_who_read_with_it(void **state)
{
	int n = 0;

	(void)state;
	limits(300, 60);
	raw("UPDATE remote_account SET subject = '1', owner = 'bob' WHERE id = '" ACC2 "'");
	while (take(ACC1) == 0)
		n++;
	assert_int_equal(n, 6);
	assert_true(take_of("bob", ACC2) > 0);
	raw("UPDATE remote_account SET subject = '2' WHERE id = '" ACC2 "'");
	assert_int_equal(take_of("bob", ACC2), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_an_account_may_is_shared_by_the_users_who_read_with_it),
		TEST(a_bucket_fills_with_time_and_never_overflows),
		TEST(the_wait_is_just_long_enough),
		TEST(no_minute_has_more_calls_than_allowed_and_few_have_less),
		TEST(accounts_share_what_the_project_may),
		TEST(two_processes_get_no_more_than_one),
		TEST(a_refusal_holds_the_account_as_long_as_it_says),
		TEST(an_absurd_refusal_holds_for_an_hour_at_most),
		TEST(what_a_person_asks_for_is_tried_where_others_wait),
		TEST(calls_are_taken_in_advance_in_the_order_of_coming),
		TEST(other_quotas_are_not_held),
		TEST(what_a_wrong_clock_wrote_does_not_hold_for_ever),
		TEST(a_clock_that_goes_back_gives_nothing_away),
		TEST(calls_are_counted_by_account_and_hour),
		TEST(the_busiest_hour_of_a_day_is_kept_for_two_months),
		TEST(foreign_accounts_are_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
