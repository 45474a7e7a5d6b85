/*
 * pct.c - see pct.h.
 */
#include "base/pct.h"

enum { PCT_MAX = 1024 * 1024 };

static int
pct_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%XX" at the front of s stands for; -1: it is broken. */
static int
pct_byte(struct str s)
{
	const int high = s.n > 1 ? pct_digit(s.p[1]) : -1;
	const int low = s.n > 2 ? pct_digit(s.p[2]) : -1;

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
url_decode(struct arena *a, struct str s, bool plus, char **out)
{
	char *p;
	size_t o = 0;

	if (s.n > PCT_MAX)
		return false;
	*out = p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '+' && plus)
			c = ' ';
		else if (c == '%') {
			c = pct_byte((struct str){ s.p + i, s.n - i });
			if (c < 0)
				return false;
			i += 2;
		}
		if (!c)
			return false;
		p[o++] = (char)c;
	}
	return str_utf8_ok((struct str){ p, o });
}

void
url_encode_byte(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_add(b, (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
}

void
url_encode(struct buf *b, const char *s)
{
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s, letter = c | 0x20;

		if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || strchr("-._~", c))
			buf_ch(b, *s);
		else
			url_encode_byte(b, c);
	}
}

void
url_mend(struct buf *b, struct str s)
{
	const char *server = memmem(s.p, s.n, "//", 2);
	size_t from = 0;

	/* "http://name" or "//name", and no "//" of a path */
	if (server && (server == s.p || server[-1] == ':'))
		from = (size_t)(server - s.p) + 2;
	while (from > 0 && from < s.n && !strchr("/?#", s.p[from]))
		from++;
	buf_add(b, s.p, from);
	for (size_t i = from; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
			url_encode_byte(b, c);
		else
			buf_ch(b, s.p[i]);
	}
}

struct str
url_parameter(struct str query, const char *name)
{
	struct str value;

	while (query.p) {
		struct str one = str_cut(query, '&', &query);
		if (str_is(str_cut(one, '=', &value), name) && value.n > 0)
			return value;
	}
	return (struct str){ NULL, 0 };
}
