/*
 * compare.h - compares what was read with what is stored: rows come in, the items of a plan go out.
 * Reads the database, writes nothing.
 */
#ifndef SYNC_READ_COMPARE_H
#define SYNC_READ_COMPARE_H

#include "sync/read/sample.h"

struct comparer;
/* Takes the next item of the plan; PLAN_DATASET before those of a dataset. Strings are borrowed. */
typedef enum rc compare_item_fn(struct ctx *, struct comparer *, const struct plan_item *);

struct comparer {
	struct intake in; /* first */
	compare_item_fn *item;
	struct progress *progress;
	const struct key_finds *finds; /* for datasets that are new; NULL: not looked for yet */
	bool unknown;                  /* ended at a dataset whose key is to be looked for first */
	struct str why;                /* what the source says of the record that is gone */
	int64_t read_bytes, total_bytes;
};

/* The uses of a comparer's intake: who shows the rows too calls these first. */
extern const struct intake_use comparing;

/* One comparison. */
struct comparison {
	struct intake_from from;
	const struct source *source;
	struct spool *spool;
	struct progress *progress;
	bool cut, delta;
	/* Makes the comparer: it may have to be made a second time, when keys had to be found
	 * first. It is zeroed, or larger than a comparer and begins with one. */
	enum rc (*make)(struct ctx *, void *arg, struct comparer **out);
	void *arg;
};

/* *out: as far as it came, also when it fails; NULL when it did not begin. */
MUST enum rc compare_all(struct ctx *, const struct comparison *, struct comparer **out);

#endif
