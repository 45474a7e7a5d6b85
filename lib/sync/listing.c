/*
 * listing.c - see listing.h.
 */
#include "sync/listing.h"

bool
listing_takes(struct listing *l, const char *side, const char *action)
{
	int64_t at;

	if ((l->side && strcmp(l->side, side)) || (l->action && strcmp(l->action, action)))
		return false;
	at = l->n++;
	if (at < l->from || l->shown >= l->limit || l->bytes >= LISTING_BYTES)
		return false;
	l->shown++;
	return true;
}

void
listing_weigh(struct listing *l, size_t bytes)
{
	l->bytes += (int64_t)bytes;
}

json *
listing_change(
    struct arena *a, const char *side, const char *action, const char *item, json *fields)
{
	json *o = json_new(a);

	json_set_str(o, "side", side);
	json_set_str(o, "action", action);
	json_set_str(o, "item", item);
	json_set(o, "fields", fields);
	return o;
}

json *
listing_field(struct arena *a, const char *name, json *before, json *after)
{
	json *f = json_new(a);

	json_set_str(f, "field", name);
	json_set(f, "before", before);
	json_set(f, "after", after);
	return f;
}

void
listing_end(const struct listing *l, struct arena *a, json *out)
{
	const int64_t next = l->from + l->shown;

	json_set(out, "changes", l->changes);
	json_set_i64(out, "total", l->n);
	json_set_str(out, "nextCursor",
	    l->shown && l->n > next ? arena_printf(a, "%lld", (long long)next) : NULL);
}
