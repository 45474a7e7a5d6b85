/*
 * csv_rows.c - see csv_rows.h.
 */
#include "provider/web/csv_rows.h"

enum { FIRST_BYTES = 64 * 1024 };

enum csv_state {
	CSV_ROW,    /* in front of a row */
	CSV_CELL,   /* behind a delimiter */
	CSV_PLAIN,  /* in a cell without quotes */
	CSV_QUOTED, /* in one with quotes */
	CSV_ESCAPE, /* behind the backslash in it */
	CSV_CLOSING /* behind a quote in it, which closes it unless something follows */
};

struct csv_rows {
	struct arena *a;
	struct ctx *cx; /* during a feed */
	struct csv_dialect how;
	csv_row_fn *row;
	void *arg;
	enum csv_state state;
	char *bytes; /* the cells of a row with quotes, or one that came in pieces */
	size_t used, cap;
	size_t cell_at; /* where the present cell begins in them */
	size_t trail;   /* CSV_CLOSING: the quote, and blanks behind it, at the end of them */
	struct cell cells[CSV_CELLS_MAX];
	size_t n;
	int64_t more;
	int64_t line;      /* being fed */
	int64_t row_line;  /* where the present row began */
	int64_t cell_line; /* where the present cell began */
	int64_t row_bytes;
	struct csv_flaws flaws;
};

struct csv_rows *
csv_rows_new(
    struct arena *a, const struct csv_dialect *how, int64_t first_line, csv_row_fn *row, void *arg)
{
	struct csv_rows *r = arena_alloc(a, sizeof *r);

	r->a = a;
	r->how = *how;
	r->row = row;
	r->arg = arg;
	r->line = first_line;
	r->cap = FIRST_BYTES;
	r->bytes = arena_alloc(a, r->cap);
	return r;
}

const struct csv_flaws *
csv_rows_flaws(const struct csv_rows *r)
{
	return &r->flaws;
}

static enum rc
fail_long_row(struct csv_rows *r)
{
	return fail(r->cx, E_CSV,
	    "The row that begins on line %lld is longer than 16 MB. Check that the file has line "
	    "breaks and that its quotes are closed.",
	    (long long)r->row_line);
}

/* Room for n more bytes of the row; the cells that lie in the old place move along. */
static bool
make_room(struct csv_rows *r, size_t n)
{
	size_t cap = r->cap;
	char *bytes;

	if (n > CSV_ROW_MAX - r->used)
		return false;
	while (cap - r->used < n)
		cap *= 2;
	if (cap == r->cap)
		return true;
	bytes = arena_alloc(r->a, cap);
	memcpy(bytes, r->bytes, r->used);
	for (size_t i = 0; i < r->n; i++)
		r->cells[i].v.p = bytes + (r->cells[i].v.p - r->bytes);
	r->bytes = bytes;
	r->cap = cap;
	return true;
}

/* More of the present cell. */
static enum rc
cell_add(struct csv_rows *r, const char *p, size_t n)
{
	if (n > CSV_CELL_MAX - (r->used - r->cell_at))
		return fail(r->cx, E_CSV,
		    "The cell that begins on line %lld is larger than 1 MB; a quote before it "
		    "is probably never closed.",
		    (long long)r->cell_line);
	if (!make_room(r, n))
		return fail_long_row(r);
	memcpy(r->bytes + r->used, p, n);
	r->used += n;
	return RC_OK;
}

static void
cell_end(struct csv_rows *r)
{
	if (r->n < CSV_CELLS_MAX)
		r->cells[r->n++] = (struct cell){ CELL_TEXT,
			{ r->bytes + r->cell_at, r->used - r->cell_at } };
	else {
		r->more++;
		r->used = r->cell_at;
	}
	r->cell_at = r->used;
	r->cell_line = r->line;
}

static enum rc
row_over(struct csv_rows *r)
{
	const struct row row = { .cells = r->cells, .n = r->n, .line = r->row_line };
	const int64_t more = r->more;

	r->n = r->used = r->cell_at = 0;
	r->more = r->row_bytes = 0;
	r->state = CSV_ROW;
	return r->row(r->cx, r->arg, &row, more);
}

/* The present cell is over, by a delimiter or by the end of its line. */
static enum rc
cell_close(struct csv_rows *r, char by)
{
	cell_end(r);
	r->state = CSV_CELL;
	return by == r->how.delimiter ? RC_OK : row_over(r);
}

static bool
is_end(const struct csv_rows *r, char c)
{
	return c == r->how.delimiter || c == '\n' || c == '\r';
}

static bool
is_padding(const struct csv_rows *r, char c)
{
	return r->how.spaces && (c == ' ' || c == '\t');
}

/* In front of a cell. */
static enum rc
take_start(struct csv_rows *r, const char **p)
{
	const char c = **p;

	if (r->state == CSV_ROW && (c == '\n' || c == '\r')) {
		++*p;
		return RC_OK;
	}
	if (!is_end(r, c) && is_padding(r, c)) {
		++*p;
		return RC_OK;
	}
	if (r->state == CSV_ROW)
		r->row_line = r->line;
	r->cell_line = r->line;
	r->state = CSV_PLAIN;
	if (r->how.quote && c == r->how.quote) {
		r->state = CSV_QUOTED;
		++*p;
	}
	return RC_OK;
}

static enum rc
take_plain(struct csv_rows *r, const char **p, const char *end)
{
	const char *stop = *p;

	while (stop < end && !is_end(r, *stop))
		stop++;
	TRY(cell_add(r, *p, (size_t)(stop - *p)));
	*p = stop;
	if (stop == end)
		return RC_OK;
	while (r->used > r->cell_at && is_padding(r, r->bytes[r->used - 1]))
		r->used--;
	++*p;
	return cell_close(r, *stop);
}

/* The quote is kept until it is known whether it closes the cell. */
static enum rc
take_quoted(struct csv_rows *r, const char **p, const char *end)
{
	const char *stop = memchr(*p, r->how.quote, (size_t)(end - *p)), *slash = NULL;

	if (!stop)
		stop = end;
	if (r->how.escape)
		slash = memchr(*p, r->how.escape, (size_t)(stop - *p));
	if (slash)
		stop = slash;
	TRY(cell_add(r, *p, (size_t)(stop - *p) + (stop < end && !slash)));
	*p = stop + (stop < end);
	if (slash)
		r->state = CSV_ESCAPE;
	else if (stop < end) {
		r->state = CSV_CLOSING;
		r->trail = 1;
	}
	return RC_OK;
}

/* Of what stands behind a backslash only quotes and backslashes are meant otherwise. */
static enum rc
take_escaped(struct csv_rows *r, const char **p)
{
	const char c = **p;

	r->state = CSV_QUOTED;
	if (c != r->how.quote && c != r->how.escape)
		TRY(cell_add(r, &r->how.escape, 1));
	++*p;
	return cell_add(r, &c, 1);
}

/* A quote inside a quoted cell that is not doubled, so belongs to its text. Where it looks like the
 * beginning of a cell on a later line, the one before was opened by mistake, and rows would vanish
 * in it. */
static enum rc
take_stray(struct csv_rows *r)
{
	const size_t at = r->used - r->trail;
	const char before = at > r->cell_at ? r->bytes[at - 1] : '\0';

	if (r->line != r->cell_line && is_end(r, before))
		return fail(r->cx, E_CSV,
		    "The quote that opens a cell on line %lld is not closed: on line %lld another "
		    "cell begins. Close or remove it there; a quote that belongs to the text is "
		    "written twice.",
		    (long long)r->cell_line, (long long)r->line);
	if (r->flaws.strays++ == 0)
		r->flaws.first_line = r->cell_line;
	r->flaws.slashes += before == '\\';
	return RC_OK;
}

static enum rc
take_closing(struct csv_rows *r, const char **p)
{
	const char c = **p;

	if (is_end(r, c)) {
		r->used -= r->trail;
		++*p;
		return cell_close(r, c);
	}
	if (c == r->how.quote && r->trail == 1) {
		r->state = CSV_QUOTED;
		++*p;
		return RC_OK;
	}
	if (is_padding(r, c)) {
		r->trail++;
		++*p;
		return cell_add(r, &c, 1);
	}
	r->state = CSV_QUOTED;
	return take_stray(r);
}

/* Part of a line, or a whole one with its end. */
static enum rc
feed_part(struct csv_rows *r, struct str part)
{
	const char *p = part.p, *const end = part.p + part.n;

	r->row_bytes += (int64_t)part.n;
	if (r->row_bytes > CSV_ROW_MAX)
		return fail_long_row(r);
	while (p < end)
		switch (r->state) {
		case CSV_ROW:
		case CSV_CELL:
			TRY(take_start(r, &p));
			break;
		case CSV_PLAIN:
			TRY(take_plain(r, &p, end));
			break;
		case CSV_QUOTED:
			TRY(take_quoted(r, &p, end));
			break;
		case CSV_ESCAPE:
			TRY(take_escaped(r, &p));
			break;
		case CSV_CLOSING:
			TRY(take_closing(r, &p));
			break;
		}
	return RC_OK;
}

/* A whole line without quotes, its end left out. */
static enum rc
cut_line(struct csv_rows *r, struct str line)
{
	const char delimiter = r->how.delimiter;
	const char *p = line.p, *const end = line.p + line.n;
	size_t n = 0;

	if (line.n == 0)
		return RC_OK;
	for (;;) {
		const char *stop = memchr(p, delimiter, (size_t)(end - p));
		if (!stop)
			stop = end;
		if (n < CSV_CELLS_MAX)
			r->cells[n++] = (struct cell){ CELL_TEXT, { p, (size_t)(stop - p) } };
		else
			r->more++;
		if (stop == end)
			break;
		p = stop + 1;
	}
	r->n = n;
	r->row_line = r->line;
	return row_over(r);
}

/* Whether the line (with its end) may take the short cut; *bare is it without its end. */
static bool
is_simple(const struct csv_rows *r, struct str line, struct str *bare)
{
	const char *cr;

	if (r->state != CSV_ROW || r->how.spaces || r->how.plain || line.n > CSV_CELL_MAX)
		return false;
	if (r->how.quote && memchr(line.p, r->how.quote, line.n) != NULL)
		return false;
	*bare = (struct str){ line.p, line.n - 1 };
	if (r->how.newline == '\r')
		return !memchr(bare->p, '\n', bare->n);
	cr = memchr(bare->p, '\r', bare->n);
	if (!cr)
		return true;
	bare->n--;
	return cr == bare->p + bare->n;
}

enum rc
csv_rows_feed(struct ctx *cx, struct csv_rows *r, struct str piece)
{
	const char *p = piece.p, *const end = piece.p + piece.n;

	r->cx = cx;
	while (p < end) {
		const char *newline = memchr(p, r->how.newline, (size_t)(end - p));
		const struct str line = { p,
			newline ? (size_t)(newline - p) + 1 : (size_t)(end - p) };
		struct str bare;

		TRY(newline && is_simple(r, line, &bare) ? cut_line(r, bare) : feed_part(r, line));
		if (newline)
			r->line++;
		p += line.n;
	}
	return RC_OK;
}

enum rc
csv_rows_end(struct ctx *cx, struct csv_rows *r, bool cut)
{
	r->cx = cx;
	if (cut)
		return RC_OK;
	if (r->state == CSV_QUOTED || r->state == CSV_ESCAPE)
		return fail(cx, E_CSV, "The quote that opens on line %lld is never closed.",
		    (long long)r->cell_line);
	return r->state == CSV_ROW ? RC_OK : feed_part(r, STR("\n"));
}
