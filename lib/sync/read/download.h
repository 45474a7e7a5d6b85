/*
 * download.h - the network half of a run: pages into the spool, with a checkpoint after each,
 * resumable by byte.
 */
#ifndef SYNC_READ_DOWNLOAD_H
#define SYNC_READ_DOWNLOAD_H

#include "sync/progress.h"
#include "sync/read/checkpoint.h"
#include "sync/read/spool.h"

struct download {
	struct db *db;   /* NULL: a preview; no checkpoints */
	struct job *job; /* NULL likewise */
	const struct provider *provider;
	struct source source;
	struct spool *spool;
	struct progress *progress;
	int64_t max_bytes;
	int64_t enough_bytes; /* previews; 0: everything */
	struct checkpoint *checkpoint;
	/* NULL, or called with each page once it is kept, while the source makes the next one. */
	enum rc (*kept)(struct ctx *, void *arg, size_t page);
	void *arg;
	/* results */
	bool unchanged, cut, delta;
	int64_t calls;
	int64_t items, expected; /* as the provider tells them; expected 0: it does not */
	int64_t pace_at; /* monotonic ms: where the limit on requests a minute has come to */
	json *cursor;    /* what the provider left */
};

/* Goes on where d->checkpoint says. */
MUST enum rc download_run(struct ctx *, struct download *);
#endif
