/*
 * viewer.c - see viewer.h.
 */
#include "stream/viewer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 4096, ROOM = 1024, RETRY_MS = 1000, RETRY_SPREAD_MS = 4000 };

void
viewer_begin(struct viewer *v, int fd, int64_t now)
{
	*v = (struct viewer){
		.fd = fd,
		.came = now,
		.spoke = now,
		.checked = now,
		/* Those that came together do not leave together. */
		.life = VIEWER_LIFE_MS / 2 + (int64_t)rand_below(VIEWER_LIFE_MS / 2),
	};
	buf_init(&v->in, HEAD_MAX);
	buf_init(&v->out, HUB_BATCH + HUB_TEXT_MAX + ROOM);
}

void
viewer_end(struct viewer *v)
{
	buf_release(&v->in);
	buf_release(&v->out);
	close(v->fd);
	v->fd = -1;
}

/* "GET /?QUERY HTTP/1.0" and lines that say nothing. */
static bool
head_query(struct str head, struct str *query)
{
	struct str rest, line = str_cut(head, '\r', &rest), path;

	if (str_cut(line, ' ', &line).n != 3 || !str_starts(head, "GET ") || !line.p)
		return false;
	path = str_cut(line, ' ', &rest);
	(void)str_cut(path, '?', query);
	return query->p != NULL;
}

bool
viewer_take(struct viewer *v, struct str *query)
{
	char text[HEAD_MAX];
	ssize_t n = recv(v->fd, text, sizeof text, MSG_DONTWAIT);

	*query = (struct str){ 0 };
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0 || v->open)
		return n != 0;
	buf_add(&v->in, text, (size_t)n);
	if (v->in.over)
		return false;
	return !str_ends(buf_s(&v->in), "\r\n\r\n") || head_query(buf_s(&v->in), query);
}

void
viewer_refuse(struct viewer *v, int status)
{
	buf_printf(&v->out, "HTTP/1.0 %d Refused\r\nContent-Length: 0\r\n\r\n", status);
	v->leaving = true;
}

void
viewer_greet(struct viewer *v)
{
	buf_release(&v->in);
	buf_init(&v->in, HEAD_MAX);
	v->open = true;
	/* Should this program end, they all come again, and not all at once. */
	buf_printf(&v->out,
	    "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: %lld\n\n",
	    (long long)(RETRY_MS + (int64_t)rand_below(RETRY_SPREAD_MS)));
}

bool
viewer_send(struct viewer *v, int64_t now)
{
	while (viewer_pending(v)) {
		ssize_t n = send(
		    v->fd, v->out.p + v->sent, v->out.n - v->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			v->stuck = v->stuck ? v->stuck : now;
			return true;
		}
		if (n < 0)
			return false;
		v->sent += (size_t)n;
		v->stuck = 0;
		v->spoke = now;
	}
	/* The memory goes back: most have nothing to say for long. */
	buf_release(&v->out);
	buf_init(&v->out, HUB_BATCH + HUB_TEXT_MAX + ROOM);
	v->sent = 0;
	return true;
}
