/*
 * The parse halves of the sources. What must hold: cells are UTF-8 or JSON that can be read
 * back, rows have no more cells than columns, and the same bytes give the same rows, however
 * they are cut into pieces.
 */
#include <stddef.h>

#include "base/buf.h"
#include "base/hash.h"
#include "event/rules.h"
#include "fuzz/fuzz.h"
#include "provider/google/gcal.h"
#include "provider/google/sheets.h"

enum { COLUMNS_MAX = 1000, PAGES_MAX = 4 };

struct page {
	struct str bytes;
	size_t at, step;
};

/* A sink that keeps only a digest of what it is told. */
struct taster {
	struct twin_sink twins; /* the first: on_twin() */
	struct sink sink;
	struct arena *a;
	struct hash *hash;
	struct str column[COLUMNS_MAX];
	size_t columns, header;
	bool tables, begun, had_header;
	int64_t line;
};

static enum rc
page_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct page *p = arg;
	const size_t left = p->bytes.n - p->at;

	(void)cx;
	must(cap > 0);
	cap = p->step > 0 && p->step < cap ? p->step : cap;
	*got = left < cap ? left : cap;
	if (*got > 0)
		memcpy(buf, p->bytes.p + p->at, *got);
	p->at += *got;
	return RC_OK;
}

static enum rc
page_restart(struct ctx *cx, void *arg)
{
	(void)cx;
	((struct page *)arg)->at = 0;
	return RC_OK;
}

static void
taste(struct taster *t, char mark, struct str s)
{
	hash_add(t->hash, &mark, 1);
	if (s.n > 0)
		hash_add(t->hash, s.p, s.n);
}

static struct taster *
taster_of(struct sink *sink)
{
	return (struct taster *)(void *)((char *)sink - offsetof(struct taster, sink));
}

/* What is sent of an event is what it was read as. */
static void
check_event(struct arena *a, const json *values)
{
	const struct gcal_home home = { .zone = NULL };
	struct event_span span;
	const char *why = NULL;
	json *plain = json_new(a), *body;

	for (struct json_iter it = { 0 }; json_each(values, &it);)
		if (*it.key != '@')
			json_set(plain, it.key, it.value);
	must(event_span(a, plain, &span));
	body = gcal_body(a, plain, &home, &why);
	must(body || why);
	if (!body)
		return;
	json_set_str(body, "id", "x");
	must(merge_same(a, &event_rules, plain, gcal_value(a, body, &home).value));
}

static enum rc
on_twin(struct ctx *cx, struct twin_sink *sink, const struct twin *twin)
{
	struct taster *t = (struct taster *)sink;

	(void)cx;
	must(twin->key && *twin->key);
	hash_add(t->hash, twin->key, strlen(twin->key) + 1);
	if (!twin->values)
		return RC_OK;
	hash_add(t->hash, json_text(t->a, twin->values), strlen(json_text(t->a, twin->values)));
	check_event(t->a, twin->values);
	return RC_OK;
}

static enum rc
on_dataset(struct ctx *cx, struct sink *s, const char *id, const char *title)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must((!t->begun || t->tables) && id && title && str_utf8_ok(str_c(title)));
	t->begun = true;
	t->had_header = false;
	t->line = 0;
	return RC_OK;
}

static enum rc
on_header(struct ctx *cx, struct sink *s, const struct str *names, size_t n)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun && !t->had_header && t->line == 0);
	t->had_header = true;
	t->header = n;
	for (size_t i = 0; i < n; i++)
		taste(t, 'h', names[i]);
	return RC_OK;
}

static enum rc
on_column(struct ctx *cx, struct sink *s, struct str name, size_t *no)
{
	struct taster *t = taster_of(s);

	must(t->begun && str_utf8_ok(name));
	for (*no = 0; *no < t->columns; ++*no)
		if (str_eq(t->column[*no], name))
			return RC_OK;
	if (t->columns == COLUMNS_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, NULL);
	t->column[t->columns++] = (struct str){ arena_dup_str(t->a, name), name.n };
	return RC_OK;
}

static void
taste_json(struct taster *t, struct str v)
{
	struct arena *a = arena_new("cell", (size_t)64 << 20, 0);
	const char *text = arena_dup_str(a, v);
	struct ctx cx = { .a = a };
	json *out;

	/* Whoever reads the record later must be able to. */
	must(strlen(text) == v.n && json_parse(&cx, "The cell", v, &out) == RC_OK);
	taste(t, 'j', v);
	arena_free(a);
}

static enum rc
on_row(struct ctx *cx, struct sink *s, const struct row *row)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun && row->line > 0);
	must(t->had_header || row->n <= t->columns);
	t->line = row->line;
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		if (c->kind == CELL_JSON)
			taste_json(t, c->v);
		else if (c->kind == CELL_TEXT) {
			must(str_utf8_ok(c->v) && (c->v.n == 0 || !memchr(c->v.p, '\0', c->v.n)));
			taste(t, 't', c->v);
		} else
			taste(t, 'n', STR(""));
	}
	for (size_t i = 0; i < row->key.n; i++)
		must((unsigned char)row->key.p[i] >= 0x20);
	taste(t, 'r', row->key);
	return RC_OK;
}

static enum rc
on_skip(struct ctx *cx, struct sink *s, const char *reason, int64_t line, const char *detail)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun && reason && line > 0 && detail && str_utf8_ok(str_c(detail)));
	taste(t, 's', str_c(reason));
	return RC_OK;
}

static enum rc
    PRINTF(4, 5) on_warn(struct ctx *cx, struct sink *s, const char *code, const char *fmt, ...)
{
	char text[2000];
	va_list ap;

	(void)s, (void)cx;
	must(code);
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return RC_OK;
}

static enum rc
on_gone(struct ctx *cx, struct sink *s, struct str key, const char *why)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun && key.n > 0);
	taste(t, 'g', key);
	taste(t, 'y', str_c(why));
	return RC_OK;
}

/* Now and then. */
static bool
on_is_last(struct ctx *cx, struct sink *s, const struct row *row)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun);
	return row->n % 3 == 1;
}

static enum rc
on_torn(struct ctx *cx, struct sink *s)
{
	struct taster *t = taster_of(s);

	(void)cx;
	must(t->begun);
	taste(t, 'm', STR(""));
	return RC_OK;
}

/* One parse; the digest of what came out, and the error. */
struct parse_run {
	const struct reader *reader;
	const json *config;
	const struct str *bytes; /* n pages */
	size_t n, step;
	bool cut;
	const char *type;
};

static enum error_kind
run(const struct parse_run *r, unsigned char sum[SHA256_LEN])
{
	struct ctx cx = { .a = arena_new("parse", (size_t)128 << 20, 0) };
	struct taster *t = arena_alloc(cx.a, sizeof *t);
	struct page pages[PAGES_MAX];
	struct page_in in[PAGES_MAX];
	const struct source src = { .config = r->config };
	enum error_kind kind;
	enum rc rc;

	for (size_t i = 0; i < r->n; i++) {
		pages[i] = (struct page){ .bytes = r->bytes[i], .step = r->step };
		in[i] = (struct page_in){
			.content_type = r->type,
			.read = page_read,
			.restart = page_restart,
			.arg = &pages[i],
			.cut = r->cut,
		};
	}

	t->sink = (struct sink){
		.dataset = on_dataset,
		.header = on_header,
		.column = on_column,
		.row = on_row,
		.gone = on_gone,
		.skip = on_skip,
		.warn = on_warn,
		.is_last = on_is_last,
		.torn = on_torn,
	};
	t->twins.twin = on_twin;
	t->a = cx.a;
	t->tables = r->reader == &reader_gsheets;
	t->hash = hash_new(cx.a);
	hash_begin(t->hash);
	rc = r->reader->parse(&cx, &src, in, r->n, &t->sink);
	if (rc == RC_OK && r->reader->twins)
		rc = r->reader->twins(&cx, &src, in, r->n, &t->twins);
	kind = rc == RC_OK ? E_NONE : cx.err.kind;
	must(kind != E_BUG && (rc == RC_OK || rc == error_row(kind)->rc));
	must(str_utf8_ok(str_c(cx.err.detail)));
	hash_end(t->hash, sum);
	arena_free(cx.a);
	return kind;
}

/* The first two bytes choose the settings and the size of pieces. */
static void
run_twice(struct ctx *cx, const struct reader *reader, const char *const *configs, size_t n,
    struct str in)
{
	const unsigned choice = fuzz_byte(&in), step = fuzz_byte(&in);
	struct parse_run r = {
		.reader = reader,
		.config = json_stored(cx->a, configs[choice % n]),
		.bytes = &in,
		.n = 1,
		.cut = choice & 0x80,
		.type = choice & 0x40 ? "text/plain; charset=iso-8859-2" : NULL,
	};
	unsigned char one[SHA256_LEN], other[SHA256_LEN];
	enum error_kind whole, parts;

	must(r.config);
	whole = run(&r, one);
	r.step = 1 + step % 64;
	parts = run(&r, other);
	must(whole == parts && memcmp(one, other, sizeof one) == 0);
}

void
fuzz_csv(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{}", "{\"header\":\"no\",\"quote\":\"none\"}",
		"{\"delimiter\":\"semicolon\",\"encoding\":\"windows-1252\"}",
		"{\"encoding\":\"utf-16\",\"header\":\"yes\"}",
		"{\"skip_rows\":2,\"quote\":\"single\"}",
		"{\"escape\":\"backslash\",\"encoding\":\"windows-1251\"}" };

	run_twice(cx, &reader_csv, configs, sizeof configs / sizeof configs[0], in);
}

void
fuzz_json(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{\"url\":\"https://example.com/a\"}",
		"{\"url\":\"https://example.com/\",\"records\":\"$\",\"key\":[\"a.b\"]}",
		"{\"url\":\"https://example.com/\",\"records\":\"data.items\",\"key\":\"id\"}",
		"{\"url\":\"https://example.com/\",\"records\":\"/a/0\",\"key\":\"a[0]\"}" };

	run_twice(cx, &reader_json, configs, sizeof configs / sizeof configs[0], in);
}

void
fuzz_ical(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{\"url\":\"https://example.com/a.ics\"}" };

	run_twice(cx, &reader_ical, configs, 1, in);
}

/* Pages as fetch makes them, with any bytes for Google's answers. */
static struct str
block(struct arena *a, const json *tabs, int64_t below, struct str values, const struct str *shown)
{
	struct buf *b = buf_in(a, 8 << 20);

	buf_str(b, "{\"parts\":[");
	for (size_t i = 0; i < json_len(tabs); i++)
		buf_printf(b, "%s{\"tab\":%zu,\"row\":%lld}", i ? "," : "", i,
		    (long long)(json_num(json_nth(tabs, i), "row", 1) + below));
	buf_printf(b, "],\"values\":%.*s", (int)values.n, values.p);
	if (shown)
		buf_printf(b, ",\"shown\":%.*s", (int)shown->n, shown->p);
	buf_ch(b, '}');
	must(!b->over);
	return buf_s(b);
}

/* What was chosen can be asked for: it lies in the grid. */
static void
check_tabs(const json *tabs)
{
	must(json_len(tabs) > 0);
	for (size_t i = 0; i < json_len(tabs); i++) {
		const json *t = json_nth(tabs, i);
		int64_t row = json_num(t, "row", -1), col = json_num(t, "col", -1);
		must(json_str(t, "title") && row >= 1 && col >= 1 &&
		    json_num(t, "lastRow", -1) >= row && json_num(t, "lastCol", -1) >= col);
	}
}

/* Byte 0 chooses the settings, byte 1 the size of pieces; then four answers, each ended by a
 * byte 1e: of the spreadsheet, values, values as shown, more values. */
void
fuzz_gsheets(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{}",
		"{\"contacts\":true,\"where\":[\"b > 1\",\"a is not empty\"]}",
		"{\"tabs\":[\"Two\",\"7\"],\"hidden\":true,\"header_row\":2}",
		"{\"range\":\"B2:D9\",\"columns\":[\"a\",\"b\"]}", "{\"range\":\"everything\"}",
		"{\"range\":\"'Two'!A:C\",\"contacts\":true,\"email_column\":\"b\"}" };
	const unsigned choice = fuzz_byte(&in), step = fuzz_byte(&in);
	const json *config = json_stored(
	    cx->a, configs[choice % (sizeof configs / sizeof *configs)]);
	const json *cursor = choice & 0x80
	    ? json_stored(cx->a, "{\"version\":\"1\",\"tabs\":{\"Two\":7}}")
	    : NULL;
	struct str answer[4], pages[PAGES_MAX - 1];
	struct parse_run r = { .reader = &reader_gsheets, .bytes = pages, .n = 3 };
	enum error_kind whole;
	json *meta, *page = json_new(cx->a);
	unsigned char one[SHA256_LEN], other[SHA256_LEN];

	for (size_t i = 0; i < 4; i++)
		answer[i] = in.p ? str_cut(in, '\x1e', &in) : STR("");
	meta = answer[0].n ? json_stored(cx->a, arena_dup_str(cx->a, answer[0])) : NULL;
	must(config);
	if (!json_is_obj(meta) || gsheets_choose(cx, config, cursor, meta, page) != RC_OK)
		return;
	check_tabs(json_at(page, "tabs"));
	pages[0] = str_c(json_text(cx->a, page));
	pages[1] = block(cx->a, json_at(page, "tabs"), 0, answer[1], &answer[2]);
	pages[2] = block(
	    cx->a, json_at(page, "tabs"), 10, answer[3], choice & 0x40 ? &answer[2] : NULL);
	r.config = config;
	whole = run(&r, one);
	r.step = 1 + step % 64;
	must(whole == run(&r, other));
	must(memcmp(one, other, sizeof one) == 0);
}

/* Byte 0 chooses the settings, byte 1 the size of pieces; then up to three answers, each ended by a
 * byte 1e. */
void
fuzz_gcal(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{}", "{\"from\":\"2026-01-01\"}",
		"{\"from\":\"2026-01-01\",\"to\":\"2027-01-01\"}" };
	const unsigned choice = fuzz_byte(&in), step = fuzz_byte(&in);
	struct str pages[PAGES_MAX - 1];
	struct parse_run r = {
		.reader = &reader_gcal,
		.config = json_stored(cx->a, configs[choice % 3]),
		.bytes = pages,
	};
	unsigned char one[SHA256_LEN], other[SHA256_LEN];
	enum error_kind whole;

	must(r.config);
	while (in.p && r.n < PAGES_MAX - 1) {
		const struct str answer = str_cut(in, '\x1e', &in);

		pages[r.n++] = str_c(arena_printf(cx->a, "{\"delta\":%s,\"answer\":%.*s}",
		    choice & 0x80 ? "true" : "false", (int)answer.n, answer.p));
	}
	whole = run(&r, one);
	r.step = 1 + step % 64;
	must(whole == run(&r, other));
	must(memcmp(one, other, sizeof one) == 0);
}

/* The same for the people of an address book: the first answer comes with what it is read by. */
void
fuzz_gcontacts(struct ctx *cx, struct str in)
{
	static const char *const configs[] = { "{}", "{\"labels\":[\"Tea\"]}",
		"{\"people\":[\"people/c1\"],\"fields\":[\"emails\",\"labels\",\"custom\"]}" };
	static const char *const chosen[] = { "", ",\"chosen\":{\"Tea\":\"a1\"}",
		",\"chosen\":{},\"missing\":[\"Tea\"]" };
	const unsigned choice = fuzz_byte(&in), step = fuzz_byte(&in);
	struct str pages[PAGES_MAX - 1];
	struct parse_run r = {
		.reader = &reader_gcontacts,
		.config = json_stored(cx->a, configs[choice % 3]),
		.bytes = pages,
	};
	const char *head = arena_printf(cx->a,
	    "\"head\":{\"delta\":%s,\"labels\":{\"a1\":\"Tea\",\"a2\":\"Coffee\"}%s},",
	    choice & 0x80 ? "true" : "false", chosen[choice % 3]);
	unsigned char one[SHA256_LEN], other[SHA256_LEN];
	enum error_kind whole;

	must(r.config);
	while (in.p && r.n < PAGES_MAX - 1) {
		const struct str answer = str_cut(in, '\x1e', &in);

		pages[r.n] = str_c(arena_printf(
		    cx->a, "{%s\"answer\":%.*s}", r.n ? "" : head, (int)answer.n, answer.p));
		r.n++;
	}
	whole = run(&r, one);
	r.step = 1 + step % 64;
	must(whole == run(&r, other));
	must(memcmp(one, other, sizeof one) == 0);
}
