/*
 * resolve.h - a person's answer to an open conflict, carried out here; what is to be done there
 * follows as an item of the outbox.
 */
#ifndef QUEUE_RESOLVE_H
#define QUEUE_RESOLVE_H

#include "agree/answer.h"
#include "queue/edit.h"
#include "store/conflict.h"

struct resolve {
	const char *owner, *conflict_id;
	struct answer answer;
	const char *by; /* who */
	int64_t now;
	const struct resolve_ops *ops;
	const void *arg; /* of theirs */
};

/* Where the objects lie. Every call is part of the caller's write. */
struct resolve_ops {
	const struct merge_rules *rules;
	/* *value NULL: there is none, or it is deleted. */
	MUST enum rc (*get)(struct ctx *, struct db *, const struct resolve *,
	    const struct object *, const json **value);
	/* The value with what was entered in it ({member: value}), checked. */
	MUST enum rc (*enter)(struct ctx *, const struct resolve *, const json *value,
	    const json *entered, json **out);
	/* Makes it as edit->after says, and tells of it (edit.h). */
	MUST enum rc (*write)(
	    struct ctx *, struct db *, const struct resolve *, const struct edit *);
};

/* In the caller's write. E_STATE: it is resolved already. What has been edited there since it was
 * asked is met when it is sent, and asked again. out: the row afterwards. */
MUST enum rc
resolve_conflict(struct ctx *, struct db *, const struct resolve *, struct conflict *out);

#endif
