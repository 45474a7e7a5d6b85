/*
 * cookies.c - see cookies.h.
 */
#include "net/cookies.h"

#include "base/buf.h"
#include "net/origin.h"

enum { LINE_MAX = 8 * 1024 };

/* Max-Age=0, or an end that is long past, is how a cookie is taken away. */
static bool
cookie_is_over(struct str attributes)
{
	while (attributes.p && attributes.n) {
		struct str value, name;

		name = str_trim(str_cut(str_cut(attributes, ';', &attributes), '=', &value));
		value = str_trim(value);
		if (str_ieq(name, STR("max-age")) && (str_is(value, "0") || str_starts(value, "-")))
			return true;
		if (str_ieq(name, STR("expires")) && memmem(value.p, value.n, "1970", 4))
			return true;
	}
	return false;
}

static struct cookie *
cookie_place(struct cookies *c, const char *url, struct str name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->cookie[i].name, name) && origin_same(c->cookie[i].origin, url))
			return &c->cookie[i];
	return c->n < COOKIES_MAX ? &c->cookie[c->n++] : NULL;
}

void
cookies_take(struct cookies *c, struct arena *a, const char *url, const char *set_cookie)
{
	struct str rest, value, name;
	const struct str pair = str_trim(str_cut(str_c(set_cookie), ';', &rest));
	struct cookie *place;

	name = str_trim(str_cut(pair, '=', &value));
	if (name.n == 0 || !value.p)
		return;
	place = cookie_place(c, url, name);
	if (!place)
		return;
	*place = (struct cookie){ .origin = url, .name = name };
	if (cookie_is_over(rest))
		return;
	value = str_trim(value);
	place->pair = arena_printf(
	    a, "%.*s=%.*s", (int)name.n, name.p, (int)value.n, value.p ? value.p : "");
}

const char *
cookies_for(const struct cookies *c, struct arena *a, const char *url)
{
	struct buf *b = c->n ? buf_in(a, LINE_MAX) : NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->cookie[i].pair && origin_same(c->cookie[i].origin, url) &&
		    b->n + strlen(c->cookie[i].pair) + 3 < LINE_MAX)
			buf_printf(b, "%s%s", b->n ? "; " : "", c->cookie[i].pair);
	return b && b->n ? buf_c(b) : NULL;
}
