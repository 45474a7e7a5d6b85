/*
 * parsed_in.c - see parsed_in.h. Nothing of a message is used before it was looked at.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/vec.h"
#include "sync/read/parsed_in.h"

enum {
	READ_BYTES = 256 * 1024,
	SAID_MAX = 64 * 1024 /* of a text for people */
};

/* --- the parts of a message --- */

static const char *
in_bytes(struct parsed_in *in, size_t n)
{
	const char *p = in->body.p;

	if (n > in->body.n) {
		in->bad = true;
		return NULL;
	}
	in->body.p += n;
	in->body.n -= n;
	return p;
}

uint32_t
parsed_u32(struct parsed_in *in)
{
	const char *p = in_bytes(in, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return v;
}

int64_t
parsed_i64(struct parsed_in *in)
{
	const char *p = in_bytes(in, sizeof(int64_t));
	int64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return v;
}

static struct str
in_text(struct parsed_in *in, uint32_t n)
{
	struct str s = { NULL, n };

	if (n == PARSED_NO_TEXT)
		return (struct str){ 0 };
	s.p = in_bytes(in, n);
	if (!s.p || !str_utf8_ok(s)) {
		in->bad = true;
		return (struct str){ 0 };
	}
	return s;
}

struct str
parsed_str(struct parsed_in *in)
{
	return in_text(in, parsed_u32(in));
}

const char *
parsed_said(struct ctx *cx, struct parsed_in *in)
{
	const struct str s = parsed_str(in);

	if (s.p && (s.n > SAID_MAX || memchr(s.p, '\0', s.n)))
		in->bad = true;
	return s.p && !in->bad ? arena_dup_str(cx->a, s) : NULL;
}

bool
parsed_code(struct parsed_in *in, char code[PARSED_CODE_MAX + 1])
{
	const struct str s = parsed_str(in);

	for (size_t i = 0; i < s.n; i++)
		in->bad |= !strchr(
			       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			       s.p[i]) ||
		    !s.p[i];
	in->bad |= s.n == 0 || s.n > PARSED_CODE_MAX;
	if (!in->bad)
		snprintf(code, PARSED_CODE_MAX + 1, "%.*s", (int)s.n, s.p);
	return !in->bad;
}

/* --- cells --- */

static enum rc
value_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	(void)cx;
	(void)arg;
	(void)js;
	(void)type;
	*keep = true;
	return RC_OK;
}

static enum rc
value_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct parsed_in *in = arg;

	(void)cx;
	(void)js;
	(void)type;
	in->js_bytes = text ? n : 0;
	return RC_OK;
}

/* Is it one JSON value, without white space between its parts? Readers of what is stored rely on
 * it. */
static bool
is_value(struct ctx *cx, struct parsed_in *in, struct str v)
{
	struct ctx own = { .a = cx->a };

	in->js_bytes = 0;
	jscan_begin(in->js);
	return v.n > 0 && jscan_feed(&own, in->js, v) == RC_OK &&
	    jscan_end(&own, in->js, false) == RC_OK && in->js_bytes == v.n;
}

static void
in_cell(struct ctx *cx, struct parsed_in *in, struct cell *out)
{
	const uint32_t word = parsed_u32(in), kind = word >> 30;
	const struct str v = { NULL, word & ((1U << 30) - 1) };

	*out = (struct cell){ 0 };
	if (kind == CELL_NONE)
		in->bad |= v.n > 0;
	else if (kind == CELL_TEXT)
		*out = (struct cell){ CELL_TEXT, in_text(in, (uint32_t)v.n) };
	else if (kind == CELL_JSON)
		*out = (struct cell){ CELL_JSON, { in_bytes(in, v.n), v.n } };
	else
		in->bad = true;
	if (!in->bad && kind == CELL_JSON)
		in->bad = !is_value(cx, in, out->v);
}

bool
parsed_row(struct ctx *cx, struct parsed_in *in, struct row *row)
{
	uint32_t page, n;

	*row = (struct row){ .line = parsed_i64(in) };
	page = parsed_u32(in);
	row->key = parsed_str(in);
	n = parsed_u32(in);
	/* Each cell says its length. */
	in->bad |= !in->begun || page > in->p->spool->pages || n > PARSED_CELLS_MAX ||
	    n > in->body.n / sizeof(uint32_t);
	if (in->bad)
		return false;
	row->page = (int)page;
	row->n = n;
	VEC_HOLD(in->a, in->cells, in->cells_cap, row->n, PARSED_CELLS_MAX);
	for (size_t i = 0; i < row->n && !in->bad; i++)
		in_cell(cx, in, &in->cells[i]);
	row->cells = in->cells;
	return !in->bad && in->body.n == 0;
}

enum rc
parsed_lie(struct ctx *cx, const struct parsed_in *in)
{
	log_event(LOG_LEVEL_ERR, "parser.refused", "i:left", (int64_t)in->body.n, NULL);
	return fail(
	    cx, E_CRASHED, "What came of the parsing could not be used; no record was changed.");
}

enum rc
parsed_lost(struct ctx *cx, const struct parsed_in *in)
{
	*in->lost = true;
	return fail(cx, E_CRASHED, NULL);
}

bool
parsed_whole(const struct parsed_in *in)
{
	return !in->bad && in->body.n == 0;
}

/* --- messages --- */

/* So many bytes are there, in one piece. */
static bool
in_hold(struct parsed_in *in, size_t n)
{
	ssize_t got;

	if (in->to - in->from >= n)
		return true;
	memmove(in->b->p, in->b->p + in->from, in->to - in->from);
	in->to -= in->from;
	in->from = 0;
	buf_reserve(in->b, n > READ_BYTES ? n : READ_BYTES);
	while (in->to < n) {
		got = recv(in->fd, in->b->p + in->to, in->b->cap - in->to, 0);
		if (got <= 0 && !(got < 0 && errno == EINTR))
			return false;
		in->to += got > 0 ? (size_t)got : 0;
	}
	return true;
}

enum rc
parsed_next(struct ctx *cx, struct parsed_in *in, uint32_t *word)
{
	struct parsed_head head;

	if (!in_hold(in, sizeof head))
		return parsed_lost(cx, in);
	memcpy(&head, in->b->p + in->from, sizeof head);
	if (head.n > PARSED_MAX)
		return parsed_lie(cx, in);
	if (!in_hold(in, sizeof head + head.n))
		return parsed_lost(cx, in);
	in->body = (struct str){ in->b->p + in->from + sizeof head, head.n };
	in->from += sizeof head + head.n;
	*word = head.word;
	return RC_OK;
}

void
parsed_in_init(struct arena *a, struct parsed_in *in)
{
	in->a = a;
	in->b = buf_in(a, (size_t)PARSED_MAX + READ_BYTES);
	buf_reserve(in->b, READ_BYTES);
	in->events = (struct jscan_events){ value_begin, value_end, in };
	in->js = jscan_new(a, &in->events);
}
