/*
 * lend.c - see lend.h.
 */
#include "access/lend.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "access/keeper.h"
#include "oauth/provider.h"
#include "access/quota.h"

enum {
	SLICE_MS = 500,
	LEAVE_MS = 2000,
	LEAVE_TIMES = 5, /* without a page; then the wait is the last that was asked for */
	LATE_MS = 5000
};

static enum rc
lend_token(struct ctx *cx, struct remote *remote, const char *refused, const char **bearer)
{
	struct lend *l = (struct lend *)remote;

	if (!l->own)
		return keeper_token(cx, l->db, l->owner, l->account_id, refused, bearer);
	*bearer = l->own;
	return refused ? fail(cx, E_GRANT,
			     "%s does not accept the secret of this connection any more. Enter it "
			     "again in its settings.",
			     l->service)
		       : RC_OK;
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

/* Its turn has come meanwhile. One that it let pass too long ago is given up: many such at once
 * would be more than the provider allows. */
static bool
lend_came(struct lend *l, int q)
{
	struct later *later = l->later;

	if (!later || later->quota != q)
		return false;
	later->quota = -1;
	return clock_ms() <= later->at + LATE_MS;
}

/* Is there nothing to be lost by going on later? made: calls of this page that do not count. */
static bool
lend_may_leave(const struct lend *l, int q, int made, int64_t ms)
{
	return l->later && ms > LEAVE_MS && l->made[q] <= made && l->later->times < LEAVE_TIMES;
}

static enum rc
lend_leave(struct ctx *cx, struct lend *l, int64_t ms, const char *why)
{
	enum rc rc = fail(cx, E_LATER, "%s", why);

	l->later->times++;
	cx->err.wait_ms = ms;
	return rc;
}

static enum rc
lend_full(
    struct ctx *cx, struct lend *l, const struct quota_payer *payer, enum quota q, int64_t wait_ms)
{
	bool shut;
	enum rc rc;

	TRY(quota_shut(cx, l->db, payer, q, &shut));
	rc = shut ? fail(cx, E_QUOTA,
			"%s has asked to be left alone by this account; all that read with it "
			"wait until then.",
			quota_service(q))
		  : fail(cx, E_QUOTA, "Many connections read with %s; this one waits its turn.",
			quota_title(q));
	cx->err.wait_ms = wait_ms;
	return rc;
}

static enum rc
lend_spend(struct ctx *cx, struct remote *remote, int q)
{
	struct lend *l = (struct lend *)remote;
	const struct quota_payer payer = {
		.owner = l->owner,
		.account_id = l->account_id,
		.asked = l->asked,
	};
	const char *why;
	int64_t wait_ms = 0;

	if (!lend_came(l, q))
		TRY(quota_take(cx, l->db, &payer, (enum quota)q, l->patience_ms, &wait_ms));
	if (wait_ms > l->patience_ms)
		return lend_full(cx, l, &payer, (enum quota)q, wait_ms);
	why = arena_printf(cx->a, "Waiting for %s's quota", quota_service((enum quota)q));
	if (lend_may_leave(l, q, 0, wait_ms)) {
		l->later->quota = q;
		l->later->at = clock_ms() + wait_ms;
		return lend_leave(cx, l, wait_ms, why);
	}
	l->made[q]++;
	return lend_wait(cx, l, wait_ms, why);
}

static bool
lend_spare(struct ctx *cx, struct remote *remote, int q)
{
	struct lend *l = (struct lend *)remote;
	const struct quota_payer payer = { .owner = l->owner, .account_id = l->account_id };
	int64_t wait_ms = 0;

	if (quota_take(cx, l->db, &payer, (enum quota)q, 0, &wait_ms) == RC_OK)
		return wait_ms == 0;
	cx->err = (struct err){ 0 };
	return false;
}

static enum rc
lend_slow(struct ctx *cx, struct remote *remote, int q, int64_t wait_ms)
{
	struct lend *l = (struct lend *)remote;
	const char *why = arena_printf(
	    cx->a, "%s asked to slow down", quota_service((enum quota)q));

	TRY(quota_refused(cx, l->db, l->owner, l->account_id, (enum quota)q, wait_ms));
	return lend_may_leave(l, q, 1, wait_ms) ? lend_leave(cx, l, wait_ms, why)
						: lend_wait(cx, l, wait_ms, why);
}

/* What could not be stored is heard by the next one that asks. */
static void
lend_shut(struct ctx *cx, struct remote *remote, int q, int64_t wait_ms)
{
	struct lend *l = (struct lend *)remote;

	if (quota_refused(cx, l->db, l->owner, l->account_id, (enum quota)q, wait_ms) != RC_OK)
		log_event(LOG_LEVEL_WARN, "quota not stored", "s:detail", cx->err.detail, NULL);
}

static void
lend_kept(struct remote *remote)
{
	struct lend *l = (struct lend *)remote;

	memset(l->made, 0, sizeof l->made);
	if (l->later)
		l->later->times = 0;
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

static void
lend_heard(struct ctx *cx, struct remote *remote, struct skew_sample sample)
{
	struct lend *l = (struct lend *)remote;

	clocks_hear(cx, l->db, &l->clocks, sample);
	remote->clock = skew_of(&l->clocks.skew);
}

/* Who has the same token has the same quota at the service. */
static const char *
lend_payer(struct arena *a, const char *token)
{
	char hash[SHA256_HEX];

	return arena_printf(a, "token:%.32s", hash_sha256_hex(str_c(token), hash));
}

/* The login that is lent, or what stands in its place. */
static enum rc
lend_login(
    struct ctx *cx, struct db *db, const struct kind *k, const struct loan *loan, struct login *out)
{
	if (loan->token) {
		*out = (struct login){
			.id = lend_payer(cx->a, loan->token),
			.address = "the secret of this connection",
		};
		return RC_OK;
	}
	if (!loan->account_id)
		return fail(
		    cx, E_GRANT, "This connection has no account to read with. Connect one.");
	TRY(login_get(cx, db, loan->owner, loan->account_id, out));
	TRY(keeper_login(cx, loan->owner, loan->account_id));
	return strcmp(out->provider, k->account)
	    ? fail(cx, E_GRANT,
		  "The account of this connection is of another kind. Connect the right one.")
	    : RC_OK;
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
	TRY(lend_login(cx, db, k, loan, &a));
	l = arena_alloc(cx->a, sizeof *l);
	*l = (struct lend){
		.remote = {
			.address = a.address,
			.token = lend_token,
			.spend = lend_spend,
			.spare = lend_spare,
			.slow = lend_slow,
			.shut = lend_shut,
			.pause = lend_pause,
			.alive = lend_alive,
			.kept = lend_kept,
			.heard = lend_heard,
		},
		.db = db,
		.waiter = loan->waiter,
		.owner = loan->owner,
		.account_id = a.id,
		.own = loan->token,
		.service = oauth_title(k->account),
		.patience_ms = loan->patience_ms,
		.asked = loan->asked,
		.later = loan->later,
	};
	TRY(clocks_open(cx, db, k->id, &l->clocks));
	l->remote.clock = skew_of(&l->clocks.skew);
	*out = l;
	return RC_OK;
}
