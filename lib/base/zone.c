/*
 * zone.c - see zone.h.
 */
#include "base/zone.h"

enum { ZONE_FAR = 2 * 86400 }; /* further from UTC is no clock */

struct zone {
	struct zone_made made;
};

const struct zone zone_utc = { .made = { .open = true } };

/* How many changes lie at or before the moment. */
static size_t
changes_before(const struct tz_table *t, int64_t utc)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].at <= utc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The offset at a moment, and when it changes next. */
static int32_t
zone_span(const struct zone *z, int64_t utc, int64_t *next)
{
	const struct tz_table *t = &z->made.table;
	const struct zone *beyond = z->made.beyond;
	const size_t i = changes_before(t, utc);
	int32_t offset;

	if (beyond && (i == 0 || (i == t->n && !z->made.open)))
		offset = zone_span(beyond, utc, next);
	else if (t->ruled && i == t->n)
		return tz_rule_span(&t->rule, utc, next);
	else {
		*next = INT64_MAX;
		offset = i > 0 ? t->v[i - 1].offset : t->before;
	}
	if (i < t->n && t->v[i].at < *next)
		*next = t->v[i].at;
	return offset;
}

int64_t
zone_offset(const struct zone *z, int64_t utc)
{
	int64_t next;

	return zone_span(z, utc, &next);
}

int64_t
zone_next_change(const struct zone *z, int64_t utc)
{
	int64_t next;

	(void)zone_span(z, utc, &next);
	return next;
}

int64_t
zone_to_local(const struct zone *z, int64_t utc)
{
	return utc + zone_offset(z, utc);
}

int64_t
zone_to_utc(const struct zone *z, int64_t local)
{
	int64_t begin = local - ZONE_FAR, next;
	int32_t before = zone_span(z, begin, &next), offset = before;

	for (;;) {
		/* Between two offsets: skipped. */
		if (local - offset < begin)
			return local - before;
		if (local - offset < next)
			return local - offset;
		begin = next;
		before = offset;
		offset = zone_span(z, begin, &next);
	}
}

const struct zone *
zone_make(struct arena *a, const struct zone_made *made)
{
	struct zone *z = arena_alloc(a, sizeof *z);

	*z = (struct zone){ .made = *made };
	return z;
}
