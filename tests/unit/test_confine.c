/*
 * What a confined process can still do and what is refused to it. Each case is a child, because
 * confinement is for good.
 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/confine.h"
#include "base/proc.h"

#if defined(__SANITIZE_ADDRESS__)
#define FILTERED 0
#elif defined(__has_feature)
#define FILTERED !__has_feature(address_sanitizer)
#else
#define FILTERED 1
#endif

static char outside[64], told[80];

static int
confine_setup(void **state)
{
	int fd;

	if (home_open(state) != 0)
		return -1;
	snprintf(outside, sizeof outside, "/var/tmp/tmXXXXXX");
	fd = mkstemp(outside);
	if (fd < 0 || write(fd, "foreign", 7) != 7)
		return -1;
	close(fd);
	snprintf(told, sizeof told, "%s/told", home);
	return 0;
}

static int
confine_teardown(void **state)
{
	unlink(outside);
	return home_close(state);
}

/* What a case found, as the exit code of its process. */
enum { AS_IT_SHOULD_BE = 0, NOT_CONFINED = 99 };

static int
in_child(enum confine_profile p, int (*what)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		int log = open(told, O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(log, STDERR_FILENO);
		confine_start();
		_exit(confine(&cx, p, home) == RC_OK ? what() : NOT_CONFINED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* How often the log speaks of a refusal. */
static int
refusals(void)
{
	FILE *f = fopen(told, "r");
	char line[1024];
	int n = 0;

	while (f && fgets(line, sizeof line, f))
		n += strstr(line, "confine.refused") != NULL;
	if (f)
		fclose(f);
	return n;
}

#define REFUSED(call, with) ((call) == -1 && errno == (with))
#define CHECK(n, yes) \
	do { \
		if (!(yes)) \
			return n; \
	} while (0)

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
own_files(void)
{
	char path[96];

	snprintf(path, sizeof path, "%s/a", home);
	CHECK(1, opens(path, O_RDWR | O_CREAT));
	CHECK(2, opens(path, O_RDONLY) && unlink(path) == 0);
	snprintf(path, sizeof path, "%s/sub", home);
	CHECK(3, mkdir(path, 0700) == 0 && rmdir(path) == 0);
	CHECK(4, opens("/usr/share/zoneinfo/Europe/Berlin", O_RDONLY));
	CHECK(5, opens("/dev/null", O_RDWR));
	return AS_IT_SHOULD_BE;
}

/* Landlock says nothing about the modes of files, nor about names within what is one's own. */
static int
nothing_is_opened_to_others(void)
{
	char path[96], name[96];
	int fd;

	snprintf(path, sizeof path, "%s/b", home);
	snprintf(name, sizeof name, "%s/c", home);
	CHECK(1, (fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0);
	CHECK(2, fchmod(fd, 0600) == 0);
	CHECK(3, !FILTERED || REFUSED(fchmod(fd, 0644), EPERM));
	CHECK(4, !FILTERED || REFUSED(chmod(home, 0777), EPERM));
	CHECK(5, !FILTERED || REFUSED(fchmodat(AT_FDCWD, home, 0777, 0), EPERM));
	CHECK(6, !FILTERED || REFUSED(link(path, name), EPERM));
	close(fd);
	return AS_IT_SHOULD_BE;
}

static int
foreign_files(void)
{
	CHECK(1, REFUSED(open("/var/tmp/tidemark-new", O_RDWR | O_CREAT, 0600), EACCES));
	CHECK(2, REFUSED(open(outside, O_RDWR), EACCES));
	CHECK(3, REFUSED(open("/usr/share/zoneinfo/UTC", O_RDWR), EACCES));
	CHECK(4, !FILTERED || REFUSED(open(outside, O_RDONLY), EACCES));
	CHECK(5, !FILTERED || REFUSED(open("/root", O_RDONLY | O_DIRECTORY), EACCES));
	CHECK(6, !FILTERED || REFUSED(open("/proc/1/status", O_RDONLY), EACCES));
	CHECK(7, REFUSED(unlink(outside), EACCES));
	return AS_IT_SHOULD_BE;
}

static int
files_of_web(void)
{
	CHECK(20, !FILTERED || REFUSED(open("/etc/passwd", O_RDONLY), EACCES));
	return foreign_files();
}

static int
files_of_source(void)
{
	CHECK(20, opens("/etc/hosts", O_RDONLY) && opens("/etc/ssl/openssl.cnf", O_RDONLY));
	return foreign_files();
}

static int
no_programs(void)
{
	char *const args[] = { (char *)(uintptr_t) "/bin/true", NULL };
	pid_t pid = fork();

	if (pid == 0)
		_exit(50);
	CHECK(1, REFUSED(pid, EPERM));
	CHECK(2, REFUSED(vfork(), EPERM));
	CHECK(3, REFUSED(execv("/bin/true", args), EPERM));
	CHECK(4, REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM));
	CHECK(5, REFUSED(kill(getppid(), SIGTERM), EPERM));
	CHECK(6, kill(getpid(), 0) == 0);
	CHECK(7, REFUSED(setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 }), EPERM));
	CHECK(8, REFUSED(prctl(PR_SET_DUMPABLE, 1), EPERM));
	CHECK(9,
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0) == MAP_FAILED);
	CHECK(10,
	    mprotect((void *)((uintptr_t)&told & ~(uintptr_t)4095), 4096, PROT_READ | PROT_EXEC) ==
		-1);
	return AS_IT_SHOULD_BE;
}

static int
no_sockets(void)
{
	int fd[2];

	CHECK(1, REFUSED(socket(AF_INET, SOCK_STREAM, 0), EPERM));
	CHECK(2, REFUSED(socket(AF_INET6, SOCK_DGRAM, 0), EPERM));
	CHECK(3, REFUSED(socket(AF_UNIX, SOCK_STREAM, 0), EPERM));
	CHECK(4, REFUSED(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), EPERM));
	CHECK(5, REFUSED(connect(0, NULL, 0), EPERM));
	CHECK(6, REFUSED(bind(0, NULL, 0), EPERM));
	CHECK(7, REFUSED(listen(0, 1), EPERM));
	/* On descriptor 0 alone. */
	CHECK(8, REFUSED(accept(0, NULL, NULL), ENOTSOCK));
	CHECK(9, REFUSED(accept(3, NULL, NULL), EPERM));
	return AS_IT_SHOULD_BE;
}

static struct sockaddr_in there; /* listens */

static int
clients_only(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	CHECK(1, fd >= 0 && connect(fd, (struct sockaddr *)&there, sizeof there) == 0);
	CHECK(2, udp >= 0 || errno == EAFNOSUPPORT);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(3,
	    fd >= 0 &&
		REFUSED(bind(fd, (struct sockaddr *)&any, sizeof any), FILTERED ? EPERM : EACCES));
	CHECK(4, !FILTERED || REFUSED(listen(fd, 1), EPERM));
	CHECK(5, !FILTERED || REFUSED(socket(AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT));
	CHECK(6, !FILTERED || REFUSED(socket(AF_PACKET, SOCK_RAW, 0), EPERM));
	return AS_IT_SHOULD_BE;
}

static void *
in_thread(void *p)
{
	*(int *)p = 1;
	return NULL;
}

static int
threads(void)
{
	int ran = 0;
	pthread_t t;

	CHECK(1, pthread_create(&t, NULL, in_thread, &ran) == 0);
	CHECK(2, pthread_join(t, NULL) == 0 && ran);
	return AS_IT_SHOULD_BE;
}

/* A script needs its interpreter, which is not a program of ours: only a program that is whole
 * by itself will do. */
static int
programs_of_ours(void)
{
	char *const args[] = { (char *)(uintptr_t) "/bin/true", NULL };
	const char *argv[] = { proc_path(cx.a, "own"), NULL };
	int status = 1;
	pid_t pid;

	CHECK(1, REFUSED(execv("/bin/true", args), EACCES));
	CHECK(2, proc_start(&cx, argv, -1, -1, false, &pid) == RC_OK);
	CHECK(3, waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	argv[0] = "/bin/true";
	CHECK(4, proc_start(&cx, argv, -1, -1, false, &pid) != RC_OK);
	return AS_IT_SHOULD_BE;
}

static void
a_web_process_has_its_own_files_only(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_WEB, own_files), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_WEB, nothing_is_opened_to_others), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_WEB, files_of_web), AS_IT_SHOULD_BE);
}

static void
a_web_process_starts_nothing(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_WEB, no_programs), AS_IT_SHOULD_BE);
	assert_int_not_equal(in_child(CONFINE_WEB, threads), AS_IT_SHOULD_BE);
	assert_in_range(refusals(), 8, 20);
}

static void
a_web_process_opens_no_socket(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_WEB, no_sockets), AS_IT_SHOULD_BE);
	assert_int_equal(refusals(), 8);
}

static void
a_worker_has_its_own_files_and_those_of_the_resolver(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_SOURCE, own_files), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_SOURCE, nothing_is_opened_to_others), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_SOURCE, files_of_source), AS_IT_SHOULD_BE);
}

static void
a_worker_reaches_out_and_serves_nobody(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof there;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&there, &n), 0);
	assert_int_equal(in_child(CONFINE_SOURCE, clients_only), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_SOURCE, threads), AS_IT_SHOULD_BE);
	if (FILTERED)
		assert_int_equal(in_child(CONFINE_SOURCE, no_programs), AS_IT_SHOULD_BE);
	close(fd);
}

static bool
made(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool yes = fd >= 0 && write(fd, "x", 1) == 1;

	if (fd >= 0)
		close(fd);
	return yes;
}

static const char *
under_home(const char *name)
{
	return arena_printf(cx.a, "%s/%s", home, name);
}

static int
parsing_reaches_nothing(int before)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };

	CHECK(30, REFUSED(socket(AF_INET, SOCK_STREAM, 0), EPERM));
	CHECK(31, REFUSED(connect(before, (struct sockaddr *)&a, sizeof a), EPERM));
	CHECK(32, REFUSED(open("/etc/hosts", O_RDONLY), EACCES));
	CHECK(33, REFUSED(open(under_home("master.key"), O_RDONLY), EACCES));
	CHECK(34, REFUSED(open(under_home("work/y/page"), O_RDONLY), EACCES));
	CHECK(35, REFUSED(open(under_home("new"), O_RDWR | O_CREAT, 0600), EACCES));
	CHECK(36, REFUSED(rename(under_home("work/x/page"), under_home("work/y/z")), EACCES));
	CHECK(37, REFUSED(unlink(under_home("db")), EACCES));
	CHECK(38, REFUSED(unlink(under_home("work/y/page")), EACCES));
	return AS_IT_SHOULD_BE;
}

static int
parsing(void)
{
	const char *const files[] = { under_home("db"), NULL };
	const struct confine_left left = { .dir = under_home("work/x"), .files = files };
	int before = socket(AF_INET, SOCK_STREAM, 0), found;
	iconv_t set;

	CHECK(1, mkdir(under_home("work"), 0700) == 0 && mkdir(left.dir, 0700) == 0);
	CHECK(2, mkdir(under_home("work/y"), 0700) == 0 && made(under_home("work/y/page")));
	CHECK(
	    3, made(files[0]) && made(under_home("master.key")) && made(under_home("work/x/page")));
	CHECK(4, confine_reading(&cx, &left) == RC_OK);
	found = FILTERED ? parsing_reaches_nothing(before) : AS_IT_SHOULD_BE;
	CHECK(found, found == AS_IT_SHOULD_BE);
	CHECK(5, opens("/usr/share/zoneinfo/Europe/Berlin", O_RDONLY));
	CHECK(6, (set = iconv_open("UTF-8", "KOI8-U")) != (iconv_t)-1 && iconv_close(set) == 0);
	CHECK(7, opens(files[0], O_RDWR) && made(under_home("work/x/more")));
	CHECK(8, unlink(under_home("work/x/more")) == 0 && unlink(under_home("work/x/page")) == 0);
	CHECK(9, rmdir(left.dir) == 0);
	return AS_IT_SHOULD_BE;
}

static void
what_parses_reaches_nothing_and_has_no_key(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_SOURCE, parsing), AS_IT_SHOULD_BE);
	assert_int_equal(refusals(), 0);
}

static bool
refused(enum rc rc)
{
	bool yes = rc != RC_OK && cx.err.kind == E_UNAVAILABLE;

	cx.err = (struct err){ 0 };
	return yes;
}

/* Every right that is to be given up is named in a set of rules, which takes a descriptor. */
static int
without_descriptors(void)
{
	struct confine_left left = { .dir = home, .files = (const char *const[]){ NULL } };
	const struct rlimit none = { 0, 0 };

	CHECK(1, setrlimit(RLIMIT_NOFILE, &none) == 0);
	for (enum confine_profile p = CONFINE_WEB; p <= CONFINE_PARSE; p++)
		CHECK(2 + (int)p, refused(confine(&cx, p, home)));
	CHECK(10, refused(confine_reading(&cx, &left)));
	left.reach = true;
	CHECK(11, refused(confine_reading(&cx, &left)));
	return AS_IT_SHOULD_BE;
}

/* So many sets of rules a process can have, the first included. */
enum { RULES_MAX = 16 };

static int
once_too_often(void)
{
	const struct confine_left left = {
		.dir = home,
		.files = (const char *const[]){ NULL },
		.reach = true,
	};

	for (int n = 1; n < RULES_MAX; n++)
		CHECK(1, confine_reading(&cx, &left) == RC_OK);
	CHECK(2, refused(confine_reading(&cx, &left)));
	CHECK(3, refused(confine(&cx, CONFINE_WEB, home)));
	return AS_IT_SHOULD_BE;
}

static int
unconfined(int (*what)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(what());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
who_cannot_be_confined_is_told_so(void **state)
{
	(void)state;
	assert_int_equal(unconfined(without_descriptors), AS_IT_SHOULD_BE);
	assert_int_equal(in_child(CONFINE_SOURCE, once_too_often), AS_IT_SHOULD_BE);
}

static void
a_starter_starts_programs_of_ours_only(void **state)
{
	char cmd[160];

	(void)state;
	conf_override(CONF_BIN_DIR, home);
	snprintf(cmd, sizeof cmd, "cp /bin/true %s/own", home);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(in_child(CONFINE_START, programs_of_ours), AS_IT_SHOULD_BE);
	conf_override(CONF_BIN_DIR, NULL);
}

static int
quiet(void)
{
	struct rlimit core;

	CHECK(1, getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
	CHECK(2, prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(3, umask(0) == 077);
	return AS_IT_SHOULD_BE;
}

static void
every_process_leaves_no_core_and_no_open_file(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_START, quiet), AS_IT_SHOULD_BE);
}

static int
crash(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 1;
}

static void
a_crash_is_still_a_crash(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_WEB, crash), 128 + SIGSEGV);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, confine_setup, confine_teardown)
	const struct CMUnitTest tests[] = {
		T(a_web_process_has_its_own_files_only),
		T(a_worker_has_its_own_files_and_those_of_the_resolver),
		T(a_worker_reaches_out_and_serves_nobody),
		T(what_parses_reaches_nothing_and_has_no_key),
		T(a_starter_starts_programs_of_ours_only),
		T(every_process_leaves_no_core_and_no_open_file),
		T(a_crash_is_still_a_crash),
		/* Sanitizers need calls that the filter refuses: builds with them have none, and
		 * leave these out. */
		T(a_web_process_starts_nothing),
		T(a_web_process_opens_no_socket),
		T(who_cannot_be_confined_is_told_so),
	};

	/* Where the kernel has neither, there is nothing to test; doctor reports it. */
	if (!confine_kernel().landlock || !confine_kernel().seccomp) {
		puts("1..0 # SKIP this kernel has no Landlock or no seccomp");
		return 0;
	}
	return _cmocka_run_group_tests(
	    "confine", tests, sizeof tests / sizeof *tests - (FILTERED ? 0 : 3), NULL, NULL);
}
