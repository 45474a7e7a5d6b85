/*
 * channel.h - push channels of connections whose source can call back, without the network:
 * which there are, what comes in, and when the next one is to be opened (watch.h opens them).
 *
 * A message is a hint that raises a counter of the connection; truth is fetched. A run that is
 * claimed serves all that was asked until then; a message during a run leads to one more run
 * after it, and a storm to one more some seconds later: many messages wait longer than few, at
 * most CHANNEL_REST_MAX_MS from the beginning of the last run. Services sign nothing: a message
 * counts when its channel is known, its token fits (compared in constant time, stored as a
 * digest) and its resource is the channel's.
 */
#ifndef QUEUE_CHANNEL_H
#define QUEUE_CHANNEL_H

#include "base/clock.h"
#include "queue/places.h"
#include "store/conn.h"

enum {
	CHANNEL_REST_MAX_MS = 10000,
	CHANNEL_REFUSED_MS = DAY_MS, /* until one that was refused is asked for again */
};

/* Triggers of runs. */
#define CHANNEL_TOLD "webhook"
#define CHANNEL_OPENED "channel"

struct channel {
	const char *id, *resource_id; /* resource_id NULL: the provider has not answered yet */
	int64_t expires_at, last_at, messages;
	const char *account_id; /* that opened it, and alone can stop it; NULL: not known */
};

/* The address that a provider is to call; receiver: its name in the address. */
const char *channel_address(struct arena *, const char *receiver);
/* All that one of logins calls, as texts: each receiver of its kinds once. */
json *channel_addresses(struct arena *, const char *account);
/* They call back over TLS only; the stand-in of the demo does without. */
bool channel_possible(void);

struct channel_message {
	const char *channel, *token, *resource; /* NULL: not sent */
	bool greeting;                          /* it works; nothing has changed */
};
/* E_NOT_FOUND, after the same work, for an unknown channel, a wrong token, another resource.
 * *wake: the tick is to be woken, for this is the first message that asks for a run (a "sync"
 * message does not), or the first of its channel for a second. Its own transaction; durable when
 * it returns. */
MUST enum rc channel_receive(struct ctx *, struct db *, const struct channel_message *, bool *wake);
/* When a run that messages asked for, and for which there is a place (NULL: whatever there is), may
 * begin; 0: none is asked for that could. Never more than CHANNEL_REST_MAX_MS ahead. Cheap. */
MUST enum rc channel_due(struct ctx *, struct db *, const struct places *, int64_t *due_at);

/* Newest first. */
MUST enum rc
channel_list(struct ctx *, struct db *, const struct conn *, struct channel **out, size_t *n);
/* Why the source does not call back, NULL: it may; *at 0: a person wants it so. */
MUST enum rc
channel_refusal(struct ctx *, struct db *, const struct conn *, const char **why, int64_t *at);

/*
 * In the caller's write transaction.
 */

/* After a complete run: a channel is wanted when there is none and the provider has not refused
 * one within CHANNEL_REFUSED_MS. */
MUST enum rc channel_want(struct ctx *, struct db *, const struct conn *);
/* Nobody listens any more, or to something else: the service is told, at once. */
MUST enum rc channel_end(struct ctx *, struct db *, const struct conn *);
/* It is opened by the account that the connection has. */
MUST enum rc channel_insert(struct ctx *, struct db *, const struct conn *, const char *id,
    const char *token, int64_t expires_at);
MUST enum rc channel_opened(struct ctx *, struct db *, const struct conn *, const char *id,
    const char *resource_id, int64_t expires_at);
MUST enum rc channel_drop(struct ctx *, struct db *, const struct conn *, const char *id);
/* What an account had opened whose grant has ended: nobody knows whether it still calls. The
 * services end it in time. */
MUST enum rc channel_forget(struct ctx *, struct db *, const char *owner, const char *account_id);
/* A person wants none: there is none until one is asked for. */
MUST enum rc channel_off(struct ctx *, struct db *, const struct conn *);
MUST enum rc channel_is_off(struct ctx *, struct db *, const struct conn *, bool *off);
/* A person asks for one, or for a new one in place of the old: at once, whatever was refused. */
MUST enum rc channel_ask(struct ctx *, struct db *, const struct conn *);
/* What has changed while nobody listened is told by no message: it is read once. */
MUST enum rc channel_catch_up(struct ctx *, struct db *, const struct conn *);
/* NULL: not refused any more */
MUST enum rc channel_refused(struct ctx *, struct db *, const struct conn *, const char *why);
/* The connection that is due to messages and whose owner has a place; conn_id NULL: none. */
struct channel_call {
	const char *conn_id, *owner;
	const char *trigger; /* of its run: CHANNEL_TOLD; CHANNEL_OPENED: no message has come */
};
MUST enum rc
channel_next(struct ctx *, struct db *, const struct places *, struct channel_call *out);
MUST enum rc channel_served(struct ctx *, struct db *, const char *owner, const char *conn_id);
MUST enum rc channel_sweep(struct ctx *, struct db *, int64_t now);

#endif
