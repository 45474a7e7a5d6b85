/*
 * sender.c - notifications: each in a child, which posts it and tells the status as its exit code
 * (0: none).
 */
#include "fake/main/main.h"

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct sender {
	pid_t pid;
	struct note *note;
};

static struct sender senders[SENDERS];

static int
sender_connect(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return -1;
	for (ai = list; ai; ai = ai->ai_next) {
		fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
		if (fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
			break;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

static int
sender_post(const struct fake_note *p)
{
	struct arena *a = arena_new("push", 1 << 20, 0);
	struct str rest = str_c(p->url), host, port;
	const char *text;
	char answer[16] = "";
	int fd;
	int64_t status = 0;

	/* Certificates are not this program's business: a https address wants an origin to send to
	 * instead. */
	if (!str_starts(rest, "http://"))
		return 0;
	rest.p += 7;
	rest.n -= 7;
	host = str_cut(rest, '/', &rest);
	text = arena_printf(a,
	    "POST /%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n"
	    "%s",
	    arena_dup_str(a, rest), arena_dup_str(a, host), p->headers, str_c(p->body).n,
	    p->body ? p->body : "");
	host = str_cut(host, ':', &port);
	fd = sender_connect(arena_dup_str(a, host), port.p ? arena_dup_str(a, port) : "80");
	if (fd < 0)
		return 0;
	setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = 10 }, sizeof(struct timeval));
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0 &&
	    recv(fd, answer, 12, MSG_WAITALL) == 12)
		str_i64((struct str){ answer + 9, 3 }, 100, 599, &status);
	close(fd);
	return (int)status;
}

static _Noreturn void
sender_child(const struct fake_note *p)
{
	int status;

	conns_forget();
	signal(SIGTERM, SIG_DFL);
	alarm(15);
	status = sender_post(p);
	if (status == 0)
		_exit(0);
	/* 200 .. 599 fit into 0 .. 255 by class and last digit, which is all that matters. */
	_exit(status / 100 * 10 + (status % 100 < 10 ? status % 100 : 9));
}

void
senders_start(struct fake *f)
{
	struct fake_note p;

	for (size_t i = 0; i < SENDERS; i++) {
		if (senders[i].pid != 0 || !fake_note_take(f, &p))
			continue;
		senders[i] = (struct sender){ .pid = fork(), .note = p.note };
		if (senders[i].pid == 0)
			sender_child(&p);
		if (senders[i].pid < 0) {
			senders[i].pid = 0;
			fake_note_done(f, p.note, 500);
		}
	}
}

void
senders_collect(struct fake *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < SENDERS; i++)
			if (senders[i].pid == pid) {
				int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

				senders[i].pid = 0;
				fake_note_done(f, senders[i].note, code / 10 * 100 + code % 10);
			}
}

bool
senders_free(void)
{
	for (size_t i = 0; i < SENDERS; i++)
		if (senders[i].pid == 0)
			return true;
	return false;
}
