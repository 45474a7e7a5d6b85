/*
 * fake_values.c - values of cells: read as shown, as they are, or as formulas; written raw or as if typed; cleared; appended.
 */
#include "fake/world.h"

#include <string.h>

#include "fake/sheets.h"

enum render { RENDER_SHOWN, RENDER_PLAIN, RENDER_FORMULA };

struct view_as {
	enum render render;
	bool dates_shown, columns;
};

static struct view_as
view_from(const char *render, const char *dates, const char *major)
{
	return (struct view_as){ .render = !render || strcmp(render, "FORMATTED_VALUE") == 0 ? RENDER_SHOWN : strcmp(render, "FORMULA") == 0 ? RENDER_FORMULA : RENDER_PLAIN,
		.dates_shown = dates && strcmp(dates, "FORMATTED_STRING") == 0, .columns = major && strcmp(major, "COLUMNS") == 0 };
}

static struct view_as
view_of_query(const struct call *c)
{
	return view_from(query_of(c, "valueRenderOption"), query_of(c, "dateTimeRenderOption"), query_of(c, "majorDimension"));
}

/*
 * Reading.
 */
static void
put_cell(struct buf *b, struct arena *a, const struct cell *cell, const struct view_as *v, const char *locale)
{
	if (cell_empty(cell))
		buf_str(b, "\"\"");
	else if (v->render == RENDER_FORMULA && cell->formula)
		json_quote(b, str_c(cell->formula));
	else if (v->render == RENDER_SHOWN || cell->kind == CELL_TEXT || cell->kind == CELL_ERROR || (v->dates_shown && format_is_date(cell->fmt)))
		json_quote(b, str_c(cell_text(a, cell, locale)));
	else
		buf_str(b, cell->kind == CELL_BOOL ? cell->n != 0 ? "true" : "false" : number_text(a, cell->n));
}

/* Rows (or columns) of the range: empty cells at the end of one, and empty ones at the end of all, are left out. */
static bool
put_lines(struct call *c, const struct file *file, const struct range *g, const struct view_as *v)
{
	struct buf *b = c->rep->body;
	struct arena *scratch = arena_new("values", (size_t)64 << 20, 0);
	const int64_t lines = v->columns ? g->c1 - g->c0 : g->r1 - g->r0;
	int64_t used_rows = tab_used_rows(g->tab, g->c0, g->c1), along, waiting = 0, put = 0;

	used_rows = used_rows > g->r1 ? g->r1 : used_rows;
	along = v->columns ? used_rows - g->r0 : g->c1 - g->c0;
	for (int64_t i = 0; i < lines && (v->columns || g->r0 + i < used_rows); i++) {
		int64_t n = along;
		struct cell cell;

		while (n > 0 && (cell = v->columns ? cell_at(g->tab, g->r0 + n - 1, g->c0 + i, scratch) : cell_at(g->tab, g->r0 + i, g->c0 + n - 1, scratch), cell_empty(&cell)))
			n--;
		if (n <= 0) {
			waiting++;
			continue;
		}
		buf_str(b, put++ == 0 ? "[" : ",");
		for (; waiting > 0; waiting--)
			buf_str(b, "[],");
		buf_ch(b, '[');
		for (int64_t k = 0; k < n; k++) {
			cell = v->columns ? cell_at(g->tab, g->r0 + k, g->c0 + i, scratch) : cell_at(g->tab, g->r0 + i, g->c0 + k, scratch);
			if (k > 0)
				buf_ch(b, ',');
			put_cell(b, scratch, &cell, v, file->locale);
		}
		buf_ch(b, ']');
		if (arena_used(scratch) > (1 << 20))
			arena_reset(scratch);
	}
	if (put > 0)
		buf_ch(b, ']');
	arena_free(scratch);
	return put > 0;
}

static void
put_range(struct call *c, const struct file *file, const struct range *g, const struct view_as *v, const struct mask *m)
{
	struct buf *b = c->rep->body;
	const char *comma = "";
	size_t before;

	buf_ch(b, '{');
	if (mask_at(m, "range")) {
		buf_str(b, "\"range\":");
		json_quote(b, str_c(range_text(c->a, g)));
		comma = ",";
	}
	if (mask_at(m, "majorDimension")) {
		buf_printf(b, "%s\"majorDimension\":\"%s\"", comma, v->columns ? "COLUMNS" : "ROWS");
		comma = ",";
	}
	before = b->n;
	if (mask_at(m, "values")) {
		buf_printf(b, "%s\"values\":", comma);
		if (!put_lines(c, file, g, v))
			buf_cut(b, before);
	}
	buf_ch(b, '}');
}

static void
sent_as_json(struct call *c)
{
	if (!c->refused)
		c->rep->type = "application/json; charset=UTF-8";
}

void
do_values_get(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	struct view_as v = view_of_query(c);
	struct range g;

	if (!file || !range_parse(c, file, c->part[1], &g))
		return;
	put_range(c, file, &g, &v, c->fields);
	sent_as_json(c);
}

static void
begin_ranges(struct call *c, const struct file *file)
{
	struct buf *b = c->rep->body;

	buf_ch(b, '{');
	if (mask_at(c->fields, "spreadsheetId")) {
		buf_str(b, "\"spreadsheetId\":");
		json_quote(b, str_c(file->id));
	}
}

void
do_values_batch_get(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	const struct mask *m = mask_at(c->fields, "valueRanges");
	struct view_as v = view_of_query(c);
	struct range *g = arena_array(c->a, REQ_PARAMS, sizeof *g);
	size_t n = 0;

	if (!file)
		return;
	for (size_t i = 0; i < c->query.n; i++)
		if (strcmp(c->query.v[i].name, "ranges") == 0 && !range_parse(c, file, c->query.v[i].value, &g[n++]))
			return;
	begin_ranges(c, file);
	for (size_t i = 0; m && i < n; i++) {
		buf_str(c->rep->body, i > 0 ? "," : c->rep->body->n > 1 ? ",\"valueRanges\":[" : "\"valueRanges\":[");
		put_range(c, file, &g[i], &v, m);
	}
	buf_str(c->rep->body, m && n > 0 ? "]}" : "}");
	sent_as_json(c);
}

/* One filter: a range by name, or by the number of its tab. */
static bool
filter_range(struct call *c, const struct file *file, const json *filter, struct range *g)
{
	const char *a1 = json_str(filter, "a1Range");
	const json *grid = json_at(filter, "gridRange");

	if (a1)
		return range_parse(c, file, a1, g);
	if (!grid) {
		refuse_argument(c, "Only a1Range and gridRange are understood here.");
		return false;
	}
	g->tab = tab_by_id(file, json_num(grid, "sheetId", 0));
	if (!g->tab || g->tab->type != TAB_GRID) {
		refuse_argument(c, "No grid with id: %lld", (long long)json_num(grid, "sheetId", 0));
		return false;
	}
	*g = (struct range){ g->tab, json_num(grid, "startRowIndex", 0), json_num(grid, "startColumnIndex", 0), json_num(grid, "endRowIndex", g->tab->rows),
		json_num(grid, "endColumnIndex", g->tab->cols), false };
	g->r1 = g->r1 > g->tab->rows ? g->tab->rows : g->r1;
	g->c1 = g->c1 > g->tab->cols ? g->tab->cols : g->c1;
	if (g->r0 < 0 || g->c0 < 0 || g->r0 >= g->r1 || g->c0 >= g->c1) {
		refuse_argument(c, "Invalid dataFilters: the grid range is empty or beyond the grid.");
		return false;
	}
	return true;
}

void
do_values_filter(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	struct view_as v = view_from(json_str(c->body, "valueRenderOption"), json_str(c->body, "dateTimeRenderOption"), json_str(c->body, "majorDimension"));
	const json *filters = json_at(c->body, "dataFilters");
	struct buf *b = c->rep->body;

	if (!file)
		return;
	begin_ranges(c, file);
	for (size_t i = 0; i < json_len(filters); i++) {
		struct range g = { 0 };

		if (!filter_range(c, file, json_nth(filters, i), &g))
			return;
		buf_str(b, i > 0 ? ",{\"valueRange\":" : ",\"valueRanges\":[{\"valueRange\":");
		put_range(c, file, &g, &v, &mask_all);
		buf_printf(b, ",\"dataFilters\":[%s]}", json_text(c->a, json_nth(filters, i)));
	}
	buf_str(b, json_len(filters) ? "]}" : "}");
	sent_as_json(c);
}

/*
 * Writing.
 */
static bool
write_at(struct call *c, struct file *file, const struct range *start, const json *values, bool typed, bool columns, bool grow, struct range *out, int64_t *cells)
{
	struct tab *t = start->tab;
	int64_t lines = (int64_t)json_len(values), longest = 0;
	bool bounded = !start->whole && (start->r1 - start->r0 > 1 || start->c1 - start->c0 > 1);

	*cells = 0;
	for (int64_t i = 0; i < lines; i++) {
		const json *line = json_nth(values, (size_t)i);

		if (!json_is_list(line)) {
			refuse_argument(c, "Invalid value at 'data.values[%lld]' (type.googleapis.com/google.protobuf.ListValue), %s", (long long)i, json_text(c->a, line));
			return false;
		}
		for (size_t k = 0; k < json_len(line); k++)
			if (json_is_obj(json_nth(line, k)) || json_is_list(json_nth(line, k))) {
				refuse_argument(c, "Invalid values[%lld][%zu]: %s_value", (long long)i, k, json_is_obj(json_nth(line, k)) ? "struct" : "list");
				return false;
			}
		longest = (int64_t)json_len(line) > longest ? (int64_t)json_len(line) : longest;
	}
	*out = (struct range){ t, start->r0, start->c0, start->r0 + (columns ? longest : lines), start->c0 + (columns ? lines : longest), false };
	if (bounded && (out->r1 > start->r1 || out->c1 > start->c1)) {
		refuse_argument(c, "Requested writing within range [%s], but tried writing to %s", range_text(c->a, start),
			out->r1 > start->r1 ? arena_printf(c->a, "row [%lld]", (long long)start->r1 + 1) : arena_printf(c->a, "column [%s]", column_name(c->a, start->c1)));
		return false;
	}
	if (!grow && (out->r1 > t->rows || out->c1 > t->cols)) {
		refuse_argument(c, "Range (%s) exceeds grid limits. Max rows: %lld, max columns: %lld", range_text(c->a, out), (long long)t->rows, (long long)t->cols);
		return false;
	}
	for (int64_t i = 0; i < lines; i++)
		for (size_t k = 0; k < json_len(json_nth(values, (size_t)i)); k++) {
			const json *v = json_nth(json_nth(values, (size_t)i), k);

			if (json_is_null(v))
				continue;
			cell_set_json(c->f, cell_make(c->f, t, out->r0 + (columns ? (int64_t)k : i), out->c0 + (columns ? i : (int64_t)k)), v, typed, file->locale);
			++*cells;
		}
	return true;
}

bool
values_write(struct call *c, struct file *file, const char *range, const json *values, bool typed, bool columns, struct range *out, int64_t *cells)
{
	struct range start;

	return range_parse(c, file, range, &start) && write_at(c, file, &start, values, typed, columns, false, out, cells);
}

/* What a write says about itself. */
static json *
written(struct call *c, const struct file *file, const struct range *g, int64_t cells)
{
	json *j = json_new(c->a);

	json_set_str(j, "spreadsheetId", file->id);
	json_set_str(j, "updatedRange", range_text(c->a, g));
	if (cells > 0) {
		json_set_i64(j, "updatedRows", g->r1 - g->r0);
		json_set_i64(j, "updatedColumns", g->c1 - g->c0);
		json_set_i64(j, "updatedCells", cells);
	}
	return j;
}

/* RAW or USER_ENTERED must be said. */
static bool
input_option(struct call *c, const char *v, bool *typed)
{
	*typed = v && strcmp(v, "USER_ENTERED") == 0;
	if (v && (*typed || strcmp(v, "RAW") == 0))
		return true;
	refuse_argument(c, "'valueInputOption' is required but not specified");
	return false;
}

static bool
by_columns(const json *value_range)
{
	const char *major = json_str(value_range, "majorDimension");

	return major && strcmp(major, "COLUMNS") == 0;
}

static bool
same_range(struct call *c, const char *path, const char *body)
{
	if (!body || strcmp(path, body) == 0)
		return true;
	refuse_argument(c, "Requested writing within range [%s], but the body names [%s]", path, body);
	return false;
}

static void
add_values(struct call *c, json *j, const struct file *file, const struct range *g)
{
	struct view_as v = view_from(query_of(c, "responseValueRenderOption"), query_of(c, "responseDateTimeRenderOption"), NULL);

	if (!query_flag(c, "includeValuesInResponse"))
		return;
	put_range(c, file, g, &v, &mask_all);
	json_set(j, "updatedData", json_stored(c->a, buf_c(c->rep->body)));
	buf_clear(c->rep->body);
}

void
do_values_update(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	struct range g;
	int64_t cells;
	bool typed;
	json *j;

	if (!file || !input_option(c, query_of(c, "valueInputOption"), &typed) || !same_range(c, c->part[1], json_str(c->body, "range")))
		return;
	if (!values_write(c, file, c->part[1], json_at(c->body, "values"), typed, by_columns(c->body), &g, &cells))
		return;
	file_touch(c->f, file, "update", "content");
	j = written(c, file, &g, cells);
	add_values(c, j, file, &g);
	reply_json(c, 200, j);
}

/* The table that begins at, or around, the start: grown until nothing adjoins. False when there is none. */
static bool
find_table(struct call *c, const struct range *in, struct range *table)
{
	struct tab *t = in->tab;
	int64_t rows = tab_used_rows(t, 0, t->cols);
	bool grown = true, found = false;

	for (int64_t r = in->r0; r < in->r1 && r < rows && !found; r++)
		for (int64_t k = in->c0; k < in->c1 && !found; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			if (cell_empty(&cell))
				continue;
			*table = (struct range){ t, r, k, r + 1, k + 1, false };
			found = true;
		}
	while (found && grown) {
		grown = false;
		for (int64_t r = table->r0 - 1; r <= table->r1; r++)
			for (int64_t k = table->c0 - 1; k <= table->c1; k++) {
				struct cell cell;

				/* Only what lies around it is looked at. */
				if (r >= table->r0 && r < table->r1 && k >= table->c0 && k < table->c1)
					k = table->c1;
				cell = cell_at(t, r, k, c->a);
				if (cell_empty(&cell))
					continue;
				table->r0 = r < table->r0 ? r : table->r0;
				table->c0 = k < table->c0 ? k : table->c0;
				table->r1 = r >= table->r1 ? r + 1 : table->r1;
				table->c1 = k >= table->c1 ? k + 1 : table->c1;
				grown = true;
			}
	}
	return found;
}

void
do_values_append(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	const char *insert = query_of(c, "insertDataOption");
	struct range in, table, g, start;
	int64_t cells;
	bool typed, found;
	json *j;

	if (!file || !input_option(c, query_of(c, "valueInputOption"), &typed) || !range_parse(c, file, c->part[1], &in))
		return;
	found = find_table(c, &in, &table);
	start = (struct range){ in.tab, found ? table.r1 : in.r0, found ? table.c0 : in.c0, 0, 0, true };
	if (insert && strcmp(insert, "INSERT_ROWS") == 0 && start.r0 < in.tab->rows)
		tab_insert(c->f, in.tab, false, start.r0, (int64_t)json_len(json_at(c->body, "values")));
	if (!write_at(c, file, &start, json_at(c->body, "values"), typed, by_columns(c->body), true, &g, &cells))
		return;
	file_touch(c->f, file, "update", "content");
	j = json_new(c->a);
	json_set_str(j, "spreadsheetId", file->id);
	if (found)
		json_set_str(j, "tableRange", range_text(c->a, &table));
	json_set(j, "updates", written(c, file, &g, cells));
	add_values(c, json_at(j, "updates"), file, &g);
	reply_json(c, 200, j);
}

void
do_values_batch_update(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	json *data = json_at(c->body, "data"), *top = json_new(c->a), *responses = json_list(c->a), *tabs = json_new(c->a);
	int64_t rows = 0, cols = 0, total = 0, cells;
	bool typed;

	if (!file || !input_option(c, json_str(c->body, "valueInputOption"), &typed))
		return;
	for (size_t i = 0; i < json_len(data); i++) {
		const json *one = json_nth(data, i);
		struct range g;

		if (!values_write(c, file, json_str(one, "range") ? json_str(one, "range") : "", json_at(one, "values"), typed, by_columns(one), &g, &cells))
			return;
		rows += g.r1 - g.r0;
		cols = g.c1 > cols ? g.c1 : cols;
		total += cells;
		json_set_bool(tabs, g.tab->title, true);
		json_add(responses, written(c, file, &g, cells));
	}
	file_touch(c->f, file, "update", "content");
	json_set_str(top, "spreadsheetId", file->id);
	json_set_i64(top, "totalUpdatedRows", rows);
	json_set_i64(top, "totalUpdatedColumns", cols);
	json_set_i64(top, "totalUpdatedCells", total);
	json_set_i64(top, "totalUpdatedSheets", (int64_t)json_len(tabs));
	json_set(top, "responses", responses);
	reply_json(c, 200, top);
}

static const char *
clear_one(struct call *c, const struct file *file, const char *text)
{
	struct range g;

	if (!range_parse(c, file, text, &g))
		return NULL;
	tab_clear(c->f, g.tab, g.r0, g.c0, g.r1, g.c1);
	return range_text(c->a, &g);
}

void
do_values_clear(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	const char *cleared = file ? clear_one(c, file, c->part[1]) : NULL;
	json *j;

	if (!cleared)
		return;
	file_touch(c->f, file, "update", "content");
	j = json_new(c->a);
	json_set_str(j, "spreadsheetId", file->id);
	json_set_str(j, "clearedRange", cleared);
	reply_json(c, 200, j);
}

void
do_values_batch_clear(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	json *ranges = json_at(c->body, "ranges"), *j = json_new(c->a), *list = json_list(c->a);

	for (size_t i = 0; file && i < json_len(ranges); i++) {
		const char *text = json_value_str(json_nth(ranges, i)), *cleared = clear_one(c, file, text ? text : "");

		if (!cleared)
			return;
		json_add_str(list, cleared);
	}
	if (!file)
		return;
	file_touch(c->f, file, "update", "content");
	json_set_str(j, "spreadsheetId", file->id);
	json_set(j, "clearedRanges", list);
	reply_json(c, 200, j);
}
