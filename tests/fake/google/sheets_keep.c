/*
 * sheets_keep.c - spreadsheets over a restart: tabs with what was entered, and its formats. Of a
 * tab that a rule fills, the rule and what was written over it.
 */
#include "fake/core/keep.h"
#include "fake/google/sheets.h"

/*
 * Saving. A cell says what it has; a row says where it stands.
 */
static json *
keep_cell(struct arena *a, const struct cell *c)
{
	json *j = json_new(a);

	json_set_i64(j, "kind", c->kind);
	if (c->kind == CELL_NUMBER || c->kind == CELL_BOOL)
		json_set_f(j, "n", c->n);
	if (c->s)
		json_set_str(j, "s", c->s);
	if (c->formula)
		json_set_str(j, "formula", c->formula);
	if (c->fmt) {
		json_set_str(j, "type", c->fmt->type);
		json_set_str(j, "pattern", c->fmt->pattern);
	}
	if (c->note)
		json_set_str(j, "note", c->note);
	if (c->style)
		json_set(j, "style", (json *)c->style);
	return j;
}

static json *
keep_cells(struct arena *a, const struct tab *t)
{
	json *rows = json_list(a);

	for (size_t r = 0; r < t->nrow; r++) {
		json *j = json_new(a), *cells = json_list(a);

		if (t->row[r].n == 0)
			continue;
		for (uint32_t c = 0; c < t->row[r].n; c++)
			json_add(cells, keep_cell(a, &t->row[r].c[c]));
		json_set_i64(j, "row", (int64_t)r);
		json_set(j, "cells", cells);
		json_add(rows, j);
	}
	return rows;
}

/* Rows of the rule that follow each other here as they do there: [row, row of the rule, count]. */
static json *
keep_rule_rows(struct arena *a, const struct tab *t)
{
	json *runs = json_list(a);

	for (size_t r = 0, n; r < t->nrow; r += n) {
		n = 1;
		if (t->row[r].gen == 0)
			continue;
		while (r + n < t->nrow && t->row[r + n].gen == t->row[r].gen + n)
			n++;
		json_add(
		    runs, json_stored(a, arena_printf(a, "[%zu, %u, %zu]", r, t->row[r].gen, n)));
	}
	return runs;
}

static json *
keep_rule_columns(struct arena *a, const struct tab *t)
{
	json *columns = json_list(a);

	for (size_t c = 0; c < t->ngen_col; c++)
		json_add(columns, json_stored(a, arena_printf(a, "%d", t->gen_col[c])));
	return columns;
}

static json *
keep_tab(struct arena *a, const struct tab *t)
{
	json *j = json_new(a);

	json_set_i64(j, "id", t->id);
	json_set_str(j, "title", t->title);
	json_set_i64(j, "type", t->type);
	json_set_bool(j, "hidden", t->hidden);
	json_set_i64(j, "rows", t->rows);
	json_set_i64(j, "cols", t->cols);
	json_set(j, "props", t->props);
	json_set(j, "extra", t->extra);
	json_set(j, "filled", keep_cells(a, t));
	if (t->gen_col) {
		json_set(j, "rule_rows", keep_rule_rows(a, t));
		json_set(j, "rule_columns", keep_rule_columns(a, t));
	}
	return j;
}

static json *
keep_named(struct arena *a, const struct named *n)
{
	json *j = json_new(a);

	json_set_str(j, "id", n->id);
	json_set_str(j, "name", n->name);
	json_set_i64(j, "tab", n->tab);
	json_set_i64(j, "r0", n->r0);
	json_set_i64(j, "c0", n->c0);
	json_set_i64(j, "r1", n->r1);
	json_set_i64(j, "c1", n->c1);
	return j;
}

json *
book_save(struct arena *a, const struct file *file)
{
	const struct book *book = book_of(file);
	json *j = json_new(a), *tabs = json_list(a), *named = json_list(a);

	for (const struct tab *t = book->tabs; t; t = t->next)
		json_add(tabs, keep_tab(a, t));
	for (const struct named *n = book->named; n; n = n->next)
		json_add(named, keep_named(a, n));
	json_set_str(j, "locale", book->locale);
	json_set_str(j, "zone", book->zone);
	json_set(j, "tabs", tabs);
	json_set(j, "named", named);
	return j;
}

/*
 * Loading.
 */
static void
keep_load_cell(struct fake *f, struct cell *c, const json *j)
{
	const int64_t kind = json_num(j, "kind", CELL_NONE);

	*c = (struct cell){
		.kind = kind < CELL_NONE || kind > CELL_ERROR ? CELL_NONE : (enum cell_kind)kind,
		.n = json_has(j, "n") ? json_double(json_at(j, "n")) : 0,
		.s = loaded_text(f, j, "s", NULL),
		.formula = loaded_text(f, j, "formula", NULL),
		.note = loaded_text(f, j, "note", NULL),
		.style = loaded_json(f, j, "style"),
	};
	if (json_str(j, "type"))
		c->fmt = format_make(f, json_str(j, "type"), json_str(j, "pattern"));
	if ((c->kind == CELL_TEXT || c->kind == CELL_ERROR) && !c->s)
		c->kind = CELL_BLANK;
}

static void
keep_load_row(struct fake *f, struct tab *t, const json *j)
{
	const json *cells = json_at(j, "cells");
	const int64_t r = json_num(j, "row", -1);

	for (size_t c = 0; c < json_len(cells) && r >= 0 && r < t->rows; c++)
		keep_load_cell(f, cell_make(f, t, r, (int64_t)c), json_nth(cells, c));
}

/* After the cells: a cell that stands before one of the rule is no copy of that. */
static void
keep_load_rule(struct fake *f, struct tab *t, const json *j)
{
	const json *runs = json_at(j, "rule_rows"), *columns = json_at(j, "rule_columns");

	if (!json_is_list(columns))
		return;
	t->ngen_col = json_len(columns);
	t->gen_col = arena_array(f->a, t->ngen_col + 1, sizeof *t->gen_col);
	for (size_t c = 0; c < t->ngen_col; c++)
		t->gen_col[c] = (int)json_value_i64(json_nth(columns, c));
	for (size_t i = 0; i < json_len(runs); i++) {
		const json *run = json_nth(runs, i);
		const int64_t row = json_value_i64(json_nth(run, 0));
		const int64_t gen = json_value_i64(json_nth(run, 1));
		const int64_t n = json_value_i64(json_nth(run, 2));

		if (row >= 0 && gen > 0 && n > 0 && row + n <= t->rows)
			tab_rule(f, t, (size_t)row, (uint32_t)gen, (size_t)n);
	}
}

static void
keep_load_tab(struct fake *f, struct book *book, const json *j)
{
	const char *title = json_str(j, "title");
	const json *rows = json_at(j, "filled");
	const int64_t nrow = json_num(j, "rows", 0), ncol = json_num(j, "cols", 0);
	struct tab *t;

	if (!title)
		return;
	t = tab_add(f, book, title, nrow, ncol);
	t->id = json_num(j, "id", t->id);
	t->type = json_num(j, "type", TAB_GRID) == TAB_OBJECT ? TAB_OBJECT : TAB_GRID;
	t->hidden = json_flag(j, "hidden", false);
	t->props = json_is_obj(json_at(j, "props")) ? loaded_json(f, j, "props") : t->props;
	t->extra = json_is_obj(json_at(j, "extra")) ? loaded_json(f, j, "extra") : t->extra;
	for (size_t i = 0; i < json_len(rows); i++)
		keep_load_row(f, t, json_nth(rows, i));
	keep_load_rule(f, t, j);
	/* Cells beyond its edge make a grid grow; this one had them taken off. */
	t->rows = nrow;
	t->cols = ncol;
}

static struct named *
keep_load_named(struct fake *f, const json *j)
{
	struct named *n = arena_alloc(f->a, sizeof *n);

	*n = (struct named){
		.id = loaded_text(f, j, "id", ""),
		.name = loaded_text(f, j, "name", ""),
		.tab = json_num(j, "tab", 0),
		.r0 = json_num(j, "r0", -1),
		.c0 = json_num(j, "c0", -1),
		.r1 = json_num(j, "r1", -1),
		.c1 = json_num(j, "c1", -1),
	};
	return n;
}

void
book_load(struct fake *f, struct file *file, const json *j)
{
	struct book *book = book_of(file);
	const json *tabs = json_at(j, "tabs"), *named = json_at(j, "named");
	struct named **end = &book->named;

	book->locale = loaded_text(f, j, "locale", book->locale);
	book->zone = loaded_text(f, j, "zone", book->zone);
	for (size_t i = 0; i < json_len(tabs); i++)
		keep_load_tab(f, book, json_nth(tabs, i));
	for (size_t i = 0; i < json_len(named); i++) {
		*end = keep_load_named(f, json_nth(named, i));
		end = &(*end)->next;
	}
}
