/*
 * bits.c - see bits.h.
 */
#include "base/vec.h"
#include "sync/read/bits.h"

/* Enough for every change of a dataset. */
enum { BLOCK_BITS = 65536, BLOCKS_MAX = 1 << 24 };

void
bits_add(struct bits *b, uint64_t n)
{
	size_t block = (size_t)(n / BLOCK_BITS), in = (size_t)(n % BLOCK_BITS);
	unsigned char *byte;

	VEC_HOLD(b->a, b->blocks, b->cap, block + 1, BLOCKS_MAX);
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
