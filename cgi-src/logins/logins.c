/*
 * logins.c - see logins.h. What reaches the provider is asked of the worker, which seals and
 * stores tokens itself: they never come here.
 */
#include "logins/logins.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "oauth/consent.h"
#include "people/people.h"
#include "ask/ask.h"
#include "seal/secret.h"

#define TRY_TABLE "oauth_try"

bool
account_ready(const char *provider)
{
	const struct oauth_provider *p = oauth_find(provider);

	return p && oauth_ready(p);
}

enum rc
model_account(struct req *r, const struct login *acc, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *scopes = json_list(a);
	struct str rest = str_c(acc->scopes);
	const char **ids;
	size_t n;

	while (rest.p && rest.n)
		json_add(scopes, json_string(a, str_cut(rest, ' ', &rest)));
	TRY(login_conns(r->cx, r->db, acc->owner, acc->id, &ids, &n));
	json_set_str(o, "id", acc->id);
	json_set_str(o, "provider", acc->provider);
	json_set_str(o, "kind", acc->kind);
	json_set_str(o, "address", acc->address);
	json_set_str(o, "health", acc->health);
	json_set(o, "scopes", scopes);
	json_set_time(o, "grantedAt", acc->granted_at);
	json_set_time(o, "refreshedAt", acc->refreshed_at);
	json_set(o, "lastError", model_error(a, acc->error_code, acc->error_detail));
	json_set_i64(o, "connections", (int64_t)n);
	*out = o;
	return RC_OK;
}

/* The row of the kind of source. */
static enum rc
provider_row(struct req *r, const char *provider, const json **out)
{
	json *all, *data;

	*out = NULL;
	TRY(providers_list(r, &all));
	data = json_at(all, "data");
	for (size_t i = 0; provider && i < json_len(data); i++)
		if (!strcmp(json_str(json_nth(data, i), "id"), provider))
			*out = json_nth(data, i);
	return RC_OK;
}

enum rc
account_choose(struct req *r, const char *provider, const char *given, const char **id)
{
	struct login acc;
	const json *row;
	const char *kind;
	bool several;

	*id = NULL;
	TRY(provider_row(r, provider, &row));
	kind = json_str(row, "account");
	if (!kind)
		return RC_OK;
	if (given && *given) {
		enum rc rc = login_get(r->cx, r->db, r->who.user_id, given, &acc);
		if (rc == RC_NOTFOUND || (rc == RC_OK && strcmp(acc.provider, kind)))
			return input_fail_one(r, "accountId", "There is no such account.");
		TRY(rc);
		*id = acc.id;
		return RC_OK;
	}
	TRY(remote_only(r->cx, r->db, r->who.user_id, kind, id, &several));
	if (several)
		return input_fail_one(r, "accountId", "Say which account to read with.");
	return *id
	    ? RC_OK
	    : input_fail_one(r, "accountId", "Connect an account first: /settings?tab=accounts");
}

/* All that the kinds of source of this provider ask for, each word once. */
static enum rc
all_scopes(struct req *r, const char *provider, const char **out)
{
	struct buf *b = buf_in(r->cx->a, 4000);
	json *all, *data;

	TRY(providers_list(r, &all));
	data = json_at(all, "data");
	for (size_t i = 0; i < json_len(data); i++) {
		const char *kind = json_str(json_nth(data, i), "account");
		struct str rest = json_s(json_nth(data, i), "scopes");
		while (kind && !strcmp(kind, provider) && rest.p && rest.n) {
			struct str word = str_cut(rest, ' ', &rest);
			if (!str_has_word(buf_s(b), ' ', word))
				buf_printf(b, "%s%.*s", b->n ? " " : "", (int)word.n, word.p);
		}
	}
	*out = buf_c(b);
	return RC_OK;
}

enum rc
account_missing(struct req *r, const struct login *acc, const char **words)
{
	struct buf *b = buf_in(r->cx->a, 4000);
	const char *all;
	struct str rest;

	TRY(all_scopes(r, acc->provider, &all));
	for (rest = str_c(all); rest.p && rest.n;) {
		struct str word = str_cut(rest, ' ', &rest);
		if (!str_has_word(str_c(acc->scopes), ' ', word))
			buf_printf(b, "%s%.*s", b->n ? " " : "", (int)word.n, word.p);
	}
	*words = b->n && strcmp(acc->kind, "service") ? consent_words(r->cx->a, buf_c(b)) : NULL;
	return RC_OK;
}

static const char *
digest(struct arena *a, const char *text)
{
	char hash[SHA256_HEX];

	return arena_dup(a, hash_sha256_hex(str_c(text), hash));
}

static enum rc
keep_try(struct req *r, struct oauth_try *t, const char *verifier)
{
	struct vault *vault;
	char *sealed;

	TRY(vault_open(r->cx, true, &vault));
	TRY(vault_seal(r->cx, vault,
	    secret_aad(r->cx->a, TRY_TABLE, t->state_hash, "verifier", t->owner), str_c(verifier),
	    &sealed));
	t->verifier = sealed;
	return try_insert(r->cx, r->db, t);
}

enum rc
account_start(
    struct req *r, const char *provider, const char *account_id, const char *next, const char **url)
{
	const struct oauth_provider *p = oauth_find(provider);
	char state[TOKEN_TEXT], verifier[TOKEN_TEXT];
	struct login acc = { 0 };
	struct oauth_try t;
	const char *scopes;

	TRY(person_only(r));
	if (!p)
		return fail(r->cx, E_NOT_FOUND, NULL);
	if (!oauth_ready(p))
		return fail(r->cx, E_OAUTH_SETUP,
		    "This installation has no %s credentials yet; its operator sets %s and %s.",
		    p->title, conf_name(p->client_id), conf_name(p->client_secret));
	if (account_id && *account_id)
		TRY(login_get(r->cx, r->db, r->who.user_id, account_id, &acc));
	TRY(all_scopes(r, provider, &scopes));
	rand_token(state);
	rand_token(verifier);
	t = (struct oauth_try){ digest(r->cx->a, state), r->who.user_id, r->who.session_id,
		provider, acc.id, NULL, next };
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, keep_try(r, &t, verifier)));
	/* Always asked anew: only then a refresh token comes for certain. */
	*url = consent_url(r->cx->a,
	    &(struct consent){
		.provider = p,
		.redirect = consent_redirect(r->cx->a, provider),
		.scopes = scopes,
		.state = state,
		.verifier = verifier,
		.hint = acc.address,
		.again = true,
	    });
	return RC_OK;
}

static enum rc
take_try(struct req *r, struct oauth_try *t, const char **verifier)
{
	struct vault *vault;
	struct str plain;

	TRY(try_take(r->cx, r->db, t));
	TRY(vault_open(r->cx, false, &vault));
	TRY(vault_unseal(r->cx, vault,
	    secret_aad(r->cx->a, TRY_TABLE, t->state_hash, "verifier", t->owner), t->verifier,
	    &plain));
	*verifier = arena_dup_str(r->cx->a, plain);
	return RC_OK;
}

/* Only what the provider's words mean is told; the words themselves come from whoever made the
 * address. */
static const char *
refused(struct arena *a, const char *provider, const char *error)
{
	return arena_printf(a,
	    !strcmp(error, "access_denied")
		? "Nothing was connected: the request was declined at %s."
		: "Nothing was connected: %s reported a problem. Try again.",
	    oauth_title(provider));
}

/* A connection without an account, from whose page the way began, reads with this one from now
 * on. */
static enum rc
adopt(struct req *r, const char *next, const char *account_id)
{
	static const char page[] = "/connections/";
	json *change = json_new(r->cx->a);
	struct conn c;

	if (!str_starts(str_c(next), page))
		return RC_OK;
	TRY(conn_get(r->cx, r->db, r->who.user_id, next + sizeof page - 1, &c));
	if (c.account_id)
		return RC_OK;
	json_set_str(change, "accountId", account_id);
	return conn_change(r, c.id, change);
}

enum rc
account_back(
    struct req *r, const char *provider, const char **next, const char **said, bool *connected)
{
	const char *state = req_query(r, "state");
	const char *code = req_query(r, "code");
	const char *error = req_query(r, "error");
	const char *verifier;
	struct oauth_try t = { digest(r->cx->a, state ? state : ""), r->who.user_id,
		r->who.session_id ? r->who.session_id : "", provider, NULL, NULL, NULL };
	json *q = json_new(r->cx->a), *answer;
	bool other;

	*next = "/settings?tab=accounts";
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, take_try(r, &t, &verifier)));
	*next = t.next;
	if (error || !code) {
		*said = refused(r->cx->a, provider, error ? error : "");
		return RC_OK;
	}
	json_set_str(q, "owner", r->who.user_id);
	json_set_str(q, "provider", provider);
	json_set_str(q, "code", code);
	json_set_str(q, "verifier", verifier);
	json_set_str(q, "redirectUri", consent_redirect(r->cx->a, provider));
	json_set_str(q, "accountId", t.account_id);
	TRY(ask_worker(r->cx, "connect", q, &answer));
	other = json_flag(answer, "other", false);
	TRY(audit_now(r, t.account_id && !other ? "account connected again" : "account connected",
	    json_str(answer, "accountId"), json_str(answer, "address")));
	*said = arena_printf(r->cx->a,
	    other
		? "You signed in as %.200s, which is another account than before. Connections keep theirs until you choose this one in "
		  "their settings."
		: "%.200s is connected.",
	    json_str(answer, "address"));
	*connected = true;
	TRY(adopt(r, t.next, json_str(answer, "accountId")));
	wake_tick();
	return RC_OK;
}

enum rc
account_service(struct req *r, const char *provider, const char *key, const char **id)
{
	json *q = json_new(r->cx->a), *answer;

	json_set_str(q, "owner", r->who.user_id);
	json_set_str(q, "provider", provider);
	json_set_str(q, "key", key);
	TRY(ask_worker(r->cx, "service-account", q, &answer));
	*id = json_str(answer, "accountId");
	return audit_now(r, "service account connected", *id, json_str(answer, "address"));
}

enum rc
account_remove(struct req *r, const char *id, bool *revoked)
{
	json *q = json_new(r->cx->a), *answer;
	struct login acc;

	TRY(login_get(r->cx, r->db, r->who.user_id, id, &acc));
	json_set_str(q, "owner", r->who.user_id);
	json_set_str(q, "accountId", id);
	TRY(ask_worker(r->cx, "disconnect", q, &answer));
	*revoked = json_flag(answer, "revoked", false);
	return audit_now(r, "account disconnected", id, acc.address);
}
