/*
 * take_in.h - the twins that a run has read, brought together with the objects here: between the
 * plan of its records and the saving of them. It may be done again, in whole or in part: a twin
 * that is met again changes nothing.
 */
#ifndef SYNC_TAKE_IN_H
#define SYNC_TAKE_IN_H

#include "sync/outcome.h"
#include "sync/question.h"
#include "sync/read/spool.h"

struct take_in {
	struct db *db;
	const struct job *job;
	const struct provider *provider;
	const struct source *source;
	struct spool *spool;
	struct progress *progress;
	int64_t as_of, listed_at; /* see checkpoint.h */
	struct outcome *outcome;
	bool delta; /* only what was changed was read: what is missing says nothing */
	bool other; /* the settings are others than at the last complete read */
	/* What was answered of the records holds for the objects too: let what is gone be, or keep
	 * it. Neither: it was not asked about. */
	bool approved, keeps;
	/* Keys of the records whose values are not taken over: nor are those of their objects. */
	struct keyset *refused;
	json *plan; /* take_in_late() finds there what it needs */
};

/* Of kinds whose items are objects that both sides edit. E_NEEDS_APPROVAL: a full read lacks so
 * many that a person must say so first; what it has is taken in, nothing is deleted, and
 * outcome->result.review has the question. */
MUST enum rc take_in(struct ctx *, struct take_in *);
/* In the write that ends the run, which makes the connection one that has been read: what was made
 * here while it was given what was here before goes there too; and it is noted whether anything can
 * be written there. */
MUST enum rc take_in_late(struct ctx *, struct db *, const struct job *, const json *plan);

#endif
