/*
 * run_text.h - what is said of a run, in the one shape that the interface, pages and streams show.
 */
#ifndef APP_RUN_TEXT_H
#define APP_RUN_TEXT_H

#include "store/run.h"

/*
 * Appends {syncId, connectionId, status, progress, message, lastUpdated, stats{size, lines,
 * fetched, added, updated, deleted, unchanged, skipped, apiCalls, notModified}, trigger, startedAt,
 * finishedAt, durationMs, error{code, detail, title, advice, action} | null, warnings[], skips[],
 * review | null, resumedFrom, resumedBy}. Its owner is the caller's to look at.
 */
MUST enum rc run_text(struct ctx *, struct db *, const struct run *, struct buf *);

#endif
