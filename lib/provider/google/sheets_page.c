/*
 * sheets_page.c - see sheets_page.h.
 */
#include "provider/google/sheets_page.h"

#include "base/buf.h"
#include "base/vec.h"

struct str
row_at(const struct rows *rows, size_t i)
{
	static char none[] = "[]";

	return i < rows->n ? rows->v[i] : (struct str){ none, 2 };
}

enum rc
sheet_page_tabs(struct ctx *cx, struct sheet_page *p, struct page_in *page, json **out)
{
	struct buf *b = buf_in(p->cx.a, GSHEETS_PAGE_MAX * 2);
	char *chunk = arena_alloc(p->cx.a, PAGE_CHUNK);
	size_t got;

	do {
		TRY(page->read(cx, page->arg, chunk, PAGE_CHUNK, &got));
		buf_add(b, chunk, got);
	} while (got > 0);
	if (b->over)
		return fail(cx, E_SOURCE_TOO_LARGE, NULL);
	if (json_parse(&p->cx, "A block of the spreadsheet", buf_s(b), out) != RC_OK)
		return fail(cx, E_JSON, "Google's answer could not be read.");
	return RC_OK;
}

/* Which view a value of a page of rows belongs to: {"values": {"valueRanges": [{"values": [row,
 * row]}]}, "shown": the same}. */
static bool
in_view(const struct jscan *js, int *view)
{
	*view = js->depth && str_is(js->frame[0].name, "shown") ? SHOWN : PLAIN;
	return js->depth >= 3 && (*view == SHOWN || str_is(js->frame[0].name, "values")) &&
	    str_is(js->frame[1].name, "valueRanges");
}

static bool
is_row(const struct jscan *js)
{
	return js->depth == 5 && str_is(js->frame[3].name, "values");
}

static enum rc
on_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct sheet_page *p = arg;
	int view;

	(void)type;
	*keep = js->depth == 1 && str_is(js->frame[0].name, "parts");
	p->has_shown |= js->depth == 1 && str_is(js->frame[0].name, "shown");
	if (!in_view(js, &view))
		return RC_OK;
	*keep = is_row(js);
	if (js->depth == 3 && js->frame[2].at >= PARTS_MAX)
		return fail(cx, E_JSON, NULL);
	if (js->depth == 3)
		p->views[view] = (size_t)js->frame[2].at + 1;
	return RC_OK;
}

static void
rows_add(struct arena *a, struct rows *rows, struct str row)
{
	VEC_HOLD(a, rows->v, rows->cap, rows->n + 1, VEC_ROWS_MAX);
	rows->v[rows->n++] = (struct str){ arena_dup_str(a, row), row.n };
}

static enum rc
on_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct sheet_page *p = arg;
	int view;

	(void)cx;
	if (text && js->depth == 1)
		p->parts = json_stored(p->cx.a, text);
	else if (text && in_view(js, &view))
		rows_add(p->cx.a, &p->rows[view][js->frame[2].at],
		    type == J_LIST ? (struct str){ text, n } : STR("[]"));
	return RC_OK;
}

enum rc
sheet_page_rows(struct ctx *cx, struct sheet_page *p, struct page_in *page)
{
	char *chunk = arena_alloc(p->cx.a, PAGE_CHUNK);
	enum rc rc = RC_OK;
	size_t got;

	p->parts = NULL;
	p->has_shown = false;
	memset(p->rows, 0, sizeof p->rows);
	memset(p->views, 0, sizeof p->views);
	jscan_begin(p->js);
	do {
		TRY(page->read(cx, page->arg, chunk, PAGE_CHUNK, &got));
		rc = got > 0 ? jscan_feed(&p->cx, p->js, (struct str){ chunk, got })
			     : jscan_end(&p->cx, p->js, false);
	} while (rc == RC_OK && got > 0);
	if (rc != RC_OK)
		return fail(cx, E_JSON, "Google's answer could not be read.");
	p->n = json_len(p->parts);
	if (p->views[PLAIN] != p->n || (p->has_shown && p->views[SHOWN] != p->n))
		return fail(cx, E_TRUNCATED,
		    "Google's answer has fewer blocks of rows than were asked for.");
	return RC_OK;
}

struct sheet_page *
sheet_page_new(struct arena *a)
{
	struct sheet_page *p = arena_alloc(a, sizeof *p);

	*p = (struct sheet_page){
		.cx = { .a = arena_new("sheet", GSHEETS_PAGE_MAX * (size_t)16, ARENA_WIPE) }
	};
	p->events = (struct jscan_events){ on_begin, on_end, p };
	p->js = jscan_new(a, &p->events);
	return p;
}

void
sheet_page_free(struct sheet_page *p)
{
	arena_free(p->cx.a);
}
