/*
 * backoff.c - see backoff.h.
 */
#include "base/backoff.h"

int64_t
backoff_ms(int64_t first, int64_t n, int64_t most)
{
	int64_t wait = first;

	while (n-- > 0 && wait < most)
		wait = wait > most / 2 ? most : wait * 2;
	return wait < most ? wait : most;
}

int64_t
backoff_spread(int64_t wait, int64_t spread, uint64_t rnd)
{
	return wait + (int64_t)(rnd % ((uint64_t)spread + 1));
}
