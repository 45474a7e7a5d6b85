/*
 * sheets_get.c - spreadsheets.get: properties, tabs, named ranges, and grid data with formats.
 * Written as text, because grids are large.
 */
#include "fake/google/sheets.h"

/* An object that is being written: members go where the mask wants them. */
struct object {
	struct call *c;
	struct buf *b;
	const struct mask *m;
	const struct book *book;
	bool begun; /* a member is there already */
};

static struct object
get_begin(const struct object *of, const struct mask *m)
{
	buf_ch(of->b, '{');
	return (struct object){ .c = of->c, .b = of->b, .m = m, .book = of->book };
}

/* Writes the member's name. False: it is not asked for. */
static bool
get_key(struct object *o, const char *name)
{
	if (!mask_at(o->m, name))
		return false;
	buf_printf(o->b, "%s\"%s\":", o->begun ? "," : "", name);
	o->begun = true;
	return true;
}

static void
get_text(struct object *o, const char *name, const char *text)
{
	if (text && get_key(o, name))
		json_quote(o->b, str_c(text));
}

static void
get_json(struct object *o, const char *name, const json *j)
{
	if (j && get_key(o, name))
		buf_str(o->b, json_text(o->c->a, mask_apply(o->c->a, j, mask_at(o->m, name))));
}

/*
 * Cells.
 */
static const char *
get_error_type(const char *shown)
{
	static const struct {
		const char *word, *type;
	} errors[] = {
		{ "#N/A", "N_A" },
		{ "#DIV/0!", "DIVIDE_BY_ZERO" },
		{ "#NAME?", "NAME" },
		{ "#VALUE!", "VALUE" },
		{ "#REF!", "REF" },
		{ "#NUM!", "NUM" },
	};

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].word, shown) == 0)
			return errors[i].type;
	return "ERROR";
}

static void
get_value(struct object *o, const char *name, const struct cell *cell, bool entered)
{
	struct buf *b = o->b;

	if (cell_empty(cell) || !get_key(o, name))
		return;
	if (entered && cell->formula) {
		buf_str(b, "{\"formulaValue\":");
		json_quote(b, str_c(cell->formula));
	} else if (cell->kind == CELL_NUMBER) {
		buf_printf(b, "{\"numberValue\":%s", number_text(o->c->a, cell->n));
	} else if (cell->kind == CELL_BOOL) {
		buf_printf(b, "{\"boolValue\":%s", cell->n != 0 ? "true" : "false");
	} else if (cell->kind == CELL_ERROR) {
		buf_printf(
		    b, "{\"errorValue\":{\"type\":\"%s\",\"message\":", get_error_type(cell->s));
		json_quote(b, str_c(cell->s));
		buf_ch(b, '}');
	} else {
		buf_str(b, "{\"stringValue\":");
		json_quote(b, str_c(cell->s));
	}
	buf_ch(b, '}');
}

/* As entered, or as it takes effect: then with the defaults and the pattern the locale gives. */
static json *
get_format_json(struct object *o, const struct cell *cell, bool effective)
{
	json *j = json_new(o->c->a), *n;

	if (effective)
		for (struct json_iter it = { 0 }; json_each(book_default_format(o->c->f), &it);)
			json_set(j, it.key, it.value);
	for (struct json_iter it = { 0 }; cell->style && json_each(cell->style, &it);)
		json_set(j, it.key, it.value);
	if (cell->fmt) {
		n = json_new(o->c->a);
		json_set_str(n, "type", cell->fmt->type);
		if (effective || (cell->fmt->pattern && *cell->fmt->pattern))
			json_set_str(n, "pattern", format_pattern(cell->fmt, o->book->locale));
		json_set(j, "numberFormat", n);
	}
	return j;
}

/* The usual question, for the number format alone, is answered without building the rest. */
static void
get_number_format(struct object *o, const struct mask *m, const struct format *fmt)
{
	const char *pattern = fmt ? format_pattern(fmt, o->book->locale) : "";

	if (!fmt) {
		buf_str(o->b, "{}");
		return;
	}
	buf_str(o->b, "{\"numberFormat\":{");
	if (mask_at(m, "type"))
		buf_printf(o->b, "\"type\":\"%s\"", fmt->type);
	if (mask_at(m, "pattern") && *pattern) {
		buf_printf(o->b, "%s\"pattern\":", mask_at(m, "type") ? "," : "");
		json_quote(o->b, str_c(pattern));
	}
	buf_str(o->b, "}}");
}

static void
get_format(struct object *o, const char *name, const struct cell *cell, bool effective)
{
	const struct mask *part = mask_at(o->m, name);

	if (!part || (!effective && !cell->fmt && !cell->style))
		return;
	if (!part->sub || part->sub->next || strcmp(part->sub->name, "numberFormat") != 0)
		get_json(o, name, get_format_json(o, cell, effective));
	else if ((cell->fmt || effective) && get_key(o, name))
		get_number_format(o, part->sub, cell->fmt);
}

static void
get_cell(const struct object *of, const struct mask *m, const struct cell *cell)
{
	struct object o = get_begin(of, m);

	get_value(&o, "userEnteredValue", cell, true);
	get_value(&o, "effectiveValue", cell, false);
	if (!cell_empty(cell) && get_key(&o, "formattedValue"))
		json_quote(o.b, str_c(cell_text(o.c->a, cell, o.book->locale)));
	get_format(&o, "userEnteredFormat", cell, false);
	if (!cell_empty(cell))
		get_format(&o, "effectiveFormat", cell, true);
	get_text(&o, "note", cell->note);
	buf_ch(o.b, '}');
}

static bool
get_any(const struct mask *m, const char *const *names)
{
	for (; *names; names++)
		if (mask_at(m, *names))
			return true;
	return false;
}

/* Does the cell have anything that the mask asks for? Rows and columns end at the last one that
 * has. */
static bool
get_shows(const struct mask *m, const struct cell *cell)
{
	static const char *const value[] = {
		"userEnteredValue",
		"effectiveValue",
		"formattedValue",
		"effectiveFormat",
		NULL,
	};
	static const char *const format[] = { "userEnteredFormat", "effectiveFormat", NULL };

	return (!cell_empty(cell) && get_any(m, value)) || (cell->note && mask_at(m, "note")) ||
	    ((cell->fmt || cell->style) && get_any(m, format));
}

/*
 * Rows.
 */
static int64_t
get_row_end(const struct mask *m, const struct range *g, int64_t r, struct arena *a)
{
	int64_t end = g->c1;

	for (; end > g->c0; end--) {
		struct cell cell = cell_at(g->tab, r, end - 1, a);

		if (get_shows(m, &cell))
			break;
	}
	return end;
}

static void
get_row(const struct object *of, const struct range *g, int64_t r, struct arena *scratch)
{
	const struct mask *values = mask_at(of->m, "values");
	int64_t end = get_row_end(values ? values : &mask_all, g, r, scratch);

	buf_ch(of->b, '{');
	if (values && end > g->c0) {
		buf_str(of->b, "\"values\":[");
		for (int64_t k = g->c0; k < end; k++) {
			struct cell cell = cell_at(g->tab, r, k, scratch);

			if (k > g->c0)
				buf_ch(of->b, ',');
			get_cell(of, values, &cell);
		}
		buf_ch(of->b, ']');
	}
	buf_ch(of->b, '}');
}

/* rowData, unless there is none. */
static void
get_rows(struct object *data, const struct range *g)
{
	struct object rows = *data;
	const struct mask *values;
	int64_t r1 = g->r1 < (int64_t)g->tab->nrow ? g->r1 : (int64_t)g->tab->nrow;
	struct arena *scratch = arena_new("grid data", (size_t)16 << 20, 0);

	rows.m = mask_at(data->m, "rowData");
	values = rows.m ? mask_at(rows.m, "values") : NULL;
	values = values ? values : &mask_all;
	while (rows.m && r1 > g->r0 && get_row_end(values, g, r1 - 1, scratch) == g->c0)
		r1--;
	if (r1 > g->r0 && get_key(data, "rowData")) {
		for (int64_t r = g->r0; r < r1; r++) {
			buf_ch(data->b, r > g->r0 ? ',' : '[');
			get_row(&rows, g, r, scratch);
			arena_reset(scratch);
		}
		buf_ch(data->b, ']');
	}
	arena_free(scratch);
}

static void
get_sizes(struct object *o, const char *name, int64_t n, int pixels)
{
	if (!get_key(o, name))
		return;
	buf_ch(o->b, '[');
	for (int64_t i = 0; i < n; i++)
		buf_printf(o->b, "%s{\"pixelSize\":%d}", i ? "," : "", pixels);
	buf_ch(o->b, ']');
}

static void
get_data(const struct object *of, const struct mask *m, const struct range *g)
{
	struct object o = get_begin(of, m);

	if (g->r0 > 0 && get_key(&o, "startRow"))
		buf_printf(o.b, "%lld", (long long)g->r0);
	if (g->c0 > 0 && get_key(&o, "startColumn"))
		buf_printf(o.b, "%lld", (long long)g->c0);
	get_rows(&o, g);
	get_sizes(&o, "rowMetadata", g->r1 - g->r0, 21);
	get_sizes(&o, "columnMetadata", g->c1 - g->c0, 100);
	buf_ch(o.b, '}');
}

/*
 * The methods.
 */
struct wanted {
	struct range *v;
	size_t n;
	bool given, data;
};

static bool
get_wanted(struct call *c, const struct book *book, struct wanted *w)
{
	const struct mask *sheets = mask_at(c->fields, "sheets");

	*w = (struct wanted){ .v = arena_array(c->a, REQ_PARAMS, sizeof *w->v) };
	for (size_t i = 0; i < c->query.n; i++)
		if (strcmp(c->query.v[i].name, "ranges") == 0) {
			w->given = true;
			if (!range_parse(c, book, c->query.v[i].value, &w->v[w->n++]))
				return false;
		}
	/* A mask decides alone; without one, the flag does. */
	if (query_of(c, "fields"))
		w->data = sheets && mask_at(sheets, "data");
	else
		w->data = query_flag(c, "includeGridData");
	return true;
}

static bool
get_is_wanted(const struct wanted *w, const struct tab *t)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].tab == t)
			return true;
	return !w->given;
}

/* The ranges of this tab; without any, all of it. */
static void
get_ranges(const struct object *of, const struct mask *m, struct tab *t, const struct wanted *w)
{
	const struct range all = { .tab = t, .r1 = t->rows, .c1 = t->cols, .whole = true };
	const char *comma = "";

	buf_ch(of->b, '[');
	if (!w->given)
		get_data(of, m, &all);
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].tab == t) {
			buf_str(of->b, comma);
			comma = ",";
			get_data(of, m, &w->v[i]);
		}
	buf_ch(of->b, ']');
}

static void
get_tab(const struct object *of, const struct mask *m, struct tab *t, const struct wanted *w)
{
	struct object o = get_begin(of, m);

	get_json(&o, "properties", tab_properties(o.c->a, o.book, t));
	if (w->data && t->type == TAB_GRID && get_key(&o, "data"))
		get_ranges(&o, mask_at(m, "data"), t, w);
	for (struct json_iter it = { 0 }; json_each(t->extra, &it);)
		get_json(&o, it.key, it.value);
	buf_ch(o.b, '}');
}

static void
get_tabs(struct object *o, const struct wanted *w)
{
	const char *comma = "";

	if (!get_key(o, "sheets"))
		return;
	buf_ch(o->b, '[');
	for (struct tab *t = o->book->tabs; t; t = t->next)
		if (get_is_wanted(w, t)) {
			buf_str(o->b, comma);
			comma = ",";
			get_tab(o, mask_at(o->m, "sheets"), t, w);
		}
	buf_ch(o->b, ']');
}

static void
get_book(struct call *c, const struct book *book)
{
	struct object o = { .c = c, .b = c->rep->body, .m = c->fields, .book = book };
	struct wanted w;

	if (!get_wanted(c, book, &w))
		return;
	buf_ch(o.b, '{');
	get_text(&o, "spreadsheetId", book->file->id);
	get_json(&o, "properties", book_properties(c->f, c->a, book));
	get_tabs(&o, &w);
	get_json(&o, "namedRanges", book_named(c->a, book));
	get_text(&o, "spreadsheetUrl",
	    arena_printf(c->a, "https://docs.google.com/spreadsheets/d/%s/edit", book->file->id));
	buf_ch(o.b, '}');
	c->rep->type = "application/json; charset=UTF-8";
}

void
sheets_get(struct call *c)
{
	const struct book *book = book_of_call(c, false);

	if (book)
		get_book(c, book);
}

void
sheets_create(struct call *c)
{
	const char *title = json_str(json_at(c->body, "properties"), "title");
	struct book *book = book_add(c->f, c->who, title ? title : "Untitled spreadsheet", NULL);

	book->file->picked = true;
	tab_add(c->f, book, "Sheet1", 1000, 26);
	get_book(c, book);
}
