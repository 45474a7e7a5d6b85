/*
 * http_call.c - see http_call.h.
 */
#include "net/http_call.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/reach.h"
#include "net/header.h"
#include "net/wire.h"

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
			return fail(cx, E_UNAVAILABLE, NULL);
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

enum rc
http_call(struct ctx *cx, const struct http_call *call, struct http_answer *out)
{
	const int64_t now = clock_mono_ms();
	struct exchange e = { .call = call, .ticked_ms = now, .heard_ms = now };
	struct curl_slist *list = NULL;
	enum rc rc;

	*out = (struct http_answer){ 0 };
	TRY(reach_check_url(cx, call->url));
	if (!header_ok(call->method, ""))
		return fail(cx, E_BUG, "no method: %s", call->method);
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
