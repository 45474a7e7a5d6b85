/*
 * keyset.h - which keys have been met: eight bytes of each, by a hash that nobody can aim at.
 * Should two ever share theirs, one of them is taken for met that was not.
 */
#ifndef BASE_KEYSET_H
#define BASE_KEYSET_H

#include "base/arena.h"
#include "base/str.h"

struct keyset {
	struct arena *a;
	uint64_t secret[2];
	uint64_t *v;
	size_t n, cap;
	bool sorted;
};

void keyset_init(struct arena *, struct keyset *);
void keyset_add(struct keyset *, struct str key);
/* Sorts them when any have come since. */
bool keyset_has(struct keyset *, struct str key);

#endif
