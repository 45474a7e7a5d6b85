/*
 * wire.h - what every request over libcurl has in common: the handle, the guard at the socket,
 * the options that are never left out, headers, and what a failure is called. Of lib/net alone.
 *
 * One easy handle lives as long as the process: its TLS sessions are reused, and of its multi
 * handle connections and names, also by a request that goes on beside (wire_open_beside). Every
 * option is set afresh for every request, so nothing of one reaches another. curl is initialised at
 * the first use, never before.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <curl/curl.h>

#include "base/err.h"
#include "base/json.h"
#include "net/decode.h"

enum {
	CONNECT_MS_MAX = 30 * 1000,
	TICK_MS = 250,        /* between two looks whether to go on */
	SAID_BYTES = 2 * 1024 /* of a refusal, to see what is meant */
};

struct net_response;

struct wire {
	struct ctx *cx;
	CURL *curl;
	const char *url;
	const char *host;
	bool configured;  /* the operator's own address: private networks are allowed */
	bool begun, over; /* over: the transfer has ended with code */
	CURLcode code;
	bool blocked; /* the guard has refused an address */
	int64_t got;  /* bytes of the body so far */
	/* The request, as wire_options() and the calls after it have set it. */
	struct curl_slist *headers;
	const char *method;
	struct str body;
	size_t given;          /* of the body, to curl */
	const char *from, *to; /* of a mail */
	int64_t timeout_ms;    /* in all; 0: not limited here */
	curl_write_callback on_body;
	curl_xferinfo_callback on_progress;
	void *arg;     /* of both */
	bool answered; /* the body has begun: decode.word is what its head says */
	struct decode decode;
	/* Where a test answers (transport.h): what it has said. */
	const struct net_response *played;
	int status;
	int64_t length;
	bool sent;
};

/* Takes the handle for a request to url; E_URL when there is no host in it. */
MUST enum rc wire_open(struct ctx *, const char *url, bool configured, struct wire *out);
/* The same with a handle of its own, until wire_close(). */
MUST enum rc wire_open_beside(struct ctx *, const char *url, bool configured, struct wire *out);
void wire_close(struct wire *); /* what has not ended is broken off */
/* Everything that requests must not differ in. The struct and the list must live until
 * wire_perform() has returned. */
void wire_options(struct wire *, int64_t connect_ms, struct curl_slist *headers);
/* The method of HTTP and what is sent with it; body.p NULL: nothing. A body leaves once: whoever
 * gets no answer is told so. */
void wire_request(struct wire *, const char *method, struct str body);
/* Where the body of the answer goes, unpacked (DECODE_ACCEPT is to be among the headers, or the
 * body comes as it is); without it nowhere. */
void wire_receive(struct wire *, curl_write_callback, void *arg);
/* Called now and then while it lasts, with the arg of wire_receive(); ends it by anything but 0. */
void wire_watch(struct wire *, curl_xferinfo_callback);
void wire_timeout(struct wire *, int64_t ms);
/* Sends the request, as far as it takes no waiting for the other side but to connect, and that for
 * a moment. What comes then is received while this or another request is performed. */
void wire_begin(struct wire *);
CURLcode wire_perform(struct wire *); /* to its end; begins it where that is still to be done */
/* A piece of the body as it came, for wire_receive()'s callback. Less than n: end it. */
size_t wire_body(char *, size_t size, size_t n, void *wire);

MUST enum rc
wire_header_add(struct ctx *, struct curl_slist **, const char *name, const char *value);
/* object of texts or NULL */
MUST enum rc wire_headers_add(struct ctx *, struct curl_slist **, const json *headers);
void wire_headers_wipe(struct curl_slist *);

int wire_status(const struct wire *);
/* A header of the final response, the n-th of that name; NULL when absent or not plain text of a
 * sane length. */
const char *wire_header(const struct wire *, const char *name, size_t n);
/* Location, with what may not stand in an address encoded; NULL when absent or absurdly long. */
const char *wire_location(const struct wire *);
int64_t wire_length(const struct wire *); /* Content-Length; -1: not said */
/* Does the final head say that the body is packed? */
bool wire_packed(const struct wire *);
/* Has some of the request left? */
bool wire_sent(const struct wire *);
/* Is the answer a limit that passes (retry_limited())? body: its beginning. */
bool wire_limited(const struct wire *, struct str body, int64_t *wait_ms);
char *wire_url_part(struct arena *, const char *url, CURLUPart);

/* The error of a transfer that ended with code, of a status. */
enum rc wire_fail(const struct wire *, CURLcode code);
enum rc wire_fail_status(struct ctx *, const char *host, int status, bool limited, int64_t wait_ms);

#ifdef TIDEMARK_STEPS
/* Tests: who plays the part of libcurl (transport.c); NULL: nobody. */
struct wire_player {
	CURLcode (*perform)(struct wire *); /* sets played, status, length, sent */
	const char *(*header)(const struct wire *, const char *name, size_t n);
};
void wire_play(const struct wire_player *);
#endif

#endif
