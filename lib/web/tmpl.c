/*
 * tmpl.c - see tmpl.h. One pass over the text, no syntax tree: a section is rendered by walking
 * its text again for each element. Views are ours, so errors in them are bugs; what is rendered
 * is not, so everything is escaped.
 */
#include "web/tmpl.h"

enum { DEPTH_MAX = 32, VIEW_MAX = 256 * 1024 };

struct tmpl_scope {
	const json *v;
	bool found; /* the value exists: null is a value */
};

struct render {
	struct ctx *cx;
	const struct view *views;
	bool strict;
	struct buf *out;
	struct tmpl_scope stack[DEPTH_MAX];
	size_t depth;
	size_t nesting; /* of partials */
};

enum tag { TAG_VALUE, TAG_URL, TAG_SECTION, TAG_INVERTED, TAG_CLOSE, TAG_PARTIAL, TAG_COMMENT };

struct piece {
	enum tag tag;
	struct str name;
	/* of the tag in the text, a standalone line's white space included */
	size_t start, end;
	struct str indent; /* what stands before a standalone tag */
};

static void
tmpl_escape(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			buf_str(b, "&amp;");
			break;
		case '<':
			buf_str(b, "&lt;");
			break;
		case '>':
			buf_str(b, "&gt;");
			break;
		case '"':
			buf_str(b, "&quot;");
			break;
		case '\'':
			buf_str(b, "&#39;");
			break;
		default:
			buf_ch(b, s.p[i]);
		}
}

static struct tmpl_scope
tmpl_member(const json *o, struct str name, struct arena *a)
{
	const char *key = arena_dup_str(a, name);

	return (struct tmpl_scope){ json_at(o, key), json_has(o, key) };
}

/* "a.b.c": the first part is searched up the stack, the others below it. */
static struct tmpl_scope
look_up(struct render *rd, struct str name)
{
	struct str rest, first = str_cut(name, '.', &rest);
	struct tmpl_scope s = { NULL, false };

	if (str_is(name, "."))
		return rd->stack[rd->depth - 1];
	for (size_t i = rd->depth; i > 0 && !s.found; i--)
		if (json_is_obj(rd->stack[i - 1].v))
			s = tmpl_member(rd->stack[i - 1].v, first, rd->cx->a);
	while (s.found && rest.p) {
		first = str_cut(rest, '.', &rest);
		s = tmpl_member(s.v, first, rd->cx->a);
	}
	return s;
}

static bool
safe_url(struct str s)
{
	if (s.n && s.p[0] == '/')
		return !(s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\'));
	return str_istarts(s, "https://") || str_istarts(s, "http://") ||
	    str_istarts(s, "mailto:") || (s.n && (s.p[0] == '?' || s.p[0] == '#'));
}

static enum rc
put_value(struct render *rd, const struct piece *p)
{
	struct tmpl_scope s = look_up(rd, p->name);
	struct str text;

	if (!s.found && rd->strict)
		return fail(rd->cx, E_BUG, "The view asks for \"%.*s\", which is not in the model.",
		    (int)p->name.n, p->name.p);
	if (json_is_null(s.v))
		return RC_OK;
	text = json_is_str(s.v) ? str_c(json_value_str(s.v)) : str_c(json_text(rd->cx->a, s.v));
	if (p->tag == TAG_URL && !safe_url(text))
		text = STR("#");
	tmpl_escape(rd->out, text);
	return RC_OK;
}

/* Keeps out what the subset leaves out: "{name", "&name", "=<% %>=". */
static bool
name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
			(s.p[i] >= '0' && s.p[i] <= '9') || strchr("._-", s.p[i])))
			return false;
	return s.n > 0;
}

/* A tag that stands alone on its line takes the line with it. The text is the whole view, so
 * that the edge of a section is not taken for the edge of a line. */
static void
stand_alone(struct str text, struct piece *p)
{
	size_t from = p->start, to = p->end;

	if (p->tag == TAG_VALUE || p->tag == TAG_URL)
		return;
	while (from > 0 && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
		from--;
	if (from > 0 && text.p[from - 1] != '\n')
		return;
	while (to < text.n && (text.p[to] == ' ' || text.p[to] == '\t' || text.p[to] == '\r'))
		to++;
	if (to < text.n && text.p[to] != '\n')
		return;
	p->indent = (struct str){ text.p + from, p->start - from };
	p->start = from;
	p->end = to < text.n ? to + 1 : to;
}

/* The next tag at or after `at`; false when there is none. */
static enum rc
next_tag(struct render *rd, struct str text, size_t at, struct piece *p, bool *found)
{
	const char *open = at < text.n ? memmem(text.p + at, text.n - at, "{{", 2) : NULL, *close;
	struct str body;

	*found = open != NULL;
	if (!open)
		return RC_OK;
	close = memmem(open, (size_t)(text.p + text.n - open), "}}", 2);
	if (!close)
		return fail(rd->cx, E_BUG, "A tag of a view does not end.");
	body = (struct str){ open + 2, (size_t)(close - open - 2) };
	p->indent = (struct str){ "", 0 };
	p->start = (size_t)(open - text.p);
	p->end = (size_t)(close + 2 - text.p);
	p->tag = TAG_VALUE;
	if (body.n) {
		static const struct {
			char c;
			enum tag tag;
		} marks[] = {
			{ '#', TAG_SECTION },
			{ '^', TAG_INVERTED },
			{ '/', TAG_CLOSE },
			{ '>', TAG_PARTIAL },
			{ '!', TAG_COMMENT },
		};
		for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
			if (body.p[0] == marks[i].c)
				p->tag = marks[i].tag;
	}
	if (p->tag != TAG_VALUE)
		body = (struct str){ body.p + 1, body.n - 1 };
	else if (str_starts(body, "&url ")) {
		p->tag = TAG_URL;
		body = (struct str){ body.p + 5, body.n - 5 };
	}
	p->name = str_trim(body);
	if (p->tag != TAG_COMMENT && !name_ok(p->name))
		return fail(rd->cx, E_BUG, "A view has a tag that is not one of ours: \"%.*s\".",
		    (int)p->name.n, p->name.p);
	stand_alone(text, p);
	return RC_OK;
}

/* From behind a section's opening tag to its closing one. */
static enum rc
section_end(struct render *rd, struct str text, const struct piece *open, struct piece *close)
{
	size_t at = open->end;
	int depth = 1;
	bool found;

	for (;;) {
		TRY(next_tag(rd, text, at, close, &found));
		if (!found)
			return fail(rd->cx, E_BUG, "The section \"%.*s\" of a view does not end.",
			    (int)open->name.n, open->name.p);
		if (close->tag == TAG_SECTION || close->tag == TAG_INVERTED)
			depth++;
		else if (close->tag == TAG_CLOSE && --depth == 0)
			break;
		at = close->end;
	}
	if (!str_eq(open->name, close->name))
		return fail(rd->cx, E_BUG, "The section \"%.*s\" of a view ends as \"%.*s\".",
		    (int)open->name.n, open->name.p, (int)close->name.n, close->name.p);
	return RC_OK;
}

static enum rc render_range(struct render *, struct str text, size_t at, size_t end);

/* A part of a view. */
struct body {
	struct str text;
	size_t at, end;
};

static enum rc
render_in(struct render *rd, const struct body *b, const json *v)
{
	enum rc rc;

	if (rd->depth == DEPTH_MAX)
		return fail(rd->cx, E_BUG, "A view is nested too deeply.");
	rd->stack[rd->depth++] = (struct tmpl_scope){ v, true };
	rc = render_range(rd, b->text, b->at, b->end);
	rd->depth--;
	return rc;
}

static enum rc
render_section(struct render *rd, const struct body *b, const struct piece *p)
{
	struct tmpl_scope s = look_up(rd, p->name);

	if (!s.found && rd->strict)
		return fail(rd->cx, E_BUG, "The view asks for \"%.*s\", which is not in the model.",
		    (int)p->name.n, p->name.p);
	if (p->tag == TAG_INVERTED)
		return json_truth(s.v) ? RC_OK : render_range(rd, b->text, b->at, b->end);
	if (!json_truth(s.v))
		return RC_OK;
	if (!json_is_list(s.v))
		return render_in(rd, b, s.v);
	for (size_t i = 0; i < json_len(s.v); i++)
		TRY(render_in(rd, b, json_nth(s.v, i)));
	return RC_OK;
}

/* Every line of a partial that stands alone begins where its tag began. */
static struct str
tmpl_indented(struct arena *a, struct str text, struct str indent)
{
	struct buf *b;

	if (!indent.n || !text.n)
		return text;
	b = buf_in(a, VIEW_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (i == 0 || text.p[i - 1] == '\n')
			buf_add(b, indent.p, indent.n);
		buf_ch(b, text.p[i]);
	}
	return buf_s(b);
}

static enum rc
render_partial(struct render *rd, const struct piece *p)
{
	struct str text;
	enum rc rc;

	for (const struct view *v = rd->views; v && v->name; v++) {
		if (!str_is(p->name, v->name))
			continue;
		if (rd->nesting == DEPTH_MAX)
			return fail(rd->cx, E_BUG, "Views include each other in a circle.");
		text = tmpl_indented(rd->cx->a, str_c(v->text), p->indent);
		rd->nesting++;
		rc = render_range(rd, text, 0, text.n);
		rd->nesting--;
		return rc;
	}
	return fail(rd->cx, E_BUG, "There is no view \"%.*s\".", (int)p->name.n, p->name.p);
}

static enum rc
render_range(struct render *rd, struct str text, size_t at, size_t end)
{
	struct piece p, close;
	struct body body;
	bool found;

	for (;;) {
		TRY(next_tag(rd, text, at, &p, &found));
		if (!found || p.start >= end)
			break;
		if (p.start > at)
			buf_add(rd->out, text.p + at, p.start - at);
		at = p.end;
		switch (p.tag) {
		case TAG_VALUE:
		case TAG_URL:
			TRY(put_value(rd, &p));
			break;
		case TAG_SECTION:
		case TAG_INVERTED:
			TRY(section_end(rd, text, &p, &close));
			body = (struct body){ text, p.end, close.start };
			TRY(render_section(rd, &body, &p));
			at = close.end;
			break;
		case TAG_PARTIAL:
			TRY(render_partial(rd, &p));
			break;
		case TAG_COMMENT:
			break;
		case TAG_CLOSE:
			return fail(rd->cx, E_BUG,
			    "The section \"%.*s\" of a view was never begun.", (int)p.name.n,
			    p.name.p);
		}
	}
	if (end > at)
		buf_add(rd->out, text.p + at, end - at);
	return RC_OK;
}

enum rc
tmpl_render_text(struct ctx *cx, const struct view *views, const char *text, const json *model,
    bool strict, struct buf *out)
{
	struct render rd = { .cx = cx, .views = views, .strict = strict, .out = out, .depth = 1 };

	rd.stack[0] = (struct tmpl_scope){ model, true };
	TRY(render_range(&rd, str_c(text), 0, strlen(text)));
	return out->over ? fail(cx, E_REPLY_LARGE, "The page is too large.") : RC_OK;
}

enum rc
tmpl_render(struct ctx *cx, const struct view *views, const char *name, const json *model,
    bool strict, struct buf *out)
{
	for (const struct view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return tmpl_render_text(cx, views, v->text, model, strict, out);
	return fail(cx, E_BUG, "There is no view \"%s\".", name);
}
