/*
 * sheets_values.c - values of cells read: as shown, as they are, or as formulas; and the methods.
 */
#include "fake/google/sheets.h"

enum render { RENDER_SHOWN, RENDER_PLAIN, RENDER_FORMULA };

struct view_as {
	enum render render;
	bool dates_shown, columns;
};

static struct view_as
values_view(const char *render, const char *dates, const char *major)
{
	struct view_as v = {
		.render = RENDER_PLAIN,
		.dates_shown = dates && strcmp(dates, "FORMATTED_STRING") == 0,
		.columns = major && strcmp(major, "COLUMNS") == 0,
	};

	if (!render || strcmp(render, "FORMATTED_VALUE") == 0)
		v.render = RENDER_SHOWN;
	else if (strcmp(render, "FORMULA") == 0)
		v.render = RENDER_FORMULA;
	return v;
}

static struct view_as
values_view_asked(const struct call *c)
{
	return values_view(query_of(c, "valueRenderOption"), query_of(c, "dateTimeRenderOption"),
	    query_of(c, "majorDimension"));
}

/*
 * Reading.
 */
/* What is written where. */
struct reader {
	struct call *c;
	struct buf *b;
	const struct book *book;
	const struct range *g;
	struct view_as v;
	struct arena *scratch;
};

static void
values_put_cell(const struct reader *r, const struct cell *cell)
{
	const bool text = cell->kind == CELL_TEXT || cell->kind == CELL_ERROR;

	if (cell_empty(cell))
		buf_str(r->b, "\"\"");
	else if (r->v.render == RENDER_FORMULA && cell->formula)
		json_quote(r->b, str_c(cell->formula));
	else if (r->v.render == RENDER_SHOWN || text ||
	    (r->v.dates_shown && format_is_date(cell->fmt)))
		json_quote(r->b, str_c(cell_text(r->scratch, cell, r->book->locale)));
	else if (cell->kind == CELL_BOOL)
		buf_str(r->b, cell->n != 0 ? "true" : "false");
	else
		buf_str(r->b, number_text(r->scratch, cell->n));
}

/* The k-th cell of the i-th row, or column. */
static struct cell
values_cell(const struct reader *r, int64_t i, int64_t k)
{
	const struct range *g = r->g;

	if (r->v.columns)
		return cell_at(g->tab, g->r0 + k, g->c0 + i, r->scratch);
	return cell_at(g->tab, g->r0 + i, g->c0 + k, r->scratch);
}

/* How many cells of a line there are without the empty ones at its end. */
static int64_t
values_line_length(const struct reader *r, int64_t i, int64_t n)
{
	for (; n > 0; n--) {
		struct cell cell = values_cell(r, i, n - 1);

		if (!cell_empty(&cell))
			break;
	}
	return n;
}

static void
values_put_line(const struct reader *r, int64_t i, int64_t n)
{
	buf_ch(r->b, '[');
	for (int64_t k = 0; k < n; k++) {
		struct cell cell = values_cell(r, i, k);

		if (k > 0)
			buf_ch(r->b, ',');
		values_put_cell(r, &cell);
	}
	buf_ch(r->b, ']');
	if (arena_used(r->scratch) > (1 << 20))
		arena_reset(r->scratch);
}

/* Rows (or columns) of the range, without empty ones at the end. False: there are none. */
static bool
values_put_lines(const struct reader *r)
{
	const struct range *g = r->g;
	int64_t used = tab_used_rows(g->tab, g->c0, g->c1), lines, along, waiting = 0, put = 0;

	used = (used > g->r1 ? g->r1 : used) - g->r0;
	lines = r->v.columns ? g->c1 - g->c0 : used;
	along = r->v.columns ? used : g->c1 - g->c0;
	for (int64_t i = 0; i < lines; i++) {
		int64_t n = values_line_length(r, i, along);

		if (n <= 0) {
			waiting++;
			continue;
		}
		buf_str(r->b, put++ == 0 ? "[" : ",");
		for (; waiting > 0; waiting--)
			buf_str(r->b, "[],");
		values_put_line(r, i, n);
	}
	if (put > 0)
		buf_ch(r->b, ']');
	return put > 0;
}

static void
values_put(struct call *c, const struct book *book, const struct range *g, struct view_as v,
    const struct mask *m)
{
	struct buf *b = c->rep->body;
	struct reader r = { .c = c, .b = b, .book = book, .g = g, .v = v };
	const char *comma = "";
	size_t before;

	buf_ch(b, '{');
	if (mask_at(m, "range")) {
		buf_str(b, "\"range\":");
		json_quote(b, str_c(range_text(c->a, g)));
		comma = ",";
	}
	if (mask_at(m, "majorDimension")) {
		buf_printf(b, "%s\"majorDimension\":\"%s\"", comma, v.columns ? "COLUMNS" : "ROWS");
		comma = ",";
	}
	before = b->n;
	if (mask_at(m, "values")) {
		buf_printf(b, "%s\"values\":", comma);
		r.scratch = arena_new("values", (size_t)64 << 20, 0);
		if (!values_put_lines(&r))
			buf_cut(b, before);
		arena_free(r.scratch);
	}
	buf_ch(b, '}');
}

static void
values_sent(struct call *c)
{
	if (!c->refused)
		c->rep->type = "application/json; charset=UTF-8";
}

void
values_get(struct call *c)
{
	const struct book *book = book_of_call(c, false);
	struct range g;

	if (!book || !range_parse(c, book, c->part[1], &g))
		return;
	values_put(c, book, &g, values_view_asked(c), c->fields);
	values_sent(c);
}

static void
values_begin(struct call *c, const struct book *book)
{
	struct buf *b = c->rep->body;

	buf_ch(b, '{');
	if (mask_at(c->fields, "spreadsheetId")) {
		buf_str(b, "\"spreadsheetId\":");
		json_quote(b, str_c(book->file->id));
	}
}

void
values_batch_get(struct call *c)
{
	const struct book *book = book_of_call(c, false);
	const struct mask *m = mask_at(c->fields, "valueRanges");
	struct range *g = arena_array(c->a, REQ_PARAMS, sizeof *g);
	struct buf *b = c->rep->body;
	size_t n = 0;

	if (!book)
		return;
	for (size_t i = 0; i < c->query.n; i++)
		if (strcmp(c->query.v[i].name, "ranges") == 0 &&
		    !range_parse(c, book, c->query.v[i].value, &g[n++]))
			return;
	values_begin(c, book);
	if (m && n > 0)
		buf_str(b, b->n > 1 ? ",\"valueRanges\":[" : "\"valueRanges\":[");
	for (size_t i = 0; m && i < n; i++) {
		buf_str(b, i > 0 ? "," : "");
		values_put(c, book, &g[i], values_view_asked(c), m);
	}
	buf_str(b, m && n > 0 ? "]}" : "}");
	values_sent(c);
}

/* One filter: a range by name, or by the number of its tab. */
static bool
values_filter_range(struct call *c, const struct book *book, const json *filter, struct range *g)
{
	const json *grid = json_at(filter, "gridRange");
	const int64_t id = json_num(grid, "sheetId", 0);
	struct tab *t = tab_by_id(book, id);

	if (json_str(filter, "a1Range"))
		return range_parse(c, book, json_str(filter, "a1Range"), g);
	if (!grid) {
		refuse_argument(c, "Only a1Range and gridRange are understood here.");
		return false;
	}
	if (!t || t->type != TAB_GRID) {
		refuse_argument(c, "No grid with id: %lld", (long long)id);
		return false;
	}
	*g = (struct range){
		.tab = t,
		.r0 = json_num(grid, "startRowIndex", 0),
		.c0 = json_num(grid, "startColumnIndex", 0),
		.r1 = json_num(grid, "endRowIndex", t->rows),
		.c1 = json_num(grid, "endColumnIndex", t->cols),
	};
	g->r1 = g->r1 > t->rows ? t->rows : g->r1;
	g->c1 = g->c1 > t->cols ? t->cols : g->c1;
	if (g->r0 >= 0 && g->c0 >= 0 && g->r0 < g->r1 && g->c0 < g->c1)
		return true;
	refuse_argument(c, "Invalid dataFilters: the grid range is empty or beyond the grid.");
	return false;
}

void
values_filter(struct call *c)
{
	const struct book *book = book_of_call(c, false);
	const struct view_as v = values_view(json_str(c->body, "valueRenderOption"),
	    json_str(c->body, "dateTimeRenderOption"), json_str(c->body, "majorDimension"));
	const json *filters = json_at(c->body, "dataFilters");
	struct buf *b = c->rep->body;

	if (!book)
		return;
	values_begin(c, book);
	for (size_t i = 0; i < json_len(filters); i++) {
		const json *filter = json_nth(filters, i);
		struct range g = { 0 };

		if (!values_filter_range(c, book, filter, &g))
			return;
		buf_str(b, i > 0 ? ",{\"valueRange\":" : ",\"valueRanges\":[{\"valueRange\":");
		values_put(c, book, &g, v, &mask_all);
		buf_printf(b, ",\"dataFilters\":[%s]}", json_text(c->a, filter));
	}
	buf_str(b, json_len(filters) ? "]}" : "}");
	values_sent(c);
}

/*
 * Writing.
 */
/* What a write says about itself. */
static json *
values_written(struct call *c, const struct book *book, const struct range *g, int64_t cells)
{
	json *j = json_new(c->a);

	json_set_str(j, "spreadsheetId", book->file->id);
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
values_typed(struct call *c, const char *v, bool *typed)
{
	*typed = v && strcmp(v, "USER_ENTERED") == 0;
	if (v && (*typed || strcmp(v, "RAW") == 0))
		return true;
	refuse_argument(c, "'valueInputOption' is required but not specified");
	return false;
}

static bool
values_by_columns(const json *value_range)
{
	const char *major = json_str(value_range, "majorDimension");

	return major && strcmp(major, "COLUMNS") == 0;
}

static bool
values_same_range(struct call *c, const char *path, const char *body)
{
	if (!body || strcmp(path, body) == 0)
		return true;
	refuse_argument(
	    c, "Requested writing within range [%s], but the body names [%s]", path, body);
	return false;
}

/* The values as they are now, where the caller wants to see them. */
static void
values_add(struct call *c, json *j, const struct book *book, const struct range *g)
{
	if (!query_flag(c, "includeValuesInResponse"))
		return;
	values_put(c, book, g,
	    values_view(query_of(c, "responseValueRenderOption"),
		query_of(c, "responseDateTimeRenderOption"), NULL),
	    &mask_all);
	json_set(j, "updatedData", json_stored(c->a, buf_c(c->rep->body)));
	buf_clear(c->rep->body);
}

void
values_update(struct call *c)
{
	struct book *book = book_of_call(c, true);
	const json *values = json_at(c->body, "values");
	struct entry_way way = { .columns = values_by_columns(c->body) };
	struct range g;
	json *j;

	if (!book || !values_typed(c, query_of(c, "valueInputOption"), &way.typed) ||
	    !values_same_range(c, c->part[1], json_str(c->body, "range")) ||
	    !values_write(c, book, c->part[1], values, way, &g))
		return;
	book_changed(c->f, book);
	j = values_written(c, book, &g, values_count(values));
	values_add(c, j, book, &g);
	reply_json(c, 200, j);
}

/* The first cell of the range that holds something. */
static bool
values_first(struct call *c, const struct range *in, int64_t rows, struct range *first)
{
	for (int64_t r = in->r0; r < in->r1 && r < rows; r++)
		for (int64_t k = in->c0; k < in->c1; k++) {
			struct cell cell = cell_at(in->tab, r, k, c->a);

			if (cell_empty(&cell))
				continue;
			*first = (struct range){
				.tab = in->tab,
				.r0 = r,
				.c0 = k,
				.r1 = r + 1,
				.c1 = k + 1,
			};
			return true;
		}
	return false;
}

/* Takes in what adjoins. False: nothing does. */
static bool
values_grow(struct call *c, struct range *table)
{
	bool grown = false;

	for (int64_t r = table->r0 - 1; r <= table->r1; r++)
		for (int64_t k = table->c0 - 1; k <= table->c1; k++) {
			struct cell cell;

			/* Only what lies around it is looked at. */
			if (r >= table->r0 && r < table->r1 && k >= table->c0 && k < table->c1)
				k = table->c1;
			cell = cell_at(table->tab, r, k, c->a);
			if (cell_empty(&cell))
				continue;
			table->r0 = r < table->r0 ? r : table->r0;
			table->c0 = k < table->c0 ? k : table->c0;
			table->r1 = r >= table->r1 ? r + 1 : table->r1;
			table->c1 = k >= table->c1 ? k + 1 : table->c1;
			grown = true;
		}
	return grown;
}

/* The table that begins at, or around, the start. False when there is none. */
static bool
values_find_table(struct call *c, const struct range *in, struct range *table)
{
	if (!values_first(c, in, tab_used_rows(in->tab, 0, in->tab->cols), table))
		return false;
	while (values_grow(c, table))
		;
	return true;
}

void
values_append(struct call *c)
{
	struct book *book = book_of_call(c, true);
	const char *insert = query_of(c, "insertDataOption");
	const json *values = json_at(c->body, "values");
	struct entry_way way = { .columns = values_by_columns(c->body), .grow = true };
	struct range in, table, g, start = { .whole = true };
	bool found;
	json *j, *updates;

	if (!book || !values_typed(c, query_of(c, "valueInputOption"), &way.typed) ||
	    !range_parse(c, book, c->part[1], &in))
		return;
	found = values_find_table(c, &in, &table);
	start.tab = in.tab;
	start.r0 = found ? table.r1 : in.r0;
	start.c0 = found ? table.c0 : in.c0;
	if (insert && strcmp(insert, "INSERT_ROWS") == 0 && start.r0 < in.tab->rows)
		tab_insert(c->f, in.tab, false, start.r0, (int64_t)json_len(values));
	if (!range_write(c, book, &start, values, way, &g))
		return;
	book_changed(c->f, book);
	j = json_new(c->a);
	json_set_str(j, "spreadsheetId", book->file->id);
	if (found)
		json_set_str(j, "tableRange", range_text(c->a, &table));
	updates = values_written(c, book, &g, values_count(values));
	json_set(j, "updates", updates);
	values_add(c, updates, book, &g);
	reply_json(c, 200, j);
}

/* One of many; false: refused. */
static bool
values_update_one(struct call *c, struct book *book, const json *one, bool typed, struct range *g)
{
	const struct entry_way way = { .typed = typed, .columns = values_by_columns(one) };
	const char *range = json_str(one, "range") ? json_str(one, "range") : "";

	return values_write(c, book, range, json_at(one, "values"), way, g);
}

void
values_batch_update(struct call *c)
{
	struct book *book = book_of_call(c, true);
	json *data = json_at(c->body, "data"), *top = json_new(c->a);
	json *responses = json_list(c->a), *tabs = json_new(c->a);
	int64_t rows = 0, cols = 0, total = 0, cells;
	bool typed;

	if (!book || !values_typed(c, json_str(c->body, "valueInputOption"), &typed))
		return;
	for (size_t i = 0; i < json_len(data); i++) {
		const json *one = json_nth(data, i);
		struct range g;

		if (!values_update_one(c, book, one, typed, &g))
			return;
		cells = values_count(json_at(one, "values"));
		rows += g.r1 - g.r0;
		cols = g.c1 > cols ? g.c1 : cols;
		total += cells;
		json_set_bool(tabs, g.tab->title, true);
		json_add(responses, values_written(c, book, &g, cells));
	}
	book_changed(c->f, book);
	json_set_str(top, "spreadsheetId", book->file->id);
	json_set_i64(top, "totalUpdatedRows", rows);
	json_set_i64(top, "totalUpdatedColumns", cols);
	json_set_i64(top, "totalUpdatedCells", total);
	json_set_i64(top, "totalUpdatedSheets", (int64_t)json_len(tabs));
	json_set(top, "responses", responses);
	reply_json(c, 200, top);
}

static const char *
values_clear_one(struct call *c, const struct book *book, const char *text)
{
	struct range g;

	if (!range_parse(c, book, text, &g))
		return NULL;
	range_clear(c->f, &g);
	return range_text(c->a, &g);
}

void
values_clear(struct call *c)
{
	struct book *book = book_of_call(c, true);
	const char *cleared = book ? values_clear_one(c, book, c->part[1]) : NULL;
	json *j;

	if (!cleared)
		return;
	book_changed(c->f, book);
	j = json_new(c->a);
	json_set_str(j, "spreadsheetId", book->file->id);
	json_set_str(j, "clearedRange", cleared);
	reply_json(c, 200, j);
}

void
values_batch_clear(struct call *c)
{
	struct book *book = book_of_call(c, true);
	json *ranges = json_at(c->body, "ranges"), *j = json_new(c->a), *list = json_list(c->a);

	if (!book)
		return;
	for (size_t i = 0; i < json_len(ranges); i++) {
		const char *text = json_value_str(json_nth(ranges, i));
		const char *cleared = values_clear_one(c, book, text ? text : "");

		if (!cleared)
			return;
		json_add_str(list, cleared);
	}
	book_changed(c->f, book);
	json_set_str(j, "spreadsheetId", book->file->id);
	json_set(j, "clearedRanges", list);
	reply_json(c, 200, j);
}
