/*
 * buf.c - growing buffers. With arena.c the only place that calls realloc().
 *
 * Invariant: n <= max, n < cap, and p[n] is NUL once there is memory. After the first overrun
 * `over` stays set until buf_clear().
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { BUF_FIRST = 256 };

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max < SIZE_MAX ? max : SIZE_MAX - 1 };
}

static void
buf_release_late(void *p)
{
	buf_release(p);
}

struct buf *
buf_in(struct arena *a, size_t max)
{
	struct buf *b = arena_alloc(a, sizeof *b);

	buf_init(b, max);
	arena_defer(a, buf_release_late, b);
	return b;
}

void
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST;
	char *p;

	if (n > b->max) {
		b->over = true;
		n = b->max;
	}
	if (n < b->cap)
		return;
	while (cap <= n)
		cap = cap > SIZE_MAX / 2 ? n + 1 : cap * 2;
	if (cap > b->max)
		cap = b->max + 1;
	p = realloc(b->p, cap);
	if (!p) {
		log_event(LOG_LEVEL_ERR, "buf.no_memory", "i:bytes", (int64_t)cap, NULL);
		abort();
	}
	if (!b->p)
		p[0] = '\0';
	b->p = p;
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n > b->max - b->n) {
		b->over = true;
		n = b->max - b->n;
	}
	if (b->n + n >= b->cap)
		buf_reserve(b, b->n + n);
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	if (s)
		buf_add(b, s, strlen(s));
}

void
buf_ch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	size_t room;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->over = true;
		return;
	}
	if ((size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
		return;
	}
	room = b->max - b->n;
	if ((size_t)n > room)
		b->over = true;
	else
		room = (size_t)n;
	buf_reserve(b, b->n + room);
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, room + 1, fmt, ap);
	va_end(ap);
	b->n += room;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
	b->over = false;
}

void
buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

char *
buf_c(struct buf *b)
{
	if (!b->p)
		buf_reserve(b, 0);
	return b->p;
}
