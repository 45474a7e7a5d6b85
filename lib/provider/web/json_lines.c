/*
 * json_lines.c - see json_lines.h. Knows of JSON only where values begin and end; what is wrong
 * inside of them is the scanner's to find.
 */
#include "provider/web/json_lines.h"

enum {
	LINES_RAW_BYTES = 32 * 1024,
	LINES_LOOK_BYTES = 4 * 1024 * 1024 /* a longer first value is no record */
};

/* Where in the values the bytes are. */
struct lines_at {
	int depth;
	bool text, escaped; /* in a string, behind a backslash in it */
	int64_t values;     /* begun so far */
};

struct json_lines {
	struct page_in page; /* what is handed out */
	struct page_in in;
	struct lines_at at;
	bool opened, closed; /* the list's brackets are out */
	size_t from, n;
	char raw[LINES_RAW_BYTES];
};

/* Goes over one byte; true: another value begins with it. */
static bool
lines_step(struct lines_at *at, char c)
{
	const bool first = at->depth == 0 && (c == '{' || c == '[');

	if (at->text) {
		at->text = at->escaped || c != '"';
		at->escaped = !at->escaped && c == '\\';
		return false;
	}
	at->text = c == '"';
	if (c == '{' || c == '[')
		at->depth++;
	else if (c == '}' || c == ']')
		at->depth--;
	at->values += first;
	return first;
}

static enum rc
lines_look(struct ctx *cx, struct page_in *in, char *raw, bool *yes)
{
	struct lines_at at = { .depth = 0 };
	int64_t seen = 0;
	size_t got;

	*yes = false;
	do {
		TRY(in->read(cx, in->arg, raw, LINES_RAW_BYTES, &got));
		for (size_t i = 0; i < got && !*yes; i++) {
			/* Something else than objects and lists at the top is not meant. */
			if (at.depth == 0 && !at.text &&
			    !strchr("{[ \t\r\n\xef\xbb\xbf", raw[i] ? raw[i] : '0')) {
				got = 0;
				break;
			}
			lines_step(&at, raw[i]);
			*yes = at.values > 1;
		}
		seen += (int64_t)got;
	} while (got > 0 && !*yes && (at.values == 0 || at.depth > 0 || seen < LINES_RAW_BYTES) &&
	    seen < LINES_LOOK_BYTES);
	return in->restart(cx, in->arg);
}

/* What is there goes to buf, as far as it fits: a comma may come before each byte. */
static void
lines_hand(struct json_lines *l, char *buf, size_t cap, size_t *got)
{
	while (l->from < l->n && *got + 2 <= cap) {
		const char c = l->raw[l->from++];

		/* a byte order mark */
		if (l->at.values == 0 && (unsigned char)c >= 0x80)
			continue;
		if (lines_step(&l->at, c) && l->at.values > 1)
			buf[(*got)++] = ',';
		buf[(*got)++] = c;
	}
}

static enum rc
lines_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct json_lines *l = arg;

	*got = 0;
	if (!l->opened)
		buf[(*got)++] = '[';
	l->opened = true;
	while (*got == 0 && !l->closed) {
		if (l->from == l->n) {
			l->from = 0;
			TRY(l->in.read(cx, l->in.arg, l->raw, sizeof l->raw, &l->n));
			l->closed = l->n == 0;
		}
		lines_hand(l, buf, cap, got);
		/* Without it a value that breaks off is told as such. */
		if (l->closed && !l->in.cut && l->at.depth == 0)
			buf[(*got)++] = ']';
	}
	return RC_OK;
}

static enum rc
lines_restart(struct ctx *cx, void *arg)
{
	struct json_lines *l = arg;

	l->at = (struct lines_at){ .depth = 0 };
	l->opened = l->closed = false;
	l->from = l->n = 0;
	return l->in.restart(cx, l->in.arg);
}

enum rc
json_lines_open(struct ctx *cx, struct page_in *in, struct page_in **out)
{
	struct json_lines *l = arena_alloc(cx->a, sizeof *l);
	bool yes;

	*out = in;
	TRY(lines_look(cx, in, l->raw, &yes));
	if (!yes)
		return RC_OK;
	l->page = l->in = *in;
	l->page.read = lines_read;
	l->page.restart = lines_restart;
	l->page.arg = l;
	*out = &l->page;
	return RC_OK;
}
