/*
 * blast.h - the blast-radius guard: a read that would delete or replace too much stops and asks.
 * Pure. (lib/net/reach.h is about addresses.)
 */
#ifndef SYNC_BLAST_H
#define SYNC_BLAST_H

#include <stdbool.h>

#include "store/limits.h"

/* Of what is new on either side. */
enum { BLAST_ITEMS_NEW = 100 };

enum blast { BLAST_APPLY, BLAST_ASK, BLAST_KEEP };

/* Would this delete more than the limits, usually half and 20 records, or all of them? */
bool blast_large(const struct conn_limits *, int64_t stored, int64_t deletions);
/* Would this replace the values of an unusual share of the records? usual: the largest share, in
 * per cent, that was replaced before. More than 20, and more than half of what is not usual: where
 * half of them were replaced before, three quarters are unusual; both as the limits say. */
bool blast_replaces(const struct conn_limits *, int64_t stored, int64_t replaced, int64_t usual);
/* What a change of the settings would do to the objects of one side; so many are linked. */
struct blast_side {
	int64_t linked, added, updated, deleted;
	const struct conn_limits *limits;
	bool there; /* usually fewer than here */
};
/* Is it so much that a person must say so first? */
bool blast_side_large(const struct blast_side *);
/*
 * What an answer says to the question `plan`: "approve", "plan" (approved with a change of the
 * settings) and "keep" are for the question that
 * they were given for, a digest of its deletions, and for no other; "always" is for all of them;
 * "" is none.
 */
enum blast blast_answered(const char *answer, const char *given_for, const char *plan);

struct blast_case {
	int64_t deletions; /* beside what was kept before */
	bool large;        /* of what was not kept before */
	bool large_of_all; /* of all that is stored */
	bool kept;         /* the source still lacks records that were kept before */
	const char *answer, *given_for, *plan;
};
/*
 * What to do about the deletions of a run. Large ones are done as was answered, or asked about.
 * An answer "keep" that has not been carried out is also for a loss that has become smaller:
 * another plan than it was given for is asked about, however small. While kept records are
 * missing, what is large only beside what is left of the rest is kept with them.
 */
enum blast blast_decide(const struct blast_case *);

#endif
