/*
 * str.c - slices of bytes: comparing, trimming, cutting, numbers, UTF-8. Pure functions; nothing
 * here allocates.
 */
#include "base/str.h"

#include "base/utf8.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static unsigned char
str_lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_is(struct str s, const char *c)
{
	return str_eq(s, str_c(c));
}

int
str_order(struct str a, struct str b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (str_lower(a.p[i]) != str_lower(b.p[i]))
			return false;
	return true;
}

bool
str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && str_eq((struct str){ s.p, n }, (struct str){ prefix, n });
}

bool
str_istarts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && str_ieq((struct str){ s.p, n }, (struct str){ prefix, n });
}

bool
str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_cut(struct str s, char sep, struct str *rest)
{
	const char *at = s.n > 0 ? memchr(s.p, sep, s.n) : NULL;
	size_t n;

	if (!at) {
		*rest = (struct str){ NULL, 0 };
		return s;
	}
	n = (size_t)(at - s.p);
	*rest = (struct str){ at + 1, s.n - n - 1 };
	return (struct str){ s.p, n };
}

bool
str_has_word(struct str list, char sep, struct str word)
{
	while (list.p && list.n > 0)
		if (str_eq(str_cut(list, sep, &list), word))
			return true;
	return false;
}

bool
str_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool neg = s.n > 0 && s.p[0] == '-';
	size_t i = neg ? 1 : 0;
	int64_t v = 0;

	if (i == s.n)
		return false;
	/* Counted downwards, because the smallest number has no positive twin. */
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, INT64_C(10), &v) ||
		    __builtin_sub_overflow(v, (int64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (!neg && __builtin_sub_overflow(INT64_C(0), v, &v))
		return false;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
str_utf8_ok(struct str s)
{
	size_t i = 0;
	int len;

	while (i < s.n) {
		uint64_t w;

		if (s.n - i >= sizeof w) {
			memcpy(&w, s.p + i, sizeof w);
			if ((w & HIGH_BITS) == 0) {
				i += sizeof w;
				continue;
			}
		}
		len = utf8_char(s.p + i, s.n - i);
		if (len <= 0)
			return false;
		i += (size_t)len;
	}
	return true;
}

bool
str_line_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (utf8_control(s.p + i, s.n - i))
			return false;
	return str_utf8_ok(s);
}

/* Each byte that goes on with a character begins none. */
size_t
str_chars(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

struct str
str_utf8_cut(struct str s, size_t max)
{
	size_t n = max, back = 0;

	if (s.n <= max)
		return s;
	/* A sequence has at most three bytes after its first; more than that is no UTF-8 and may
	 * be cut anywhere. */
	while (n > 0 && back < 3 && ((unsigned char)s.p[n] & 0xC0) == 0x80) {
		n--;
		back++;
	}
	return (struct str){ s.p, ((unsigned char)s.p[n] & 0xC0) == 0x80 ? max : n };
}
