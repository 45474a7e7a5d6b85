/*
 * gsheets_parse.c - google-sheets: the pure half. Values come as JSON; numbers that the sheet shows as dates become dates, in whatever way its locale writes them. Memory of
 * a page is gone with the page.
 */
#include "provider/gsheets.h"

#include <stdlib.h>

#include "base/buf.h"

enum { TABS_MAX = 64, COLUMNS_MAX = 18278, TESTS_MAX = 20, PEOPLE = 3, WHEN_TEXT = 40, CHUNK = 64 * 1024 };

struct tab {
	int64_t id, row;
	const char *title;
	bool begun;
	size_t n;                      /* columns of the header */
	struct str *names;
	enum when_kind *kinds;         /* of numbers in this column, learned from the first block */
	bool *hide;                    /* not among the chosen columns */
	int test_col[TESTS_MAX];       /* -1: no such column */
	int person[PEOPLE];            /* column of name, e-mail, phone; -1: none */
	int64_t rows, nameless, people;
	int64_t headless;              /* rows below an empty header row */
};

struct load {
	struct arena *a;               /* for the whole read */
	struct ctx page;               /* for one page */
	const json *config;
	struct sink *sink;
	struct tab tabs[TABS_MAX];
	size_t n;
	struct row_test tests[TESTS_MAX];
	size_t n_tests;
	int64_t errors, filtered, stray;
};

/* --- headers --- */

static bool
chosen(const json *list, struct str name)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_is_str(json_nth(list, i)) && str_ieq(str_trim(name), str_trim(str_c(json_value_str(json_nth(list, i))))))
			return true;
	return json_len(list) == 0;
}

static int
column_named(const struct tab *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_ieq(str_trim(t->names[i]), str_trim(str_c(name))))
			return (int)i;
	return -1;
}

/* By what people call such columns. */
static int
guess(const struct tab *t, int what)
{
	static const char *const words[PEOPLE][12] = { { "name", "full name", "contact", "contact name", "vollst\xc3\xa4ndiger name", "nom", "nombre", "nome", "kunde" },
		{ "email", "e-mail", "mail", "email address", "e-mail address", "e-mail-adresse", "courriel", "correo" },
		{ "phone", "telephone", "tel", "mobile", "phone number", "telefon", "handy", "t\xc3\xa9l\xc3\xa9phone", "tel\xc3\xa9""fono", "telefono", "mobil" } };

	for (size_t w = 0; w < sizeof words[what] / sizeof *words[what] && words[what][w]; w++)
		if (column_named(t, words[what][w]) >= 0)
			return column_named(t, words[what][w]);
	return -1;
}

static enum rc
find_columns(struct ctx *cx, struct load *l, struct tab *t)
{
	static const char *const settings[PEOPLE] = { "name_column", "email_column", "phone_column" };

	for (size_t i = 0; i < l->n_tests; i++) {
		t->test_col[i] = column_named(t, l->tests[i].column);
		if (t->test_col[i] < 0)
			return fail(cx, E_COLUMN, "The condition on rows names the column \"%.100s\", which the tab \"%.100s\" does not have.", l->tests[i].column, t->title);
	}
	for (int i = 0; i < PEOPLE; i++) {
		const char *given = json_str(l->config, settings[i]);
		t->person[i] = given ? column_named(t, given) : guess(t, i);
		if (given && t->person[i] < 0 && json_flag(l->config, "contacts", false))
			return fail(cx, E_COLUMN, "The tab \"%.100s\" has no column \"%.100s\".", t->title, given);
	}
	return RC_OK;
}

/* One that is chosen and not there was renamed, most likely. */
static enum rc
miss_columns(struct ctx *cx, struct load *l, const struct tab *t, size_t kept)
{
	const json *list = json_at(l->config, "columns");

	if (kept == 0)
		return fail(cx, E_COLUMN, "The tab \"%.100s\" has none of the chosen columns.", t->title);
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_value_str(json_nth(list, i));
		if (name && column_named(t, name) < 0)
			TRY(l->sink->warn(l->sink, cx, arena_printf(l->a, "column_unknown_%lld_%zu", (long long)t->id, i), "The tab \"%.100s\" has no column \"%.100s\", which is chosen.",
			    t->title, name));
	}
	return RC_OK;
}

/* Up to the last cell of the first rows that holds something: values may stand to the right of the headers, in columns without a name. */
static size_t
width(const json *values)
{
	size_t most = 0;

	for (size_t r = 0; r < json_len(values); r++) {
		const json *row = json_nth(values, r);
		size_t n = json_len(row);
		while (n > most && (json_is_null(json_nth(row, n - 1)) || (json_is_str(json_nth(row, n - 1)) && !*json_value_str(json_nth(row, n - 1)))))
			n--;
		most = n > most ? n : most;
	}
	return most < COLUMNS_MAX ? most : COLUMNS_MAX;
}

/* A cell as text; numbers to the letter. */
static struct str
cell_text(struct arena *a, const json *v)
{
	return json_is_str(v) ? str_c(json_value_str(v)) : json_is_null(v) || !v ? (struct str){ "", 0 } : str_c(json_text(a, v));
}

static enum rc
begin(struct ctx *cx, struct load *l, struct tab *t, const json *values)
{
	const json *header = json_nth(values, 0);
	size_t kept = 0;
	struct str *names;
	bool blank = true;

	t->n = width(values);
	t->names = arena_array(l->a, t->n + 1, sizeof *t->names);
	t->kinds = arena_array(l->a, t->n + 1, sizeof *t->kinds);
	t->hide = arena_array(l->a, t->n + 1, sizeof *t->hide);
	names = arena_array(l->a, t->n + 1, sizeof *names);
	for (size_t i = 0; i < t->n; i++) {
		struct str s = cell_text(l->page.a, json_nth(header, i));
		t->names[i] = (struct str){ arena_dup_str(l->a, s), s.n };
		blank = blank && str_trim(s).n == 0;
		t->hide[i] = !chosen(json_at(l->config, "columns"), t->names[i]);
		if (!t->hide[i])
			names[kept++] = t->names[i];
	}
	if (blank) {
		t->headless = t->n ? (int64_t)json_len(values) - 1 : 0;
		return RC_OK;
	}
	TRY(find_columns(cx, l, t));
	TRY(miss_columns(cx, l, t, kept));
	t->begun = true;
	return l->sink->header(l->sink, cx, names, kept);
}

/* --- rows --- */

static bool
is_error(struct str s)
{
	static const char *const words[] = { "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#ERROR!" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

/* A number to the letter, or the date it is shown as. */
static struct cell
number_cell(struct arena *a, const struct tab *t, size_t col, const json *v, const json *shown)
{
	struct str digits = str_c(json_text(a, v));
	enum when_kind kind = col < t->n ? t->kinds[col] : WHEN_NONE;
	double serial = strtod(digits.p, NULL);
	char *text = arena_alloc(a, WHEN_TEXT);

	/* Where the sheet's own view of the cell is there, it decides. */
	if (shown)
		kind = json_is_str(shown) ? gsheets_kind(serial, str_c(json_value_str(shown))) : WHEN_NONE;
	else if (kind == WHEN_TIME && !(serial >= 0 && serial < 1))
		kind = WHEN_DATE_TIME;
	if (kind != WHEN_NONE && gsheets_when(serial, kind, text))
		return (struct cell){ CELL_TEXT, str_c(text) };
	return (struct cell){ CELL_JSON, digits };
}

static struct cell
cell_of(struct arena *a, struct load *l, const struct tab *t, size_t col, const json *v, const json *shown)
{
	struct str s;

	if (!v || json_is_null(v))
		return (struct cell){ CELL_NONE, { NULL, 0 } };
	if (json_is_num(v))
		return number_cell(a, t, col, v, shown);
	if (!json_is_str(v))
		return (struct cell){ CELL_JSON, str_c(json_text(a, v)) };
	s = str_c(json_value_str(v));
	if (s.n == 0)
		return (struct cell){ CELL_NONE, { NULL, 0 } };
	l->errors += is_error(s);
	return (struct cell){ CELL_TEXT, s };
}

static struct str
text_at(const struct cell *cells, size_t n, int col)
{
	return col >= 0 && (size_t)col < n && cells[col].kind != CELL_NONE ? str_trim(cells[col].v) : (struct str){ "", 0 };
}

static bool
passes(const struct load *l, const struct tab *t, const struct cell *cells, size_t n)
{
	for (size_t i = 0; i < l->n_tests; i++)
		if (!row_test_holds(&l->tests[i], text_at(cells, n, t->test_col[i])))
			return false;
	return true;
}

static enum rc
put_row(struct ctx *cx, struct load *l, struct tab *t, int64_t line, const json *values, const json *shown)
{
	size_t n = json_len(values), kept = 0;
	struct cell *cells = arena_array(l->page.a, n + 1, sizeof *cells);
	bool empty = true;

	for (size_t i = 0; i < n; i++) {
		cells[i] = cell_of(l->page.a, l, t, i, json_nth(values, i), json_nth(shown, i));
		empty = empty && (cells[i].kind == CELL_NONE || i >= t->n || t->hide[i]);
		l->stray += i >= t->n && cells[i].kind != CELL_NONE;
	}
	if (empty)
		return RC_OK;
	t->rows++;
	if (!passes(l, t, cells, n)) {
		l->filtered++;
		return RC_OK;
	}
	if (json_flag(l->config, "contacts", false)) {
		t->people++;
		t->nameless += !text_at(cells, n, t->person[1]).n && !text_at(cells, n, t->person[2]).n;
	}
	for (size_t i = 0; i < n && i < t->n; i++)
		if (!t->hide[i])
			cells[kept++] = cells[i];
	return l->sink->row(l->sink, cx, &(struct row){ .cells = cells, .n = kept, .line = line });
}

/* Times of day and durations are written alike. */
static enum when_kind
both(enum when_kind a, enum when_kind b)
{
	if (a == WHEN_NONE || a == b)
		return b;
	return (a == WHEN_TIME || a == WHEN_DURATION) && (b == WHEN_TIME || b == WHEN_DURATION) ? WHEN_DURATION : WHEN_DATE_TIME;
}

/* Which columns hold dates: for rows further down, which come without the sheet's own view. A column whose numbers are not all dates is one of numbers. */
static void
learn_kinds(struct arena *a, struct tab *t, const json *values, const json *shown)
{
	bool *mixed = arena_array(a, t->n + 1, sizeof *mixed);

	for (size_t r = 1; r < json_len(values); r++)
		for (size_t c = 0; c < t->n && c < json_len(json_nth(values, r)); c++) {
			const json *v = json_nth(json_nth(values, r), c), *s = json_nth(json_nth(shown, r), c);
			enum when_kind kind;
			if (!json_is_num(v))
				continue;
			kind = json_is_str(s) ? gsheets_kind(strtod(json_text(a, v), NULL), str_c(json_value_str(s))) : WHEN_NONE;
			if (kind == WHEN_NONE)
				mixed[c] = true;
			else
				t->kinds[c] = both(t->kinds[c], kind);
		}
	for (size_t c = 0; c < t->n; c++)
		if (mixed[c])
			t->kinds[c] = WHEN_NONE;
}

static enum rc
put_part(struct ctx *cx, struct load *l, const json *part, const json *range, const json *shown_range)
{
	size_t no = (size_t)json_num(part, "tab", 0);
	int64_t row = json_num(part, "row", 1);
	const json *values = json_at(range, "values"), *shown = json_at(shown_range, "values");
	struct tab *t;
	size_t from = 0;

	if (no >= l->n)
		return fail(cx, E_JSON, "A block of rows belongs to no tab.");
	t = &l->tabs[no];
	if (row == t->row) {
		TRY(l->sink->dataset(l->sink, cx, arena_printf(l->page.a, "%lld", (long long)t->id), t->title));
		TRY(begin(cx, l, t, values));
		if (t->begun)
			learn_kinds(l->page.a, t, values, shown);
		from = 1;
	}
	for (size_t i = from; t->begun && i < json_len(values); i++)
		TRY(put_row(cx, l, t, row + (int64_t)i, json_nth(values, i), shown_range ? json_nth(shown, i) ? json_nth(shown, i) : json_list(l->page.a) : NULL));
	return RC_OK;
}

/* --- pages --- */

static enum rc
read_page(struct ctx *cx, struct load *l, struct page_in *page, json **out)
{
	struct buf *b = buf_in(l->page.a, GSHEETS_PAGE_MAX * 2);
	char *chunk = arena_alloc(l->page.a, CHUNK);
	size_t got;

	do {
		TRY(page->read(page->arg, cx, chunk, CHUNK, &got));
		buf_add(b, chunk, got);
	} while (got > 0);
	if (b->over)
		return fail(cx, E_SOURCE_TOO_LARGE, NULL);
	if (json_parse(&l->page, "A block of the spreadsheet", buf_s(b), out) != RC_OK)
		return fail(cx, E_JSON, "Google's answer could not be read.");
	return RC_OK;
}

static enum rc
read_tabs(struct ctx *cx, struct load *l, const json *page)
{
	const json *tabs = json_at(page, "tabs"), *left = json_at(page, "left"), *where = json_at(l->config, "where");
	const char *why;

	for (size_t i = 0; i < json_len(tabs) && l->n < TABS_MAX; i++) {
		const json *t = json_nth(tabs, i);
		l->tabs[l->n++] = (struct tab){ .id = json_num(t, "id", 0), .row = json_num(t, "row", 1), .title = arena_dup(l->a, json_str(t, "title")) };
	}
	for (size_t i = 0; i < json_len(where) && i < TESTS_MAX; i++)
		if (row_test_parse(l->a, json_value_str(json_nth(where, i)), &l->tests[i], &why))
			l->n_tests = i + 1;
	for (size_t i = 0; i < json_len(left); i++)
		TRY(l->sink->warn(l->sink, cx, arena_printf(l->a, "tab_left_out_%zu", i), "The tab \"%.100s\" was left out. %.200s", json_str(json_nth(left, i), "title"),
		    json_str(json_nth(left, i), "why")));
	return RC_OK;
}

static enum rc
put_page(struct ctx *cx, struct load *l, struct page_in *in, bool first)
{
	const json *parts, *values, *shown;
	json *page;

	TRY(read_page(cx, l, in, &page));
	if (first)
		return read_tabs(cx, l, page);
	parts = json_at(page, "parts");
	values = json_at(json_at(page, "values"), "valueRanges");
	shown = json_at(json_at(page, "shown"), "valueRanges");
	if (json_len(values) != json_len(parts) || (json_has(page, "shown") && json_len(shown) != json_len(parts)))
		return fail(cx, E_TRUNCATED, "Google's answer has fewer blocks of rows than were asked for.");
	for (size_t i = 0; i < json_len(parts); i++)
		TRY(put_part(cx, l, json_nth(parts, i), json_nth(values, i), json_nth(shown, i)));
	return RC_OK;
}

/* What a person should know about the whole. */
static enum rc
say(struct ctx *cx, struct load *l)
{
	int64_t people = 0, nameless = 0;
	size_t blank = 0;

	for (size_t i = 0; i < l->n; i++) {
		people += l->tabs[i].people;
		nameless += l->tabs[i].nameless;
		blank += !l->tabs[i].begun;
		if (l->tabs[i].headless)
			return fail(cx, E_EMPTY, "Row %lld of the tab \"%.100s\" is empty, where its headers should be. Put them back, or set another header row.", (long long)l->tabs[i].row,
			    l->tabs[i].title);
		if (!l->tabs[i].begun && l->n > 1)
			TRY(l->sink->warn(l->sink, cx, arena_printf(l->a, "tab_empty_%zu", i), "The tab \"%.100s\" is empty, headers too.", l->tabs[i].title));
	}
	if (blank == l->n)
		return fail(cx, E_EMPTY, l->n > 1 ? "All chosen tabs are empty, headers too." : "The tab is empty, headers too. The data that was read before is kept.");
	if (l->errors)
		TRY(l->sink->warn(l->sink, cx, "formula_errors", "%lld cells show an error of a formula, as #REF!; they are kept as text.", (long long)l->errors));
	if (l->stray && !json_len(json_at(l->config, "columns")))
		TRY(l->sink->warn(l->sink, cx, "values_beyond", "%lld values stand to the right of all headers and were left out. Give their columns a header.", (long long)l->stray));
	if (l->filtered)
		TRY(l->sink->warn(l->sink, cx, "rows_filtered", "%lld rows do not meet the conditions and were left out.", (long long)l->filtered));
	if (json_flag(l->config, "contacts", false))
		TRY(l->sink->warn(l->sink, cx, "contacts", "%lld contacts; %lld of them have neither an e-mail address nor a phone number.", (long long)people, (long long)nameless));
	return RC_OK;
}

enum rc
gsheets_parse(struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct load *l = arena_alloc(cx->a, sizeof *l);
	enum rc rc = RC_OK;

	*l = (struct load){ .a = cx->a, .config = src->config, .sink = sink, .page = { .a = arena_new("sheet", GSHEETS_PAGE_MAX * (size_t)16, ARENA_WIPE) } };
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = put_page(cx, l, &pages[i], i == 0);
		arena_reset(l->page.a);
	}
	if (rc == RC_OK)
		rc = say(cx, l);
	arena_free(l->page.a);
	return rc;
}
