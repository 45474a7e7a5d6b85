/*
 * analytics.c - the last days in numbers and small charts: how long syncs took, what they read,
 * what they cost, how many went well. For one connection or all.
 */
#include "base/clock.h"
#include "skin/page.h"
#include "access/quota.h"

enum { DAYS = 30, STEP = 10, BAR = 7, HEIGHT = 56, FLOOR = 52, TOP = 4 };

struct day {
	struct run_day run;
	int64_t quota; /* the busiest hour, percent of what an account may */
};

struct days {
	struct day *v;
	size_t n;
	bool quota; /* accounts with a quota are read with */
};

/* conn_id NULL: of all connections. What an account used is known for the account, not for each
 * connection that reads with it. */
static enum rc
analytics_load(struct req *r, const char *conn_id, struct days *out)
{
	const int64_t since = (clock_ms() / DAY_MS - DAYS + 1) * DAY_MS;
	struct conn c = { .account_id = NULL };
	struct run_day_list runs;
	struct quota_peak_list peaks = { 0 };

	if (conn_id)
		TRY(conn_get(r->cx, r->db, r->who.user_id, conn_id, &c));
	TRY(run_days(r->cx, r->db, r->who.user_id, conn_id, since, &runs));
	if (!conn_id || c.account_id)
		TRY(quota_peaks(r->cx, r->db, r->who.user_id, c.account_id, since, &peaks));
	out->quota = peaks.n > 0;
	out->n = runs.n;
	out->v = arena_array(r->cx->a, out->n + 1, sizeof *out->v);
	for (size_t i = 0, k = 0; i < out->n; i++) {
		while (k < peaks.n && peaks.v[k].day < runs.v[i].day)
			k++;
		out->v[i] = (struct day){ .run = runs.v[i] };
		if (k < peaks.n && peaks.v[k].day == runs.v[i].day)
			out->v[i].quota = peaks.v[k].percent;
	}
	return RC_OK;
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
	json *data = json_list(r->cx->a);
	struct days days;

	TRY(analytics_load(r, req_query(r, "connection"), &days));
	for (size_t i = 0; i < days.n; i++) {
		const struct run_day *d = &days.v[i].run;
		json *o = json_new(r->cx->a);
		json_set_str(o, "day", day_name(r->cx->a, d->day));
		json_set_i64(o, "runs", d->runs);
		json_set_i64(o, "complete", d->complete);
		json_set_i64(o, "failed", d->failed);
		json_set_i64(o, "durationMs", d->took_ms);
		json_set_i64(o, "fetched", d->fetched);
		json_set_i64(o, "changed", d->changed);
		json_set_i64(o, "apiCalls", d->calls);
		json_set_i64(o, "quotaPercent", days.v[i].quota);
		json_add(data, o);
	}
	TRY(model_list(r, data, &data));
	resp_json(w, 200, r->cx->a, data);
	return RC_OK;
}

/* What is drawn of a day. */
static int64_t
mean_ms(const struct day *d)
{
	return d->run.runs ? d->run.took_ms / d->run.runs : 0;
}

static int64_t
analytics_fetched(const struct day *d)
{
	return d->run.fetched;
}

static int64_t
analytics_calls(const struct day *d)
{
	return d->run.calls;
}

/* Rounded down: 100 means all. What somebody has stopped, or was asked about, is no failure. */
static int64_t
analytics_success(const struct day *d)
{
	const int64_t ended = d->run.complete + d->run.failed;

	return ended ? d->run.complete * 100 / ended : 100;
}

static int64_t
analytics_quota(const struct day *d)
{
	return d->quota;
}

static const char *
analytics_percent(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld %%", (long long)n);
}

static const struct {
	const char *title, *total;
	int64_t (*value)(const struct day *);
	const char *(*text)(struct arena *, int64_t);
	int64_t full; /* the height of the chart; 0: that of the highest bar */
} charts[] = {
	{ "Duration", "on average", mean_ms, page_duration, 0 },
	{ "Records read", "in all", analytics_fetched, page_count, 0 },
	{ "Calls", "in all", analytics_calls, page_count, 0 },
	{ "Success", "of all syncs", analytics_success, analytics_percent, 100 },
	{ "Quota", "in the busiest hour", analytics_quota, analytics_percent, 100 },
};

static json *
analytics_bars(struct arena *a, size_t chart, const struct days *days, int64_t first, int64_t most)
{
	json *list = json_list(a);

	for (size_t i = 0; i < days->n; i++) {
		int64_t value = charts[chart].value(&days->v[i]);
		int64_t h = 2 + (value < most ? value : most) * (FLOOR - TOP - 2) / most;
		json *o = json_new(a);
		json_set_i64(o, "x", (days->v[i].run.day - first) * STEP + 1);
		json_set_i64(o, "y", FLOOR - h);
		json_set_i64(o, "h", h);
		json_add(list, o);
	}
	return list;
}

static json *
analytics_chart(
    struct arena *a, size_t k, const struct days *days, const struct day *all, int64_t first)
{
	json *o = json_new(a);
	int64_t most = 1;

	for (size_t i = 0; i < days->n; i++)
		if (charts[k].value(&days->v[i]) > most)
			most = charts[k].value(&days->v[i]);
	json_set_str(o, "title", charts[k].title);
	json_set_str(o, "value", charts[k].text(a, charts[k].value(all)));
	json_set_str(o, "total", charts[k].total);
	json_set_str(o, "label",
	    arena_printf(a, "%s by day, up to %s", charts[k].title, charts[k].text(a, most)));
	json_set(
	    o, "bars", analytics_bars(a, k, days, first, charts[k].full ? charts[k].full : most));
	json_set_i64(o, "width", DAYS * STEP);
	json_set_i64(o, "height", HEIGHT);
	json_set_i64(o, "floor", FLOOR);
	json_set_i64(o, "barWidth", BAR);
	return o;
}

static json *
day_row(struct arena *a, const struct day *d)
{
	json *o = json_new(a);

	json_set_str(o, "day", day_name(a, d->run.day));
	json_set_str(o, "runs", page_count(a, d->run.runs));
	json_set_str(o, "success", analytics_percent(a, analytics_success(d)));
	json_set_str(o, "duration", page_duration(a, mean_ms(d)));
	json_set_str(o, "fetched", page_count(a, d->run.fetched));
	json_set_str(o, "changed", page_count(a, d->run.changed));
	json_set_str(o, "calls", page_count(a, d->run.calls));
	json_set_str(o, "quota", analytics_percent(a, d->quota));
	return o;
}

enum rc
page_analytics_of(struct req *r, const char *conn_id, json *model)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *list = json_list(a), *rows = json_list(a);
	struct day all = { .quota = 0 };
	struct days days;

	TRY(analytics_load(r, conn_id, &days));
	for (size_t i = 0; i < days.n; i++) {
		const struct day *d = &days.v[i];
		all.run.runs += d->run.runs;
		all.run.complete += d->run.complete;
		all.run.failed += d->run.failed;
		all.run.took_ms += d->run.took_ms;
		all.run.fetched += d->run.fetched;
		all.run.calls += d->run.calls;
		all.quota = d->quota > all.quota ? d->quota : all.quota;
		json_add(rows, day_row(a, &days.v[days.n - 1 - i]));
	}
	for (size_t k = 0; days.n && k < sizeof charts / sizeof *charts; k++)
		if (days.quota || charts[k].value != analytics_quota)
			json_add(list,
			    analytics_chart(a, k, &days, &all, clock_ms() / DAY_MS - DAYS + 1));
	json_set_bool(o, "hasQuota", days.quota);
	json_set_bool(o, "some", days.n > 0);
	json_set_i64(o, "dayCount", DAYS);
	json_set_str(o, "runText", page_plural(a, all.run.runs, "sync", "syncs"));
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
