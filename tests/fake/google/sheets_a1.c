/*
 * sheets_a1.c - "Tab!A1:B2" and its relatives.
 */
#include "fake/google/sheets.h"

#include <ctype.h>
#include <string.h>

enum { A1_MAX_COLUMN = 18278, A1_MAX_ROW = 10000000 };

const char *
column_name(struct arena *a, int64_t c)
{
	char text[16], *p = text + sizeof text - 1;

	*p = '\0';
	for (c++; c > 0; c = (c - 1) / 26)
		*--p = (char)('A' + (c - 1) % 26);
	return arena_dup(a, p);
}

const char *
title_quoted(struct arena *a, const char *title)
{
	struct buf *b;
	bool plain = isalpha((unsigned char)*title) || *title == '_';

	for (const char *p = title; *p; p++)
		plain = plain && (isalnum((unsigned char)*p) || *p == '_');
	if (plain)
		return title;
	b = buf_in(a, 1000);
	buf_ch(b, '\'');
	for (const char *p = title; *p; p++)
		buf_str(b, *p == '\'' ? "''" : (char[]){ *p, '\0' });
	buf_ch(b, '\'');
	return buf_c(b);
}

const char *
range_text(struct arena *a, const struct range *r)
{
	const char *first = arena_printf(a, "%s!%s%lld", title_quoted(a, r->tab->title),
	    column_name(a, r->c0), (long long)r->r0 + 1);

	if (r->r1 - r->r0 <= 1 && r->c1 - r->c0 <= 1)
		return first;
	return arena_printf(a, "%s:%s%lld", first, column_name(a, r->c1 - 1), (long long)r->r1);
}

/* "$B$3", "B", "3": -1 for what is not there. */
static bool
a1_corner(struct str s, int64_t *row, int64_t *col)
{
	size_t i = 0;

	*row = *col = 0;
	if (i < s.n && s.p[i] == '$')
		i++;
	for (; i < s.n && isalpha((unsigned char)s.p[i]) && *col <= A1_MAX_COLUMN; i++)
		*col = *col * 26 + (toupper((unsigned char)s.p[i]) - 'A' + 1);
	if (i > 0 && i < s.n && s.p[i] == '$' && *col > 0)
		i++;
	for (; i < s.n && isdigit((unsigned char)s.p[i]) && *row <= A1_MAX_ROW; i++) {
		if (*row == 0 && s.p[i] == '0')
			return false;
		*row = *row * 10 + (s.p[i] - '0');
	}
	if (i != s.n || s.n == 0 || *col > A1_MAX_COLUMN || *row > A1_MAX_ROW ||
	    (*row == 0 && *col == 0))
		return false;
	--*row;
	--*col;
	return true;
}

static void
a1_order(int64_t *low, int64_t *high)
{
	if (*low >= 0 && *high >= 0 && *low > *high) {
		int64_t t = *low;

		*low = *high;
		*high = t;
	}
}

/* The part behind the tab: half open bounds, -1 where it is open. */
static bool
a1_cells(struct str s, struct range *out)
{
	struct str rest, first = str_cut(s, ':', &rest);
	int64_t r0, c0, r1, c1;

	if (!a1_corner(first, &r0, &c0))
		return false;
	if (!rest.p) {
		/* "A" alone is no range, nor is "1". */
		if (r0 < 0 || c0 < 0)
			return false;
		*out = (struct range){
			.tab = out->tab,
			.r0 = r0,
			.c0 = c0,
			.r1 = r0 + 1,
			.c1 = c0 + 1,
		};
		return true;
	}
	if (!a1_corner(rest, &r1, &c1))
		return false;
	a1_order(&r0, &r1);
	a1_order(&c0, &c1);
	*out = (struct range){
		.tab = out->tab,
		.r0 = r0 < 0 ? 0 : r0,
		.c0 = c0 < 0 ? 0 : c0,
		.r1 = r1 < 0 ? -1 : r1 + 1,
		.c1 = c1 < 0 ? -1 : c1 + 1,
	};
	return true;
}

/* Splits 'Bob''s tab'!A1 and Tab!A1; the title is unquoted. *cells has NULL when there is no "!".
 */
static bool
a1_split(struct arena *a, const char *text, struct str *title, struct str *cells, bool *quoted)
{
	struct buf *b;
	const char *p = text, *bang;

	*cells = (struct str){ NULL, 0 };
	*quoted = *p == '\'';
	if (!*quoted) {
		bang = strrchr(p, '!');
		*title = bang ? (struct str){ p, (size_t)(bang - p) } : str_c(p);
		if (bang)
			*cells = str_c(bang + 1);
		return true;
	}
	b = buf_in(a, 1000);
	for (p++; *p && (*p != '\'' || p[1] == '\''); p++) {
		if (*p == '\'')
			p++;
		buf_ch(b, *p);
	}
	if (*p != '\'' || (p[1] != '\0' && p[1] != '!'))
		return false;
	*title = buf_s(b);
	if (p[1] == '!')
		*cells = str_c(p + 2);
	return true;
}

static struct tab *
a1_first_grid(const struct book *book)
{
	for (struct tab *t = book->tabs; t; t = t->next)
		if (!t->hidden && t->type == TAB_GRID)
			return t;
	return NULL;
}

static bool
a1_named(const struct book *book, struct str name, struct range *out)
{
	for (const struct named *n = book->named; n; n = n->next)
		if (str_ieq(str_c(n->name), name)) {
			*out = (struct range){
				.tab = tab_by_id(book, n->tab),
				.r0 = n->r0,
				.c0 = n->c0,
				.r1 = n->r1,
				.c1 = n->c1,
			};
			return out->tab != NULL;
		}
	return false;
}

static bool
a1_range(struct arena *a, const struct book *book, const char *text, struct range *out)
{
	struct str title, cells;
	bool quoted;

	*out = (struct range){ .r1 = -1, .c1 = -1 };
	if (!a1_split(a, text, &title, &cells, &quoted))
		return false;
	if (!cells.p && !quoted) {
		if (a1_named(book, title, out))
			return true;
		out->tab = a1_first_grid(book);
		if (out->tab && a1_cells(title, out))
			return true;
	}
	out->tab = tab_by_title(book, title);
	out->whole = !cells.p;
	/* A name may stand behind a tab, too. */
	return out->tab && (!cells.p || a1_cells(cells, out) || a1_named(book, cells, out));
}

bool
range_parse(struct call *c, const struct book *book, const char *text, struct range *out)
{
	struct tab *t;

	if (!a1_range(c->a, book, text, out) || out->tab->type != TAB_GRID) {
		refuse_argument(c, "Unable to parse range: %s", text);
		return false;
	}
	t = out->tab;
	if (out->r0 >= t->rows || out->c0 >= t->cols) {
		out->r1 = out->r1 < 0 ? t->rows : out->r1;
		out->c1 = out->c1 < 0 ? t->cols : out->c1;
		refuse_argument(c,
		    "Range (%s) exceeds grid limits. Max rows: %lld, max columns: %lld",
		    range_text(c->a, out), (long long)t->rows, (long long)t->cols);
		return false;
	}
	if (out->r1 < 0 || out->r1 > t->rows)
		out->r1 = t->rows;
	if (out->c1 < 0 || out->c1 > t->cols)
		out->c1 = t->cols;
	return true;
}
