/*
 * inflate.c - see inflate.h.
 */
#include "base/inflate.h"

#include <limits.h>
#include <zlib.h>

struct inflate {
	z_stream z;
	enum inflate_state state;
};

static void *
inflate_alloc(void *arena, unsigned n, unsigned size)
{
	return arena_array(arena, n, size);
}

static void
inflate_free(void *arena, void *p)
{
	(void)arena, (void)p;
}

struct inflate *
inflate_new(struct arena *a, enum inflate_form form)
{
	static const int bits[] = {
		[INFLATE_GZIP] = MAX_WBITS + 16,
		[INFLATE_ZLIB] = MAX_WBITS,
		[INFLATE_BARE] = -MAX_WBITS,
	};
	struct inflate *f = arena_alloc(a, sizeof *f);

	f->z = (z_stream){ .zalloc = inflate_alloc, .zfree = inflate_free, .opaque = a };
	if (inflateInit2(&f->z, bits[form]) != Z_OK)
		f->state = INFLATE_BROKEN;
	return f;
}

void
inflate_again(struct inflate *f)
{
	f->state = inflateReset(&f->z) == Z_OK ? INFLATE_MORE : INFLATE_BROKEN;
}

enum inflate_state
inflate_take(struct inflate *f, struct str *in, char *out, size_t cap, size_t *n)
{
	const size_t take = in->n < INT_MAX ? in->n : INT_MAX;
	const size_t room = cap < INT_MAX ? cap : INT_MAX;
	int rc;

	*n = 0;
	if (f->state != INFLATE_MORE)
		return f->state;
	f->z.next_in = (z_const Bytef *)in->p;
	f->z.avail_in = (uInt)take;
	f->z.next_out = (Bytef *)out;
	f->z.avail_out = (uInt)room;
	rc = inflate(&f->z, Z_NO_FLUSH);
	in->p += take - f->z.avail_in;
	in->n -= take - f->z.avail_in;
	*n = room - f->z.avail_out;
	if (rc == Z_STREAM_END)
		f->state = INFLATE_END;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		f->state = INFLATE_BROKEN;
	return f->state;
}

uint32_t
inflate_crc32(uint32_t sum, struct str s)
{
	return (uint32_t)crc32_z(sum, (const Bytef *)s.p, s.n);
}
