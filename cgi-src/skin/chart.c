/*
 * chart.c - a run history as numbers for an inline SVG: a bar per run, as high as it was long; a
 * line of the records; failures are crosses, not only another colour.
 */
#include "skin/page.h"

enum { BARS = 40, STEP = 14, HEIGHT = 64, FLOOR = 60, TOP = 6 };

static int64_t
chart_took(const struct run *r)
{
	return r->finished_at && r->started_at && r->finished_at > r->started_at
	    ? r->finished_at - r->started_at
	    : 0;
}

/* What somebody has stopped, or was asked about, is no failure. */
static bool
chart_bad(const struct run *r)
{
	return !strcmp(r->state, "error") &&
	    !(r->error_code &&
		(!strcmp(r->error_code, "cancelled") || !strcmp(r->error_code, "needs_approval")));
}

/* Records of the runs that ended well, as a path; nothing for fewer than two. */
static const char *
records_line(struct arena *a, const struct run_list *list, size_t n, int64_t most)
{
	struct buf *b = buf_in(a, 4000);
	size_t points = 0;

	for (size_t i = 0; i < n; i++) {
		const struct run *r = &list->v[n - 1 - i];
		if (strcmp(r->state, "complete"))
			continue;
		buf_printf(b, "%s%lld %lld", points++ ? "L" : "M",
		    (long long)(i + BARS - n) * STEP + 6,
		    (long long)(FLOOR - 2 - r->fetched * (FLOOR - TOP - 4) / most));
	}
	return points > 1 ? buf_c(b) : NULL;
}

static json *
chart_bar(struct arena *a, const struct run *r, int64_t x, int64_t longest)
{
	json *o = json_new(a);
	int64_t h = 2 + chart_took(r) * (FLOOR - TOP - 2) / longest;

	json_set_i64(o, "x", x);
	json_set_i64(o, "y", FLOOR - h);
	json_set_i64(o, "h", h);
	json_set_i64(o, "top", FLOOR - 12);
	json_set_bool(o, "failed", chart_bad(r));
	return o;
}

/* One that goes on has no length yet. */
static struct run_list
chart_ended(struct arena *a, const struct run_list *all)
{
	struct run_list ended = { .v = arena_array(a, BARS, sizeof *ended.v) };

	for (size_t i = 0; i < all->n && ended.n < BARS; i++)
		if (all->v[i].finished_at)
			ended.v[ended.n++] = all->v[i];
	return ended;
}

json *
page_chart(struct arena *a, const struct run_list *all)
{
	const struct run_list ended = chart_ended(a, all), *list = &ended;
	json *o = json_new(a), *bars = json_list(a);
	const size_t n = list->n;
	int64_t longest = 1, most = 1, failed = 0;

	if (!n)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		int64_t ms = chart_took(&list->v[i]);

		if (ms > longest)
			longest = ms;
		if (list->v[i].fetched > most)
			most = list->v[i].fetched;
		failed += chart_bad(&list->v[i]);
	}
	/* The newest stands at the right edge. */
	for (size_t i = 0; i < n; i++)
		json_add(bars,
		    chart_bar(a, &list->v[n - 1 - i], (int64_t)(i + BARS - n) * STEP + 2, longest));
	json_set(o, "bars", bars);
	json_set_str(o, "line", records_line(a, list, n, most));
	json_set_i64(o, "width", BARS * STEP);
	json_set_i64(o, "height", HEIGHT);
	json_set_i64(o, "floor", FLOOR);
	json_set_str(o, "longest", page_duration(a, longest));
	json_set_str(o, "most", page_count(a, most));
	json_set_str(o, "failures", failed ? page_count(a, failed) : NULL);
	json_set_str(o, "label",
	    arena_printf(a,
		"The last %zu syncs: the longest took %s, up to %s records, %lld failed", n,
		page_duration(a, longest), page_count(a, most), (long long)failed));
	return o;
}
