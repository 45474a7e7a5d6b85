/*
 * answer.c - see answer.h. One function per verb, one row each.
 */
#include "base/clock.h"
#include "answer.h"
#include "provider/provider.h"
#include "sync/engine.h"
#include "sync/sched.h"

enum { BUDGET_MS = 8000, TEST_BYTES = 64 * 1024, PREVIEW_BYTES = 8 * 1024 * 1024 };

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
		json_set(o, "fields", field_describe(cx->a, p->fields));
		json_add(list, o);
	}
	*answer = json_new(cx->a);
	json_set(*answer, "data", list);
	return RC_OK;
}

/* {config, secret, errors} */
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
		json_set_str(e, "message", "There is no such kind of source; GET /api/providers lists them.");
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

/* Checks the question's configuration and reads the beginning of the source. */
static enum rc
look(struct ctx *cx, const json *question, int64_t bytes, json **out)
{
	const char *conn_id = json_str(question, "connectionId"), *owner = json_str(question, "owner");
	const struct provider *p;
	struct conn conn = { 0 };
	struct db *db = NULL;
	json *checked, *errors;
	enum rc rc;

	TRY(configure(cx, question, &p, &checked));
	errors = json_at(checked, "errors");
	if (json_len(errors) || !p)
		return fail(cx, E_INPUT, "%.60s: %.300s", json_str(json_nth(errors, 0), "field"), json_str(json_nth(errors, 0), "message"));
	if (conn_id && owner) {
		TRY(db_open(cx, 0, &db));
		rc = conn_get(cx, db, owner, conn_id, &conn);
		if (rc != RC_OK) {
			db_close(db);
			return rc;
		}
	}
	rc = engine_preview(cx, db, p->id, json_at(checked, "config"), json_at(checked, "secret"), db ? &conn : NULL, BUDGET_MS, bytes, out);
	if (db)
		db_close(db);
	return rc;
}

static enum rc
answer_preview(struct ctx *cx, const json *question, json **answer)
{
	return look(cx, question, PREVIEW_BYTES, answer);
}

static enum rc
answer_test(struct ctx *cx, const json *question, json **answer)
{
	json *seen, *choices = json_new(cx->a), *names = json_list(cx->a), *columns;

	TRY(look(cx, question, TEST_BYTES, &seen));
	columns = json_at(seen, "columns");
	for (size_t i = 0; i < json_len(columns); i++)
		json_add_str(names, json_str(json_nth(columns, i), "name"));
	json_set(choices, "columns", names);
	*answer = json_new(cx->a);
	json_set_bool(*answer, "ok", true);
	json_set_str(*answer, "message", arena_printf(cx->a, "The source answers and can be read: %zu columns.", json_len(columns)));
	json_set(*answer, "choices", choices);
	return RC_OK;
}

static enum rc
answer_rrule(struct ctx *cx, const json *question, json **answer)
{
	const char *rule = json_str(question, "rrule"), *zone = json_str(question, "timeZone"), *after = json_str(question, "after");
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
	{ "providers", answer_providers },
	{ "configure", answer_configure },
	{ "test", answer_test },
	{ "preview", answer_preview },
	{ "rrule", answer_rrule },
};

enum rc
answer_question(struct ctx *cx, const char *verb, const json *question, json **answer)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (!strcmp(answers[i].verb, verb))
			return answers[i].answer(cx, question, answer);
	return fail(cx, E_BAD_REQUEST, "There is no question \"%.40s\".", verb);
}
