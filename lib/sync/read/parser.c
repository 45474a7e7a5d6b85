/*
 * parser.c - see parser.h. Two words are said to the process that is split off: one makes a process
 * that parses, and gets a socket to it; the other ends that one, and gets how it ended. It reads
 * nothing else, so it stays as it was made.
 */
#include "sync/read/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/pass.h"

enum { WORD_BEGIN = 'b', WORD_END = 'e', PARSE_FILES = 32, CHANNEL = STDERR_FILENO + 1 };

static int channel = -1; /* in the process that runs it */
static pid_t nursery;
static bool forked;

/* --- the process that parses --- */

static int parsing_fd;

/* In place of what fills the memory: the arena stays as it is. */
static void
parse_full(void)
{
	struct ctx cx = { .a = arena_new("full", 1024 * 1024, 0) };

	(void)fail(
	    &cx, E_SOURCE_TOO_LARGE, "To be parsed it takes more memory than one sync may have.");
	parsed_say_end(&cx, parsing_fd);
	_exit(0);
}

/* parent: whose end is its end. */
static _Noreturn void
parse_serve(int fd, pid_t parent)
{
	const size_t room = (size_t)conf_int(CONF_WORKER_MB) << 20;
	struct ctx cx = { .a = arena_new("parser", room / 4 * 3, 0) };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setrlimit(RLIMIT_CPU, &(struct rlimit){ PARSER_SECONDS, PARSER_SECONDS });
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ PARSE_FILES, PARSE_FILES });
	setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
	parsing_fd = fd;
	arena_when_full(parse_full);
	if (confine(&cx, CONFINE_PARSE, NULL) == RC_OK)
		parsed_serve(&cx, fd);
	else
		parsed_say_end(&cx, fd);
	_exit(0);
}

/* --- what makes it --- */

/* A process that parses; *fd: to talk to it, or -1. */
static pid_t
nursery_begin(int *fd)
{
	const pid_t self = getpid();
	int pair[2];
	pid_t child;

	*fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		close(pair[0]);
		close(CHANNEL);
		parse_serve(pair[1], self);
	}
	close(pair[1]);
	*fd = pair[0];
	if (child < 0) {
		close(*fd);
		*fd = -1;
	}
	return child;
}

static int
nursery_end(pid_t child)
{
	int status = 0;

	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static _Noreturn void
nursery_serve(void)
{
	pid_t child = -1;
	bool more = true;
	int fd, status;

	while (more) {
		const int word = pass_take(CHANNEL, &fd);

		more = word >= 0;
		if (child > 0) {
			status = nursery_end(child);
			child = -1;
			if (word == WORD_END)
				more = pass_bytes(CHANNEL, (char *)&status, sizeof status, true);
		}
		if (word == WORD_BEGIN) {
			child = nursery_begin(&fd);
			more = pass_give(CHANNEL, child > 0, fd);
			if (fd >= 0)
				close(fd);
		}
	}
	_exit(0);
}

/* Nothing of the other process stays with it but standard error: no descriptor, and no secret. */
static _Noreturn void
nursery_become(int fd)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "tidemark-parser");
	log_init("tidemark-parser");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (int k = 0; k < CONF__MAX; k++)
		if (conf_secret((enum conf_key)k))
			conf_forget((enum conf_key)k);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    (fd != CHANNEL && dup2(fd, CHANNEL) < 0) || close_range(CHANNEL + 1, ~0U, 0) != 0)
		_exit(1);
	nursery_serve();
}

enum rc
parser_fork(struct ctx *cx)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return fail(cx, E_UNAVAILABLE, "There is no socket for the process that parses.");
	nursery = fork();
	if (nursery == 0)
		nursery_become(fd[1]);
	close(fd[1]);
	channel = fd[0];
	if (nursery < 0)
		return fail(cx, E_UNAVAILABLE, "The process that parses could not be made.");
	forked = true;
	return RC_OK;
}

/* --- the other side --- */

void
parser_end(void)
{
	if (channel < 0)
		return;
	close(channel);
	channel = -1;
	while (waitpid(nursery, NULL, 0) < 0 && errno == EINTR)
		;
}

static enum rc
run_here(struct ctx *cx, const struct parsing *p, struct sink *sink)
{
	struct page_in *pages;

	TRY(spool_pages(cx, p->spool, p->cut, p->read_bytes, &pages));
	return p->provider->reader->parse(cx, p->source, pages, p->spool->pages, sink);
}

/* What a person is told of how it ended. Killed from outside: nothing is wrong with the source. */
static enum rc
run_lost(struct ctx *cx, int status)
{
	const int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	log_event(LOG_LEVEL_ERR, "parser.ended", "i:signal", (int64_t)by, NULL);
	if (by == SIGXCPU)
		return fail(cx, E_SOURCE_TOO_LARGE,
		    "To be parsed it takes more than %d minutes of a processor.",
		    PARSER_SECONDS / 60);
	if (by == SIGKILL)
		return fail(
		    cx, E_UNAVAILABLE, "The process that parses was ended; the next one goes on.");
	return fail(cx, E_CRASHED,
	    "The process that parses what the source has sent ended unexpectedly (signal %d). "
	    "No record was changed.",
	    by);
}

enum rc
parser_run(struct ctx *cx, const struct parsing *p, struct sink *sink)
{
	bool lost = false;
	int fd, status = 0;
	enum rc rc;

	if (!forked)
		return run_here(cx, p, sink);
	if (channel < 0 || !pass_give(channel, WORD_BEGIN, -1) || pass_take(channel, &fd) <= 0 ||
	    fd < 0)
		return fail(
		    cx, E_UNAVAILABLE, "The process that parses has ended; the next one goes on.");
	rc = parsed_take(cx, fd, p, sink, &lost);
	close(fd);
	if (!pass_give(channel, WORD_END, -1) ||
	    !pass_bytes(channel, (char *)&status, sizeof status, false))
		status = SIGKILL;
	return lost ? run_lost(cx, status) : rc;
}
