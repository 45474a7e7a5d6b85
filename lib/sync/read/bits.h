/*
 * bits.h - a set of numbers as one bit each, in blocks that are made when they are needed.
 */
#ifndef SYNC_READ_BITS_H
#define SYNC_READ_BITS_H

#include "base/arena.h"

struct bits {
	struct arena *a;
	unsigned char **blocks;
	size_t cap;
};

void bits_add(struct bits *, uint64_t);
void bits_drop(struct bits *, uint64_t);
bool bits_has(const struct bits *, uint64_t);

#endif
