/*
 * buf.h - a growing buffer that states its maximum at birth.
 *
 * Running over the maximum sets `over` and drops what does not fit; callers check once, at the
 * end. Zero-initialised memory is not a buffer: call buf_init() first and buf_release() last, or
 * buf_in() to tie it to an arena.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *p; /* always NUL-terminated after the first add, or NULL */
	size_t n;
	size_t cap;
	size_t max;
	bool over;
};

void buf_init(struct buf *, size_t max);
struct buf *buf_in(struct arena *, size_t max); /* released with the arena */
void buf_add(struct buf *, const void *, size_t);
void buf_str(struct buf *, const char *); /* NULL adds nothing */
void buf_ch(struct buf *, char);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);
/* room for n bytes in all, at least; sets `over` beyond the maximum */
void buf_reserve(struct buf *, size_t n);
void buf_cut(struct buf *, size_t n); /* shorten to n bytes */
void buf_clear(struct buf *);         /* empty, memory kept, `over` reset */
void buf_release(struct buf *);
char *buf_c(struct buf *); /* NUL-terminated; "" when empty */

static inline struct str
buf_s(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

#endif
