/*
 * there.c - see there.h.
 */
#include "sync/write/there.h"

static const json *
there_copy(struct arena *a, const json *value)
{
	return value ? json_copy(a, value) : NULL;
}

struct there
there_of(struct arena *a, const struct twin *twin, const struct writer *writer, int64_t as_of)
{
	return (struct there){
		.key = arena_dup(a, twin->key),
		.mark = arena_dup(a, twin->mark),
		.object = arena_dup(a, twin->object),
		.uid = arena_dup(a, twin->uid),
		.etag = arena_dup(a, twin->etag),
		.fixed = arena_dup(a, twin->fixed),
		.outside = twin->outside,
		.silent = there_copy(a, twin->silent),
		.facets = there_copy(a, twin->facets),
		.unfilled = there_copy(a, twin->unfilled),
		.unseen = there_copy(a, twin->unseen),
		.values = there_copy(a, twin->values),
		.edits = {
			.whole = twin->edited_at,
			.resolution_ms = writer->grain_ms,
		},
		.as_of = as_of,
	};
}
