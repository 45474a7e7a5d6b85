/*
 * csv_detect.c - dialect and header by counting. Deterministic: the same beginning gives the
 * same answer.
 */
#include "provider/web/csv_detect.h"

enum { WIDTHS = 258 };

/* How a sample falls apart under one delimiter and one quote. */
struct tally {
	int rows, first_width;
	int widths[WIDTHS]; /* rows by number of cells; the last counts everything wider */
	int quoted;         /* cells in quotes */
	int spaced;         /* of those, with blanks outside the quotes */
	int dirty;          /* quotes that open a cell and close in its middle */
	int cuts, flanked;  /* delimiters, and those between two digits */
	bool open;          /* the sample ends inside quotes */
	int mode;           /* the most frequent width above 1 */
	double score;
};

static bool
is_blank(char c, char delimiter)
{
	return (c == ' ' || c == '\t') && c != delimiter;
}

static const char *
pass_plain(const char *p, const char *end, char delimiter)
{
	while (p < end && *p != delimiter && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* From behind the quote that opens a cell to the one that closes it; NULL: none does. */
static const char *
pass_quoted(const char *s, const char *end, const struct csv_dialect *how)
{
	while (s < end) {
		const bool escaped = how->escape && *s == how->escape;

		if (*s == how->quote && (s + 1 == end || s[1] != how->quote))
			return s;
		s += escaped || *s == how->quote ? 2 : 1;
	}
	return NULL;
}

/* Passes over one cell; p is at its first byte. Returns where its delimiter or line end is. */
static const char *
pass_cell(const char *p, const char *end, const struct csv_dialect *how, struct tally *t)
{
	const char *s = p;

	while (s < end && is_blank(*s, how->delimiter))
		s++;
	if (how->quote == 0 || s == end || *s != how->quote)
		return pass_plain(p, end, how->delimiter);
	const bool before = s > p;
	s = pass_quoted(s + 1, end, how);
	if (!s) {
		t->open = true;
		return end;
	}
	p = s + 1;
	while (p < end && is_blank(*p, how->delimiter))
		p++;
	if (p == end || *p == how->delimiter || *p == '\n' || *p == '\r') {
		t->quoted++;
		t->spaced += before || p > s + 1;
		return p;
	}
	t->dirty++;
	return pass_plain(p, end, how->delimiter);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
add_row(struct tally *t, int width)
{
	if (t->rows++ == 0)
		t->first_width = width;
	t->widths[width < WIDTHS ? width : WIDTHS - 1]++;
}

static void
detect_count(struct str sample, bool whole, const struct csv_dialect *how, struct tally *t)
{
	const char *p = sample.p, *const end = sample.p + sample.n;
	int width = 0;

	*t = (struct tally){ 0 };
	while (p < end) {
		if (width == 0 && (*p == '\n' || *p == '\r')) {
			p++;
			continue;
		}
		p = pass_cell(p, end, how, t);
		width++;
		if (p == end)
			break;
		if (*p == '\n' || *p == '\r') {
			add_row(t, width);
			width = 0;
		} else {
			t->cuts++;
			t->flanked += p > sample.p && is_digit(p[-1]) && p + 1 < end &&
			    is_digit(p[1]);
		}
		p++;
		if (p == end && width > 0)
			width++; /* the text ends after a delimiter: one more, empty cell */
	}
	if (width > 0 && (whole || t->rows == 0))
		add_row(t, width);
	for (int w = 2; w < WIDTHS; w++)
		if (t->widths[w] > 0 && (t->mode == 0 || t->widths[w] >= t->widths[t->mode]))
			t->mode = w;
	if (t->mode == 0)
		return;
	t->score = (double)t->widths[t->mode] / t->rows;
	if (t->first_width != t->mode)
		t->score *= 0.7;
	if (t->dirty > 0)
		t->score *= 1 - 0.5 * t->dirty / (t->dirty + t->quoted);
	if (t->open && whole)
		t->score *= 0.5;
}

/* Chooses how->delimiter when it is CSV_AUTO, by what is chosen otherwise. */
static void
best_delimiter(struct str sample, bool whole, struct csv_dialect *how, struct tally *best)
{
	static const char candidates[] = { ',', ';', '\t', '|' };
	const bool open = how->delimiter == CSV_AUTO;
	struct csv_dialect other = *how;
	struct tally t;

	if (open)
		how->delimiter = ',';
	detect_count(sample, whole, how, best);
	for (size_t i = 1; open && i < sizeof candidates; i++) {
		other.delimiter = candidates[i];
		detect_count(sample, whole, &other, &t);
		/* Commas that stand between digits alone are decimal ones. */
		const bool decimal = how->delimiter == ',' && best->flanked == best->cuts;
		if (t.score > best->score ||
		    (t.score > 0 && t.score >= best->score && (t.mode > best->mode || decimal))) {
			how->delimiter = candidates[i];
			*best = t;
		}
	}
}

/* Backslashes in front of quotes mean something when more cells close cleanly with them: a path
 * that ends in one does not. */
static void
detect_escape(struct str sample, bool whole, const struct csv_dialect *wanted,
    struct csv_dialect *how, struct tally *best)
{
	struct csv_dialect slashed = *wanted;
	struct tally t;

	how->escape = '\0';
	if (best->dirty == 0 && !best->open)
		return;
	slashed.quote = how->quote;
	slashed.escape = '\\';
	best_delimiter(sample, whole, &slashed, &t);
	if (t.dirty <= best->dirty && t.open <= best->open && t.score >= best->score &&
	    (t.dirty < best->dirty || t.open < best->open)) {
		*how = slashed;
		*best = t;
	}
}

void
csv_detect(struct csv_dialect *how, struct str sample, bool whole)
{
	struct csv_dialect wanted = *how, other;
	struct tally best, single;

	if (sample.n > CSV_SAMPLE_BYTES) {
		sample.n = CSV_SAMPLE_BYTES;
		whole = false;
	}
	wanted.newline = memchr(sample.p, '\n', sample.n) || !memchr(sample.p, '\r', sample.n)
	    ? '\n'
	    : '\r';
	*how = wanted;
	if (wanted.quote == CSV_AUTO)
		how->quote = '"';
	if (wanted.escape == CSV_AUTO)
		how->escape = '\0';
	best_delimiter(sample, whole, how, &best);
	if (wanted.quote == CSV_AUTO && best.quoted == 0) {
		other = wanted;
		other.quote = '\'';
		other.escape = how->escape;
		best_delimiter(sample, whole, &other, &single);
		if (single.quoted >= 2 && single.dirty == 0 && !single.open &&
		    single.score >= best.score) {
			*how = other;
			best = single;
		}
	}
	if (wanted.escape == CSV_AUTO)
		detect_escape(sample, whole, &wanted, how, &best);
	/* The first cell of a line has nothing before it, so not every quote can be spaced. */
	how->spaces = best.spaced > 0 && best.spaced * 3 >= best.quoted;
}

enum cell_look { LOOK_EMPTY, LOOK_TEXT, LOOK_NUMBER, LOOK_YEAR, LOOK_DATE, LOOK_ADDRESS };

static enum cell_look
kind_of(struct str s)
{
	size_t digits = 0, marks = 0, letters = 0;
	int64_t year;

	s = str_trim(s);
	if (s.n == 0)
		return LOOK_EMPTY;
	if (str_istarts(s, "http://") || str_istarts(s, "https://"))
		return LOOK_ADDRESS;
	const char *at = memchr(s.p, '@', s.n);
	if (at && at > s.p && !memchr(s.p, ' ', s.n) &&
	    memchr(at, '.', s.n - (size_t)(at - s.p)) != NULL)
		return LOOK_ADDRESS;
	if (s.n == 4 && str_i64(s, 1800, 2199, &year))
		return LOOK_YEAR;
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		if (c >= '0' && c <= '9')
			digits++;
		else if (c == '/' || c == ':' || (c == '-' && i > 0))
			marks++;
		else if (c == 'T' || c == 'Z')
			letters++;
		else if (!strchr("+-., '%()$", c))
			return LOOK_TEXT;
	}
	if (digits == 0)
		return LOOK_TEXT;
	if (marks >= 1 && digits >= 3)
		return LOOK_DATE;
	return letters > 0 ? LOOK_TEXT : LOOK_NUMBER;
}

static bool
is_data(enum cell_look k)
{
	return k > LOOK_TEXT;
}

static bool
same_cell(const struct row *a, const struct row *b, size_t i)
{
	return i < a->n && i < b->n && str_eq(a->cells[i].v, b->cells[i].v);
}

static bool
same_row(const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!same_cell(a, b, i))
			return false;
	return a->n == b->n;
}

struct votes {
	int header, data, repeated, texts;
};

/* What the column says about its first cell. */
static void
judge_column(const struct row *rows, size_t n, size_t column, struct votes *v)
{
	const enum cell_look first = kind_of(rows[0].cells[column].v);
	int below = 0, data = 0, alike = 0, repeats = 0;

	for (size_t i = 1; i < n; i++) {
		const enum cell_look k = column < rows[i].n ? kind_of(rows[i].cells[column].v)
							    : LOOK_EMPTY;
		if (k == LOOK_EMPTY || same_row(&rows[0], &rows[i]))
			continue;
		below++;
		data += is_data(k);
		alike += k == first;
		repeats += same_cell(&rows[0], &rows[i], column);
	}
	if (first == LOOK_EMPTY)
		return;
	if (first == LOOK_TEXT) {
		v->texts++;
		v->repeated += repeats > 0;
		v->header += below > 0 && data * 10 >= below * 9;
	} else if ((first == LOOK_YEAR || first == LOOK_DATE) && below > 0 &&
	    data * 10 >= below * 9 && alike * 2 < below)
		v->header++; /* a table with a column for each year or day */
	else
		v->data++;
}

bool
csv_has_header(const struct row *rows, size_t n)
{
	struct votes v = { 0 };

	if (n == 0)
		return true;
	for (size_t i = 0; i < rows[0].n; i++)
		judge_column(rows, n, i, &v);
	if (v.data > 0 || v.header > 0)
		return v.header > v.data;
	return v.repeated == 0 || v.repeated * 2 < v.texts;
}

/* Empty cells at the end left out. */
static size_t
filled_width(const struct row *row)
{
	size_t n = row->n;

	while (n > 0 && str_trim(row->cells[n - 1].v).n == 0)
		n--;
	return n < WIDTHS ? n : WIDTHS - 1;
}

size_t
csv_title_rows(const struct row *rows, size_t n)
{
	enum { TITLES_MAX = 20 };
	size_t widths[WIDTHS] = { 0 }, mode = 0, t = 0;

	for (size_t i = 0; i < n; i++)
		widths[filled_width(&rows[i])]++;
	for (size_t w = 2; w < WIDTHS; w++)
		if (widths[w] > 0 && (mode == 0 || widths[w] > widths[mode]))
			mode = w;
	while (mode > 0 && t < n && filled_width(&rows[t]) < mode) {
		const size_t w = filled_width(&rows[t]);

		if (w > 1 && w * 2 > mode)
			return 0;
		t++;
	}
	/* A header and a row at least are the table. */
	return t <= TITLES_MAX && t + 2 <= n ? t : 0;
}
