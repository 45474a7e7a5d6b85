/*
 * sheets.c - google-sheets: the network half. One call of Drive tells whether the file has
 * changed since the last complete read; one of Sheets tells the tabs; then come blocks of rows
 * of all chosen tabs, several tabs in one call when they are small. A block is at most SHEETS_CELLS
 * cells, so memory does not grow with the sheet. Each block repeats the last rows of the one
 * before, so that rows which somebody moves meanwhile are noticed. A preview is of everything where
 * that is one block.
 */
#include "provider/google/sheets.h"

#include "base/conf.h"
#include "kind/sheets_kind.h"
#include "provider/google/a1.h"
#include "provider/google/api.h"

enum {
	CELLS_FIRST_LOOK = 20000,
	LOOK_WHOLE = 1024 * 1024, /* who looks for so many bytes wants all */
	ROWS_MAX = 20000,
	PARTS_ASKED = 50,
	META_MAX = 16 * 1024 * 1024,
	SHEETS_SCRATCH = 512 * 1024 * 1024,
	TABS_READ = 64,
	TITLE_MAX = 200
};

/* --- which tabs, which part of them --- */

struct choosing {
	struct ctx *cx;
	const json *config, *cursor;
	json *tabs, *left;
	struct a1 range;
	bool ranged;
};

static void
sheets_leave(struct choosing *p, const char *title, const char *why)
{
	json *o = json_new(p->cx->a);

	json_set_str(o, "title", title);
	json_set_str(o, "why", why);
	json_add(p->left, o);
}

/* The number of a tab is its identity; `tabs` of the settings are titles or numbers. One that
 * was renamed since is found by the number it had. */
static bool
is_wanted(const struct choosing *p, const char *word, int64_t id, const char *title)
{
	int64_t known;
	const json *before = json_at(p->cursor, "tabs");

	if (!strcmp(word, title) || (str_i64(str_c(word), 0, INT32_MAX, &known) && known == id))
		return true;
	return json_i64(before, word, &known) && known == id;
}

static bool
sheets_wanted(const struct choosing *p, int64_t id, const char *title)
{
	const json *list = json_at(p->config, "tabs");

	if (p->ranged && p->range.tab)
		return is_wanted(p, p->range.tab, id, title);
	for (size_t i = 0; i < json_len(list); i++)
		if (is_wanted(p, json_value_str(json_nth(list, i)), id, title))
			return true;
	return json_len(list) == 0;
}

static int64_t
sheets_within(int64_t from, int64_t limit)
{
	return from && from < limit ? from : limit;
}

static void
tab_take(struct choosing *p, const json *sheet)
{
	const json *props = json_at(sheet, "properties"), *grid = json_at(props, "gridProperties");
	const char *title = json_str(props, "title"), *type = json_str(props, "sheetType");
	int64_t id = json_num(props, "sheetId", 0);
	int64_t rows = json_num(grid, "rowCount", 0);
	int64_t cols = json_num(grid, "columnCount", 0);
	int64_t header = json_num(p->config, "header_row", 0);
	json *o;

	if (!title || !sheets_wanted(p, id, title))
		return;
	if ((type && strcmp(type, "GRID")) || rows < 1 || cols < 1) {
		sheets_leave(p, title,
		    type && !strcmp(type, "OBJECT") ? "It is a chart, not a table."
						    : "It has no cells of its own.");
		return;
	}
	if (json_flag(props, "hidden", false) && !json_len(json_at(p->config, "tabs")) &&
	    !json_flag(p->config, "hidden", false)) {
		sheets_leave(p, title, "It is hidden. Name it under Tabs to read it.");
		return;
	}
	if (cols > A1_COLUMNS_MAX || rows > A1_ROWS_MAX)
		return;
	o = json_new(p->cx->a);
	json_set_i64(o, "id", id);
	json_set_str(o, "title", title);
	if (!header)
		header = p->ranged && p->range.row ? p->range.row : 1;
	json_set_i64(o, "row", header);
	json_set_i64(o, "col", p->ranged && p->range.col ? p->range.col : 1);
	json_set_i64(o, "lastRow", sheets_within(p->ranged ? p->range.last_row : 0, rows));
	json_set_i64(o, "lastCol", sheets_within(p->ranged ? p->range.last_col : 0, cols));
	if (json_num(o, "row", 1) > json_num(o, "lastRow", 0) ||
	    json_num(o, "col", 1) > json_num(o, "lastCol", 0)) {
		sheets_leave(p, title, "The chosen range lies outside of it.");
		return;
	}
	json_add(p->tabs, o);
}

/* An edge of a range; 0 when it is open. */
static int64_t
sheets_edge(const json *range, const char *key)
{
	int64_t n = json_num(range, key, 0);

	if (n > A1_ROWS_MAX)
		n = A1_ROWS_MAX;
	return n < 0 ? 0 : n;
}

/* A named range has its own tab. Its ends are half-open and counted from 0. */
static bool
named_range(struct choosing *p, const json *meta, const char *name)
{
	const json *list = json_at(meta, "namedRanges");

	for (size_t i = 0; i < json_len(list); i++) {
		const json *n = json_nth(list, i), *g = json_at(n, "range");
		const char *have = json_str(n, "name");
		if (!have || strcmp(have, name))
			continue;
		p->range = (struct a1){
			.tab = arena_printf(p->cx->a, "%lld", (long long)json_num(g, "sheetId", 0)),
			.row = sheets_edge(g, "startRowIndex") + 1,
			.col = sheets_edge(g, "startColumnIndex") + 1,
			.last_row = sheets_edge(g, "endRowIndex"),
			.last_col = sheets_edge(g, "endColumnIndex"),
		};
		return true;
	}
	return false;
}

static enum rc
sheets_choose(struct choosing *p, const json *meta, json *page)
{
	const char *range = json_str(p->config, "range");
	const json *sheets = json_at(meta, "sheets"), *words = json_at(p->config, "tabs");

	p->tabs = json_list(p->cx->a);
	p->left = json_list(p->cx->a);
	p->ranged = range != NULL;
	/* A name goes before a range that looks like it. */
	if (range && !named_range(p, meta, range) && !a1_parse(p->cx->a, str_c(range), &p->range))
		return fail(
		    p->cx, E_SOURCE_GONE, "The spreadsheet has no named range \"%.100s\".", range);
	for (size_t i = 0; i < json_len(sheets); i++)
		tab_take(p, json_nth(sheets, i));
	for (size_t w = 0; w < json_len(words); w++) {
		bool there = false;
		for (size_t i = 0; i < json_len(sheets) && !there; i++) {
			const json *props = json_at(json_nth(sheets, i), "properties");
			there = is_wanted(p, json_value_str(json_nth(words, w)),
			    json_num(props, "sheetId", 0),
			    json_str(props, "title") ? json_str(props, "title") : "");
		}
		if (!there)
			sheets_leave(p, json_value_str(json_nth(words, w)),
			    "There is no such tab any more.");
	}
	if (json_len(p->tabs) == 0)
		return fail(p->cx, E_EMPTY, "None of the chosen tabs can be read. %.200s",
		    json_str(json_nth(p->left, 0), "why") ? json_str(json_nth(p->left, 0), "why")
							  : "");
	if (json_len(p->tabs) > TABS_READ)
		return fail(p->cx, E_SOURCE_TOO_LARGE,
		    "The spreadsheet has more than %d tabs; choose the ones to read.", TABS_READ);
	json_set_str(page, "title", json_str(json_at(meta, "properties"), "title"));
	json_set_str(page, "zone", json_str(json_at(meta, "properties"), "timeZone"));
	json_set(page, "tabs", p->tabs);
	json_set(page, "left", p->left);
	return RC_OK;
}

enum rc
gsheets_choose(struct ctx *cx, const json *config, const json *cursor, const json *meta, json *page)
{
	struct choosing p = { .cx = cx, .config = config, .cursor = cursor };

	return sheets_choose(&p, meta, page);
}

/* --- requests --- */

static enum rc
get_file(struct ctx *cx, const struct source *src, int *calls, struct rest_reply *out)
{
	const struct rest_call call = {
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = arena_printf(cx->a,
		    "/drive/v3/files/%s?supportsAllDrives=true"
		    "&fields=id,name,version,modifiedTime,trashed,mimeType",
		    json_str(src->config, "spreadsheet")),
		.quota = QUOTA_DRIVE,
		.max_bytes = META_MAX,
		.what = "the spreadsheet",
	};

	return rest_call(cx, src->remote, &call, calls, out);
}

static enum rc
get_meta(struct ctx *cx, const struct source *src, int *calls, struct rest_reply *out)
{
	const struct rest_call call = {
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_SHEETS_BASE),
		.path = arena_printf(cx->a,
		    "/v4/spreadsheets/%s?fields=spreadsheetId,properties(title,locale,timeZone),"
		    "sheets.properties(sheetId,title,index,sheetType,hidden,"
		    "gridProperties(rowCount,columnCount)),namedRanges",
		    json_str(src->config, "spreadsheet")),
		.quota = QUOTA_SHEETS_READS,
		.max_bytes = META_MAX,
		.what = "the spreadsheet",
	};

	return rest_call(cx, src->remote, &call, calls, out);
}

/* Has nothing changed since the cursor? *version: to be kept, NULL when Drive may not be asked. */
static enum rc
look_at_file(struct ctx *cx, const struct source *src, struct fetch *f, const char **version)
{
	const char *before = json_str(src->cursor, "version");
	struct rest_reply file;
	enum rc rc = get_file(cx, src, &f->calls, &file);
	int64_t n;

	*version = NULL;
	/* Not allowed to look: it is read each time, and compared. */
	if (rc != RC_OK && (cx->err.kind == E_SCOPES || cx->err.kind == E_API_OFF))
		return RC_OK;
	TRY(rc);
	if (json_flag(file.value, "trashed", false))
		return fail(cx, E_SOURCE_GONE,
		    "The spreadsheet is in the trash of Google Drive. Take it out, or disconnect.");
	if (google_i64(file.value, "version", &n))
		*version = arena_printf(cx->a, "%lld", (long long)n);
	f->unchanged = *version && before && !src->recheck && !strcmp(*version, before);
	return RC_OK;
}

/* --- blocks --- */

/* Where the read stands: {"version", "tabs": [...], "t", "r", "had", "dates"?}: the next row of
 * the t-th tab, of which `had` were read in the block before. */
static json *
state_of(struct arena *a, const json *page, const char *version)
{
	json *s = json_new(a);

	json_set_str(s, "version", version);
	json_set(s, "tabs", json_at(page, "tabs"));
	json_set_i64(s, "t", 0);
	json_set_i64(s, "r", json_num(json_nth(json_at(page, "tabs"), 0), "row", 1));
	return s;
}

struct block {
	json *parts;
	struct buf *ranges; /* "ranges=...&ranges=..." */
	bool first;         /* of some tab */
	int64_t share;      /* a look: so many cells of each tab; 0: all */
	bool cut;           /* a tab has more rows than its share */
};

/* Takes the next rows into the block, as many as fit into *cells; moves on in the state. */
static void
take_rows(struct arena *a, struct block *b, json *state, int64_t *cells)
{
	int64_t t = json_num(state, "t", 0);
	int64_t r = json_num(state, "r", 1);
	int64_t had = json_num(state, "had", 0);
	int64_t over = had < GSHEETS_OVERLAP ? had : GSHEETS_OVERLAP;
	int64_t rows;
	json *tab = json_nth(json_at(state, "tabs"), (size_t)t), *part = json_new(a);
	int64_t col = json_num(tab, "col", 1);
	int64_t last_col = json_num(tab, "lastCol", 1);
	int64_t last = json_num(tab, "lastRow", 1);
	int64_t width = last_col - col + 1;
	struct buf *range = buf_in(a, 4000);

	rows = (b->share ? b->share : *cells) / width;
	if (rows > ROWS_MAX)
		rows = ROWS_MAX;
	if (rows < 1)
		rows = 1;
	if (r + rows - 1 > last)
		rows = last - r + 1;
	a1_write(range, json_str(tab, "title"), r - over, col, r + rows - 1, last_col);
	buf_str(b->ranges, b->ranges->n ? "&ranges=" : "ranges=");
	url_encode(b->ranges, buf_c(range));
	json_set_i64(part, "tab", t);
	json_set_i64(part, "row", r);
	json_set_i64(part, "over", over);
	json_add(b->parts, part);
	b->first |= had == 0;
	*cells -= rows * width;
	r += rows;
	had = rows;
	b->cut |= b->share && r <= last;
	if (r > last || b->share) {
		t++;
		r = json_num(json_nth(json_at(state, "tabs"), (size_t)t), "row", 1);
		had = 0;
	}
	json_set_i64(state, "t", t);
	json_set_i64(state, "r", r);
	json_set_i64(state, "had", had);
}

static enum rc
get_values(struct ctx *cx, const struct source *src, const struct block *b, const char *dates,
    int *calls, struct rest_reply *out)
{
	const struct rest_call call = {
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_SHEETS_BASE),
		.path = arena_printf(cx->a,
		    "/v4/spreadsheets/%s/values:batchGet?%s&majorDimension=ROWS"
		    "&valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=%s",
		    json_str(src->config, "spreadsheet"), buf_c(b->ranges), dates),
		.quota = QUOTA_SHEETS_READS,
		.max_bytes = GSHEETS_PAGE_MAX,
		.raw = true,
		.what = "the spreadsheet",
	};

	return rest_call(cx, src->remote, &call, calls, out);
}

static enum rc
sheets_put(struct ctx *cx, struct fetch *f, struct str s)
{
	return f->write(cx, f->arg, s.p, s.n);
}

/* Does all of it come with one call? A preview of that is one of everything: of a part nobody could
 * say what is missing. */
static bool
is_one_block(const json *tabs)
{
	int64_t cells = 0;

	for (size_t i = 0; i < json_len(tabs) && cells <= SHEETS_CELLS; i++) {
		const json *tab = json_nth(tabs, i);
		const int64_t width = json_num(tab, "lastCol", 1) - json_num(tab, "col", 1) + 1;

		cells += width * (json_num(tab, "lastRow", 1) - json_num(tab, "row", 1) + 1);
	}
	return cells <= SHEETS_CELLS;
}

static enum rc
fetch_block(struct ctx *cx, const struct source *src, struct fetch *f, json *state)
{
	const json *list = json_at(state, "tabs");
	const bool part = f->enough_bytes && (f->enough_bytes < LOOK_WHOLE || !is_one_block(list));
	int64_t cells = part ? CELLS_FIRST_LOOK : SHEETS_CELLS;
	size_t tabs = json_len(list);
	struct block b = {
		.parts = json_list(cx->a),
		.ranges = buf_in(cx->a, 64 * 1024),
		.share = part ? cells / (int64_t)tabs : 0,
	};
	struct rest_reply values, shown;

	do
		take_rows(cx->a, &b, state, &cells);
	while (cells > 0 && json_num(state, "t", 0) < (int64_t)tabs &&
	    json_len(b.parts) < PARTS_ASKED && b.ranges->n < 6000);
	f->cut = b.cut;
	TRY(get_values(cx, src, &b, "SERIAL_NUMBER", &f->calls, &values));
	TRY(sheets_put(cx, f,
	    str_c(arena_printf(cx->a, "{\"parts\":%s,\"values\":", json_text(cx->a, b.parts)))));
	TRY(sheets_put(cx, f, values.body));
	/* The sheet's own idea of which numbers are dates: a second call, once some were met. */
	if (b.first || json_flag(state, "dates", false)) {
		TRY(get_values(cx, src, &b, "FORMATTED_STRING", &f->calls, &shown));
		if (!str_eq(values.body, shown.body))
			json_set_bool(state, "dates", true);
		TRY(sheets_put(cx, f, STR(",\"shown\":")));
		TRY(sheets_put(cx, f, shown.body));
	}
	return sheets_put(cx, f, STR("}"));
}

/* What the next run gets: the version that was there before anything was read, and which tab had
 * which title. */
static json *
sheets_cursor(struct arena *a, const json *state)
{
	json *c = json_new(a), *tabs = json_new(a), *list = json_at(state, "tabs");

	json_set_str(c, "version", json_str(state, "version"));
	for (size_t i = 0; i < json_len(list); i++)
		json_set_i64(tabs, json_str(json_nth(list, i), "title"),
		    json_num(json_nth(list, i), "id", 0));
	json_set(c, "tabs", tabs);
	return c;
}

static enum rc
sheets_first(struct ctx *cx, const struct source *src, struct fetch *f, json **state)
{
	json *page = json_new(cx->a);
	struct rest_reply meta;
	const char *version;

	TRY(look_at_file(cx, src, f, &version));
	if (f->unchanged)
		return RC_OK;
	TRY(get_meta(cx, src, &f->calls, &meta));
	TRY(gsheets_choose(cx, src->config, src->cursor, meta.value, page));
	*state = state_of(cx->a, page, version);
	return sheets_put(cx, f, str_c(json_text(cx->a, page)));
}

static enum rc
sheets_page(struct ctx *cx, const struct source *src, struct fetch *f, json **state)
{
	if (f->page == 0)
		return sheets_first(cx, src, f, state);
	*state = json_stored(cx->a, f->next);
	return *state ? fetch_block(cx, src, f, *state) : fail(cx, E_BUG, NULL);
}

/* Memory of one page is gone with the page. */
static enum rc
gsheets_fetch(struct ctx *outer, const struct source *src, struct fetch *f)
{
	struct ctx cx = { .a = arena_new("sheet", SHEETS_SCRATCH, ARENA_WIPE) };
	json *state = NULL;
	enum rc rc = sheets_page(&cx, src, f, &state);

	if (rc == RC_OK && !f->unchanged) {
		if (json_num(state, "t", 0) < (int64_t)json_len(json_at(state, "tabs")))
			f->next_page = arena_dup(outer->a, json_text(cx.a, state));
		else
			f->cursor = json_copy(outer->a, sheets_cursor(cx.a, state));
		f->content_type = "application/json";
		/* One look is enough for a preview. */
		f->cut = f->enough_bytes && f->page > 0 && (f->cut || f->next_page);
	}
	if (rc != RC_OK)
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}

/* --- settings --- */

/* Why a tab of this type cannot be read, for the form; NULL: it can. */
static const char *
sheets_unusable(const char *type)
{
	if (!type || !strcmp(type, "GRID"))
		return NULL;
	return !strcmp(type, "OBJECT") ? "a chart, not a table" : "has no cells of its own";
}

static enum rc
gsheets_choices(struct ctx *cx, const struct source *src, json *choices)
{
	json *list = json_list(cx->a), *names = json_list(cx->a), *sheets, *ranges;
	struct rest_reply meta;
	int calls = 0;

	TRY(get_meta(cx, src, &calls, &meta));
	sheets = json_at(meta.value, "sheets");
	for (size_t i = 0; i < json_len(sheets); i++) {
		const json *props = json_at(json_nth(sheets, i), "properties");
		const char *type = json_str(props, "sheetType");
		json *o = json_new(cx->a);
		json_set_str(
		    o, "id", arena_printf(cx->a, "%lld", (long long)json_num(props, "sheetId", 0)));
		json_set_str(o, "title", json_str(props, "title"));
		json_set_bool(o, "usable", !sheets_unusable(type));
		json_set_str(o, "why", sheets_unusable(type));
		json_set_bool(o, "hidden", json_flag(props, "hidden", false));
		json_set_i64(o, "rows", json_num(json_at(props, "gridProperties"), "rowCount", 0));
		json_set_i64(
		    o, "columns", json_num(json_at(props, "gridProperties"), "columnCount", 0));
		json_add(list, o);
	}
	ranges = json_at(meta.value, "namedRanges");
	for (size_t i = 0; i < json_len(ranges); i++)
		json_add_str(names, json_str(json_nth(ranges, i), "name"));
	json_set_str(choices, "title", json_str(json_at(meta.value, "properties"), "title"));
	json_set(choices, "tabs", list);
	json_set(choices, "namedRanges", names);
	return RC_OK;
}

enum { BOOKS_PAGE = 100, BOOK_PAGES_MAX = 20 };

/* One page of them, from a token on; *next: that of the next one, NULL: it was the last. */
static enum rc
books_page(struct ctx *cx, const struct source *src, json *list, const char **next)
{
	struct buf *path = buf_in(cx->a, 8 * 1024);
	const json *files;
	struct rest_reply reply;
	int calls = 0;

	buf_printf(path,
	    "/drive/v3/files?q=mimeType%%3D'application%%2Fvnd.google-apps.spreadsheet'"
	    "%%20and%%20trashed%%3Dfalse&orderBy=modifiedTime%%20desc&pageSize=%d"
	    "&fields=nextPageToken,files(id,name,modifiedTime,webViewLink)"
	    "&supportsAllDrives=true&includeItemsFromAllDrives=true",
	    BOOKS_PAGE);
	if (*next) {
		buf_str(path, "&pageToken=");
		url_encode(path, *next);
	}
	const struct rest_call call = {
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = buf_c(path),
		.quota = QUOTA_DRIVE,
		.max_bytes = META_MAX,
		.what = "the list of spreadsheets",
	};

	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	files = json_at(reply.value, "files");
	for (size_t i = 0; i < json_len(files); i++) {
		const json *f = json_nth(files, i);
		json *o = json_new(cx->a);
		json_set_str(o, "id", json_str(f, "id"));
		json_set_str(o, "title", json_str(f, "name"));
		json_set_str(o, "link", json_str(f, "webViewLink"));
		json_set_str(o, "changedAt", json_str(f, "modifiedTime"));
		json_add(list, o);
	}
	*next = json_str(reply.value, "nextPageToken");
	return RC_OK;
}

/* Spreadsheets, those first that were changed last. A page may have fewer than was asked for. */
static enum rc
gsheets_sources(struct ctx *cx, const struct source *src, json *list, bool *more)
{
	const char *next = NULL;
	int pages = 0;

	do
		TRY(books_page(cx, src, list, &next));
	while (next && ++pages < BOOK_PAGES_MAX && json_len(list) < SOURCES_MAX);
	*more = next != NULL;
	return RC_OK;
}

const struct reader reader_gsheets = {
	.fetch = gsheets_fetch,
	.parse = gsheets_parse,
	.choices = gsheets_choices,
	.sources = gsheets_sources,
};
