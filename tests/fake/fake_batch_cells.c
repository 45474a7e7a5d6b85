/*
 * fake_batch_cells.c - requests of batchUpdate that change cells: values, formats, notes, copies, order.
 */
#include "fake/batch.h"

#include <string.h>
#include <strings.h>

/* Colours are kept in both of their spellings. */
static void
both_colours(struct arena *a, json *j)
{
	json *styles = json_new(a), *holder;

	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		if (!json_is_obj(it.value))
			continue;
		if (!str_ends(str_c(it.key), "Color")) {
			both_colours(a, it.value);
			continue;
		}
		holder = json_new(a);
		json_set(holder, "rgbColor", without_defaults(a, it.value));
		json_set(styles, arena_printf(a, "%sStyle", it.key), holder);
	}
	for (struct json_iter it = { 0 }; json_each(styles, &it);)
		json_set(j, it.key, it.value);
}

static void
set_format(struct fake *f, struct cell *cell, const json *given, const struct mask *m)
{
	const json *number = json_at(given, "numberFormat");
	json *style = json_new(f->a);

	if (mask_at(m, "numberFormat"))
		cell->fmt = number && json_str(number, "type") ? format_make(f, json_str(number, "type"), json_str(number, "pattern") ? json_str(number, "pattern") : "") : NULL;
	for (struct json_iter it = { 0 }; cell->style && json_each(cell->style, &it);)
		json_set(style, it.key, it.value);
	/* A copy, because colours are added to it. */
	mask_copy(f->a, style, json_stored(f->a, json_text(f->a, given ? given : json_new(f->a))), m);
	json_unset(style, "numberFormat");
	both_colours(f->a, style);
	cell->style = json_len(style) ? style : NULL;
}

static void
set_value(struct step *s, struct cell *cell, const json *v)
{
	static const char *const kinds[] = { "stringValue", "numberValue", "boolValue", "formulaValue" };
	struct fake *f = s->c->f;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (json_at(v, kinds[i])) {
			cell_set_json(f, cell, json_at(v, kinds[i]), i == 3, s->file->locale);
			return;
		}
	*cell = (struct cell){ .kind = CELL_BLANK, .fmt = cell->fmt, .style = cell->style, .note = cell->note };
}

static void
set_cell(struct step *s, struct tab *t, int64_t r, int64_t k, const json *given, const struct mask *m)
{
	struct cell *cell = cell_make(s->c->f, t, r, k);

	if (mask_at(m, "userEnteredValue"))
		set_value(s, cell, json_at(given, "userEnteredValue"));
	if (mask_at(m, "userEnteredFormat"))
		set_format(s->c->f, cell, json_at(given, "userEnteredFormat"), mask_at(m, "userEnteredFormat"));
	if (mask_at(m, "note")) {
		const char *note = json_str(given, "note");

		cell->note = note && *note ? arena_dup(s->c->f->a, note) : NULL;
	}
	if (cell->kind == CELL_NONE)
		cell->kind = CELL_BLANK;
}

static void
update_cells(struct step *s)
{
	const json *rows = json_at(s->args, "rows"), *start = json_at(s->args, "start");
	const struct mask *m = step_mask(s);
	struct range g = { 0 };

	if (!m || (!start && !step_range(s, json_at(s->args, "range"), &g)))
		return;
	if (start) {
		struct tab *t = step_tab(s, start);

		if (!t)
			return;
		g = (struct range){ t, json_num(start, "rowIndex", 0), json_num(start, "columnIndex", 0), t->rows, t->cols, false };
		if (g.r1 > g.r0 + (int64_t)json_len(rows))
			g.r1 = g.r0 + (int64_t)json_len(rows);
	}
	for (int64_t r = g.r0; r < g.r1; r++) {
		const json *cells = json_at(json_nth(rows, (size_t)(r - g.r0)), "values");

		for (int64_t k = g.c0; k < g.c1 && (!start || k - g.c0 < (int64_t)json_len(cells)); k++)
			set_cell(s, g.tab, r, k, json_nth(cells, (size_t)(k - g.c0)), m);
	}
}

static void
repeat_cell(struct step *s)
{
	const struct mask *m = step_mask(s);
	struct range g;

	if (!m || !step_range(s, json_at(s->args, "range"), &g))
		return;
	for (int64_t r = g.r0; r < g.r1; r++)
		for (int64_t k = g.c0; k < g.c1; k++)
			set_cell(s, g.tab, r, k, json_at(s->args, "cell"), m);
}

static void
paste(struct step *s, const struct range *from, struct tab *t, int64_t r0, int64_t c0, bool cut)
{
	struct fake *f = s->c->f;
	int64_t w = from->c1 - from->c0, n = (from->r1 - from->r0) * w;
	struct cell *cells = arena_array(f->a, (size_t)n + 1, sizeof *cells);

	for (int64_t i = 0; i < n; i++)
		cells[i] = cell_at(from->tab, from->r0 + i / w, from->c0 + i % w, f->a);
	if (cut)
		tab_clear(f, from->tab, from->r0, from->c0, from->r1, from->c1);
	for (int64_t i = 0; i < n; i++)
		*cell_make(f, t, r0 + i / w, c0 + i % w) = cells[i];
}

static void
copy_paste(struct step *s)
{
	struct range from, to;

	if (step_range(s, json_at(s->args, "source"), &from) && step_range(s, json_at(s->args, "destination"), &to))
		paste(s, &from, to.tab, to.r0, to.c0, false);
}

static void
cut_paste(struct step *s)
{
	const json *to = json_at(s->args, "destination");
	struct range from;
	struct tab *t;

	if (step_range(s, json_at(s->args, "source"), &from) && (t = step_tab(s, to)) != NULL)
		paste(s, &from, t, json_num(to, "rowIndex", 0), json_num(to, "columnIndex", 0), true);
}

/* Numbers, then texts, then bools, then errors; empty cells last, whichever way. */
static int
compare(const struct cell *x, const struct cell *y, bool down)
{
	int order;

	if (cell_empty(x) || cell_empty(y))
		return cell_empty(x) - cell_empty(y);
	order = x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : x->kind == CELL_TEXT ? strcasecmp(x->s, y->s) : (x->n > y->n) - (x->n < y->n);
	return down ? -order : order;
}

static void
sort_range(struct step *s)
{
	const json *specs = json_at(s->args, "sortSpecs");
	struct range g;

	if (!step_range(s, json_at(s->args, "range"), &g))
		return;
	/* The last column first, each time keeping equals in order: neighbours change places. */
	for (size_t i = json_len(specs); i-- > 0;) {
		const char *way = json_str(json_nth(specs, i), "sortOrder");
		int64_t col = json_num(json_nth(specs, i), "dimensionIndex", 0);

		for (int64_t end = g.r1 - 1; end > g.r0; end--)
			for (int64_t r = g.r0; r < end; r++) {
				struct cell *x = cell_make(s->c->f, g.tab, r, col), *y = cell_make(s->c->f, g.tab, r + 1, col);

				if (compare(x, y, way && strcmp(way, "DESCENDING") == 0) <= 0)
					continue;
				for (int64_t k = g.c0; k < g.c1; k++) {
					struct cell *p = cell_make(s->c->f, g.tab, r, k), *q = cell_make(s->c->f, g.tab, r + 1, k), t = *p;

					*p = *q;
					*q = t;
				}
			}
	}
}

const struct step_kind cell_steps[] = {
	{ "updateCells", update_cells }, { "repeatCell", repeat_cell }, { "copyPaste", copy_paste }, { "cutPaste", cut_paste }, { "sortRange", sort_range }, { NULL, NULL }
};
