/*
 * post.h - what is to be sent to a provider is put into the outbox here, and the lane that carries
 * it becomes due with it: one lane a connection, worked on by one process at a time.
 */
#ifndef QUEUE_POST_H
#define QUEUE_POST_H

#include "store/conn.h"
#include "store/link.h"
#include "store/outbox.h"

/* Can nothing be written there before it has been read to its end, which it has not? */
bool post_is_early(struct arena *, const struct conn *);
/* Is what is due at the connection being sent, or will it be by then? Not while it waits, for the
 * service, for an account, for the end of a read. */
MUST enum rc post_soon(struct ctx *, struct db *, const struct conn *, int64_t by, bool *soon);

/* In the caller's write; the caller wakes the tick. */
/* As outbox_put(). */
MUST enum rc post_put(struct ctx *, struct db *, struct outbox *, int64_t now);
/* What is there of this link is to be looked at: what is not sure to be gone is looked for, what
 * is unfilled is filled in. Saves the link. */
MUST enum rc post_look(struct ctx *, struct db *, struct link *, int64_t now);
/* Something that waited may go now: the lane is due when the connection's next item is. */
MUST enum rc post_due(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* A person asked: what of the connection may go now does, whatever its lane waits for. */
MUST enum rc
post_hurry(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);
/* A person asked: all that waits of the owner's may go now, whatever its lanes wait for. */
MUST enum rc post_hurry_all(struct ctx *, struct db *, const char *owner, int64_t now);

#endif
