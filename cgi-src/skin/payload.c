/*
 * payload.c - see payload.h.
 */
#include "skin/payload.h"

bool
payload_next(struct payload *p, struct str *value)
{
	size_t i = p->at ? p->at : 1, start = i;
	int depth = 0;
	bool in = false;

	if (p->text.n < 2 || i >= p->text.n - 1)
		return false;
	for (; i < p->text.n; i++) {
		char c = p->text.p[i];
		if (in) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in = false;
			continue;
		}
		if (c == '"')
			in = true;
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth-- == 0)
			break;
		else if (c == ',' && depth == 0)
			break;
	}
	*value = (struct str){ p->text.p + start, i - start };
	p->at = i + 1;
	return true;
}

static unsigned
hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		v = v * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

static void
put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80)
		buf_ch(b, (char)c);
	else if (c < 0x800) {
		buf_ch(b, (char)(0xc0 | c >> 6));
		buf_ch(b, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_ch(b, (char)(0xe0 | c >> 12));
		buf_ch(b, (char)(0x80 | (c >> 6 & 63)));
		buf_ch(b, (char)(0x80 | (c & 63)));
	} else {
		buf_ch(b, (char)(0xf0 | c >> 18));
		buf_ch(b, (char)(0x80 | (c >> 12 & 63)));
		buf_ch(b, (char)(0x80 | (c >> 6 & 63)));
		buf_ch(b, (char)(0x80 | (c & 63)));
	}
}

void
payload_plain(struct buf *b, struct str v)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";

	if (str_is(v, "null"))
		return;
	if (!v.n || v.p[0] != '"') {
		buf_add(b, v.p, v.n);
		return;
	}
	for (size_t i = 1; i + 1 < v.n; i++) {
		const char *known;
		if (v.p[i] != '\\') {
			buf_ch(b, v.p[i]);
			continue;
		}
		i++;
		if (v.p[i] == 'u' && i + 4 < v.n) {
			unsigned c = hex4(v.p + i + 1);
			i += 4;
			if (c >= 0xd800 && c <= 0xdbff && i + 6 < v.n && v.p[i + 1] == '\\') {
				c = 0x10000 + ((c - 0xd800) << 10) + (hex4(v.p + i + 3) - 0xdc00);
				i += 6;
			}
			put_utf8(b, c);
		} else if ((known = strchr(from, v.p[i])))
			buf_ch(b, to[known - from]);
		else
			buf_ch(b, v.p[i]);
	}
}
