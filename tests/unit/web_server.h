/*
 * web_server.h - a web server on the loopback with scripted answers, one per path, for tests of
 * what fetches.
 *
 * web_start() forks it into a process group of its own; web_stop() ends that group. Every
 * connection gets a process, so that answers may hang.
 */
#ifndef TESTS_UNIT_WEB_SERVER_H
#define TESTS_UNIT_WEB_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Answers one request; fd is closed afterwards. request: the whole head, and the body when its
 * length is given. path: its target. */
typedef void web_answer_fn(int fd, const char *request, const char *path);

static pid_t web_pid;
static int web_port;

static void
web_write(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done <= 0)
			_exit(0);
		p += done;
		n -= (size_t)done;
	}
}

static void
web_text(int fd, const char *text)
{
	web_write(fd, text, strlen(text));
}

/* A whole answer: extra headers end with "\r\n" each. */
static void
web_reply(int fd, const char *status, const char *headers, const char *body)
{
	char head[4096];

	snprintf(head, sizeof head,
	    "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n", status, headers,
	    strlen(body));
	web_text(fd, head);
	web_text(fd, body);
}

static int
web_whole(const char *request, size_t n)
{
	const char *end = strstr(request, "\r\n\r\n");
	const char *length = strcasestr(request, "\r\nContent-Length: ");

	return end &&
	    (!length || length > end ||
		n - (size_t)(end + 4 - request) >= strtoul(length + 18, NULL, 10));
}

static void
web_connection(int fd, web_answer_fn *answer)
{
	static char request[64 * 1024];
	char path[2000] = "";
	size_t n = 0;
	ssize_t got;

	while (n < sizeof request - 1 && !web_whole(request, n) &&
	    (got = read(fd, request + n, sizeof request - 1 - n)) > 0)
		n += (size_t)got;
	if (sscanf(request, "%*s %1999s", path) == 1)
		answer(fd, request, path);
	/* What the client still says must not turn our last bytes into a reset. */
	shutdown(fd, SHUT_WR);
	while (read(fd, request, sizeof request) > 0)
		;
	_exit(0);
}

static void
web_start(web_answer_fn *answer)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	const pid_t parent = getpid();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one;

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) != 0) {
		perror("web server");
		exit(1);
	}
	web_port = ntohs(sa.sin_port);
	fflush(NULL);
	web_pid = fork();
	if (web_pid != 0) {
		setpgid(web_pid, web_pid);
		close(fd);
		return;
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	signal(SIGCHLD, SIG_IGN);
	while ((one = accept(fd, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			close(fd);
			web_connection(one, answer);
		}
		close(one);
	}
	_exit(0);
}

static void
web_stop(void)
{
	kill(-web_pid, SIGKILL);
	waitpid(web_pid, NULL, 0);
}

#endif
