/*
 * vec.h - arrays that grow in an arena. The owner keeps array, length and room as it likes; here is
 * how the room grows. What was there before stays in the arena until it is reset.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

/* v with room for want elements of a size: itself, or a larger copy, zero behind the old ones; *cap
 * is its room then. More than max ends the process, like an arena that is full: callers whose input
 * may ask for more refuse it before. */
void *vec_hold(struct arena *, void *v, size_t *cap, size_t want, size_t size, size_t max);

/* The same for a pointer of its own type: VEC_HOLD(a, list->v, cap, list->n + 1, LIST_MAX); */
#define VEC_HOLD(a, v, cap, want, max) \
	((v) = vec_hold((a), (v), &(cap), (want), sizeof *(v), (max)))

enum { VEC_ROWS_MAX = 1 << 20 }; /* of lists that are read from the database */

#endif
