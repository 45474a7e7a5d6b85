/*
 * wire.h - what every request over libcurl has in common: the handle, the guard at the socket,
 * the options that are never left out, headers, and what a failure is called. Of lib/net alone.
 *
 * One easy handle lives as long as the process: its connections, TLS sessions and names are
 * reused. Every option is set afresh for every request, so nothing of one reaches another. curl
 * is initialised at the first use, never before.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <curl/curl.h>

#include "base/err.h"
#include "base/json.h"

struct wire {
	struct ctx *cx;
	CURL *curl;
	const char *url;
	const char *host;
	bool configured; /* the operator's own address: private networks are allowed */
	bool blocked;    /* the guard has refused an address */
	int64_t got;     /* bytes of the body so far */
};

/* Takes the handle for a request to url; E_URL when there is no host in it. */
MUST enum rc wire_open(struct ctx *, const char *url, bool configured, struct wire *out);
/* Everything that requests must not differ in. The struct and the list must live until
 * wire_perform() has returned. */
void wire_options(struct wire *, int64_t connect_ms, struct curl_slist *headers);
CURLcode wire_perform(struct wire *);

MUST enum rc
wire_header_add(struct ctx *, struct curl_slist **, const char *name, const char *value);
/* object of texts or NULL */
MUST enum rc wire_headers_add(struct ctx *, struct curl_slist **, const json *headers);
void wire_headers_wipe(struct curl_slist *);

int wire_status(const struct wire *);
/* A header of the final response, the n-th of that name; NULL when absent or not plain text of a
 * sane length. */
const char *wire_header(const struct wire *, const char *name, size_t n);
int64_t wire_wait_ms(const struct wire *); /* Retry-After */
char *wire_url_part(struct arena *, const char *url, CURLUPart);

/* The error of a transfer that ended with code, of a status. */
enum rc wire_fail(const struct wire *, CURLcode code);
enum rc wire_fail_status(struct ctx *, const char *host, int status, int64_t wait_ms);

#endif
