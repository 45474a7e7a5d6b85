/*
 * fake_batch.c - spreadsheets.batchUpdate: one row of a table per kind of request. Requests are carried out one after the other; what came before
 * one that is refused stays done, which the real service would undo.
 */
#include "fake/batch.h"

#include <string.h>

#include "fake/sheets.h"

void
step_wrong(struct step *s, const char *why)
{
	refuse_argument(s->c, "Invalid requests[%zu].%s: %s", s->index, s->name, why);
}

struct tab *
step_tab(struct step *s, const json *holder)
{
	int64_t id = json_num(holder, "sheetId", 0);
	struct tab *t = tab_by_id(s->file, id);

	if (!t)
		step_wrong(s, arena_printf(s->c->a, "No grid with id: %lld", (long long)id));
	return t;
}

bool
step_range(struct step *s, const json *j, struct range *g)
{
	struct tab *t = step_tab(s, j);

	if (!t)
		return false;
	*g = (struct range){ t, json_num(j, "startRowIndex", 0), json_num(j, "startColumnIndex", 0), json_num(j, "endRowIndex", t->rows), json_num(j, "endColumnIndex", t->cols), false };
	if (g->r0 >= 0 && g->c0 >= 0 && g->r0 <= g->r1 && g->c0 <= g->c1 && g->r1 <= t->rows && g->c1 <= t->cols)
		return true;
	step_wrong(s, "Range is outside of the grid.");
	return false;
}

/* A dimension range, half open. */
struct tab *
step_span(struct step *s, const json *j, bool *cols, int64_t *at, int64_t *n)
{
	struct tab *t = step_tab(s, j);
	const char *dim = json_str(j, "dimension");
	int64_t end;

	if (!t)
		return NULL;
	*cols = dim && strcmp(dim, "COLUMNS") == 0;
	*at = json_num(j, "startIndex", 0);
	end = json_num(j, "endIndex", *cols ? t->cols : t->rows);
	*n = end - *at;
	if (dim && (*cols || strcmp(dim, "ROWS") == 0) && *at >= 0 && *n > 0)
		return t;
	step_wrong(s, "Invalid dimension range.");
	return NULL;
}

const struct mask *
step_mask(struct step *s)
{
	const char *fields = json_str(s->args, "fields");
	const struct mask *m = fields && *fields ? mask_parse(s->c->a, fields) : NULL;

	if (!m)
		step_wrong(s, "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)");
	return m;
}

/*
 * Tabs.
 */

json *
without_defaults(struct arena *a, const json *j)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		if (json_is_null(it.value) || (json_is_bool(it.value) && !json_value_bool(it.value)) || (json_is_num(it.value) && json_double(it.value) == 0))
			continue;
		json_set(out, it.key, json_is_obj(it.value) ? without_defaults(a, it.value) : it.value);
	}
	return out;
}

static bool
take_properties(struct step *s, struct tab *t, const json *given, const struct mask *m)
{
	static const char *const own[] = { "sheetId", "title", "index", "sheetType", "hidden" };
	struct arena *a = s->c->f->a;
	json *j = tab_properties(a, s->file, t), *grid;
	const char *title;

	mask_copy(a, j, given, m);
	title = json_str(j, "title");
	if (!title || !*title || strlen(title) > 400) {
		step_wrong(s, "A sheet must have a name.");
		return false;
	}
	for (const struct tab *o = s->file->tabs; o; o = o->next)
		if (o != t && str_ieq(str_c(o->title), str_c(title))) {
			step_wrong(s, arena_printf(s->c->a, "A sheet with the name \"%s\" already exists. Please enter another name.", title));
			return false;
		}
	grid = json_at(j, "gridProperties");
	if (t->type == TAB_GRID) {
		int64_t rows = json_num(grid, "rowCount", t->rows), cols = json_num(grid, "columnCount", t->cols);

		if (rows < 1 || cols < 1 || cols > 18278 || rows * cols > 10000000) {
			step_wrong(s, "This action would increase the number of cells in the workbook above the limit of 10000000 cells.");
			return false;
		}
		if (rows < t->rows)
			tab_delete(t, false, rows, t->rows - rows);
		if (cols < t->cols)
			tab_delete(t, true, cols, t->cols - cols);
		t->rows = rows;
		t->cols = cols;
	}
	t->title = arena_dup(a, title);
	t->hidden = json_flag(j, "hidden", false);
	if (json_has(given, "index") && mask_at(m, "index") && (m->sub || s->name[0] == 'a'))
		tab_move(s->file, t, json_num(given, "index", 0));
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

static void
add_sheet(struct step *s)
{
	json *props = json_at(s->args, "properties");
	const char *title = json_str(props, "title"), *type = json_str(props, "sheetType");
	struct tab *t;
	int64_t id, n = 1;

	if (json_i64(props, "sheetId", &id) && tab_by_id(s->file, id)) {
		step_wrong(s, arena_printf(s->c->a, "A sheet with the id %lld already exists.", (long long)id));
		return;
	}
	while (!title && tab_by_title(s->file, str_c(arena_printf(s->c->a, "Sheet%lld", (long long)n))))
		n++;
	t = tab_add(s->c->f, s->file, title ? title : arena_printf(s->c->a, "Sheet%lld", (long long)n), 1000, 26);
	t->id = json_num(props, "sheetId", t->id);
	t->type = type && strcmp(type, "OBJECT") == 0 ? TAB_OBJECT : TAB_GRID;
	if (props && !take_properties(s, t, props, &mask_all)) {
		tab_remove(s->file, t);
		return;
	}
	json_set(s->reply, "properties", tab_properties(s->c->a, s->file, t));
}

static void
delete_sheet(struct step *s)
{
	struct tab *t = step_tab(s, s->args);

	if (!t)
		return;
	if (!s->file->tabs->next) {
		step_wrong(s, "You can't remove all the sheets in a document.");
		return;
	}
	tab_remove(s->file, t);
}

static void
duplicate_sheet(struct step *s)
{
	struct tab *from = tab_by_id(s->file, json_num(s->args, "sourceSheetId", 0)), *t;
	const char *title = json_str(s->args, "newSheetName");

	if (!from || (title && tab_by_title(s->file, str_c(title)))) {
		step_wrong(s, from ? "A sheet with this name already exists." : "No such sheet.");
		return;
	}
	t = tab_add(s->c->f, s->file, title ? title : arena_printf(s->c->a, "Copy of %s", from->title), from->rows, from->cols);
	t->id = json_num(s->args, "newSheetId", t->id);
	tab_move(s->file, t, json_num(s->args, "insertSheetIndex", tab_index(s->file, from) + 1));
	for (size_t r = 0; r < from->nrow; r++)
		for (uint32_t k = 0; k < from->row[r].n; k++)
			*cell_make(s->c->f, t, (int64_t)r, k) = from->row[r].c[k];
	json_set(s->reply, "properties", tab_properties(s->c->a, s->file, t));
}

static void
update_sheet(struct step *s)
{
	json *props = json_at(s->args, "properties");
	const struct mask *m = step_mask(s);
	struct tab *t = m ? step_tab(s, props) : NULL;
	bool seen = false;

	if (!t)
		return;
	for (const struct tab *o = s->file->tabs; o; o = o->next)
		seen = seen || (o != t && !o->hidden);
	if (mask_at(m, "hidden") && json_flag(props, "hidden", false) && !seen)
		step_wrong(s, "You can't hide all the sheets in a document.");
	else
		take_properties(s, t, props, m);
}

static void
update_spreadsheet(struct step *s)
{
	json *props = json_at(s->args, "properties");
	struct { const char *name; const char **at; } rows[] = { { "title", &s->file->name }, { "locale", &s->file->locale }, { "timeZone", &s->file->zone } };
	const struct mask *m = step_mask(s);

	for (size_t i = 0; m && i < sizeof rows / sizeof *rows; i++)
		if (mask_at(m, rows[i].name) && json_str(props, rows[i].name))
			*rows[i].at = arena_dup(s->c->f->a, json_str(props, rows[i].name));
}

/*
 * Rows and columns.
 */
static void
insert_dimension(struct step *s)
{
	bool cols;
	int64_t at, n;
	struct tab *t = step_span(s, json_at(s->args, "range"), &cols, &at, &n);

	if (t && at > (cols ? t->cols : t->rows))
		step_wrong(s, "range.startIndex is beyond the grid.");
	else if (t)
		tab_insert(s->c->f, t, cols, at, n);
}

static void
delete_dimension(struct step *s)
{
	bool cols;
	int64_t at, n;
	struct tab *t = step_span(s, json_at(s->args, "range"), &cols, &at, &n);

	if (!t)
		return;
	if (at + n > (cols ? t->cols : t->rows))
		step_wrong(s, "Cannot delete a row or column that doesn't exist.");
	else if (n == (cols ? t->cols : t->rows))
		step_wrong(s, cols ? "You can't delete all the columns on the sheet." : "You can't delete all the rows on the sheet.");
	else
		tab_delete(t, cols, at, n);
}

static void
append_dimension(struct step *s)
{
	struct tab *t = step_tab(s, s->args);
	const char *dim = json_str(s->args, "dimension");
	int64_t n = json_num(s->args, "length", 0);

	if (t && n > 0 && dim)
		*(strcmp(dim, "COLUMNS") == 0 ? &t->cols : &t->rows) += n;
}

/* "Move these before that one", counted before they are taken out. */
static void
move_dimension(struct step *s)
{
	bool cols;
	int64_t at, n, to = json_num(s->args, "destinationIndex", 0);
	struct tab *t = step_span(s, json_at(s->args, "source"), &cols, &at, &n);
	struct fake *f = s->c->f;

	if (!t || (to >= at && to <= at + n))
		return;
	tab_insert(f, t, cols, to, n);
	at += to < at ? n : 0;
	for (int64_t i = 0; i < n; i++)
		for (int64_t k = 0; k < (cols ? (int64_t)t->nrow : t->cols); k++) {
			struct cell cell = cols ? cell_at(t, k, at + i, f->a) : cell_at(t, at + i, k, f->a);

			if (cell.kind != CELL_NONE)
				*(cols ? cell_make(f, t, k, to + i) : cell_make(f, t, to + i, k)) = cell;
		}
	tab_delete(t, cols, at, n);
}

/* Nothing that anybody reads here, but allowed. */
static void
accept(struct step *s)
{
	(void)s;
}

static const struct step_kind tab_steps[] = {
	{ "addSheet", add_sheet }, { "deleteSheet", delete_sheet }, { "duplicateSheet", duplicate_sheet }, { "updateSheetProperties", update_sheet },
	{ "updateSpreadsheetProperties", update_spreadsheet }, { "insertDimension", insert_dimension }, { "deleteDimension", delete_dimension },
	{ "appendDimension", append_dimension }, { "moveDimension", move_dimension }, { "autoResizeDimensions", accept }, { "updateDimensionProperties", accept },
	{ "setDataValidation", accept }, { NULL, NULL }
};

static void
run_one(struct step *s)
{
	static const struct step_kind *const tables[] = { tab_steps, cell_steps, mark_steps, NULL };

	for (size_t i = 0; tables[i]; i++)
		for (const struct step_kind *k = tables[i]; k->name; k++)
			if (strcmp(k->name, s->name) == 0) {
				k->run(s);
				return;
			}
	refuse_argument(s->c, "Invalid JSON payload received. Unknown name \"%s\" at 'requests[%zu]': Cannot find field.", s->name, s->index);
}

void
batch_update(struct call *c, struct file *file, const json *requests, json *replies)
{
	for (size_t i = 0; i < json_len(requests) && !c->refused; i++) {
		struct json_iter it = { 0 };
		struct step s = { .c = c, .file = file, .index = i, .reply = json_new(c->a) };
		json *reply = json_new(c->a);

		if (json_len(json_nth(requests, i)) != 1 || !json_each(json_nth(requests, i), &it)) {
			refuse_argument(c, "Invalid requests[%zu]: No request set.", i);
			return;
		}
		s.name = it.key;
		s.args = it.value;
		run_one(&s);
		if (json_len(s.reply) || strstr(s.name, "DimensionGroup"))
			json_set(reply, s.name, s.reply);
		json_add(replies, reply);
	}
}

void
do_batch_update(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	json *j = json_new(c->a), *replies = json_list(c->a);

	if (!file)
		return;
	if (json_len(json_at(c->body, "requests")) == 0) {
		refuse_argument(c, "Must specify at least one request.");
		return;
	}
	batch_update(c, file, json_at(c->body, "requests"), replies);
	if (c->refused)
		return;
	file_touch(c->f, file, "update", "content");
	json_set_str(j, "spreadsheetId", file->id);
	json_set(j, "replies", replies);
	reply_json(c, 200, j);
}
