/*
 * quota.c - see model.h: what schedules cost of the quotas of providers.
 */
#include "app/quota.h"
#include "base/clock.h"
#include "skin/model.h"

static json *
quota_row(struct arena *a, enum quota q, bool account, int64_t rate)
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

/* What owners' accounts have used in the last day. */
struct quota_uses {
	struct quota_use *v;
	size_t n;
};

static json *
quota_account(struct arena *a, const struct quota_plan *p, const struct quota_uses *used,
    const char *account_id, enum quota q, int64_t shared)
{
	int64_t conns = 0, calls = 0, refused = 0;
	const int64_t own = quota_account_rate(p, account_id, q, NULL, &conns);
	json *o = quota_row(a, q, true, own + shared);

	for (size_t i = 0; i < used->n; i++)
		if (!strcmp(used->v[i].account_id, account_id) &&
		    !strcmp(used->v[i].quota, quota_name(q))) {
			calls = used->v[i].calls;
			refused = used->v[i].refused;
		}
	json_set_str(o, "accountId", account_id);
	json_set_i64(o, "connections", conns);
	json_set_i64(o, "usedLastDay", calls);
	json_set_i64(o, "refusedLastDay", refused);
	return o;
}

enum rc
model_quota(struct req *r, json **accounts)
{
	struct quota_plan p;
	struct login_list list;
	struct quota_uses used;
	int64_t shared;

	*accounts = json_list(r->cx->a);
	TRY(quota_plan_load(r->cx, r->db, r->who.user_id, &p));
	TRY(login_list(r->cx, r->db, r->who.user_id, &list));
	TRY(quota_used(r->cx, r->db, r->who.user_id, clock_ms() - DAY_MS, &used.v, &used.n));
	for (size_t i = 0; i < list.n; i++)
		for (int q = 0; q < QUOTA__MAX; q++) {
			TRY(quota_shared_rate(
			    r->cx, r->db, r->who.user_id, list.v[i].id, (enum quota)q, &shared));
			json_add(*accounts,
			    quota_account(
				r->cx->a, &p, &used, list.v[i].id, (enum quota)q, shared));
		}
	return RC_OK;
}

enum rc
model_quota_project(struct req *r, json **project)
{
	int64_t rate;

	*project = json_list(r->cx->a);
	for (int q = 0; q < QUOTA__MAX; q++) {
		TRY(quota_project_rate(r->cx, r->db, (enum quota)q, &rate));
		json_add(*project, quota_row(r->cx->a, (enum quota)q, false, rate));
	}
	return RC_OK;
}
