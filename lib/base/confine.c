/*
 * confine.c - see confine.h. Landlock is spoken to by system call: the headers of Debian 12 know
 * its first version only. Rights that this kernel does not know yet are left out. In builds with
 * sanitizers, which look at /proc and start a process to find leaks, system calls are not
 * filtered and every file may be read.
 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

void
confine_start(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(077);
}

/* --- files --- */

#define FS(n) (UINT64_C(1) << (n))
enum { NET_KNOWN_FROM = 4, SCOPE_KNOWN_FROM = 6, TOLD_MAX = 20 };
static const uint64_t fs_exec = FS(0), fs_read = FS(2) | FS(3),
		      fs_on_file = FS(0) | FS(1) | FS(2) | FS(14);
/* files and directories; no devices, links, sockets */
static const uint64_t fs_write = FS(1) | FS(2) | FS(3) | FS(4) | FS(5) | FS(7) | FS(8) | FS(13) |
    FS(14);
static const uint64_t fs_remove_dir = FS(4);
enum { NET_BIND = 1, NET_CONNECT = 2 };
/* What of the network a profile is denied. */
static const uint64_t nets[] = {
	[CONFINE_WEB] = NET_BIND | NET_CONNECT,
	[CONFINE_SOURCE] = NET_BIND,
	[CONFINE_START] = 0,
	[CONFINE_PARSE] = NET_BIND | NET_CONNECT,
};
static const uint64_t scope_abstract_unix = 1, scope_signal = 2;

/* What the kernels up to 6.12 take; an older one takes it too, as long as what it does not know
 * is zero. */
struct ruleset {
	uint64_t fs, net, scoped;
};

/* All rights over files that a version knows. */
static uint64_t
fs_known(int version)
{
	return (FS(13) - 1) | (version >= 2 ? FS(13) : 0) | (version >= 3 ? FS(14) : 0) |
	    (version >= 5 ? FS(15) : 0);
}

/* Asked once: a confined process may not. */
struct confine_kernel
confine_kernel(void)
{
	static struct confine_kernel k;
	static bool asked;
	long version;

	if (!asked) {
		version = syscall(
		    SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
		k = (struct confine_kernel){ .landlock = version > 0 ? (int)version : 0,
			.seccomp = prctl(PR_GET_SECCOMP) >= 0 };
		asked = true;
	}
	return k;
}

struct rules {
	int fd, version;
	bool failed;
};

/* Directories that are missing: one to write to is made, as the first command would; others
 * cannot be needed. */
static void
confine_allow(struct rules *r, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights &
		    fs_known(r->version) };
	struct stat st;

	if ((rights & fs_write) == fs_write)
		(void)mkdir(path, 0700);
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= fs_on_file;
	if (syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		r->failed = true;
	close(rule.parent_fd);
}

/* Of the directory a path lies in. */
static void
allow_beside(struct rules *r, struct arena *a, const char *path, uint64_t rights)
{
	char *dir = arena_dup(a, path), *slash = strrchr(dir, '/');

	if (slash)
		slash[slash == dir] = '\0';
	confine_allow(r, slash ? dir : ".", rights);
}

/* The program that loads programs: executing one is executing it. */
static int
find_loader(struct dl_phdr_info *info, size_t size, void *out)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(const char **)out = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	return 1;
}

static void
allow_programs(struct rules *r, struct arena *a)
{
	const char *loader = NULL;

	allow_beside(r, a, proc_path(a, "x"), fs_exec);
	dl_iterate_phdr(find_loader, &loader);
	if (loader)
		confine_allow(r, loader, fs_exec);
}

/* Which files. The key may lie outside the state directory; the link of the resolver's file may
 * lead out of /etc. */
static void
allow_files(struct rules *r, struct arena *a, enum confine_profile p, const char *data)
{
	static const char *const web[] = { "/usr/share/zoneinfo", "/etc/localtime", "/etc/ssl",
		"/usr/lib/ssl", NULL };
	static const char *const source[] = { "/etc", "/usr", "/lib", "/lib64", "/dev/urandom",
		"/sys/devices/system/cpu", NULL };
	char resolver[PATH_MAX];

	for (const char *const *v = p == CONFINE_WEB ? web : source; *v; v++)
		confine_allow(r, *v, fs_read);
	if (p == CONFINE_SOURCE && realpath("/etc/resolv.conf", resolver))
		allow_beside(r, a, resolver, fs_read);
	if (conf_set(CONF_KEY_FILE))
		allow_beside(r, a, conf_str(CONF_KEY_FILE), fs_read);
	if (conf_set(CONF_CREDENTIALS))
		confine_allow(r, conf_str(CONF_CREDENTIALS), fs_read);
	if (conf_set(CONF_WAKE_FILE))
		allow_beside(r, a, conf_str(CONF_WAKE_FILE), fs_write);
	confine_allow(r, "/dev/null", FS(1) | FS(2));
	confine_allow(r, conf_str(CONF_HOME), fs_write);
	confine_allow(r, data, fs_write);
	if (SANITIZED)
		confine_allow(r, "/", fs_read | fs_exec);
}

/* What it takes to find servers and to know them, without what else lies in /etc. */
static void
allow_reaching(struct rules *r, struct arena *a)
{
	static const char *const read[] = { "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
		"/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/ld.so.cache", "/etc/ssl",
		"/etc/ca-certificates", "/etc/pki", "/usr/share/ca-certificates", "/usr/lib/ssl",
		"/usr/local/share/ca-certificates", "/sys/devices/system/cpu", NULL };
	char resolver[PATH_MAX];

	for (const char *const *v = read; *v; v++)
		confine_allow(r, *v, fs_read);
	if (!realpath("/etc/resolv.conf", resolver))
		return;
	if (str_starts(str_c(resolver), "/etc/"))
		confine_allow(r, resolver, fs_read);
	else
		allow_beside(r, a, resolver, fs_read);
}

/* Without a directory of its own nothing is left to write. An empty one is removed by way of the
 * one that it lies in. */
static void
allow_reading(struct rules *r, struct arena *a, const struct confine_left *left)
{
	static const char *const read[] = { "/usr/share/zoneinfo", "/etc/localtime", "/usr/lib",
		"/usr/lib64", "/lib", "/lib64", NULL };

	for (const char *const *v = read; *v; v++)
		confine_allow(r, *v, fs_read);
	confine_allow(r, "/dev/urandom", fs_read);
	if (!left->dir)
		return;
	for (const char *const *v = left->files; *v; v++)
		confine_allow(r, *v, fs_write & fs_on_file);
	confine_allow(r, "/dev/null", FS(1) | FS(2));
	confine_allow(r, left->dir, fs_write);
	if (left->reach)
		allow_reaching(r, a);
	else
		allow_beside(r, a, left->dir, fs_remove_dir);
}

static bool
reading_files(struct arena *a, const struct confine_left *left)
{
	struct rules r = { .version = confine_kernel().landlock };
	struct ruleset all = { .fs = fs_known(r.version) };
	bool ok;

	if (r.version == 0)
		return true;
	if (r.version >= NET_KNOWN_FROM)
		all.net = NET_BIND | (left->reach ? 0 : NET_CONNECT);
	if (r.version >= SCOPE_KNOWN_FROM && !left->dir)
		all.scoped = scope_abstract_unix | scope_signal;
	r.fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (r.fd < 0)
		return false;
	allow_reading(&r, a, left);
	ok = !r.failed && syscall(SYS_landlock_restrict_self, r.fd, 0) == 0;
	close(r.fd);
	return ok;
}

static enum rc
lock_files(struct ctx *cx, enum confine_profile p, const char *data)
{
	struct rules r = { .version = confine_kernel().landlock };
	struct ruleset all = { 0 };
	bool ok;

	if (r.version == 0)
		return RC_OK;
	if (p == CONFINE_PARSE)
		return SANITIZED || reading_files(cx->a, &(struct confine_left){ 0 })
		    ? RC_OK
		    : fail(cx, E_UNAVAILABLE, "The kernel refuses to restrict what parses.");
	all.fs = p == CONFINE_START ? fs_exec : fs_known(r.version);
	if (r.version >= NET_KNOWN_FROM)
		all.net = nets[p];
	if (r.version >= SCOPE_KNOWN_FROM && p != CONFINE_START)
		all.scoped = scope_abstract_unix | scope_signal;
	r.fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (r.fd < 0)
		return fail(cx, E_UNAVAILABLE, "The kernel refuses to restrict access to files.");
	if (p == CONFINE_START)
		allow_programs(&r, cx->a);
	else
		allow_files(&r, cx->a, p, data);
	ok = !r.failed && syscall(SYS_landlock_restrict_self, r.fd, 0) == 0;
	close(r.fd);
	return ok ? RC_OK
		  : fail(cx, E_UNAVAILABLE, "The kernel refuses to restrict access to files.");
}

/* --- system calls --- */

/* What memory, files, time and one's own process take. */
static const char common_calls[] =
    "read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range fstat stat "
    "lstat newfstatat statx access faccessat faccessat2 open openat readlink readlinkat "
    "getcwd fcntl flock fsync fdatasync sync_file_range ftruncate fallocate fadvise64 sendfile "
    "copy_file_range mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 "
    "fchown utimensat umask getdents64 statfs fstatfs dup dup2 dup3 "
    "pipe pipe2 poll ppoll select pselect6 munmap mremap brk madvise mlock "
    "mlock2 munlock futex set_robust_list rseq rt_sigaction rt_sigprocmask rt_sigreturn "
    "sigaltstack alarm timer_create timer_settime timer_delete clock_gettime clock_getres "
    "clock_nanosleep nanosleep gettimeofday time getrandom getpid getppid gettid getuid geteuid "
    "getgid getegid getrusage sysinfo uname sched_yield sched_getaffinity "
    "getsockopt getsockname getpeername recvfrom recvmsg sendto sendmsg shutdown exit exit_group "
    "restart_syscall";
/* What is read and answered by way of descriptors that are open, and what character sets take. */
static const char parse_calls[] =
    "read readv pread64 write writev lseek close fstat stat newfstatat statx access faccessat "
    "faccessat2 readlink getcwd fcntl munmap mremap brk madvise futex set_robust_list rseq "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack clock_gettime clock_getres gettimeofday "
    "time getrandom getpid gettid getrusage sysinfo uname sched_yield recvfrom recvmsg sendto "
    "sendmsg exit exit_group restart_syscall";
static const char source_calls[] =
    "connect setsockopt sendmmsg recvmmsg socketpair eventfd2 set_tid_address "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self wait4";

/* Calls that are allowed when one argument fits; or, with `refuse`, then refused without a word,
 * because the C library only tries them. */
struct by_argument {
	unsigned profiles;
	const char *call;
	unsigned arg;
	uint64_t mask, value;
	int refuse;
};

#define WEB (1U << CONFINE_WEB)
#define SOURCE (1U << CONFINE_SOURCE)
#define PARSE (1U << CONFINE_PARSE)
#define NO_WRITING (O_ACCMODE | O_CREAT | O_TRUNC)
#define WORD UINT32_MAX
#define NEW_CODE (PROT_EXEC | PROT_WRITE)
/* Addresses cannot be judged here, for they are behind a pointer: which may be reached is judged
 * in lib/net. */
static const struct by_argument by_argument[] = {
	/* asks for a limit, sets none */
	{ WEB | SOURCE | PARSE, "prlimit64", 2, UINT64_MAX, 0, 0 },
	{ WEB | SOURCE | PARSE, "ioctl", 1, WORD, TCGETS, 0 }, /* is this a terminal? */
	{ PARSE, "open", 1, NO_WRITING, O_RDONLY, 0 },
	{ PARSE, "openat", 2, NO_WRITING, O_RDONLY, 0 },
	{ SOURCE, "ioctl", 1, WORD, FIONREAD, 0 }, /* how long is what a name server says? */
	/* the database gives its files their mode; nobody's files are opened to others */
	{ WEB | SOURCE, "fchmod", 1, 077, 0, 0 },
	{ WEB | SOURCE | PARSE, "mprotect", 2, PROT_EXEC, 0, 0 },
	{ WEB | SOURCE | PARSE, "mmap", 2, PROT_EXEC, 0, 0 },
	/* character sets are loaded when they are needed */
	{ SOURCE | PARSE, "mmap", 2, NEW_CODE, PROT_EXEC, 0 },
	/* waiting for many at once: tidemark-stream */
	{ WEB, "epoll_create1", 0, 0, 0, 0 },
	{ WEB, "epoll_ctl", 0, 0, 0, 0 },
	{ WEB, "epoll_pwait", 0, 0, 0, 0 },
	{ WEB, "accept", 0, WORD, STDIN_FILENO, 0 },
	{ WEB, "accept4", 0, WORD, STDIN_FILENO, 0 },
	{ SOURCE, "clone", 0, CLONE_THREAD, CLONE_THREAD, 0 },
	/* its flags cannot be seen; clone comes next */
	{ SOURCE, "clone3", 0, 0, 0, ENOSYS },
	{ SOURCE, "socket", 0, WORD, AF_INET, 0 },
	{ SOURCE, "socket", 0, WORD, AF_INET6, 0 },
	{ SOURCE, "socket", 0, WORD, AF_UNIX, EAFNOSUPPORT }, /* a name service cache */
	/* the addresses of this machine, before a name is resolved */
	{ SOURCE, "socket", 0, WORD, AF_NETLINK, EAFNOSUPPORT },
	{ SOURCE, "prctl", 0, WORD, PR_SET_NAME, 0 },
	/* to be confined once more: confine_reading() */
	{ SOURCE, "seccomp", 0, WORD, SECCOMP_SET_MODE_FILTER, 0 },
};
#undef WEB
#undef SOURCE
#undef PARSE
#undef NO_WRITING
#undef WORD
#undef NEW_CODE

/* The number of a call here; calls of other processors are left out. */
static bool
confine_add(scmp_filter_ctx f, uint32_t action, struct str name, const struct scmp_arg_cmp *when)
{
	char text[32];
	int nr;

	if (name.n >= sizeof text)
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	nr = seccomp_syscall_resolve_name(text);
	return nr < 0 || seccomp_rule_add_array(f, action, nr, when ? 1 : 0, when) == 0;
}

static bool
add_all(scmp_filter_ctx f, struct str names)
{
	bool ok = true;

	while (ok && names.n)
		ok = confine_add(f, SCMP_ACT_ALLOW, str_cut(names, ' ', &names), NULL);
	return ok;
}

static bool
add_by_argument(scmp_filter_ctx f, enum confine_profile p)
{
	struct scmp_arg_cmp self = { .op = SCMP_CMP_EQ, .datum_a = (uint64_t)getpid() };
	bool ok = confine_add(f, SCMP_ACT_ALLOW, str_c("kill"), &self) &&
	    confine_add(f, SCMP_ACT_ALLOW, str_c("tgkill"), &self);

	for (size_t i = 0; ok && i < sizeof by_argument / sizeof *by_argument; i++) {
		const struct by_argument *b = &by_argument[i];
		struct scmp_arg_cmp when = {
			.arg = b->arg,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = b->mask,
			.datum_b = b->value,
		};

		if (b->profiles & 1U << p)
			ok = confine_add(f,
			    b->refuse ? SCMP_ACT_ERRNO((unsigned)b->refuse) : SCMP_ACT_ALLOW,
			    str_c(b->call), b->mask ? &when : NULL);
	}
	return ok;
}

/* In place of a refused call, which then fails like any other. */
static void
on_refused(int sig, siginfo_t *info, void *context)
{
	static int told;
	ucontext_t *uc = context;

	(void)sig;
	if (told++ < TOLD_MAX)
		log_event(
		    LOG_LEVEL_ERR, "confine.refused", "i:call", (int64_t)info->si_syscall, NULL);
#if defined(__x86_64__)
	uc->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
	uc->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
	(void)uc;
	_exit(EX_SOFTWARE);
#endif
}

static enum rc
lock_calls(struct ctx *cx, enum confine_profile p)
{
	scmp_filter_ctx f;
	bool ok;

	if (SANITIZED || p == CONFINE_START || !confine_kernel().seccomp)
		return RC_OK;
	sigaction(SIGSYS,
	    &(struct sigaction){ .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_RESTART },
	    NULL);
	f = seccomp_init(SCMP_ACT_TRAP);
	ok = f && seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
	    add_all(f, str_c(p == CONFINE_PARSE ? parse_calls : common_calls)) &&
	    (p != CONFINE_SOURCE || add_all(f, str_c(source_calls))) && add_by_argument(f, p) &&
	    seccomp_load(f) == 0;
	if (f)
		seccomp_release(f);
	return ok ? RC_OK : fail(cx, E_UNAVAILABLE, "The kernel refuses to restrict system calls.");
}

/* --- before what strangers wrote is read, and before it is parsed --- */

/* On top of what is filtered already. */
static bool
parsing_calls(void)
{
	static const char reaching[] = "socket socketpair connect sendmmsg clone clone3";
	struct str names = str_c(reaching);
	scmp_filter_ctx f;
	bool ok;

	if (!confine_kernel().seccomp)
		return true;
	f = seccomp_init(SCMP_ACT_ALLOW);
	/* It has no new privileges already, and may not say so again. */
	ok = f && seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 0) == 0;
	while (ok && names.n)
		ok = confine_add(f, SCMP_ACT_ERRNO(EPERM), str_cut(names, ' ', &names), NULL);
	ok = ok && seccomp_load(f) == 0;
	if (f)
		seccomp_release(f);
	return ok;
}

enum rc
confine_reading(struct ctx *cx, const struct confine_left *left)
{
	if (SANITIZED || (reading_files(cx->a, left) && (left->reach || parsing_calls())))
		return RC_OK;
	return fail(cx, E_UNAVAILABLE, "The kernel refuses to restrict what reads.");
}

enum rc
confine(struct ctx *cx, enum confine_profile p, const char *data)
{
	TRY(lock_files(cx, p, data));
	return lock_calls(cx, p);
}
