/*
 * proc.c - see proc.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/proc.h"
#include "base/self.h"

#ifdef TIDEMARK_STEPS
static pid_t played;

void
proc_play(pid_t pid)
{
	played = pid;
}

pid_t
proc_self(void)
{
	return played ? played : getpid();
}
#else
pid_t
proc_self(void)
{
	return getpid();
}
#endif

const char *
proc_path(struct arena *a, const char *program)
{
	const char *dir = conf_set(CONF_BIN_DIR) ? conf_str(CONF_BIN_DIR) : self_dir(a);

	return arena_printf(a, "%s/%s", dir, program);
}

static int
proc_give(posix_spawn_file_actions_t *fa, int fd, int as, int mode)
{
	return fd < 0 ? posix_spawn_file_actions_addopen(fa, as, "/dev/null", mode, 0)
		      : posix_spawn_file_actions_adddup2(fa, fd, as);
}

static int
proc_prepare(posix_spawn_file_actions_t *fa, posix_spawnattr_t *at, int in, int out, bool detached)
{
	int e = 0, where = detached ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	e |= proc_give(fa, in, STDIN_FILENO, O_RDONLY);
	e |= proc_give(fa, out, STDOUT_FILENO, O_WRONLY);
	e |= posix_spawn_file_actions_addclosefrom_np(fa, STDERR_FILENO + 1);
	e |= posix_spawnattr_setsigmask(at, &none);
	e |= posix_spawnattr_setsigdefault(at, &all);
	e |= posix_spawnattr_setpgroup(at, 0);
	e |= posix_spawnattr_setflags(
	    at, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | where));
	return e;
}

enum rc
proc_start(struct ctx *cx, const char *const argv[], int in, int out, bool detached, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char **args = arena_array(cx->a, 16, sizeof *args);
	int e;

	for (size_t i = 0; argv[i]; i++) {
		if (i == 15)
			return fail(cx, E_BUG, "A program was started with too many arguments.");
		args[i] = arena_dup(cx->a, argv[i]);
	}
	if (posix_spawn_file_actions_init(&fa) != 0)
		return fail(cx, E_MEMORY, "There is no memory left to start a program.");
	if (posix_spawnattr_init(&at) != 0) {
		posix_spawn_file_actions_destroy(&fa);
		return fail(cx, E_MEMORY, "There is no memory left to start a program.");
	}
	e = proc_prepare(&fa, &at, in, out, detached);
	if (e == 0)
		e = posix_spawn(pid, args[0], &fa, &at, args, conf_environment(cx->a));
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	if (e == ENOMEM)
		return fail(cx, E_MEMORY, "There is no memory left to start a program.");
	if (e != 0)
		return fail(cx, E_UNAVAILABLE,
		    "A program of Tidemark could not be started; the operator should check the "
		    "installation.");
	return RC_OK;
}

bool
proc_gone(pid_t pid, const char *program)
{
	char path[40], text[128], state = '?';
	ssize_t n;
	int fd;

	if (kill(pid, 0) != 0)
		return errno == ESRCH;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	/* "PID (name) S ...": one that has ended but that nobody has waited for is a Z. */
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	if (!name || !end || end[1] != ' ')
		return false;
	state = end[2];
	*end = '\0';
	return state == 'Z' || state == 'X' || strcmp(name + 1, program) != 0;
}

enum rc
proc_as_owner(struct ctx *cx, const char *dir)
{
	struct stat st;

	if (geteuid() != 0 || stat(dir, &st) != 0 || st.st_uid == 0)
		return RC_OK;
	if (setgroups(0, NULL) != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) != 0)
		return fail(cx, E_FORBIDDEN,
		    "The state directory belongs to another user, whose identity could not be "
		    "taken on.");
	return RC_OK;
}
