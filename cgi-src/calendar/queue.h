/*
 * queue.h - what is to be sent to providers, as the interface and the page show it.
 */
#ifndef CALENDAR_QUEUE_H
#define CALENDAR_QUEUE_H

#include "web/req.h"

/* "stats": {PENDING, PROCESSING, HELD, COMPLETED, FAILED}, and "oldestPendingAge". */
MUST enum rc queue_stats(struct req *, json *out);
/* "data": [{id, eventId, connectionId, provider, operation, status, attempts, nextAttemptAt, error,
 * syncId, createdAt, finishedAt}] of one of these words, from ?cursor= on, and "nextCursor". */
MUST enum rc queue_items(struct req *, const char *word, int64_t limit, json *out);

#endif
