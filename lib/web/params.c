/*
 * params.c - names and values from query strings, forms, cookies and headers (req.h).
 */
#include "web/req.h"

enum { TEXT_MAX = 1024 * 1024 };

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

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
url_decode(struct arena *a, struct str s, bool plus, char **out)
{
	char *p;
	size_t o = 0;

	if (s.n > TEXT_MAX)
		return false;
	*out = p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '+' && plus)
			c = ' ';
		else if (c == '%') {
			int high = i + 1 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (!c)
			return false;
		p[o++] = c;
	}
	return str_utf8_ok((struct str){ p, o });
}

void
url_encode(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr("-._~", c))
			buf_ch(b, (char)c);
		else {
			buf_ch(b, '%');
			buf_ch(b, hex[c >> 4]);
			buf_ch(b, hex[c & 15]);
		}
	}
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

bool
cookies_decode(struct arena *a, struct str s, struct params *out)
{
	struct str rest = s, value;

	out->n = 0;
	while (rest.p && rest.n) {
		struct str pair = str_trim(str_cut(rest, ';', &rest));
		struct str name = str_cut(pair, '=', &value);
		/* Others on the same host may keep what they like in theirs. */
		if (!name.n || !value.p || !str_utf8_ok(pair) || memchr(pair.p, 0, pair.n))
			continue;
		if (out->n == REQ_PARAMS)
			return false;
		params_add(out, arena_dup_str(a, name), arena_dup_str(a, value));
	}
	return true;
}
