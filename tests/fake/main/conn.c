/*
 * conn.c - connections of the stand-in's server: HTTP/1.1, kept open, answers in time.
 */
#include "fake/main/main.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { HEAD_MAX = 64 << 10, BODY_MAX = 32 << 20, IDLE_MS = 60000, KEPT_MAX = 1 << 20 };

struct conn {
	struct buf in, out;
	size_t sent, used; /* of out; bytes of in that the request took */
	int64_t due;       /* the reply may go out then; 0: no reply yet */
	int64_t touched;
	enum fake_fate fate;
	bool close, greeted;
};

struct pollfd fds[CONNS];
nfds_t nfds = 1;
static struct conn conns[CONNS];

static void
conn_drop(nfds_t i)
{
	if (conns[i].fate == FAKE_RESET)
		setsockopt(fds[i].fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 },
		    sizeof(struct linger));
	close(fds[i].fd);
	buf_release(&conns[i].in);
	buf_release(&conns[i].out);
	nfds--;
	fds[i] = fds[nfds];
	conns[i] = conns[nfds];
}

void
conns_take(void)
{
	int fd;

	while (nfds < CONNS &&
	    (fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		fds[nfds] = (struct pollfd){ .fd = fd, .events = POLLIN };
		conns[nfds] = (struct conn){ .touched = clock_mono_ms() };
		buf_init(&conns[nfds].in, HEAD_MAX + BODY_MAX);
		buf_init(&conns[nfds].out, (size_t)300 << 20);
		nfds++;
	}
}

static void
conn_write_reply(struct conn *c, const struct fake_reply *r)
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
		buf_str(b,
		    "Content-Security-Policy: default-src 'none'; style-src 'self'; "
		    "form-action 'self' http: https:; "
		    "frame-ancestors 'none'; base-uri 'none'\r\n"
		    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
		    "Cache-Control: no-store\r\n");
	for (size_t i = 0; i < r->headers.n; i++)
		buf_printf(b, "%s: %s\r\n", r->headers.v[i].name, r->headers.v[i].value);
	if (r->status != 204)
		buf_printf(b, "Content-Length: %zu\r\n", r->body->n);
	buf_printf(b, "Connection: %s\r\n\r\n", c->close ? "close" : "keep-alive");
	buf_add(b, buf_c(r->body), r->fate == FAKE_CUT ? r->body->n / 2 : r->body->n);
}

static void
conn_refuse(struct conn *c, int status)
{
	struct arena *a = arena_new("bad", 1 << 16, 0);

	c->close = true;
	conn_write_reply(c, &(struct fake_reply){ .status = status, .body = buf_in(a, 1) });
	c->due = 1;
	arena_free(a);
}

/* Fills the request from a complete head; the length of the body, or -1. */
static int64_t
conn_read_head(struct conn *c, struct arena *a, struct str head, struct fake_request *req)
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
		struct str text = str_trim(str_cut(rest, '\n', &rest));
		struct str name = str_cut(text, ':', &value);
		char *lower = arena_dup_str(a, name);

		if (name.n == 0)
			continue;
		for (char *p = lower; *p; p++)
			*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		params_add(&req->headers, lower, arena_dup_str(a, str_trim(value)));
	}
	connection = params_get(&req->headers, "connection");
	c->close = (connection && strcasecmp(connection, "close") == 0) ||
	    str_starts(line, "HTTP/1.0");
	if (params_get(&req->headers, "transfer-encoding"))
		return -1;
	if (params_get(&req->headers, "content-length") &&
	    !str_i64(str_c(params_get(&req->headers, "content-length")), 0, BODY_MAX, &length))
		return -1;
	return length;
}

/* Handles the request at the start of what came in, when it is all there. */
static void
conn_serve(struct fake *f, struct conn *c)
{
	const char *end = c->in.n ? memmem(c->in.p, c->in.n, "\r\n\r\n", 4) : NULL;
	struct fake_request req = { 0 };
	struct fake_reply rep;
	int64_t length;
	size_t head;

	if (!end) {
		if (c->in.n > HEAD_MAX)
			conn_refuse(c, 431);
		return;
	}
	head = (size_t)(end - c->in.p) + 4;
	req.a = arena_new("request", (size_t)2 << 30, 0);
	length = conn_read_head(c, req.a, (struct str){ c->in.p, head - 4 }, &req);
	if (length < 0) {
		conn_refuse(c, 400);
	} else if (c->in.n >= head + (size_t)length) {
		c->used = head + (size_t)length;
		req.body = (struct str){ c->in.p + head, (size_t)length };
		fake_handle(f, &req, &rep);
		conn_write_reply(c, &rep);
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
conn_send(struct conn *c, int fd)
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
conn_receive(struct conn *c, int fd)
{
	char piece[65536];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
		buf_add(&c->in, piece, (size_t)n);
	return !c->in.over && (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void
conn_turn(struct fake *f, nfds_t i)
{
	struct conn *c = &conns[i];
	const int64_t now = clock_mono_ms();
	bool alive = true;

	if (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) {
		alive = conn_receive(c, fds[i].fd);
		c->touched = now;
	}
	/* What is here already is not waited for: one packet may hold several requests. */
	while (alive) {
		if (c->due == 0)
			conn_serve(f, c);
		if (c->due == 0 || c->due > clock_mono_ms())
			break;
		alive = conn_send(c, fds[i].fd);
		if (c->due > 0)
			break;
	}
	if (!alive || (c->due == 0 && now - c->touched > IDLE_MS)) {
		conn_drop(i);
		return;
	}
	/* Nothing is read while an answer is on its way; one that waits for its time waits in
	 * conns_wait(). */
	fds[i].events = 0;
	if (c->due == 0)
		fds[i].events = POLLIN;
	else if (c->due <= clock_mono_ms())
		fds[i].events = POLLOUT;
}

void
conns_turn(struct fake *f)
{
	for (nfds_t i = nfds; i-- > 1;)
		conn_turn(f, i);
}

int64_t
conns_wait(int64_t ms)
{
	const int64_t now = clock_mono_ms();

	for (nfds_t i = 1; i < nfds; i++)
		if (conns[i].due > 0 && fds[i].events == 0 && conns[i].due - now < ms)
			ms = conns[i].due - now;
	return ms;
}

void
conns_close(void)
{
	while (nfds > 1)
		conn_drop(nfds - 1);
}

void
conns_forget(void)
{
	for (nfds_t i = 0; i < nfds; i++)
		close(fds[i].fd);
}
