/*
 * read_fixture.h - a reader with an account, against a world of the stand-in in this process: its
 * network half (reads), and then its pure half over what came (rows_read, twins_in).
 */
#ifndef TESTS_UNIT_READ_FIXTURE_H
#define TESTS_UNIT_READ_FIXTURE_H

#include "unit/fake_fixture.h"
#include "unit/fake_transport.h"
#include "unit/provider_fixture.h"

enum { READ_PAGES = 60 };

static struct remote lent;
static struct source from; /* what is read; its cursor is that of the last complete read */
static const struct reader *reads_with;

/* What the last read did. */
static struct {
	struct buf *page[READ_PAGES];
	int n, calls;
	bool unchanged, delta, cut;
	int64_t enough;     /* of the next read: a look that stops early */
	const char *hidden; /* a path that is not shown to us any more; NULL: none */
	struct buf *asked;  /* "GET /v1/x", a line each, without what is behind a "?" */
} did;

static const char *read_token = "t";

static inline enum rc
read_lent_token(struct ctx *c, struct remote *r, const char *refused, const char **token)
{
	(void)c;
	(void)r;
	(void)refused;
	*token = read_token;
	return RC_OK;
}

static inline void
read_listens(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	const char *host = strstr(in->url, "://"), *path = strchr(host + 3, '/');

	if (!strncmp(path, "/fake/", 6))
		path = strchr(path + 6, '/');
	buf_printf(did.asked, "%s %.*s\n", in->method, (int)strcspn(path, "?"), path);
	fake_transport(c, arg, in, out);
	if (did.hidden && strstr(path, did.hidden)) {
		out->status = 404;
		out->body = str_c("{\"code\":\"object_not_found\"}");
	}
}

static inline enum rc
read_write(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	(void)c;
	(void)arg;
	buf_add(did.page[did.n], bytes, n);
	return RC_OK;
}

static inline enum rc
read_rewind(struct ctx *c, void *arg)
{
	(void)c;
	(void)arg;
	buf_clear(did.page[did.n]);
	return RC_OK;
}

/* One read, with one more that begins anew when the cursor is not taken, as the engine does. */
static inline enum rc
read_pages(void)
{
	const char *next = NULL;

	for (did.n = 0, did.calls = 0; did.n < READ_PAGES; did.n++) {
		struct fetch f = {
			.page = did.n,
			.next = next,
			.enough_bytes = did.enough,
			.write = read_write,
			.rewind = read_rewind,
		};
		enum rc rc;

		did.page[did.n] = buf_in(cx.a, 16 << 20);
		rc = reads_with->fetch(&cx, &from, &f);
		did.calls += f.calls;
		if (rc != RC_OK)
			return rc;
		did.unchanged = f.unchanged;
		did.delta = f.delta;
		did.cut = f.cut;
		next = f.next_page;
		if (did.unchanged)
			return RC_OK;
		if (!next) {
			did.n++;
			if (f.cursor)
				from.cursor = f.cursor;
			return RC_OK;
		}
	}
	return fail(&cx, E_BUG, "it never ends");
}

static inline enum rc
reads(void)
{
	enum rc rc;

	buf_clear(did.asked);
	cx.err = (struct err){ 0 };
	rc = read_pages();
	if (rc != RC_OK && cx.err.kind == E_CURSOR && from.cursor) {
		from.cursor = NULL;
		cx.err = (struct err){ 0 };
		rc = read_pages();
	}
	return rc;
}

static inline size_t
pages_in(struct fixture_page *pages, struct page_in *in)
{
	for (int i = 0; i < did.n; i++) {
		pages[i] = (struct fixture_page){ .bytes = buf_s(did.page[i]), .step = 1000 };
		in[i] = (struct page_in){
			.content_type = "application/json",
			.read = fixture_read,
			.restart = fixture_restart,
			.arg = &pages[i],
			.cut = did.cut && i + 1 == did.n,
		};
	}
	return (size_t)did.n;
}

/* Belongs to the dataset from then on. */
static inline enum rc
read_found(struct ctx *c, struct sink *s, const char *name, const char *value)
{
	(void)c;
	(void)s;
	if (!from.known)
		from.known = json_new(cx.a);
	json_unset((json *)from.known, name);
	json_set_str((json *)from.known, name, value);
	return RC_OK;
}

static inline enum rc
    PRINTF(4, 5) read_doubt(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	(void)c;
	(void)fmt;
	buf_printf(((struct fixture *)s)->text, "doubt %s\n", code);
	return RC_OK;
}

/* What was read, as provider_fixture.h writes it; what was found out is known from then on. */
static inline const char *
rows_read(void)
{
	struct fixture *f = fixture_new(cx.a);
	struct fixture_page pages[READ_PAGES];
	struct page_in in[READ_PAGES];
	const size_t n = pages_in(pages, in);

	f->sentences = true;
	f->sink.found = read_found;
	f->sink.doubt = read_doubt;
	assert_ok(reads_with->parse(&cx, &from, in, n, &f->sink));
	return buf_c(f->text);
}

static inline void
read_begin(const struct reader *reader, const char *token, const char *config)
{
	reads_with = reader;
	read_token = token;
	lent = fake_remote();
	lent.token = read_lent_token;
	from = (struct source){ .config = json_stored(cx.a, config), .remote = &lent };
	memset(&did, 0, sizeof did);
	did.asked = buf_in(cx.a, 1 << 20);
	net_transport_set(read_listens, &world);
}

static inline void
read_end(void)
{
	net_transport_set(NULL, NULL);
}

#endif
