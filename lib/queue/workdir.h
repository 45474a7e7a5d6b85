/*
 * workdir.h - the directory in which a run keeps its files (sync/read/spool.h says which): one for
 * each run, gone when the run is over. Here is where they lie and how they go.
 */
#ifndef QUEUE_WORKDIR_H
#define QUEUE_WORKDIR_H

#include "base/arena.h"

/* HOME/spool, and HOME/spool/<run id>. */
const char *workdir_top(struct arena *);
char *workdir_path(struct arena *, const char *run_id);
/* The directory with its files; it need not be there. */
void workdir_remove(const char *dir);
/* Removes the directory of a run that is over. */
void workdir_discard(struct arena *, const char *run_id);
/* Removes the directories that is_over says of, by their names. */
void workdir_clear(struct arena *, bool (*is_over)(void *arg, const char *name), void *arg);
/* Removes directories that are older than a day. */
void workdir_sweep(struct arena *, int64_t now);

#endif
