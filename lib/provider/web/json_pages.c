/*
 * json_pages.c - pagination of JSON sources.
 *
 * What the source itself says ends a list, and nothing else: no next page, or that there is none
 * (has_more); the address that was just read once more; a page that has no records, in lists that
 * are counted through, and two of them in a row elsewhere; nothing (404, 400) behind the last page
 * of a list that is counted through; the last page once more. A page that brought nothing is left
 * empty. What parse makes of the way a list ended: json.c.
 *
 * fetch->next is "MARK DIGEST ADDRESS". The mark finds circles without a list of all pages: it is
 * the digest of an earlier address, moved on at every power of two (Brent). DIGEST is that of the
 * page before, or dashes when it had no records.
 */
#include "provider/web/json_pages.h"

#include "base/hash.h"
#include "base/pct.h"
#include "kind/json_paging.h"
#include "kind/veil_url.h"
#include "provider/web/json_says.h"
#include "provider/web/json_where.h"
#include "provider/web/known.h"
#include "provider/web/url.h"

enum { PAGES_MAX = 10000, NEXT_MAX = 8192, MARK_LEN = 16 };

#define NO_RECORDS "----------------"

/* One page passing through. */
struct pager {
	struct ctx *cx;
	/* of what reads along: gone with the page, for there may be ten thousand */
	struct arena *own;
	struct fetch *outer;
	enum json_paging mode;
	struct json_says says;
	struct jscan *js; /* what the page says */
	struct jscan_events events;
	struct json_where where;
	struct json_finder *finder; /* how many records it has */
	struct json_list list;
	struct hash *hash;
	/* of the page */
	const char *asked, *mark, *before; /* before: DIGEST of the page before, or NULL */
	char digest[MARK_LEN + 1];
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

/* The number in the address; `none` when there is none. */
static int64_t
first_number(const char *url, const char *name, int64_t none)
{
	struct str rest = str_c(url), value;
	int64_t n;

	str_cut(str_cut(rest, '#', &rest), '?', &rest);
	while (rest.p) {
		const struct str have = str_cut(str_cut(rest, '&', &rest), '=', &value);
		if (str_is(have, name) && value.p && str_i64(value, 0, INT32_MAX, &n))
			return n;
	}
	return none;
}

static void
mark_of(struct str text, char out[MARK_LEN + 1])
{
	unsigned char sum[SHA256_LEN];

	hash_sha256(text, sum);
	hex_encode(sum, MARK_LEN / 2, out);
}

static enum rc
says_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct pager *p = arg;

	return json_says_begin(cx, &p->says, js, type, keep);
}

static enum rc
says_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct pager *p = arg;

	(void)js;
	return text ? json_says_end(cx, &p->says, type, (struct str){ text, n }) : RC_OK;
}

static enum rc
on_write(struct ctx *cx, void *arg, const char *bytes, size_t n)
{
	struct pager *p = arg;

	TRY(p->outer->write(cx, p->outer->arg, bytes, n));
	hash_add(p->hash, bytes, n);
	TRY(jscan_feed(p->cx, p->js, (struct str){ bytes, n }));
	return jscan_feed(p->cx, json_finder_scan(p->finder), (struct str){ bytes, n });
}

static enum rc
on_rewind(struct ctx *cx, void *arg)
{
	struct pager *p = arg;

	return p->outer->rewind(cx, p->outer->arg);
}

static enum rc
pages_tick(struct ctx *cx, void *arg, int64_t got, int64_t total)
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
pages_resolve(
    struct pager *p, const struct source *src, const struct http_reply *reply, const char **out)
{
	struct ctx *cx = p->cx;
	const char *home = url_home(cx->a, src);
	const char *param = json_str(src->config, "page_param");
	const char *found = p->mode == BY_LINK ? reply->link_next : p->says.next;
	const char *base = reply->final_url ? reply->final_url : p->asked;
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
		    veil_url(cx->a, found));
	url = http_resolve(cx->a, base, found);
	if (!url)
		return fail(cx, E_URL,
		    "The next page \"%.100s\" is not an address Tidemark can read.",
		    veil_url(cx->a, found));
	url = same_scheme(cx->a, base, url);
	if (!http_same_origin(cx->a, base, url) && !http_same_origin(cx->a, home, url))
		return fail(cx, E_URL,
		    "The source names a next page on another server, where Tidemark "
		    "does not follow it: %.150s.",
		    url_title(cx->a, url));
	*out = url;
	return RC_OK;
}

/* The page brought nothing that was not there before. */
static enum rc
page_drop(struct pager *p)
{
	return p->outer->rewind(p->cx, p->outer->arg);
}

static enum rc
page_next(struct pager *p, const struct source *src, const char *mark, const char *url)
{
	struct ctx *cx = p->cx;
	struct fetch *f = p->outer;

	if (f->page + 1 >= PAGES_MAX)
		return fail(cx, E_PAGES_LOOP, "There are more than 10,000 pages.");
	if (!url)
		return fail(cx, E_URL, "The address of the next page would be too long.");
	f->next_page = arena_printf(cx->a, "%s %s %s", mark,
	    p->list.items > 0 ? p->digest : NO_RECORDS, url_page_veiled(cx->a, src, url));
	return RC_OK;
}

/* The page is to the letter the one before it. The second one shows that the server does not
 * know the parameter; a later one, that the last page repeats. */
static enum rc
page_repeated(struct pager *p, const struct source *src, bool *repeated)
{
	*repeated = p->before && strcmp(p->before, p->digest) == 0 && p->list.items > 0;
	if (!*repeated)
		return RC_OK;
	if (p->outer->page == 1 && !known_str(src, "end"))
		return fail(p->cx, E_PAGES_LOOP,
		    "Page 2 is the same as the one before it: the server does not understand the "
		    "parameter that leads there, or its last page repeats.");
	return page_drop(p);
}

/* BY_LINK, BY_PATH: to the address that is named. */
static enum rc
go_on(struct pager *p, const struct source *src, const char *home, const char *url)
{
	struct ctx *cx = p->cx;
	const struct fetch *f = p->outer;
	char here[MARK_LEN + 1], next[MARK_LEN + 1], first[MARK_LEN + 1];
	const unsigned n = (unsigned)f->page + 1;
	const bool none_before = p->before && !strcmp(p->before, NO_RECORDS);
	bool repeated;

	if (!url || p->says.more == MORE_NO)
		return RC_OK;
	if (p->list.items == 0 && none_before && p->says.more != MORE_YES)
		return RC_OK;
	mark_of(str_c(p->asked), here);
	mark_of(str_c(home), first);
	mark_of(str_c(url), next);
	if (strcmp(next, here) == 0 && p->says.more != MORE_YES)
		return page_repeated(p, src, &repeated);
	if (strcmp(next, here) == 0 || strcmp(next, first) == 0 ||
	    (p->mark && strcmp(next, p->mark) == 0))
		return fail(cx, E_PAGES_LOOP,
		    "The address of the page after page %d was read before: the pages lead in a "
		    "circle.",
		    f->page + 1);
	return page_next(p, src, (n & (n - 1)) == 0 ? next : p->mark, url);
}

/* BY_NUMBER, BY_OFFSET: goes on until a page has no records. */
static enum rc
count_on(struct pager *p, const struct source *src, const char *home, const char *name)
{
	struct ctx *cx = p->cx;
	const bool offset = p->mode == BY_OFFSET;
	const char *there = p->asked == home ? NULL : p->asked;
	bool repeated;
	int64_t at;

	if (p->list.items == 0 || p->says.more == MORE_NO)
		return RC_OK;
	TRY(page_repeated(p, src, &repeated));
	if (repeated)
		return RC_OK;
	at = there ? first_number(there, name, 0) : first_number(home, name, !offset);
	at += offset ? p->list.items : 1;
	return page_next(p, src, p->digest,
	    json_pages_param(cx->a, home, name, arena_printf(cx->a, "%lld", (long long)at)));
}

static enum rc
pages_prepare(struct pager *p, const struct source *src)
{
	struct ctx *cx = p->cx;
	const char *next = json_str(src->config, "next");

	TRY(json_says_new(cx, p->mode == BY_PATH ? next : NULL, &p->says));
	TRY(json_where(cx, src, &p->where));
	p->events = (struct jscan_events){ says_begin, says_end, p };
	p->js = jscan_new(p->own, &p->events);
	jscan_begin(p->js);
	p->finder = json_where_finder(p->own, &p->where, true);
	json_finder_begin(p->finder);
	p->hash = hash_new(p->own);
	hash_begin(p->hash);
	return RC_OK;
}

/* Takes fetch->next apart. */
static void
pages_asked(struct pager *p, const struct source *src, const char *home, struct url_get *want)
{
	const char *next = p->outer->next;

	p->asked = home;
	if (!next || strlen(next) < 2 * (MARK_LEN + 1) + 1)
		return;
	p->mark = arena_dup_str(p->cx->a, (struct str){ next, MARK_LEN });
	p->before = arena_dup_str(p->cx->a, (struct str){ next + MARK_LEN + 1, MARK_LEN });
	p->asked = want->url = url_page(p->cx->a, src, next + 2 * (MARK_LEN + 1));
}

/* Behind the last page of a list that is counted through there may be nothing at all. */
static bool
is_behind(struct pager *p, const struct http_reply *reply)
{
	const int s = reply->status;

	return (p->mode == BY_NUMBER || p->mode == BY_OFFSET) && p->outer->page > 0 &&
	    (s == 400 || s == 404 || s == 410 || s == 416 || s == 422);
}

static enum rc
page_fetch(struct pager *p, const struct source *src, const struct url_get *want,
    struct http_reply *reply, bool *behind)
{
	struct ctx *cx = p->cx;
	struct fetch *f = p->outer, inner = *f;
	enum rc rc;

	/* What the body says about the next page is read as it passes: a page begins at its
	 * beginning. */
	if (f->offset > 0)
		TRY(f->rewind(cx, f->arg));
	inner.offset = 0;
	inner.validator = NULL;
	inner.started = NULL;
	inner.write = on_write;
	inner.rewind = on_rewind;
	inner.tick = pages_tick;
	inner.arg = p;
	rc = url_fetch(cx, src, &inner, want, reply);
	f->calls = inner.calls;
	f->cut = inner.cut;
	f->content_type = inner.content_type;
	*behind = rc != RC_OK && is_behind(p, reply);
	if (*behind)
		cx->err = (struct err){ 0 };
	return *behind ? RC_OK : rc;
}

/* The end of the body: what it was. */
static enum rc
page_end(struct pager *p)
{
	unsigned char sum[SHA256_LEN];

	TRY(jscan_end(p->cx, p->js, p->outer->cut));
	TRY(jscan_end(p->cx, json_finder_scan(p->finder), p->outer->cut));
	if (p->outer->cut)
		return RC_OK;
	hash_end(p->hash, sum);
	hex_encode(sum, MARK_LEN / 2, p->digest);
	if (p->mode == BY_NUMBER || p->mode == BY_OFFSET)
		return json_where_explain(
		    p->cx, &p->where, json_finder_end(p->cx, p->finder, false, &p->list));
	/* That there is no list is told by who reads the records. */
	if (json_finder_end(p->cx, p->finder, false, &p->list) != RC_OK)
		p->cx->err = (struct err){ 0 };
	return RC_OK;
}

static enum rc
fetch_page(struct ctx *cx, struct arena *own, const struct source *src, struct fetch *f)
{
	const char *next = json_str(src->config, "next"), *home = url_home(cx->a, src);
	struct pager p = { .cx = cx, .own = own, .outer = f, .mode = json_paging_of(next) };
	struct url_get want = { .accept = "application/json, */*;q=0.5",
		.conditional = p.mode == SINGLE };
	struct http_reply reply = { 0 };
	const char *url = NULL;
	bool behind;

	if (p.mode == SINGLE)
		return url_fetch(cx, src, f, &want, NULL);
	pages_asked(&p, src, home, &want);
	TRY(pages_prepare(&p, src));
	TRY(page_fetch(&p, src, &want, &reply, &behind));
	if (behind)
		return page_drop(&p);
	TRY(page_end(&p));
	if (f->cut)
		return RC_OK;
	if (p.mode == BY_NUMBER || p.mode == BY_OFFSET)
		return count_on(&p, src, home, json_paging_name(next));
	TRY(pages_resolve(&p, src, &reply, &url));
	return go_on(&p, src, home, url);
}

enum rc
json_pages_fetch(struct ctx *cx, const struct source *src, struct fetch *f)
{
	struct arena *own = arena_new("page", (size_t)64 * 1024 * 1024, 0);
	enum rc rc = fetch_page(cx, own, src, f);

	arena_free(own);
	return rc;
}
