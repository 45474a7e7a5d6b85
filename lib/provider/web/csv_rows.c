/*
 * csv_rows.c - the only user of libcsv.
 */
#include "provider/web/csv_rows.h"

#include <csv.h>

enum { FIRST_BYTES = 64 * 1024, BLOCK_BYTES = 4096, BETWEEN_ROWS = 0 /* libcsv's first state */ };

struct csv_rows {
	struct csv_parser parser;
	struct arena *a;
	struct ctx *cx; /* during a feed */
	struct csv_dialect how;
	csv_row_fn *row;
	void *arg;
	enum rc rc;
	char *bytes; /* the cells of a row that libcsv gave */
	size_t used, cap;
	struct cell cells[CSV_CELLS_MAX];
	size_t n;
	int64_t more;
	int64_t line;      /* being fed */
	int64_t row_line;  /* where the present row began */
	int64_t cell_line; /* where the present cell began */
	int64_t row_bytes;
};

static int
never_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void
free_parser(void *p)
{
	struct csv_rows *r = p;

	csv_free(&r->parser);
}

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
	csv_init(&r->parser, 0);
	arena_defer(a, free_parser, r);
	csv_set_delim(&r->parser, (unsigned char)how->delimiter);
	/* 0 never comes: zero bytes are refused before */
	csv_set_quote(&r->parser, (unsigned char)how->quote);
	csv_set_blk_size(&r->parser, BLOCK_BYTES);
	if (!how->spaces)
		csv_set_space_func(&r->parser, never_space);
	return r;
}

static enum rc
fail_long_row(struct ctx *cx, struct csv_rows *r)
{
	return fail(cx, E_CSV,
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

static void
on_cell(void *cell, size_t n, void *arg)
{
	struct csv_rows *r = arg;

	r->cell_line = r->line;
	if (r->rc != RC_OK)
		return;
	if (r->n == CSV_CELLS_MAX) {
		r->more++;
		return;
	}
	if (!make_room(r, n)) {
		r->rc = fail_long_row(r->cx, r);
		return;
	}
	if (n > 0)
		memcpy(r->bytes + r->used, cell, n);
	r->cells[r->n++] = (struct cell){ CELL_TEXT, { r->bytes + r->used, n } };
	r->used += n;
}

static enum rc
hand_over(struct csv_rows *r)
{
	const struct row row = { .cells = r->cells, .n = r->n, .line = r->row_line };
	const int64_t more = r->more;

	r->n = r->used = 0;
	r->more = 0;
	return r->row(r->cx, r->arg, &row, more);
}

static void
on_row(int end, void *arg)
{
	struct csv_rows *r = arg;

	(void)end;
	if (r->rc == RC_OK)
		r->rc = hand_over(r);
	/* A second row on the same line, after a lone carriage return. */
	r->row_line = r->cell_line = r->line;
	r->row_bytes = 0;
}

/* Part of a line, or a whole one with its end, through libcsv. */
static enum rc
feed_part(struct csv_rows *r, struct str part)
{
	if (r->parser.pstate == BETWEEN_ROWS) {
		r->row_line = r->cell_line = r->line;
		r->row_bytes = 0;
	}
	r->row_bytes += (int64_t)part.n;
	if (r->row_bytes > CSV_ROW_MAX)
		return fail_long_row(r->cx, r);
	if (csv_parse(&r->parser, part.p, part.n, on_cell, on_row, r) != part.n)
		return fail(r->cx, E_UNAVAILABLE, NULL);
	if (r->rc == RC_OK && r->parser.entry_pos > CSV_CELL_MAX)
		return fail(r->cx, E_CSV,
		    "The cell that begins on line %lld is larger than 1 MB; a quote before it "
		    "is probably never closed.",
		    (long long)r->cell_line);
	return r->rc;
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
	return hand_over(r);
}

/* Whether the line (with its end) may take the short cut; *bare is it without its end. */
static bool
is_simple(const struct csv_rows *r, struct str line, struct str *bare)
{
	const char *cr;

	if (r->parser.pstate != BETWEEN_ROWS || r->how.spaces || r->how.plain ||
	    line.n > CSV_CELL_MAX)
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
	/* Strict only now: within the text libcsv is to take stray quotes as they are. */
	csv_set_opts(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
	if (csv_fini(&r->parser, on_cell, on_row, r) != 0)
		return fail(cx, E_CSV, "The quote that opens on line %lld is never closed.",
		    (long long)r->cell_line);
	return r->rc;
}
