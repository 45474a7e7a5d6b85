/*
 * sheets_parse.c - google-sheets: the pure half. Values come as JSON; numbers that the sheet
 * shows as dates become dates, in whatever way its locale writes them. Rows are taken apart when
 * their turn comes (gsheets_page.h).
 */
#include "kind/person.h"
#include "provider/google/sheets.h"

#include <stdlib.h>

#include "base/buf.h"
#include "provider/google/a1.h"
#include "provider/google/sheets_page.h"

enum { TABS_MAX = 64, TESTS_MAX = 20, WHEN_TEXT = 40, CELL_SHOWN_MAX = 256 * 1024 };

struct tab {
	int64_t id, row;
	const char *title;
	bool begun;
	size_t n; /* columns of the header */
	struct str *names;
	bool *hide;              /* not among the chosen columns */
	int test_col[TESTS_MAX]; /* -1: no such column */
	int person[PEOPLE];      /* column of name, e-mail, phone; -1: none */
	int64_t rows, nameless;
	int64_t headless;  /* rows below an empty header row */
	int64_t last_line; /* of the row that came last */
};

struct sheets_load {
	struct arena *a; /* for the whole read */
	const json *config;
	struct sink *sink;
	struct sheet_page *page; /* the present one */
	struct cell *cells;      /* of the present row */
	struct buf *scratch;
	struct tab tabs[TABS_MAX];
	size_t n;
	struct row_test tests[TESTS_MAX];
	size_t n_tests;
	int64_t errors, filtered, stray;
};

/* --- headers --- */

static bool
tab_chosen(const json *list, struct str name)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_is_str(json_nth(list, i)) &&
		    str_ieq(str_trim(name), str_trim(str_c(json_value_str(json_nth(list, i))))))
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

static enum rc
find_columns(struct ctx *cx, struct sheets_load *l, struct tab *t)
{
	for (size_t i = 0; i < l->n_tests; i++) {
		t->test_col[i] = column_named(t, l->tests[i].column);
		if (t->test_col[i] < 0)
			return fail(cx, E_COLUMN,
			    "The condition on rows names the column \"%.100s\", which the tab "
			    "\"%.100s\" does not have.",
			    l->tests[i].column, t->title);
	}
	for (int i = 0; i < PEOPLE; i++) {
		const char *given = json_str(l->config, person_fields[i]);
		t->person[i] = given ? column_named(t, given) : person_guess(t->names, t->n, i);
		if (given && t->person[i] < 0 && json_flag(l->config, "contacts", false))
			return fail(cx, E_COLUMN, "The tab \"%.100s\" has no column \"%.100s\".",
			    t->title, given);
	}
	return RC_OK;
}

/* One that is chosen and not there was renamed, most likely. */
static enum rc
miss_columns(struct ctx *cx, struct sheets_load *l, const struct tab *t, size_t kept)
{
	const json *list = json_at(l->config, "columns");

	if (kept == 0)
		return fail(
		    cx, E_COLUMN, "The tab \"%.100s\" has none of the chosen columns.", t->title);
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_value_str(json_nth(list, i));
		if (name && column_named(t, name) < 0)
			TRY(l->sink->warn(cx, l->sink,
			    arena_printf(l->a, "column_unknown_%lld_%zu", (long long)t->id, i),
			    "The tab \"%.100s\" has no column \"%.100s\", which is chosen.",
			    t->title, name));
	}
	return RC_OK;
}

/* Up to the last cell of the first rows that holds something: values may stand to the right of
 * the headers, in columns without a name. */
static size_t
tab_width(const struct rows *rows)
{
	size_t most = 0;

	for (size_t r = 0; r < rows->n; r++) {
		struct jparts row = jparts_of(rows->v[r]);
		struct jpart part;
		for (size_t n = 1; n <= A1_COLUMNS_MAX && jparts_next(&row, &part); n++)
			if (n > most && !str_is(part.value, "null") && !str_is(part.value, "\"\""))
				most = n;
	}
	return most;
}

/* A cell as text; numbers to the letter. */
static struct str
cell_text(struct str raw)
{
	if (jtext_type(raw) == J_TEXT)
		return jtext_decode(raw);
	return jtext_type(raw) == J_NULL ? (struct str){ "", 0 } : raw;
}

static enum rc
tab_begin(struct ctx *cx, struct sheets_load *l, struct tab *t, const struct rows *rows)
{
	struct jparts header = jparts_of(row_at(rows, 0));
	struct jpart part;
	size_t kept = 0;
	struct str *names;
	bool blank = true;

	t->n = tab_width(rows);
	t->names = arena_array(l->a, t->n + 1, sizeof *t->names);
	t->hide = arena_array(l->a, t->n + 1, sizeof *t->hide);
	names = arena_array(l->a, t->n + 1, sizeof *names);
	for (size_t i = 0; i < t->n; i++) {
		struct str s = jparts_next(&header, &part) ? cell_text(part.value)
							   : (struct str){ "", 0 };
		t->names[i] = (struct str){ arena_dup_str(l->a, s), s.n };
		blank = blank && str_trim(s).n == 0;
		t->hide[i] = !tab_chosen(json_at(l->config, "columns"), t->names[i]);
		if (!t->hide[i])
			names[kept++] = t->names[i];
	}
	if (blank) {
		t->headless = t->n ? (int64_t)rows->n - 1 : 0;
		return RC_OK;
	}
	TRY(find_columns(cx, l, t));
	TRY(miss_columns(cx, l, t, kept));
	t->begun = true;
	return l->sink->header(cx, l->sink, names, kept);
}

/* --- rows --- */

static bool
is_error(struct str s)
{
	static const char *const words[] = { "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?",
		"#NUM!", "#NULL!", "#ERROR!" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

/* What a number is by the sheet's own view of the cell. */
static enum serial_kind
kind_shown(struct sheets_load *l, double serial, struct str shown)
{
	if (jtext_type(shown) != J_TEXT)
		return SERIAL_NONE;
	buf_clear(l->scratch);
	return gsheets_kind(serial, jtext_read(shown, l->scratch));
}

/* A number to the letter, or the date it is shown as. shown: {NULL, 0} when it is not there. */
static struct cell
number_cell(struct sheets_load *l, struct str raw, struct str shown)
{
	double serial = strtod(raw.p, NULL);
	enum serial_kind kind = shown.p ? kind_shown(l, serial, shown) : SERIAL_NONE;
	char *text;

	if (kind == SERIAL_NONE)
		return (struct cell){ CELL_JSON, raw };
	text = arena_alloc(l->page->cx.a, WHEN_TEXT);
	return gsheets_when(serial, kind, text) ? (struct cell){ CELL_TEXT, str_c(text) }
						: (struct cell){ CELL_JSON, raw };
}

static struct cell
cell_of(struct sheets_load *l, struct str raw, struct str shown)
{
	struct str s;

	switch (jtext_type(raw)) {
	case J_NULL:
		return (struct cell){ CELL_NONE, { NULL, 0 } };
	case J_NUMBER:
		return number_cell(l, raw, shown);
	case J_TEXT:
		s = jtext_decode(raw);
		if (s.n == 0)
			return (struct cell){ CELL_NONE, { NULL, 0 } };
		l->errors += is_error(s);
		return (struct cell){ CELL_TEXT, s };
	default:
		return (struct cell){ CELL_JSON, raw };
	}
}

static struct str
text_at(const struct cell *cells, size_t n, int col)
{
	return col >= 0 && (size_t)col < n && cells[col].kind != CELL_NONE ? str_trim(cells[col].v)
									   : (struct str){ "", 0 };
}

static bool
tab_passes(const struct sheets_load *l, const struct tab *t, const struct cell *cells, size_t n)
{
	for (size_t i = 0; i < l->n_tests; i++)
		if (!row_test_holds(&l->tests[i], text_at(cells, n, t->test_col[i])))
			return false;
	return true;
}

/* Cells of a row in l->cells, as many as the row has. */
static size_t
take_cells(
    struct sheets_load *l, const struct tab *t, struct str plain, struct str shown, bool *empty)
{
	struct jparts values = jparts_of(plain), views = jparts_of(shown);
	struct jpart value, view;
	size_t n = 0;

	*empty = true;
	for (; n < A1_COLUMNS_MAX && jparts_next(&values, &value); n++) {
		l->cells[n] = cell_of(l, value.value,
		    jparts_next(&views, &view) ? view.value : (struct str){ NULL, 0 });
		*empty = *empty && (l->cells[n].kind == CELL_NONE || n >= t->n || t->hide[n]);
	}
	return n;
}

/* Only the chosen columns, and only those with a header. */
static struct row
row_of(struct sheets_load *l, const struct tab *t, size_t n, int64_t line)
{
	size_t kept = 0;

	for (size_t i = 0; i < n && i < t->n; i++)
		if (!t->hide[i])
			l->cells[kept++] = l->cells[i];
	return (struct row){ .cells = l->cells, .n = kept, .line = line };
}

/* A row that is one, without counting it. */
static bool
take_row(
    struct sheets_load *l, const struct tab *t, struct str plain, struct str shown, struct row *out)
{
	int64_t errors = l->errors;
	bool empty;
	size_t n = take_cells(l, t, plain, shown, &empty);

	l->errors = errors;
	if (empty || !tab_passes(l, t, l->cells, n))
		return false;
	*out = row_of(l, t, n, 0);
	return true;
}

static enum rc
put_row(struct ctx *cx, struct sheets_load *l, struct tab *t, int64_t line, struct str plain,
    struct str shown)
{
	const struct cell *cells = l->cells;
	bool empty;
	size_t n = take_cells(l, t, plain, shown, &empty);
	struct row row;

	for (size_t i = t->n; i < n; i++)
		l->stray += cells[i].kind != CELL_NONE;
	if (empty)
		return RC_OK;
	t->rows++;
	if (!tab_passes(l, t, cells, n)) {
		l->filtered++;
		return RC_OK;
	}
	if (json_flag(l->config, "contacts", false))
		t->nameless += !text_at(cells, n, t->person[1]).n &&
		    !text_at(cells, n, t->person[2]).n;
	t->last_line = line;
	row = row_of(l, t, n, line);
	return l->sink->row(cx, l->sink, &row);
}

/* A copy: cells are taken apart in place. */
static struct str
copy_of(struct sheets_load *l, struct str row)
{
	return (struct str){ arena_dup_str(l->page->cx.a, row), row.n };
}

/* A block of rows of one tab. */
struct sheet_part {
	int64_t row;  /* the first one that is new */
	int64_t over; /* so many in front of it were the last ones of the part before */
	const struct rows *plain, *shown;
};

/* Where the rows of this part begin that have not come yet. It repeats the last `over` ones of
 * the part before; when rows were moved meanwhile, the last one that came is found at another
 * place, or not at all. The place where it is expected goes first. */
static enum rc
find_seam(struct ctx *cx, struct sheets_load *l, struct tab *t, const struct sheet_part *part,
    size_t *from)
{
	const struct rows *plain = part->plain, *shown = part->shown;
	const int64_t top = part->row - part->over;
	const size_t expected = (size_t)(t->last_line - top), end = (size_t)part->over * 2;
	struct row out;

	/* Nothing came from the rows that are repeated: what is there now is new, but for the
	 * header. */
	*from = top <= t->row ? (size_t)(t->row - top + 1) : 0;
	if (t->last_line < top)
		return RC_OK;
	for (size_t k = 0; k <= end; k++) {
		/* Where it should be, then upwards from there, then below. */
		const size_t i = k <= expected ? expected - k : k;
		if (i < plain->n &&
		    take_row(l, t, copy_of(l, plain->v[i]), copy_of(l, row_at(shown, i)), &out) &&
		    l->sink->is_last(cx, l->sink, &out)) {
			*from = i + 1;
			return RC_OK;
		}
	}
	*from = (size_t)part->over;
	return l->sink->torn(cx, l->sink);
}

static enum rc
put_part(struct ctx *cx, struct sheets_load *l, const json *part, const struct rows *plain,
    const struct rows *shown)
{
	size_t no = (size_t)json_num(part, "tab", 0), from = 0;
	int64_t row = json_num(part, "row", 1), over = json_num(part, "over", 0);
	struct tab *t;

	if (no >= l->n || row < 1 || row > A1_ROWS_MAX || over < 0 || over > GSHEETS_OVERLAP ||
	    over >= row)
		return fail(cx, E_JSON, "A block of rows belongs to no tab.");
	t = &l->tabs[no];
	if (row == t->row) {
		TRY(l->sink->dataset(
		    cx, l->sink, arena_printf(l->page->cx.a, "%lld", (long long)t->id), t->title));
		TRY(tab_begin(cx, l, t, plain));
		from = 1;
	} else if (over && t->begun)
		TRY(find_seam(cx, l, t,
		    &(struct sheet_part){
			.row = row,
			.over = over,
			.plain = plain,
			.shown = shown,
		    },
		    &from));
	for (size_t i = from; t->begun && i < plain->n; i++)
		TRY(put_row(cx, l, t, row - over + (int64_t)i, plain->v[i], row_at(shown, i)));
	return RC_OK;
}

/* --- pages --- */

static enum rc
read_tabs(struct ctx *cx, struct sheets_load *l, const json *page)
{
	const json *tabs = json_at(page, "tabs");
	const json *left = json_at(page, "left");
	const json *where = json_at(l->config, "where");
	const char *why;

	for (size_t i = 0; i < json_len(tabs) && l->n < TABS_MAX; i++) {
		const json *t = json_nth(tabs, i);
		l->tabs[l->n++] = (struct tab){
			.id = json_num(t, "id", 0),
			.row = json_num(t, "row", 1),
			.title = arena_dup(l->a, json_str(t, "title")),
		};
	}
	for (size_t i = 0; i < json_len(where) && i < TESTS_MAX; i++)
		if (row_test_parse(l->a, json_value_str(json_nth(where, i)), &l->tests[i], &why))
			l->n_tests = i + 1;
	for (size_t i = 0; i < json_len(left); i++)
		TRY(l->sink->warn(cx, l->sink, arena_printf(l->a, "tab_left_out_%zu", i),
		    "The tab \"%.100s\" was left out. %.200s", json_str(json_nth(left, i), "title"),
		    json_str(json_nth(left, i), "why")));
	return RC_OK;
}

static enum rc
put_page(struct ctx *cx, struct sheets_load *l, struct page_in *in, bool first)
{
	struct sheet_page *p = l->page;
	json *tabs;

	if (first) {
		TRY(sheet_page_tabs(cx, p, in, &tabs));
		return read_tabs(cx, l, tabs);
	}
	TRY(sheet_page_rows(cx, p, in));
	for (size_t i = 0; i < p->n; i++)
		TRY(put_part(cx, l, json_nth(p->parts, i), &p->rows[PLAIN][i], &p->rows[SHOWN][i]));
	return RC_OK;
}

/* Which columns the contacts were taken from. Those without an identifier are kept, and counted. */
static enum rc
say_people(struct ctx *cx, struct sheets_load *l, int64_t nameless)
{
	static const char *const words[PEOPLE] = { "the name", "the e-mail address",
		"the phone number" };
	struct buf *b = buf_in(l->a, 2000);

	for (int k = 0; k < PEOPLE; k++) {
		const struct tab *t = NULL;
		for (size_t i = 0; i < l->n && !t; i++)
			t = l->tabs[i].begun && l->tabs[i].person[k] >= 0 ? &l->tabs[i] : NULL;
		buf_printf(b, "%s%s %s", k ? ", " : "", words[k], t ? "from " : "from no column");
		if (t)
			buf_printf(b, "\"%.100s\"", t->names[t->person[k]].p);
	}
	return l->sink->people ? l->sink->people(cx, l->sink, nameless, buf_c(b)) : RC_OK;
}

/* What a person should know about the whole. */
static enum rc
tab_say(struct ctx *cx, struct sheets_load *l)
{
	int64_t nameless = 0;
	size_t blank = 0;

	for (size_t i = 0; i < l->n; i++) {
		nameless += l->tabs[i].nameless;
		blank += !l->tabs[i].begun;
		if (l->tabs[i].headless)
			return fail(cx, E_EMPTY,
			    "Row %lld of the tab \"%.100s\" is empty, where its headers should be. "
			    "Put them back, or set another header row.",
			    (long long)l->tabs[i].row, l->tabs[i].title);
		if (!l->tabs[i].begun && l->n > 1)
			TRY(l->sink->warn(cx, l->sink, arena_printf(l->a, "tab_empty_%zu", i),
			    "The tab \"%.100s\" is empty, headers too.", l->tabs[i].title));
	}
	if (blank == l->n)
		return fail(cx, E_EMPTY,
		    l->n > 1 ? "All chosen tabs are empty, headers too."
			     : "The tab is empty, headers too. Anything read before is kept.");
	if (l->errors)
		TRY(l->sink->warn(cx, l->sink, "formula_errors",
		    "%lld cells show an error of a formula, as #REF!; they are kept as text.",
		    (long long)l->errors));
	if (l->stray && !json_len(json_at(l->config, "columns")))
		TRY(l->sink->warn(cx, l->sink, "values_beyond",
		    "%lld values stand to the right of all headers and were left out. "
		    "Give their columns a header.",
		    (long long)l->stray));
	if (l->filtered)
		TRY(l->sink->warn(cx, l->sink, "rows_filtered",
		    "%lld rows do not meet the conditions and were left out.",
		    (long long)l->filtered));
	if (json_flag(l->config, "contacts", false))
		TRY(say_people(cx, l, nameless));
	return RC_OK;
}

enum rc
gsheets_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct sheets_load *l = arena_alloc(cx->a, sizeof *l);
	enum rc rc = RC_OK;

	*l = (struct sheets_load){
		.a = cx->a,
		.config = src->config,
		.sink = sink,
		.page = sheet_page_new(cx->a),
	};
	l->cells = arena_array(cx->a, A1_COLUMNS_MAX, sizeof *l->cells);
	l->scratch = buf_in(cx->a, CELL_SHOWN_MAX);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = put_page(cx, l, &pages[i], i == 0);
		arena_reset(l->page->cx.a);
	}
	if (rc == RC_OK)
		rc = tab_say(cx, l);
	sheet_page_free(l->page);
	return rc;
}
