/*
 * edit.h - an edit of an object, and what follows from it for its twins: history and outbox, in the
 * same write as the object itself.
 */
#ifndef QUEUE_EDIT_H
#define QUEUE_EDIT_H

#include "agree/decide.h"
#include "store/change.h"
#include "store/link.h"

struct edit {
	const char *owner;
	struct object object;
	const struct merge_rules *rules;
	const json *before, *after; /* NULL: there was, there is nothing */
	/* The connection that it comes from, which needs not hear of it, and the run; NULL, 0:
	 * none. Then the actor. */
	const char *connection_id;
	bool back; /* it hears of it all the same: it came from another twin there */
	int64_t sync_no;
	const char *actor;
	const char *reason; /* a sentence for people, or NULL */
	/* The connection where somebody else has made it as it was: it is not deleted there, and
	 * written only when `question`, a run, is answered so; NULL: never. NULL: none. */
	const char *spared, *question;
	bool fresh;        /* it has just been made: nobody has a twin of it yet */
	int64_t edited_at; /* when it was made where it comes from, by our clock; 0: now */
	int64_t now;
};

/* In the caller's write, beside the writing of the object: adds it to the history, and an item for
 * each twin but the one that it comes from. */
MUST enum rc edit_tell(struct ctx *, struct db *, const struct edit *);

/* In the caller's write: the object of the link shall have a twin at its connection; the caller
 * gives owner, connection_id and object, the rest is set. E_STATE: it has a link there already. */
MUST enum rc edit_link(struct ctx *, struct db *, struct link *, int64_t now);

/* link.sent once the base goes from `was` to `base`: see echo_along(). All of them as the link has
 * them. */
const char *edit_along(struct arena *, const struct merge_rules *, const char *sent,
    const char *was, const char *base);
/* That is what the link agrees on from now on, NULL: on nothing; it is not saved. */
void edit_agree(struct arena *, const struct merge_rules *, struct link *, const char *base);

/* As an item of the outbox names its fields. */
const char *edit_names(struct arena *, const struct field_list *);

#endif
