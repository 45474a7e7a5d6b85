/*
 * sheets_json.c - a spreadsheet's and a tab's properties, and ranges, as the API writes them.
 */
#include "fake/google/sheets.h"

/* What every new spreadsheet looks like: white, Arial 10, bottom, the default theme. */
static const char json_look[] =
    "{\"autoRecalc\":\"ON_CHANGE\",\"defaultFormat\":{"
    "\"backgroundColor\":{\"red\":1,\"green\":1,\"blue\":1},"
    "\"padding\":{\"top\":2,\"right\":3,\"bottom\":2,\"left\":3},"
    "\"verticalAlignment\":\"BOTTOM\",\"wrapStrategy\":\"OVERFLOW_CELL\","
    "\"textFormat\":{\"foregroundColor\":{},\"fontFamily\":\"arial,sans,sans-serif\","
    "\"fontSize\":10,\"bold\":false,\"italic\":false,\"strikethrough\":false,"
    "\"underline\":false,\"foregroundColorStyle\":{\"rgbColor\":{}}},"
    "\"backgroundColorStyle\":{\"rgbColor\":{\"red\":1,\"green\":1,\"blue\":1}}},"
    "\"spreadsheetTheme\":{\"primaryFontFamily\":\"Arial\",\"themeColors\":["
    "{\"colorType\":\"TEXT\",\"color\":{\"rgbColor\":{}}},"
    "{\"colorType\":\"BACKGROUND\",\"color\":{\"rgbColor\":{\"red\":1,\"green\":1,\"blue\":1}}},"
    "{\"colorType\":\"ACCENT1\",\"color\":{\"rgbColor\":{"
    "\"red\":0.25882354,\"green\":0.52156866,\"blue\":0.95686275}}},"
    "{\"colorType\":\"ACCENT2\",\"color\":{\"rgbColor\":{"
    "\"red\":0.91764706,\"green\":0.2627451,\"blue\":0.20784314}}},"
    "{\"colorType\":\"ACCENT3\",\"color\":{\"rgbColor\":{"
    "\"red\":0.9843137,\"green\":0.7372549,\"blue\":0.015686275}}},"
    "{\"colorType\":\"ACCENT4\",\"color\":{\"rgbColor\":{"
    "\"red\":0.20392157,\"green\":0.65882355,\"blue\":0.3254902}}},"
    "{\"colorType\":\"ACCENT5\",\"color\":{\"rgbColor\":{"
    "\"red\":1,\"green\":0.42745098,\"blue\":0.003921569}}},"
    "{\"colorType\":\"ACCENT6\",\"color\":{\"rgbColor\":{"
    "\"red\":0.27450982,\"green\":0.7411765,\"blue\":0.7764706}}},"
    "{\"colorType\":\"LINK\",\"color\":{\"rgbColor\":{"
    "\"red\":0.06666667,\"green\":0.33333334,\"blue\":0.8}}}]}}";

static const json *
json_default_look(struct fake *f)
{
	struct sheets_part *part = fake_part(f, &sheets_service);

	if (!part->look)
		part->look = json_stored(f->a, json_look);
	return part->look;
}

json *
book_default_format(struct fake *f)
{
	return json_at(json_default_look(f), "defaultFormat");
}

json *
book_properties(struct fake *f, struct arena *a, const struct book *book)
{
	json *j = json_new(a);

	json_set_str(j, "title", book->file->name);
	json_set_str(j, "locale", book->locale);
	json_set_str(j, "timeZone", book->zone);
	for (struct json_iter it = { 0 }; json_each(json_default_look(f), &it);)
		json_set(j, it.key, it.value);
	return j;
}

json *
grid_range_json(struct arena *a, const struct range *g)
{
	json *j = json_new(a);

	/* A first tab's 0 is a default, and defaults are not written. */
	if (g->tab->id != 0)
		json_set_i64(j, "sheetId", g->tab->id);
	if (g->r0 >= 0)
		json_set_i64(j, "startRowIndex", g->r0);
	if (g->r1 >= 0)
		json_set_i64(j, "endRowIndex", g->r1);
	if (g->c0 >= 0)
		json_set_i64(j, "startColumnIndex", g->c0);
	if (g->c1 >= 0)
		json_set_i64(j, "endColumnIndex", g->c1);
	return j;
}

json *
tab_properties(struct arena *a, const struct book *book, const struct tab *t)
{
	json *j = json_new(a), *grid = json_new(a);

	json_set_i64(j, "sheetId", t->id);
	json_set_str(j, "title", t->title);
	json_set_i64(j, "index", tab_index(book, t));
	json_set_str(j, "sheetType", t->type == TAB_OBJECT ? "OBJECT" : "GRID");
	if (t->type == TAB_GRID) {
		json_set_i64(grid, "rowCount", t->rows);
		json_set_i64(grid, "columnCount", t->cols);
		for (struct json_iter it = { 0 };
		     json_each(json_at(t->props, "gridProperties"), &it);)
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

json *
book_named(struct arena *a, const struct book *book)
{
	json *list = json_list(a);

	for (const struct named *n = book->named; n; n = n->next) {
		struct range g = {
			.tab = tab_by_id(book, n->tab),
			.r0 = n->r0,
			.c0 = n->c0,
			.r1 = n->r1,
			.c1 = n->c1,
		};
		json *j = json_new(a);

		if (!g.tab)
			continue;
		json_set_str(j, "namedRangeId", n->id);
		json_set_str(j, "name", n->name);
		json_set(j, "range", grid_range_json(a, &g));
		json_add(list, j);
	}
	return json_len(list) ? list : NULL;
}
