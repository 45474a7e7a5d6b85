/*
 * answer.c - see answer.h. One function per verb, one row each.
 */
#include "worker/answer.h"
#include "base/clock.h"
#include "base/conf.h"
#include "oauth/consent.h"
#include "oauth/oauth.h"
#include "provider/google/api.h"
#include "sync/engine.h"
#include "access/grant.h"
#include "access/quota.h"
#include "queue/sched.h"

enum { BUDGET_MS = 8000, TEST_BYTES = 64 * 1024, PREVIEW_BYTES = 8 * 1024 * 1024 };

/* What a reading costs of the quotas, by their names. */
static json *
costs(struct arena *a, const struct cost *c)
{
	json *list = json_list(a);

	for (; c && c->calls; c++) {
		json *o = json_new(a);
		json_set_str(o, "quota", quota_name(c->quota));
		json_set_i64(o, "calls", c->calls);
		json_set_i64(o, "cells", c->cells);
		json_add(list, o);
	}
	return list;
}

static enum rc
answer_providers(struct ctx *cx, const json *question, json **answer)
{
	json *list = json_list(cx->a);
	const struct provider *p;

	(void)question;
	for (size_t i = 0; (p = provider_nth(i)); i++) {
		json *o = json_new(cx->a), *caps = json_list(cx->a);
		json_set_str(o, "id", p->id);
		json_set_str(o, "title", p->title);
		json_set_str(o, "blurb", p->blurb);
		if (p->caps & PROVIDER_PULL)
			json_add_str(caps, "pull");
		if (p->caps & PROVIDER_PUSH)
			json_add_str(caps, "push");
		if (p->caps & PROVIDER_HOOK)
			json_add_str(caps, "webhook");
		json_set(o, "capabilities", caps);
		json_set_str(o, "account", p->account);
		json_set_str(o, "scopes",
		    !p->account          ? NULL
			: p->more_scopes ? arena_printf(cx->a, "%s %s", p->scopes, p->more_scopes)
					 : p->scopes);
		json_set_bool(o, "sources", p->sources != NULL);
		json_set(o, "cost", costs(cx->a, p->cost));
		json_set(o, "fields", field_describe(cx->a, p->fields));
		json_add(list, o);
	}
	*answer = json_new(cx->a);
	json_set(*answer, "data", list);
	return RC_OK;
}

/* The secrets of a source that reads from another server now are asked for again. */
static void
answer_moved(struct arena *a, const struct provider *p, json *errors)
{
	for (const struct field *f = p->fields; f->name; f++) {
		json *e;

		if (f->type != FIELD_SECRET)
			continue;
		e = json_new(a);
		json_set_str(e, "field", arena_printf(a, "secret.%s", f->name));
		json_set_str(e, "message",
		    "The address has moved to another server, and what is stored here "
		    "is not sent there. Enter it again, or say that none is needed.");
		json_add(errors, e);
	}
}

/* {config, secret, errors}; "stored": the configuration that the secrets, which nobody entered
 * anew, were stored with. */
static enum rc
configure(struct ctx *cx, const json *question, const struct provider **provider, json **out)
{
	const char *id = json_str(question, "provider");
	json *config = json_new(cx->a), *secret = json_new(cx->a), *errors = json_list(cx->a), *e;
	const struct provider *p = id ? provider_find(id) : NULL;

	*out = json_new(cx->a);
	if (!p) {
		e = json_new(cx->a);
		json_set_str(e, "field", "provider");
		json_set_str(e, "message",
		    "There is no such kind of source; GET /api/providers lists them.");
		json_add(errors, e);
	} else {
		json *given = json_new(cx->a);
		/* Secrets are fields like the others, given apart. */
		for (struct json_iter it = { 0 }; json_each(json_at(question, "config"), &it);)
			json_set(given, it.key, it.value);
		for (struct json_iter it = { 0 }; json_each(json_at(question, "secret"), &it);)
			json_set(given, it.key, it.value);
		field_check(cx->a, p->fields, "config", given, config, secret, errors);
		if (p->configure && json_len(errors) == 0)
			p->configure(cx->a, config, errors);
		if (json_at(question, "stored") && json_len(errors) == 0 &&
		    provider_moved(cx->a, json_at(question, "stored"), config))
			answer_moved(cx->a, p, errors);
	}
	json_set(*out, "config", config);
	json_set(*out, "secret", secret);
	json_set(*out, "errors", errors);
	*provider = p;
	return RC_OK;
}

static enum rc
answer_configure(struct ctx *cx, const json *question, json **answer)
{
	const struct provider *p;

	return configure(cx, question, &p, answer);
}

/* Reads the beginning of the source. db: NULL when nothing of the connection is stored and no
 * account is needed. */
static enum rc
look_in(struct ctx *cx, struct db *db, const json *question, const struct provider *p,
    const json *checked, json *choices, int64_t bytes, json **out)
{
	const char *conn_id = json_str(question, "connectionId");
	struct look l = { p->id, json_at(checked, "config"), json_at(checked, "secret"), NULL,
		json_str(question, "owner"), json_str(question, "accountId"), BUDGET_MS, bytes,
		choices };
	struct conn conn;

	if (conn_id && l.owner) {
		TRY(conn_get(cx, db, l.owner, conn_id, &conn));
		l.existing = &conn;
		if (!l.account_id)
			l.account_id = conn.account_id;
	}
	return engine_preview(cx, db, &l, out);
}

/* all: also the columns that are not chosen, so that they can be. */
static enum rc
look(struct ctx *cx, const json *question, bool all, json *choices, int64_t bytes, json **out)
{
	const struct provider *p;
	struct db *db = NULL;
	json *checked, *errors;
	enum rc rc;

	TRY(configure(cx, question, &p, &checked));
	errors = json_at(checked, "errors");
	if (json_len(errors) || !p)
		return fail(cx, E_INPUT, "%.60s: %.300s", json_str(json_nth(errors, 0), "field"),
		    json_str(json_nth(errors, 0), "message"));
	if (all)
		json_unset(json_at(checked, "config"), "columns");
	if (p->account || json_str(question, "connectionId"))
		TRY(db_open(cx, 0, &db));
	rc = look_in(cx, db, question, p, checked, choices, bytes, out);
	if (db)
		db_close(db);
	return rc;
}

/* Each name once, whatever the number of tabs that have it. */
static void
add_names(json *names, const json *columns)
{
	for (size_t i = 0; i < json_len(columns); i++) {
		const char *name = json_str(json_nth(columns, i), "name");
		bool there = false;
		for (size_t k = 0; k < json_len(names) && !there; k++)
			there = !strcmp(json_value_str(json_nth(names, k)), name);
		if (!there)
			json_add_str(names, name);
	}
}

/* What can be chosen of the columns that were seen. */
static size_t
offer_columns(struct ctx *cx, const json *question, const json *seen, json *choices)
{
	json *names = json_list(cx->a);
	json *suggested = json_new(cx->a);
	json *sets = json_at(seen, "datasets");
	const struct provider *p = provider_find(json_str(question, "provider"));

	for (size_t d = 0; d < json_len(sets); d++)
		add_names(names, json_at(json_nth(sets, d), "columns"));
	if (p->suggest)
		p->suggest(cx->a, names, suggested);
	json_set(choices, "columns", names);
	json_set(choices, "suggested", suggested);
	return json_len(names);
}

static enum rc
answer_preview(struct ctx *cx, const json *question, json **answer)
{
	json *choices = json_new(cx->a);

	TRY(look(cx, question, false, choices, PREVIEW_BYTES, answer));
	(void)offer_columns(cx, question, *answer, choices);
	return RC_OK;
}

static enum rc
answer_test(struct ctx *cx, const json *question, json **answer)
{
	json *seen, *choices = json_new(cx->a);
	size_t n;

	TRY(look(cx, question, true, choices, TEST_BYTES, &seen));
	n = offer_columns(cx, question, seen, choices);
	*answer = json_new(cx->a);
	json_set_bool(*answer, "ok", true);
	json_set_str(*answer, "message",
	    arena_printf(
		cx->a, "The source answers and can be read: %zu column%s.", n, n == 1 ? "" : "s"));
	json_set(*answer, "choices", choices);
	return RC_OK;
}

static enum rc
with_db(struct ctx *cx, const json *question, json **answer,
    enum rc (*fn)(struct ctx *, struct db *, const json *, json **))
{
	struct db *db;
	enum rc rc;

	TRY(db_open(cx, 0, &db));
	rc = fn(cx, db, question, answer);
	db_close(db);
	return rc;
}

static enum rc
sources_in(struct ctx *cx, struct db *db, const json *q, json **answer)
{
	struct look l = {
		.provider = json_str(q, "provider"),
		.config = json_new(cx->a),
		.owner = json_str(q, "owner"),
		.account_id = json_str(q, "accountId"),
		.budget_ms = BUDGET_MS,
	};
	json *list = json_list(cx->a);

	if (!l.provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(engine_sources(cx, db, &l, list));
	*answer = json_new(cx->a);
	json_set(*answer, "data", list);
	return RC_OK;
}

static enum rc
answer_sources(struct ctx *cx, const json *question, json **answer)
{
	return with_db(cx, question, answer, sources_in);
}

/*
 * Accounts at providers. These write: tokens are sealed and stored here and never leave this
 * process.
 */

static json *
granted(struct arena *a, const struct grant_result *r)
{
	json *o = json_new(a);

	json_set_str(o, "accountId", r->account_id);
	json_set_str(o, "address", r->address);
	json_set_bool(o, "other", r->other);
	json_set_bool(o, "made", r->made);
	return o;
}

/* What the providers of an account need, all together: one consent serves them all. */
static const char *
needed_scopes(struct arena *a, const char *account)
{
	const struct provider *p;
	const char *all = "";

	for (size_t i = 0; (p = provider_nth(i)); i++)
		if (p->account && !strcmp(p->account, account))
			all = arena_printf(a, "%s%s%s", all, *all ? " " : "", p->scopes);
	return all;
}

static enum rc
connect_in(struct ctx *cx, struct db *db, const json *q, json **answer)
{
	const char *owner = json_str(q, "owner");
	const char *code = json_str(q, "code");
	const char *verifier = json_str(q, "verifier");
	const char *redirect = json_str(q, "redirectUri");
	const char *provider = json_str(q, "provider");
	struct grant_result r;

	if (!owner || !code || !verifier || !redirect || !provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(grant_connect(cx, db, owner, provider, code, verifier, redirect,
	    needed_scopes(cx->a, provider), json_str(q, "accountId"), &r));
	*answer = granted(cx->a, &r);
	return RC_OK;
}

static enum rc
answer_connect(struct ctx *cx, const json *question, json **answer)
{
	return with_db(cx, question, answer, connect_in);
}

static enum rc
service_in(struct ctx *cx, struct db *db, const json *q, json **answer)
{
	const char *owner = json_str(q, "owner");
	const char *key = json_str(q, "key");
	const char *provider = json_str(q, "provider");
	struct grant_result r;

	if (!owner || !key || !provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(grant_service(cx, db, owner, provider, key, GOOGLE_SERVICE_SCOPES, &r));
	*answer = granted(cx->a, &r);
	return RC_OK;
}

static enum rc
answer_service(struct ctx *cx, const json *question, json **answer)
{
	return with_db(cx, question, answer, service_in);
}

static enum rc
disconnect_in(struct ctx *cx, struct db *db, const json *q, json **answer)
{
	const char *owner = json_str(q, "owner"), *id = json_str(q, "accountId");
	bool revoked;

	if (!owner || !id)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(grant_revoke(cx, db, owner, id, &revoked));
	*answer = json_new(cx->a);
	json_set_bool(*answer, "revoked", revoked);
	return RC_OK;
}

static enum rc
answer_disconnect(struct ctx *cx, const json *question, json **answer)
{
	return with_db(cx, question, answer, disconnect_in);
}

/* Asked for tokens with a code that cannot be good: who is refused for the code alone is known. */
static enum rc
answer_google(struct ctx *cx, const json *question, json **answer)
{
	struct oauth_client client = oauth_google(cx->a);
	struct oauth_tokens tokens;
	bool set = conf_set(CONF_GOOGLE_CLIENT_ID) && conf_set(CONF_GOOGLE_CLIENT_SECRET), known;

	(void)question;
	*answer = json_new(cx->a);
	known = set &&
	    oauth_exchange(cx, &client, "tidemark-doctor",
		"tidemark-doctor-tidemark-doctor-tidemark-doctor",
		consent_redirect(cx->a, "google"), &tokens) != RC_OK &&
	    cx->err.kind == E_GRANT;
	json_set_bool(*answer, "ok", known || !set);
	json_set_str(*answer, "detail",
	    !set        ? "Google is not set up: nothing was asked."
		: known ? "Google knows the client id and takes the secret."
		: cx->err.kind == E_OAUTH_SETUP
		? "Google does not take the client id and secret."
		: arena_printf(cx->a, "Google could not be asked: %s",
		      *cx->err.detail ? cx->err.detail : error_row(cx->err.kind)->title));
	json_set_str(*answer, "advice",
	    known || !set ? NULL
		: cx->err.kind == E_OAUTH_SETUP
		? "Copy both again from the Google Cloud console, under Credentials."
		: "Look at the network of this machine.");
	return RC_OK;
}

static enum rc
answer_rrule(struct ctx *cx, const json *question, json **answer)
{
	const char *rule = json_str(question, "rrule");
	const char *zone = json_str(question, "timeZone");
	const char *after = json_str(question, "after");
	int64_t from = clock_ms(), next, gap;

	if (after && !clock_parse(str_c(after), &from))
		return fail(cx, E_INPUT, "\"after\" is not a time like 2026-11-20T10:30:00Z.");
	if (!rule)
		return fail(cx, E_INPUT, "The recurrence rule is missing.");
	TRY(rrule_next(cx, rule, zone, from, &next, &gap));
	*answer = json_new(cx->a);
	json_set_time(*answer, "next", next);
	json_set_i64(*answer, "gapMinutes", gap);
	return RC_OK;
}

static const struct {
	const char *verb;
	enum rc (*answer)(struct ctx *, const json *, json **);
} answers[] = {
#define ASK(verb, answer) { verb, answer },
#include "ask/ask.def"
#undef ASK
};

enum rc
answer_question(struct ctx *cx, const char *verb, const json *question, json **answer)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (!strcmp(answers[i].verb, verb))
			return answers[i].answer(cx, question, answer);
	return fail(cx, E_BAD_REQUEST, "There is no question \"%.40s\".", verb);
}
