/*
 * transport.h - answers in the place of the network, for tests: a function of the test is asked
 * instead of a server, in this process and without a socket. Everything above the exchange itself
 * is what runs in production: judging of addresses as texts, redirects, ranges, limits, what a
 * status means.
 *
 * Only in test builds (TIDEMARK_STEPS): elsewhere there is nothing that could be replaced.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "base/err.h"

#ifdef TIDEMARK_STEPS

enum { NET_HEADERS_MAX = 32 };

struct net_header {
	const char *name, *value;
};

struct net_request {
	const char *method; /* of HTTP, or "MAIL" */
	const char *url;
	struct net_header headers[NET_HEADERS_MAX];
	size_t headers_n;
	struct str body;       /* of a mail: its source; p NULL: none */
	const char *from, *to; /* of a mail; else NULL */
};

enum net_fault {
	NET_FINE,
	/* nothing was sent: */
	NET_NO_NAME, /* the host is not known */
	NET_REFUSED, /* nobody accepts connections */
	NET_BLOCKED, /* the guard refuses the address */
	NET_BAD_TLS,
	/* it was sent, and may have had its effect: */
	NET_LOST, /* the connection broke before an answer */
	NET_CUT   /* and inside the answer, after cut_at bytes of its body */
};

/* What the test says; zero but for status 200 (of a mail 250) when it is asked. Texts must live as
 * long as the call: take them from the context's arena. */
struct net_response {
	enum net_fault fault;
	int status;
	struct net_header headers[NET_HEADERS_MAX]; /* ended by a name that is NULL */
	struct str body;
	size_t cut_at;
	/* Passes on the clock (see clock_step_to()) before the answer; as long as the caller is
	 * ready to wait, or longer, is a time-out after the request was sent. */
	int64_t takes_ms;
};

typedef void
net_transport_fn(struct ctx *, void *arg, const struct net_request *, struct net_response *);

/* From now on every request of this process goes to answer; NULL: to the network again. */
void net_transport_set(net_transport_fn *answer, void *arg);

/* A header of a request; NULL: not sent. */
const char *net_header(const struct net_request *, const char *name);

#endif
#endif
