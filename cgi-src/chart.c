/*
 * chart.c - a run history as numbers for an inline SVG: a bar per run, as high as it was long; failures are crosses, not only another colour.
 */
#include "page.h"

enum { BARS = 40, WIDTH = 400, HEIGHT = 60, STEP = WIDTH / BARS };

static int64_t
took(const struct run *r)
{
	return r->finished_at && r->started_at && r->finished_at > r->started_at ? r->finished_at - r->started_at : 0;
}

json *
page_chart(struct arena *a, const struct run_list *list)
{
	json *o = json_new(a), *bars = json_list(a);
	size_t n = list->n < BARS ? list->n : BARS, failed = 0;
	int64_t most = 1;

	for (size_t i = 0; i < n; i++)
		if (took(&list->v[i]) > most)
			most = took(&list->v[i]);
	for (size_t i = 0; i < n; i++) {
		const struct run *r = &list->v[n - 1 - i]; /* oldest on the left */
		json *bar = json_new(a);
		bool bad = !strcmp(r->state, "error");
		int64_t h = 4 + took(r) * (HEIGHT - 8) / most, x = (int64_t)i * STEP + 2;

		failed += bad;
		json_set_i64(bar, "x", x);
		json_set_i64(bar, "y", HEIGHT - h);
		json_set_i64(bar, "h", h);
		json_set_i64(bar, "w", STEP - 4);
		json_set_i64(bar, "x2", x + STEP - 4);
		json_set_i64(bar, "cy", HEIGHT - 8);
		json_set_i64(bar, "cy2", HEIGHT - 2);
		json_set_bool(bar, "failed", bad);
		json_add(bars, bar);
	}
	json_set(o, "bars", bars);
	json_set_i64(o, "width", WIDTH);
	json_set_i64(o, "height", HEIGHT);
	json_set_str(o, "label", arena_printf(a, "Duration of the last %zu syncs, the longest %.1f seconds; %zu failed", n, (double)most / 1000.0, failed));
	return o;
}
