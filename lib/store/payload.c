/*
 * payload.c - see payload.h.
 */
#include "store/payload.h"

#include "base/utf8.h"

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

void
payload_plain(struct buf *b, struct str v)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char bytes[UTF8_MAX];
	uint32_t c = UTF8_REPLACEMENT;

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
		if (v.p[i] == 'u') {
			i += utf8_unescape(v.p + i + 1, v.n - i - 1, &c);
			buf_add(b, bytes, utf8_put(bytes, c));
		} else if ((known = strchr(from, v.p[i])))
			buf_ch(b, to[known - from]);
		else
			buf_ch(b, v.p[i]);
	}
}

json *
payload_fields(struct arena *a, const json *columns, const char *payload)
{
	json *values = json_stored(a, payload), *o = payload ? json_new(a) : NULL;

	for (size_t i = 0; i < json_len(values) && i < json_len(columns); i++) {
		json *v = json_nth(values, i);

		if (!json_is_null(v))
			json_set(o, json_str(json_nth(columns, i), "name"), v);
	}
	return o;
}
