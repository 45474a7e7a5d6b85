/*
 * http.h - the only user of libcurl: one GET, streamed, guarded.
 *
 * Every connection passes lib/net/reach.h in CURLOPT_OPENSOCKETFUNCTION, so that redirects, odd
 * spellings and rebinding names all meet the same check of the address really connected to. TLS
 * is always verified; there is no switch. Redirects (at most 5) are followed by our own loop:
 * never from https to http, and the caller's own headers go to the first host only; cookies that
 * are set on the way go back to where they came from, and end with the get. No proxy, no netrc.
 * gzip and deflate are accepted and counted unpacked (decode.h). curl is initialised at the first
 * call, never before.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/err.h"
#include "base/json.h"

struct http_reply;

struct http_get {
	const char *url;
	const json *headers;           /* object of texts, may be NULL */
	const json *secret_headers;    /* the same; never logged */
	const char *if_none_match;     /* or NULL */
	const char *if_modified_since; /* or NULL */
	int64_t offset;                /* > 0: ask for the rest (Range), with if_range */
	const char *if_range;
	const char *accept; /* or NULL */
	int64_t max_bytes;  /* of the unpacked body; over it E_SOURCE_TOO_LARGE */
	/* nothing received for this long: E_SILENT. Connecting may take as long, at most 30 s */
	int64_t silence_ms;
	int64_t enough_bytes; /* 0, or end well after about this many */
	int64_t deadline_ms;  /* 0, or in all; over it E_SILENT */
	/* Any outcome but RC_OK ends the transfer with it. head: once, when the final response
	 * (2xx) began. */
	enum rc (*head)(struct ctx *, void *arg, const struct http_reply *);
	enum rc (*body)(struct ctx *, void *arg, const char *, size_t);
	/* about once a second and with bytes: of the body as it comes, packed or not; total < 0:
	 * unknown */
	enum rc (*tick)(struct ctx *, void *arg, int64_t got, int64_t total);
	void *arg;
};

/* Texts are cx->a's. */
struct http_reply {
	int status;       /* 200, 206 or 304; others are errors, and are here all the same */
	const char *etag; /* as sent, weak mark included; NULL: none */
	const char *last_modified;
	const char *content_type;
	const char *link_next; /* the rel="next" target of Link, made absolute; NULL: none */
	const char *final_url;
	bool range_ok; /* 206: the body continues at the offset */
	/* came compressed: offsets into the unpacked body mean nothing to the server */
	bool packed;
	/* changed so shortly before it was sent that its validators may miss the next change */
	bool fresh;
	bool cut;      /* ended at enough_bytes */
	int64_t bytes; /* unpacked bytes delivered */
	int calls;     /* requests made, redirects included */
};

/* Statuses, and limits told as others, become errors by net/retry.h; err.wait_ms carries what it
 * says about waiting, clamped to [1 s, 1 h].
 * The detail names the host, never the query or a header. A body shorter than Content-Length is
 * E_TRUNCATED. */
MUST enum rc http_get(struct ctx *, const struct http_get *, struct http_reply *out);

/* Makes `ref` absolute against `base`; NULL when it is no http(s) URL. Pure. */
char *http_resolve(struct arena *, const char *base, const char *ref);
/* Same scheme, host and port? False when either is no URL. Pure. */
bool http_same_origin(struct arena *, const char *, const char *);

#endif
