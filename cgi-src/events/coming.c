/*
 * coming.c - see coming.h.
 */
#include "events/coming.h"

#include <stdlib.h>

#include "ask/place.h"
#include "base/clock.h"
#include "base/vec.h"
#include "skin/model.h"

enum { CHUNK = 500 }; /* rows read at once */

enum rc
coming_rows(struct req *r, const struct coming_time *t, int64_t after, const char *after_id,
    int64_t limit, struct event_list *out)
{
	return event_range(r->cx, r->db,
	    &(struct event_range){
		.owner = r->who.user_id,
		.from = t->from * SECOND_MS,
		.until = t->until * SECOND_MS,
		.after = after,
		.after_id = after_id,
		.limit = limit,
	    },
	    out);
}

static int
coming_compare(const void *x, const void *y)
{
	const struct coming *a = x, *b = y;
	int ids;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	ids = strcmp(a->e->id, b->e->id);
	if (ids)
		return ids;
	return a->o.slot.utc < b->o.slot.utc ? -1 : a->o.slot.utc > b->o.slot.utc;
}

static enum rc
coming_add(
    struct req *r, const struct coming_time *t, const struct event_row *e, struct coming_list *list)
{
	struct arena *a = r->cx->a;
	const json *value = json_stored(a, e->value);
	struct occurrence *v;
	size_t n = occur_between(a, value, t->zone, t->from, t->until, &v);

	TRY(place_work(r->cx, r->who.user_id, 1 + (int64_t)n));
	if (n > OCCUR_MAX || list->n + n > COMING_MAX)
		return input_fail_one(
		    r, "to", "There are too many occurrences in this time: ask for less of it.");
	VEC_HOLD(a, list->v, list->cap, list->n + n, COMING_MAX);
	for (size_t i = 0; i < n; i++)
		list->v[list->n++] = (struct coming){
			.e = e,
			.value = value,
			.o = v[i],
			.at = when_utc(&v[i].start, t->zone),
			.end = when_utc(&v[i].end, t->zone),
		};
	return RC_OK;
}

enum rc
coming_find(struct req *r, const struct coming_time *t, struct coming_list *list)
{
	struct event_list rows = { .more = true };
	int64_t after = INT64_MIN;
	const char *id = "";

	*list = (struct coming_list){ 0 };
	while (rows.more) {
		TRY(coming_rows(r, t, after, id, CHUNK, &rows));
		for (size_t i = 0; i < rows.n; i++)
			TRY(coming_add(r, t, &rows.v[i], list));
		if (rows.n > 0) {
			after = rows.v[rows.n - 1].from_at;
			id = rows.v[rows.n - 1].id;
		}
	}
	if (list->n > 1)
		qsort(list->v, list->n, sizeof *list->v, coming_compare);
	return RC_OK;
}
