/*
 * provider_fixture.h - runs the parse half of a provider over bytes in memory, cut into pieces
 * of any size, and writes down what the sink is told:
 *
 *	dataset "title"
 *	row 3 [key] id=7 name="Ann"          the cells that are there, as JSON
 *	skip too_large 12
 *	warn uid_missing                     with `sentences`: warn uid_missing: What is read.
 *
 * Providers with headers: the columns are the header's, and what is right of them is "beyond".
 */
#ifndef TESTS_UNIT_PROVIDER_FIXTURE_H
#define TESTS_UNIT_PROVIDER_FIXTURE_H

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "provider/provider.h"

enum { FIXTURE_COLUMNS = 200, FIXTURE_NOTES = 16 * 1024 * 1024 };

struct fixture_page {
	struct str bytes;
	size_t at, step;
	/* After the bytes: `repeat` `times` times, then `last`. */
	struct str repeat, last;
	int64_t times, done;
	size_t repeat_at, last_at;
};

struct fixture {
	struct sink sink;
	struct arena *a;
	struct buf *text;
	struct str column[FIXTURE_COLUMNS];
	size_t columns;
	int64_t rows;
	bool quiet;     /* count only */
	char last[200]; /* the first cell of the row that came last */
	bool sentences;
	bool cut; /* the last page is a prefix */
};

static inline size_t
fixture_take(struct str from, size_t *at, char *buf, size_t cap)
{
	const size_t left = from.n - *at, n = left < cap ? left : cap;

	if (n > 0)
		memcpy(buf, from.p + *at, n);
	*at += n;
	return n;
}

static inline enum rc
fixture_read(struct ctx *c, void *arg, char *buf, size_t cap, size_t *n)
{
	struct fixture_page *p = arg;

	(void)c;
	if (p->step > 0 && cap > p->step)
		cap = p->step;
	*n = fixture_take(p->bytes, &p->at, buf, cap);
	while (*n < cap && p->done < p->times) {
		*n += fixture_take(p->repeat, &p->repeat_at, buf + *n, cap - *n);
		if (p->repeat_at == p->repeat.n) {
			p->repeat_at = 0;
			p->done++;
		}
	}
	if (p->done >= p->times)
		*n += fixture_take(p->last, &p->last_at, buf + *n, cap - *n);
	return RC_OK;
}

static inline enum rc
fixture_restart(struct ctx *c, void *arg)
{
	struct fixture_page *p = arg;

	(void)c;
	p->at = p->repeat_at = p->last_at = 0;
	p->done = 0;
	return RC_OK;
}

static inline enum rc
fixture_dataset(struct ctx *c, struct sink *s, const char *id, const char *title)
{
	struct fixture *f = (struct fixture *)s;

	(void)c;
	(void)id;
	buf_printf(f->text, "dataset \"%s\"\n", title);
	return RC_OK;
}

static inline enum rc
fixture_column(struct ctx *c, struct sink *s, struct str name, size_t *no)
{
	struct fixture *f = (struct fixture *)s;

	for (*no = 0; *no < f->columns; ++*no)
		if (str_eq(f->column[*no], name))
			return RC_OK;
	if (f->columns == FIXTURE_COLUMNS)
		return fail(c, E_SOURCE_TOO_LARGE, "too many columns");
	f->column[f->columns++] = (struct str){ arena_dup_str(f->a, name), name.n };
	return RC_OK;
}

static inline enum rc
fixture_header(struct ctx *c, struct sink *s, const struct str *names, size_t n)
{
	struct fixture *f = (struct fixture *)s;

	if (n > FIXTURE_COLUMNS)
		return fail(c, E_SOURCE_TOO_LARGE, "too many columns");
	buf_str(f->text, "header");
	for (f->columns = 0; f->columns < n; f->columns++) {
		f->column[f->columns] = (struct str){ arena_dup_str(f->a, names[f->columns]),
			names[f->columns].n };
		buf_printf(f->text, " \"%.*s\"", (int)names[f->columns].n, names[f->columns].p);
	}
	buf_ch(f->text, '\n');
	return RC_OK;
}

static inline enum rc
fixture_row(struct ctx *c, struct sink *s, const struct row *row)
{
	struct fixture *f = (struct fixture *)s;

	(void)c;
	f->rows++;
	snprintf(f->last, sizeof f->last, "%.*s", row->n ? (int)row->cells[0].v.n : 0,
	    row->n ? row->cells[0].v.p : "");
	if (f->quiet)
		return RC_OK;
	buf_printf(f->text, "row %lld", (long long)row->line);
	if (row->key.p)
		buf_printf(f->text, " [%.*s]", (int)row->key.n, row->key.p);
	for (size_t i = 0; i < row->n; i++) {
		if (row->cells[i].kind == CELL_NONE)
			continue;
		if (i < f->columns)
			buf_printf(f->text, " %.*s=", (int)f->column[i].n, f->column[i].p);
		else
			buf_str(f->text, " beyond=");
		if (row->cells[i].kind == CELL_TEXT)
			json_quote(f->text, row->cells[i].v);
		else
			buf_add(f->text, row->cells[i].v.p, row->cells[i].v.n);
	}
	buf_ch(f->text, '\n');
	return RC_OK;
}

static inline enum rc
fixture_skip(struct ctx *c, struct sink *s, const char *reason, int64_t line, const char *detail)
{
	struct fixture *f = (struct fixture *)s;

	(void)c;
	(void)detail;
	buf_printf(f->text, "skip %s %lld\n", reason, (long long)line);
	return RC_OK;
}

static inline enum rc
fixture_gone(struct ctx *c, struct sink *s, struct str key, const char *why)
{
	struct fixture *f = (struct fixture *)s;

	(void)c;
	(void)why;
	buf_printf(f->text, "gone [%.*s]\n", (int)key.n, key.p);
	return RC_OK;
}

static inline enum rc
    PRINTF(4, 5) fixture_warn(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	struct fixture *f = (struct fixture *)s;
	char line[1000], sentence[800];
	va_list ap;

	(void)c;
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	snprintf(line, sizeof line, "warn %s%s%s\n", code, f->sentences ? ": " : "",
	    f->sentences ? sentence : "");
	if (!strstr(buf_c(f->text), line))
		buf_str(f->text, line);
	return RC_OK;
}

/* The first column is the key. */
static inline bool
fixture_is_last(struct ctx *c, struct sink *s, const struct row *row)
{
	(void)c;
	return row->n && str_is(row->cells[0].v, ((struct fixture *)s)->last);
}

static inline enum rc
fixture_torn(struct ctx *c, struct sink *s)
{
	(void)c;
	buf_str(((struct fixture *)s)->text, "torn\n");
	return RC_OK;
}

static inline enum rc
fixture_people(struct ctx *c, struct sink *s, int64_t unreachable, const char *how)
{
	(void)c;
	buf_printf(((struct fixture *)s)->text, "people %lld%s%s\n", (long long)unreachable,
	    how ? ": " : "", how ? how : "");
	return RC_OK;
}

static inline struct fixture *
fixture_new(struct arena *a)
{
	struct fixture *f = arena_alloc(a, sizeof *f);

	f->sink = (struct sink){
		.dataset = fixture_dataset,
		.header = fixture_header,
		.column = fixture_column,
		.row = fixture_row,
		.gone = fixture_gone,
		.skip = fixture_skip,
		.warn = fixture_warn,
		.is_last = fixture_is_last,
		.people = fixture_people,
		.torn = fixture_torn,
	};
	f->a = a;
	f->text = buf_in(a, FIXTURE_NOTES);
	return f;
}

/* config: JSON text. */
static inline enum rc
fixture_parse(struct ctx *c, const struct reader *reader, const char *config,
    struct fixture_page *pages, size_t n, struct fixture *f)
{
	const struct source src = { .config = json_stored(c->a, config) };
	struct page_in *in = arena_array(c->a, n + 1, sizeof *in);

	c->err = (struct err){ .kind = E_NONE };
	for (size_t i = 0; i < n; i++)
		in[i] = (struct page_in){
			.read = fixture_read,
			.restart = fixture_restart,
			.arg = &pages[i],
			.cut = f->cut && i + 1 == n,
		};
	return reader->parse(c, &src, in, n, &f->sink);
}

#endif
