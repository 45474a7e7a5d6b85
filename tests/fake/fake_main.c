/*
 * fake_main.c - tidemark-fake: the stand-in as a small HTTP/1.1 server. One process, one poll() loop, so that the world is in one place and answers that
 * are to come late wait side by side. Serves loopback tests and, behind nginx, demonstrations: never the open internet.
 *
 *     tidemark-fake [--demo] [--listen 127.0.0.1:PORT] [--state FILE] [--back URL]
 *
 * Without --listen it serves the socket it finds as descriptor 0. Port 0 is any free one; the address is printed when it is ready. Grants and channels
 * are kept in FILE when it ends, and read from there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake/fake.h"

enum { CONNS = 4096, HEAD_MAX = 64 << 10, BODY_MAX = 32 << 20, IDLE_MS = 60000, KEPT_MAX = 1 << 20, SENDERS = 64 };

struct conn {
	struct buf in, out;
	size_t sent, used;           /* of out; bytes of in that the request took */
	int64_t due;                 /* the reply may go out then; 0: no reply yet */
	int64_t touched;
	enum fake_fate fate;
	bool close, greeted;
};

/* A child that posts one notification. */
struct sender {
	pid_t pid;
	struct push *note;
};

static struct pollfd fds[CONNS];
static struct conn conns[CONNS];
static nfds_t nfds = 1;                /* fds[0] listens */
static struct sender senders[SENDERS];
static volatile sig_atomic_t stopping;

static void
on_signal(int sig)
{
	if (sig != SIGCHLD)
		stopping = 1;
}

/*
 * Connections.
 */
static void
drop(nfds_t i)
{
	if (conns[i].fate == FAKE_RESET)
		setsockopt(fds[i].fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
	close(fds[i].fd);
	buf_release(&conns[i].in);
	buf_release(&conns[i].out);
	nfds--;
	fds[i] = fds[nfds];
	conns[i] = conns[nfds];
}

static void
take_connections(void)
{
	int fd;

	while (nfds < CONNS && (fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		fds[nfds] = (struct pollfd){ .fd = fd, .events = POLLIN };
		conns[nfds] = (struct conn){ .touched = clock_mono_ms() };
		buf_init(&conns[nfds].in, HEAD_MAX + BODY_MAX);
		buf_init(&conns[nfds].out, (size_t)300 << 20);
		nfds++;
	}
}

static void
write_reply(struct conn *c, const struct fake_reply *r)
{
	struct buf *b = &c->out;

	buf_clear(b);
	c->sent = 0;
	c->fate = r->fate;
	if (r->fate == FAKE_RESET || r->fate == FAKE_LOST)
		return;
	buf_printf(b, "HTTP/1.1 %d Answer\r\n", r->status);
	if (r->type)
		buf_printf(b, "Content-Type: %s\r\n", r->type);
	if (r->type && str_starts(str_c(r->type), "text/html"))
		buf_str(b, "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'\r\n"
		    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n");
	for (size_t i = 0; i < r->headers.n; i++)
		buf_printf(b, "%s: %s\r\n", r->headers.v[i].name, r->headers.v[i].value);
	if (r->status != 204)
		buf_printf(b, "Content-Length: %zu\r\n", r->body->n);
	buf_printf(b, "Connection: %s\r\n\r\n", c->close ? "close" : "keep-alive");
	buf_add(b, buf_c(r->body), r->fate == FAKE_CUT ? r->body->n / 2 : r->body->n);
}

static void
bad_request(struct conn *c, int status)
{
	struct arena *a = arena_new("bad", 1 << 16, 0);

	c->close = true;
	write_reply(c, &(struct fake_reply){ .status = status, .body = buf_in(a, 1) });
	c->due = 1;
	arena_free(a);
}

/* Fills the request from a complete head; the length of the body, or -1. */
static int64_t
read_head(struct conn *c, struct arena *a, struct str head, struct fake_request *req)
{
	struct str rest = head, line, value;
	int64_t length = 0;
	const char *connection;

	line = str_cut(rest, '\n', &rest);
	req->method = arena_dup_str(a, str_cut(line, ' ', &line));
	req->target = arena_dup_str(a, str_cut(line, ' ', &line));
	if (!line.p || *req->target != '/' || !str_starts(line, "HTTP/1."))
		return -1;
	while (rest.p) {
		struct str text = str_trim(str_cut(rest, '\n', &rest)), name = str_cut(text, ':', &value);
		char *lower = arena_dup_str(a, name);

		if (name.n == 0)
			continue;
		for (char *p = lower; *p; p++)
			*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		params_add(&req->headers, lower, arena_dup_str(a, str_trim(value)));
	}
	connection = params_get(&req->headers, "connection");
	c->close = (connection && strcasecmp(connection, "close") == 0) || str_starts(line, "HTTP/1.0");
	if (params_get(&req->headers, "transfer-encoding"))
		return -1;
	if (params_get(&req->headers, "content-length") && !str_i64(str_c(params_get(&req->headers, "content-length")), 0, BODY_MAX, &length))
		return -1;
	return length;
}

/* Handles the request at the start of what came in, when it is all there. */
static void
serve(struct fake *f, struct conn *c)
{
	const char *end = c->in.n ? memmem(c->in.p, c->in.n, "\r\n\r\n", 4) : NULL;
	struct fake_request req = { 0 };
	struct fake_reply rep;
	int64_t length;
	size_t head;

	if (!end) {
		if (c->in.n > HEAD_MAX)
			bad_request(c, 431);
		return;
	}
	head = (size_t)(end - c->in.p) + 4;
	req.a = arena_new("request", (size_t)2 << 30, 0);
	length = read_head(c, req.a, (struct str){ c->in.p, head - 4 }, &req);
	if (length < 0) {
		bad_request(c, 400);
	} else if (c->in.n >= head + (size_t)length) {
		c->used = head + (size_t)length;
		req.body = (struct str){ c->in.p + head, (size_t)length };
		fake_handle(f, &req, &rep);
		write_reply(c, &rep);
		c->due = clock_mono_ms() + rep.delay_ms;
		c->greeted = false;
	} else if (params_get(&req.headers, "expect") && !c->greeted) {
		static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

		c->greeted = write(fds[c - conns].fd, go_on, sizeof go_on - 1) > 0;
	}
	arena_free(req.a);
}

/* False: the connection is over. */
static bool
send_some(struct conn *c, int fd)
{
	while (c->sent < c->out.n) {
		ssize_t n = send(fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);

		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR);
		c->sent += (size_t)n;
	}
	if (c->fate != FAKE_SENT || c->close)
		return false;
	/* On to the next request, which may be here already. */
	memmove(c->in.p, c->in.p + c->used, c->in.n - c->used);
	buf_cut(&c->in, c->in.n - c->used);
	c->used = 0;
	c->due = 0;
	if (c->out.cap > KEPT_MAX)
		buf_release(&c->out);
	buf_clear(&c->out);
	return true;
}

static bool
receive(struct conn *c, int fd)
{
	char piece[65536];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
		buf_add(&c->in, piece, (size_t)n);
	return !c->in.over && (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void
turn(struct fake *f, nfds_t i)
{
	struct conn *c = &conns[i];
	const int64_t now = clock_mono_ms();
	bool alive = true;

	if (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) {
		alive = receive(c, fds[i].fd);
		c->touched = now;
	}
	/* What is here already is not waited for: one packet may hold several requests. */
	while (alive) {
		if (c->due == 0)
			serve(f, c);
		if (c->due == 0 || c->due > clock_mono_ms())
			break;
		alive = send_some(c, fds[i].fd);
		if (c->due > 0)
			break;
	}
	if (!alive || (c->due == 0 && now - c->touched > IDLE_MS)) {
		drop(i);
		return;
	}
	/* Nothing is read while an answer is on its way; one that waits for its time waits in wait_ms(). */
	fds[i].events = (short)(c->due == 0 ? POLLIN : c->due <= clock_mono_ms() ? POLLOUT : 0);
}

/*
 * Notifications: each in a child, which posts it and tells the status as its exit code (0: none).
 */
static int
connect_to(const char *host, const char *port)
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
post(const struct fake_push *p)
{
	struct arena *a = arena_new("push", 1 << 20, 0);
	struct str rest = str_c(p->url), host, port;
	const char *text;
	char answer[16] = "";
	int fd;
	int64_t status = 0;

	/* Certificates are not this program's business: a https address wants an origin to send to instead. */
	if (!str_starts(rest, "http://"))
		return 0;
	rest.p += 7;
	rest.n -= 7;
	host = str_cut(rest, '/', &rest);
	text = arena_printf(a, "POST /%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", arena_dup_str(a, rest), arena_dup_str(a, host), p->headers);
	host = str_cut(host, ':', &port);
	fd = connect_to(arena_dup_str(a, host), port.p ? arena_dup_str(a, port) : "80");
	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = 10 }, sizeof(struct timeval));
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0 && recv(fd, answer, 12, MSG_WAITALL) == 12)
		str_i64((struct str){ answer + 9, 3 }, 100, 599, &status);
	close(fd);
	return (int)status;
}

static void
send_notes(struct fake *f)
{
	struct fake_push p;

	for (size_t i = 0; i < SENDERS; i++) {
		if (senders[i].pid != 0 || !fake_push_take(f, &p))
			continue;
		senders[i] = (struct sender){ fork(), p.note };
		if (senders[i].pid == 0) {
			int status;

			for (nfds_t k = 0; k < nfds; k++)
				close(fds[k].fd);
			signal(SIGTERM, SIG_DFL);
			alarm(15);
			status = post(&p);
			/* 200 .. 599 fit into 0 .. 255 by class and last digit, which is all that matters. */
			_exit(status == 0 ? 0 : status / 100 * 10 + (status % 100 < 10 ? status % 100 : 9));
		}
		if (senders[i].pid < 0) {
			senders[i].pid = 0;
			fake_push_done(f, p.note, 500);
		}
	}
}

static void
collect_senders(struct fake *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < SENDERS; i++)
			if (senders[i].pid == pid) {
				int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

				senders[i].pid = 0;
				fake_push_done(f, senders[i].note, code / 10 * 100 + code % 10);
			}
}

static bool
sender_free(void)
{
	for (size_t i = 0; i < SENDERS; i++)
		if (senders[i].pid == 0)
			return true;
	return false;
}

static int
wait_ms(const struct fake *f)
{
	int64_t now = clock_mono_ms(), wait = 1000, push = sender_free() ? fake_push_wait(f) : -1;

	if (push >= 0 && push < wait)
		wait = push;
	for (nfds_t i = 1; i < nfds; i++)
		if (conns[i].due > 0 && fds[i].events == 0 && conns[i].due - now < wait)
			wait = conns[i].due - now;
	return wait < 0 ? 0 : (int)wait;
}

/*
 * Start and end.
 */
static int
listen_on(const char *where)
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
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 4096) != 0 || getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	printf("http://%s:%d\n", text, ntohs(sa.sin_port));
	fflush(stdout);
	return fd;
}

static void
read_state(struct fake *f, const char *path)
{
	struct arena *a = arena_new("state", (size_t)256 << 20, 0);
	struct buf *b = buf_in(a, (size_t)64 << 20);
	FILE *in = fopen(path, "re");
	char piece[65536];
	size_t n;

	while (in && (n = fread(piece, 1, sizeof piece, in)) > 0)
		buf_add(b, piece, n);
	if (in)
		fclose(in);
	fake_load(f, json_stored(a, buf_c(b)));
	arena_free(a);
}

static void
write_state(struct fake *f, const char *path)
{
	struct arena *a = arena_new("state", (size_t)256 << 20, 0);
	const char *next = arena_printf(a, "%s.new", path);
	int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!out || fputs(json_text(a, fake_save(f, a)), out) < 0 || fclose(out) != 0 || rename(next, path) != 0)
		fprintf(stderr, "tidemark-fake: %s: %s\n", path, strerror(errno));
	arena_free(a);
}

static void
allow_connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < CONNS + SENDERS) {
		files.rlim_cur = files.rlim_max < CONNS + SENDERS ? files.rlim_max : CONNS + SENDERS;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int
run(struct fake *f)
{
	struct sigaction sa = { .sa_handler = on_signal };
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
		int64_t wait = wait_ms(f);

		if (ppoll(fds, nfds, &(struct timespec){ wait / 1000, wait % 1000 * 1000000 }, &open_mask) < 0 && errno != EINTR)
			return 1;
		collect_senders(f);
		for (nfds_t i = nfds; i-- > 1;)
			turn(f, i);
		if (fds[0].revents & POLLIN)
			take_connections();
		send_notes(f);
	}
	return 0;
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
			return fputs("usage: tidemark-fake [--demo] [--listen 127.0.0.1:PORT] [--state FILE] [--back URL]\n", stderr), 2;
	}
	allow_connections();
	f = fake_new(demo);
	fake_back(f, back);
	if (state)
		read_state(f, state);
	fds[0].fd = where ? listen_on(where) : STDIN_FILENO;
	if (fds[0].fd < 0)
		return fprintf(stderr, "tidemark-fake: cannot listen on %s: %s\n", where, strerror(errno)), 1;
	rc = run(f);
	if (state)
		write_state(f, state);
	while (nfds > 1)
		drop(nfds - 1);
	fake_free(f);
	return rc;
}
