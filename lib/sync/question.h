/*
 * question.h - what the blast guard asks about a plan, and what follows from the answer.
 */
#ifndef SYNC_QUESTION_H
#define SYNC_QUESTION_H

#include "sync/blast.h"
#include "sync/read/intake.h"

struct judgement {
	enum blast verdict;
	/* What is asked: {"stored", "deletions", "replaced", "added", "updated", "items": the keys
	 * of the first records that would go or be replaced, "changes": the same with names and
	 * fields (listing.h), "plan": digest}. The digest is of all
	 * that the answer is for: of every deletion, of every update of a dataset whose values
	 * would be replaced, and of every record of one that gets another key. NULL: there is
	 * nothing to ask. */
	json *review;
};

/* Of the plan in this spool. */
MUST enum rc question_judge(struct ctx *, struct db *, const struct conn *, const struct spool *,
    const struct intake *, struct judgement *out);
/* After "keep": which records of the plan are refused. Adds their keys; *n: how many. */
MUST enum rc question_refuses(
    struct ctx *, const struct spool *, const struct intake *, struct keyset *keys, int64_t *n);
/* What the source would do to the records, in one sentence. */
const char *question_text(struct arena *, const struct intake *);

#endif
