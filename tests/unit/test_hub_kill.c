/* The application's calendar and two others, with a process that is killed at every step of a run
 * and of the outbox, one after the other: nothing is lost, nothing is there twice. */
#include "hub_fixture.h"

#define DAY "2026-10-05"

/* Both calendars read, and the outbox worked off, in a process that dies at its n-th step. */
static enum rc
work_all(struct ctx *c, struct db *own)
{
	volatile sig_atomic_t stop = 0;

	TRY(runs_all(c, own));
	return sender_all(c, own, &stop);
}

/* False: it came to its end before. */
static bool
is_killed(int at)
{
	int64_t reaped;
	char n[16];
	pid_t pid;
	int status;

	snprintf(n, sizeof n, "%d", at);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct ctx mine = { .a = arena_new("child", (size_t)1 << 29, 0) };
		struct db *own;

		setenv("TIDEMARK_STEP_KILL", n, 1);
		if (db_open(&mine, 0, &own) != RC_OK)
			_exit(3);
		_exit(work_all(&mine, own) == RC_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	assert_ok(queue_reap(&cx, db, pid, E_INTERRUPTED, &reaped));
	assert_ok(lane_reap(&cx, db, pid, clock_ms()));
	return true;
}

/* What waits for a time waits no longer, as if that had passed. */
static void
time_passes(void)
{
	raw("UPDATE outbox SET next_at = 1 WHERE next_at IS NOT NULL;"
	    "UPDATE lane SET due_at = 1, hold_until = 0 WHERE kind = 'outbox';"
	    "UPDATE sync SET wait_until = 0");
}

/* What people do on all sides, before it is worked off. */
struct deeds {
	const char *mine, *shared;
	struct thing *theirs;
};

static void
deeds_begin(struct deeds *d)
{
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	d->theirs = made_there(0, "g1", "Theirs", DAY);
	made_there(0, "g2", "Goes", DAY);
	made_there(1, "h1", "From B", DAY);
	d->mine = made_here("Mine", DAY);
	settles();
	d->shared = first_of("SELECT id FROM event WHERE uid = 'g1@there'");
}

static void
deeds_done(const struct deeds *d)
{
	made_here("New here", DAY);
	made_there(0, "g3", "New in A", DAY);
	edited_here(d->mine, "{\"title\":\"Mine, edited\"}");
	edited_here(d->shared, "{\"location\":\"Edited here\"}");
	edited_there(0, d->theirs, "title", "Theirs, edited");
	deleted_there(0, thing_at(&cals[0], "g2"));
}

static void
assert_all_is_level(void)
{
	assert_string_equal(titles_here(), "From B,Mine, edited,New here,New in A,Theirs, edited,");
	assert_int_equal(live_there(0), 5);
	assert_int_equal(live_there(1), 5);
	assert_int_equal(raw_number("SELECT count(*) FROM event WHERE deleted_at IS NULL AND value "
				    "LIKE '%Theirs, edited%' AND value LIKE '%Edited here%'"),
	    1);
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	for (int c = 0; c < CALS; c++)
		for (int i = 0; i < cals[c].n; i++)
			for (int k = i + 1; k < cals[c].n; k++)
				assert_false(!cals[c].v[i].gone && !cals[c].v[k].gone &&
				    !strcmp(
					title_there(&cals[c].v[i]), title_there(&cals[c].v[k])));
}

/* How many steps there are. */
static int
sweep(bool full)
{
	int at = 1;

	for (bool killed = true; killed; at += SLOW_SHARE) {
		void *state = NULL;
		struct deeds d;

		assert_int_equal(hub_setup(&state), 0);
		deeds_begin(&d);
		deeds_done(&d);
		ask_sync(CONN_A);
		ask_sync(CONN_B);
		cals[0].oldest = cals[1].oldest = full ? INT64_MAX : 0;
		killed = is_killed(at);
		cals[0].oldest = cals[1].oldest = 0;
		time_passes();
		settles();
		time_passes();
		settles();
		assert_all_is_level();
		assert_silence(4);
		assert_int_equal(hub_teardown(&state), 0);
	}
	return at;
}

static void
killed_at_any_step_nothing_is_lost_and_nothing_doubled(void **state)
{
	(void)state;
	assert_in_range(sweep(false), 30, 1000);
}

static void
killed_at_any_step_of_a_full_read_likewise(void **state)
{
	(void)state;
	assert_in_range(sweep(true), 30, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_step_nothing_is_lost_and_nothing_doubled),
		cmocka_unit_test(killed_at_any_step_of_a_full_read_likewise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
