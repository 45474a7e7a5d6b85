/*
 * json_pages.c - pagination of JSON sources.
 *
 * fetch->next is "MARK ADDRESS". The mark finds circles without a list of all pages: with
 * addresses it is the digest of an earlier address, moved on at every power of two (Brent), with
 * page numbers the digest of the page before.
 */
#include "provider/web/json_pages.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/pct.h"
#include "kind/json_paging.h"
#include "provider/web/json_list.h"
#include "provider/web/url.h"

enum { PAGES_MAX = 10000, NEXT_MAX = 8192, MARK_LEN = 16 };

/* One page passing through. */
struct pager {
	struct ctx *cx;
	/* of what reads along: gone with the page, for there may be ten thousand */
	struct arena *own;
	struct fetch *outer;
	enum json_paging mode;
	struct jpath at;  /* BY_PATH */
	struct jscan *js; /* NULL: the body is not looked at */
	struct jscan_events events;
	struct json_finder *finder; /* BY_NUMBER */
	struct hash *hash;          /* BY_NUMBER */
	const char *next;           /* BY_PATH: what stood there, or NULL */
};

char *
json_pages_param(struct arena *a, const char *url, const char *name, const char *value)
{
	struct buf *b = buf_in(a, NEXT_MAX);
	struct str rest = str_c(url), base, query, after = { NULL, 0 };
	char sep = '?';

	base = str_cut(rest, '#', &rest);
	base = str_cut(base, '?', &query);
	buf_add(b, base.p, base.n);
	while (query.p) {
		const struct str one = str_cut(query, '&', &query);
		const struct str have = str_cut(one, '=', &after);
		if (one.n == 0 || str_is(have, name))
			continue;
		buf_ch(b, sep);
		buf_add(b, one.p, one.n);
		sep = '&';
	}
	buf_ch(b, sep);
	buf_str(b, name);
	buf_ch(b, '=');
	url_encode(b, value);
	return b->over ? NULL : buf_c(b);
}

/* The number in the configured address is that of the first page; 1 when there is none. */
static int64_t
first_number(const char *url, const char *name)
{
	struct str rest = str_c(url), value;
	int64_t n;

	str_cut(str_cut(rest, '#', &rest), '?', &rest);
	while (rest.p) {
		const struct str have = str_cut(str_cut(rest, '&', &rest), '=', &value);
		if (str_is(have, name) && value.p && str_i64(value, 0, INT32_MAX, &n))
			return n;
	}
	return 1;
}

static void
mark_of(struct str text, char out[MARK_LEN + 1])
{
	unsigned char sum[SHA256_LEN];

	hash_sha256(text, sum);
	hex_encode(sum, MARK_LEN / 2, out);
}

static enum rc
next_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct pager *p = arg;

	if (!jpath_at(&p->at, js))
		return RC_OK;
	if (type == J_OBJECT || type == J_LIST)
		return fail(cx, E_JSON_PATH,
		    "At %.100s there should be the address of the next page, but there is %s.",
		    jpath_text(cx->a, &p->at), type == J_LIST ? "a list" : "an object");
	*keep = true;
	return RC_OK;
}

static enum rc
next_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct pager *p = arg;
	struct str value = { text, n };

	(void)js;
	if (!text)
		return RC_OK;
	p->next = NULL;
	if (n > NEXT_MAX / 2)
		return fail(cx, E_URL,
		    "What stands at %.100s is too long for the address of a next page.",
		    jpath_text(cx->a, &p->at));
	if (type == J_TRUE)
		return fail(cx, E_JSON_PATH,
		    "At %.100s there is only \"true\", not the address of the next page.",
		    jpath_text(cx->a, &p->at));
	if (type == J_TEXT)
		value = str_trim(jtext_decode(value));
	if ((type == J_TEXT || type == J_NUMBER) && value.n > 0)
		p->next = arena_dup_str(cx->a, value);
	return RC_OK;
}

static enum rc
on_write(struct ctx *cx, void *arg, const char *bytes, size_t n)
{
	struct pager *p = arg;

	TRY(p->outer->write(cx, p->outer->arg, bytes, n));
	if (p->hash)
		hash_add(p->hash, bytes, n);
	return p->js ? jscan_feed(p->cx, p->js, (struct str){ bytes, n }) : RC_OK;
}

static enum rc
on_rewind(struct ctx *cx, void *arg)
{
	struct pager *p = arg;

	return p->outer->rewind(cx, p->outer->arg);
}

static enum rc
on_tick(struct ctx *cx, void *arg, int64_t got, int64_t total)
{
	struct pager *p = arg;

	return p->outer->tick ? p->outer->tick(cx, p->outer->arg, got, total) : RC_OK;
}

/* Addresses that are written with http: by a server behind a proxy are meant as the https: one
 * that was asked. */
static const char *
same_scheme(struct arena *a, const char *base, const char *url)
{
	const char *secure;

	if (!str_istarts(str_c(base), "https://") || !str_istarts(str_c(url), "http://"))
		return url;
	secure = arena_printf(a, "https://%s", url + 7);
	return http_same_origin(a, base, secure) ? secure : url;
}

static bool
is_reference(const char *s)
{
	return str_istarts(str_c(s), "http://") || str_istarts(str_c(s), "https://") || *s == '/' ||
	    *s == '?' || *s == '.' || strchr(s, '?') != NULL;
}

/* BY_LINK, BY_PATH: what was found as an address. */
static enum rc
pages_resolve(struct pager *p, const struct source *src, const char *asked,
    const struct http_reply *reply, const char **out)
{
	struct ctx *cx = p->cx;
	const char *home = json_str(src->config, "url");
	const char *param = json_str(src->config, "page_param");
	const char *found = p->mode == BY_LINK ? reply->link_next : p->next;
	const char *base = reply->final_url ? reply->final_url : asked;
	const char *url;

	*out = NULL;
	if (!found)
		return RC_OK;
	if (p->mode == BY_PATH && param && !str_istarts(str_c(found), "http://") &&
	    !str_istarts(str_c(found), "https://")) {
		*out = json_pages_param(cx->a, home, param, found);
		return *out ? RC_OK
			    : fail(cx, E_URL, "The address of the next page would be too long.");
	}
	if (p->mode == BY_PATH && !is_reference(found))
		return fail(cx, E_URL,
		    "The next page is called \"%.60s\", which is no address. Name the parameter of "
		    "the address that it belongs to (page_param).",
		    found);
	url = http_resolve(cx->a, base, found);
	if (!url)
		return fail(cx, E_URL,
		    "The next page \"%.100s\" is not an address Tidemark can read.", found);
	url = same_scheme(cx->a, base, url);
	if (!http_same_origin(cx->a, base, url) && !http_same_origin(cx->a, home, url))
		return fail(cx, E_URL,
		    "The source names a next page on another server, where Tidemark "
		    "does not follow it: %.150s.",
		    url_title(cx->a, url));
	*out = url;
	return RC_OK;
}

static enum rc
fail_circle(struct ctx *cx, int page)
{
	return fail(cx, E_PAGES_LOOP,
	    "The address of the page after page %d was read before: the pages lead in a circle.",
	    page + 1);
}

static enum rc
go_on(struct pager *p, const char *asked, const char *mark, const char *home, const char *url)
{
	struct ctx *cx = p->cx;
	struct fetch *f = p->outer;
	char here[MARK_LEN + 1], next[MARK_LEN + 1], first[MARK_LEN + 1];
	const unsigned n = (unsigned)f->page + 1;

	if (!url)
		return RC_OK;
	if (f->page + 1 >= PAGES_MAX)
		return fail(cx, E_PAGES_LOOP, "There are more than 10,000 pages.");
	mark_of(str_c(asked), here);
	mark_of(str_c(home), first);
	mark_of(str_c(url), next);
	if (strcmp(next, here) == 0 || strcmp(next, first) == 0 ||
	    (mark && strcmp(next, mark) == 0))
		return fail_circle(cx, f->page);
	f->next_page = arena_printf(cx->a, "%s %s", (n & (n - 1)) == 0 ? next : mark, url);
	return RC_OK;
}

/* BY_NUMBER: goes on until a page has no records. */
static enum rc
count_on(struct pager *p, const char *mark, const char *home, const char *name)
{
	struct ctx *cx = p->cx;
	struct fetch *f = p->outer;
	char here[MARK_LEN + 1], number[24];
	unsigned char sum[SHA256_LEN];
	struct json_list list;
	const char *url;

	TRY(json_finder_end(cx, p->finder, false, &list));
	if (list.empty)
		return RC_OK;
	hash_end(p->hash, sum);
	hex_encode(sum, MARK_LEN / 2, here);
	if (mark && strcmp(mark, here) == 0)
		return fail(cx, E_PAGES_LOOP,
		    "Page %d is the same as the one before it: the server does not understand the "
		    "parameter %.40s, or its last page repeats.",
		    f->page + 1, name);
	if (f->page + 1 >= PAGES_MAX)
		return fail(cx, E_PAGES_LOOP, "There are more than 10,000 pages.");
	snprintf(
	    number, sizeof number, "%lld", (long long)(first_number(home, name) + f->page + 1));
	url = json_pages_param(cx->a, home, name, number);
	if (!url)
		return fail(cx, E_URL, "The address of the next page would be too long.");
	f->next_page = arena_printf(cx->a, "%s %s", here, url);
	return RC_OK;
}

static enum rc
pages_prepare(struct pager *p, const struct source *src)
{
	struct ctx *cx = p->cx;
	const char *records = json_str(src->config, "records"), *why;

	if (p->mode == BY_PATH) {
		if (!jpath_parse(cx->a, json_str(src->config, "next"), &p->at, &why))
			return fail(
			    cx, E_JSON_PATH, "The path of the next page cannot be used: %s.", why);
		p->events = (struct jscan_events){ next_begin, next_end, p };
		p->js = jscan_new(p->own, &p->events);
	} else if (p->mode == BY_NUMBER) {
		struct jpath *wanted = records ? arena_alloc(cx->a, sizeof *wanted) : NULL;
		if (wanted && !jpath_parse(cx->a, records, wanted, &why))
			return fail(
			    cx, E_JSON_PATH, "The path of the records cannot be used: %s.", why);
		p->finder = json_finder_new(p->own, wanted, JSON_NOWHERE, true);
		p->js = json_finder_scan(p->finder);
		p->hash = hash_new(p->own);
		hash_begin(p->hash);
	}
	return RC_OK;
}

static enum rc
fetch_page(struct ctx *cx, struct arena *own, const struct source *src, struct fetch *f)
{
	const char *next = json_str(src->config, "next"), *home = json_str(src->config, "url");
	struct pager p = { .cx = cx, .own = own, .outer = f, .mode = json_paging_of(next) };
	struct url_get want = { .accept = "application/json, */*;q=0.5",
		.conditional = p.mode == SINGLE };
	struct fetch inner = *f;
	struct http_reply reply = { 0 };
	const char *url = NULL, *mark = NULL;

	if (p.mode == SINGLE)
		return url_fetch(cx, src, f, &want, NULL);
	if (f->next && strlen(f->next) > MARK_LEN + 1) {
		mark = arena_dup_str(cx->a, (struct str){ f->next, MARK_LEN });
		want.url = f->next + MARK_LEN + 1;
	}
	TRY(pages_prepare(&p, src));
	/* What the body says about the next page is read as it passes: a page begins at its
	 * beginning. */
	if (f->offset > 0)
		TRY(f->rewind(cx, f->arg));
	inner.offset = 0;
	inner.validator = NULL;
	inner.started = NULL;
	inner.write = on_write;
	inner.rewind = on_rewind;
	inner.tick = on_tick;
	inner.arg = &p;
	const enum rc rc = url_fetch(cx, src, &inner, &want, &reply);
	f->calls = inner.calls;
	f->cut = inner.cut;
	f->content_type = inner.content_type;
	TRY(rc);
	if (p.js)
		TRY(jscan_end(cx, p.js, f->cut));
	if (f->cut)
		return RC_OK;
	if (p.mode == BY_NUMBER)
		return count_on(&p, mark, home, next + 5);
	TRY(pages_resolve(&p, src, want.url ? want.url : home, &reply, &url));
	return go_on(&p, want.url ? want.url : home, mark, home, url);
}

enum rc
json_pages_fetch(struct ctx *cx, const struct source *src, struct fetch *f)
{
	struct arena *own = arena_new("page", (size_t)64 * 1024 * 1024, 0);
	enum rc rc = fetch_page(cx, own, src, f);

	arena_free(own);
	return rc;
}
