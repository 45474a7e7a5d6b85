/*
 * ask.c - see ask.h. Who starts the process and ends it: broker.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "ask/ask.h"
#include "ask/broker.h"
#include "ask/place.h"

enum { ANSWER_MAX = 16 * 1024 * 1024 };

struct talk {
	int fd;
	struct str question; /* what is not sent yet; .p NULL: all is, and the other side knows */
	struct buf *answer;
	int64_t deadline;
};

/* A worker that stopped listening may have answered already, so an error in sending is no end. */
static void
send_some(struct talk *t)
{
	ssize_t n = t->question.n
	    ? send(t->fd, t->question.p, t->question.n, MSG_NOSIGNAL | MSG_DONTWAIT)
	    : 0;

	if (n > 0) {
		t->question.p += n;
		t->question.n -= (size_t)n;
	}
	if (t->question.n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		(void)shutdown(t->fd, SHUT_WR);
		t->question = (struct str){ NULL, 0 };
	}
}

/* Sends and receives what is possible now. False: the answer is complete, or the time is over. */
static bool
ask_turn(struct talk *t)
{
	struct pollfd p = { .fd = t->fd,
		.events = (short)(POLLIN | (t->question.p ? POLLOUT : 0)) };
	int64_t left = t->deadline - clock_mono_ms();
	char chunk[16384];
	ssize_t n;

	if (left <= 0 || t->answer->over)
		return false;
	if (poll(&p, 1, (int)left) < 0)
		return errno == EINTR;
	if (t->question.p && p.revents & (POLLOUT | POLLERR | POLLHUP))
		send_some(t);
	if (!(p.revents & (POLLIN | POLLERR | POLLHUP)))
		return true;
	n = recv(t->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (n > 0)
		buf_add(t->answer, chunk, (size_t)n);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* {"ok": answer} or {"error": {code, detail, waitMs}}. */
static enum rc
ask_unwrap(struct ctx *cx, struct str text, json **answer)
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
	const char *owner = json_str(question, "owner");
	struct talk t = { .question = str_c(json_text(cx->a, question)),
		.answer = buf_in(cx->a, ANSWER_MAX) };
	bool late, well;

	*answer = NULL;
	if (owner)
		TRY(place_take(cx, owner));
	t.deadline = clock_mono_ms() + ASK_MS;
	TRY(broker_ask(cx, verb, &t.fd));
	while (ask_turn(&t))
		;
	late = clock_mono_ms() >= t.deadline;
	close(t.fd);
	well = broker_ended();
	if (late)
		return fail(cx, E_SILENT, "There was no answer within %d seconds.", ASK_MS / 1000);
	if (!well || t.answer->over) {
		log_event(LOG_LEVEL_ERR, "ask.failed", "s:verb", verb, "i:bytes",
		    (int64_t)t.answer->n, NULL);
		return fail(cx, E_UNAVAILABLE,
		    "The process that looks at sources ended unexpectedly; try again.");
	}
	return ask_unwrap(cx, buf_s(t.answer), answer);
}

void
wake_tick(void)
{
	int fd;

	if (!conf_set(CONF_WAKE_FILE)) {
		broker_wake();
		return;
	}
	fd = open(conf_str(CONF_WAKE_FILE), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		close(fd);
}
