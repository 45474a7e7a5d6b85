/*
 * download.h - the network half of a run: pages into the spool, with a checkpoint after each,
 * resumable by byte.
 */
#ifndef SYNC_READ_DOWNLOAD_H
#define SYNC_READ_DOWNLOAD_H

#include "sync/progress.h"
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
	/* {"stage": "downloading", "boot", "rev", "pages", "types", "next", "validator",
	 * "calls", "delta"} */
	json *checkpoint;
	/* results */
	bool unchanged, cut, delta;
	int64_t calls;
	json *cursor; /* what the provider left */
};

/* Goes on where d->checkpoint says. */
MUST enum rc download_run(struct ctx *, struct download *);
/* Saves it as the run's; E_LEASE when the lease is lost. put: in the caller's write. */
MUST enum rc checkpoint_save(struct ctx *, struct db *, const struct job *, const json *checkpoint);
MUST enum rc checkpoint_put(struct ctx *, struct db *, const struct job *, const json *checkpoint);

#endif
