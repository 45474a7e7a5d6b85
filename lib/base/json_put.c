/*
 * json_put.c - see json_put.h.
 */
#include "base/json_put.h"

#include "base/clock.h"
#include "base/json.h"

void
json_put_name(struct buf *b, const char *name)
{
	buf_str(b, b->p[b->n - 1] == '{' ? "\"" : ",\"");
	buf_str(b, name);
	buf_str(b, "\":");
}

void
json_put_str(struct buf *b, const char *name, const char *text)
{
	json_put_name(b, name);
	if (text)
		json_quote(b, str_c(text));
	else
		buf_str(b, "null");
}

void
json_put_num(struct buf *b, const char *name, int64_t n)
{
	json_put_name(b, name);
	buf_printf(b, "%lld", (long long)n);
}

void
json_put_time(struct buf *b, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	json_put_str(b, name, ms > 0 ? clock_text(ms, text) : NULL);
}

void
json_put_raw(struct buf *b, const char *name, const char *text, const char *none)
{
	json_put_name(b, name);
	buf_str(b, text && *text ? text : none);
}
