/* csv_fixture.h - parses CSV out of memory, cut into pieces of any size, and writes down what came
 * out, cell by cell. */
#ifndef CSV_FIXTURE_H
#define CSV_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "provider/web/csv_detect.h"
#include "provider/provider.h"

enum { MB = 1024 * 1024 };

static struct ctx cx;

/* A page in memory, or one that a function makes up. */
struct page {
	struct str bytes;
	size_t at, step;
	int64_t tail; /* so many times `filler` after the bytes */
	int64_t tail_at;
	char filler;
};

static inline enum rc
page_read(struct ctx *c, void *arg, char *buf, size_t cap, size_t *got)
{
	struct page *p = arg;
	size_t n = p->bytes.n - p->at;

	(void)c;
	cap = cap < p->step ? cap : p->step;
	*got = 0;
	if (n > 0) {
		*got = n < cap ? n : cap;
		memcpy(buf, p->bytes.p + p->at, *got);
		p->at += *got;
	} else if (p->tail_at < p->tail) {
		*got = p->tail - p->tail_at < (int64_t)cap ? (size_t)(p->tail - p->tail_at) : cap;
		memset(buf, p->filler, *got);
		p->tail_at += (int64_t)*got;
	}
	return RC_OK;
}

static inline enum rc
page_restart(struct ctx *c, void *arg)
{
	struct page *p = arg;

	(void)c;
	p->at = 0;
	p->tail_at = 0;
	return RC_OK;
}

/* Writes down what it is told: "names a|b", "2 1|2", "skip too_many_cells 3", "warn no_header". */
struct notes {
	struct sink sink;
	struct buf *text;
	struct buf *said; /* the sentences of the warnings */
	enum error_kind refuse_row;
};

static inline void
note_cells(struct buf *b, const struct cell *cells, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct str v = cells ? cells[i].v : names[i];
		if (cells)
			assert_int_equal(cells[i].kind, CELL_TEXT);
		buf_str(b, i ? "|" : " ");
		buf_add(b, v.p, v.n);
	}
	buf_ch(b, '\n');
}

static inline enum rc
note_dataset(struct ctx *c, struct sink *s, const char *id, const char *title)
{
	(void)s, (void)c, (void)title;
	assert_string_equal(id, "");
	return RC_OK;
}

static inline enum rc
note_header(struct ctx *c, struct sink *s, const struct str *names, size_t n)
{
	struct notes *k = (struct notes *)s;

	(void)c;
	buf_str(k->text, "names");
	note_cells(k->text, NULL, names, n);
	return RC_OK;
}

static inline enum rc
note_row(struct ctx *c, struct sink *s, const struct row *row)
{
	struct notes *k = (struct notes *)s;

	buf_printf(k->text, "%lld", (long long)row->line);
	note_cells(k->text, row->cells, NULL, row->n);
	return k->refuse_row ? fail(c, k->refuse_row, "refused") : RC_OK;
}

static inline enum rc
note_skip(struct ctx *c, struct sink *s, const char *reason, int64_t line, const char *detail)
{
	struct notes *k = (struct notes *)s;

	(void)c;
	assert_non_null(detail);
	buf_printf(k->text, "skip %s %lld\n", reason, (long long)line);
	return RC_OK;
}

static enum rc
    PRINTF(4, 5) note_warn(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	struct notes *k = (struct notes *)s;

	char sentence[1000];
	va_list args;

	(void)c;
	va_start(args, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	buf_printf(k->said, "%s\n", sentence);
	buf_printf(k->text, "warn %s\n", code);
	return RC_OK;
}

static inline struct notes
new_notes(void)
{
	return (struct notes){
		.sink = {
			.dataset = note_dataset,
			.header = note_header,
			.row = note_row,
			.skip = note_skip,
			.warn = note_warn,
		},
		.said = buf_in(cx.a, MB),
		.text = buf_in(cx.a, 16 * MB),
	};
}

/* settings: {"quote": "none"} and so on; NULL: none. */
static inline enum rc
parse(const char *settings, struct page *page, const char *content_type, bool cut,
    struct notes *notes)
{
	const struct source src = { .config = settings ? json_stored(cx.a, settings)
						       : json_new(cx.a) };
	struct page_in in = {
		.content_type = content_type,
		.read = page_read,
		.restart = page_restart,
		.arg = page,
		.cut = cut,
	};

	page_restart(&cx, page);
	cx.err = (struct err){ .kind = E_NONE };
	return reader_csv.parse(&cx, &src, &in, 1, &notes->sink);
}

static inline void
expect_bytes(const char *settings, struct str bytes, const char *want)
{
	static const size_t steps[] = { 1, 2, 3, 7, 64 * 1024 };

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct page page = { .bytes = bytes, .step = steps[i] };
		struct notes notes = new_notes();
		const enum rc rc = parse(settings, &page, NULL, false, &notes);
		if (rc != RC_OK)
			print_message("# %s: %s\n", bytes.p, cx.err.detail);
		assert_int_equal(rc, RC_OK);
		assert_string_equal(buf_c(notes.text), want);
	}
}

static inline void
expect(const char *settings, const char *text, const char *want)
{
	expect_bytes(settings, str_c(text), want);
}

static inline const char *
expect_error(const char *settings, struct str bytes, enum error_kind kind)
{
	struct page page = { .bytes = bytes, .step = 64 * 1024 };
	struct notes notes = new_notes();

	assert_int_not_equal(parse(settings, &page, NULL, false, &notes), RC_OK);
	assert_string_equal(error_row(cx.err.kind)->code, error_row(kind)->code);
	return cx.err.detail;
}

static inline int
setup(void **state)
{
	(void)state;
	cx.a = arena_new("test", 512 * MB, 0);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_free(cx.a);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
