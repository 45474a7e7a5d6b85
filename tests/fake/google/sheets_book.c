/*
 * sheets_book.c - spreadsheets as files of Drive: made, copied, exported, filled and edited.
 */
#include "fake/google/sheets.h"

struct book *
book_of(const struct file *file)
{
	return file ? file->content : NULL;
}

struct book *
book_of_call(struct call *c, bool write)
{
	return book_of(file_of_call(c, c->part[0], write));
}

struct book *
book_add(struct fake *f, struct account *owner, const char *name, const char *id)
{
	return book_of(file_add(f, &sheets_kind, owner, name, id));
}

void
book_changed(struct fake *f, struct book *book)
{
	file_touch(f, book->file, "update", "content");
}

static void
book_begin(struct fake *f, struct file *file)
{
	struct book *book = arena_alloc(f->a, sizeof *book);

	*book = (struct book){ .file = file, .locale = "en_US", .zone = "Etc/GMT" };
	file->content = book;
}

static void
book_fresh(struct fake *f, struct file *file)
{
	tab_add(f, book_of(file), "Sheet1", 1000, 26);
}

static void
book_copy(struct fake *f, struct file *to_file, const struct file *from_file)
{
	struct book *to = book_of(to_file), *from = book_of(from_file);

	to->locale = from->locale;
	to->zone = from->zone;
	for (const struct tab *t = from->tabs; t; t = t->next) {
		struct tab *n = tab_add(f, to, t->title, t->rows, t->cols);

		n->id = t->id;
		n->type = t->type;
		n->hidden = t->hidden;
		tab_copy_cells(f, n, t);
	}
}

/*
 * Export: the first tab as CSV.
 */
static void
book_put_csv(struct buf *b, const char *s)
{
	bool quote = strpbrk(s, "\",\r\n") != NULL;

	if (quote)
		buf_ch(b, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_ch(b, '"');
		buf_ch(b, *s);
	}
	if (quote)
		buf_ch(b, '"');
}

static int64_t
book_used_cols(const struct tab *t, int64_t rows, struct arena *a)
{
	int64_t cols = 0;

	for (int64_t r = 0; r < rows; r++)
		for (int64_t k = cols; k < t->cols; k++) {
			struct cell cell = cell_at(t, r, k, a);

			if (!cell_empty(&cell))
				cols = k + 1;
		}
	return cols;
}

static void
book_export_csv(struct call *c, const struct file *file)
{
	const struct book *book = book_of(file);
	const struct tab *t = book->tabs;
	const int64_t rows = tab_used_rows(t, 0, t->cols);
	const int64_t cols = book_used_cols(t, rows, c->a);

	for (int64_t r = 0; r < rows; r++) {
		for (int64_t k = 0; k < cols; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			if (k > 0)
				buf_ch(c->rep->body, ',');
			book_put_csv(c->rep->body, cell_text(c->a, &cell, book->locale));
		}
		if (r + 1 < rows)
			buf_str(c->rep->body, "\r\n");
	}
	c->rep->type = "text/csv";
}

/*
 * For tests.
 */
static void
book_fill_values(struct fake *f, struct tab *t, const json *values, const char *locale)
{
	for (size_t r = 0; r < json_len(values); r++) {
		const json *row = json_nth(values, r);

		for (size_t k = 0; k < json_len(row); k++) {
			const json *v = json_nth(row, k);

			if (!json_is_null(v))
				cell_set_json(
				    f, cell_make(f, t, (int64_t)r, (int64_t)k), v, true, locale);
		}
	}
}

static void
book_fill_tab(struct fake *f, struct book *book, const json *j)
{
	const char *title = json_str(j, "title") ? json_str(j, "title") : "Sheet1";
	const json *gen = json_at(j, "generate");
	struct tab *t = tab_add(f, book, title, json_num(j, "rows", 1000), json_num(j, "cols", 26));

	t->hidden = json_flag(j, "hidden", false);
	t->type = json_flag(j, "chart", false) ? TAB_OBJECT : TAB_GRID;
	if (gen)
		tab_generate(f, t, json_num(gen, "rows", 1000), json_num(gen, "cols", 10));
	book_fill_values(f, t, json_at(j, "values"), book->locale);
}

static void
book_fill(struct call *c, struct file *file, const json *j)
{
	struct book *book = book_of(file);
	const json *tabs = json_at(j, "tabs");

	book->locale = kept(c, j, "locale", book->locale);
	book->zone = kept(c, j, "zone", book->zone);
	for (size_t i = 0; i < json_len(tabs); i++)
		book_fill_tab(c->f, book, json_nth(tabs, i));
	if (!book->tabs)
		book_fresh(c->f, file);
}

static void
book_edit(struct call *c, struct file *file, const json *j, json *out)
{
	const struct entry_way way = { .typed = !json_flag(j, "raw", false) };
	const char *clear = json_str(j, "clear"), *range = json_str(j, "range");
	struct book *book = book_of(file);
	json *replies = json_list(c->a);
	struct range g;

	if (range)
		values_write(c, book, range, json_at(j, "values"), way, &g);
	if (clear && range_parse(c, book, clear, &g))
		range_clear(c->f, &g);
	if (json_at(j, "requests"))
		batch_update(c, book, json_at(j, "requests"), replies);
	json_set(out, "replies", replies);
}

const struct file_kind sheets_kind = {
	.mime = "application/vnd.google-apps.spreadsheet",
	.begin = book_begin,
	.fresh = book_fresh,
	.copy = book_copy,
	.export_csv = book_export_csv,
	.save = book_save,
	.load = book_load,
	.fill = book_fill,
	.edit = book_edit,
};
