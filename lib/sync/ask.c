/*
 * ask.c - see ask.h. The child never gets descriptor 0 of a FastCGI process: that is the pool's listening socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "sync/ask.h"

enum { ASK_MS = 10000, ANSWER_MAX = 16 * 1024 * 1024 };

struct talk {
	pid_t pid;
	int to, from;        /* -1: closed */
	struct str question; /* what is not sent yet */
	struct buf *answer;
	int64_t deadline;
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Pipes whose ends lie above the standard descriptors and are closed in every child. */
static bool
make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		while (fd[i] >= 0 && fd[i] <= STDERR_FILENO)
			fd[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd[0] >= 0 && fd[1] >= 0;
}

static enum rc
start(struct ctx *cx, const char *verb, struct talk *t)
{
	const char *argv[] = { proc_path(cx->a, "tidemark-worker"), "ask", verb, NULL };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	enum rc rc;

	if (!make_pipe(in) || !make_pipe(out))
		rc = fail(cx, E_UNAVAILABLE, NULL);
	else
		rc = proc_start(cx, argv, in[0], out[1], false, &t->pid);
	shut(&in[0]);
	shut(&out[1]);
	t->to = in[1];
	t->from = out[0];
	if (rc == RC_OK)
		(void)fcntl(t->to, F_SETFL, O_NONBLOCK);
	return rc;
}

/* Sends and receives what is possible now. False: the answer is complete, or the time is over. */
static bool
turn(struct talk *t)
{
	struct pollfd p[2] = { { .fd = t->from, .events = POLLIN }, { .fd = t->to, .events = POLLOUT } };
	int64_t left = t->deadline - clock_mono_ms();
	char chunk[16384];
	ssize_t n;

	if (left <= 0 || t->answer->over)
		return false;
	if (poll(p, 2, (int)left) < 0)
		return errno == EINTR;
	if (p[1].revents) {
		n = t->question.n ? write(t->to, t->question.p, t->question.n) : 0;
		if (n > 0) {
			t->question.p += n;
			t->question.n -= (size_t)n;
		}
		/* A worker that stopped listening may have answered already. */
		if (t->question.n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			shut(&t->to);
	}
	if (!p[0].revents)
		return true;
	n = read(t->from, chunk, sizeof chunk);
	if (n > 0)
		buf_add(t->answer, chunk, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Ends the child whatever it does; true when it ended well by itself. */
static bool
finish(struct talk *t)
{
	int status = 0;
	pid_t got = 0;

	shut(&t->to);
	shut(&t->from);
	for (int i = 0; i < 20 && (got = waitpid(t->pid, &status, WNOHANG)) == 0 && clock_mono_ms() < t->deadline; i++)
		clock_sleep_ms(5);
	if (got == 0) {
		kill(t->pid, SIGKILL);
		while ((got = waitpid(t->pid, &status, 0)) < 0 && errno == EINTR)
			;
	}
	return got == t->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* {"ok": answer} or {"error": {code, detail, waitMs}}. */
static enum rc
unwrap(struct ctx *cx, struct str text, json **answer)
{
	json *reply, *error;
	const struct error_row *row;
	enum error_kind kind = E_BUG;
	const char *detail;

	TRY(json_parse(cx, "The answer of the worker", text, &reply));
	error = json_at(reply, "error");
	if (!error) {
		*answer = json_at(reply, "ok");
		return *answer ? RC_OK : fail(cx, E_BUG, "The worker gave an answer that is none.");
	}
	row = error_by_code(json_str(error, "code"));
	for (int k = 1; row && k < E__MAX; k++)
		if (error_row((enum error_kind)k) == row)
			kind = (enum error_kind)k;
	detail = json_str(error, "detail");
	(void)fail(cx, kind, "%s", detail ? detail : "");
	cx->err.wait_ms = json_num(error, "waitMs", 0);
	return error_row(kind)->rc;
}

enum rc
ask_worker(struct ctx *cx, const char *verb, const json *question, json **answer)
{
	struct talk t = { .question = str_c(json_text(cx->a, question)), .answer = buf_in(cx->a, ANSWER_MAX), .to = -1, .from = -1 };
	void (*old)(int);
	enum rc rc;
	bool late, well;

	*answer = NULL;
	t.deadline = clock_mono_ms() + ASK_MS;
	rc = start(cx, verb, &t);
	if (rc != RC_OK) {
		shut(&t.to);
		shut(&t.from);
		return rc;
	}
	/* Sending to a worker that has ended is an error to look at, not a signal to die of. */
	old = signal(SIGPIPE, SIG_IGN);
	while (turn(&t))
		;
	late = clock_mono_ms() >= t.deadline;
	well = finish(&t);
	signal(SIGPIPE, old);
	if (late)
		return fail(cx, E_SILENT, "There was no answer within %d seconds.", ASK_MS / 1000);
	if (!well || t.answer->over) {
		log_event(LOG_LEVEL_ERR, "ask.failed", "s:verb", verb, "i:bytes", (int64_t)t.answer->n, NULL);
		return fail(cx, E_UNAVAILABLE, "The process that looks at sources ended unexpectedly; try again.");
	}
	return unwrap(cx, buf_s(t.answer), answer);
}

void
wake_tick(void)
{
	struct ctx cx = { .a = arena_new("wake", 65536, 0) };
	const char *argv[] = { proc_path(cx.a, "tidemark-tick"), "--once", NULL };
	pid_t pid;
	int fd;

	/* Ticks that this process started earlier and that have ended. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (conf_set(CONF_WAKE_FILE)) {
		fd = open(conf_str(CONF_WAKE_FILE), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0)
			close(fd);
	} else if (proc_start(&cx, argv, -1, -1, true, &pid) != RC_OK)
		log_event(LOG_LEVEL_WARN, "wake.failed", NULL);
	arena_free(cx.a);
}
