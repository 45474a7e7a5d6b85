/*
 * draft.c - see draft.h.
 */
#include "app/draft.h"
#include "kind/kind.h"
#include "seal/secret.h"

enum rc
draft_check(struct ctx *cx, struct complaints *wrong, const struct draft *draft, json **out)
{
	const struct kind_given given = {
		.config = draft->config,
		.secret = draft->secret,
		.kept = draft->kept,
		.stored = draft->stored,
	};

	*out = kind_check(cx->a, draft->provider, &given);
	if (!json_len(json_at(*out, "errors")))
		return RC_OK;
	wrong->list = json_at(*out, "errors");
	return complaints_end(cx, wrong);
}

void
kept_open(struct ctx *cx, struct db *db, const struct conn *c, struct kept *out)
{
	out->opened = secret_open(cx, db, c, &out->secret);
	if (out->opened != RC_OK)
		out->secret = NULL;
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

enum rc
draft_override(struct ctx *cx, struct complaints *wrong, const struct conn *c,
    const struct kept *kept, const json *given, json **out)
{
	json *stored = json_stored(cx->a, c->config);
	struct draft draft = {
		.provider = c->provider,
		.config = json_at(given, "config"),
		.secret = json_at(given, "secret"),
		.kept = kept->secret,
	};

	if (!draft.config)
		draft.config = stored;
	if (kept->opened != RC_OK || json_len(kept->secret))
		draft.stored = stored;
	return draft_check(cx, wrong, &draft, out);
}
