/*
 * signed.h - services that open no channel for each source (channel.h) but sign all that they send
 * with the secret of a subscription, which an operator makes in their settings.
 *
 * The service introduces itself by sending the secret, once. Anybody could: it is kept sealed, as
 * an offer that an operator sees, and counts when he has confirmed it; a later one never takes its
 * place. What is signed with one that counts (HMAC-SHA256 over the bytes of the body, compared in
 * constant time) names what has changed. Each connection that reads that has a row among the
 * channels, which no token opens, and is run at once, as by a channel; what the message names is
 * kept for that run, for the lists of a service may know of an edit later than it says, and of a
 * deletion never. A message that comes twice counts once.
 */
#ifndef QUEUE_SIGNED_H
#define QUEUE_SIGNED_H

#include "base/json.h"
#include "kind/kind.h"
#include "store/conn.h"

enum { SIGNED_OFFERS_MAX = 10, SIGNED_TOLD_MAX = 100 };

struct signed_message {
	const char *receiver; /* its name in the address */
	const struct kind_call *said;
	struct str body;
};
/* E_UNAUTHORIZED: it is signed with nothing that counts here. E_UNAVAILABLE: more offers wait than
 * anybody looks through. *wake: the tick is to be woken. Its own transaction; durable when it
 * returns. */
MUST enum rc signed_receive(struct ctx *, struct db *, const struct signed_message *, bool *wake);

struct subscription {
	const char *id, *receiver, *secret; /* secret: sealed */
	int64_t offered_at, confirmed_at;   /* confirmed_at 0: it is an offer */
	int64_t last_at, messages;
};
/* All, in order of their coming. */
MUST enum rc signed_list(struct ctx *, struct db *, struct subscription **out, size_t *n);
MUST enum rc signed_get(struct ctx *, struct db *, const char *id, struct subscription *out);
MUST enum rc signed_open(struct ctx *, const struct subscription *, const char **secret);

/* What messages have named and the run at hand is to look at: {"items": {key: may be gone}, "all":
 * true when it is too much to tell}; NULL: nothing. */
MUST enum rc signed_told(struct ctx *, struct db *, const struct conn *, json **out);

/*
 * In the caller's write transaction.
 */
MUST enum rc signed_confirm(struct ctx *, struct db *, const char *id);
MUST enum rc signed_drop(struct ctx *, struct db *, const struct subscription *);
/* After a complete run, which has looked at what it was told. resource: what its source is called
 * by the service; NULL: not known. */
MUST enum rc signed_served(struct ctx *, struct db *, const struct conn *, const char *resource);
MUST enum rc signed_sweep(struct ctx *, struct db *, int64_t now);

#endif
