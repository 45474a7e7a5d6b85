/*
 * take_in.h - the twins that a run has read, brought together with the objects here: between the
 * plan of its records and the saving of them, and those of a first read page by page before, while
 * the source makes the next page. It may be done again, in whole or in part: a twin that is met
 * again changes nothing.
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
	struct source source;
	struct spool *spool;
	struct progress *progress;
	int64_t as_of, listed_at; /* see checkpoint.h */
	struct outcome *outcome;
	bool delta; /* only what was changed was read: what is missing says nothing */
	bool other; /* the settings are others than at the last complete read */
	/* What was answered of the records holds for the objects too: let what is gone be, or keep
	 * it. Neither: it was not asked about. */
	bool approved, keeps;
	/* Keys of the records whose values are not taken over: nor are those of their objects.
	 * NULL: none. */
	struct keyset *refused;
	json *plan; /* take_in_late() finds there what it needs */
};

/* Are the items of such a connection objects that both sides edit? Of no others is anything taken
 * in. */
bool take_in_has(const struct provider *, const json *config);
/* Before the download; `in` is borrowed until the end, and says of what was read when it is. */
struct taking;
MUST enum rc take_in_open(struct ctx *, struct take_in *, struct taking **out);
/* One page, kept: of a first read those of its twins that are whole come in at once; of others
 * nothing does. in->refused and in->plan are NULL. arg: struct taking. */
MUST enum rc take_in_early(struct ctx *, void *arg, size_t page);
/* All the others, when the read is complete. E_NEEDS_APPROVAL: a full read lacks so many that a
 * person must say so first; what it has is taken in, nothing is deleted, and
 * outcome->result.review has the question. */
MUST enum rc take_in(struct ctx *, struct taking *);
/* In the write that ends the run, which makes the connection one that has been read: what was made
 * here while it was given what was here before goes there too; and it is noted whether anything can
 * be written there. */
MUST enum rc take_in_late(struct ctx *, struct db *, const struct job *, const json *plan);

#endif
