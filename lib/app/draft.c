/*
 * draft.c - see draft.h.
 */
#include "app/draft.h"
#include "kind/kind.h"
#include "net/reach.h"
#include "seal/secret.h"

enum rc
draft_check(struct ctx *cx, struct complaints *wrong, const struct draft *draft, json **out)
{
	const struct kind_given given = {
		.config = draft->config,
		.secret = draft->secret,
		.kept = draft->kept,
		.stored = draft->stored,
		.later = draft->later,
	};

	*out = kind_check(cx->a, draft->provider, &given);
	if (!json_len(json_at(*out, "errors")))
		return RC_OK;
	wrong->list = json_at(*out, "errors");
	return complaints_end(cx, wrong);
}

enum rc
draft_reach(struct ctx *cx, struct complaints *wrong, const char *provider, const json *config,
    const json *stored)
{
	for (const struct field *f = kind_find(provider)->fields; f->name; f++) {
		const char *url = json_str(config, f->name), *was = json_str(stored, f->name);

		if (f->type != FIELD_URL || !url || (was && !strcmp(url, was)))
			continue;
		if (reach_check_literal(cx, url) != RC_OK)
			complaints_add(cx, wrong, arena_printf(cx->a, "config.%s", f->name),
			    arena_dup(cx->a, cx->err.detail));
	}
	return complaints_end(cx, wrong);
}

enum rc
draft_origins(
    struct ctx *cx, struct db *db, const char *owner, struct complaints *wrong, const json *given)
{
	const json *ids = json_at(given, "writeFrom");
	struct conn c;

	for (size_t i = 0; i < json_len(ids); i++) {
		enum rc rc = conn_get(cx, db, owner, json_value_str(json_nth(ids, i)), &c);

		if (rc == RC_NOTFOUND)
			return complaints_now(cx, wrong, "config.writeFrom",
			    "There is no such connection: name those whose events are written "
			    "there by their ids.");
		TRY(rc);
	}
	return RC_OK;
}

enum rc
kept_open(struct ctx *cx, struct db *db, const struct conn *c, struct kept *out)
{
	out->opened = secret_open(cx, db, c, &out->secret);
	if (out->opened == RC_OK)
		return RC_OK;
	out->secret = NULL;
	return cx->err.kind == E_SECRET ? RC_OK : out->opened;
}

bool
kept_same(struct arena *a, const struct kept *x, const struct kept *y)
{
	const char *one = json_text(a, x->secret), *two = json_text(a, y->secret);

	return x->opened == y->opened && !strcmp(one, two);
}

bool
draft_secret_differs(struct arena *a, const struct kept *kept, const json *checked)
{
	const json *now = json_at(checked, "secret");

	if (!json_len(kept->secret))
		return json_len(now) > 0;
	return strcmp(json_text(a, kept->secret), json_text(a, now)) != 0;
}

/* A null stays in it, where it is like an empty field: one that nobody knows is complained of. */
static json *
draft_merge(struct arena *a, const json *stored, const json *given)
{
	json *merged = json_new(a);

	for (struct json_iter it = { 0 }; json_each(stored, &it);)
		json_set(merged, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(given, &it);)
		json_set(merged, it.key, it.value);
	return merged;
}

enum rc
draft_override(struct ctx *cx, struct complaints *wrong, const struct conn *c,
    const struct kept *kept, const json *given, json **out)
{
	const json *stored = json_stored(cx->a, c->config), *config = json_at(given, "config");
	struct draft draft = {
		.provider = c->provider,
		.config = draft_merge(cx->a, stored, config),
		.secret = json_at(given, "secret"),
		.kept = kept->secret,
		/* What is not touched is no hindrance to a change of the rest. */
		.later = !config,
	};

	if (config && !json_is_obj(config))
		return complaints_now(cx, wrong, "config", "This must be an object.");
	if (kept->opened != RC_OK || json_len(kept->secret))
		draft.stored = stored;
	return draft_check(cx, wrong, &draft, out);
}
