/*
 * sheets_batch_tabs.c - requests of batchUpdate for tabs, rows and columns.
 */
#include "fake/google/sheets_batch.h"

/*
 * Tabs.
 */
static bool
tabs_title_fits(struct step *s, const struct tab *t, const char *title)
{
	const struct tab *o = title ? tab_by_title(s->book, str_c(title)) : NULL;

	if (!title || !*title || strlen(title) > 400) {
		step_wrong(s, "A sheet must have a name.");
		return false;
	}
	/* Its own title may change its case. */
	while (o && (o == t || !str_ieq(str_c(o->title), str_c(title))))
		o = o->next;
	if (o)
		step_wrong(s,
		    arena_printf(s->c->a,
			"A sheet with the name \"%s\" already exists."
			" Please enter another name.",
			title));
	return !o;
}

static bool
tabs_resize(struct step *s, struct tab *t, const json *grid)
{
	int64_t rows = json_num(grid, "rowCount", t->rows);
	int64_t cols = json_num(grid, "columnCount", t->cols);

	if (rows < 1 || cols < 1 || cols > 18278 || rows * cols > 10000000) {
		step_wrong(s,
		    "This action would increase the number of cells in the workbook "
		    "above the limit of 10000000 cells.");
		return false;
	}
	if (rows < t->rows)
		tab_delete(t, false, rows, t->rows - rows);
	if (cols < t->cols)
		tab_delete(t, true, cols, t->cols - cols);
	t->rows = rows;
	t->cols = cols;
	return true;
}

static bool
tabs_take_properties(struct step *s, struct tab *t, const json *given, const struct mask *m)
{
	static const char *const own[] = { "sheetId", "title", "index", "sheetType", "hidden" };
	struct arena *a = s->c->f->a;
	json *j = tab_properties(a, s->book, t), *grid;

	mask_copy(a, j, given, m);
	if (!tabs_title_fits(s, t, json_str(j, "title")))
		return false;
	grid = json_at(j, "gridProperties");
	if (t->type == TAB_GRID && !tabs_resize(s, t, grid))
		return false;
	t->title = arena_dup(a, json_str(j, "title"));
	t->hidden = json_flag(j, "hidden", false);
	if (json_has(given, "index") && mask_at(m, "index") && (m->sub || s->name[0] == 'a'))
		tab_move(s->book, t, json_num(given, "index", 0));
	if (grid) {
		json_unset(grid, "rowCount");
		json_unset(grid, "columnCount");
	}
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		json_unset(j, own[i]);
	t->props = without_defaults(a, j);
	if (json_len(json_at(t->props, "tabColorStyle")) == 0)
		json_unset(t->props, "tabColorStyle");
	return true;
}

/* "Sheet2": the first that is free. */
static const char *
tabs_free_title(struct step *s)
{
	const char *title;
	int64_t n = 1;

	do
		title = arena_printf(s->c->a, "Sheet%lld", (long long)n++);
	while (tab_by_title(s->book, str_c(title)));
	return title;
}

static void
tabs_add(struct step *s)
{
	json *props = json_at(s->args, "properties");
	const char *title = json_str(props, "title"), *type = json_str(props, "sheetType");
	struct tab *t;
	int64_t id;

	if (json_i64(props, "sheetId", &id) && tab_by_id(s->book, id)) {
		step_wrong(s,
		    arena_printf(
			s->c->a, "A sheet with the id %lld already exists.", (long long)id));
		return;
	}
	t = tab_add(s->c->f, s->book, title ? title : tabs_free_title(s), 1000, 26);
	t->id = json_num(props, "sheetId", t->id);
	t->type = type && strcmp(type, "OBJECT") == 0 ? TAB_OBJECT : TAB_GRID;
	if (props && !tabs_take_properties(s, t, props, &mask_all)) {
		tab_remove(s->book, t);
		return;
	}
	json_set(s->reply, "properties", tab_properties(s->c->a, s->book, t));
}

static void
tabs_delete(struct step *s)
{
	struct tab *t = step_tab(s, s->args);

	if (!t)
		return;
	if (!s->book->tabs->next) {
		step_wrong(s, "You can't remove all the sheets in a document.");
		return;
	}
	tab_remove(s->book, t);
}

static void
tabs_duplicate(struct step *s)
{
	struct tab *from = tab_by_id(s->book, json_num(s->args, "sourceSheetId", 0)), *t;
	const char *title = json_str(s->args, "newSheetName");

	if (!from || (title && tab_by_title(s->book, str_c(title)))) {
		step_wrong(s, from ? "A sheet with this name already exists." : "No such sheet.");
		return;
	}
	t = tab_add(s->c->f, s->book,
	    title ? title : arena_printf(s->c->a, "Copy of %s", from->title), from->rows,
	    from->cols);
	t->id = json_num(s->args, "newSheetId", t->id);
	tab_move(s->book, t, json_num(s->args, "insertSheetIndex", tab_index(s->book, from) + 1));
	tab_copy_cells(s->c->f, t, from);
	json_set(s->reply, "properties", tab_properties(s->c->a, s->book, t));
}

static void
tabs_update(struct step *s)
{
	json *props = json_at(s->args, "properties");
	const struct mask *m = step_mask(s);
	struct tab *t = m ? step_tab(s, props) : NULL;
	bool seen = false;

	if (!t)
		return;
	for (const struct tab *o = s->book->tabs; o; o = o->next)
		seen = seen || (o != t && !o->hidden);
	if (mask_at(m, "hidden") && json_flag(props, "hidden", false) && !seen)
		step_wrong(s, "You can't hide all the sheets in a document.");
	else
		tabs_take_properties(s, t, props, m);
}

static void
tabs_update_book(struct step *s)
{
	json *props = json_at(s->args, "properties");
	const struct {
		const char *name;
		const char **at;
	} rows[] = {
		{ "title", &s->book->file->name },
		{ "locale", &s->book->locale },
		{ "timeZone", &s->book->zone },
	};
	const struct mask *m = step_mask(s);

	for (size_t i = 0; m && i < sizeof rows / sizeof *rows; i++)
		if (mask_at(m, rows[i].name))
			*rows[i].at = kept(s->c, props, rows[i].name, *rows[i].at);
}

/*
 * Rows and columns.
 */
static int64_t
tabs_size(const struct span *d)
{
	return d->cols ? d->tab->cols : d->tab->rows;
}

static void
tabs_insert_lines(struct step *s)
{
	struct span d;

	if (!step_span(s, json_at(s->args, "range"), &d))
		return;
	if (d.at > tabs_size(&d))
		step_wrong(s, "range.startIndex is beyond the grid.");
	else
		tab_insert(s->c->f, d.tab, d.cols, d.at, d.n);
}

static void
tabs_delete_lines(struct step *s)
{
	struct span d;

	if (!step_span(s, json_at(s->args, "range"), &d))
		return;
	if (d.at + d.n > tabs_size(&d))
		step_wrong(s, "Cannot delete a row or column that doesn't exist.");
	else if (d.n == tabs_size(&d))
		step_wrong(s,
		    d.cols ? "You can't delete all the columns on the sheet."
			   : "You can't delete all the rows on the sheet.");
	else
		tab_delete(d.tab, d.cols, d.at, d.n);
}

static void
tabs_append_lines(struct step *s)
{
	struct tab *t = step_tab(s, s->args);
	const char *dim = json_str(s->args, "dimension");
	int64_t n = json_num(s->args, "length", 0);

	if (t && n > 0 && dim)
		*(strcmp(dim, "COLUMNS") == 0 ? &t->cols : &t->rows) += n;
}

/* One row or column of what is moved, cell by cell. */
static void
tabs_move_line(struct fake *f, const struct span *d, int64_t from, int64_t to)
{
	const int64_t n = d->cols ? (int64_t)d->tab->nrow : d->tab->cols;

	for (int64_t k = 0; k < n; k++) {
		struct cell cell = d->cols ? cell_at(d->tab, k, from, f->a)
					   : cell_at(d->tab, from, k, f->a);

		if (cell.kind == CELL_NONE)
			continue;
		if (d->cols)
			*cell_make(f, d->tab, k, to) = cell;
		else
			*cell_make(f, d->tab, to, k) = cell;
	}
}

/* "Move these before that one", counted before they are taken out. */
static void
tabs_move_lines(struct step *s)
{
	const int64_t to = json_num(s->args, "destinationIndex", 0);
	struct fake *f = s->c->f;
	struct span d;

	if (!step_span(s, json_at(s->args, "source"), &d) || (to >= d.at && to <= d.at + d.n))
		return;
	tab_insert(f, d.tab, d.cols, to, d.n);
	d.at += to < d.at ? d.n : 0;
	for (int64_t i = 0; i < d.n; i++)
		tabs_move_line(f, &d, d.at + i, to + i);
	tab_delete(d.tab, d.cols, d.at, d.n);
}

/* Nothing that anybody reads here, but allowed. */
static void
tabs_accept(struct step *s)
{
	(void)s;
}

const struct step_kind tab_steps[] = {
	{ "addSheet", tabs_add },
	{ "deleteSheet", tabs_delete },
	{ "duplicateSheet", tabs_duplicate },
	{ "updateSheetProperties", tabs_update },
	{ "updateSpreadsheetProperties", tabs_update_book },
	{ "insertDimension", tabs_insert_lines },
	{ "deleteDimension", tabs_delete_lines },
	{ "appendDimension", tabs_append_lines },
	{ "moveDimension", tabs_move_lines },
	{ "autoResizeDimensions", tabs_accept },
	{ "updateDimensionProperties", tabs_accept },
	{ "setDataValidation", tabs_accept },
	{ NULL, NULL },
};
