/*
 * leave.h - a connection is left, and what Tidemark has made at its provider goes from there first:
 * copies are deleted by the outbox, with their etags as condition, while their events stay here and
 * everywhere else; what the person has there stays, under its id. It is a run of the connection
 * (sync/leave_run.h), whose task is the JSON of struct leave.
 */
#ifndef QUEUE_LEAVE_H
#define QUEUE_LEAVE_H

#include "queue/queue.h"
#include "store/link.h"

struct leave {
	const char *by; /* who asked */
	bool data;      /* the data here goes, too */
};

/* Of a run's task; false: it is another one. */
bool leave_read(struct arena *, const struct run *, struct leave *out);

/* In the caller's write. Nothing is read any more, and the run is queued; whatever run of it was
 * active has ended. E_RUNNING with its id in *sync_id when one leaves it already. */
MUST enum rc leave_begin(
    struct ctx *, struct db *, const struct conn *, const struct leave *, const char **sync_id);

/* The same of all that an owner has. */
MUST enum rc leave_all(struct ctx *, struct db *, const char *owner, const struct leave *);

/* Was the twin made by us, or may it have been? */
bool leave_ours(const struct link *);
/* And is it there, or may it be? One that was deleted there since is not. */
bool leave_there(const struct link *);
/* In the caller's write: its twin goes, if it is ours or may be, and the object stays; run_no: the
 * run that takes it back, for which it stays when it was changed there since; 0: in any case. */
MUST enum rc leave_withdraw(struct ctx *, struct db *, struct link *, int64_t run_no, int64_t now);
/* In the caller's write: a page of links, behind *after, is withdrawn; *n grows by how many are to
 * be deleted; *after NULL: that was all. */
MUST enum rc leave_page(
    struct ctx *, struct db *, const struct conn *, const char **after, int64_t *n, int64_t now);

/* In the caller's write: disconnects at once, with the data or without. */
MUST enum rc leave_end(struct ctx *, struct db *, const struct conn *, bool data, int64_t now);

#endif
