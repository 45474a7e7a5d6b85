/*
 * rest.h - requests to the JSON interface of a service that is signed in to: bearer token, tries
 * with growing waits, quota, a bound on the answer. What only one service knows, the words of its
 * refusals, is a function of that service.
 */
#ifndef NET_REST_H
#define NET_REST_H

#include "base/skew.h"
#include "net/http_call.h"

/* What the engine lends whoever speaks to a source that is signed in to. */
struct remote {
	const char *address; /* of the account, for messages */
	/* A token for the Authorization header. refused: the one that was just answered with
	 * 401, or NULL. */
	enum rc (*token)(struct ctx *, struct remote *, const char *refused, const char **bearer);
	/* Waits until one call fits into the quota that all processes share. E_QUOTA when that
	 * would take too long. quota: a row of kind/quota.def. */
	enum rc (*spend)(struct ctx *, struct remote *, int quota);
	/* Takes a call of the quota if one is free now. NULL: nothing is asked ahead. */
	bool (*spare)(struct ctx *, struct remote *, int quota);
	/* The service asked to slow down: every process waits so long. */
	enum rc (*slow)(struct ctx *, struct remote *, int quota, int64_t wait_ms);
	/* NULL, or told that it asked for more than is waited here: every process leaves it alone
	 * so long. */
	void (*shut)(struct ctx *, struct remote *, int quota, int64_t wait_ms);
	/* Waits between two tries; ends early with the outcome when the run is to stop. */
	enum rc (*pause)(struct ctx *, struct remote *, int64_t ms);
	/* While a request is under way, some times a second: keeps the run alive; ends the
	 * request with the outcome when the run is to stop. */
	enum rc (*alive)(struct ctx *, struct remote *);
	/* NULL, or told that a page is kept: its calls need not be made again. */
	void (*kept)(struct remote *);
	/* NULL, or told what an answer says of the service's clock. */
	void (*heard)(struct ctx *, struct remote *, struct skew_sample);
	struct skew_sample clock; /* what is known of it now: skew_of() */
};

struct rest_call;

struct rest_service {
	const char *name; /* for messages */
	/* sent with each request; NULL: nothing is */
	const char *header, *header_value;
	/* What an answer that is no success means: fails. E_RATE_LIMITED and E_SOURCE_5XX are
	 * worth another try, E_GRANT one with a new token. NULL, or where it leaves RC_OK: by the
	 * status alone. */
	enum rc (*refusal)(struct ctx *, const struct rest_call *, const struct remote *,
	    const struct http_answer *);
};

struct rest_call {
	const struct rest_service *service;
	const char *method; /* NULL: GET */
	const char *base;   /* "https://sheets.example.com" */
	const char *path;   /* after the base, already encoded, query included */
	const json *body;   /* sent as JSON; NULL: none */
	/* only when the source still has what this tag stands for (412: E_CHANGED); NULL: always */
	const char *if_match;
	/* It changes something at the service. When it was sent and no answer came: E_UNSURE, and
	 * it is not tried again. */
	bool write;
	bool reads; /* whatever the method: it changes nothing, and may be sent again */
	int quota;
	int cost;           /* how many calls of the quota it counts as; 0: one */
	int64_t max_bytes;  /* of the answer; over it E_SOURCE_TOO_LARGE */
	int64_t timeout_ms; /* in all; 0: as long as large services work on a request */
	bool raw;           /* the answer is handed on as it is, when it says that it is JSON */
	bool once;          /* no second try, except with a new token; err.wait_ms as told */
	const char *what;   /* "the spreadsheet", for messages */
};

/* cx->a's. */
struct rest_reply {
	struct str body;  /* NUL-terminated */
	json *value;      /* the body, unless raw or empty */
	const char *etag; /* NULL: none */
	int64_t date_ms;  /* the service's clock; 0: not said */
};

/* Tries again after 429, 5xx, answers that are no data and trouble on the way, with growing waits
 * that are never the same twice; what is neither a GET nor reads only while nothing
 * can have left. After a 401 once, with a new token. Waits of more than half a minute are for the
 * schedule: err.wait_ms. *calls grows by the requests made. Errors: E_RATE_LIMITED, E_QUOTA,
 * E_SOURCE_5XX, E_GRANT, E_SOURCE_DENIED, E_SOURCE_GONE, E_CHANGED, E_UNSURE, E_HTML, what
 * refusal() says, and those of http_call(). */
MUST enum rc rest_call(
    struct ctx *, struct remote *, const struct rest_call *, int *calls, struct rest_reply *out);

/* Sends a request that changes nothing before its answer is needed, if the quota has a call to
 * spare: rest_call() of the same gets what came. So the service works while we do. What is not
 * asked for in the end is dropped with rest_forget(), or when another is sent ahead. */
void rest_ahead(struct ctx *, struct remote *, const struct rest_call *);
void rest_forget(void);

#endif
