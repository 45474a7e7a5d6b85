/*
 * http.c - one guarded GET, redirects followed by our own loop.
 */
#include "net/http.h"

#include "base/clock.h"
#include "base/pct.h"
#include "net/cookies.h"
#include "net/reach.h"
#include "net/header.h"
#include "net/wire.h"

enum {
	REDIRECTS_MAX = 5,
	/* of a body nobody reads; beyond it the connection is given up */
	DRAIN_MAX = 16 * 1024,
	RECEIVE_BYTES = 128 * 1024,
	RESOLVED_MAX = 64 * 1024
};

enum stop {
	STOP_NONE,
	STOP_CALLBACK,
	STOP_TOO_LARGE,
	STOP_SILENT,
	STOP_LATE,
	STOP_ENOUGH,
	STOP_DRAINED,
	STOP_RANGE
};

/* One request of a get: the first or a redirected one. */
struct hop {
	struct wire w;
	const struct http_get *get;
	struct http_reply *reply;
	struct cookies *cookies; /* of the whole get */
	int64_t offset;
	int64_t began_ms, heard_ms, ticked_ms;
	int64_t expected; /* bytes on the wire; -1: not known */
	int64_t received, drained;
	enum stop stop;
	enum rc rc; /* of the callback behind STOP_CALLBACK */
	bool headed;
	char said[SAID_BYTES]; /* the beginning of a body that is no data */
	size_t said_n;
};

bool
http_same_origin(struct arena *a, const char *x, const char *y)
{
	static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const char *px = wire_url_part(a, x, parts[i]), *py = wire_url_part(a, y, parts[i]);
		if (!px || !py || !str_ieq(str_c(px), str_c(py)))
			return false;
	}
	return true;
}

char *
http_resolve(struct arena *a, const char *base, const char *ref)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;
	struct buf *whole = buf_in(a, RESOLVED_MAX);

	url_mend(whole, str_c(ref));
	if (u && base && ref && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(u, CURLUPART_URL, buf_c(whole), 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
		copy = arena_dup(a, text);
	curl_free(text);
	curl_url_cleanup(u);
	if (copy && !str_istarts(str_c(copy), "http://") && !str_istarts(str_c(copy), "https://"))
		return NULL;
	return copy;
}

/* Does "bytes 100-199/200" begin at the offset we asked for? */
static bool
range_fits(struct hop *h)
{
	const char *text = wire_header(&h->w, "Content-Range", 0);
	struct str rest, unit, first;
	int64_t from;

	if (!text)
		return false;
	unit = str_cut(str_trim(str_c(text)), ' ', &rest);
	if (!str_ieq(unit, STR("bytes")) || !rest.p)
		return false;
	first = str_cut(str_trim(rest), '-', &rest);
	return str_i64(first, 0, INT64_MAX, &from) && from == h->offset;
}

static void
read_head(struct hop *h)
{
	struct http_reply *r = h->reply;
	const char *link;
	int64_t length;

	r->status = wire_status(&h->w);
	r->etag = wire_header(&h->w, "ETag", 0);
	r->last_modified = wire_header(&h->w, "Last-Modified", 0);
	r->content_type = wire_header(&h->w, "Content-Type", 0);
	r->packed = wire_packed(&h->w);
	r->range_ok = r->status == 206;
	r->fresh = header_is_fresh(
	    wire_header(&h->w, "Date", 0), r->last_modified, r->etag, clock_ms());
	r->final_url = h->w.url;
	r->link_next = NULL;
	for (size_t i = 0; !r->link_next && (link = wire_header(&h->w, "Link", i)) != NULL; i++) {
		const char *target = header_link_next(h->w.cx->a, link);
		if (target)
			r->link_next = http_resolve(h->w.cx->a, h->w.url, target);
	}
	length = wire_length(&h->w);
	h->expected = length > 0 ? length : -1;
}

static bool
status_is_data(int status)
{
	return status == 200 || status == 203 || status == 206;
}

/* Looks at the final head once, before the body or, when there is none, after the transfer.
 * False: h->stop says why not to go on. */
static bool
head_once(struct hop *h)
{
	if (h->headed)
		return h->stop == STOP_NONE;
	h->headed = true;
	if (!status_is_data(wire_status(&h->w)))
		return true;
	read_head(h);
	if (h->reply->status == 206 && (h->offset == 0 || !range_fits(h)))
		h->stop = STOP_RANGE;
	else if (!h->reply->packed && h->expected > h->get->max_bytes)
		h->stop = STOP_TOO_LARGE;
	else if (h->get->head && (h->rc = h->get->head(h->w.cx, h->get->arg, h->reply)) != RC_OK)
		h->stop = STOP_CALLBACK;
	return h->stop == STOP_NONE;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;
	const size_t n = size * count;

	if (!head_once(h))
		return CURL_WRITEFUNC_ERROR;
	if (!status_is_data(wire_status(&h->w))) {
		const size_t room = sizeof h->said - h->said_n, take = n < room ? n : room;

		memcpy(h->said + h->said_n, bytes, take);
		h->said_n += take;
		h->drained += (int64_t)n;
		if (h->drained > DRAIN_MAX)
			h->stop = STOP_DRAINED;
		return h->stop == STOP_NONE ? n : CURL_WRITEFUNC_ERROR;
	}
	if ((int64_t)n > h->get->max_bytes - h->w.got) {
		h->stop = STOP_TOO_LARGE;
		return CURL_WRITEFUNC_ERROR;
	}
	h->w.got += (int64_t)n;
	h->reply->bytes = h->w.got;
	h->rc = h->get->body ? h->get->body(h->w.cx, h->get->arg, bytes, n) : RC_OK;
	/* the time the callback took is not the server's silence */
	h->heard_ms = clock_mono_ms();
	if (h->rc != RC_OK)
		h->stop = STOP_CALLBACK;
	else if (h->get->enough_bytes > 0 && h->w.got >= h->get->enough_bytes &&
	    (h->reply->packed || h->w.got != h->expected))
		h->stop = STOP_ENOUGH;
	return h->stop == STOP_NONE ? n : CURL_WRITEFUNC_ERROR;
}

static size_t
on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;

	(void)bytes;
	h->heard_ms = clock_mono_ms();
	return size * count;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct hop *h = arg;
	const int64_t ms = clock_mono_ms();

	(void)total, (void)up_total, (void)up_now;
	if (now != h->received) {
		h->received = now;
		h->heard_ms = ms;
	}
	if (h->stop != STOP_NONE)
		return 1;
	if (ms - h->heard_ms >= h->get->silence_ms)
		h->stop = STOP_SILENT;
	else if (h->get->deadline_ms > 0 && ms - h->began_ms >= h->get->deadline_ms)
		h->stop = STOP_LATE;
	else if (h->get->tick && ms - h->ticked_ms >= TICK_MS) {
		const bool data = h->headed && status_is_data(wire_status(&h->w));
		h->ticked_ms = ms;
		h->rc = h->get->tick(
		    h->w.cx, h->get->arg, data ? h->received : 0, data ? h->expected : -1);
		if (h->rc != RC_OK)
			h->stop = STOP_CALLBACK;
	}
	return h->stop != STOP_NONE;
}

static enum rc
make_headers(struct hop *h, struct curl_slist **list)
{
	const struct http_get *g = h->get;
	struct ctx *cx = h->w.cx;

	if (g->accept)
		TRY(wire_header_add(cx, list, "Accept", g->accept));
	/* Byte offsets count the unpacked body, so a resumed body must come as it is. */
	if (h->offset == 0)
		TRY(wire_header_add(cx, list, "Accept-Encoding", DECODE_ACCEPT));
	if (h->offset > 0) {
		TRY(wire_header_add(
		    cx, list, "Range", arena_printf(cx->a, "bytes=%lld-", (long long)h->offset)));
		if (g->if_range)
			TRY(wire_header_add(cx, list, "If-Range", g->if_range));
	}
	if (g->if_none_match)
		TRY(wire_header_add(cx, list, "If-None-Match", g->if_none_match));
	if (g->if_modified_since)
		TRY(wire_header_add(cx, list, "If-Modified-Since", g->if_modified_since));
	if (h->w.url == g->url || http_same_origin(cx->a, g->url, h->w.url)) {
		TRY(wire_headers_add(cx, list, g->headers));
		TRY(wire_headers_add(cx, list, g->secret_headers));
	}
	const char *cookies = cookies_for(h->cookies, cx->a, h->w.url);

	return cookies ? wire_header_add(cx, list, "Cookie", cookies) : RC_OK;
}

static void
set_options(struct hop *h, struct curl_slist *list)
{
	CURL *c = h->w.curl;
	const int64_t patience = h->get->silence_ms < CONNECT_MS_MAX ? h->get->silence_ms
								     : CONNECT_MS_MAX;

	wire_options(&h->w, patience, list);
	wire_request(&h->w, "GET", (struct str){ 0 });
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	wire_receive(&h->w, on_body, h);
	wire_watch(&h->w, on_progress);
}

static enum rc
fail_status(struct hop *h, int status)
{
	const struct str said = { h->said, h->said_n };
	int64_t wait_ms;
	const bool limited = wire_limited(&h->w, said, &wait_ms);

	h->reply->status = status;

	return wire_fail_status(h->w.cx, h->w.host, status, limited, wait_ms);
}

static enum rc
fail_stop(struct hop *h)
{
	const struct http_get *g = h->get;

	if (h->stop == STOP_CALLBACK)
		return h->rc;
	if (h->stop == STOP_SILENT)
		return fail(h->w.cx, E_SILENT, "%s has sent nothing for %lld seconds.", h->w.host,
		    (long long)((g->silence_ms + SECOND_MS - 1) / SECOND_MS));
	if (h->stop == STOP_LATE)
		return fail(h->w.cx, E_SILENT, "%s was not done after %lld seconds.", h->w.host,
		    (long long)((g->deadline_ms + SECOND_MS - 1) / SECOND_MS));
	return fail(h->w.cx, E_SOURCE_TOO_LARGE,
	    "The answer of %s is larger than the %lld bytes that are allowed.", h->w.host,
	    (long long)g->max_bytes);
}

static enum rc
hop_redirected(struct hop *h, const char **next)
{
	const char *to = wire_location(&h->w), *cookie;

	if (!to)
		return fail(
		    h->w.cx, E_REDIRECTS, "%s redirects without saying where to.", h->w.host);
	*next = http_resolve(h->w.cx->a, h->w.url, to);
	if (!*next)
		return fail(h->w.cx, E_REDIRECTS,
		    "%s redirects to something that is not a web address.", h->w.host);
	for (size_t i = 0; (cookie = wire_header(&h->w, "Set-Cookie", i)) != NULL; i++)
		cookies_take(h->cookies, h->w.cx->a, h->w.url, cookie);
	return RC_OK;
}

/* Decides what the finished request means. *next: the address to go on with, or NULL. *again:
 * the same once more, without the offset. */
static enum rc
hop_conclude(struct hop *h, CURLcode code, const char **next, bool *again)
{
	int status;

	h->reply->cut = h->stop == STOP_ENOUGH;
	if (h->stop == STOP_RANGE && h->offset > 0) {
		*again = true;
		return RC_OK;
	}
	if (h->stop == STOP_RANGE)
		return fail_status(h, 206);
	if (h->stop == STOP_ENOUGH)
		return RC_OK;
	if (h->stop != STOP_NONE && h->stop != STOP_DRAINED)
		return fail_stop(h);
	status = wire_status(&h->w);
	if (code != CURLE_OK && h->stop != STOP_DRAINED && (status == 0 || status_is_data(status)))
		return wire_fail(&h->w, code);
	if (status_is_data(status)) {
		if (head_once(h))
			return RC_OK;
		return h->stop == STOP_RANGE ? fail_status(h, status) : fail_stop(h);
	}
	if (status == 416 && h->offset > 0) {
		*again = true;
		return RC_OK;
	}
	if (status == 304 && (h->get->if_none_match || h->get->if_modified_since)) {
		read_head(h);
		return RC_OK;
	}
	if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
		return hop_redirected(h, next);
	return fail_status(h, status);
}

static enum rc
hop_request(struct hop *h, const char **next, bool *again)
{
	struct curl_slist *list = NULL;
	enum rc rc = make_headers(h, &list);

	if (rc == RC_OK) {
		set_options(h, list);
		h->reply->calls++;
		rc = hop_conclude(h, wire_perform(&h->w), next, again);
		curl_easy_reset(h->w.curl);
	}
	wire_headers_wipe(list);
	return rc;
}

enum rc
http_get(struct ctx *cx, const struct http_get *get, struct http_reply *reply)
{
	const char *url = get->url, *next;
	const int64_t began = clock_mono_ms();
	int64_t offset = get->offset;
	struct cookies cookies = { .n = 0 };
	bool again;

	*reply = (struct http_reply){ 0 };
	TRY(reach_check_url(cx, url));
	for (int redirects = 0;;) {
		struct hop h = {
			.get = get,
			.reply = reply,
			.cookies = &cookies,
			.offset = offset,
			.expected = -1,
			.began_ms = began,
			.heard_ms = clock_mono_ms(),
			.ticked_ms = began,
		};

		TRY(wire_open(cx, url, false, &h.w));
		next = NULL;
		again = false;
		TRY(hop_request(&h, &next, &again));
		if (again) {
			offset = 0;
			continue;
		}
		if (!next)
			return RC_OK;
		if (++redirects > REDIRECTS_MAX)
			return fail(cx, E_REDIRECTS,
			    "%s redirects in a circle, or more than %d times.", h.w.host,
			    REDIRECTS_MAX);
		if (str_istarts(str_c(url), "https://") && !str_istarts(str_c(next), "https://"))
			return fail(cx, E_REDIRECTS,
			    "%s redirects from an encrypted address to an unencrypted one, which "
			    "Tidemark does not follow.",
			    h.w.host);
		TRY(reach_check_url(cx, next));
		url = next;
	}
}
