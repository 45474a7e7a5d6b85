/*
 * http_call.c - see http_call.h.
 */
#include "net/http_call.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/reach.h"
#include "net/header.h"
#include "net/wire.h"

enum { AHEAD_ARENA = 1024 * 1024 };

struct exchange {
	struct wire w;
	const struct http_call *call;
	struct buf *body;
	bool full, silent;
	int64_t ticked_ms;
	curl_off_t moved; /* bytes, there and back */
	int64_t heard_ms; /* when they last grew */
	enum rc stop;
};

static size_t
call_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct exchange *e = arg;
	const size_t n = size * count;
	const size_t room = (size_t)e->call->max_bytes - e->body->n;
	const size_t take = n < room ? n : room;

	buf_add(e->body, bytes, take);
	e->w.got += (int64_t)n;
	e->full = take < n;
	return e->full ? CURL_WRITEFUNC_ERROR : n;
}

static int
call_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct exchange *e = arg;
	const int64_t ms = clock_mono_ms();

	(void)total, (void)up_total;
	if (now + up_now != e->moved) {
		e->moved = now + up_now;
		e->heard_ms = ms;
	}
	e->silent = e->call->silence_ms > 0 && ms - e->heard_ms >= e->call->silence_ms;
	if (e->stop == RC_OK && e->call->tick && ms - e->ticked_ms >= TICK_MS) {
		e->ticked_ms = ms;
		e->stop = e->call->tick(e->w.cx, e->call->arg);
	}
	return e->silent || e->stop != RC_OK;
}

static enum rc
call_headers(struct ctx *cx, const struct http_call *call, struct curl_slist **list)
{
	/* What curl would add by itself: a form's content type, and a wait for leave to send the
	 * body. */
	static const char *const never[] = { "Content-Type:", "Expect:" };

	if (call->content_type)
		TRY(wire_header_add(cx, list, "Content-Type", call->content_type));
	for (size_t i = call->content_type ? 1 : 0; i < sizeof never / sizeof never[0]; i++) {
		struct curl_slist *longer = curl_slist_append(*list, never[i]);
		if (!longer)
			return fail(cx, E_MEMORY, NULL);
		*list = longer;
	}
	TRY(wire_header_add(cx, list, "Accept-Encoding", DECODE_ACCEPT));
	TRY(wire_headers_add(cx, list, call->headers));
	return wire_headers_add(cx, list, call->secret_headers);
}

static void
call_options(struct exchange *e, struct curl_slist *list)
{
	const struct http_call *call = e->call;

	wire_options(
	    &e->w, call->timeout_ms < CONNECT_MS_MAX ? call->timeout_ms : CONNECT_MS_MAX, list);
	wire_request(&e->w, call->method, call->body);
	wire_timeout(&e->w, call->timeout_ms);
	wire_receive(&e->w, call_body, e);
	if (call->tick || call->silence_ms)
		wire_watch(&e->w, call_progress);
}

static int64_t
call_date(const char *text)
{
	int64_t ms;

	return text && header_date(text, &ms) ? ms : 0;
}

static enum rc
call_conclude(struct exchange *e, CURLcode code, struct http_answer *out)
{
	const struct http_call *call = e->call;

	out->sent = wire_sent(&e->w);
	if (e->stop != RC_OK)
		return e->stop;
	if (e->full && !call->cut)
		return fail(e->w.cx, E_SOURCE_TOO_LARGE,
		    "The answer of %s is larger than the %lld bytes that are allowed.", e->w.host,
		    (long long)call->max_bytes);
	if (e->silent)
		return fail(e->w.cx, E_SILENT, "%s has sent nothing for %lld seconds.", e->w.host,
		    (long long)((call->silence_ms + SECOND_MS - 1) / SECOND_MS));
	if (code == CURLE_OPERATION_TIMEDOUT && out->sent)
		return fail(e->w.cx, E_SILENT, "%s was not done after %lld seconds.", e->w.host,
		    (long long)((call->timeout_ms + SECOND_MS - 1) / SECOND_MS));
	if (code != CURLE_OK && !e->full)
		return wire_fail(&e->w, code);
	out->status = wire_status(&e->w);
	out->content_type = wire_header(&e->w, "Content-Type", 0);
	out->etag = wire_header(&e->w, "ETag", 0);
	out->date_ms = call_date(wire_header(&e->w, "Date", 0));
	out->location = wire_header(&e->w, "Location", 0);
	out->body = (struct str){ buf_c(e->body), e->body->n };
	out->limited = wire_limited(&e->w, str_utf8_cut(out->body, SAID_BYTES), &out->wait_ms);
	out->cut = e->full;
	return RC_OK;
}

static enum rc
call_check(struct ctx *cx, const struct http_call *call)
{
	TRY(reach_check_url(cx, call->url));
	return header_ok(call->method, "") ? RC_OK : fail(cx, E_BUG, "no method: %s", call->method);
}

/* --- ahead --- */

/* The request that is on its way. It lies in its own arena. */
static struct ahead {
	struct ctx cx;
	struct http_call call;
	struct exchange e;
	struct curl_slist *list;
} * ahead;

static void
ahead_end(struct ahead *h)
{
	struct arena *a = h->cx.a;

	if (h->e.w.curl)
		wire_close(&h->e.w);
	wire_headers_wipe(h->list);
	arena_free(a);
}

void
http_ahead_drop(void)
{
	if (ahead)
		ahead_end(ahead);
	ahead = NULL;
}

static enum rc
ahead_send(struct ahead *h)
{
	struct ctx *cx = &h->cx;

	h->e.call = &h->call;
	h->e.body = buf_in(cx->a, (size_t)h->call.max_bytes + 1);
	TRY(call_check(cx, &h->call));
	TRY(wire_open_beside(cx, h->call.url, h->call.configured, &h->e.w));
	TRY(call_headers(cx, &h->call, &h->list));
	call_options(&h->e, h->list);
	h->call.silence_ms = 0; /* until somebody waits for it */
	wire_begin(&h->e.w);
	return RC_OK;
}

void
http_ahead(const struct http_call *call)
{
	const int64_t now = clock_mono_ms();
	struct arena *a = arena_new("ahead", (size_t)call->max_bytes * 2 + AHEAD_ARENA, ARENA_WIPE);
	struct ahead *h = arena_alloc(a, sizeof *h);

	http_ahead_drop();
	*h = (struct ahead){
		.cx.a = a,
		.call = *call,
		.e = { .ticked_ms = now, .heard_ms = now },
	};
	h->call.tick = NULL;
	h->call.method = arena_dup(a, call->method);
	h->call.url = arena_dup(a, call->url);
	h->call.content_type = arena_dup(a, call->content_type);
	h->call.headers = call->headers ? json_copy(a, call->headers) : NULL;
	h->call.secret_headers = call->secret_headers ? json_copy(a, call->secret_headers) : NULL;
	if (call->body.p)
		h->call.body.p = arena_dup_str(a, call->body);
	if (ahead_send(h) == RC_OK)
		ahead = h;
	else
		ahead_end(h);
}

static bool
ahead_same_headers(struct arena *a, const json *x, const json *y)
{
	return !strcmp(x ? json_text(a, x) : "", y ? json_text(a, y) : "");
}

bool
http_is_ahead(const struct http_call *call)
{
	const struct http_call *h = ahead ? &ahead->call : NULL;

	return h && !strcmp(h->method, call->method) && !strcmp(h->url, call->url) &&
	    h->configured == call->configured && h->max_bytes == call->max_bytes &&
	    str_eq(h->body, call->body) &&
	    ahead_same_headers(ahead->cx.a, h->headers, call->headers) &&
	    ahead_same_headers(ahead->cx.a, h->secret_headers, call->secret_headers);
}

/* Its answer. */
static enum rc
ahead_take(struct ctx *cx, const struct http_call *call, struct http_answer *out)
{
	struct ahead *h = ahead;
	enum rc rc;

	ahead = NULL;
	h->e.call = call;
	h->e.w.cx = cx;
	h->e.ticked_ms = h->e.heard_ms = clock_mono_ms();
	rc = call_conclude(&h->e, wire_perform(&h->e.w), out);
	out->host = arena_dup(cx->a, h->e.w.host);
	if (out->body.p)
		out->body.p = arena_dup_str(cx->a, out->body);
	ahead_end(h);
	return rc;
}

/* --- now --- */

enum rc
http_call(struct ctx *cx, const struct http_call *call, struct http_answer *out)
{
	const int64_t now = clock_mono_ms();
	struct exchange e = { .call = call, .ticked_ms = now, .heard_ms = now };
	struct curl_slist *list = NULL;
	enum rc rc;

	*out = (struct http_answer){ 0 };
	if (http_is_ahead(call))
		return ahead_take(cx, call, out);
	TRY(call_check(cx, call));
	TRY(wire_open(cx, call->url, call->configured, &e.w));
	out->host = e.w.host;
	e.body = buf_in(cx->a, (size_t)call->max_bytes + 1);
	rc = call_headers(cx, call, &list);
	if (rc == RC_OK) {
		call_options(&e, list);
		rc = call_conclude(&e, wire_perform(&e.w), out);
		curl_easy_reset(e.w.curl);
	}
	wire_headers_wipe(list);
	return rc;
}

enum rc
http_call_error(struct ctx *cx, const struct http_answer *answer)
{
	if ((answer->status >= 200 && answer->status <= 299) || answer->status == 304)
		return RC_OK;
	return wire_fail_status(cx, answer->host, answer->status, answer->limited, answer->wait_ms);
}
