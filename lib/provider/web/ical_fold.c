/*
 * ical_fold.c - puts characters together that a fold has cut in two. Every byte stays, and so
 * does the number of lines.
 */
#include "provider/web/ical_lines.h"

enum { CHUNK = 16 * 1024, FOLD_MAX = 3 };

struct whole {
	struct page_in *from;
	char in[CHUNK], out[CHUNK + FOLD_MAX];
	size_t at, n;        /* of out */
	char fold[FOLD_MAX]; /* what may be a fold behind a byte beyond ASCII, held back */
	size_t held;
	bool high; /* the last byte given out was beyond ASCII */
	bool ended;
};

static void
fold_put(struct whole *w, char c)
{
	w->out[w->n++] = c;
	w->high = (unsigned char)c >= 0x80;
}

static void
fold_release(struct whole *w)
{
	for (size_t i = 0; i < w->held; i++)
		fold_put(w, w->fold[i]);
	w->held = 0;
}

static bool
continues_fold(const struct whole *w, char c)
{
	const char last = w->held > 0 ? w->fold[w->held - 1] : '\0';

	if (w->held == 0)
		return w->high && (c == '\r' || c == '\n');
	if (last == '\r' && c == '\n')
		return true;
	return (last == '\r' || last == '\n') && (c == ' ' || c == '\t');
}

static void
fold_take(struct whole *w, char c)
{
	const char last = w->held > 0 ? w->fold[w->held - 1] : '\0';

	if (continues_fold(w, c)) {
		w->fold[w->held++] = c;
		return;
	}
	/* The rest of a character goes before the fold. */
	if (!((last == ' ' || last == '\t') && ((unsigned char)c & 0xc0) == 0x80))
		fold_release(w);
	fold_put(w, c);
}

static enum rc
whole_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct whole *w = arg;
	size_t n;

	while (w->at == w->n && !w->ended) {
		w->at = w->n = 0;
		TRY(w->from->read(cx, w->from->arg, w->in, sizeof w->in, &n));
		for (size_t i = 0; i < n; i++)
			fold_take(w, w->in[i]);
		if (n == 0) {
			fold_release(w);
			w->ended = true;
		}
	}
	*got = w->n - w->at < cap ? w->n - w->at : cap;
	memcpy(buf, w->out + w->at, *got);
	w->at += *got;
	return RC_OK;
}

static enum rc
whole_restart(struct ctx *cx, void *arg)
{
	struct whole *w = arg;

	w->at = w->n = w->held = 0;
	w->high = w->ended = false;
	return w->from->restart(cx, w->from->arg);
}

struct page_in *
ical_whole_characters(struct arena *a, struct page_in *page)
{
	struct page_in *out = arena_alloc(a, sizeof *out);
	struct whole *w = arena_alloc(a, sizeof *w);

	w->from = page;
	*out = *page;
	out->read = whole_read;
	out->restart = whole_restart;
	out->arg = w;
	return out;
}
