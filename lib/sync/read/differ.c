/*
 * differ.c - see differ.h.
 */
#include "store/payload.h"
#include "agree/value.h"
#include "sync/read/differ.h"

static bool
cell_same(struct arena *a, struct str was, struct str is)
{
	if (str_eq(was, is))
		return true;
	if (was.n == 0 || is.n == 0 || was.p[0] != is.p[0] || !strchr("{[\"", was.p[0]))
		return false;
	const json *x = json_stored(a, arena_dup_str(a, was));
	const json *y = json_stored(a, arena_dup_str(a, is));
	return x && y && value_same(a, x, y);
}

/* The next value; past the end there are nulls. */
static bool
cell_next(struct payload *p, struct str *value)
{
	const bool more = payload_next(p, value);

	if (!more)
		*value = STR("null");
	return more;
}

/* An empty list is as little as none: a person without a second address has none twice over. */
static bool
cell_empty(struct str v)
{
	return str_is(v, "null") || str_is(v, "[]") || str_is(v, "{}") || str_is(v, "\"\"");
}

struct row_diff
row_differ(struct arena *a, struct str was, struct str is, const bool telling[COLUMNS_MAX])
{
	struct payload p[2] = { { was, 0 }, { is, 0 } };
	struct row_diff d = { 0 };
	struct str v[2];

	for (size_t i = 0;; i++) {
		const bool more = cell_next(&p[0], &v[0]);
		bool same;

		if (!cell_next(&p[1], &v[1]) && !more)
			return d;
		d.values += !cell_empty(v[0]) || !cell_empty(v[1]);
		same = cell_same(a, v[0], v[1]);
		d.changed += !same;
		d.told |= !same && telling && i < COLUMNS_MAX && telling[i];
	}
}
