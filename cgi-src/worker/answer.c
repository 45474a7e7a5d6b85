/*
 * answer.c - see answer.h. One function per verb, one row each.
 */
#include "worker/answer.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/sole.h"
#include "base/space.h"
#include "oauth/consent.h"
#include "oauth/oauth.h"
#include "kind/kind.h"
#include "sync/engine.h"
#include "access/grant.h"
#include "access/keeper.h"
#include "access/quota.h"
#include "queue/workdir.h"
#include "send/watch.h"

enum {
	CLOSING_MS = 5000,
	BUDGET_MS = 8000,
	TEST_BYTES = 64 * 1024,
	PREVIEW_BYTES = 8 * 1024 * 1024
};

static enum rc
answer_confine(struct ctx *cx, const char *dir, bool stored, bool reach)
{
	const char *files[DB_FILES + 3] = { space_file(cx->a), sole_file(cx->a) };

	if (stored)
		TRY(db_files(cx, cx->a, files + 2));
	db_scratch(dir);
	return confine_reading(
	    cx, &(struct confine_left){ .dir = dir, .files = files, .reach = reach });
}

enum rc
answer_reading(struct ctx *cx, bool stored)
{
	return answer_confine(cx, workdir_top(cx->a), stored, true);
}

enum rc
answer_parsing(struct ctx *cx, const char *dir, bool stored)
{
	keeper_end();
	return answer_confine(cx, dir, stored, false);
}

/* Reads the beginning of the source, of the saved connection when conn_id names one. db: NULL when
 * nothing of the connection is stored and no account is needed. */
static enum rc
look_in(struct ctx *cx, struct db *db, const char *conn_id, struct look *l, json **out)
{
	struct conn *conn;

	if (conn_id && l->owner) {
		conn = arena_alloc(cx->a, sizeof *conn);
		TRY(conn_get(cx, db, l->owner, conn_id, conn));
		l->existing = conn;
		if (!l->account_id)
			l->account_id = conn->account_id;
	}
	return engine_preview(cx, db, l, out);
}

/* list NULL: what is there is asked for, also the columns that are not chosen, so that they can be.
 */
static enum rc
answer_look(struct ctx *cx, const json *question, struct listing *list, json *choices, json **out)
{
	const char *id = json_str(question, "provider");
	const struct kind *k = kind_find(id);
	const char *conn_id = json_str(question, "connectionId");
	struct look l = {
		.owner = json_str(question, "owner"),
		.account_id = json_str(question, "accountId"),
		.budget_ms = BUDGET_MS,
		.max_bytes = list ? PREVIEW_BYTES : TEST_BYTES,
		.choices = choices,
		.search = json_str(question, "search"),
		.fetched = answer_parsing,
		.list = list,
	};
	struct db *db = NULL;
	json *checked, *errors;
	enum rc rc;

	const struct kind_given given = {
		.config = json_at(question, "config"),
		.secret = json_at(question, "secret"),
	};

	checked = kind_check(cx->a, id, &given);
	errors = json_at(checked, "errors");
	if (json_len(errors) || !k)
		return fail(cx, E_INPUT, "%.60s: %.300s", json_str(json_nth(errors, 0), "field"),
		    json_str(json_nth(errors, 0), "message"));
	if (!list)
		json_unset(json_at(checked, "config"), "columns");
	l.provider = k->id;
	l.config = json_at(checked, "config");
	l.secret = json_at(checked, "secret");
	if (k->account || conn_id)
		TRY(db_open(cx, 0, &db));
	rc = answer_reading(cx, db != NULL);
	if (rc == RC_OK)
		rc = look_in(cx, db, conn_id, &l, out);
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
	const struct kind *k = kind_find(json_str(question, "provider"));

	for (size_t d = 0; d < json_len(sets); d++)
		add_names(names, json_at(json_nth(sets, d), "columns"));
	if (k->suggest)
		k->suggest(cx->a, names, suggested);
	json_set(choices, "columns", names);
	json_set(choices, "suggested", suggested);
	return json_len(names);
}

static enum rc
answer_preview(struct ctx *cx, const json *question, json **answer)
{
	const json *wish = json_at(question, "list");
	json *choices = json_new(cx->a);
	struct listing list = {
		.side = json_str(wish, "side"),
		.action = json_str(wish, "action"),
		.from = json_num(wish, "from", 0),
		.limit = json_num(wish, "limit", LISTING_LIMIT),
	};

	TRY(answer_look(cx, question, &list, choices, answer));
	(void)offer_columns(cx, question, *answer, choices);
	return RC_OK;
}

static enum rc
answer_test(struct ctx *cx, const json *question, json **answer)
{
	json *seen, *choices = json_new(cx->a);
	const char *found;
	size_t n;

	TRY(answer_look(cx, question, NULL, choices, &seen));
	n = offer_columns(cx, question, seen, choices);
	*answer = json_new(cx->a);
	json_set_bool(*answer, "ok", true);
	found = json_str(json_at(choices, "search"), "message");
	if (!found)
		found = arena_printf(cx->a, "The source answers and can be read: %zu column%s.", n,
		    n == 1 ? "" : "s");
	json_set_str(*answer, "message", found);
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
		.secret = json_at(q, "secret"),
		.owner = json_str(q, "owner"),
		.account_id = json_str(q, "accountId"),
		.budget_ms = BUDGET_MS,
	};
	json *list = json_list(cx->a);
	bool more;

	if (!l.provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(answer_reading(cx, true));
	TRY(engine_sources(cx, db, &l, list, &more));
	*answer = json_new(cx->a);
	json_set(*answer, "data", list);
	json_set_bool(*answer, "more", more);
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
answer_granted(struct arena *a, const struct grant_result *r)
{
	json *o = json_new(a);

	json_set_str(o, "accountId", r->account_id);
	json_set_str(o, "address", r->address);
	json_set_bool(o, "other", r->other);
	json_set_bool(o, "made", r->made);
	return o;
}

static enum rc
connect_in(struct ctx *cx, struct db *db, const json *q, json **answer)
{
	struct grant_request g = {
		.owner = json_str(q, "owner"),
		.provider = json_str(q, "provider"),
		.code = json_str(q, "code"),
		.verifier = json_str(q, "verifier"),
		.redirect = json_str(q, "redirectUri"),
		.asked = json_str(q, "asked"),
		.account_id = json_str(q, "accountId"),
	};
	const struct kind *kind;
	struct grant_result r;

	if (!g.owner || !g.code || !g.verifier || !g.redirect || !g.provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	kind = kind_find(json_str(q, "kind"));
	if (!kind)
		return fail(cx, E_BAD_REQUEST, NULL);
	g.scopes = kind->scopes;
	TRY(grant_connect(cx, db, &g, &r));
	*answer = answer_granted(cx->a, &r);
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
	struct grant_request g = {
		.owner = json_str(q, "owner"),
		.provider = json_str(q, "provider"),
		.key = json_str(q, "key"),
	};
	struct grant_result r;

	if (!g.owner || !g.key || !g.provider)
		return fail(cx, E_BAD_REQUEST, NULL);
	g.scopes = kind_scopes(cx->a, g.provider);
	TRY(grant_service(cx, db, &g, &r));
	*answer = answer_granted(cx->a, &r);
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
	const char *owner = json_str(q, "owner"), *id = json_str(q, "accountId"), **conns;
	const int64_t until = clock_mono_ms() + CLOSING_MS;
	enum grant_end_kind how;
	bool more;
	size_t n;

	if (!owner || !id)
		return fail(cx, E_BAD_REQUEST, NULL);
	TRY(login_conns(cx, db, owner, id, &conns, &n));
	for (size_t i = 0; i < n && clock_mono_ms() < until; i++)
		do
			TRY(watch_close(cx, db, owner, conns[i], &more));
		while (more && clock_mono_ms() < until);
	TRY(grant_revoke(cx, db, owner, id, &how));
	*answer = json_new(cx->a);
	json_set_bool(*answer, "revoked", how == GRANT_REVOKED);
	json_set_bool(*answer, "left", how == GRANT_LEFT);
	return RC_OK;
}

static enum rc
answer_disconnect(struct ctx *cx, const json *question, json **answer)
{
	return with_db(cx, question, answer, disconnect_in);
}

/* Asked for tokens with a code that cannot be good: who is refused for the code alone is known. */
static enum rc
oauth_known(struct ctx *cx, const struct oauth_provider *p)
{
	struct oauth_client client = oauth_client(cx->a, p);
	struct oauth_tokens tokens;
	enum rc rc = oauth_exchange(cx, &client, "tidemark-doctor",
	    "tidemark-doctor-tidemark-doctor-tidemark-doctor", consent_redirect(cx->a, p->id),
	    &tokens);

	if (rc == RC_OK)
		return fail(cx, E_SOURCE_STATUS, "A code that cannot be good was taken.");
	return cx->err.kind == E_GRANT ? RC_OK : rc;
}

static enum rc
answer_oauth(struct ctx *cx, const json *question, json **answer)
{
	const struct oauth_provider *p = oauth_find(json_str(question, "provider"));
	const char *detail, *advice = NULL;
	struct arena *a = cx->a;

	if (!p)
		return fail(cx, E_BAD_REQUEST, NULL);
	*answer = json_new(a);
	if (!oauth_ready(p))
		detail = arena_printf(a, "%s is not set up: nothing was asked.", p->title);
	else if (oauth_known(cx, p) == RC_OK)
		detail = arena_printf(a, "%s knows the client id and takes the secret.", p->title);
	else if (cx->err.kind == E_OAUTH_SETUP) {
		detail = arena_printf(a, "%s does not take the client id and secret.", p->title);
		advice = arena_printf(a, "Copy both again from %s.",
		    p->console ? p->console : "where they were made");
	} else {
		detail = arena_printf(a, "%s could not be asked: %s", p->title,
		    *cx->err.detail ? cx->err.detail : error_row(cx->err.kind)->title);
		advice = "Look at the network of this machine.";
	}
	json_set_bool(*answer, "ok", !advice);
	json_set_str(*answer, "detail", detail);
	json_set_str(*answer, "advice", advice);
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

bool
answer_reads(const char *verb)
{
	return str_has_word(STR("test preview sources"), ' ', str_c(verb));
}

enum rc
answer_question(struct ctx *cx, const char *verb, const json *question, json **answer)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (!strcmp(answers[i].verb, verb))
			return answers[i].answer(cx, question, answer);
	return fail(cx, E_BAD_REQUEST, "There is no question \"%.40s\".", verb);
}
