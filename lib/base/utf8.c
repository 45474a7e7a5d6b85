/*
 * utf8.c - see utf8.h.
 */
#include "base/utf8.h"

#include <string.h>

/* What the first byte says: the length, 0 for none, and the bounds of the second. The rest follows
 * from that: no overlong forms, no halves of pairs, nothing above U+10FFFF. */
static int
utf8_first(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (c < 0x80)
		return 1;
	if (c >= 0xC2 && c <= 0xDF)
		return 2;
	if (c >= 0xE0 && c <= 0xEF) {
		*low = c == 0xE0 ? 0xA0 : 0x80;
		*high = c == 0xED ? 0x9F : 0xBF;
		return 3;
	}
	if (c >= 0xF0 && c <= 0xF4) {
		*low = c == 0xF0 ? 0x90 : 0x80;
		*high = c == 0xF4 ? 0x8F : 0xBF;
		return 4;
	}
	return 0;
}

int
utf8_char(const char *p, size_t n)
{
	unsigned char low, high;
	const int len = utf8_first((unsigned char)p[0], &low, &high);

	for (int i = 1; i < len; i++) {
		if ((size_t)i >= n)
			return -1;
		const unsigned char c = (unsigned char)p[i];
		if (c < low || c > high)
			return 0;
		low = 0x80;
		high = 0xBF;
	}
	return len;
}

size_t
utf8_put(char *out, uint32_t c)
{
	static const unsigned char firsts[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t n = 4;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x10000)
		n = c < 0x800 ? 2 : 3;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(firsts[n] | c);
	return n;
}

size_t
utf8_control(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x20 || u[0] == 0x7f)
		return 1;
	if (n >= 2 && u[0] == 0xC2 && u[1] >= 0x80 && u[1] < 0xA0)
		return 2;
	if (n < 3 || u[0] != 0xE2)
		return 0;
	/* U+2028 to U+202E, U+2066 to U+2069 */
	return (u[1] == 0x80 && u[2] >= 0xA8 && u[2] <= 0xAE) ||
		(u[1] == 0x81 && u[2] >= 0xA6 && u[2] <= 0xA9)
	    ? 3
	    : 0;
}

bool
utf8_is_half(uint32_t c)
{
	return c >= 0xD800 && c <= 0xDFFF;
}

/* Four hexadecimal digits; -1: they are none. */
static int32_t
utf8_hex(const char *p, size_t n)
{
	int32_t v = 0;

	if (n < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char c = p[i], letter = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (letter >= 'a' && letter <= 'f')
			v = v << 4 | (letter - 'a' + 10);
		else
			return -1;
	}
	return v;
}

size_t
utf8_unescape(const char *p, size_t n, uint32_t *c)
{
	const int32_t first = utf8_hex(p, n);
	int32_t second = -1;

	if (first < 0)
		return 0;
	if (n >= 10 && p[4] == '\\' && p[5] == 'u')
		second = utf8_hex(p + 6, n - 6);
	*c = (uint32_t)first;
	if (first < 0xD800 || first > 0xDBFF || second < 0xDC00 || second > 0xDFFF)
		return 4;
	*c = 0x10000 + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
	return 10;
}

size_t
utf8_escape(char out[UTF8_ESCAPE_MAX], char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
	const unsigned char u = (unsigned char)c;
	const char *known = u ? strchr(from, c) : NULL;

	if (u >= 0x20 && !known)
		return 0;
	out[0] = '\\';
	if (known) {
		out[1] = to[known - from];
		return 2;
	}
	memcpy(out + 1, "u00", 3);
	out[4] = hex[u >> 4];
	out[5] = hex[u & 15];
	return 6;
}
