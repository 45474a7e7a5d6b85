/*
 * bits.c - see bits.h.
 */
#include <string.h>

#include "sync/read/bits.h"

enum { BLOCK_BITS = 65536 };

static void
bits_grow(struct bits *b, size_t block)
{
	size_t cap = b->cap ? b->cap : 16;
	unsigned char **v;

	while (cap <= block)
		cap *= 2;
	v = arena_array(b->a, cap, sizeof *v);
	if (b->cap)
		memcpy(v, b->blocks, b->cap * sizeof *v);
	b->blocks = v;
	b->cap = cap;
}

void
bits_add(struct bits *b, uint64_t n)
{
	size_t block = (size_t)(n / BLOCK_BITS), in = (size_t)(n % BLOCK_BITS);
	unsigned char *byte;

	if (block >= b->cap)
		bits_grow(b, block);
	if (!b->blocks[block])
		b->blocks[block] = arena_alloc(b->a, BLOCK_BITS / 8);
	byte = &b->blocks[block][in / 8];
	*byte = (unsigned char)(*byte | 1u << (in % 8));
}

bool
bits_has(const struct bits *b, uint64_t n)
{
	size_t block = (size_t)(n / BLOCK_BITS), in = (size_t)(n % BLOCK_BITS);

	return block < b->cap && b->blocks[block] && (b->blocks[block][in / 8] & 1u << (in % 8));
}

void
bits_drop(struct bits *b, uint64_t n)
{
	size_t block = (size_t)(n / BLOCK_BITS), in = (size_t)(n % BLOCK_BITS);

	if (bits_has(b, n))
		b->blocks[block][in / 8] = (unsigned char)(b->blocks[block][in / 8] &
		    ~(1u << (in % 8)));
}
