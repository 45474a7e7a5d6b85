/*
 * csv.c - CSV by address, published spreadsheets among them.
 *
 * Nothing is lost in silence: cells beyond the header get columns of their own when the
 * beginning of the file shows them, and are reported where they come later; short rows are
 * counted, and those with a delimiter too many, whose cells may be shifted; rows of empty cells
 * are skipped by name.
 */
#include <stdio.h>

#include "base/buf.h"
#include "provider/web/csv_detect.h"
#include "provider/web/known.h"
#include "provider/web/text.h"
#include "provider/web/url.h"

enum {
	SAMPLE_MAX = 1024 * 1024, /* one piece of text may overshoot the sample */
	EXTRA_COLUMNS_MAX = 64,
	SKIP_ROWS_MAX = 1000
};

/* One parse. */
struct csv_load {
	struct sink *sink;
	struct text *text;
	struct csv_dialect how, said; /* said: by the settings and the file itself */
	struct buf *sample;
	bool whole;         /* the sample is everything, to its true end */
	int64_t first_line; /* of the sample */
	bool has_header;
	bool known_header; /* the first row has columns that are known */
	bool begun;        /* the header was told */
	size_t named;      /* cells of the header row */
	size_t width;      /* columns, those beyond the header included */
	size_t used;       /* those up to the last one with a name or a value */
	int64_t all_rows;
	int64_t short_rows, first_short;
	int64_t wide_rows, first_wide; /* all that is too much of them is empty */
	struct row *rows;              /* of the sample */
	size_t n;
};

static bool
is_blank_row(const struct row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i].v.n > 0 &&
		    ((unsigned char)row->cells[i].v.p[0] > ' ' || str_trim(row->cells[i].v).n > 0))
			return false;
	return true;
}

/* The settings of the dialect: what is chosen by name, and the character that each name means. */
static const struct csv_word {
	const char *name, *words, *chars;
} csv_words[] = {
	{ "delimiter", "comma|semicolon|tab|pipe", ",;\t|" },
	{ "quote", "double|single|none", "\"'\0" },
	{ "escape", "doubled|backslash", "\0\\" },
};

static char *
csv_part(struct csv_dialect *how, size_t i)
{
	char *const parts[] = { &how->delimiter, &how->quote, &how->escape };

	return parts[i];
}

static char
csv_chosen(const struct csv_word *w, const char *value)
{
	struct str rest = str_c(w->words);

	for (size_t i = 0; value && rest.p; i++)
		if (str_is(str_cut(rest, '|', &rest), value))
			return w->chars[i];
	return CSV_AUTO;
}

static const char *
csv_word_of(struct arena *a, const struct csv_word *w, char c)
{
	struct str rest = str_c(w->words), one;

	for (size_t i = 0; rest.p; i++) {
		one = str_cut(rest, '|', &rest);
		if (w->chars[i] == c)
			return arena_dup_str(a, one);
	}
	return NULL;
}

/* What ends a line in this sample: it must be a large one, or all there is, for the answer not
 * to depend on how the bytes came. */
static char
line_end(struct buf *b)
{
	return memchr(buf_c(b), '\n', b->n) ? '\n' : '\r';
}

/* Drops the first n lines of the sample. */
static int64_t
drop_lines(struct buf *b, int64_t n, char end)
{
	const char *newline;
	size_t at = 0;
	int64_t done = 0;

	while (done < n && at < b->n) {
		newline = memchr(b->p + at, end, b->n - at);
		at = newline ? (size_t)(newline - b->p) + 1 : b->n;
		done += newline != NULL;
		if (!newline)
			break;
	}
	memmove(b->p, b->p + at, b->n - at);
	b->n -= at;
	return done;
}

/* Fills the sample, behind the lines to skip. */
static enum rc
read_sample(struct ctx *cx, struct csv_load *l, int64_t skip, bool cut)
{
	struct str piece;
	char end = 0;

	l->sample = buf_in(cx->a, SAMPLE_MAX);
	l->first_line = 1;
	do {
		TRY(text_next(cx, l->text, &piece));
		buf_add(l->sample, piece.p, piece.n);
		if (skip > 0 && (piece.n == 0 || l->sample->n >= CSV_SAMPLE_BYTES)) {
			end = end ? end : line_end(l->sample);
			const int64_t done = drop_lines(l->sample, skip, end);
			skip -= done;
			l->first_line += done;
		}
	} while (piece.n > 0 && l->sample->n < CSV_SAMPLE_BYTES);
	l->whole = piece.n == 0 && !cut;
	return RC_OK;
}

/* Spreadsheets write and understand a first line "sep=;". */
static void
take_sep_line(struct csv_load *l)
{
	struct str s = buf_s(l->sample);

	if (!str_istarts(s, "sep=") || s.n < 6 || !strchr(",;\t|", s.p[4]) ||
	    (s.p[5] != '\n' && s.p[5] != '\r'))
		return;
	if (l->how.delimiter == CSV_AUTO)
		l->how.delimiter = s.p[4];
	l->first_line += drop_lines(l->sample, 1, line_end(l->sample));
}

static enum rc
csv_collect(struct ctx *cx, void *arg, const struct row *row, int64_t more)
{
	struct csv_load *l = arg;
	struct cell *cells;

	(void)more;
	if (l->n == CSV_SAMPLE_ROWS || is_blank_row(row))
		return RC_OK;
	cells = arena_array(cx->a, row->n, sizeof *cells);
	for (size_t i = 0; i < row->n; i++)
		cells[i] = (struct cell){ CELL_TEXT, str_c(arena_dup_str(cx->a, row->cells[i].v)) };
	l->rows[l->n++] = (struct row){ .cells = cells, .n = row->n, .line = row->line };
	return RC_OK;
}

/* Is this the header that the dataset is known by: has it one of its columns, or the chosen key? */
static bool
is_known_header(const struct source *src, const struct row *row)
{
	const json *key = json_at(src->config, "key");

	for (size_t i = 0; i < row->n; i++) {
		const struct str cell = str_trim(row->cells[i].v);

		if (cell.n == 0)
			continue;
		if (known_column(src, cell) || str_is(cell, json_value_str(key)))
			return true;
		for (size_t k = 0; json_is_list(key) && k < json_len(key); k++)
			if (str_is(cell, json_value_str(json_nth(key, k))))
				return true;
	}
	return false;
}

/* Found once, by the first read; later ones look for the same header. */
static bool
has_header(const struct source *src, struct csv_load *l)
{
	const char *header = json_str(src->config, "header");

	if (!header || strcmp(header, "auto") == 0)
		header = known_str(src, "header");
	l->known_header = l->n > 0 && is_known_header(src, &l->rows[0]);
	if (header)
		return strcmp(header, "yes") == 0;
	return l->known_header || csv_has_header(l->rows, l->n);
}

/* Parses the sample once for itself: is there a header, how wide are the rows? */
static void
look_at_rows(struct ctx *cx, struct csv_load *l, const struct source *src)
{
	struct csv_rows *rows = csv_rows_new(cx->a, &l->how, l->first_line, csv_collect, l);
	struct str sample = buf_s(l->sample);

	l->n = 0;
	l->rows = arena_array(cx->a, CSV_SAMPLE_ROWS, sizeof *l->rows);
	/* What is wrong here is the real parse's to report. */
	if (csv_rows_feed(cx, rows, sample) != RC_OK || csv_rows_end(cx, rows, !l->whole) != RC_OK)
		cx->err = (struct err){ .kind = E_NONE };
	l->has_header = has_header(src, l);
	l->named = l->has_header && l->n > 0 ? l->rows[0].n : 0;
	l->width = l->named;
	for (size_t i = 0; i < l->n; i++) {
		size_t n = l->rows[i].n;
		while (n > l->width && str_trim(l->rows[i].cells[n - 1].v).n == 0)
			n--;
		if (n > l->width && (!l->has_header || n <= l->named + EXTRA_COLUMNS_MAX))
			l->width = n;
	}
}

static enum rc
csv_begin(struct ctx *cx, struct csv_load *l, const struct row *row, int64_t more)
{
	struct str *names;

	l->begun = true;
	/* The first row may not have fitted into the sample. */
	if (l->width < row->n)
		l->width = row->n;
	l->named = l->has_header ? row->n : 0;
	if (more > 0)
		return fail(cx, E_SOURCE_TOO_LARGE,
		    "The first row has %lld cells, far more columns than Tidemark keeps.",
		    (long long)((int64_t)row->n + more));
	names = arena_array(cx->a, l->width, sizeof *names);
	for (size_t i = 0; i < l->width; i++)
		names[i] = l->has_header && i < row->n ? row->cells[i].v : (struct str){ "", 0 };
	return l->sink->header(cx, l->sink, names, l->width);
}

/* Up to where is there anything? */
static void
csv_use(struct csv_load *l, const struct row *row)
{
	size_t n = row->n < l->width ? row->n : l->width;

	while (n > l->used && str_trim(row->cells[n - 1].v).n == 0)
		n--;
	if (n > l->used)
		l->used = n;
}

/* Cells to the right of the last column. */
static enum rc
report_surplus(struct ctx *cx, struct csv_load *l, const struct row *row, int64_t more)
{
	char detail[200];

	for (size_t i = l->width; i < row->n; i++) {
		struct str v = str_trim(row->cells[i].v);
		if (v.n == 0)
			continue;
		v = str_utf8_cut(v, 60);
		snprintf(detail, sizeof detail,
		    "Cell %zu, beyond the last column, is left out: %.*s", i + 1, (int)v.n, v.p);
		return l->sink->skip(cx, l->sink, "too_many_cells", row->line, detail);
	}
	if (more == 0) {
		if (l->wide_rows++ == 0)
			l->first_wide = row->line;
		return RC_OK;
	}
	snprintf(detail, sizeof detail, "%lld cells beyond the last column are left out.",
	    (long long)more);
	return l->sink->skip(cx, l->sink, "too_many_cells", row->line, detail);
}

static enum rc
on_row(struct ctx *cx, void *arg, const struct row *row, int64_t more)
{
	struct csv_load *l = arg;
	struct row kept;

	if (is_blank_row(row) && more == 0)
		return l->begun ? l->sink->skip(cx, l->sink, "blank_row", row->line,
				      "All cells of the row are empty.")
				: RC_OK;
	if (!l->begun) {
		TRY(csv_begin(cx, l, row, more));
		csv_use(l, row);
		if (l->has_header)
			return RC_OK;
	}
	csv_use(l, row);
	l->all_rows++;
	if (row->n < l->named && l->short_rows++ == 0)
		l->first_short = row->line;
	if (row->n <= l->width && more == 0)
		return l->sink->row(cx, l->sink, row);
	TRY(report_surplus(cx, l, row, more));
	kept = *row;
	kept.n = row->n < l->width ? row->n : l->width;
	return l->sink->row(cx, l->sink, &kept);
}

static enum rc
warn_choices(struct ctx *cx, struct csv_load *l, const char *header)
{
	struct sink *sink = l->sink;
	const size_t titles = csv_title_rows(l->rows, l->n);

	if (!l->has_header && l->n > 0 && (!header || strcmp(header, "auto") == 0))
		TRY(sink->warn(cx, sink, "no_header",
		    "The first row looks like data, so the columns are numbered. If it is a "
		    "header, say so in the settings."));
	if (!l->known_header && titles > 0)
		TRY(sink->warn(cx, sink, "title_lines",
		    "The table seems to begin on line %lld, below a title. If so, set \"Lines to "
		    "skip\" in the settings to %lld.",
		    (long long)l->rows[titles].line, (long long)l->rows[titles].line - 1));
	if (l->how.spaces)
		TRY(sink->warn(cx, sink, "spaces_trimmed",
		    "The cells of this file are padded with blanks around their quotes; blanks at "
		    "the ends of cells are left out."));
	return RC_OK;
}

/* Quotes inside quotes that are not doubled: what was meant is not known for certain. */
static enum rc
warn_strays(struct ctx *cx, struct csv_load *l, const struct csv_flaws *flaws)
{
	struct sink *sink = l->sink;

	if (flaws->strays == 0)
		return RC_OK;
	return sink->warn(cx, sink, "stray_quotes",
	    "Quotes inside quoted cells that are not written twice: %lld, the first in the cell "
	    "that begins on line %lld. They are kept as part of the text; cells behind them may "
	    "have been taken for one.%s",
	    (long long)flaws->strays, (long long)flaws->first_line,
	    flaws->slashes > 0 && l->how.escape == 0
		? " Backslashes stand before them: choose the backslash under \"Quotes inside "
		  "cells\" in the settings."
		: "");
}

/* Where rows have more cells than there are columns, and where a column has nothing at all: whoever
 * counts delimiters finds all of them again. */
static enum rc
warn_surplus(struct ctx *cx, struct csv_load *l)
{
	struct sink *sink = l->sink;
	const long long empty = (long long)(l->width - l->used);

	if (empty > 0)
		TRY(sink->warn(cx, sink, "empty_columns",
		    "At the right end of the table %lld column%s without a name, and without a "
		    "value in any row: left out.",
		    empty, empty == 1 ? " is" : "s are"));
	/* Where most rows end with a delimiter, it only ends them. */
	if (l->wide_rows * 2 > l->all_rows)
		return sink->warn(cx, sink, "trailing_delimiters",
		    "Rows that end with a delimiter more than there are columns: %lld of %lld, the "
		    "first on line %lld. The empty cell behind it is left out.",
		    (long long)l->wide_rows, (long long)l->all_rows, (long long)l->first_wide);
	if (l->wide_rows == 0)
		return RC_OK;
	return sink->warn(cx, sink, "surplus_cells",
	    "Rows with a delimiter more than there are columns: %lld, the first on line %lld. The "
	    "cell too many is empty, so others of that row may stand one column too far to the "
	    "right.",
	    (long long)l->wide_rows, (long long)l->first_wide);
}

static enum rc
csv_finish(struct ctx *cx, struct csv_load *l, const struct csv_flaws *flaws, bool cut)
{
	struct sink *sink = l->sink;

	if (!l->begun && cut)
		return fail(cx, E_CSV,
		    "The first row is longer than the part of the file that was looked at.");
	if (!l->begun)
		return fail(cx, E_EMPTY, "The file has no rows at all, not even a header.");
	TRY(warn_strays(cx, l, flaws));
	TRY(warn_surplus(cx, l));
	if (l->short_rows > 0)
		return sink->warn(cx, sink, "ragged_rows",
		    "Rows with fewer cells than the header: %lld, the first on line %lld. Their "
		    "missing cells stay empty.",
		    (long long)l->short_rows, (long long)l->first_short);
	return RC_OK;
}

/* In which dialect the sample is, and what its first rows are: as the settings say, else as was
 * found before (`known`), else as it looks. */
static void
csv_look(struct ctx *cx, struct csv_load *l, const struct source *src, bool known)
{
	const char *spaces = known ? known_str(src, "spaces") : NULL;

	l->how = l->said;
	for (size_t i = 0; known && i < sizeof csv_words / sizeof csv_words[0]; i++)
		if (*csv_part(&l->how, i) == CSV_AUTO)
			*csv_part(&l->how, i) = csv_chosen(
			    &csv_words[i], known_str(src, csv_words[i].name));
	csv_detect(&l->how, buf_s(l->sample), l->whole);
	if (spaces)
		l->how.spaces = strcmp(spaces, "trimmed") == 0;
	look_at_rows(cx, l, src);
}

/* A file whose known columns are found in another dialect alone is in that one now. */
static enum rc
csv_recall(struct ctx *cx, struct csv_load *l, const struct source *src)
{
	const char *header = known_str(src, "header");

	csv_look(cx, l, src, true);
	if (!header || strcmp(header, "yes") != 0 || !l->has_header || l->known_header)
		return RC_OK;
	csv_look(cx, l, src, false);
	if (l->known_header)
		return l->sink->warn(cx, l->sink, "dialect_changed",
		    "The cells of this file are separated or quoted in another way than before; "
		    "its columns are the same.");
	csv_look(cx, l, src, true);
	if (l->n == 0 || csv_has_header(l->rows, l->n))
		return RC_OK;
	return fail(cx, E_SHAPE,
	    "The first row is no header as before: it has none of the columns and looks like data. "
	    "If there is no header any more, say so in the settings.");
}

/* What the rest of this read goes by, and every later one. Of what does not occur in the sample
 * nothing was found out. */
static enum rc
csv_tell(struct ctx *cx, struct csv_load *l)
{
	struct sink *sink = l->sink;

	for (size_t i = 0; i < sizeof csv_words / sizeof csv_words[0]; i++) {
		const char c = *csv_part(&l->how, i);
		const char shown = i == 2 ? '\\' : c; /* of both escapes a backslash is the sign */

		if (shown && memchr(buf_c(l->sample), shown, l->sample->n))
			TRY(known_tell(
			    cx, sink, csv_words[i].name, csv_word_of(cx->a, &csv_words[i], c)));
	}
	if (memchr(buf_c(l->sample), '"', l->sample->n))
		TRY(known_tell(cx, sink, "spaces", l->how.spaces ? "trimmed" : "kept"));
	if (l->n == 0)
		return RC_OK;
	return known_tell(cx, sink, "header", l->has_header ? "yes" : "no");
}

static enum rc
csv_begin_parse(struct ctx *cx, struct csv_load *l, const struct source *src, struct page_in *page)
{
	const json *config = src->config;
	const char *encoding = json_str(config, "encoding");

	for (size_t i = 0; i < sizeof csv_words / sizeof csv_words[0]; i++)
		*csv_part(&l->how, i) = csv_chosen(
		    &csv_words[i], json_str(config, csv_words[i].name));
	TRY(known_begin(cx, src, l->sink));
	TRY(text_open(
	    cx, page, encoding ? encoding : "auto", known_str(src, "encoding"), l->sink, &l->text));
	TRY(read_sample(cx, l, json_num(config, "skip_rows", 0), page->cut));
	take_sep_line(l);
	l->said = l->how;
	TRY(csv_recall(cx, l, src));
	TRY(csv_tell(cx, l));
	return warn_choices(cx, l, json_str(config, "header"));
}

static enum rc
csv_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct csv_load l = { .sink = sink };
	struct csv_rows *rows;
	struct str piece;

	TRY(sink->dataset(cx, sink, "", url_title(cx->a, url_home(cx->a, src))));
	if (n == 0)
		return fail(cx, E_EMPTY, NULL);
	TRY(csv_begin_parse(cx, &l, src, &pages[0]));
	rows = csv_rows_new(cx->a, &l.how, l.first_line, on_row, &l);
	for (piece = buf_s(l.sample); piece.n > 0;) {
		TRY(csv_rows_feed(cx, rows, piece));
		TRY(text_next(cx, l.text, &piece));
	}
	TRY(csv_rows_end(cx, rows, pages[0].cut));
	return csv_finish(cx, &l, csv_rows_flaws(rows), pages[0].cut);
}

static enum rc
csv_fetch(struct ctx *cx, const struct source *src, struct fetch *f)
{
	const struct url_get get = { .accept = "text/csv, text/plain;q=0.9, */*;q=0.5",
		.conditional = true };

	return url_fetch(cx, src, f, &get, NULL);
}

const struct reader reader_csv = {
	.fetch = csv_fetch,
	.parse = csv_parse,
};
