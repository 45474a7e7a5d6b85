/* unit.h - what the unit tests of the lower layers share: cmocka, a context, a temporary home,
 * and calls that must be refused as our own mistake. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"

static struct ctx cx;
static char home[64];

/* How many of n random cases or points of a kill are tried: a sanitizer is slow, and what it looks
 * for is seen in fewer; the other build of the same test tries all. */
#if defined __SANITIZE_ADDRESS__
enum { SLOW_SHARE = 10 };
#else
enum { SLOW_SHARE = 1 };
#endif
#define CASES(n) ((n) / SLOW_SHARE)

/* cmocka's fail_msg() uses the name that is ours. */
#define flunk(...) \
	do { \
		print_error("ERROR: " __VA_ARGS__); \
		_fail(__FILE__, __LINE__); \
	} while (0)

static inline void
assert_ok(enum rc rc)
{
	if (rc != RC_OK)
		flunk("%s: %s at %s", error_row(cx.err.kind)->code, cx.err.detail, cx.err.where);
}

static inline void
has(const char *text, const char *part)
{
	if (!strstr(text, part))
		flunk("\"%s\" is not in\n%s", part, text);
}

static inline void
has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		flunk("\"%s\" is in\n%s", part, text);
}

static inline void
assert_error(enum rc rc, enum error_kind kind)
{
	assert_int_not_equal(rc, RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
	assert_int_equal(rc, error_row(kind)->rc);
}

static sigjmp_buf abort_jump;

static inline void
on_abort(int sig)
{
	siglongjmp(abort_jump, sig);
}

/* The call must end the process by abort(). */
#define assert_aborts(call) \
	do { \
		struct sigaction old_, sa_ = { .sa_handler = on_abort, .sa_flags = SA_NODEFER }; \
		sigaction(SIGABRT, &sa_, &old_); \
		if (sigsetjmp(abort_jump, 1) == 0) { \
			call; \
			flunk("%s did not abort", #call); \
		} \
		sigaction(SIGABRT, &old_, NULL); \
	} while (0)

/* The call must end with E_BUG; where the library is built with TIDEMARK_STEPS, that aborts. */
#ifdef TIDEMARK_STEPS
#define assert_bug(call) \
	do { \
		assert_aborts((void)!(call)); \
		assert_int_equal(cx.err.kind, E_BUG); \
	} while (0)
#else
#define assert_bug(call) assert_error((call), E_BUG)
#endif

static inline int
unit_open(void **state)
{
	(void)state;
	cx = (struct ctx){ .a = arena_new("test", (size_t)256 << 20, 0) };
	return 0;
}

static inline int
unit_close(void **state)
{
	(void)state;
	arena_free(cx.a);
	return 0;
}

/* An empty state directory of its own. */
/* Where homes are; in memory for who writes much and has no need of a disk: home_in_memory(). */
static const char *home_in = "/tmp";

static inline void
home_in_memory(void)
{
	home_in = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static inline int
home_open(void **state)
{
	unit_open(state);
	snprintf(home, sizeof home, "%s/tidemark-test-XXXXXX", home_in);
	if (!mkdtemp(home))
		return -1;
	conf_override(CONF_HOME, home);
	conf_override(CONF_LOG_LEVEL, "3");
	return 0;
}

static inline int
home_close(void **state)
{
	DIR *d = opendir(home);
	struct dirent *e;
	char path[400];

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", home, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(home);
	return unit_close(state);
}

#endif
