/*
 * http_call.h - one small guarded request of any method: a body to send, a bounded answer in
 * memory. For interfaces and webhooks; sources are read with http.h.
 *
 * Guarded as in http.h: every address connected to is judged, TLS is always verified, no proxy,
 * no cookies. Redirects are not followed. Kept connections are used again.
 */
#ifndef NET_HTTP_CALL_H
#define NET_HTTP_CALL_H

#include "base/err.h"
#include "base/json.h"

struct http_call {
	const char *method;
	const char *url;
	const json *headers;        /* object of texts, may be NULL */
	const json *secret_headers; /* the same; overwritten after use, never logged */
	const char *content_type;   /* of the body, or NULL */
	struct str body;            /* p NULL: none */
	/* of the unpacked answer; over it E_SOURCE_TOO_LARGE, or with `cut` the rest is left out */
	int64_t max_bytes;
	int64_t timeout_ms; /* in all */
	int64_t silence_ms; /* 0, or nothing received for this long, also in the middle: E_SILENT */
	bool cut;
	/* the operator's own configured address: TIDEMARK_ALLOW_NETS is not asked */
	bool configured;
	/* NULL, or called a few times a second while it lasts: any outcome but RC_OK ends the
	 * call with it. */
	enum rc (*tick)(struct ctx *, void *arg);
	void *arg;
};

/* Texts are cx->a's. */
struct http_answer {
	int status;               /* any: that a server answered is a success of the call */
	const char *content_type; /* these as sent, NULL: none */
	const char *etag;
	const char *location;
	int64_t date_ms; /* the server's clock; 0: not said */
	/* a limit that passes, by net/retry.h, whatever status it is told as */
	bool limited;
	int64_t wait_ms; /* how long it or Retry-After says, clamped to [1 s, 7 d]; 0: not said */
	struct str body; /* NUL-terminated, arbitrary bytes */
	bool cut;        /* there was more */
	/* some of the request left: it may have had its effect. Also set when the call has
	 * failed */
	bool sent;
	const char *host; /* for http_call_error() */
};

/* Fails only when there was no whole answer: E_ADDRESS_BLOCKED, E_DNS, E_NETWORK, E_TLS,
 * E_SILENT (timeout_ms, silence_ms), E_TRUNCATED, E_SOURCE_TOO_LARGE ... */
MUST enum rc http_call(struct ctx *, const struct http_call *, struct http_answer *out);

/* Sends a request that changes nothing before its answer is needed; http_call() of the same gets
 * that answer, and does not send it again. One at a time: one before it is dropped. Its answer is
 * received while it is waited for: until then what has come lies with the system. When it cannot
 * be sent nothing happens. tick and arg are those of http_call(). */
void http_ahead(const struct http_call *);
bool http_is_ahead(const struct http_call *); /* the same, that is: has it been sent? */
void http_ahead_drop(void);

/* What a status means by net/retry.h: RC_OK for 2xx and 304, else the error with its sentence
 * and err.wait_ms. */
MUST enum rc http_call_error(struct ctx *, const struct http_answer *);

#endif
