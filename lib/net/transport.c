/*
 * transport.c - see transport.h. Plays to wire.c the part of curl_easy_perform().
 */
#include "net/transport.h"

#include "net/wire.h"

#ifdef TIDEMARK_STEPS
#include "base/clock.h"

enum { PIECE_BYTES = 16 * 1024 };

static struct {
	net_transport_fn *answer;
	void *arg;
} transport;

const char *
net_header(const struct net_request *req, const char *name)
{
	for (size_t i = 0; i < req->headers_n; i++)
		if (str_ieq(str_c(req->headers[i].name), str_c(name)))
			return req->headers[i].value;
	return NULL;
}

/* "Name: value", "Name;" for an empty one; "Name:" tells curl to leave a header out. */
static void
transport_headers(struct wire *w, struct net_request *req)
{
	for (struct curl_slist *l = w->headers; l && req->headers_n < NET_HEADERS_MAX;
	     l = l->next) {
		const size_t name = strcspn(l->data, ":;");
		const char *value = l->data[name] ? l->data + name + 1 : "";

		if (l->data[name] == ':' && !*value)
			continue;
		req->headers[req->headers_n++] = (struct net_header){
			arena_dup_str(w->cx->a, (struct str){ l->data, name }),
			arena_dup_str(w->cx->a, str_trim(str_c(value))),
		};
	}
}

/* What is wrong before anything has been sent; CURLE_OK: nothing. */
static CURLcode
transport_unsent(struct wire *w)
{
	switch (w->played->fault) {
	case NET_NO_NAME:
		return CURLE_COULDNT_RESOLVE_HOST;
	case NET_BLOCKED:
		w->blocked = true;
		return CURLE_COULDNT_CONNECT;
	case NET_REFUSED:
		return CURLE_COULDNT_CONNECT;
	case NET_BAD_TLS:
		return CURLE_PEER_FAILED_VERIFICATION;
	default:
		return CURLE_OK;
	}
}

static bool
transport_goes_on(struct wire *w, size_t received)
{
	const struct net_response *res = w->played;

	return !w->on_progress ||
	    w->on_progress(w->arg, (curl_off_t)res->body.n, (curl_off_t)received, 0, 0) == 0;
}

static CURLcode
transport_body(struct wire *w)
{
	const struct net_response *res = w->played;
	const bool cut = res->fault == NET_CUT && res->cut_at < res->body.n;
	const size_t all = cut ? res->cut_at : res->body.n;

	if (!strcmp(w->method, "HEAD") || res->status == 204 || res->status == 304)
		return CURLE_OK;
	for (size_t at = 0, n; at < all; at += n) {
		n = all - at < PIECE_BYTES ? all - at : PIECE_BYTES;
		/* curl lends its own buffer, which receivers may change. */
		if (w->on_body &&
		    wire_body(
			arena_dup_str(w->cx->a, (struct str){ res->body.p + at, n }), 1, n, w) != n)
			return CURLE_WRITE_ERROR;
		if (!transport_goes_on(w, at + n))
			return CURLE_ABORTED_BY_CALLBACK;
	}
	return cut ? CURLE_PARTIAL_FILE : CURLE_OK;
}

static CURLcode
transport_answer(struct wire *w)
{
	const struct net_response *res = w->played;
	const bool late = w->timeout_ms > 0 && res->takes_ms >= w->timeout_ms;

	w->sent = true;
	clock_sleep_ms(late ? w->timeout_ms : res->takes_ms);
	if (late || res->fault == NET_LOST)
		w->status = 0;
	if (late)
		return CURLE_OPERATION_TIMEDOUT;
	if (!transport_goes_on(w, 0)) {
		w->status = 0;
		return CURLE_ABORTED_BY_CALLBACK;
	}
	if (res->fault == NET_LOST)
		return CURLE_GOT_NOTHING;
	if (w->to)
		return res->status >= 400 ? CURLE_SEND_ERROR : CURLE_OK;
	return transport_body(w);
}

static CURLcode
transport_perform(struct wire *w)
{
	struct net_request req = {
		.method = w->method,
		.url = w->url,
		.body = w->body,
		.from = w->from,
		.to = w->to,
	};
	struct net_response *res = arena_alloc(w->cx->a, sizeof *res);
	CURLcode code;

	transport_headers(w, &req);
	res->status = w->to ? 250 : 200;
	transport.answer(w->cx, transport.arg, &req, res);
	w->played = res;
	w->status = res->status;
	w->length = (int64_t)res->body.n;
	code = transport_unsent(w);
	if (code == CURLE_OK)
		return transport_answer(w);
	w->status = 0;
	return code;
}

static const char *
transport_header(const struct wire *w, const char *name, size_t n)
{
	const struct net_header *h = w->played->headers;

	if (w->status == 0)
		return NULL;
	for (size_t i = 0; i < NET_HEADERS_MAX && h[i].name; i++)
		if (str_ieq(str_c(h[i].name), str_c(name)) && n-- == 0)
			return h[i].value;
	return NULL;
}

void
net_transport_set(net_transport_fn *answer, void *arg)
{
	static const struct wire_player player = { transport_perform, transport_header };

	transport.answer = answer;
	transport.arg = arg;
	wire_play(answer ? &player : NULL);
}
#endif
