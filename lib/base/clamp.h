/*
 * clamp.h - a number kept within its bounds.
 */
#ifndef BASE_CLAMP_H
#define BASE_CLAMP_H

#include <stdint.h>

/* The number from min to max that is nearest to v. */
static inline int64_t
clamp(int64_t v, int64_t min, int64_t max)
{
	if (v < min)
		return min;
	return v < max ? v : max;
}

#endif
