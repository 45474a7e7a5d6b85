/*
 * Programs started for a process that may not start any. A copy of the shell stands in for the
 * worker: it reads its script "ask" in the working directory, and may use what is built into it,
 * because other programs cannot be started there.
 */
#include "unit/unit.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/confine.h"
#include "base/json.h"
#include "ask/ask.h"
#include "ask/broker.h"

static int
broker_setup(void **state)
{
	char cmd[160];

	if (home_open(state) != 0 || chdir(home) != 0)
		return -1;
	snprintf(cmd, sizeof cmd, "cp /bin/sh %s/tidemark-worker", home);
	conf_override(CONF_BIN_DIR, home);
	conf_override(CONF_ASK_SOCKET, "");
	return system(cmd);
}

static int
broker_teardown(void **state)
{
	conf_override(CONF_BIN_DIR, NULL);
	return chdir("/") != 0 || home_close(state) != 0;
}

static void
worker_is(const char *script)
{
	FILE *f = fopen("ask", "w");

	assert_non_null(f);
	fputs(script, f);
	assert_int_equal(fclose(f), 0);
}

/* In a process that has a broker and is confined as a web process is. */
static int
confined(int (*what)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		confine_start();
		_exit(broker_fork(&cx) == RC_OK && confine(&cx, CONFINE_WEB, home) == RC_OK ? what()
											    : 99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define CHECK(n, yes) \
	do { \
		if (!(yes)) \
			return n; \
	} while (0)

static int
asks(void)
{
	json *q = json_new(cx.a), *a;

	json_set_str(q, "name", "Ann");
	for (int i = 0; i < 3; i++) {
		CHECK(1, ask_worker(&cx, "preview", q, &a) == RC_OK);
		CHECK(2,
		    !strcmp(json_str(a, "verb"), "preview") &&
			!strcmp(json_str(json_at(a, "q"), "name"), "Ann"));
	}
	CHECK(3, !broker_lost());
	return 0;
}

static void
a_question_goes_through_the_broker(void **state)
{
	(void)state;
	worker_is("IFS= read -r q; printf '{\"ok\": {\"verb\": \"%s\", \"q\": %s}}' \"$1\" \"$q\"");
	assert_int_equal(confined(asks), 0);
}

static int
asks_what_is_not_on_the_list(void)
{
	json *a;

	CHECK(1, ask_worker(&cx, "shell", json_new(cx.a), &a) == RC_RETRY);
	CHECK(2, ask_worker(&cx, "../ask", json_new(cx.a), &a) == RC_RETRY);
	CHECK(3, access("started", F_OK) != 0);
	CHECK(4,
	    ask_worker(&cx, "test", json_new(cx.a), &a) == RC_OK && access("started", F_OK) == 0);
	return 0;
}

static void
only_words_on_the_list_start_something(void **state)
{
	(void)state;
	worker_is(": > started; echo '{\"ok\": {}}'");
	assert_int_equal(confined(asks_what_is_not_on_the_list), 0);
}

static int
asks_one_that_fails(void)
{
	int64_t t = clock_mono_ms();
	json *a;

	CHECK(1,
	    ask_worker(&cx, "test", json_new(cx.a), &a) == RC_RETRY &&
		cx.err.kind == E_UNAVAILABLE);
	/* Far from the ten seconds that an answer may take. */
	CHECK(2, clock_mono_ms() - t < 5000);
	CHECK(3, !broker_lost());
	return 0;
}

static void
a_worker_that_fails_or_lingers_is_no_answer(void **state)
{
	(void)state;
	worker_is("echo '{\"ok\": {}}'; exit 3");
	assert_int_equal(confined(asks_one_that_fails), 0);
	worker_is("echo '{\"ok\": {}}'; kill -9 $$");
	assert_int_equal(confined(asks_one_that_fails), 0);
	worker_is("echo '{\"ok\": {}}'; exec >&- <&-; while :; do :; done");
	assert_int_equal(confined(asks_one_that_fails), 0);
}

static int
asks_for_ever(void)
{
	json *a;

	return ask_worker(&cx, "test", json_new(cx.a), &a) == RC_OK ? 1 : 2;
}

static bool
gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) != 0)
			return true;
		(void)waitpid(-1, NULL, WNOHANG);
		clock_sleep_ms(10);
	}
	return false;
}

static void
a_web_process_that_is_killed_leaves_nothing_behind(void **state)
{
	long worker = 0, broker = 0;
	FILE *f = NULL;
	pid_t pid;

	(void)state;
	/* What it leaves becomes a child of this process. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	worker_is("echo $$ $PPID > pids.new; while :; do read x; done");
	pid = fork();
	if (pid == 0) {
		confine_start();
		_exit(broker_fork(&cx) == RC_OK ? asks_for_ever() : 99);
	}
	for (int i = 0; i < 500 && (!f || fscanf(f, "%ld %ld", &worker, &broker) != 2); i++) {
		if (f)
			fclose(f);
		clock_sleep_ms(10);
		f = fopen("pids.new", "r");
	}
	assert_non_null(f);
	fclose(f);
	assert_true(worker > 1 && broker > 1 && broker != pid);
	kill(pid, SIGKILL);
	assert_true(gone((pid_t)worker));
	assert_true(gone((pid_t)broker));
}

static int
loses_its_broker(void)
{
	char path[80];
	long broker = 0;
	FILE *f;
	json *a;

	snprintf(path, sizeof path, "%s/broker", home);
	CHECK(1, ask_worker(&cx, "test", json_new(cx.a), &a) == RC_RETRY);
	f = fopen(path, "r");
	CHECK(2, f && fscanf(f, "%ld", &broker) == 1);
	/* The worker has killed it. */
	CHECK(3, broker_lost());
	CHECK(4, ask_worker(&cx, "test", json_new(cx.a), &a) == RC_RETRY);
	broker_wake();
	return 0;
}

static void
losing_the_broker_is_noticed(void **state)
{
	(void)state;
	worker_is("echo $PPID > broker; kill -9 $PPID");
	assert_int_equal(confined(loses_its_broker), 0);
}

/* After the second question the tick has been started. */
static _Noreturn void
wakes_and_waits(void)
{
	json *a;

	confine_start();
	if (broker_fork(&cx) != RC_OK || ask_worker(&cx, "test", json_new(cx.a), &a) != RC_OK)
		_exit(1);
	broker_wake();
	if (ask_worker(&cx, "test", json_new(cx.a), &a) != RC_OK || rename("broker", "woken") != 0)
		_exit(1);
	for (;;)
		clock_sleep_ms(1000);
}

static void
a_tick_that_has_ended_leaves_no_zombie(void **state)
{
	char path[80], children[80] = "?";
	int64_t until = clock_mono_ms() + 10000;
	pid_t pid;
	long broker = 0;
	FILE *f;

	(void)state;
	assert_int_equal(system("cp tidemark-worker tidemark-tick"), 0);
	worker_is("echo $PPID > broker; echo '{\"ok\": {}}'");
	if ((pid = fork()) == 0)
		wakes_and_waits();
	while (!(f = fopen("woken", "r")) && clock_mono_ms() < until)
		clock_sleep_ms(5);
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &broker), 1);
	fclose(f);
	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", broker, broker);
	while (*children && clock_mono_ms() < until) {
		f = fopen(path, "r");
		assert_non_null(f);
		children[fread(children, 1, sizeof children - 1, f)] = '\0';
		fclose(f);
		clock_sleep_ms(5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_string_equal(children, "");
}

/* Stands in for systemd: takes one connection. */
static pid_t
service(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(at.sun_path, sizeof at.sun_path, "%s/ask.sock", home);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0) {
		int c = accept(fd, NULL, NULL);

		dup2(c, 0);
		dup2(c, 1);
		execl("/bin/sh", "sh", "-c",
		    "read -r verb; q=$(cat); printf '{\"ok\": {\"verb\": \"%s\", \"q\": %s}}' "
		    "\"$verb\" \"$q\"",
		    NULL);
		_exit(1);
	}
	close(fd);
	return pid;
}

static int
asks_once(void)
{
	json *q = json_new(cx.a), *a;

	json_set_str(q, "name", "Ann");
	CHECK(1, ask_worker(&cx, "preview", q, &a) == RC_OK);
	CHECK(2,
	    !strcmp(json_str(a, "verb"), "preview") &&
		!strcmp(json_str(json_at(a, "q"), "name"), "Ann"));
	return 0;
}

static void
where_a_service_answers_the_broker_calls_it(void **state)
{
	char path[80];
	pid_t pid = service();

	(void)state;
	snprintf(path, sizeof path, "%s/ask.sock", home);
	conf_override(CONF_ASK_SOCKET, path);
	assert_int_equal(confined(asks_once), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Nobody is there any more. */
	assert_int_equal(confined(asks_one_that_fails), 0);
	conf_override(CONF_ASK_SOCKET, "");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, broker_setup, broker_teardown)
	const struct CMUnitTest tests[] = {
		T(a_question_goes_through_the_broker),
		T(only_words_on_the_list_start_something),
		T(a_worker_that_fails_or_lingers_is_no_answer),
		T(a_web_process_that_is_killed_leaves_nothing_behind),
		T(losing_the_broker_is_noticed),
		T(a_tick_that_has_ended_leaves_no_zombie),
		T(where_a_service_answers_the_broker_calls_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
