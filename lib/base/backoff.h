/*
 * backoff.h - how long to wait before the next try. Pure: whoever asks brings the random bits.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include "base/clock.h"

/* Nobody is left alone for longer, whatever he asks for. */
#define BACKOFF_ASKED_MAX_MS (7 * DAY_MS)

/* first, doubled n (>= 0) times, but never more than most. first > 0. */
int64_t backoff_ms(int64_t first, int64_t n, int64_t most);
/* From wait to wait + spread, both included and evenly, by 64 random bits: those that failed
 * together do not come back together. spread >= 0. */
int64_t backoff_spread(int64_t wait, int64_t spread, uint64_t rnd);

#endif
