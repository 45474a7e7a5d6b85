/*
 * grant.c - see grant.h.
 */
#include "access/grant.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/sole.h"
#include "base/step.h"
#include "kind/kind.h"
#include "oauth/consent.h"
#include "queue/channel.h"
#include "queue/mailbox.h"
#include "queue/post.h"
#include "queue/queue.h"
#include "seal/secret.h"
#include "store/room.h"

enum { WAIT_TURN_MS = 100 };

#define TABLE "remote_account"

static enum rc
grant_client(struct ctx *cx, const char *provider, struct oauth_client *out)
{
	const struct oauth_provider *p = oauth_find(provider);

	if (!p)
		return fail(
		    cx, E_NOT_YET, "There are no accounts of the kind \"%.40s\".", provider);
	*out = oauth_client(cx->a, p);
	return RC_OK;
}

static enum rc
seal(struct ctx *cx, const char *id, const char *owner, const char *purpose, const char *plain,
    char **out)
{
	struct vault *vault;

	TRY(vault_open(cx, true, &vault));
	return vault_seal(
	    cx, vault, secret_aad(cx->a, TABLE, id, purpose, owner), str_c(plain), out);
}

static enum rc
unseal(struct ctx *cx, const struct login *a, const char *purpose, const char *sealed,
    const char **out)
{
	struct vault *vault;
	struct str plain;

	TRY(vault_open(cx, false, &vault));
	TRY(secret_unseal(cx, vault,
	    &(struct sealed){
		.table = TABLE,
		.id = a->id,
		.purpose = purpose,
		.owner = a->owner,
		.text = sealed,
	    },
	    &plain));
	*out = arena_dup_str(cx->a, plain);
	return RC_OK;
}

/*
 * Access tokens.
 */

bool
grant_lasts(const struct login *a)
{
	return !strcmp(a->health, "ok") && a->access &&
	    a->access_until - clock_ms() >= GRANT_EARLY_MS;
}

enum rc
grant_access(struct ctx *cx, const char *owner, const char *account_id, const char *sealed,
    const char **bearer)
{
	return unseal(
	    cx, &(struct login){ .id = account_id, .owner = owner }, "access", sealed, bearer);
}

/* The stored one, when it lasts and is not the one that was refused. */
static enum rc
stored(struct ctx *cx, const struct login *a, const char *refused, const char **bearer)
{
	*bearer = NULL;
	if (!grant_lasts(a))
		return RC_OK;
	TRY(grant_access(cx, a->owner, a->id, a->access, bearer));
	if (refused && !strcmp(refused, *bearer))
		*bearer = NULL;
	return RC_OK;
}

/* The connections of an account whose grant has ended stop, each with the reason, and nobody relies
 * on what it had opened; the owner hears of it once. */
static enum rc
stop_conns(struct ctx *cx, struct db *db, const struct login *a, const char *detail)
{
	const struct error_row *row = error_row(E_GRANT);
	char id[UUID_TEXT];
	const char **ids;
	struct conn c;
	size_t n;

	TRY(channel_forget(cx, db, a->owner, a->id));
	TRY(login_conns(cx, db, a->owner, a->id, &ids, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(conn_get(cx, db, a->owner, ids[i], &c));
		c.sched.health = HEALTH_ATTENTION;
		c.sched.next_poll_at = 0;
		c.sched.set_at = clock_ms();
		c.sched.error_code = row->code;
		c.sched.error_detail = detail;
		TRY(sched_save(cx, db, &c));
		TRY(mail_digest_ask(cx, db, &c));
	}
	return db_run(cx, db, NULL, Q_NOTICE_PUT, "ssssssi", arena_dup(cx->a, rand_uuid(id)),
	    a->owner, n ? ids[0] : NULL, "attention", row->code, detail, clock_ms());
}

struct grant_end {
	const struct login *login;
	const char *lease;
	const struct err *why;
};

/* A dead grant stops what uses it; after anything else the lease is given back. */
static enum rc
grant_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct grant_end *w = arg;
	const struct login *a = w->login;
	const char *detail;
	bool first;

	if (w->why->kind != E_GRANT)
		return login_release(cx, db, a, w->lease);
	detail = arena_printf(
	    cx->a, "%s no longer lets Tidemark in: %.200s", a->address, w->why->detail);
	TRY(login_dead(
	    cx, db, a, w->lease, &(struct login_end){ error_row(E_GRANT)->code, detail }, &first));
	return first ? stop_conns(cx, db, a, detail) : fail(cx, E_LEASE, NULL);
}

/* Gives the lease back; what happened stays in cx->err. E_LEASE when it was taken over: then it
 * says nothing about the grant there is now. */
static enum rc
give_up(struct ctx *cx, struct db *db, const struct login *a, const char *lease)
{
	const struct err why = cx->err;
	struct grant_end w = { a, lease, &why };
	const enum rc rc = db_write(cx, db, grant_end_write, &w);

	if (rc != RC_OK && cx->err.kind == E_LEASE)
		return rc;
	if (rc != RC_OK)
		log_event(LOG_LEVEL_WARN, "grant.not_noted", "s:code",
		    error_row(cx->err.kind)->code, NULL);
	cx->err = why;
	return error_row(why.kind)->rc;
}

static enum rc
fetch_tokens(struct ctx *cx, const struct login *a, struct oauth_tokens *t)
{
	struct oauth_client client;
	const char *secret;

	TRY(grant_client(cx, a->provider, &client));
	TRY(unseal(cx, a, "grant", a->sealed, &secret));
	if (!strcmp(a->kind, "service")) {
		enum rc rc = oauth_service_token(
		    cx, &client, json_stored(cx->a, secret), a->scopes, clock_ms(), t);

		/* Nobody has typed it in just now. */
		return rc != RC_OK && cx->err.kind == E_INPUT ? fail(cx, E_SECRET, NULL) : rc;
	}
	return oauth_refresh(cx, &client, secret, t);
}

struct save_args {
	const struct login *a;
	const char *lease;
	const struct oauth_tokens *t;
};

static enum rc
save_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct save_args *w = arg;
	char *access, *sealed = NULL;
	int64_t now = clock_ms();

	TRY(seal(cx, w->a->id, w->a->owner, "access", w->t->access, &access));
	if (w->t->refresh && strcmp(w->a->kind, "service"))
		TRY(seal(cx, w->a->id, w->a->owner, "grant", w->t->refresh, &sealed));
	return login_renewed(cx, db, w->a, w->lease,
	    &(struct login_tokens){ access, now + w->t->expires_s * SECOND_MS, sealed }, now);
}

/* With the lease: one request, one transaction. */
static enum rc
renew(struct ctx *cx, struct db *db, const struct login *a, const char *lease, const char **bearer)
{
	struct oauth_tokens t;
	enum rc rc = fetch_tokens(cx, a, &t);

	if (rc != RC_OK)
		return give_up(cx, db, a, lease);
	step("grant:fetched");
	struct save_args w = { a, lease, &t };

	TRY(db_write(cx, db, save_write, &w));
	log_event(LOG_LEVEL_INFO, "grant.renewed", "s:account", a->id, NULL);
	*bearer = t.access;
	return RC_OK;
}

struct grant_lease {
	const struct login *login;
	const char *lease;
	bool got;
};

static enum rc
grant_lease_write(struct ctx *cx, struct db *db, void *arg)
{
	struct grant_lease *w = arg;
	const int64_t now = clock_ms();
	const struct login_lease lease = { w->lease, now, now + GRANT_LEASE_MS };

	return login_lease(cx, db, w->login, &lease, &w->got);
}

static enum rc
grant_release_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct grant_lease *w = arg;

	return login_release(cx, db, w->login, w->lease);
}

/* Whoever has a lease has a lock of that name for as long, which ends with its process. */
static const char *
grant_lock(struct arena *a, const char *lease)
{
	return arena_printf(a, "grant|%s", lease);
}

/* A holder that is dead holds nobody up. */
static enum rc
grant_check_holder(struct ctx *cx, struct db *db, const struct login *a)
{
	struct grant_lease w = { .login = a };
	int held;

	TRY(login_holder(cx, db, a, &w.lease));
	if (!w.lease)
		return RC_OK;
	TRY(sole_take(cx, grant_lock(cx->a, w.lease), &held));
	if (held < 0)
		return RC_OK;
	sole_end(held);
	return db_write(cx, db, grant_release_write, &w);
}

/* *bearer NULL: somebody else fetches one right now, or has done so. */
static enum rc
grant_try(struct ctx *cx, struct db *db, const struct login *a, const char **bearer)
{
	char lease[UUID_TEXT];
	struct grant_lease w = { .login = a, .lease = rand_uuid(lease) };
	int held;
	enum rc rc;

	TRY(sole_take(cx, grant_lock(cx->a, lease), &held));
	rc = db_write(cx, db, grant_lease_write, &w);
	if (rc == RC_OK && w.got)
		rc = renew(cx, db, a, lease, bearer);
	sole_end(held);
	/* Connected anew meanwhile, or taken over by another process: what is stored now counts. */
	if (rc != RC_OK && w.got && cx->err.kind == E_LEASE)
		return RC_OK;
	return rc == RC_OK && !w.got ? grant_check_holder(cx, db, a) : rc;
}

enum rc
grant_token(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    const char *refused, const char **bearer)
{
	int64_t until = clock_mono_ms() + GRANT_LEASE_MS + 5 * SECOND_MS;
	struct login a;

	do {
		TRY(login_get(cx, db, owner, account_id, &a));
		if (strcmp(a.health, "ok"))
			return fail(cx, E_GRANT, "%s",
			    a.error_detail ? a.error_detail : error_row(E_GRANT)->title);
		TRY(stored(cx, &a, refused, bearer));
		if (*bearer)
			return RC_OK;
		TRY(grant_try(cx, db, &a, bearer));
		if (*bearer)
			return RC_OK;
		clock_sleep_ms(WAIT_TURN_MS);
	} while (clock_mono_ms() < until);
	return fail(
	    cx, E_UNAVAILABLE, "The access token of %s could not be renewed in time.", a.address);
}

/*
 * Connecting.
 */

struct grant_store {
	struct login *login;
	const char *secret; /* NULL: the one there is stays */
	const struct oauth_tokens *tokens;
	bool made;
};

static enum rc
grant_store_login(struct ctx *cx, struct db *db, struct grant_store *w)
{
	const struct oauth_tokens *t = w->tokens;
	struct login *a = w->login;
	struct login old;
	char uuid[UUID_TEXT], *text;
	bool known;

	TRY(login_of_subject(cx, db, a, &known, &old));
	w->made = !known;
	/* What is stored of one that was shut out is known to be dead. */
	if (!w->secret && (!known || strcmp(old.health, "ok")))
		return fail(cx, E_OAUTH_SETUP, "No refresh token came. %s",
		    oauth_find(a->provider)->forget ? oauth_find(a->provider)->forget
						    : "Connect again.");
	a->id = known ? old.id : arena_dup(cx->a, rand_uuid(uuid));
	a->sealed = known ? old.sealed : NULL;
	/* One that comes is newer; when none comes the old one stays good. */
	if (w->secret) {
		TRY(seal(cx, a->id, a->owner, "grant", w->secret, &text));
		a->sealed = text;
	}
	TRY(seal(cx, a->id, a->owner, "access", t->access, &text));
	a->access = text;
	a->access_until = clock_ms() + t->expires_s * SECOND_MS;
	a->granted_at = clock_ms();
	if (known)
		return login_granted(cx, db, a);
	TRY(room_for(cx, db, a->owner, ROOM_LOGINS, 1, E_STATE));
	return login_insert(cx, db, a);
}

static bool
revive_is_stopped(const struct sched *s)
{
	return s->health == HEALTH_ATTENTION && s->error_code &&
	    (!strcmp(s->error_code, error_row(E_GRANT)->code) ||
		!strcmp(s->error_code, error_row(E_SCOPES)->code));
}

/* A run that is on its way may still end with what was true of the old grant, or has hidden that it
 * stopped: another one follows it. */
static enum rc
revive_conn(struct ctx *cx, struct db *db, struct conn *c)
{
	struct run active;
	const char *sync;
	bool stopped = revive_is_stopped(&c->sched);

	TRY(run_active(cx, db, c->owner, c->id, &active));
	if (stopped) {
		c->sched.health = HEALTH_RETRYING;
		c->sched.retry_count = 0;
		TRY(sched_save(cx, db, c));
	}
	return stopped || active.id ? sync_follow(cx, db, c, "manual", &sync) : RC_OK;
}

/* What the old grant had opened is gone, and what was refused to it says nothing of the new one. */
static enum rc
revive_channel(struct ctx *cx, struct db *db, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	bool off;

	if (!c->sched.enabled || !k || !k->receiver || k->receiver->signs)
		return RC_OK;
	TRY(channel_is_off(cx, db, c, &off));
	if (off)
		return RC_OK;
	TRY(channel_refused(cx, db, c, NULL));
	return channel_want(cx, db, c);
}

/* Connections that the end of the grant had stopped go on at once, and so do their channels and
 * what they have to send. */
static enum rc
revive_conns(struct ctx *cx, struct db *db, const struct login *a)
{
	const char **ids;
	struct conn c;
	size_t n;

	TRY(login_conns(cx, db, a->owner, a->id, &ids, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(conn_get(cx, db, a->owner, ids[i], &c));
		TRY(revive_conn(cx, db, &c));
		TRY(revive_channel(cx, db, &c));
		TRY(post_due(cx, db, a->owner, ids[i]));
	}
	return RC_OK;
}

static enum rc
grant_store_write(struct ctx *cx, struct db *db, void *arg)
{
	struct grant_store *w = arg;

	TRY(grant_store_login(cx, db, w));
	TRY(revive_conns(cx, db, w->login));
	step("grant:before-commit");
	return RC_OK;
}

static enum rc
store(struct ctx *cx, struct db *db, struct login *a, const char *secret,
    const struct oauth_tokens *t, struct grant_result *out)
{
	struct grant_store w = { .login = a, .secret = secret, .tokens = t };

	TRY(db_write(cx, db, grant_store_write, &w));
	out->made = w.made;
	out->account_id = a->id;
	out->address = a->address;
	return RC_OK;
}

enum rc
grant_connect(
    struct ctx *cx, struct db *db, const struct grant_request *g, struct grant_result *out)
{
	struct login a = { .owner = g->owner, .provider = g->provider, .kind = "oauth" };
	struct oauth_client client;
	struct oauth_tokens t;

	*out = (struct grant_result){ .missing = "" };
	TRY(grant_client(cx, g->provider, &client));
	TRY(oauth_exchange(cx, &client, g->code, g->verifier, g->redirect, &t));
	a.scopes = t.scopes;
	if (!a.scopes)
		a.scopes = g->asked ? g->asked : g->scopes;
	if (!consent_covers(cx->a, a.scopes, g->scopes, &out->missing))
		return fail(cx, E_SCOPES,
		    "Nothing was connected: Tidemark was not allowed to %.200s. Connect "
		    "again and leave every box ticked.",
		    consent_words(cx->a, out->missing));
	TRY(oauth_identity(cx, &client, &t, &a.subject, &a.address));
	TRY(store(cx, db, &a, t.refresh, &t, out));
	out->other = g->account_id && strcmp(g->account_id, a.id);
	return RC_OK;
}

enum rc
grant_service(
    struct ctx *cx, struct db *db, const struct grant_request *g, struct grant_result *out)
{
	struct oauth_client client = { 0 };
	struct login a = {
		.owner = g->owner,
		.provider = g->provider,
		.kind = "service",
		.scopes = g->scopes,
	};
	struct oauth_tokens t;
	json *parsed;

	*out = (struct grant_result){ .missing = "" };
	TRY(grant_client(cx, g->provider, &client));
	if (!client.provider->audience)
		return fail(cx, E_NOT_YET, "%s has no service accounts.", client.provider->title);
	TRY(json_parse(cx, "The key", str_c(g->key), &parsed));
	TRY(oauth_service_check(cx, parsed, &a.address));
	a.subject = a.address;
	TRY(oauth_service_token(cx, &client, parsed, g->scopes, clock_ms(), &t));
	return store(cx, db, &a, json_text(cx->a, parsed), &t, out);
}

/* Its connections stop with it, and say so. */
static enum rc
grant_delete_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct login *a = arg;
	const char **ids;
	size_t n;

	TRY(login_conns(cx, db, a->owner, a->id, &ids, &n));
	if (n)
		TRY(stop_conns(cx, db, a,
		    arena_printf(cx->a,
			"%.200s was disconnected. Choose another account in the settings of this "
			"connection, or connect it again.",
			a->address)));
	return login_delete(cx, db, a->owner, a->id);
}

enum rc
grant_revoke(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    enum grant_end_kind *how)
{
	struct login a;
	struct oauth_client client;
	const char *secret;
	bool shared;

	TRY(login_get(cx, db, owner, account_id, &a));
	TRY(grant_client(cx, a.provider, &client));
	TRY(login_shared(cx, db, &a, &shared));
	*how = GRANT_UNREACHED;
	if (!strcmp(a.kind, "service") || shared)
		*how = GRANT_LEFT;
	else if (unseal(cx, &a, "grant", a.sealed, &secret) == RC_OK &&
	    oauth_revoke(cx, &client, secret) == RC_OK)
		*how = GRANT_REVOKED;
	return db_write(cx, db, grant_delete_write, &a);
}
