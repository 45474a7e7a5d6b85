/*
 * url.c - the network half of every source by URL.
 */
#include "provider/web/url.h"

#include "base/hash.h"
#include "kind/veil.h"
#include "kind/veil_url.h"
#include "provider/google/published.h"

enum { HEAD_BYTES = 2048, URL_TITLE_MAX = 120 };

/* One answer on its way into the spool. The beginning is held back until it is known not to be a
 * web page. */
struct intake {
	struct fetch *f;
	const struct url_get *want;
	const struct http_reply *reply;
	int64_t base; /* where the body begins in the page: 0, or the resumed offset */
	int64_t got;
	char head[HEAD_BYTES];
	size_t head_n;
	bool passed; /* the beginning was looked at and handed on */
};

static struct str
skip_markup_prologue(struct str s)
{
	static const char *const opens[] = { "<!--", "<?xml" }, *const ends[] = { "-->", "?>" };

	if (str_starts(s, "\xef\xbb\xbf"))
		s = (struct str){ s.p + 3, s.n - 3 };
	s = str_trim(s);
	for (size_t i = 0; i < 2; i++) {
		const char *end;
		if (!str_istarts(s, opens[i]) ||
		    !(end = memmem(s.p, s.n, ends[i], strlen(ends[i]))))
			continue;
		end += strlen(ends[i]);
		s = str_trim((struct str){ end, s.n - (size_t)(end - s.p) });
	}
	return s;
}

bool
url_is_html(const char *content_type, struct str head)
{
	static const char *const marks[] = { "<!doctype html", "<html", "<head", "<body", "<title",
		"<meta", "<script" };

	head = skip_markup_prologue(head);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (str_istarts(head, marks[i]))
			return true;
	return head.n > 0 && head.p[0] == '<' &&
	    str_istarts(str_trim(str_c(content_type)), "text/html");
}

static enum rc
fail_html(struct ctx *cx, struct intake *in)
{
	const struct str head = { in->head, in->head_n };
	const char *sign_in = published_sign_in(in->reply->final_url, head);

	if (sign_in)
		return fail(cx, E_HTML, "%s", sign_in);
	return fail(cx, E_HTML,
	    "The address answers with a web page instead of data. Use the address of the file "
	    "itself, often behind a button named \"Download\", \"Export\" or \"Raw\".");
}

/* Looks at the beginning, then hands it on. */
static enum rc
pass_head(struct ctx *cx, struct intake *in)
{
	if (!in->want->html_ok &&
	    url_is_html(in->f->content_type, (struct str){ in->head, in->head_n }))
		return fail_html(cx, in);
	in->passed = true;
	return in->head_n > 0 ? in->f->write(cx, in->f->arg, in->head, in->head_n) : RC_OK;
}

static enum rc
on_head(struct ctx *cx, void *arg, const struct http_reply *reply)
{
	struct intake *in = arg;
	struct fetch *f = in->f;
	const bool strong = reply->etag && reply->etag[0] == '"';

	f->content_type = reply->content_type;
	if (reply->range_ok) {
		in->base = f->offset;
		in->passed = true;
	} else if (f->offset > 0)
		TRY(f->rewind(cx, f->arg));
	if (!f->started)
		return RC_OK;
	return f->started(cx, f->arg, strong && !reply->packed ? reply->etag : NULL);
}

static enum rc
on_body(struct ctx *cx, void *arg, const char *bytes, size_t n)
{
	struct intake *in = arg;

	in->got += (int64_t)n;
	if (in->got > in->f->max_bytes - in->base)
		return fail(cx, E_SOURCE_TOO_LARGE,
		    "The source is larger than the %lld bytes that are allowed.",
		    (long long)in->f->max_bytes);
	if (!in->passed) {
		const size_t room = sizeof in->head - in->head_n, take = n < room ? n : room;

		memcpy(in->head + in->head_n, bytes, take);
		in->head_n += take;
		bytes += take;
		n -= take;
		if (in->head_n < sizeof in->head)
			return RC_OK;
		TRY(pass_head(cx, in));
	}
	return n > 0 ? in->f->write(cx, in->f->arg, bytes, n) : RC_OK;
}

static enum rc
url_tick(struct ctx *cx, void *arg, int64_t got, int64_t total)
{
	struct intake *in = arg;

	if (!in->f->tick)
		return RC_OK;
	return in->f->tick(cx, in->f->arg, in->base + got, total < 0 ? -1 : in->base + total);
}

/* What the validators belong to: the address and the headers that may change its answer. */
static const char *
address_hash(struct arena *a, const char *url, const json *headers, char out[SHA256_HEX])
{
	const char *text = headers ? json_text(a, headers) : "";

	return hash_sha256_hex(str_c(arena_printf(a, "%s\n%s", url, text)), out);
}

static json *
new_cursor(struct arena *a, const char *hash, const struct http_reply *reply, const json *old)
{
	json *cursor = json_new(a);
	const char *etag = reply->etag, *modified = reply->last_modified;

	if (reply->status == 304) {
		etag = etag ? etag : json_str(old, "etag");
		modified = modified ? modified : json_str(old, "lastModified");
	}
	json_set_str(cursor, "url_hash", hash);
	if (reply->status == 304 || !reply->fresh) {
		json_set_str(cursor, "etag", etag);
		json_set_str(cursor, "lastModified", modified);
	}
	return cursor;
}

/* The headers that are stored sealed; NULL: none. */
static enum rc
url_secrets(struct ctx *cx, const struct source *src, json **out)
{
	const char *authorization = json_str(src->secret, "authorization");
	json *list = json_new(cx->a);

	for (struct json_iter it = { 0 }; json_each(json_at(src->secret, "headers"), &it);)
		json_set_str(list, it.key, json_value_str(it.value));
	/* What stands for a stored value is never sent in its place. */
	for (struct json_iter it = { 0 }; json_each(json_at(src->config, "headers"), &it);)
		if (!strcmp(json_value_str(it.value), VEIL) && !json_str(list, it.key))
			return fail(cx, E_SECRET, NULL);
	if (authorization)
		json_set_str(list, "Authorization", authorization);
	*out = json_len(list) ? list : NULL;
	return RC_OK;
}

static const char *
url_parts(const struct source *src)
{
	return json_str(json_at(src->secret, "urls"), "url");
}

const char *
url_page(struct arena *a, const struct source *src, const char *veiled)
{
	const char *missing;
	const char *whole = veil_url_fill(a, veiled, url_parts(src), &missing);

	return whole ? whole : veiled;
}

const char *
url_page_veiled(struct arena *a, const struct source *src, const char *url)
{
	return url_parts(src) ? veil_url_like(a, url, url_parts(src)) : url;
}

const char *
url_home(struct arena *a, const struct source *src)
{
	const char *url = json_str(src->config, "url");

	return url ? url_page(a, src, url) : NULL;
}

enum rc
url_fetch(struct ctx *cx, const struct source *src, struct fetch *f, const struct url_get *want,
    struct http_reply *reply)
{
	struct http_reply own, *r = reply ? reply : &own;
	struct intake in = { .f = f, .want = want, .reply = r };
	const char *configured = url_home(cx->a, src), *url = want->url ? want->url : configured;
	char hash[SHA256_HEX];
	json *secret_headers = NULL;
	enum rc rc;

	if (!url)
		return fail(cx, E_URL, "This connection has no address.");
	if (veil_url_veiled(url))
		return fail(cx, E_SECRET,
		    "A part of the address is not stored here any more. Enter the address anew.");
	/* The address of a later page may be elsewhere; credentials belong to the configured
	 * one. */
	const bool home = !want->url || http_same_origin(cx->a, configured, want->url);
	if (home)
		TRY(url_secrets(cx, src, &secret_headers));
	struct http_get get = {
		.url = url,
		.headers = home ? veil_open(cx->a, src->config) : NULL,
		.secret_headers = secret_headers,
		.accept = want->accept,
		.max_bytes = f->max_bytes,
		.silence_ms = f->silence_ms,
		.enough_bytes = f->enough_bytes,
		.head = on_head,
		.body = on_body,
		.tick = url_tick,
		.arg = &in,
	};
	address_hash(cx->a, url, home ? json_at(src->config, "headers") : NULL, hash);
	if (f->offset > 0 && f->validator) {
		get.offset = f->offset;
		get.if_range = f->validator;
	} else if (want->conditional && f->offset == 0 && src->cursor &&
	    hash_equal_c(json_str(src->cursor, "url_hash"), hash)) {
		get.if_none_match = json_str(src->cursor, "etag");
		get.if_modified_since = json_str(src->cursor, "lastModified");
	}
	rc = http_get(cx, &get, r);
	f->calls += r->calls;
	if (rc != RC_OK)
		return published_explain(cx, url, rc);
	if (r->status == 304)
		f->unchanged = true;
	else if (!in.passed)
		TRY(pass_head(cx, &in));
	f->cut = r->cut;
	if (want->conditional && !f->cut)
		f->cursor = new_cursor(cx->a, hash, r, src->cursor);
	return RC_OK;
}

const char *
url_title(struct arena *a, const char *url)
{
	const char *name = published_is(url) ? "docs.google.com" : veil_url_name(a, url);

	return arena_dup_str(a, str_utf8_cut(str_c(name), URL_TITLE_MAX));
}

const char *
url_charset(struct arena *a, const char *content_type)
{
	struct str rest = str_c(content_type), one, value;
	char *name;

	str_cut(rest, ';', &rest);
	while (rest.p) {
		one = str_trim(str_cut(rest, ';', &rest));
		if (!str_ieq(str_trim(str_cut(one, '=', &value)), STR("charset")) || !value.p)
			continue;
		value = str_trim(value);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = (struct str){ value.p + 1, value.n - 2 };
		name = arena_dup_str(a, value);
		for (char *c = name; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		return value.n > 0 ? name : NULL;
	}
	return NULL;
}
