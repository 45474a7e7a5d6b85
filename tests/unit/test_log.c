/* Log lines: one valid JSON object each, whatever is in them. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>

#include "base/json.h"
#include "base/log.h"

static char written[20000];

/* Runs the call with standard error in a file and reads what it wrote. */
#define CAPTURE(call) \
	do { \
		char path_[] = "/tmp/tidemark-log-XXXXXX"; \
		int fd_ = mkstemp(path_), old_ = dup(STDERR_FILENO); \
		ssize_t n_; \
		assert_true(fd_ >= 0 && old_ >= 0); \
		unlink(path_); \
		dup2(fd_, STDERR_FILENO); \
		call; \
		dup2(old_, STDERR_FILENO); \
		close(old_); \
		n_ = pread(fd_, written, sizeof written - 1, 0); \
		close(fd_); \
		assert_true(n_ >= 0); \
		written[n_] = '\0'; \
	} while (0)

static json *
line(void)
{
	struct str rest, first = str_cut(str_c(written), '\n', &rest);
	json *j;

	assert_int_equal(rest.n, 0);
	assert_true(first.n > 3 && first.p[0] == '<' && first.p[2] == '>');
	assert_ok(json_parse(&cx, "The line", (struct str){ first.p + 3, first.n - 3 }, &j));
	return j;
}

static void
a_line_says_who_when_and_what(void **state)
{
	json *j;

	(void)state;
	log_init("tidemark-test");
	CAPTURE(log_event(LOG_LEVEL_WARN, "thing.done", "s:name", "x", "i:rows", INT64_C(-5),
	    "d:sec", 0.25, "s:none", NULL, NULL));
	assert_int_equal(written[1], '4');
	j = line();
	assert_string_equal(json_str(j, "program"), "tidemark-test");
	assert_string_equal(json_str(j, "event"), "thing.done");
	assert_string_equal(json_str(j, "name"), "x");
	assert_int_equal(json_num(j, "rows", 0), -5);
	assert_true(json_is_num(json_at(j, "sec")));
	assert_true(json_has(j, "none") && !json_at(j, "none"));
	assert_int_equal(json_num(j, "pid", 0), getpid());
	assert_int_equal(strlen(json_str(j, "time")), 20);
}

static void
hostile_values_stay_inside_their_string(void **state)
{
	json *j;

	(void)state;
	CAPTURE(log_event(LOG_LEVEL_INFO, "e", "s:a", "x\n<3>{\"event\":\"forged\"}\r\x1B[2J\"\\",
	    "s:b", "bad \xFF\xFE utf8", NULL));
	j = line();
	assert_string_equal(json_str(j, "a"), "x\n<3>{\"event\":\"forged\"}\r\x1B[2J\"\\");
	assert_string_equal(json_str(j, "b"), "bad ?? utf8");
}

static void
long_values_are_cut_and_long_lines_say_so(void **state)
{
	char big[3000];
	json *j;

	(void)state;
	memset(big, 'y', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	CAPTURE(log_event(LOG_LEVEL_INFO, "e", "s:a", big, NULL));
	j = line();
	assert_int_equal(json_s(j, "a").n, 1000);
	/* Every character takes six bytes in the line. */
	memset(big, '\x01', sizeof big - 1);
	CAPTURE(log_event(
	    LOG_LEVEL_INFO, "e", "i:first", INT64_C(1), "s:a", big, "s:b", "after", NULL));
	j = line();
	assert_int_equal(json_num(j, "first", 0), 1);
	assert_true(json_flag(j, "cut", false));
	assert_false(json_has(j, "a"));
}

static void
the_level_decides(void **state)
{
	(void)state;
	conf_override(CONF_LOG_LEVEL, "4");
	CAPTURE(log_event(LOG_LEVEL_INFO, "quiet", NULL));
	assert_string_equal(written, "");
	CAPTURE(log_event(LOG_LEVEL_ERR, "loud", NULL));
	assert_string_equal(json_str(line(), "event"), "loud");
	conf_override(CONF_LOG_LEVEL, NULL);
	CAPTURE(log_event(LOG_LEVEL_DEBUG, "quiet", NULL));
	assert_string_equal(written, "");
}

static void
context_is_carried_until_it_is_removed(void **state)
{
	(void)state;
	log_context("sync", "s1");
	log_context("req", "r1");
	log_context("sync", "s2");
	CAPTURE(log_event(LOG_LEVEL_INFO, "e", NULL));
	assert_string_equal(json_str(line(), "sync"), "s2");
	assert_string_equal(json_str(line(), "req"), "r1");
	log_context("sync", NULL);
	log_context("never", NULL);
	CAPTURE(log_event(LOG_LEVEL_INFO, "e", NULL));
	assert_false(json_has(line(), "sync"));
	assert_string_equal(json_str(line(), "req"), "r1");
	log_context("req", NULL);
}

static void
errno_is_left_alone(void **state)
{
	int closed;

	(void)state;
	closed = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	errno = 42;
	log_event(LOG_LEVEL_INFO, "e", NULL);
	assert_int_equal(errno, 42);
	dup2(closed, STDERR_FILENO);
	close(closed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_who_when_and_what),
		cmocka_unit_test(hostile_values_stay_inside_their_string),
		cmocka_unit_test(long_values_are_cut_and_long_lines_say_so),
		cmocka_unit_test(the_level_decides),
		cmocka_unit_test(context_is_carried_until_it_is_removed),
		cmocka_unit_test(errno_is_left_alone),
	};
	return cmocka_run_group_tests_name("log", tests, unit_open, unit_close);
}
