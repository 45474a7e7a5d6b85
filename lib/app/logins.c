/*
 * logins.c - see logins.h.
 */
#include "app/logins.h"
#include "app/conn.h"
#include "ask/ask.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/rand.h"
#include "kind/kind.h"
#include "oauth/consent.h"
#include "oauth/provider.h"
#include "seal/secret.h"

#define TRY_TABLE "oauth_try"

/*
 * Scopes.
 */

enum rc
login_missing(struct ctx *cx, const struct login *acc, const char **words)
{
	const struct kind *k, *any = NULL;
	const char *missing, *wants = NULL;

	for (size_t i = 0; (k = kind_of_account(acc->provider, &i));)
		if (consent_covers(cx->a, acc->scopes, k->scopes, NULL)) {
			wants = kind_wants(cx->a, k, wants);
			any = k;
		}
	if (!any && kind_first_of(acc->provider))
		wants = kind_wants(cx->a, kind_first_of(acc->provider), NULL);
	*words = NULL;
	if (strcmp(acc->kind, "service") && !consent_covers(cx->a, acc->scopes, wants, &missing))
		*words = consent_words(cx->a, missing);
	return RC_OK;
}

/* What is to be read with the login: what is said, or what it was good for, or the usual. */
static const struct kind *
login_purpose(struct arena *a, const struct login_start *to, const struct login *acc)
{
	const struct kind *k = kind_find(to->kind);

	if (k && k->account && !strcmp(k->account, to->provider))
		return k;
	for (size_t i = 0; acc->id && (k = kind_of_account(to->provider, &i));)
		if (consent_covers(a, acc->scopes, k->scopes, NULL))
			return k;
	return kind_first_of(to->provider);
}

/* What the worker did with an account of the caller's. */
struct login_deed {
	const struct caller *by;
	const char *action, *id, *address;
};

static enum rc
login_note_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct login_deed *w = arg;

	return caller_audit(cx, db, w->by, w->action, w->id, w->address);
}

static enum rc
login_note(struct ctx *cx, struct db *db, const struct caller *by, const char *action,
    const char *id, const char *address)
{
	struct login_deed w = {
		.by = by,
		.action = action,
		.id = id,
		.address = address,
	};

	return db_write(cx, db, login_note_write, &w);
}

/*
 * To the consent page and back.
 */

static const char *
login_digest(struct arena *a, const char *text)
{
	char hash[SHA256_HEX];

	return arena_dup(a, hash_sha256_hex(str_c(text), hash));
}

static const char *
login_try_aad(struct arena *a, const struct oauth_try *t)
{
	return secret_aad(a, TRY_TABLE, t->state_hash, "verifier", t->owner);
}

struct login_try_keep {
	struct oauth_try *t;
	const char *verifier;
};

static enum rc
login_try_keep_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct login_try_keep *w = arg;
	struct oauth_try *t = w->t;
	const char *verifier = w->verifier;
	struct vault *vault;
	char *sealed;

	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, login_try_aad(cx->a, t), str_c(verifier), &sealed));
	t->verifier = sealed;
	return try_insert(cx, db, t);
}

enum rc
logins_start(struct ctx *cx, struct db *db, const struct caller *by, const struct login_start *to,
    const char **url)
{
	const struct oauth_provider *p = oauth_find(to->provider);
	char token[TOKEN_TEXT], verifier[TOKEN_TEXT];
	const struct kind *kind;
	const char *state;
	struct login acc = { 0 };
	struct oauth_try t = {
		.owner = by->owner,
		.session_id = by->session,
		.provider = to->provider,
		.next = to->next,
	};

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_person(cx, by));
	if (!p)
		return fail(cx, E_NOT_FOUND, NULL);
	if (!oauth_ready(p))
		return fail(cx, E_OAUTH_SETUP,
		    "This installation has no %s credentials yet; its operator sets %s and %s.",
		    p->title, conf_name(p->client_id), conf_name(p->client_secret));
	if (to->account_id && *to->account_id)
		TRY(login_get(cx, db, by->owner, to->account_id, &acc));
	kind = login_purpose(cx->a, to, &acc);
	if (!kind)
		return fail(cx, E_NOT_FOUND, NULL);
	/* What it is for comes back with it. It is looked up as a whole, so nobody changes that. */
	state = arena_printf(cx->a, "%s.%s", rand_token(token), kind->id);
	rand_token(verifier);
	t.state_hash = login_digest(cx->a, state);
	t.account_id = acc.id;

	struct login_try_keep w = {
		.t = &t,
		.verifier = verifier,
	};

	TRY(db_write(cx, db, login_try_keep_write, &w));
	/* Always asked anew: only then a refresh token comes for certain. */
	*url = consent_url(cx->a,
	    &(struct consent){
		.provider = p,
		.redirect = consent_redirect(cx->a, to->provider),
		.scopes = kind_wants(cx->a, kind, acc.scopes),
		.state = state,
		.verifier = verifier,
		.hint = acc.address,
		.again = true,
	    });
	return RC_OK;
}

struct login_try_take {
	struct oauth_try *t;
	const char **verifier;
};

static enum rc
login_try_take_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct login_try_take *w = arg;
	struct oauth_try *t = w->t;
	const char **verifier = w->verifier;
	struct vault *vault;
	struct str plain;

	TRY(try_take(cx, db, t));
	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, login_try_aad(cx->a, t), t->verifier, &plain));
	*verifier = arena_dup_str(cx->a, plain);
	return RC_OK;
}

/* Only what the provider's words mean is told; the words themselves come from whoever made the
 * address. */
static const char *
login_refused(struct arena *a, const char *provider, const char *error)
{
	return arena_printf(a,
	    error && !strcmp(error, "access_denied")
		? "Nothing was connected: the request was declined at %s."
		: "Nothing was connected: %s reported a problem. Try again.",
	    oauth_title(provider));
}

/* A connection without an account, from whose page the way began, reads with this one from now
 * on. */
static enum rc
login_adopt(struct ctx *cx, struct db *db, const struct caller *by, const char *next,
    const char *account_id)
{
	static const char page[] = "/connections/";
	json *change = json_new(cx->a), *plan;
	struct conn c;

	if (!str_starts(str_c(next), page))
		return RC_OK;
	TRY(conn_get(cx, db, by->owner, next + sizeof page - 1, &c));
	if (c.account_id)
		return RC_OK;
	json_set_str(change, "accountId", account_id);
	return conn_change(cx, db, by, c.id, change, &plan);
}

/* The worker takes the code to the provider and stores what comes for it. */
static enum rc
login_exchange(struct ctx *cx, struct db *db, const struct oauth_try *t,
    const struct login_back *back, const char *verifier, json **answer)
{
	const char *purpose = back->state ? strchr(back->state, '.') : NULL;
	const struct kind *kind = purpose ? kind_find(purpose + 1) : NULL;
	struct login acc = { 0 };
	json *q = json_new(cx->a);

	if (!kind)
		return fail(cx, E_BAD_REQUEST, NULL);
	if (t->account_id)
		TRY(login_get(cx, db, t->owner, t->account_id, &acc));
	json_set_str(q, "kind", kind->id);
	json_set_str(q, "asked", kind_wants(cx->a, kind, acc.scopes));
	json_set_str(q, "owner", t->owner);
	json_set_str(q, "provider", t->provider);
	json_set_str(q, "code", back->code);
	json_set_str(q, "verifier", verifier);
	json_set_str(q, "redirectUri", consent_redirect(cx->a, t->provider));
	json_set_str(q, "accountId", t->account_id);
	return ask_worker(cx, "connect", q, answer);
}

enum rc
logins_back(struct ctx *cx, struct db *db, const struct caller *by, const struct login_back *back,
    struct login_outcome *out)
{
	const char *verifier, *address;
	struct oauth_try t = {
		.state_hash = login_digest(cx->a, back->state ? back->state : ""),
		.owner = by->owner,
		.session_id = by->session ? by->session : "",
		.provider = back->provider,
	};
	json *answer;
	bool other;

	*out = (struct login_outcome){ .next = "/settings?tab=accounts" };
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct login_try_take w = {
		.t = &t,
		.verifier = &verifier,
	};

	TRY(db_write(cx, db, login_try_take_write, &w));
	out->next = t.next;
	if (!consent_from(oauth_find(t.provider), back->iss)) {
		out->said = arena_printf(cx->a,
		    "Nothing was connected: the answer did not come from %s. Try again.",
		    oauth_title(t.provider));
		return RC_OK;
	}
	if (back->error || !back->code) {
		out->said = login_refused(cx->a, back->provider, back->error);
		return RC_OK;
	}
	TRY(login_exchange(cx, db, &t, back, verifier, &answer));
	other = json_flag(answer, "other", false);
	address = json_str(answer, "address");
	TRY(login_note(cx, db, by,
	    t.account_id && !other ? "account connected again" : "account connected",
	    json_str(answer, "accountId"), address));
	out->said = arena_printf(cx->a,
	    other ? "You signed in as %.200s, which is another account than before. Connections "
		    "keep theirs until you choose this one in their settings."
		  : "%.200s is connected.",
	    address);
	out->connected = true;
	TRY(login_adopt(cx, db, by, t.next, json_str(answer, "accountId")));
	wake_tick();
	return RC_OK;
}

/*
 * Service accounts, and the end.
 */

enum rc
logins_service(struct ctx *cx, struct db *db, const struct caller *by, const char *provider,
    const char *key, const char **id)
{
	json *q = json_new(cx->a), *answer;
	enum rc rc;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (!key || !*key)
		return caller_wrong(cx, by, "key", "Paste the JSON key of the service account.");
	json_set_str(q, "owner", by->owner);
	json_set_str(q, "provider", provider);
	json_set_str(q, "key", key);
	rc = ask_worker(cx, "service-account", q, &answer);
	if (rc == RC_INVALID && (cx->err.kind == E_INPUT || cx->err.kind == E_BAD_REQUEST))
		return caller_wrong(cx, by, "key", cx->err.detail);
	TRY(rc);
	*id = json_str(answer, "accountId");
	return login_note(
	    cx, db, by, "service account connected", *id, json_str(answer, "address"));
}

enum rc
logins_remove(struct ctx *cx, struct db *db, const struct caller *by, const char *id, bool *revoked,
    bool *left)
{
	json *q = json_new(cx->a), *answer;
	struct login acc;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(login_get(cx, db, by->owner, id, &acc));
	json_set_str(q, "owner", by->owner);
	json_set_str(q, "accountId", id);
	TRY(ask_worker(cx, "disconnect", q, &answer));
	*left = json_flag(answer, "left", false);
	*revoked = json_flag(answer, "revoked", false);
	return login_note(cx, db, by, "account disconnected", id, acc.address);
}
