/*
 * analytics.c - the last days in numbers and small charts: how long syncs took, what they read, what they cost, how many went well. For one connection or all.
 */
#include "base/clock.h"
#include "page.h"

enum { DAYS = 30, STEP = 10, BAR = 7, HEIGHT = 56, FLOOR = 52, TOP = 4 };

static enum rc
load(struct req *r, const char *conn_id, struct run_day **v, size_t *n)
{
	return run_days(r->cx, r->db, r->who.user_id, conn_id, (clock_ms() / DAY_MS - DAYS + 1) * DAY_MS, DAYS + 1, v, n);
}

static const char *
day_name(struct arena *a, int64_t day)
{
	char text[CLOCK_TEXT];

	return arena_printf(a, "%.10s", clock_text(day * DAY_MS, text));
}

enum rc
api_analytics(struct req *r, struct resp *w)
{
	const char *conn_id = req_query(r, "connection");
	json *data = json_list(r->cx->a);
	struct run_day *v;
	struct conn c;
	size_t n;

	if (conn_id)
		TRY(conn_get(r->cx, r->db, r->who.user_id, conn_id, &c));
	TRY(load(r, conn_id, &v, &n));
	for (size_t i = 0; i < n; i++) {
		json *o = json_new(r->cx->a);
		json_set_str(o, "day", day_name(r->cx->a, v[i].day));
		json_set_i64(o, "runs", v[i].runs);
		json_set_i64(o, "complete", v[i].complete);
		json_set_i64(o, "durationMs", v[i].took_ms);
		json_set_i64(o, "fetched", v[i].fetched);
		json_set_i64(o, "changed", v[i].changed);
		json_set_i64(o, "apiCalls", v[i].calls);
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, NULL));
	return RC_OK;
}

/* What is drawn of a day. */
static int64_t
mean_ms(const struct run_day *d)
{
	return d->runs ? d->took_ms / d->runs : 0;
}

static int64_t
fetched(const struct run_day *d)
{
	return d->fetched;
}

static int64_t
calls(const struct run_day *d)
{
	return d->calls;
}

/* Rounded down: 100 means all. */
static int64_t
success(const struct run_day *d)
{
	return d->runs ? d->complete * 100 / d->runs : 0;
}

static const char *
percent(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld %%", (long long)n);
}

static const struct {
	const char *title, *total;
	int64_t (*value)(const struct run_day *);
	const char *(*text)(struct arena *, int64_t);
	int64_t full;            /* the height of the chart; 0: that of the highest bar */
} charts[] = {
	{ "Duration", "on average", mean_ms, page_duration, 0 }, { "Records read", "in all", fetched, page_count, 0 }, { "Calls", "in all", calls, page_count, 0 },
	{ "Success", "of all syncs", success, percent, 100 },
};

static json *
bars(struct arena *a, size_t chart, const struct run_day *v, size_t n, int64_t first, int64_t most)
{
	json *list = json_list(a);

	for (size_t i = 0; i < n; i++) {
		int64_t h = 2 + charts[chart].value(&v[i]) * (FLOOR - TOP - 2) / most;
		json *o = json_new(a);
		json_set_i64(o, "x", (v[i].day - first) * STEP + 1);
		json_set_i64(o, "y", FLOOR - h);
		json_set_i64(o, "h", h);
		json_add(list, o);
	}
	return list;
}

static json *
chart(struct arena *a, size_t k, const struct run_day *v, size_t n, const struct run_day *all, int64_t first)
{
	json *o = json_new(a);
	int64_t most = 1;

	for (size_t i = 0; i < n; i++)
		if (charts[k].value(&v[i]) > most)
			most = charts[k].value(&v[i]);
	json_set_str(o, "title", charts[k].title);
	json_set_str(o, "value", charts[k].text(a, charts[k].value(all)));
	json_set_str(o, "total", charts[k].total);
	json_set_str(o, "label", arena_printf(a, "%s by day, up to %s", charts[k].title, charts[k].text(a, most)));
	json_set(o, "bars", bars(a, k, v, n, first, charts[k].full ? charts[k].full : most));
	json_set_i64(o, "width", DAYS * STEP);
	json_set_i64(o, "height", HEIGHT);
	json_set_i64(o, "floor", FLOOR);
	json_set_i64(o, "barWidth", BAR);
	return o;
}

static json *
day_row(struct arena *a, const struct run_day *d)
{
	json *o = json_new(a);

	json_set_str(o, "day", day_name(a, d->day));
	json_set_str(o, "runs", page_count(a, d->runs));
	json_set_str(o, "success", percent(a, success(d)));
	json_set_str(o, "duration", page_duration(a, mean_ms(d)));
	json_set_str(o, "fetched", page_count(a, d->fetched));
	json_set_str(o, "changed", page_count(a, d->changed));
	json_set_str(o, "calls", page_count(a, d->calls));
	return o;
}

enum rc
page_analytics_of(struct req *r, const char *conn_id, json *model)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *list = json_list(a), *rows = json_list(a);
	struct run_day *v, all = { 0 };
	size_t n;

	TRY(load(r, conn_id, &v, &n));
	for (size_t i = 0; i < n; i++) {
		all.runs += v[i].runs;
		all.complete += v[i].complete;
		all.took_ms += v[i].took_ms;
		all.fetched += v[i].fetched;
		all.calls += v[i].calls;
		json_add(rows, day_row(a, &v[n - 1 - i]));
	}
	for (size_t k = 0; n && k < sizeof charts / sizeof *charts; k++)
		json_add(list, chart(a, k, v, n, &all, clock_ms() / DAY_MS - DAYS + 1));
	json_set_bool(o, "some", n > 0);
	json_set_i64(o, "dayCount", DAYS);
	json_set_str(o, "runCount", page_count(a, all.runs));
	json_set(o, "charts", list);
	json_set(o, "dayRows", rows);
	json_set(model, "analytics", o);
	return RC_OK;
}

enum rc
page_analytics(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a);

	TRY(page_analytics_of(r, NULL, model));
	return page_show(r, w, 200, "analytics-all", "Analytics", model);
}
