/*
 * tend.h - what is done at a source for the records that are kept, after they are saved
 * (reader.tend of provider.h), and what is known of it (store/labelled.h).
 */
#ifndef SYNC_TEND_H
#define SYNC_TEND_H

#include "access/lend.h"
#include "provider/provider.h"
#include "queue/queue.h"
#include "sync/outcome.h"

struct tending {
	struct db *db;
	const struct job *job;
	const struct provider *provider;
	const struct source *source;
	struct lend *lend; /* NULL: the provider needs no account */
	bool undoing;      /* a run that takes something back does it */
};

/* Who is kept, and who was given a label. Lives as long as the arena, t and o. */
MUST enum rc
tend_keeping(struct ctx *, const struct tending *t, struct outcome *o, struct keeping *out);

/* Does what the kind does. cursor: what the run will leave; NULL: it leaves none, and nothing is
 * done, unless it undoes. What fails is a warning and is noted in the cursor, so that the next run
 * does it (an undo has noted that before); a run that is to stop fails. */
MUST enum rc tend_source(struct ctx *, const struct tending *, json *cursor, struct outcome *);

#endif
