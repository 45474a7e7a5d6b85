/*
 * decide.h - what is done with an object that two sides may have changed: the 3x3 table. Pure.
 *
 * Three versions are looked at: the base (what both sides agreed on last), the local one and the
 * remote one. NULL is a version too: there is nothing, be it that there never was or that it was
 * deleted. Nothing is decided from times.
 *
 *	local \ remote  same           changed                     gone
 *	same            nothing        taken over here             deleted here
 *	changed         sent there     merged by field (merge.h)   put back there: the edit wins
 *	gone            deleted there  put back here: it wins      forgotten
 *
 * A source that is only read (a file, a feed) is the row "local same".
 *
 * What the caller stores: once it has written here, the base is what it saw there (after a merge:
 * base_seen; when it is asked: the base as it was); once the provider has confirmed, the base is
 * what was sent (after a merge: base_sent).
 */
#ifndef AGREE_DECIDE_H
#define AGREE_DECIDE_H

#include "agree/merge.h"

enum side_state { SIDE_SAME, SIDE_CHANGED, SIDE_GONE, SIDE__MAX };

enum direction {
	BOTH_WAYS,
	/* `direction: pull`: what is done here stays here, and a read never undoes it. Its merges
	 * are made with POLICY_APPLICATION. */
	PULL_ONLY,
	/* `direction: push`: what is done there is never taken over here, and stays until it is
	 * written over: what an edit here goes over is kept. */
	PUSH_ONLY,
	DIRECTION__MAX
};

enum act {
	ACT_NONE,
	ACT_PUT, /* make it as the other side has it, also where it is gone */
	ACT_DELETE,
	ACT_MERGE,  /* what merge() says; a side with ACT_NONE beside it is not written to */
	ACT_FORGET, /* the link has done its work; on both sides at once */
	ACT_ASK     /* nothing is written on either side until it is answered */
};

struct decision {
	enum act here, there;
	bool conflict;    /* an edit met a deletion: recorded as resolved, or open (ACT_ASK) */
	enum pick winner; /* of that conflict; PICK_NONE: it is asked */
};

/* A version against the base. */
enum side_state
side_of(struct arena *, const struct merge_rules *, const json *base, const json *now);

/* The policy counts for an edit against a deletion alone, and only whether it is POLICY_ASK. */
struct decision decide(enum direction, enum policy, enum side_state local, enum side_state remote);

/*
 * What we have sent and nobody has confirmed: the answer did not come, or the process ended. It
 * may be that it arrived.
 */
struct echo {
	bool pending;     /* false: nothing is on its way; the rest is not looked at */
	const json *sent; /* NULL: a deletion */
	bool created;     /* our name for it, and never seen there: if it is there, it is ours */
};

/*
 * The base to decide by, once it has been seen what is there now. Our own writing coming back is
 * known by its content, never by time:
 * - a create that arrived: the base is what was sent, not what is found, which may have been
 *   edited since;
 * - a deletion that arrived: the base is "nothing", so that an un-delete made here meanwhile is an
 *   edit against it;
 * - an update: each field, or group, that is there as it was sent becomes part of the base.
 * Everything else stays as it was agreed on. *arrived (may be NULL): something was recognised.
 * What it cannot see: that somebody set a field back to its old value while the answer was awaited.
 */
const json *echo_base(struct arena *, const struct merge_rules *, const json *base,
    const json *remote, const struct echo *, bool *arrived);

/* What is on its way (NULL: a deletion) once both have agreed on something else: what it leaves as
 * it was goes along, and is no writing of ours when it is as it was once more. was, base: NULL: on
 * nothing; then it stays what it is. */
const json *echo_along(struct arena *, const struct merge_rules *, const json *sent,
    const json *was, const json *base);

/* `fields` and `kept` of a conflict of an edit with a deletion: its field is "deleted". */
json *deletion_fields(struct arena *, const struct decision *, enum side_state local);
json *deletion_kept(struct arena *, const struct decision *);

#endif
