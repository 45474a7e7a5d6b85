/*
 * lend.c - see lend.h.
 */
#include "access/lend.h"

#include "base/clock.h"
#include "access/grant.h"
#include "oauth/provider.h"
#include "access/quota.h"

enum { SLICE_MS = 500 };

static enum rc
lend_token(struct ctx *cx, struct remote *remote, const char *refused, const char **bearer)
{
	struct lend *l = (struct lend *)remote;

	return grant_token(cx, l->db, l->owner, l->account_id, refused, bearer);
}

static enum rc
lend_told(struct ctx *cx, struct lend *l, const char *why, int64_t ms)
{
	return l->waiter.alive ? l->waiter.alive(cx, l->waiter.arg, why, ms) : RC_OK;
}

/* In slices, so that the lease is kept and a person can stop the run. */
static enum rc
lend_wait(struct ctx *cx, struct lend *l, int64_t ms, const char *why)
{
	int64_t until = clock_mono_ms() + ms, left;

	while ((left = until - clock_mono_ms()) > 0) {
		TRY(lend_told(cx, l, why, left));
		clock_sleep_ms(left < SLICE_MS ? left : SLICE_MS);
	}
	return RC_OK;
}

static enum rc
lend_spend(struct ctx *cx, struct remote *remote, int q)
{
	struct lend *l = (struct lend *)remote;
	int64_t until = clock_mono_ms() + l->patience_ms, wait_ms;

	for (;;) {
		TRY(quota_take(cx, l->db, l->owner, l->account_id, (enum quota)q, &wait_ms));
		if (!wait_ms)
			return RC_OK;
		if (clock_mono_ms() + wait_ms > until) {
			enum rc rc = fail(cx, E_QUOTA,
			    "Many connections read with %s; this one waits its turn.",
			    quota_title((enum quota)q));
			cx->err.wait_ms = wait_ms;
			return rc;
		}
		TRY(lend_wait(cx, l, wait_ms,
		    arena_printf(cx->a, "Waiting for %s's quota", quota_service((enum quota)q))));
	}
}

static enum rc
lend_slow(struct ctx *cx, struct remote *remote, int q, int64_t wait_ms)
{
	struct lend *l = (struct lend *)remote;

	TRY(quota_refused(cx, l->db, l->owner, l->account_id, (enum quota)q, wait_ms));
	return lend_wait(cx, l, wait_ms,
	    arena_printf(cx->a, "%s asked to slow down", quota_service((enum quota)q)));
}

static enum rc
lend_pause(struct ctx *cx, struct remote *remote, int64_t ms)
{
	struct lend *l = (struct lend *)remote;

	return lend_wait(
	    cx, l, ms, arena_printf(cx->a, "%s did not answer; trying again", l->service));
}

static enum rc
lend_alive(struct ctx *cx, struct remote *remote)
{
	return lend_told(cx, (struct lend *)remote, "Reading", 0);
}

enum rc
lend_open(
    struct ctx *cx, struct db *db, const struct kind *k, const struct loan *loan, struct lend **out)
{
	struct login a;
	struct lend *l;

	*out = NULL;
	if (!k->account)
		return RC_OK;
	if (!loan->account_id)
		return fail(
		    cx, E_GRANT, "This connection has no account to read with. Connect one.");
	TRY(login_get(cx, db, loan->owner, loan->account_id, &a));
	if (strcmp(a.provider, k->account))
		return fail(cx, E_GRANT,
		    "The account of this connection is of another kind. Connect the right one.");
	l = arena_alloc(cx->a, sizeof *l);
	*l = (struct lend){
		.remote = {
			.address = a.address,
			.token = lend_token,
			.spend = lend_spend,
			.slow = lend_slow,
			.pause = lend_pause,
			.alive = lend_alive,
		},
		.db = db,
		.waiter = loan->waiter,
		.owner = loan->owner,
		.account_id = loan->account_id,
		.service = oauth_title(k->account),
		.patience_ms = loan->patience_ms,
	};
	*out = l;
	return RC_OK;
}
