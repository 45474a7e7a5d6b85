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

static enum rc
create_in_tx(struct ctx *cx, struct db *db, struct hook *h, const char **secret)
{
	struct hook_list list;

	TRY(hook_list(cx, db, h->owner, &list));
	if (list.n == HOOKS_MAX)
		return fail(cx, E_STATE,
		    "There are %d webhooks already, which is as many as one user can have.",
		    HOOKS_MAX);
	TRY(secret_make(cx, h->owner, h->id, &h->secret, secret));
	return hook_insert(cx, db, h);
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
	TRY(db_begin(cx, db));
	return db_end(cx, db, create_in_tx(cx, db, &h, secret));
}

static enum rc
change_in_tx(struct ctx *cx, struct db *db, struct hook *h, int64_t now)
{
	if (h->enabled) {
		h->failing_since = 0;
		h->disabled_code = h->disabled_detail = NULL;
	}
	h->updated_at = now;
	TRY(hook_save(cx, db, h));
	return h->enabled ? lane_hurry(cx, db, h->id, now) : lane_stop(cx, db, h->id);
}

enum rc
hook_change(struct ctx *cx, struct db *db, struct hook *h)
{
	TRY(hook_check_url(cx, h->url));
	TRY(db_begin(cx, db));
	return db_end(cx, db, change_in_tx(cx, db, h, clock_ms()));
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

static enum rc
rotate_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **secret)
{
	struct hook h;

	TRY(hook_get(cx, db, owner, id, &h));
	h.updated_at = clock_ms();
	h.old_secret = h.secret;
	h.old_until = h.updated_at + SECRET_OVERLAP_HOURS * HOUR_MS;
	TRY(secret_make(cx, owner, id, &h.secret, secret));
	return hook_save_secrets(cx, db, &h);
}

enum rc
hook_rotate(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **secret)
{
	TRY(db_begin(cx, db));
	return db_end(cx, db, rotate_in_tx(cx, db, owner, id, secret));
}

static enum rc
open_hook(struct ctx *cx, struct db *db, const char *owner, const char *id, struct hook *h)
{
	TRY(hook_get(cx, db, owner, id, h));
	return h->enabled ? RC_OK
			  : fail(cx, E_STATE, "This webhook is switched off; switch it on first.");
}

static enum rc
test_in_tx(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **delivery)
{
	struct hook h;

	TRY(open_hook(cx, db, owner, id, &h));
	return events_test(cx, db, &h, delivery);
}

enum rc
hook_test(struct ctx *cx, struct db *db, const char *owner, const char *id, const char **delivery)
{
	TRY(db_begin(cx, db));
	return db_end(cx, db, test_in_tx(cx, db, owner, id, delivery));
}

static enum rc
redeliver_in_tx(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char *delivery)
{
	const int64_t now = clock_ms();
	struct delivery d;
	struct hook h;

	TRY(open_hook(cx, db, owner, id, &h));
	TRY(delivery_get(cx, db, owner, id, delivery, &d));
	TRY(delivery_again(cx, db, owner, d.id, now));
	return lane_hurry(cx, db, id, now);
}

enum rc
hook_redeliver(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char *delivery)
{
	TRY(db_begin(cx, db));
	return db_end(cx, db, redeliver_in_tx(cx, db, owner, id, delivery));
}
