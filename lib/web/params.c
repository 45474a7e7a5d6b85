/*
 * params.c - names and values from query strings, forms, cookies and headers (req.h).
 */
#include "web/req.h"

const char *
params_get(const struct params *ps, const char *name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!strcmp(ps->v[i].name, name))
			return ps->v[i].value;
	return NULL;
}

void
params_add(struct params *ps, const char *name, const char *value)
{
	if (ps->n < REQ_PARAMS)
		ps->v[ps->n++] = (struct param){ name, value };
}

bool
params_decode(struct arena *a, struct str s, struct params *out)
{
	struct str rest = s, value;
	char *name, *text;

	out->n = 0;
	while (rest.p && rest.n) {
		struct str pair = str_cut(rest, '&', &rest), key;
		if (!pair.n)
			continue;
		key = str_cut(pair, '=', &value);
		if (out->n == REQ_PARAMS || !url_decode(a, key, true, &name) ||
		    !url_decode(a, value, true, &text))
			return false;
		params_add(out, name, text);
	}
	return true;
}

/* Others on the same host, or beside it, may keep what they like in theirs, and as many. */
static bool
cookie_ours(struct str name)
{
	return str_starts(name, "tidemark") || str_starts(name, "__Host-tidemark");
}

void
cookies_decode(struct arena *a, struct str s, struct params *out)
{
	struct str rest = s, value;

	out->n = 0;
	while (rest.p && rest.n) {
		struct str pair = str_trim(str_cut(rest, ';', &rest));
		struct str name = str_cut(pair, '=', &value);

		if (cookie_ours(name) && value.p && str_utf8_ok(pair) && !memchr(pair.p, 0, pair.n))
			params_add(out, arena_dup_str(a, name), arena_dup_str(a, value));
	}
}
