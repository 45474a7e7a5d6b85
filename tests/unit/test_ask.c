/*
 * Questions to a worker process, and what such a process inherits. Shell scripts stand in for
 * the worker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "ask/ask.h"

static struct ctx cx;
static char dir[64];

static void
program(const char *name, const char *script)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static int
setup(void **state)
{
	(void)state;
	cx = (struct ctx){ .a = arena_new("test", (size_t)1 << 26, 0) };
	strcpy(dir, "/tmp/tmXXXXXX");
	assert_non_null(mkdtemp(dir));
	conf_override(CONF_BIN_DIR, dir);
	conf_override(CONF_WAKE_FILE, "");
	return 0;
}

static int
teardown(void **state)
{
	char cmd[80];

	(void)state;
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
	arena_free(cx.a);
	return 0;
}

static void
an_answer_comes_back(void **state)
{
	json *q = json_new(cx.a), *a;

	(void)state;
	json_set_str(q, "name", "Ann");
	program("tidemark-worker",
	    "printf '{\"ok\": {\"verb\": \"%s %s\", \"q\": %s}}' \"$1\" \"$2\" \"$(cat)\"");
	assert_int_equal(ask_worker(&cx, "preview", q, &a), RC_OK);
	assert_string_equal(json_str(a, "verb"), "ask preview");
	assert_string_equal(json_str(json_at(a, "q"), "name"), "Ann");
}

static void
an_error_keeps_its_kind_detail_and_wait(void **state)
{
	json *a;

	(void)state;
	program("tidemark-worker",
	    "echo '{\"error\": {\"code\": \"rate_limited\", \"detail\": \"Slower.\", "
	    "\"waitMs\": 5000}}'");
	assert_int_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_LIMITED);
	assert_int_equal(cx.err.kind, E_RATE_LIMITED);
	assert_string_equal(cx.err.detail, "Slower.");
	assert_int_equal(cx.err.wait_ms, 5000);
	assert_null(a);
}

static void
a_worker_that_breaks_off_is_no_answer(void **state)
{
	static const char *const scripts[] = { "printf '{\"ok\": {}}'; kill -9 $$",
		"printf '{\"ok\": {}}'; exit 3", "kill -11 $$" };
	json *a;

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		program("tidemark-worker", scripts[i]);
		assert_int_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_RETRY);
	}
	program("tidemark-worker", "printf '{\"ok\": '");
	assert_int_not_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_OK);
	conf_override(CONF_BIN_DIR, "/nonexistent");
	assert_int_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_RETRY);
}

static void
long_questions_and_answers_pass(void **state)
{
	json *q = json_new(cx.a), *a;
	char *text = arena_alloc(cx.a, 1000001);

	(void)state;
	memset(text, 'x', 1000000);
	json_set_str(q, "text", text);
	program("tidemark-worker", "printf '{\"ok\": '; cat; printf '}'");
	assert_int_equal(ask_worker(&cx, "test", q, &a), RC_OK);
	assert_int_equal(strlen(json_str(a, "text")), 1000000);
	/* One that answers without listening. */
	program("tidemark-worker", "exec <&-; echo '{\"ok\": {\"n\": 1}}'");
	assert_int_equal(ask_worker(&cx, "test", q, &a), RC_OK);
}

static void
a_worker_that_hangs_is_killed_after_ten_seconds(void **state)
{
	int64_t t = clock_mono_ms();
	json *a;

	(void)state;
	program("tidemark-worker", "trap '' TERM; while :; do read x </dev/zero; done");
	assert_int_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_RETRY);
	assert_int_equal(cx.err.kind, E_SILENT);
	assert_in_range(clock_mono_ms() - t, 9900, 13000);
}

static void
a_worker_inherits_three_descriptors_and_no_listening_socket(void **state)
{
	int keep = open("/dev/null", O_RDONLY), saved = dup(0);
	json *a;

	(void)state;
	assert_true(keep > 2 && keep < 10 && saved > 2);
	/* As in a FastCGI process, 0 is something else than a terminal or file of ours. */
	assert_int_equal(dup2(open("/dev/zero", O_RDONLY), 0), 0);
	program("tidemark-worker",
	    "n=; for i in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$i ] || n=\"$n $i\"; done\n"
	    "printf '{\"ok\": {\"fds\": \"%s\", \"in\": \"%s\"}}' \"$n\" \"$(readlink "
	    "/proc/$$/fd/0)\"");
	assert_int_equal(ask_worker(&cx, "test", json_new(cx.a), &a), RC_OK);
	assert_string_equal(json_str(a, "fds"), "");
	assert_true(!strncmp(json_str(a, "in"), "socket:", 7));
	dup2(saved, 0);
	close(saved);
	close(keep);
}

static void
waking_starts_a_tick_of_its_own_session(void **state)
{
	char script[512], path[80], line[64] = "";

	(void)state;
	snprintf(path, sizeof path, "%s/out", dir);
	snprintf(script, sizeof script,
	    "echo \"$1 $(ps -o sid= -p $$ | tr -d ' ') $$ $(readlink /proc/$$/fd/0)\" > %s.new\n"
	    "mv %s.new %s",
	    path, path, path);
	program("tidemark-tick", script);
	wake_tick();
	for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
		clock_sleep_ms(10);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	long sid = 0, pid = 1;
	char in[32] = "";
	assert_int_equal(sscanf(line, "--once %ld %ld %31s", &sid, &pid, in), 3);
	assert_int_equal(sid, pid);
	assert_string_equal(in, "/dev/null");
	/* Where systemd watches a file, the file is all. */
	snprintf(path, sizeof path, "%s/wake", dir);
	conf_override(CONF_WAKE_FILE, path);
	wake_tick();
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_tick_that_cannot_be_started_is_only_a_hint_lost(void **state)
{
	(void)state;
	conf_override(CONF_BIN_DIR, "/nonexistent");
	wake_tick();
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_answer_comes_back),
		T(an_error_keeps_its_kind_detail_and_wait),
		T(a_worker_that_breaks_off_is_no_answer),
		T(long_questions_and_answers_pass),
		T(a_worker_that_hangs_is_killed_after_ten_seconds),
		T(a_worker_inherits_three_descriptors_and_no_listening_socket),
		T(waking_starts_a_tick_of_its_own_session),
		T(a_tick_that_cannot_be_started_is_only_a_hint_lost),
	};

	log_init("test_ask");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
