/*
 * quota.c - see quota.h.
 */
#include "app/quota.h"
#include "kind/kind.h"

enum rc
quota_plan_load(struct ctx *cx, struct db *db, const char *owner, struct quota_plan *out)
{
	out->owner = owner;
	return forecast_reads(cx, db, owner, &out->reads, &out->n);
}

/* What one read of a kind of source costs; 0: nothing of this quota. */
static int64_t
quota_cost(const char *provider, enum quota q, int64_t cells)
{
	const struct kind *kind = kind_find(provider);

	for (const struct cost *c = kind ? kind->cost : NULL; c && c->calls; c++)
		if (c->quota == q)
			return forecast_calls(c->calls, c->cells, cells);
	return 0;
}

int64_t
quota_account_rate(const struct quota_plan *p, const char *account_id, enum quota q,
    const char *but, int64_t *conns)
{
	int64_t rate = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct forecast_read *c = &p->reads[i];

		if (!c->enabled || strcmp(c->account_id, account_id) ||
		    (but && !strcmp(c->conn_id, but)))
			continue;
		rate += forecast_rate(quota_cost(c->provider, q, c->cells), c->interval_minutes);
		*conns += quota_cost(c->provider, q, 0) > 0;
	}
	return rate;
}

static int64_t
quota_sum_rate(const struct forecast_sum *sums, size_t n, enum quota q)
{
	int64_t rate = 0;

	for (size_t i = 0; i < n; i++)
		rate += quota_cost(sums[i].provider, q, 0) * sums[i].reads / 1000;
	return rate;
}

enum rc
quota_project_rate(struct ctx *cx, struct db *db, enum quota q, int64_t *rate)
{
	struct forecast_sum *sums;
	size_t n;

	TRY(forecast_project(cx, db, &sums, &n));
	*rate = quota_sum_rate(sums, n, q);
	return RC_OK;
}

enum rc
quota_shared_rate(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    enum quota q, int64_t *rate)
{
	struct forecast_sum *sums;
	size_t n;

	TRY(forecast_shared(cx, db, owner, account_id, &sums, &n));
	*rate = quota_sum_rate(sums, n, q);
	return RC_OK;
}

/* What is wanted takes too much: of the account, or of all accounts of this installation. */
struct quota_excess {
	enum quota quota;
	bool account;
	int64_t minutes, rate, shortest; /* shortest interval that fits; 0: none does */
};

static const char *
quota_minutes(struct arena *a, int64_t n)
{
	return n == 1 ? "1 minute" : arena_printf(a, "%lld minutes", (long long)n);
}

static enum rc
quota_refuse(struct ctx *cx, struct complaints *wrong, const struct quota_excess *x)
{
	const char *way = "Read other sources less often first.";
	const char *often = "minute";

	if (x->minutes != 1)
		often = quota_minutes(cx->a, x->minutes);
	if (x->shortest)
		way = arena_printf(cx->a, "The shortest interval that fits is %s.",
		    quota_minutes(cx->a, x->shortest));
	return complaints_now(cx, wrong, "schedule.intervalMinutes",
	    arena_printf(cx->a,
		"Reading it every %s would take the calls of %s to %lld a minute, and %s allows "
		"%lld (%s). %s",
		often, x->account ? "its account" : "this installation",
		(long long)((x->rate + 999) / 1000), quota_service(x->quota),
		(long long)quota_limit(x->quota, x->account), quota_title(x->quota), way));
}

static enum rc
quota_fits_one(struct ctx *cx, struct db *db, struct complaints *wrong, const struct quota_plan *p,
    const struct quota_wish *w, enum quota q)
{
	struct quota_excess x = { .quota = q, .minutes = w->after->interval_minutes };
	int64_t cells = 0, none = 0, had = 0, calls, need, others, shared, project;

	for (size_t i = 0; i < p->n; i++)
		if (w->conn_id && !strcmp(p->reads[i].conn_id, w->conn_id))
			cells = p->reads[i].cells;
	calls = quota_cost(w->provider, q, cells);
	need = forecast_rate(calls, x.minutes);
	if (w->before && w->before->enabled)
		had = forecast_rate(calls, w->before->interval_minutes);
	if (need <= had)
		return RC_OK;
	TRY(quota_shared_rate(cx, db, p->owner, w->account_id, q, &shared));
	others = shared + quota_account_rate(p, w->account_id, q, w->conn_id, &none);
	if (others + need > quota_limit(q, true) * 1000) {
		x.account = true;
		x.rate = others + need;
		x.shortest = forecast_shortest(calls, others, quota_limit(q, true));
		return quota_refuse(cx, wrong, &x);
	}
	TRY(quota_project_rate(cx, db, q, &project));
	project -= project < had ? project : had;
	if (project + need <= quota_limit(q, false) * 1000)
		return RC_OK;
	x.rate = project + need;
	x.shortest = forecast_shortest(calls, project, quota_limit(q, false));
	return quota_refuse(cx, wrong, &x);
}

enum rc
quota_fits(struct ctx *cx, struct db *db, const char *owner, struct complaints *wrong,
    const struct quota_wish *w)
{
	struct quota_plan p;

	if (!w->account_id || !w->after->enabled)
		return RC_OK;
	TRY(quota_plan_load(cx, db, owner, &p));
	for (int q = 0; q < QUOTA__MAX; q++)
		TRY(quota_fits_one(cx, db, wrong, &p, w, (enum quota)q));
	return RC_OK;
}
