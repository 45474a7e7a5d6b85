/*
 * undo_run.h - a run that takes back (queue/undo.h), page by page: each transaction saves how far
 * it has come, so that one that was killed goes on there. What is left is listed in its log; what
 * it would write over what somebody else has made at a provider is its question.
 */
#ifndef SYNC_UNDO_RUN_H
#define SYNC_UNDO_RUN_H

#include "queue/undo.h"
#include "sync/outcome.h"

/* The run up to its end, which the caller settles by the outcome. */
MUST enum rc
undo_run(struct ctx *, struct db *, struct job *, const struct undo *, struct outcome *);

#endif
