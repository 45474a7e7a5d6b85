/*
 * mailbox.h - mail that waits to be sent: queued in the transaction that makes what it tells
 * about, sent by deliver.c. Its text is sealed while it waits, for it may hold a one-time link.
 * Links no curl.
 *
 * Troubles of connections are not mailed one by one: what a person was told last is remembered
 * for every connection, and what has changed since goes into one digest, some minutes later. A
 * trouble that has passed by then is not told, and the next trouble of the same connection is
 * told a day later at the earliest.
 */
#ifndef QUEUE_MAILBOX_H
#define QUEUE_MAILBOX_H

#include "store/conn.h"

enum { DIGEST_MINUTES = 3 };

/* Is a mail server set up? */
bool mail_works(void);

/* In the caller's write transaction; the caller wakes the tick. */

/* owner: whom it is about. E_UNAVAILABLE when there is no mail server. subject and text: UTF-8;
 * lines of text end with "\n". */
MUST enum rc mail_enqueue(struct ctx *, struct db *, const char *owner, const char *to,
    const char *subject, const char *text);
/* To the owner's own confirmed address; nothing when there is none, notices are not wanted or
 * there is no mail server. */
MUST enum rc
mail_tell(struct ctx *, struct db *, const char *owner, const char *subject, const char *text);
/* A connection got into trouble or out of it: to be looked at for the next digest. */
MUST enum rc mail_digest_ask(struct ctx *, struct db *, const struct conn *);
/* Writes the digest of what has changed since the last; *next: when to look again, 0: not
 * needed. */
MUST enum rc mail_digest(struct ctx *, struct db *, const char *owner, int64_t now, int64_t *next);

/* Opens the body of a waiting mail: {to, subject, text}. */
MUST enum rc
mail_open(struct ctx *, const char *owner, const char *message_id, const char *sealed, json **out);

#endif
