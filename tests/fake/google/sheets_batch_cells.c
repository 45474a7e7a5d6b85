/*
 * sheets_batch_cells.c - requests of batchUpdate that change cells: values, formats, notes, copies,
 * order.
 */
#include "fake/google/sheets_batch.h"

#include <string.h>
#include <strings.h>

/* Colours are kept in both of their spellings. */
static void
cells_both_colours(struct arena *a, json *j)
{
	json *styles = json_new(a), *holder;

	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		if (!json_is_obj(it.value))
			continue;
		if (!str_ends(str_c(it.key), "Color")) {
			cells_both_colours(a, it.value);
			continue;
		}
		holder = json_new(a);
		json_set(holder, "rgbColor", without_defaults(a, it.value));
		json_set(styles, arena_printf(a, "%sStyle", it.key), holder);
	}
	for (struct json_iter it = { 0 }; json_each(styles, &it);)
		json_set(j, it.key, it.value);
}

static const struct format *
cells_number_format(struct fake *f, const json *number)
{
	const char *type = json_str(number, "type"), *pattern = json_str(number, "pattern");

	if (!type)
		return NULL;
	return format_make(f, type, pattern ? pattern : "");
}

static void
cells_set_format(struct fake *f, struct cell *cell, const json *given, const struct mask *m)
{
	json *style = json_new(f->a);

	if (mask_at(m, "numberFormat"))
		cell->fmt = cells_number_format(f, json_at(given, "numberFormat"));
	for (struct json_iter it = { 0 }; cell->style && json_each(cell->style, &it);)
		json_set(style, it.key, it.value);
	/* A copy, because colours are added to it. */
	mask_copy(
	    f->a, style, json_stored(f->a, json_text(f->a, given ? given : json_new(f->a))), m);
	json_unset(style, "numberFormat");
	cells_both_colours(f->a, style);
	cell->style = json_len(style) ? style : NULL;
}

static void
cells_set_value(struct step *s, struct cell *cell, const json *v)
{
	static const char *const kinds[] = {
		"stringValue",
		"numberValue",
		"boolValue",
		"formulaValue",
	};
	struct fake *f = s->c->f;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (json_at(v, kinds[i])) {
			cell_set_json(f, cell, json_at(v, kinds[i]), i == 3, s->book->locale);
			return;
		}
	cell_blank(cell);
}

static void
cells_set(struct step *s, struct cell *cell, const json *given, const struct mask *m)
{
	const struct mask *format = mask_at(m, "userEnteredFormat");
	const char *note = json_str(given, "note");

	if (mask_at(m, "userEnteredValue"))
		cells_set_value(s, cell, json_at(given, "userEnteredValue"));
	if (format)
		cells_set_format(s->c->f, cell, json_at(given, "userEnteredFormat"), format);
	if (mask_at(m, "note"))
		cell->note = note && *note ? arena_dup(s->c->f->a, note) : NULL;
	if (cell->kind == CELL_NONE)
		cell->kind = CELL_BLANK;
}

/* From a corner on: as many rows as are given. */
static bool
cells_from(struct step *s, const json *start, const json *rows, struct range *g)
{
	struct tab *t = step_tab(s, start);

	if (!t)
		return false;
	*g = (struct range){
		.tab = t,
		.r0 = json_num(start, "rowIndex", 0),
		.c0 = json_num(start, "columnIndex", 0),
		.r1 = t->rows,
		.c1 = t->cols,
	};
	if (g->r1 > g->r0 + (int64_t)json_len(rows))
		g->r1 = g->r0 + (int64_t)json_len(rows);
	return true;
}

static void
cells_update(struct step *s)
{
	const json *rows = json_at(s->args, "rows"), *start = json_at(s->args, "start");
	const struct mask *m = step_mask(s);
	struct range g = { 0 };

	if (!m ||
	    !(start ? cells_from(s, start, rows, &g)
		    : step_range(s, json_at(s->args, "range"), &g)))
		return;
	for (int64_t r = g.r0; r < g.r1; r++) {
		const json *cells = json_at(json_nth(rows, (size_t)(r - g.r0)), "values");
		int64_t end = g.c1;

		if (start && end > g.c0 + (int64_t)json_len(cells))
			end = g.c0 + (int64_t)json_len(cells);
		for (int64_t k = g.c0; k < end; k++)
			cells_set(s, cell_make(s->c->f, g.tab, r, k),
			    json_nth(cells, (size_t)(k - g.c0)), m);
	}
}

static void
cells_repeat(struct step *s)
{
	const struct mask *m = step_mask(s);
	struct range g;

	if (!m || !step_range(s, json_at(s->args, "range"), &g))
		return;
	for (int64_t r = g.r0; r < g.r1; r++)
		for (int64_t k = g.c0; k < g.c1; k++)
			cells_set(s, cell_make(s->c->f, g.tab, r, k), json_at(s->args, "cell"), m);
}

/* To the corner of `to`. */
static void
cells_paste(struct fake *f, const struct range *from, const struct range *to, bool cut)
{
	const int64_t w = from->c1 - from->c0, n = (from->r1 - from->r0) * w;
	struct cell *cells = arena_array(f->a, (size_t)n + 1, sizeof *cells);

	for (int64_t i = 0; i < n; i++)
		cells[i] = cell_at(from->tab, from->r0 + i / w, from->c0 + i % w, f->a);
	if (cut)
		range_clear(f, from);
	for (int64_t i = 0; i < n; i++)
		*cell_make(f, to->tab, to->r0 + i / w, to->c0 + i % w) = cells[i];
}

static void
cells_copy(struct step *s)
{
	struct range from, to;

	if (step_range(s, json_at(s->args, "source"), &from) &&
	    step_range(s, json_at(s->args, "destination"), &to))
		cells_paste(s->c->f, &from, &to, false);
}

static void
cells_cut(struct step *s)
{
	const json *where = json_at(s->args, "destination");
	struct range from, to = { 0 };

	if (!step_range(s, json_at(s->args, "source"), &from))
		return;
	to.tab = step_tab(s, where);
	to.r0 = json_num(where, "rowIndex", 0);
	to.c0 = json_num(where, "columnIndex", 0);
	if (to.tab)
		cells_paste(s->c->f, &from, &to, true);
}

/* Numbers, then texts, then bools, then errors; empty cells last, whichever way. */
static int
cells_compare(const struct cell *x, const struct cell *y, bool down)
{
	int order;

	if (cell_empty(x) || cell_empty(y))
		return cell_empty(x) - cell_empty(y);
	if (x->kind != y->kind)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	else if (x->kind == CELL_TEXT)
		order = strcasecmp(x->s, y->s);
	else
		order = (x->n > y->n) - (x->n < y->n);
	return down ? -order : order;
}

static void
cells_swap_rows(struct fake *f, const struct range *g, int64_t r)
{
	for (int64_t k = g->c0; k < g->c1; k++) {
		struct cell *p = cell_make(f, g->tab, r, k);
		struct cell *q = cell_make(f, g->tab, r + 1, k), t = *p;

		*p = *q;
		*q = t;
	}
}

/* By one column, keeping equals in order: neighbours change places. */
static void
cells_sort_by(struct fake *f, const struct range *g, int64_t col, bool down)
{
	for (int64_t end = g->r1 - 1; end > g->r0; end--)
		for (int64_t r = g->r0; r < end; r++)
			if (cells_compare(cell_make(f, g->tab, r, col),
				cell_make(f, g->tab, r + 1, col), down) > 0)
				cells_swap_rows(f, g, r);
}

static void
cells_sort(struct step *s)
{
	const json *specs = json_at(s->args, "sortSpecs");
	struct range g;

	if (!step_range(s, json_at(s->args, "range"), &g))
		return;
	/* The last column first, so that the first counts most. */
	for (size_t i = json_len(specs); i-- > 0;) {
		const json *spec = json_nth(specs, i);
		const char *way = json_str(spec, "sortOrder");

		cells_sort_by(s->c->f, &g, json_num(spec, "dimensionIndex", 0),
		    way && strcmp(way, "DESCENDING") == 0);
	}
}

const struct step_kind cell_steps[] = {
	{ "updateCells", cells_update },
	{ "repeatCell", cells_repeat },
	{ "copyPaste", cells_copy },
	{ "cutPaste", cells_cut },
	{ "sortRange", cells_sort },
	{ NULL, NULL },
};
