/*
 * guard.c - see guard.h.
 */
#include "tick/guard.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	PAUSE_MS = 1000, /* whoever kills more than one process of ours has done so by then */
	BRIEF_MS = 1000, /* one that dies so soon would do so again; the next minute tries it */
	FIRST_OTHER_FD = 3
};

static struct {
	const char *path;
	char **argv; /* NULL: it has no guard */
	int64_t began;
	pid_t guard;
} tick;

/* In the child: until the tick has died, however it died, or this is told to end. */
static void
guard_wait(pid_t parent)
{
	sigset_t set;
	int sig = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	if (getppid() == parent)
		sigwait(&set, &sig);
	if (sig == SIGTERM || sig == SIGINT)
		_exit(0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
guard_child(pid_t parent)
{
	prctl(PR_SET_NAME, "tidemark-guard");
	/* Its locks are the tick's, and end with it. */
	close_range(FIRST_OTHER_FD, ~0U, 0);
	guard_wait(parent);
	if (clock_mono_ms() - tick.began < BRIEF_MS)
		_exit(0);
	log_event(LOG_LEVEL_WARN, "tick.killed", "i:pid", (int64_t)parent, NULL);
	clock_sleep_ms(PAUSE_MS);
	execv(tick.path, tick.argv);
	_exit(127);
}

static void
guard_start(void)
{
	const pid_t parent = getpid();

	tick.guard = fork();
	if (tick.guard == 0)
		guard_child(parent);
}

void
guard_with(const char *path, char **argv)
{
	tick.path = path;
	tick.argv = argv;
	tick.began = clock_mono_ms();
}

void
guard_begin(void)
{
	if (tick.argv)
		guard_start();
}

void
guard_keep(void)
{
	if (tick.argv && (tick.guard <= 0 || waitpid(tick.guard, NULL, WNOHANG) != 0))
		guard_start();
}

void
guard_end(void)
{
	if (tick.guard > 0) {
		kill(tick.guard, SIGKILL);
		waitpid(tick.guard, NULL, 0);
	}
	tick.guard = 0;
}
