/*
 * quota.c - see quota.h; and GET /api/quota.
 */
#include "logins/quota.h"
#include "base/clock.h"
#include "store/login.h"
#include "access/forecast.h"
#include "access/quota.h"

struct plan {
	const json *providers;
	struct forecast_read *reads;
	size_t n;
};

static enum rc
plan_load(struct req *r, struct plan *p)
{
	json *all;

	TRY(providers_list(r, &all));
	p->providers = json_at(all, "data");
	return forecast_reads(r->cx, r->db, r->who.user_id, &p->reads, &p->n);
}

/* What one read of a kind of source costs; 0: nothing of this quota. */
static int64_t
cost_of(const struct plan *p, const char *provider, enum quota q, int64_t cells)
{
	for (size_t i = 0; i < json_len(p->providers); i++) {
		const json *row = json_nth(p->providers, i), *cost = json_at(row, "cost");
		for (size_t c = 0; !strcmp(json_str(row, "id"), provider) && c < json_len(cost);
		     c++)
			if (!strcmp(json_str(json_nth(cost, c), "quota"), quota_name(q)))
				return forecast_calls(json_num(json_nth(cost, c), "calls", 0),
				    json_num(json_nth(cost, c), "cells", 0), cells);
	}
	return 0;
}

/* Of all connections of an account but one. */
static int64_t
account_rate(
    const struct plan *p, const char *account_id, enum quota q, const char *but, int64_t *conns)
{
	int64_t rate = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct forecast_read *c = &p->reads[i];
		if (!c->enabled || strcmp(c->account_id, account_id) ||
		    (but && !strcmp(c->conn_id, but)))
			continue;
		rate += forecast_rate(cost_of(p, c->provider, q, c->cells), c->interval_minutes);
		*conns += cost_of(p, c->provider, q, 0) > 0;
	}
	return rate;
}

/* Of everybody's, as if all sources were small. */
static enum rc
project_rate(struct req *r, const struct plan *p, enum quota q, int64_t *rate)
{
	struct forecast_sum *sums;
	size_t n;

	*rate = 0;
	TRY(forecast_project(r->cx, r->db, &sums, &n));
	for (size_t i = 0; i < n; i++)
		*rate += cost_of(p, sums[i].provider, q, 0) * sums[i].reads / 1000;
	return RC_OK;
}

static json *
row(struct arena *a, enum quota q, bool account, int64_t rate)
{
	json *o = json_new(a);

	json_set_str(o, "quota", quota_name(q));
	json_set_str(o, "title", quota_title(q));
	json_set_i64(o, "limitPerMinute", quota_limit(q, account));
	json_set_f(o, "plannedPerMinute", (double)rate / 1000.0);
	json_set_i64(o, "plannedPerDay", rate * 1440 / 1000);
	json_set_i64(o, "percent", forecast_percent(rate, quota_limit(q, account)));
	return o;
}

enum rc
quota_model(struct req *r, json **accounts)
{
	struct plan p;
	struct login_list list;
	struct quota_use *used;
	size_t n;

	*accounts = json_list(r->cx->a);
	TRY(plan_load(r, &p));
	TRY(login_list(r->cx, r->db, r->who.user_id, &list));
	TRY(quota_used(r->cx, r->db, r->who.user_id, clock_ms() - DAY_MS, &used, &n));
	for (size_t i = 0; i < list.n; i++)
		for (int q = 0; q < QUOTA__MAX; q++) {
			int64_t conns = 0, calls = 0, refused = 0;
			json *o = row(r->cx->a, (enum quota)q, true,
			    account_rate(&p, list.v[i].id, (enum quota)q, NULL, &conns));
			for (size_t u = 0; u < n; u++)
				if (!strcmp(used[u].account_id, list.v[i].id) &&
				    !strcmp(used[u].quota, quota_name((enum quota)q))) {
					calls = used[u].calls;
					refused = used[u].refused;
				}
			json_set_str(o, "accountId", list.v[i].id);
			json_set_i64(o, "connections", conns);
			json_set_i64(o, "usedLastDay", calls);
			json_set_i64(o, "refusedLastDay", refused);
			json_add(*accounts, o);
		}
	return RC_OK;
}

enum rc
quota_project(struct req *r, json **project)
{
	struct plan p;
	int64_t rate;

	*project = json_list(r->cx->a);
	TRY(plan_load(r, &p));
	for (int q = 0; q < QUOTA__MAX; q++) {
		TRY(project_rate(r, &p, (enum quota)q, &rate));
		json_add(*project, row(r->cx->a, (enum quota)q, false, rate));
	}
	return RC_OK;
}

static const char *
every(struct arena *a, int64_t minutes)
{
	return minutes == 1 ? "every minute"
			    : arena_printf(a, "every %lld minutes", (long long)minutes);
}

static enum rc
refuse(struct req *r, enum quota q, bool account, int64_t minutes, int64_t rate, int64_t shortest)
{
	struct arena *a = r->cx->a;
	const char *who = account ? "its account" : "this installation";

	return input_fail_one(r, "schedule.intervalMinutes",
	    arena_printf(a,
		"Reading it %s would take the calls of %s to %lld a minute, and Google allows %lld (%s). %s",
		every(a, minutes), who, (long long)((rate + 999) / 1000),
		(long long)quota_limit(q, account), quota_title(q),
		shortest ? arena_printf(a, "The shortest interval that fits is %lld %s.",
			       (long long)shortest, shortest == 1 ? "minute" : "minutes")
			 : "Read other sources less often first."));
}

enum rc
quota_fits(struct req *r, const char *provider, const char *account_id, const char *conn_id,
    const struct sched *before, const struct sched *after)
{
	int64_t cells = 0, none = 0, project;
	struct plan p;

	if (!account_id || !after->enabled)
		return RC_OK;
	TRY(plan_load(r, &p));
	for (size_t i = 0; i < p.n; i++)
		if (conn_id && !strcmp(p.reads[i].conn_id, conn_id))
			cells = p.reads[i].cells;
	for (int k = 0; k < QUOTA__MAX; k++) {
		enum quota q = (enum quota)k;
		int64_t calls = cost_of(&p, provider, q, cells);
		int64_t need = forecast_rate(calls, after->interval_minutes);
		int64_t had = before && before->enabled
		    ? forecast_rate(calls, before->interval_minutes)
		    : 0;
		int64_t others = account_rate(&p, account_id, q, conn_id, &none);
		if (need <= had)
			continue;
		if (others + need > quota_limit(q, true) * 1000)
			return refuse(r, q, true, after->interval_minutes, others + need,
			    forecast_shortest(calls, others, quota_limit(q, true)));
		TRY(project_rate(r, &p, q, &project));
		project -= project < had ? project : had;
		if (project + need > quota_limit(q, false) * 1000)
			return refuse(r, q, false, after->interval_minutes, project + need,
			    forecast_shortest(calls, project, quota_limit(q, false)));
	}
	return RC_OK;
}

/* {data: of each account, project} */
enum rc
api_quota(struct req *r, struct resp *w)
{
	json *data, *project, *o;

	TRY(quota_model(r, &data));
	TRY(quota_project(r, &project));
	o = model_page(r->cx->a, data, NULL);
	json_set(o, "project", project);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
