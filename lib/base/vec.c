/*
 * vec.c - see vec.h.
 */
#include "base/vec.h"

#include <stdlib.h>

#include "base/log.h"

enum { VEC_FIRST = 16 };

void *
vec_hold(struct arena *a, void *v, size_t *cap, size_t want, size_t size, size_t max)
{
	const size_t had = *cap;
	size_t room = had;
	void *larger;

	if (want <= had)
		return v;
	if (want > max) {
		log_event(LOG_LEVEL_ERR, "vec.full", "i:elements", (int64_t)want, "i:max",
		    (int64_t)max, NULL);
		abort();
	}
	if (room < VEC_FIRST)
		room = VEC_FIRST;
	while (room < want)
		room = room > max / 2 ? max : room * 2;
	if (room > max)
		room = max;
	larger = arena_array(a, room, size);
	if (had > 0)
		memcpy(larger, v, had * size);
	*cap = room;
	return larger;
}
