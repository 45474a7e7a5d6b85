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
#include "provider/web/text.h"
#include "provider/web/url.h"

enum {
	SAMPLE_MAX = 1024 * 1024, /* one piece of text may overshoot the sample */
	EXTRA_COLUMNS_MAX = 64,
	SKIP_ROWS_MAX = 1000
};

/* One parse. */
struct load {
	struct sink *sink;
	struct text *text;
	struct csv_dialect how;
	struct buf *sample;
	bool whole;         /* the sample is everything, to its true end */
	int64_t first_line; /* of the sample */
	bool has_header;
	bool begun;   /* the header was told */
	size_t named; /* cells of the header row */
	size_t width; /* columns, those beyond the header included */
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

static char
csv_chosen(const json *config, const char *name, const char *words, const char *chars)
{
	const char *value = json_str(config, name);
	struct str rest = str_c(words);

	for (size_t i = 0; value && rest.p; i++)
		if (str_is(str_cut(rest, '|', &rest), value))
			return chars[i];
	return CSV_AUTO;
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
read_sample(struct ctx *cx, struct load *l, int64_t skip, bool cut)
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
take_sep_line(struct load *l)
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
	struct load *l = arg;
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

/* Parses the sample once for itself: is there a header, how wide are the rows? */
static void
look_at_rows(struct ctx *cx, struct load *l, const char *header)
{
	struct csv_rows *rows = csv_rows_new(cx->a, &l->how, l->first_line, csv_collect, l);
	struct str sample = buf_s(l->sample);

	l->rows = arena_array(cx->a, CSV_SAMPLE_ROWS, sizeof *l->rows);
	/* What is wrong here is the real parse's to report. */
	if (csv_rows_feed(cx, rows, sample) != RC_OK || csv_rows_end(cx, rows, !l->whole) != RC_OK)
		cx->err = (struct err){ .kind = E_NONE };
	if (header && strcmp(header, "auto") != 0)
		l->has_header = strcmp(header, "yes") == 0;
	else
		l->has_header = csv_has_header(l->rows, l->n);
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
csv_begin(struct ctx *cx, struct load *l, const struct row *row, int64_t more)
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

/* Cells to the right of the last column. */
static enum rc
report_surplus(struct ctx *cx, struct load *l, const struct row *row, int64_t more)
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
	struct load *l = arg;
	struct row kept;

	if (is_blank_row(row) && more == 0)
		return l->begun ? l->sink->skip(cx, l->sink, "blank_row", row->line,
				      "All cells of the row are empty.")
				: RC_OK;
	if (!l->begun) {
		TRY(csv_begin(cx, l, row, more));
		if (l->has_header)
			return RC_OK;
	}
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
warn_choices(struct ctx *cx, struct load *l, const char *header)
{
	struct sink *sink = l->sink;

	if (!l->has_header && l->n > 0 && (!header || strcmp(header, "auto") == 0))
		TRY(sink->warn(cx, sink, "no_header",
		    "The first row looks like data, so the columns are numbered. If it is a "
		    "header, say so in the settings."));
	if (l->how.spaces)
		TRY(sink->warn(cx, sink, "spaces_trimmed",
		    "The cells of this file are padded with blanks around their quotes; blanks at "
		    "the ends of cells are left out."));
	return RC_OK;
}

/* Quotes inside quotes that are not doubled: what was meant is not known for certain. */
static enum rc
warn_strays(struct ctx *cx, struct load *l, const struct csv_flaws *flaws)
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

static enum rc
csv_finish(struct ctx *cx, struct load *l, const struct csv_flaws *flaws, bool cut)
{
	struct sink *sink = l->sink;

	if (!l->begun && cut)
		return fail(cx, E_CSV,
		    "The first row is longer than the part of the file that was looked at.");
	if (!l->begun)
		return fail(cx, E_EMPTY, "The file has no rows at all, not even a header.");
	TRY(warn_strays(cx, l, flaws));
	/* Where most rows end with a delimiter it means nothing. */
	if (l->wide_rows * 2 <= l->all_rows && l->wide_rows > 0)
		TRY(sink->warn(cx, sink, "surplus_cells",
		    "Rows with a delimiter more than there are columns: %lld, the first on line "
		    "%lld. The cell too many is empty, so others of that row may stand one column "
		    "too far to the right.",
		    (long long)l->wide_rows, (long long)l->first_wide));
	if (l->short_rows > 0)
		return sink->warn(cx, sink, "ragged_rows",
		    "Rows with fewer cells than the header: %lld, the first on line %lld. Their "
		    "missing cells stay empty.",
		    (long long)l->short_rows, (long long)l->first_short);
	return RC_OK;
}

static enum rc
csv_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	const json *config = src->config;
	const char *header = json_str(config, "header");
	struct load l = { .sink = sink };
	struct csv_rows *rows;
	struct str piece;

	TRY(sink->dataset(cx, sink, "", url_title(cx->a, json_str(config, "url"))));
	if (n == 0)
		return fail(cx, E_EMPTY, NULL);
	l.how.delimiter = csv_chosen(config, "delimiter", "comma|semicolon|tab|pipe", ",;\t|");
	l.how.quote = csv_chosen(config, "quote", "double|single|none", "\"'\0");
	l.how.escape = csv_chosen(config, "escape", "doubled|backslash", "\0\\");
	TRY(text_open(cx, &pages[0], json_str(config, "encoding"), sink, &l.text));
	TRY(read_sample(cx, &l, json_num(config, "skip_rows", 0), pages[0].cut));
	take_sep_line(&l);
	csv_detect(&l.how, buf_s(l.sample), l.whole);
	look_at_rows(cx, &l, header);
	TRY(warn_choices(cx, &l, header));
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
