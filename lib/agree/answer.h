/*
 * answer.h - what a person has answered to an open conflict, and what follows from it. Pure.
 *
 * An answer changes the base, so that the table of decide.h comes to what was chosen by itself: a
 * field whose version there is overruled was agreed on as it is there, and edited here. Parts of a
 * group that is taken as it is there (a series) go along with it, as in a merge.
 */
#ifndef AGREE_ANSWER_H
#define AGREE_ANSWER_H

#include "agree/merge.h"

struct answer {
	enum pick pick; /* for all of its fields; PICK_NONE: each as `fields` says */
	/* {field: {"side": "local" | "remote"}, or {"value": what was entered}} */
	const json *fields;
};

/* What is answered, and how things stand by now. */
struct answer_in {
	const struct answer *answer;
	const json *fields; /* of the conflict's row */
	const json *base;   /* NULL: they agreed on there being nothing */
	const json *here;   /* NULL: there is nothing */
};

struct answered {
	json *base, *value;  /* as they become; NULL: nothing */
	json *entered;       /* {member: value} still to be put into `value`; NULL: nothing is */
	json *fields, *kept; /* of the conflict's row */
	const char *reason;  /* for the history */
	bool look;           /* what is there must be read first */
};

/* Of a deletion against an edit a `value` is whether it shall be deleted. */
void answer_apply(
    struct arena *, const struct merge_rules *, const struct answer_in *, struct answered *out);

#endif
