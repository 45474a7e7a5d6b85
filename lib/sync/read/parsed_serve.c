/*
 * parsed_serve.c - the side of parsed.h that parses: a struct sink whose calls become messages.
 * They are gathered, and sent when they are many or an answer is waited for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/pass.h"
#include "base/rand.h"
#include "sync/read/parsed.h"

enum { SEND_BYTES = 64 * 1024, TEXT_BYTES = 2000, NAMES_FIRST = 64 };

/* A column that was asked for: its name and number are not asked for again. */
struct known_column {
	const char *name; /* NULL: free */
	size_t n, no;
};

struct parsed_out {
	struct sink sink; /* first */
	int fd;
	struct buf *b;
	size_t at; /* of the message that is being made, */
	bool open; /* and is not whole yet */
	int64_t read_bytes;
	struct arena *a;
	uint64_t secret[2];
	struct known_column *columns;
	size_t n, cap; /* cap: a power of two */
};

/* --- messages --- */

static void
out_begin(struct parsed_out *o, enum parsed_word word)
{
	const struct parsed_head head = { .word = word };

	/* One that came to nothing is not said. */
	if (o->open) {
		buf_cut(o->b, o->at);
		o->b->over = false;
	}
	o->open = true;
	o->at = o->b->n;
	buf_add(o->b, &head, sizeof head);
}

static void
out_u32(struct parsed_out *o, uint32_t v)
{
	buf_add(o->b, &v, sizeof v);
}

static void
out_i64(struct parsed_out *o, int64_t v)
{
	buf_add(o->b, &v, sizeof v);
}

static void
out_str(struct parsed_out *o, struct str s)
{
	out_u32(o, (uint32_t)s.n);
	buf_add(o->b, s.p, s.n);
}

static void
out_text(struct parsed_out *o, const char *s)
{
	if (s)
		out_str(o, str_c(s));
	else
		out_u32(o, PARSED_NO_TEXT);
}

static enum rc
out_send(struct ctx *cx, struct parsed_out *o)
{
	const bool ok = pass_bytes(o->fd, buf_c(o->b), o->b->n, true);

	buf_clear(o->b);
	return ok ? RC_OK : fail(cx, E_INTERRUPTED, NULL);
}

static enum rc
out_end(struct ctx *cx, struct parsed_out *o)
{
	const size_t n = o->b->n - o->at - sizeof(struct parsed_head);
	struct parsed_head head;

	if (o->b->over || n > PARSED_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, "A record is larger than 32 MB.");
	memcpy(&head, o->b->p + o->at, sizeof head);
	o->open = false;
	head.n = (uint32_t)n;
	memcpy(o->b->p + o->at, &head, sizeof head);
	return o->b->n >= SEND_BYTES ? out_send(cx, o) : RC_OK;
}

/* Sends what was gathered, and the question with it. */
static enum rc
out_ask(struct ctx *cx, struct parsed_out *o, int64_t *answer)
{
	TRY(out_end(cx, o));
	TRY(out_send(cx, o));
	return pass_bytes(o->fd, (char *)answer, sizeof *answer, false)
	    ? RC_OK
	    : fail(cx, E_INTERRUPTED, NULL);
}

/* --- the sink --- */

static enum rc
out_dataset(struct ctx *cx, struct sink *sink, const char *remote_id, const char *title)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	memset(o->columns, 0, o->cap * sizeof *o->columns);
	o->n = 0;
	out_begin(o, PARSED_DATASET);
	out_text(o, remote_id);
	out_text(o, title);
	return out_end(cx, o);
}

static enum rc
out_header(struct ctx *cx, struct sink *sink, const struct str *names, size_t n)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_HEADER);
	out_u32(o, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		out_str(o, names[i]);
	return out_end(cx, o);
}

static struct known_column *
out_slot(const struct parsed_out *o, struct str name)
{
	size_t i = (size_t)hash_sip(o->secret, name) & (o->cap - 1);
	struct known_column *c;

	while ((c = &o->columns[i])->name && !str_eq((struct str){ c->name, c->n }, name))
		i = (i + 1) & (o->cap - 1);
	return c;
}

static void
out_grow(struct parsed_out *o)
{
	const struct known_column *old = o->columns;
	const size_t cap = o->cap;

	o->cap = cap ? cap * 2 : NAMES_FIRST;
	o->columns = arena_array(o->a, o->cap, sizeof *o->columns);
	for (size_t i = 0; i < cap; i++)
		if (old[i].name)
			*out_slot(o, (struct str){ old[i].name, old[i].n }) = old[i];
}

static enum rc
out_column(struct ctx *cx, struct sink *sink, struct str name, size_t *no)
{
	struct parsed_out *o = (struct parsed_out *)sink;
	struct known_column *c = out_slot(o, name);
	int64_t answer;

	if (!c->name) {
		out_begin(o, PARSED_COLUMN);
		out_str(o, name);
		TRY(out_ask(cx, o, &answer));
		if (++o->n * 2 > o->cap)
			out_grow(o);
		c = out_slot(o, name);
		*c = (struct known_column){ arena_dup_str(o->a, name), name.n, (size_t)answer };
	}
	*no = c->no;
	return RC_OK;
}

/* A cell says its kind in the two highest bits of its length. */
static enum rc
out_cells(struct ctx *cx, struct parsed_out *o, const struct row *row)
{
	size_t all = row->key.n;

	for (size_t i = 0; i < row->n; i++)
		all += row->cells[i].v.n;
	if (all > PARSED_ROW_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, "The record at line %lld is larger than 32 MB.",
		    (long long)row->line);
	out_i64(o, row->line);
	out_u32(o, (uint32_t)row->page);
	if (row->key.p)
		out_str(o, row->key);
	else
		out_u32(o, PARSED_NO_TEXT);
	out_u32(o, (uint32_t)row->n);
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];

		out_u32(o, (uint32_t)c->kind << 30 | (uint32_t)c->v.n);
		buf_add(o->b, c->v.p, c->v.n);
	}
	return RC_OK;
}

static enum rc
out_row(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_ROW);
	TRY(out_cells(cx, o, row));
	return out_end(cx, o);
}

static enum rc
out_gone(struct ctx *cx, struct sink *sink, struct str key, const char *why)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_GONE);
	out_str(o, key);
	out_text(o, why);
	return out_end(cx, o);
}

static enum rc
out_skip(struct ctx *cx, struct sink *sink, const char *reason, int64_t line, const char *detail)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_SKIP);
	out_text(o, reason);
	out_i64(o, line);
	out_text(o, detail);
	return out_end(cx, o);
}

static enum rc out_say(struct ctx *, struct sink *, enum parsed_word, const char *code,
    const char *fmt, va_list) PRINTF(5, 0);

static enum rc
out_say(struct ctx *cx, struct sink *sink, enum parsed_word word, const char *code, const char *fmt,
    va_list ap)
{
	struct parsed_out *o = (struct parsed_out *)sink;
	char text[TEXT_BYTES];

	vsnprintf(text, sizeof text, fmt, ap);
	out_begin(o, word);
	out_text(o, code);
	out_str(o, str_utf8_cut(str_c(text), sizeof text - 1));
	return out_end(cx, o);
}

static enum rc
out_warn(struct ctx *, struct sink *, const char *code, const char *fmt, ...) PRINTF(4, 5);

static enum rc
out_warn(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	enum rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = out_say(cx, sink, PARSED_WARN, code, fmt, ap);
	va_end(ap);
	return rc;
}

static enum rc
out_doubt(struct ctx *, struct sink *, const char *code, const char *fmt, ...) PRINTF(4, 5);

static enum rc
out_doubt(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	enum rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = out_say(cx, sink, PARSED_DOUBT, code, fmt, ap);
	va_end(ap);
	return rc;
}

static bool
out_is_last(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct parsed_out *o = (struct parsed_out *)sink;
	struct ctx asks = { .a = cx->a };
	int64_t answer;

	out_begin(o, PARSED_IS_LAST);
	/* What could not be asked is met again by the next message. */
	return out_cells(&asks, o, row) != RC_OK || out_ask(&asks, o, &answer) != RC_OK || answer;
}

static enum rc
out_found(struct ctx *cx, struct sink *sink, const char *name, const char *value)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_FOUND);
	out_text(o, name);
	out_text(o, value);
	return out_end(cx, o);
}

static enum rc
out_people(struct ctx *cx, struct sink *sink, int64_t unreachable, const char *how)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_PEOPLE);
	out_i64(o, unreachable);
	out_text(o, how);
	return out_end(cx, o);
}

static enum rc
out_torn(struct ctx *cx, struct sink *sink)
{
	struct parsed_out *o = (struct parsed_out *)sink;

	out_begin(o, PARSED_TORN);
	return out_end(cx, o);
}

static void
out_telling(struct sink *sink, size_t column)
{
	struct parsed_out *o = (struct parsed_out *)sink;
	struct ctx says = { .a = o->a };

	out_begin(o, PARSED_TELLING);
	out_i64(o, (int64_t)column);
	(void)out_end(&says, o);
}

/* --- pages --- */

struct out_page {
	struct parsed_out *o;
	uint32_t no;
	int fd; /* -1: not open */
	bool ended;
};

static enum rc
page_open(struct ctx *cx, struct out_page *p)
{
	out_begin(p->o, PARSED_PAGE);
	out_u32(p->o, p->no);
	TRY(out_end(cx, p->o));
	TRY(out_send(cx, p->o));
	(void)pass_take(p->o->fd, &p->fd);
	return p->fd >= 0 ? RC_OK : fail(cx, E_INTERRUPTED, NULL);
}

static enum rc
page_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct out_page *p = arg;
	ssize_t n;

	*got = 0;
	if (p->ended)
		return RC_OK;
	if (p->fd < 0)
		TRY(page_open(cx, p));
	do
		n = read(p->fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spool_fail(cx, errno);
	if (n == 0) {
		close(p->fd);
		p->fd = -1;
		p->ended = true;
	}
	*got = (size_t)n;
	p->o->read_bytes += n;
	out_begin(p->o, PARSED_AT);
	out_i64(p->o, p->o->read_bytes);
	return out_end(cx, p->o);
}

static enum rc
page_restart(struct ctx *cx, void *arg)
{
	struct out_page *p = arg;

	p->ended = false;
	if (p->fd >= 0 && lseek(p->fd, 0, SEEK_SET) < 0)
		return spool_fail(cx, errno);
	return RC_OK;
}

static struct page_in *
pages_of(struct parsed_out *o, const json *job, size_t *n)
{
	const json *types = json_at(job, "types");
	struct page_in *pages;

	*n = json_len(types);
	pages = arena_array(o->a, *n + 1, sizeof *pages);
	for (size_t i = 0; i < *n; i++) {
		struct out_page *p = arena_alloc(o->a, sizeof *p);

		*p = (struct out_page){ .o = o, .no = (uint32_t)i, .fd = -1 };
		pages[i] = (struct page_in){
			.content_type = json_value_str(json_nth(types, i)),
			.read = page_read,
			.restart = page_restart,
			.arg = p,
			.cut = i + 1 == *n && json_flag(job, "cut", false),
		};
	}
	return pages;
}

/* --- the whole --- */

static enum rc
serve_job(struct ctx *cx, int fd, json **job)
{
	struct parsed_head head;
	char *text;

	if (!pass_bytes(fd, (char *)&head, sizeof head, false) || head.word != PARSED_JOB ||
	    head.n > PARSED_JOB_MAX)
		return fail(cx, E_INTERRUPTED, NULL);
	text = arena_alloc(cx->a, head.n + 1);
	if (!pass_bytes(fd, text, head.n, false))
		return fail(cx, E_INTERRUPTED, NULL);
	*job = json_stored(cx->a, text);
	return *job ? RC_OK : fail(cx, E_BUG, "What is to be parsed was not understood.");
}

static enum rc
serve_parse(struct ctx *cx, struct parsed_out *o)
{
	const struct provider *provider;
	struct source src = { 0 };
	struct page_in *pages;
	json *job = NULL;
	size_t n;

	TRY(serve_job(cx, o->fd, &job));
	provider = provider_find(json_str(job, "kind"));
	if (!provider)
		return fail(cx, E_UNSUPPORTED, NULL);
	src.config = json_at(job, "config");
	src.known = json_at(job, "known");
	pages = pages_of(o, job, &n);
	return provider->reader->parse(cx, &src, pages, n, &o->sink);
}

static void
serve_init(struct ctx *cx, struct parsed_out *o, int fd)
{
	*o = (struct parsed_out){
		.sink = {
			.dataset = out_dataset,
			.header = out_header,
			.column = out_column,
			.row = out_row,
			.gone = out_gone,
			.skip = out_skip,
			.warn = out_warn,
			.is_last = out_is_last,
			.found = out_found,
			.doubt = out_doubt,
			.people = out_people,
			.torn = out_torn,
			.telling = out_telling,
		},
		.fd = fd,
		.a = cx->a,
		.b = buf_in(cx->a, (size_t)PARSED_MAX + 2 * SEND_BYTES),
		.secret = { rand_u64(), rand_u64() },
	};
	out_grow(o);
}

static void
serve_end(struct parsed_out *o, const struct err *err)
{
	struct ctx says = { .a = o->a };

	out_begin(o, PARSED_END);
	out_u32(o, err->kind);
	out_i64(o, err->wait_ms);
	out_text(o, err->detail);
	out_text(o, err->where);
	if (out_end(&says, o) == RC_OK)
		(void)out_send(&says, o);
}

void
parsed_say_end(const struct ctx *cx, int fd)
{
	struct parsed_out o = { .fd = fd, .a = cx->a, .b = buf_in(cx->a, TEXT_BYTES) };

	serve_end(&o, &cx->err);
}

void
parsed_serve(struct ctx *cx, int fd)
{
	struct parsed_out o;

	serve_init(cx, &o, fd);
	if (serve_parse(cx, &o) == RC_OK)
		cx->err = (struct err){ 0 };
	serve_end(&o, &cx->err);
}
