/*
 * question.c - see question.h. The worker answers.
 */
#include "app/question.h"
#include "app/draft.h"
#include "app/login_choice.h"
#include "ask/ask.h"
#include "kind/kind.h"
#include "seal/secret.h"

/* The account to read with (login_choice.h), of what was given. */
static struct login_wish
question_wish(const char *provider, const json *body, const json *secret)
{
	return (struct login_wish){
		.provider = provider,
		.given = json_str(body, "accountId"),
		.secret = secret,
	};
}

static json *
question_listing(struct arena *a, const struct question_list *list)
{
	json *o = json_new(a);

	if (!list)
		return o;
	json_set_str(o, "side", list->side);
	json_set_str(o, "action", list->action);
	json_set_i64(o, "from", list->from);
	json_set_i64(o, "limit", list->limit);
	return o;
}

enum { SEARCH_MAX = 200 };

/* The word that is looked for among what can be chosen; NULL: none is. */
static enum rc
question_search(struct ctx *cx, const struct caller *by, const struct kind *k,
    const struct conn_question *ask, const char **word)
{
	const json *given = json_at(ask->body, "search");
	const struct field *f = k ? k->fields : NULL;
	struct str s;

	*word = NULL;
	if (json_is_null(given))
		return RC_OK;
	while (f && f->name && !f->search)
		f++;
	if (strcmp(ask->what, "test") != 0 || !f || !f->name)
		return caller_wrong(cx, by, "search", "There is nothing to search for here.");
	s = json_is_str(given) ? str_trim(str_c(json_value_str(given))) : (struct str){ 0 };
	if (!s.n || str_chars(s) > SEARCH_MAX)
		return caller_wrong(cx, by, "search",
		    "Write the beginning of a name, an address or a number, of at most 200 "
		    "characters.");
	*word = arena_dup_str(cx->a, s);
	return RC_OK;
}

/* What is to be read is not named yet, and nothing else is wrong. */
static bool
question_unnamed(struct arena *a, const struct kind *k, const struct draft *draft)
{
	const struct kind_given given = { .config = draft->config, .secret = draft->secret };
	const char *name = k ? k->chosen : NULL;
	const json *errors;

	if (!name || (json_has(draft->config, name) && *json_text(a, json_at(draft->config, name))))
		return false;
	errors = json_at(kind_check(a, k->id, &given), "errors");
	return json_len(errors) == 1 &&
	    !strcmp(json_str(json_nth(errors, 0), "field"), arena_printf(a, "config.%s", name));
}

/* What could be named, as a test answers it. */
static enum rc
source_choices(struct ctx *cx, struct db *db, const struct caller *by, const struct kind *k,
    const json *body, json **answer)
{
	json *found, *choices = json_new(cx->a);
	const char *things = k->words.things, *message;
	size_t n;

	TRY(source_list(cx, db, by, body, &found));
	n = json_len(json_at(found, "data"));
	json_set(choices, arena_printf(cx->a, "%ss", k->chosen), json_at(found, "data"));
	message = arena_printf(cx->a,
	    "These are the %s that can be read. Give the id of one as config.%s.", things,
	    k->chosen);
	if (json_flag(found, "more", false))
		message = arena_printf(cx->a,
		    "These are the first %zu %s; there are more that can be read. Give the id of "
		    "any one as config.%s.",
		    n, things, k->chosen);
	if (!n)
		message = arena_printf(cx->a,
		    "There are no %s that can be read. Share one with this account, then test "
		    "again.",
		    things);
	*answer = json_new(cx->a);
	json_set_bool(*answer, "ok", true);
	json_set_str(*answer, "message", message);
	json_set(*answer, "choices", choices);
	return RC_OK;
}

enum rc
source_ask(struct ctx *cx, struct db *db, const struct caller *by, const struct conn_question *ask,
    json **answer)
{
	json *q = json_new(cx->a), *checked;
	const char *account_id, *word;
	const struct kind *k;
	struct login_wish wish;
	const struct draft draft = {
		.provider = json_str(ask->body, "provider"),
		.config = json_at(ask->body, "config"),
		.secret = json_at(ask->body, "secret"),
	};

	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (!draft.provider)
		return caller_wrong(cx, by, "provider",
		    "Say which kind of source this is; GET /api/providers lists them.");
	k = kind_find(draft.provider);
	if (!strcmp(ask->what, "test") && question_unnamed(cx->a, k, &draft))
		return source_choices(cx, db, by, k, ask->body, answer);
	TRY(question_search(cx, by, k, ask, &word));
	TRY(draft_check(cx, by->wrong, &draft, &checked));
	json_set_str(q, "provider", draft.provider);
	json_set(q, "config", json_at(checked, "config"));
	json_set(q, "secret", json_at(checked, "secret"));
	wish = question_wish(draft.provider, ask->body, json_at(checked, "secret"));
	TRY(login_choose(cx, db, by->owner, by->wrong, &wish, &account_id));
	json_set_str(q, "accountId", account_id);
	json_set_str(q, "owner", by->owner);
	json_set_str(q, "search", word);
	json_set(q, "list", question_listing(cx->a, ask->list));
	return ask_worker(cx, ask->what, q, answer);
}

enum rc
source_list(struct ctx *cx, struct db *db, const struct caller *by, const json *body, json **answer)
{
	json *q = json_new(cx->a);
	const char *provider = json_str(body, "provider"), *account_id;
	const struct login_wish wish = question_wish(provider, body, json_at(body, "secret"));

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(login_choose(cx, db, by->owner, by->wrong, &wish, &account_id));
	json_set(q, "secret", json_at(body, "secret"));
	json_set_str(q, "provider", provider);
	json_set_str(q, "accountId", account_id);
	json_set_str(q, "owner", by->owner);
	return ask_worker(cx, "sources", q, answer);
}

enum rc
conn_ask(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const struct conn_question *ask, json **answer)
{
	json *q = json_new(cx->a), *checked;
	const char *account_id = json_str(ask->body, "accountId"), *word;
	struct login_wish wish;
	struct kept kept;
	struct conn c;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(conn_get(cx, db, by->owner, id, &c));
	TRY(question_search(cx, by, kind_find(c.provider), ask, &word));
	TRY(kept_open(cx, db, &c, &kept));
	TRY(draft_override(cx, by->wrong, &c, &kept, ask->body, &checked));
	/* Without a new one it is the stored one that is tried: why it cannot be read is said. */
	if (!json_at(ask->body, "secret"))
		TRY(secret_open(cx, db, &c, &kept.secret));
	json_set_str(q, "provider", c.provider);
	json_set(q, "config", json_at(checked, "config"));
	json_set(q, "secret", json_at(checked, "secret"));
	json_set_str(q, "connectionId", c.id);
	json_set_str(q, "owner", c.owner);
	if (account_id) {
		wish = question_wish(c.provider, ask->body, NULL);
		TRY(login_choose(cx, db, by->owner, by->wrong, &wish, &account_id));
		json_set_str(q, "accountId", account_id);
	}
	json_set_str(q, "search", word);
	json_set(q, "list", question_listing(cx->a, ask->list));
	return ask_worker(cx, ask->what, q, answer);
}
