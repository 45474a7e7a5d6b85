/*
 * broker.c - see broker.h. A message is a word: "wake", "end", or what to ask. "wake" has no
 * reply; the others have one byte, and a socket goes with that of a question. The process that
 * answers never gets descriptor 0 of a FastCGI process, which is the pool's listening socket;
 * nor does the broker keep it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/pass.h"
#include "base/proc.h"
#include "ask/broker.h"

enum { WORD_MAX = 32, BROKER_ARENA = 1024 * 1024, GRACE_MS = 100, REAP_MS = 250, PATIENCE_S = 2 };

static const char *const verbs[] = {
#define ASK(verb, answer) verb,
#include "ask/ask.def"
#undef ASK
};

static int channel = -1; /* to the broker, in a process that has one */
static bool lost;
static pid_t child;      /* that answers; 0: none of ours */
static int ticks;        /* started and not yet known to have ended */
static int64_t deadline; /* of the child */

/* --- starting and ending, in the broker or directly --- */

/* A descriptor above the standard ones, closed in every child. */
static int
broker_above(int fd)
{
	int up = fd;

	if (fd >= 0 && fd <= STDERR_FILENO) {
		up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(fd);
	}
	return up;
}

/* The process is started by whoever listens there; which question it is comes first. */
static int
call_service(const char *verb)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct str path = str_c(conf_str(CONF_ASK_SOCKET));
	char line[WORD_MAX + 1];
	size_t n = strlen(verb);
	int fd = broker_above(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	if (path.n >= sizeof to.sun_path || n >= WORD_MAX) {
		close(fd);
		return -1;
	}
	memcpy(to.sun_path, path.p, path.n);
	memcpy(line, verb, n);
	line[n++] = '\n';
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
	    send(fd, line, n, MSG_NOSIGNAL) == (ssize_t)n)
		return fd;
	log_event(LOG_LEVEL_ERR, "ask.no_service", "i:errno", (int64_t)errno, NULL);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The descriptor to talk to, or -1. */
static int
broker_begin(const char *verb)
{
	struct ctx cx = { .a = arena_new("ask", BROKER_ARENA, ARENA_WIPE) };
	const char *argv[] = { proc_path(cx.a, "tidemark-worker"), "ask", verb, NULL };
	int fd[2] = { -1, -1 };

	child = 0;
	deadline = clock_mono_ms() + ASK_MS;
	if (conf_set(CONF_ASK_SOCKET))
		fd[0] = call_service(verb);
	else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0) {
		fd[0] = broker_above(fd[0]);
		fd[1] = broker_above(fd[1]);
		if (proc_start(&cx, argv, fd[1], fd[1], false, &child) != RC_OK) {
			close(fd[0]);
			fd[0] = -1;
		}
		close(fd[1]);
	}
	arena_free(cx.a);
	return fd[0];
}

static bool
broker_end(void)
{
	int status = 0;
	pid_t got = 0, pid = child;

	child = 0;
	if (pid == 0)
		return conf_set(CONF_ASK_SOCKET);
	for (int64_t until = clock_mono_ms() + GRACE_MS;
	     (got = waitpid(pid, &status, WNOHANG)) == 0 && clock_mono_ms() < until;)
		clock_sleep_ms(2);
	if (got == 0) {
		kill(pid, SIGKILL);
		while ((got = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
			;
	}
	return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Ticks that this process started and that have ended. */
static void
broker_reap(void)
{
	while (child == 0 && ticks > 0 && waitpid(-1, NULL, WNOHANG) > 0)
		ticks--;
}

/* limit: of scheduled syncs that it starts, as a text; NULL: none. */
static void
broker_start_tick(const char *limit)
{
	struct ctx cx = { .a = arena_new("wake", BROKER_ARENA, ARENA_WIPE) };
	const char *argv[] = { proc_path(cx.a, "tidemark-tick"), "--once", limit ? "--limit" : NULL,
		limit, NULL };
	pid_t pid;

	if (proc_start(&cx, argv, -1, -1, true, &pid) == RC_OK)
		ticks++;
	else
		log_event(LOG_LEVEL_WARN, "wake.failed", NULL);
	arena_free(cx.a);
}

/* --- the channel --- */

static bool
broker_known(const char *verb)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(verbs[i], verb))
			return true;
	log_event(LOG_LEVEL_ERR, "broker.refused", NULL);
	return false;
}

static bool
broker_obey(int to, const char *word)
{
	bool ok;
	int fd;

	if (!strcmp(word, "wake")) {
		broker_start_tick(NULL);
		return true;
	}
	if (!strcmp(word, "end"))
		return pass_give(to, broker_end() ? '1' : '0', -1);
	if (child)
		(void)broker_end();
	fd = broker_known(word) ? broker_begin(word) : -1;
	ok = pass_give(to, fd >= 0 ? '1' : '0', fd);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* How long to wait for a word: to the end of the child's time, or until ticks may have ended. */
static int
broker_patience(void)
{
	int64_t left = deadline - clock_mono_ms();

	if (!child)
		return ticks ? REAP_MS : -1;
	return left > 0 ? (int)left : 0;
}

static _Noreturn void
broker_serve(int to)
{
	char word[WORD_MAX + 1];
	bool more = true;

	while (more) {
		struct pollfd p = { .fd = to, .events = POLLIN };
		broker_reap();
		int ready = poll(&p, 1, broker_patience());

		if (ready == 0 && child)
			(void)broker_end();
		if (ready <= 0)
			continue;
		ssize_t n = recv(to, word, WORD_MAX, 0);
		if (n <= 0) {
			more = n < 0 && errno == EINTR;
			continue;
		}
		word[n] = '\0';
		more = broker_obey(to, word);
	}
	if (child) {
		kill(child, SIGKILL);
		(void)broker_end();
	}
	_exit(0);
}

/* Nothing of the worker's stays with it but standard error. The worker ends first, and it only
 * then. */
static _Noreturn void
become_broker(int to)
{
	struct ctx cx = { .a = arena_new("broker", BROKER_ARENA, 0) };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "tidemark-broker");
	log_init("tidemark-broker");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    confine(&cx, CONFINE_START, "") != RC_OK) {
		log_event(LOG_LEVEL_ERR, "broker.failed", "s:detail", cx.err.detail, NULL);
		_exit(1);
	}
	if (null > STDERR_FILENO)
		close(null);
	arena_free(cx.a);
	broker_serve(to);
}

enum rc
broker_fork(struct ctx *cx)
{
	struct timeval patience = { .tv_sec = ASK_MS / 1000 + PATIENCE_S };
	int fd[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		return fail(
		    cx, E_UNAVAILABLE, "There is no socket for the process that starts programs.");
	fd[0] = broker_above(fd[0]);
	fd[1] = broker_above(fd[1]);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		become_broker(fd[1]);
	}
	close(fd[1]);
	if (pid < 0 || setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
		return fail(
		    cx, E_UNAVAILABLE, "The process that starts programs could not be made.");
	channel = fd[0];
	return RC_OK;
}

/* --- the callers' side --- */

static bool
broker_say(const char *word)
{
	if (!lost && send(channel, word, strlen(word), MSG_NOSIGNAL) < 0) {
		lost = true;
		log_event(LOG_LEVEL_ERR, "broker.lost", NULL);
	}
	return !lost;
}

/* A reply that does not come would be taken for the next one's. */
static int
broker_hear(int *fd)
{
	int got = pass_take(channel, fd);

	lost = lost || got < 0;
	return got;
}

enum rc
broker_ask(struct ctx *cx, const char *verb, int *fd)
{
	*fd = -1;
	if (channel < 0)
		*fd = broker_begin(verb);
	else if (broker_say(verb))
		(void)broker_hear(fd);
	if (lost) {
		(void)fail(cx, E_UNAVAILABLE,
		    "The process that starts programs has ended; another one takes its place.");
		cx->err.wait_ms = SECOND_MS;
		return RC_RETRY;
	}
	return *fd >= 0 ? RC_OK
			: fail(cx, E_UNAVAILABLE,
			      "A program of Tidemark could not be started; the operator "
			      "should check the installation.");
}

bool
broker_ended(void)
{
	int none;

	if (channel < 0)
		return broker_end();
	return broker_say("end") && broker_hear(&none) == '1';
}

void
broker_wake(void)
{
	struct arena *a;

	if (channel >= 0) {
		(void)broker_say("wake");
		return;
	}
	a = arena_new("wake", BROKER_ARENA, 0);
	/* What is due is the business of whoever keeps the schedule; here it is about what was
	 * asked for. */
	if (!loop_wake(a))
		broker_start_tick("0");
	arena_free(a);
}

bool
broker_lost(void)
{
	return lost;
}
