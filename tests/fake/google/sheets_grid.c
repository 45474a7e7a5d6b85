/*
 * sheets_grid.c - tabs and cells. Rows are held up to the last one that was written; rows of a rule
 * are made when they are read.
 */
#include "fake/google/sheets.h"

#include <string.h>

/*
 * Tabs of a spreadsheet.
 */
struct tab *
tab_add(struct fake *f, struct book *book, const char *title, int64_t rows, int64_t cols)
{
	struct tab *t = arena_alloc(f->a, sizeof *t);

	*t = (struct tab){
		.id = book->tabs ? 100000 + 7919 * fake_serial(f) : 0,
		.title = arena_dup(f->a, title),
		.rows = rows,
		.cols = cols,
		.props = json_new(f->a),
		.extra = json_new(f->a),
	};
	return tab_move(book, t, INT64_MAX);
}

struct tab *
tab_by_id(const struct book *book, int64_t id)
{
	struct tab *t;

	for (t = book->tabs; t && t->id != id;)
		t = t->next;
	return t;
}

struct tab *
tab_by_title(const struct book *book, struct str title)
{
	struct tab *t;

	for (t = book->tabs; t && !str_ieq(str_c(t->title), title);)
		t = t->next;
	return t;
}

struct tab *
tab_move(struct book *book, struct tab *t, int64_t index)
{
	struct tab **at = &book->tabs;

	tab_remove(book, t);
	for (; *at && index > 0; index--)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	return t;
}

void
tab_remove(struct book *book, struct tab *t)
{
	for (struct tab **at = &book->tabs; *at; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			return;
		}
}

int64_t
tab_index(const struct book *book, const struct tab *t)
{
	int64_t i = 0;

	for (const struct tab *o = book->tabs; o && o != t; o = o->next)
		i++;
	return i;
}

/*
 * Rows and cells.
 */
static void
grid_hold_rows(struct fake *f, struct tab *t, size_t n)
{
	if (n > t->caprow) {
		size_t cap = n > 2 * t->caprow ? n : 2 * t->caprow;
		struct row *row = arena_array(f->a, cap, sizeof *row);

		if (t->nrow > 0)
			memcpy(row, t->row, t->nrow * sizeof *row);
		t->row = row;
		t->caprow = cap;
	}
	if (n > t->nrow) {
		memset(t->row + t->nrow, 0, (n - t->nrow) * sizeof *t->row);
		t->nrow = n;
	}
}

void
tab_rule(struct fake *f, struct tab *t, size_t row, uint32_t gen, size_t n)
{
	grid_hold_rows(f, t, row + n);
	for (size_t i = 0; i < n; i++)
		t->row[row + i].gen = gen + (uint32_t)i;
}

void
tab_generate(struct fake *f, struct tab *t, int64_t rows, int64_t cols)
{
	tab_rule(f, t, 0, 1, (size_t)rows);
	t->gen_col = arena_array(f->a, (size_t)cols, sizeof *t->gen_col);
	t->ngen_col = (size_t)cols;
	for (int64_t c = 0; c < cols; c++)
		t->gen_col[c] = (int)c;
	t->rows = t->rows > rows ? t->rows : rows;
	t->cols = t->cols > cols ? t->cols : cols;
}

/* The rule: a header and rows of ten kinds of values, the same in every world. */
static struct cell
grid_generate(uint32_t row, int col, struct arena *a)
{
	static const struct format date = { "DATE", "yyyy-mm-dd" };
	static const struct format price = { "NUMBER", "#,##0.00" };
	static const char *const head[] = {
		"id",
		"name",
		"email",
		"phone",
		"amount",
		"price",
		"since",
		"active",
		"city",
		"code",
	};
	static const char *const cities[] = { "Berlin", "Zürich", "Łódź", "Göteborg", "Brno" };
	const uint32_t n = row - 1;
	struct cell c = { .kind = CELL_TEXT };

	if (n == 0) {
		c.s = col < 10 ? head[col] : arena_printf(a, "%s_%d", head[col % 10], col / 10);
		return c;
	}
	switch (col % 10) {
	case 0:
		c.s = arena_printf(a, "R%07u", n);
		break;
	case 1:
		c.s = arena_printf(a, "Person %u", n);
		break;
	case 2:
		c.s = arena_printf(a, "person%u@example.com", n);
		break;
	case 3:
		c.s = arena_printf(a, "+49 30 %07u", n);
		break;
	case 4:
		return (struct cell){ .kind = CELL_NUMBER, .n = n % 1000 };
	case 5:
		return (
		    struct cell){ .kind = CELL_NUMBER, .n = (n % 100000) / 100.0, .fmt = &price };
	case 6:
		return (struct cell){ .kind = CELL_NUMBER, .n = 40000 + n % 5000, .fmt = &date };
	case 7:
		return (struct cell){ .kind = CELL_BOOL, .n = n % 3 == 0 };
	case 8:
		c.s = cities[n % 5];
		break;
	default:
		c.s = arena_printf(a, "%05u", n % 100000);
		break;
	}
	return c;
}

struct cell
cell_at(const struct tab *t, int64_t r, int64_t c, struct arena *a)
{
	const struct row *row;

	if (r < 0 || c < 0 || (size_t)r >= t->nrow)
		return (struct cell){ .kind = CELL_NONE };
	row = &t->row[r];
	if (c < row->n && row->c[c].kind != CELL_NONE)
		return row->c[c];
	if (row->gen > 0 && (size_t)c < t->ngen_col && t->gen_col[c] >= 0)
		return grid_generate(row->gen, t->gen_col[c], a);
	return c < row->n ? row->c[c] : (struct cell){ .kind = CELL_NONE };
}

bool
cell_empty(const struct cell *c)
{
	return c->kind <= CELL_BLANK;
}

struct cell *
cell_make(struct fake *f, struct tab *t, int64_t r, int64_t c)
{
	struct row *row;

	grid_hold_rows(f, t, (size_t)r + 1);
	row = &t->row[r];
	if (c >= row->cap) {
		uint32_t cap = (uint32_t)c + 4;
		struct cell *cells = arena_array(f->a, cap, sizeof *cells);

		if (row->n > 0)
			memcpy(cells, row->c, row->n * sizeof *cells);
		row->c = cells;
		row->cap = cap;
	}
	if (c >= row->n) {
		memset(row->c + row->n, 0, ((size_t)c + 1 - row->n) * sizeof *row->c);
		row->n = (uint32_t)c + 1;
	}
	if (row->c[c].kind == CELL_NONE)
		row->c[c] = cell_at(t, r, c, f->a);
	t->rows = t->rows > r ? t->rows : r + 1;
	t->cols = t->cols > c ? t->cols : c + 1;
	return &row->c[c];
}

static bool
grid_row_used(const struct tab *t, int64_t r, int64_t c0, int64_t c1)
{
	const struct row *row = &t->row[r];

	for (int64_t c = c0; c < c1; c++) {
		if (c < row->n && row->c[c].kind > CELL_BLANK)
			return true;
		if (row->gen > 0 && (size_t)c < t->ngen_col && t->gen_col[c] >= 0 &&
		    (c >= row->n || row->c[c].kind == CELL_NONE))
			return true;
		if (c >= row->n && (row->gen == 0 || (size_t)c >= t->ngen_col))
			return false;
	}
	return false;
}

int64_t
tab_used_rows(const struct tab *t, int64_t c0, int64_t c1)
{
	int64_t r = (int64_t)t->nrow;

	while (r > 0 && !grid_row_used(t, r - 1, c0, c1))
		r--;
	return r;
}

void
cell_blank(struct cell *cell)
{
	*cell = (struct cell){
		.kind = CELL_BLANK,
		.fmt = cell->fmt,
		.style = cell->style,
		.note = cell->note,
	};
}

/* The end of what is there to clear: of a row of the rule, all of it. */
static int64_t
grid_row_end(const struct tab *t, int64_t r)
{
	const struct row *row = &t->row[r];

	return row->gen > 0 && row->n < t->ngen_col ? (int64_t)t->ngen_col : (int64_t)row->n;
}

void
range_clear(struct fake *f, const struct range *g)
{
	struct tab *t = g->tab;

	for (int64_t r = g->r0; r < g->r1 && (size_t)r < t->nrow; r++) {
		int64_t end = grid_row_end(t, r);

		/* All of a row of the rule goes at once: emptying a large tab costs nothing. */
		if (g->c0 == 0 && g->c1 >= end) {
			t->row[r].gen = 0;
			end = t->row[r].n;
		}
		for (int64_t c = g->c0; c < g->c1 && c < end; c++)
			cell_blank(cell_make(f, t, r, c));
	}
}

void
tab_copy_cells(struct fake *f, struct tab *to, const struct tab *from)
{
	for (size_t r = 0; r < from->nrow; r++)
		for (uint32_t k = 0; k < from->row[r].n; k++)
			*cell_make(f, to, (int64_t)r, k) = from->row[r].c[k];
}

/*
 * Rows and columns put in and taken out.
 */
static void
grid_insert_rows(struct fake *f, struct tab *t, size_t at, size_t n)
{
	if (at < t->nrow) {
		size_t held = t->nrow;

		grid_hold_rows(f, t, held + n);
		memmove(t->row + at + n, t->row + at, (held - at) * sizeof *t->row);
		memset(t->row + at, 0, n * sizeof *t->row);
	}
}

static void
grid_insert_cols(struct fake *f, struct tab *t, size_t at, size_t n)
{
	for (size_t r = 0; r < t->nrow; r++) {
		struct row *row = &t->row[r];
		uint32_t held = row->n;

		if (at >= held)
			continue;
		cell_make(f, t, (int64_t)r, (int64_t)(held + n - 1));
		memmove(row->c + at + n, row->c + at, (held - at) * sizeof *row->c);
		memset(row->c + at, 0, n * sizeof *row->c);
	}
	if (at < t->ngen_col) {
		int *g = arena_array(f->a, t->ngen_col + n, sizeof *g);

		for (size_t c = 0; c < t->ngen_col + n; c++)
			if (c < at)
				g[c] = t->gen_col[c];
			else
				g[c] = c < at + n ? -1 : t->gen_col[c - n];
		t->gen_col = g;
		t->ngen_col += n;
	}
}

void
tab_insert(struct fake *f, struct tab *t, bool cols, int64_t at, int64_t n)
{
	if (cols) {
		int64_t before = t->cols;

		grid_insert_cols(f, t, (size_t)at, (size_t)n);
		t->cols = before + n;
	} else {
		grid_insert_rows(f, t, (size_t)at, (size_t)n);
		t->rows += n;
	}
}

void
tab_delete(struct tab *t, bool cols, int64_t at, int64_t n)
{
	size_t i = (size_t)at, k = (size_t)n;

	if (!cols) {
		t->rows -= n;
		if (i >= t->nrow)
			return;
		if (i + k > t->nrow)
			k = t->nrow - i;
		memmove(t->row + i, t->row + i + k, (t->nrow - i - k) * sizeof *t->row);
		t->nrow -= k;
		return;
	}
	t->cols -= n;
	for (size_t r = 0; r < t->nrow; r++) {
		struct row *row = &t->row[r];
		size_t m = i < row->n && i + k > row->n ? row->n - i : k;

		if (i >= row->n)
			continue;
		memmove(row->c + i, row->c + i + m, (row->n - i - m) * sizeof *row->c);
		row->n -= (uint32_t)m;
	}
	if (i < t->ngen_col) {
		if (i + k > t->ngen_col)
			k = t->ngen_col - i;
		memmove(
		    t->gen_col + i, t->gen_col + i + k, (t->ngen_col - i - k) * sizeof *t->gen_col);
		t->ngen_col -= k;
	}
}
