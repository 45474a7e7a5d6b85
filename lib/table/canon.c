/*
 * canon.c - see canon.h. Recursion is bounded: json_parse() lets nothing deeper than JSON_DEPTH in.
 */
#include <stdlib.h>

#include "base/json.h"
#include "table/canon.h"

static void canon_value(struct arena *, const json *, struct buf *);

static int
canon_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
canon_object(struct arena *a, const json *o, struct buf *out)
{
	const char **names = arena_array(a, json_len(o) + 1, sizeof *names);
	size_t n = 0;

	for (struct json_iter it = { 0 }; json_each(o, &it);)
		names[n++] = it.key;
	qsort(names, n, sizeof *names, canon_order);
	buf_ch(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_ch(out, ',');
		json_quote(out, str_c(names[i]));
		buf_ch(out, ':');
		canon_value(a, json_at(o, names[i]), out);
	}
	buf_ch(out, '}');
}

static void
canon_value(struct arena *a, const json *v, struct buf *out)
{
	if (json_is_obj(v)) {
		canon_object(a, v, out);
		return;
	}
	if (json_is_str(v)) {
		json_quote(out, str_c(json_value_str(v)));
		return;
	}
	if (!json_is_list(v)) {
		buf_str(out, v ? json_text(a, v) : "null");
		return;
	}
	buf_ch(out, '[');
	for (size_t i = 0; i < json_len(v); i++) {
		if (i)
			buf_ch(out, ',');
		canon_value(a, json_nth(v, i), out);
	}
	buf_ch(out, ']');
}

void
canon_put(struct arena *a, struct str text, struct buf *out)
{
	const json *v = json_stored(a, arena_dup_str(a, text));

	if (v)
		canon_value(a, v, out);
	else
		buf_add(out, text.p, text.n);
}
