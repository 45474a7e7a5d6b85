/*
 * jtext.c - parts and strings of valid JSON text.
 */
#include "provider/web/jtext.h"

#include "base/utf8.h"

bool
jtext_mend(char *text, size_t n)
{
	char *p = text, *const end = text + n;
	bool mended = false;
	uint32_t c;

	while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		if (p[1] != 'u') {
			p += 2;
			continue;
		}
		p += 2 + utf8_unescape(p + 2, (size_t)(end - p - 2), &c);
		if (c == 0 || utf8_is_half(c)) {
			memcpy(p - 4, "fffd", 4);
			mended = true;
		}
	}
	return mended;
}

struct jparts
jparts_of(struct str text)
{
	return (struct jparts){ text.p + 1, text.p + text.n - 1, text.p[0] == '[' };
}

static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

size_t
jtext_skip(const char *begin, const char *end, int *depth)
{
	const char *p = begin;
	int open = 0, deepest = 0;

	do {
		if (*p == '"')
			p = skip_string(p, end);
		else if (*p == '{' || *p == '[') {
			if (++open > deepest)
				deepest = open;
			p++;
		} else if (*p == '}' || *p == ']') {
			open--;
			p++;
		} else if (*p == ',' || *p == ':')
			p++;
		else
			while (p < end && !strchr(",:]}", *p))
				p++;
	} while (open > 0 && p < end);
	if (depth)
		*depth = deepest;
	return (size_t)(p - begin);
}

bool
jparts_next(struct jparts *it, struct jpart *out)
{
	*out = (struct jpart){ 0 };
	if (it->p >= it->end)
		return false;
	if (*it->p == ',')
		it->p++;
	if (!it->list) {
		const size_t n = jtext_skip(it->p, it->end, NULL);
		out->name = (struct str){ it->p, n };
		it->p += n + 1;
	}
	out->value = (struct str){ it->p, jtext_skip(it->p, it->end, &out->depth) };
	it->p += out->value.n;
	return true;
}

enum jtype
jtext_type(struct str raw)
{
	switch (raw.n > 0 ? raw.p[0] : 'n') {
	case '{':
		return J_OBJECT;
	case '[':
		return J_LIST;
	case '"':
		return J_TEXT;
	case 't':
		return J_TRUE;
	case 'f':
		return J_FALSE;
	case 'n':
		return J_NULL;
	default:
		return J_NUMBER;
	}
}

size_t
jtext_decode_inside(char *text, size_t n)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *p = text, *const end = text + n;
	char *o = text;

	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p)), *short_form;
		const size_t plain = (size_t)((escape ? escape : end) - p);
		uint32_t c;

		memmove(o, p, plain);
		o += plain;
		if (!escape)
			break;
		p = escape + 2;
		if (escape[1] != 'u') {
			short_form = strchr(from, escape[1]);
			*o++ = short_form ? to[short_form - from] : escape[1];
			continue;
		}
		p += utf8_unescape(p, (size_t)(end - p), &c);
		if (c == 0 || utf8_is_half(c))
			c = UTF8_REPLACEMENT;
		o += utf8_put(o, c);
	}
	return (size_t)(o - text);
}

struct str
jtext_decode(struct str raw)
{
	/* Kept text is the scanner's own buffer, handed out for writing. */
	char *inside = (char *)(uintptr_t)(raw.p + 1);

	return (struct str){ inside, jtext_decode_inside(inside, raw.n - 2) };
}

struct str
jtext_read(struct str raw, struct buf *scratch)
{
	const struct str inside = { raw.p + 1, raw.n - 2 };

	if (!memchr(inside.p, '\\', inside.n))
		return inside;
	buf_clear(scratch);
	buf_add(scratch, inside.p, inside.n);
	buf_cut(scratch, jtext_decode_inside(scratch->p, scratch->n));
	return buf_s(scratch);
}
