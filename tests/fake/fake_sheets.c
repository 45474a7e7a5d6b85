/*
 * fake_sheets.c - spreadsheets.get: properties, tabs, named ranges, and grid data with formats. The routes of Sheets v4.
 */
#include "fake/world.h"

#include <string.h>

#include "fake/sheets.h"

/* What every new spreadsheet looks like: white, Arial 10, bottom, the default theme. */
static const char default_look[] =
	"{\"autoRecalc\":\"ON_CHANGE\",\"defaultFormat\":{\"backgroundColor\":{\"red\":1,\"green\":1,\"blue\":1},\"padding\":{\"top\":2,\"right\":3,\"bottom\":2,\"left\":3},"
	"\"verticalAlignment\":\"BOTTOM\",\"wrapStrategy\":\"OVERFLOW_CELL\",\"textFormat\":{\"foregroundColor\":{},\"fontFamily\":\"arial,sans,sans-serif\",\"fontSize\":10,"
	"\"bold\":false,\"italic\":false,\"strikethrough\":false,\"underline\":false,\"foregroundColorStyle\":{\"rgbColor\":{}}},"
	"\"backgroundColorStyle\":{\"rgbColor\":{\"red\":1,\"green\":1,\"blue\":1}}},\"spreadsheetTheme\":{\"primaryFontFamily\":\"Arial\",\"themeColors\":["
	"{\"colorType\":\"TEXT\",\"color\":{\"rgbColor\":{}}},"
	"{\"colorType\":\"BACKGROUND\",\"color\":{\"rgbColor\":{\"red\":1,\"green\":1,\"blue\":1}}},"
	"{\"colorType\":\"ACCENT1\",\"color\":{\"rgbColor\":{\"red\":0.25882354,\"green\":0.52156866,\"blue\":0.95686275}}},"
	"{\"colorType\":\"ACCENT2\",\"color\":{\"rgbColor\":{\"red\":0.91764706,\"green\":0.2627451,\"blue\":0.20784314}}},"
	"{\"colorType\":\"ACCENT3\",\"color\":{\"rgbColor\":{\"red\":0.9843137,\"green\":0.7372549,\"blue\":0.015686275}}},"
	"{\"colorType\":\"ACCENT4\",\"color\":{\"rgbColor\":{\"red\":0.20392157,\"green\":0.65882355,\"blue\":0.3254902}}},"
	"{\"colorType\":\"ACCENT5\",\"color\":{\"rgbColor\":{\"red\":1,\"green\":0.42745098,\"blue\":0.003921569}}},"
	"{\"colorType\":\"ACCENT6\",\"color\":{\"rgbColor\":{\"red\":0.27450982,\"green\":0.7411765,\"blue\":0.7764706}}},"
	"{\"colorType\":\"LINK\",\"color\":{\"rgbColor\":{\"red\":0.06666667,\"green\":0.33333334,\"blue\":0.8}}}]}}";

static const json *
look(struct fake *f)
{
	if (!f->look)
		f->look = json_stored(f->a, default_look);
	return f->look;
}

json *
grid_range_json(struct arena *a, const struct tab *t, int64_t r0, int64_t c0, int64_t r1, int64_t c1)
{
	json *j = json_new(a);

	/* A first tab's 0 is a default, and defaults are not written. */
	if (t->id != 0)
		json_set_i64(j, "sheetId", t->id);
	if (r0 >= 0)
		json_set_i64(j, "startRowIndex", r0);
	if (r1 >= 0)
		json_set_i64(j, "endRowIndex", r1);
	if (c0 >= 0)
		json_set_i64(j, "startColumnIndex", c0);
	if (c1 >= 0)
		json_set_i64(j, "endColumnIndex", c1);
	return j;
}

json *
tab_properties(struct arena *a, const struct file *file, const struct tab *t)
{
	json *j = json_new(a), *grid = json_new(a);

	json_set_i64(j, "sheetId", t->id);
	json_set_str(j, "title", t->title);
	json_set_i64(j, "index", tab_index(file, t));
	json_set_str(j, "sheetType", t->type == TAB_OBJECT ? "OBJECT" : "GRID");
	if (t->type == TAB_GRID) {
		json_set_i64(grid, "rowCount", t->rows);
		json_set_i64(grid, "columnCount", t->cols);
		for (struct json_iter it = { 0 }; json_each(json_at(t->props, "gridProperties"), &it);)
			json_set(grid, it.key, it.value);
		json_set(j, "gridProperties", grid);
	}
	if (t->hidden)
		json_set_bool(j, "hidden", true);
	for (struct json_iter it = { 0 }; json_each(t->props, &it);)
		if (strcmp(it.key, "gridProperties") != 0)
			json_set(j, it.key, it.value);
	return j;
}

/*
 * Written as text, because grids are large.
 */
static bool
key(struct buf *b, bool *first, const struct mask *m, const char *name)
{
	if (!mask_at(m, name))
		return false;
	buf_printf(b, "%s\"%s\":", *first ? "" : ",", name);
	*first = false;
	return true;
}

static void
put_json(struct call *c, struct buf *b, bool *first, const struct mask *m, const char *name, const json *j)
{
	if (j && key(b, first, m, name))
		buf_str(b, json_text(c->a, mask_apply(c->a, j, mask_at(m, name))));
}

static void
put_value(struct call *c, struct buf *b, bool *first, const char *name, const struct cell *cell)
{
	static const struct { const char *word, *type; } errors[] = {
		{ "#N/A", "N_A" }, { "#DIV/0!", "DIVIDE_BY_ZERO" }, { "#NAME?", "NAME" }, { "#VALUE!", "VALUE" }, { "#REF!", "REF" }, { "#NUM!", "NUM" }
	};
	const char *type = "ERROR";

	if (cell_empty(cell) || !key(b, first, &mask_all, name))
		return;
	if (*name == 'u' && cell->formula) {
		buf_str(b, "{\"formulaValue\":");
		json_quote(b, str_c(cell->formula));
	} else if (cell->kind == CELL_NUMBER) {
		buf_printf(b, "{\"numberValue\":%s", number_text(c->a, cell->n));
	} else if (cell->kind == CELL_BOOL) {
		buf_printf(b, "{\"boolValue\":%s", cell->n != 0 ? "true" : "false");
	} else if (cell->kind == CELL_ERROR) {
		for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
			if (strcmp(errors[i].word, cell->s) == 0)
				type = errors[i].type;
		buf_printf(b, "{\"errorValue\":{\"type\":\"%s\",\"message\":", type);
		json_quote(b, str_c(cell->s));
		buf_ch(b, '}');
	} else {
		buf_str(b, "{\"stringValue\":");
		json_quote(b, str_c(cell->s));
	}
	buf_ch(b, '}');
}

/* The format as entered, or as it takes effect: then with the defaults and the pattern the locale gives. */
static json *
format_json(struct call *c, const struct file *file, const struct cell *cell, bool effective)
{
	json *j = json_new(c->a), *n;

	if (effective)
		for (struct json_iter it = { 0 }; json_each(json_at(look(c->f), "defaultFormat"), &it);)
			json_set(j, it.key, it.value);
	for (struct json_iter it = { 0 }; cell->style && json_each(cell->style, &it);)
		json_set(j, it.key, it.value);
	if (cell->fmt) {
		n = json_new(c->a);
		json_set_str(n, "type", cell->fmt->type);
		if (effective || (cell->fmt->pattern && *cell->fmt->pattern))
			json_set_str(n, "pattern", format_pattern(cell->fmt, file->locale));
		json_set(j, "numberFormat", n);
	}
	return !effective && !cell->fmt && !cell->style ? NULL : j;
}

static void
put_format(struct call *c, struct buf *b, bool *first, const struct mask *m, const char *name, const struct file *file, const struct cell *cell)
{
	const struct mask *part = mask_at(m, name);
	bool effective = *name == 'e';

	if (!part || (!effective && !cell->fmt && !cell->style))
		return;
	/* The usual question, for the type alone, is answered without building the rest. */
	if (part->sub && !part->sub->next && strcmp(part->sub->name, "numberFormat") == 0) {
		if (!cell->fmt && !effective)
			return;
		key(b, first, m, name);
		if (cell->fmt) {
			const struct mask *n = part->sub;

			buf_str(b, "{\"numberFormat\":{");
			if (mask_at(n, "type"))
				buf_printf(b, "\"type\":\"%s\"", cell->fmt->type);
			if (mask_at(n, "pattern") && *format_pattern(cell->fmt, file->locale)) {
				buf_printf(b, "%s\"pattern\":", mask_at(n, "type") ? "," : "");
				json_quote(b, str_c(format_pattern(cell->fmt, file->locale)));
			}
			buf_str(b, "}}");
		} else {
			buf_str(b, "{}");
		}
		return;
	}
	put_json(c, b, first, m, name, format_json(c, file, cell, effective));
}

static void
put_cell(struct call *c, struct buf *b, const struct mask *m, const struct file *file, const struct cell *cell)
{
	bool first = true;

	buf_ch(b, '{');
	if (mask_at(m, "userEnteredValue"))
		put_value(c, b, &first, "userEnteredValue", cell);
	if (mask_at(m, "effectiveValue"))
		put_value(c, b, &first, "effectiveValue", cell);
	if (!cell_empty(cell) && key(b, &first, m, "formattedValue"))
		json_quote(b, str_c(cell_text(c->a, cell, file->locale)));
	put_format(c, b, &first, m, "userEnteredFormat", file, cell);
	if (!cell_empty(cell))
		put_format(c, b, &first, m, "effectiveFormat", file, cell);
	if (cell->note && key(b, &first, m, "note"))
		json_quote(b, str_c(cell->note));
	buf_ch(b, '}');
}

/* Does the cell have anything that the mask asks for? Rows and columns end at the last one that has. */
static bool
cell_shows(const struct mask *m, const struct cell *cell)
{
	if (!cell_empty(cell) && (mask_at(m, "userEnteredValue") || mask_at(m, "effectiveValue") || mask_at(m, "formattedValue") || mask_at(m, "effectiveFormat")))
		return true;
	return (cell->note && mask_at(m, "note")) || ((cell->fmt || cell->style) && (mask_at(m, "userEnteredFormat") || mask_at(m, "effectiveFormat")));
}

static int64_t
row_end(const struct mask *m, const struct range *g, int64_t r, struct arena *a)
{
	int64_t end = g->c1;

	for (; end > g->c0; end--) {
		struct cell cell = cell_at(g->tab, r, end - 1, a);

		if (cell_shows(m, &cell))
			break;
	}
	return end;
}

static void
put_rows(struct call *c, struct buf *b, const struct mask *m, const struct file *file, const struct range *g)
{
	const struct mask *values = mask_at(m, "values");
	int64_t r1 = g->r1 < (int64_t)g->tab->nrow ? g->r1 : (int64_t)g->tab->nrow;
	struct arena *scratch = arena_new("grid data", (size_t)16 << 20, 0);

	while (r1 > g->r0 && row_end(values ? values : &mask_all, g, r1 - 1, scratch) == g->c0)
		r1--;
	if (r1 > g->r0) {
		buf_str(b, "\"rowData\":[");
		for (int64_t r = g->r0; r < r1; r++) {
			int64_t end = row_end(values ? values : &mask_all, g, r, scratch);

			buf_str(b, r > g->r0 ? ",{" : "{");
			if (values && end > g->c0) {
				buf_str(b, "\"values\":[");
				for (int64_t k = g->c0; k < end; k++) {
					struct cell cell = cell_at(g->tab, r, k, scratch);

					if (k > g->c0)
						buf_ch(b, ',');
					put_cell(c, b, values, file, &cell);
				}
				buf_ch(b, ']');
			}
			buf_ch(b, '}');
			arena_reset(scratch);
		}
		buf_ch(b, ']');
	}
	arena_free(scratch);
}

static void
put_sizes(struct buf *b, int64_t n, int pixels)
{
	buf_ch(b, '[');
	for (int64_t i = 0; i < n; i++)
		buf_printf(b, "%s{\"pixelSize\":%d}", i ? "," : "", pixels);
	buf_ch(b, ']');
}

static void
put_data(struct call *c, struct buf *b, const struct mask *m, const struct file *file, const struct range *g)
{
	bool first = true;
	size_t before;

	buf_ch(b, '{');
	if (g->r0 > 0 && key(b, &first, m, "startRow"))
		buf_printf(b, "%lld", (long long)g->r0);
	if (g->c0 > 0 && key(b, &first, m, "startColumn"))
		buf_printf(b, "%lld", (long long)g->c0);
	if (mask_at(m, "rowData")) {
		before = b->n;
		if (!first)
			buf_ch(b, ',');
		put_rows(c, b, mask_at(m, "rowData"), file, g);
		if (b->n <= before + 1)
			buf_cut(b, before);
		else
			first = false;
	}
	if (key(b, &first, m, "rowMetadata"))
		put_sizes(b, g->r1 - g->r0, 21);
	if (key(b, &first, m, "columnMetadata"))
		put_sizes(b, g->c1 - g->c0, 100);
	buf_ch(b, '}');
}

/*
 * The method.
 */
struct wanted {
	struct range *v;
	size_t n;
	bool given, data;
};

static bool
read_wanted(struct call *c, const struct file *file, struct wanted *w)
{
	*w = (struct wanted){ .v = arena_array(c->a, REQ_PARAMS, sizeof *w->v) };
	for (size_t i = 0; i < c->query.n; i++)
		if (strcmp(c->query.v[i].name, "ranges") == 0) {
			w->given = true;
			if (!range_parse(c, file, c->query.v[i].value, &w->v[w->n++]))
				return false;
		}
	/* A mask decides alone; without one, the flag does. */
	w->data = query_of(c, "fields") ? mask_at(c->fields, "sheets") && mask_at(mask_at(c->fields, "sheets"), "data") : query_flag(c, "includeGridData");
	return true;
}

static bool
is_wanted(const struct wanted *w, const struct tab *t)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].tab == t)
			return true;
	return !w->given;
}

static void
put_tab(struct call *c, struct buf *b, const struct mask *m, const struct file *file, struct tab *t, const struct wanted *w)
{
	bool first = true, one = true;

	buf_ch(b, '{');
	put_json(c, b, &first, m, "properties", tab_properties(c->a, file, t));
	if (w->data && t->type == TAB_GRID && key(b, &first, m, "data")) {
		buf_ch(b, '[');
		for (size_t i = 0; i < w->n || (!w->given && i == 0); i++) {
			struct range all = { t, 0, 0, t->rows, t->cols, true };

			if (w->given && w->v[i].tab != t)
				continue;
			if (!one)
				buf_ch(b, ',');
			one = false;
			put_data(c, b, mask_at(m, "data"), file, w->given ? &w->v[i] : &all);
		}
		buf_ch(b, ']');
	}
	for (struct json_iter it = { 0 }; json_each(t->extra, &it);)
		put_json(c, b, &first, m, it.key, it.value);
	buf_ch(b, '}');
}

static json *
named_json(struct call *c, const struct file *file)
{
	json *list = json_list(c->a);

	for (const struct named *n = file->named; n; n = n->next) {
		const struct tab *t = tab_by_id(file, n->tab);
		json *j = json_new(c->a);

		if (!t)
			continue;
		json_set_str(j, "namedRangeId", n->id);
		json_set_str(j, "name", n->name);
		json_set(j, "range", grid_range_json(c->a, t, n->r0, n->c0, n->r1, n->c1));
		json_add(list, j);
	}
	return json_len(list) ? list : NULL;
}

void
put_spreadsheet(struct call *c, const struct file *file)
{
	const struct mask *m = c->fields;
	struct buf *b = c->rep->body;
	json *props = json_new(c->a);
	struct wanted w;
	bool first = true, one = true;

	if (!read_wanted(c, file, &w))
		return;
	json_set_str(props, "title", file->name);
	json_set_str(props, "locale", file->locale);
	json_set_str(props, "timeZone", file->zone);
	for (struct json_iter it = { 0 }; json_each(look(c->f), &it);)
		json_set(props, it.key, it.value);
	buf_ch(b, '{');
	if (key(b, &first, m, "spreadsheetId"))
		json_quote(b, str_c(file->id));
	put_json(c, b, &first, m, "properties", props);
	if (key(b, &first, m, "sheets")) {
		buf_ch(b, '[');
		for (struct tab *t = file->tabs; t; t = t->next)
			if (is_wanted(&w, t)) {
				buf_str(b, one ? "" : ",");
				one = false;
				put_tab(c, b, mask_at(m, "sheets"), file, t, &w);
			}
		buf_ch(b, ']');
	}
	put_json(c, b, &first, m, "namedRanges", named_json(c, file));
	if (key(b, &first, m, "spreadsheetUrl"))
		json_quote(b, str_c(arena_printf(c->a, "https://docs.google.com/spreadsheets/d/%s/edit", file->id)));
	buf_ch(b, '}');
	c->rep->type = "application/json; charset=UTF-8";
}

static void
do_get(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);

	if (file)
		put_spreadsheet(c, file);
}

static void
do_create(struct call *c)
{
	json *props = json_at(c->body, "properties");
	struct file *file = file_add(c->f, c->who, json_str(props, "title") ? json_str(props, "title") : "Untitled spreadsheet", NULL);

	file->picked = true;
	tab_add(c->f, file, "Sheet1", 1000, 26);
	put_spreadsheet(c, file);
}

/*
 * Tables.
 */
#define RENDER "FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA"
#define DATES "SERIAL_NUMBER|FORMATTED_STRING"
#define INPUT "INPUT_VALUE_OPTION_UNSPECIFIED|RAW|USER_ENTERED"
#define MAJOR "DIMENSION_UNSPECIFIED|ROWS|COLUMNS"
#define READ_PARAMS \
	{ .name = "valueRenderOption", .type = P_ENUM, .choices = RENDER }, { .name = "dateTimeRenderOption", .type = P_ENUM, .choices = DATES }, \
	{ .name = "majorDimension", .type = P_ENUM, .choices = MAJOR }
#define WRITE_PARAMS \
	{ .name = "valueInputOption", .type = P_ENUM, .choices = INPUT }, { .name = "includeValuesInResponse", .type = P_BOOL }, \
	{ .name = "responseValueRenderOption", .type = P_ENUM, .choices = RENDER }, { .name = "responseDateTimeRenderOption", .type = P_ENUM, .choices = DATES }

static const struct fake_param none[] = { { .name = NULL } };
static const struct fake_param get_query[] = {
	{ .name = "includeGridData", .type = P_BOOL }, { .name = "ranges", .flags = P_REPEATED }, { .name = "excludeTablesInBandedRanges", .type = P_BOOL }, { .name = NULL }
};
static const struct fake_param read_query[] = { READ_PARAMS, { .name = NULL } };
static const struct fake_param batch_query[] = { READ_PARAMS, { .name = "ranges", .flags = P_REPEATED }, { .name = NULL } };
static const struct fake_param write_query[] = { WRITE_PARAMS, { .name = NULL } };
static const struct fake_param append_query[] = { WRITE_PARAMS, { .name = "insertDataOption", .type = P_ENUM, .choices = "OVERWRITE|INSERT_ROWS" }, { .name = NULL } };
static const struct fake_param value_range[] = {
	{ .name = "range" }, { .name = "majorDimension", .type = P_ENUM, .choices = MAJOR }, { .name = "values", .type = P_LIST }, { .name = NULL }
};
static const struct fake_param batch_write_body[] = { WRITE_PARAMS, { .name = "data", .type = P_LIST, .sub = value_range }, { .name = NULL } };
static const struct fake_param ranges_body[] = { { .name = "ranges", .type = P_LIST }, { .name = NULL } };
static const struct fake_param grid_range[] = {
	{ .name = "sheetId", .type = P_INT }, { .name = "startRowIndex", .type = P_INT }, { .name = "endRowIndex", .type = P_INT }, { .name = "startColumnIndex", .type = P_INT },
	{ .name = "endColumnIndex", .type = P_INT }, { .name = NULL }
};
static const struct fake_param data_filter[] = {
	{ .name = "a1Range" }, { .name = "gridRange", .type = P_OBJECT, .sub = grid_range }, { .name = "developerMetadataLookup", .type = P_OBJECT }, { .name = NULL }
};
static const struct fake_param filter_body[] = { READ_PARAMS, { .name = "dataFilters", .type = P_LIST, .sub = data_filter }, { .name = NULL } };
static const struct fake_param batch_body[] = {
	{ .name = "requests", .type = P_LIST }, { .name = "includeSpreadsheetInResponse", .type = P_BOOL }, { .name = "responseRanges", .type = P_LIST },
	{ .name = "responseIncludeGridData", .type = P_BOOL }, { .name = NULL }
};
static const struct fake_param create_body[] = { { .name = "properties", .type = P_OBJECT }, { .name = "sheets", .type = P_LIST }, { .name = NULL } };

#define SPREADSHEET_FIELDS "spreadsheetId,spreadsheetUrl,namedRanges,developerMetadata,dataSources,dataSourceSchedules," \
	"properties(title,locale,autoRecalc,timeZone,defaultFormat,iterativeCalculationSettings,spreadsheetTheme,importFunctionsExternalUrlAccessAllowed)," \
	"sheets(properties(sheetId,title,index,sheetType,hidden,tabColor,tabColorStyle,rightToLeft,dataSourceSheetProperties," \
	"gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount,hideGridlines,rowGroupControlAfter,columnGroupControlAfter))," \
	"data(startRow,startColumn,rowMetadata,columnMetadata,rowData(values(userEnteredValue,effectiveValue,formattedValue,hyperlink,note,dataValidation,textFormatRuns,pivotTable," \
	"userEnteredFormat" CELL_FORMAT ",effectiveFormat" CELL_FORMAT ")))," \
	"merges,conditionalFormats,filterViews,protectedRanges,basicFilter,charts,bandedRanges,developerMetadata,rowGroups,columnGroups,slicers,tables)"
#define CELL_FORMAT "(numberFormat(type,pattern),backgroundColor,backgroundColorStyle,borders,padding,horizontalAlignment,verticalAlignment," \
	"wrapStrategy,textDirection,textFormat,hyperlinkDisplayType,textRotation)"
#define VALUE_FIELDS "range,majorDimension,values"
#define UPDATE_FIELDS "spreadsheetId,updatedRange,updatedRows,updatedColumns,updatedCells,updatedData"

#define READ (FS_SHEETS | FS_SHEETS_READ | FS_DRIVE | FS_DRIVE_READ | FS_DRIVE_FILE)
#define WRITE (FS_SHEETS | FS_DRIVE | FS_DRIVE_FILE)
#define V4 "/v4/spreadsheets"
#define READING(verb, path, name, scopes, query, body, reply, handler) { verb, V4 path, "sheets." name, STYLE_PLATFORM, scopes, QUOTA_SHEETS_READ, query, body, reply, handler }
#define WRITING(verb, path, name, query, body, reply, handler) { verb, V4 path, "sheets." name, STYLE_PLATFORM, WRITE, QUOTA_SHEETS_WRITE, query, body, reply, handler }

const struct fake_route fake_sheets_routes[] = {
	READING("GET", "/{id}", "spreadsheets.get", READ, get_query, NULL, SPREADSHEET_FIELDS, do_get),
	WRITING("POST", "", "spreadsheets.create", none, create_body, SPREADSHEET_FIELDS, do_create),
	WRITING("POST", "/{id}:batchUpdate", "spreadsheets.batchUpdate", none, batch_body, "spreadsheetId,replies,updatedSpreadsheet", do_batch_update),
	READING("GET", "/{id}/values/{range}", "spreadsheets.values.get", READ, read_query, NULL, VALUE_FIELDS, do_values_get),
	READING("GET", "/{id}/values:batchGet", "spreadsheets.values.batchGet", READ, batch_query, NULL, "spreadsheetId,valueRanges(" VALUE_FIELDS ")", do_values_batch_get),
	READING("POST", "/{id}/values:batchGetByDataFilter", "spreadsheets.values.batchGetByDataFilter", WRITE, none, filter_body,
		"spreadsheetId,valueRanges(valueRange(" VALUE_FIELDS "),dataFilters)", do_values_filter),
	WRITING("PUT", "/{id}/values/{range}", "spreadsheets.values.update", write_query, value_range, UPDATE_FIELDS, do_values_update),
	WRITING("POST", "/{id}/values/{range}:append", "spreadsheets.values.append", append_query, value_range, "spreadsheetId,tableRange,updates(" UPDATE_FIELDS ")", do_values_append),
	WRITING("POST", "/{id}/values/{range}:clear", "spreadsheets.values.clear", none, none, "spreadsheetId,clearedRange", do_values_clear),
	WRITING("POST", "/{id}/values:batchClear", "spreadsheets.values.batchClear", none, ranges_body, "spreadsheetId,clearedRanges", do_values_batch_clear),
	WRITING("POST", "/{id}/values:batchUpdate", "spreadsheets.values.batchUpdate", none, batch_write_body, NULL, do_values_batch_update),
	{ .path = NULL }
};
