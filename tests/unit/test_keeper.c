/*
 * The process with the key: what it does for whom it is bound to, and for nobody else. Each case is
 * a child, which has a keeper of its own for good.
 */
#include "unit/grant_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "access/keeper.h"
#include "base/confine.h"
#include "seal/secret.h"
#include "unit/fault_fixture.h"

static enum rc
keep_secret_write(struct ctx *c, struct db *d, void *arg)
{
	json *secret = json_new(c->a);

	json_set_str(secret, "token", arg);
	return secret_save(c, d, OWNER, CONN, secret);
}

static int
keeper_setup(void **state)
{
	int failed = setup(state);

	assert_ok(db_write(&cx, db, keep_secret_write, (void *)(uintptr_t) "of one"));
	return failed;
}

/* 0: as it should be; else the line that was not. */
static int
keeper_child(int (*what)(struct db *))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct db *own;
		int failed = 1;

		confine_start();
		if (keeper_fork(&cx) == RC_OK && db_open(&cx, 0, &own) == RC_OK)
			failed = what(own);
		keeper_end();
		_exit(failed);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

#define CHECK(yes) \
	do { \
		if (!(yes)) \
			return __LINE__ % 250 + 1; \
	} while (0)
#define FAILS(call, e) ((call) != RC_OK && cx.err.kind == (e))

static const struct conn one = { .owner = OWNER, .id = CONN },
			 two = { .owner = OWNER, .id = CONN2 };

static struct conn
with_account(const struct conn *c)
{
	struct conn own = *c;

	own.account_id = ann.account_id;
	return own;
}

static int
its_own(struct db *own)
{
	const struct conn c = with_account(&one);
	const char *bearer, *again;
	json *secret;

	CHECK(!keeper_bound());
	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK);
	CHECK(keeper_bound());
	CHECK(!strcmp(json_str(secret, "token"), "of one"));
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer) == RC_OK);
	CHECK(strlen(bearer) > 10);
	/* One that was refused is replaced. */
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, bearer, &again) == RC_OK);
	CHECK(strcmp(bearer, again) != 0);
	return 0;
}

/* How many files whose names end so has the process with the key, our only child, open? A database
 * is opened with its log; the file itself may be one that was open before. */
static int
child_has_open(const char *end)
{
	char children[64], pid[16] = "", fd[64], to[4096];
	FILE *f;
	DIR *fds;
	ssize_t n;
	int has = 0;

	snprintf(children, sizeof children, "/proc/self/task/%d/children", getpid());
	f = fopen(children, "r");
	if (!f || fscanf(f, "%15s", pid) != 1)
		abort();
	fclose(f);
	snprintf(fd, sizeof fd, "/proc/%s/fd", pid);
	fds = opendir(fd);
	if (!fds)
		abort();
	for (const struct dirent *e; (e = readdir(fds));) {
		n = readlinkat(dirfd(fds), e->d_name, to, sizeof to);
		has += n > 0 && str_ends((struct str){ to, (size_t)n }, end);
	}
	closedir(fds);
	return has;
}

#define LOG "/tidemark.db-wal"

static int
no_database(struct db *own)
{
	const struct conn c = with_account(&one);
	const int inherited = child_has_open(LOG);
	const char *bearer, *again;
	json *secret;

	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK && secret);
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer) == RC_OK);
	CHECK(child_has_open(LOG) == inherited);
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, bearer, &again) == RC_OK);
	CHECK(child_has_open(LOG) > inherited);
	return 0;
}

static int
no_other(struct db *own)
{
	const struct conn c = with_account(&two);
	const char *bearer;
	json *secret;

	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK && !secret);
	CHECK(FAILS(keeper_open(&cx, own, &one, &secret), E_FORBIDDEN));
	CHECK(FAILS(keeper_login(&cx, OWNER, "00000000-0000-7000-8000-0000000000aa"), E_FORBIDDEN));
	CHECK(FAILS(keeper_login(&cx, "somebody", ann.account_id), E_FORBIDDEN));
	/* It is not asked for names: what it was bound to is what it serves. */
	CHECK(FAILS(keeper_login(&cx, OWNER, ann.account_id), E_FORBIDDEN));
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer) == RC_OK);
	return 0;
}

static int
a_login_alone(struct db *own)
{
	const char *bearer;
	json *secret;

	CHECK(keeper_login(&cx, OWNER, ann.account_id) == RC_OK);
	CHECK(keeper_login(&cx, OWNER, ann.account_id) == RC_OK);
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer) == RC_OK);
	CHECK(FAILS(keeper_open(&cx, own, &one, &secret), E_FORBIDDEN));
	return 0;
}

static int
a_secret_alone(struct db *own)
{
	json *secret;

	CHECK(keeper_open(&cx, own, &one, &secret) == RC_OK && secret);
	CHECK(FAILS(keeper_login(&cx, OWNER, ann.account_id), E_FORBIDDEN));
	return 0;
}

static int
nothing_needed(struct db *own)
{
	json *secret;

	CHECK(keeper_open(&cx, own, &two, &secret) == RC_OK && !secret);
	CHECK(!keeper_bound());
	return 0;
}

static int
after_its_end(struct db *own)
{
	const struct conn c = with_account(&one);
	const char *bearer;
	json *secret;

	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK);
	keeper_end();
	CHECK(FAILS(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer), E_UNAVAILABLE));
	return 0;
}

static int
a_dead_grant(struct db *own)
{
	const struct conn c = with_account(&two);
	const char *bearer;
	json *secret;

	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK);
	CHECK(FAILS(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer), E_GRANT));
	CHECK(strstr(cx.err.detail, ANN));
	return 0;
}

/* The other side of it: what reads has no way to the key, and gets tokens all the same. */
static int
without_the_key(struct db *own)
{
	const struct conn c = with_account(&one);
	const char *files[DB_FILES + 1], *bearer, *key = conf_path(cx.a, "master.key");
	json *secret;
	int fd = open(key, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	close(fd);
	CHECK(confine(&cx, CONFINE_SOURCE, home) == RC_OK);
	CHECK(db_files(&cx, cx.a, files) == RC_OK);
	CHECK(confine_reading(&cx,
		  &(struct confine_left){
		      .dir = conf_path(cx.a, "spool"), .files = files, .reach = true }) == RC_OK);
#ifndef __SANITIZE_ADDRESS__
	CHECK(confine_kernel().landlock == 0 || (open(key, O_RDONLY) == -1 && errno == EACCES));
	CHECK(confine_kernel().landlock == 0 || open("/etc/passwd", O_RDONLY) == -1);
	CHECK(confine_kernel().landlock == 0 || rename(key, conf_path(cx.a, "spool/x")) == -1);
#endif
	CHECK(open("/etc/hosts", O_RDONLY) >= 0);
	CHECK(keeper_open(&cx, own, &c, &secret) == RC_OK && secret);
	CHECK(keeper_token(&cx, own, OWNER, ann.account_id, NULL, &bearer) == RC_OK);
	return 0;
}

static void
a_connection_gets_its_secret_and_tokens_from_who_has_the_key(void **state)
{
	(void)state;
	assert_int_equal(keeper_child(its_own), 0);
	assert_int_equal(refreshes(), 1);
}

static void
who_has_the_key_serves_what_it_is_bound_to_and_nobody_else(void **state)
{
	(void)state;
	assert_int_equal(keeper_child(no_other), 0);
	assert_int_equal(keeper_child(a_login_alone), 0);
	assert_int_equal(keeper_child(a_secret_alone), 0);
}

/* To read the views of everybody would cost it more than all else that it does. */
static void
who_has_the_key_reads_the_database_only_for_a_new_token(void **state)
{
	(void)state;
	assert_int_equal(keeper_child(no_database), 0);
}

static void
who_needs_nothing_secret_asks_nobody(void **state)
{
	(void)state;
	assert_int_equal(keeper_child(nothing_needed), 0);
}

static void
without_the_process_that_has_the_key_nothing_is_opened(void **state)
{
	(void)state;
	assert_int_equal(keeper_child(after_its_end), 0);
}

static void
the_end_of_a_grant_is_told_as_ever(void **state)
{
	(void)state;
	raw("UPDATE remote_account SET health = 'attention', error_detail = '" ANN " is shut out'");
	assert_int_equal(keeper_child(a_dead_grant), 0);
}

static void
what_reads_a_source_cannot_open_the_key_and_gets_new_tokens(void **state)
{
	(void)state;
	let_it_grow_old();
	assert_int_equal(keeper_child(without_the_key), 0);
	assert_int_equal(refreshes(), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, keeper_setup, fixture_close)
	const struct CMUnitTest tests[] = {
		T(a_connection_gets_its_secret_and_tokens_from_who_has_the_key),
		T(who_has_the_key_serves_what_it_is_bound_to_and_nobody_else),
		T(who_has_the_key_reads_the_database_only_for_a_new_token),
		T(who_needs_nothing_secret_asks_nobody),
		T(without_the_process_that_has_the_key_nothing_is_opened),
		T(the_end_of_a_grant_is_told_as_ever),
		T(what_reads_a_source_cannot_open_the_key_and_gets_new_tokens),
	};

	return grant_tests(tests, sizeof tests / sizeof *tests);
}
