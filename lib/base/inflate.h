/*
 * inflate.h - packed bytes in pieces: gzip, zlib and bare deflate. The only user of zlib.
 *
 * Memory is the arena's and does not grow with what is unpacked; how much may come out is the
 * caller's to limit. Checksums of gzip and zlib are checked.
 */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include "base/arena.h"
#include "base/str.h"

enum inflate_form { INFLATE_GZIP, INFLATE_ZLIB, INFLATE_BARE };
enum inflate_state {
	INFLATE_MORE,  /* wants more input, or more room */
	INFLATE_END,   /* the packed text is over; what is left of *in stands behind it */
	INFLATE_BROKEN /* this is no such text */
};

struct inflate;

struct inflate *inflate_new(struct arena *, enum inflate_form);
/* From the beginning of another text. */
void inflate_again(struct inflate *);
/* Takes from *in as much as fits into out; *n bytes have come. */
enum inflate_state inflate_take(struct inflate *, struct str *in, char *out, size_t cap, size_t *n);
/* A checksum that is carried on, from 0. */
uint32_t inflate_crc32(uint32_t sum, struct str);

#endif
