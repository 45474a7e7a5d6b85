/*
 * keyset.c - see keyset.h.
 */
#include "base/keyset.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/rand.h"
#include "base/vec.h"

enum { KEYSET_MAX = 1 << 24 };

void
keyset_init(struct arena *a, struct keyset *set)
{
	*set = (struct keyset){ .a = a };
	rand_bytes(set->secret, sizeof set->secret);
}

void
keyset_add(struct keyset *set, struct str key)
{
	VEC_HOLD(set->a, set->v, set->cap, set->n + 1, KEYSET_MAX);
	set->v[set->n++] = hash_sip(set->secret, key);
	set->sorted = false;
}

static int
keyset_order(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

bool
keyset_has(struct keyset *set, struct str key)
{
	uint64_t hash;

	if (set->n == 0)
		return false;
	if (!set->sorted)
		qsort(set->v, set->n, sizeof *set->v, keyset_order);
	set->sorted = true;
	hash = hash_sip(set->secret, key);
	return bsearch(&hash, set->v, set->n, sizeof *set->v, keyset_order) != NULL;
}
