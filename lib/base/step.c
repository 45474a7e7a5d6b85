/*
 * step.c - the named points of step.h. Empty outside test builds; there it is the second reader
 * of the environment, for two names of its own.
 */
#include "base/step.h"

#ifdef TIDEMARK_STEPS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

static struct {
	void (*fn)(void *arg, const char *name);
	void *arg;
	bool more;
} watcher;
static int page;

void
step_watch(void (*fn)(void *arg, const char *name), void *arg)
{
	watcher.fn = fn;
	watcher.arg = arg;
	watcher.more = false;
}

void
step_watch_more(bool more)
{
	watcher.more = more;
}

void
step_watched(const char *name)
{
	if (watcher.fn && watcher.more)
		watcher.fn(watcher.arg, name);
}

void
step_pages(int n)
{
	page = n;
}

int
step_page(int usual)
{
	return page > 0 && page < usual ? page : usual;
}

void
step(const char *name)
{
	static int64_t kill_at, count;
	static pid_t pid; /* a forked child counts its own steps */
	const char *log_path = getenv("TIDEMARK_STEP_LOG");

	if (watcher.fn)
		watcher.fn(watcher.arg, name);
	if (pid != getpid()) {
		pid = getpid();
		count = kill_at = 0;
		str_i64(str_c(getenv("TIDEMARK_STEP_KILL")), 1, INT64_MAX, &kill_at);
	}
	if (log_path && *log_path) {
		int fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		char line[128];
		size_t n = strnlen(name, sizeof line - 1);

		memcpy(line, name, n);
		line[n] = '\n';
		if (fd >= 0) {
			ssize_t put = write(fd, line, n + 1);

			(void)put;
			close(fd);
		}
	}
	if (++count == kill_at)
		raise(SIGKILL);
}
#endif
