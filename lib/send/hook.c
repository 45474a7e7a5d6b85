/*
 * hook.c - see hook.h. Joins the store, the vault and the queue of deliveries.
 */
#include "send/hook.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/rand.h"
#include "net/reach.h"
#include "queue/events.h"
#include "queue/lane.h"
#include "seal/secret.h"
#include "vault/vault.h"

enum { SECRET_BYTES = 32 };

enum rc
hook_check_url(struct ctx *cx, const char *url)
{
	if (!url || !*url)
		return fail(cx, E_URL, "Give the address that messages are sent to.");
	return reach_check_url(cx, url);
}

/* *sealed for the row, *shown for the owner. In the write transaction that stores it. */
static enum rc
secret_make(
    struct ctx *cx, const char *owner, const char *id, const char **sealed, const char **shown)
{
	struct str bytes = { arena_alloc(cx->a, SECRET_BYTES), SECRET_BYTES };
	struct vault *vault;
	char *text;

	rand_bytes((char *)(uintptr_t)bytes.p, bytes.n);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, secret_aad(cx->a, "webhook", id, "secret", owner), bytes, &text));
	*sealed = text;
	*shown = arena_printf(cx->a, "whsec_%s", base64_encode(cx->a, bytes));
	return RC_OK;
}

enum rc
hook_keys(struct ctx *cx, const struct hook *h, int64_t now, struct str keys[HOOK_KEYS], size_t *n)
{
	const char *aad = secret_aad(cx->a, "webhook", h->id, "secret", h->owner);
	struct vault *vault;

	*n = 1;
	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, aad, h->secret, &keys[0]));
	if (!h->old_secret || h->old_until <= now)
		return RC_OK;
	*n = 2;
	return vault_unseal(cx, vault, aad, h->old_secret, &keys[1]);
}

struct create_args {
	struct hook *h;
	const char **secret;
};

static enum rc
create_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct create_args *w = arg;
	struct hook_list list;

	TRY(hook_list(cx, db, w->h->owner, &list));
	if (list.n == HOOKS_MAX)
		return fail(cx, E_STATE,
		    "There are %d webhooks already, which is as many as one user can have.",
		    HOOKS_MAX);
	TRY(secret_make(cx, w->h->owner, w->h->id, &w->h->secret, w->secret));
	return hook_insert(cx, db, w->h);
}

enum rc
hook_create(struct ctx *cx, struct db *db, const char *owner, const char *url,
    const char *description, const char *events, const char **id, const char **secret)
{
	struct hook h = {
		.owner = owner,
		.url = url,
		.description = description,
		.events = events,
		.created_at = clock_ms(),
	};
	char uuid[UUID_TEXT];

	h.id = *id = arena_dup(cx->a, rand_uuid(uuid));
	TRY(hook_check_url(cx, url));
	struct create_args w = { &h, secret };

	return db_write(cx, db, create_write, &w);
}

struct change_args {
	struct hook *h;
	int64_t now;
};

static enum rc
change_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct change_args *w = arg;

	if (w->h->enabled) {
		w->h->failing_since = 0;
		w->h->disabled_code = w->h->disabled_detail = NULL;
	}
	w->h->updated_at = w->now;
	TRY(hook_save(cx, db, w->h));
	return w->h->enabled ? lane_hurry(cx, db, LANE_WEBHOOK, w->h->owner, w->h->id, w->now)
			     : lane_stop(cx, db, w->h->id);
}

enum rc
hook_change(struct ctx *cx, struct db *db, struct hook *h)
{
	TRY(hook_check_url(cx, h->url));
	struct change_args w = { h, clock_ms() };

	return db_write(cx, db, change_write, &w);
}

enum rc
hook_remove(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	enum rc rc;

	TRY(db_begin(cx, db));
	rc = hook_delete(cx, db, owner, id);
	if (rc == RC_OK)
		rc = lane_drop(cx, db, id);
	return db_end(cx, db, rc);
}

struct rotate_args {
	const char *owner;
	const char *id;
	const char **secret;
};

static enum rc
rotate_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct rotate_args *w = arg;
	struct hook h;

	TRY(hook_get(cx, db, w->owner, w->id, &h));
	h.updated_at = clock_ms();
	h.old_secret = h.secret;
	h.old_until = h.updated_at + SECRET_OVERLAP_HOURS * HOUR_MS;
	TRY(secret_make(cx, w->owner, w->id, &h.secret, w->secret));
	return hook_save_secrets(cx, db, &h);
}

enum rc
hook_rotate(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **secret)
{
	struct rotate_args w = { owner, id, secret };

	return db_write(cx, db, rotate_write, &w);
}

static enum rc
open_hook(struct ctx *cx, struct db *db, const char *owner, const char *id, struct hook *h)
{
	TRY(hook_get(cx, db, owner, id, h));
	return h->enabled ? RC_OK
			  : fail(cx, E_STATE, "This webhook is switched off; switch it on first.");
}

struct test_args {
	const char *owner;
	const char *id;
	const char **delivery;
};

static enum rc
test_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct test_args *w = arg;
	struct hook h;

	TRY(open_hook(cx, db, w->owner, w->id, &h));
	return events_test(cx, db, &h, w->delivery);
}

enum rc
hook_test(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **delivery)
{
	struct test_args w = { owner, id, delivery };

	return db_write(cx, db, test_write, &w);
}

struct redeliver_args {
	const char *owner;
	const char *id;
	const char *delivery;
};

static enum rc
redeliver_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct redeliver_args *w = arg;
	const int64_t now = clock_ms();
	struct delivery d;
	struct hook h;

	TRY(open_hook(cx, db, w->owner, w->id, &h));
	TRY(delivery_get(cx, db, w->owner, w->id, w->delivery, &d));
	TRY(delivery_again(cx, db, w->owner, d.id, now));
	return lane_hurry(cx, db, LANE_WEBHOOK, w->owner, w->id, now);
}

enum rc
hook_redeliver(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char *delivery)
{
	struct redeliver_args w = { owner, id, delivery };

	return db_write(cx, db, redeliver_write, &w);
}
