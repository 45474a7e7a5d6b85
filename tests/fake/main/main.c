/*
 * main.c - tidemark-fake: the stand-in as a small HTTP/1.1 server. One process, one poll() loop, so
 * that the world is in one place and answers that are to come late wait side by side. Serves
 * loopback tests and, behind nginx, demonstrations: never the open internet.
 *
 *     tidemark-fake [--demo] [--listen 127.0.0.1:PORT] [--state FILE] [--back URL]
 *
 * Without --listen it serves the socket it finds as descriptor 0. Port 0 is any free one; the
 * address is printed when it is ready. The world is kept in FILE (state.c), within a second of what
 * was asked, and read from there; without it nothing is kept.
 */
#include "fake/main/main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void
main_on_signal(int sig)
{
	if (sig != SIGCHLD)
		stopping = 1;
}

static int
main_wait_ms(const struct fake *f)
{
	int64_t wait = 1000, note = senders_free() ? fake_note_wait(f) : -1;

	if (note >= 0 && note < wait)
		wait = note;
	wait = state_wait(f, conns_wait(wait));
	return wait < 0 ? 0 : (int)wait;
}

static int
main_listen(const char *where)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof sa;
	struct str port, host = str_cut(str_c(where), ':', &port);
	int64_t n;
	char text[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(text, sizeof text, "%.*s", (int)(host.n < 60 ? host.n : 60), host.p);
	if (!port.p || !str_i64(port, 0, 65535, &n) || inet_pton(AF_INET, text, &sa.sin_addr) != 1)
		return -1;
	sa.sin_port = htons((uint16_t)n);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	printf("http://%s:%d\n", text, ntohs(sa.sin_port));
	fflush(stdout);
	return fd;
}

static void
main_allow_connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < CONNS + SENDERS) {
		files.rlim_cur = files.rlim_max < CONNS + SENDERS ? files.rlim_max
								  : CONNS + SENDERS;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int
main_run(struct fake *f)
{
	struct sigaction sa = { .sa_handler = main_on_signal };
	sigset_t held, open_mask;
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

	/* Signals come only while it waits, so none is missed between looking and waiting. */
	sigemptyset(&held);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		sigaddset(&held, signals[i]);
		sigaction(signals[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &held, &open_mask);
	signal(SIGPIPE, SIG_IGN);
	fcntl(fds[0].fd, F_SETFL, fcntl(fds[0].fd, F_GETFL) | O_NONBLOCK);
	fds[0].events = POLLIN;
	while (!stopping) {
		int64_t wait;

		state_turn(f);
		wait = main_wait_ms(f);
		if (ppoll(fds, nfds, &(struct timespec){ wait / 1000, wait % 1000 * 1000000 },
			&open_mask) < 0 &&
		    errno != EINTR)
			return 1;
		senders_collect(f);
		conns_turn(f);
		if (fds[0].revents & POLLIN)
			conns_take();
		senders_start(f);
	}
	return 0;
}

static int
main_usage(void)
{
	fputs(
	    "usage: tidemark-fake [--demo] [--listen 127.0.0.1:PORT] [--state FILE] [--back URL]\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *where = NULL, *state = NULL, *back = NULL;
	bool demo = false;
	struct fake *f;
	int rc;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--demo") == 0)
			demo = true;
		else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc)
			where = argv[++i];
		else if (strcmp(argv[i], "--state") == 0 && i + 1 < argc)
			state = argv[++i];
		else if (strcmp(argv[i], "--back") == 0 && i + 1 < argc)
			back = argv[++i];
		else
			return main_usage();
	}
	main_allow_connections();
	f = fake_new(demo);
	fake_back(f, back);
	if (state)
		state_read(f, state);
	fds[0].fd = where ? main_listen(where) : STDIN_FILENO;
	if (fds[0].fd < 0) {
		fprintf(stderr, "tidemark-fake: cannot listen on %s: %s\n", where, strerror(errno));
		return 1;
	}
	rc = main_run(f);
	state_end(f);
	conns_close();
	fake_free(f);
	return rc;
}
