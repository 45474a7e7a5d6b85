/* Several processes and one database: fair turns, dead writers, forks. */
#include "unit/db_fixture.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"

static struct shared {
	volatile int64_t commits;
	volatile int ready, stop;
} * shared;

static pid_t running;

static int
shared_setup(void **state)
{
	shared = mmap(
	    NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	return db_setup(state);
}

static int
shared_teardown(void **state)
{
	/* A test that failed half-way has not waited for its child. */
	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
		running = 0;
	}
	munmap(shared, sizeof *shared);
	return db_teardown(state);
}

/* A child with a database of its own that runs fn; the parent's is reopened behind it. */
static pid_t
child(void (*fn)(void))
{
	pid_t pid;

	db_close(db);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (db_open(&cx, 0, &db) != RC_OK)
			_exit(99);
		fn();
		_exit(0);
	}
	running = pid;
	assert_ok(db_open(&cx, 0, &db));
	return pid;
}

static void
await_ready(pid_t pid)
{
	for (int64_t end = clock_mono_ms() + 20000; !shared->ready; clock_sleep_ms(1))
		if (clock_mono_ms() > end || kill(pid, 0) != 0)
			flunk("the other process did not come up");
}

static int
end_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	running = pid == running ? 0 : running;
	return status;
}

static void
write_without_pause(void)
{
	while (!shared->stop) {
		if (db_begin(&cx, db) != RC_OK ||
		    db_run(&cx, db, NULL, Q_META_PUT, "ss", "bulk", "x") != RC_OK)
			_exit(1);
		clock_sleep_ms(2);
		shared->ready = 1;
		if (db_commit(&cx, db) != RC_OK)
			_exit(2);
		shared->commits++;
	}
}

static void
a_writer_that_never_pauses_does_not_starve_another(void **state)
{
	enum { TRIES = 40, FAIR = 3 };
	pid_t pid = child(write_without_pause);
	int fair = 0;

	(void)state;
	await_ready(pid);
	for (int i = 0; i < TRIES; i++) {
		int64_t before = shared->commits;

		assert_ok(db_begin(&cx, db));
		/* The one that was going on, and the one that stood before us. The machine may
		 * hold us up before we queue; not most of the time. */
		fair += shared->commits - before <= FAIR;
		assert_ok(db_commit(&cx, db));
	}
	shared->stop = 1;
	assert_int_equal(end_of(pid), 0);
	assert_in_range(fair, TRIES * 3 / 4, TRIES);
	assert_string_equal(meta("bulk"), "x");
}

static void
hold_the_turn(void)
{
	if (db_begin(&cx, db) != RC_OK ||
	    db_run(&cx, db, NULL, Q_META_PUT, "ss", "dead", "x") != RC_OK)
		_exit(1);
	shared->ready = 1;
	for (;;)
		clock_sleep_ms(1000);
}

static void
a_killed_writer_gives_its_turn_back_and_leaves_nothing(void **state)
{
	pid_t pid = child(hold_the_turn);

	(void)state;
	await_ready(pid);
	kill(pid, SIGKILL);
	assert_ok(db_begin(&cx, db));
	assert_ok(db_commit(&cx, db));
	assert_true(WIFSIGNALED(end_of(pid)));
	assert_null(meta("dead"));
}

static void
a_turn_that_does_not_come_is_given_up(void **state)
{
	pid_t pid = child(hold_the_turn);
	int64_t start = clock_mono_ms(), took;

	(void)state;
	await_ready(pid);
	sqlite_turn(db->engine)->wait_ms = 150;
	start = clock_mono_ms();
	assert_error(db_begin(&cx, db), E_UNAVAILABLE);
	took = clock_mono_ms() - start;
	assert_true(took >= 150 && took < 10000);
	assert_int_equal(cx.err.wait_ms, 2000);
	assert_false(in_write(db));
	/* Not even lock A is kept: the next one in line gets its turn. */
	kill(pid, SIGKILL);
	end_of(pid);
	sqlite_turn(db->engine)->wait_ms = 5000;
	assert_ok(db_begin(&cx, db));
	db_rollback(db);
}

static void
exit_42(int sig)
{
	(void)sig;
	_exit(42);
}

static void
a_forked_child_cannot_use_the_handle_nor_harm_it(void **state)
{
	pid_t pid;

	(void)state;
	assert_ok(db_begin(&cx, db));
	assert_ok(db_run(&cx, db, NULL, Q_META_PUT, "ss", "a", "1"));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool found;
		enum rc rc;

		/* All of these are safe in the child, and none of them touches what the parent
		 * is doing. */
		db_rollback(db);
		signal(SIGABRT, exit_42);
		rc = db_row(&cx, db, &found, Q_META_GET, "s", "a");
		db_close(db);
		_exit(rc == RC_BUG && cx.err.kind == E_BUG ? 42 : 1);
	}
	assert_int_equal(WEXITSTATUS(end_of(pid)), 42);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		db_close(db);
		_exit(0);
	}
	assert_int_equal(end_of(pid), 0);
	assert_true(in_write(db));
	assert_ok(db_run(&cx, db, NULL, Q_META_PUT, "ss", "b", "2"));
	assert_ok(db_commit(&cx, db));
	assert_string_equal(meta("a"), "1");
	assert_string_equal(meta("b"), "2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shared_setup, shared_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_writer_that_never_pauses_does_not_starve_another),
		TEST(a_killed_writer_gives_its_turn_back_and_leaves_nothing),
		TEST(a_turn_that_does_not_come_is_given_up),
		TEST(a_forked_child_cannot_use_the_handle_nor_harm_it),
	};
	return cmocka_run_group_tests_name("turnstile", tests, NULL, NULL);
}
