/*
 * skew.h - how far the clock of a service is ahead of ours, measured by the times that its answers
 * bear. Pure.
 *
 * One answer says little: its time is cut to the second, it was made some time between the request
 * and the answer, and whatever stands between may hand out an old one. So the last few are kept,
 * and what most of them allow is what counts.
 */
#ifndef BASE_SKEW_H
#define BASE_SKEW_H

#include "base/json.h"

enum {
	SKEW_KEPT = 5,
	SKEW_ENOUGH = 3 /* so many, that an odd one among them is outvoted */
};

#define SKEW_MOST_MS INT64_C(86400000) /* a clock that is further off tells no times */

struct skew_sample {
	int64_t ahead_ms;  /* negative: behind */
	int64_t within_ms; /* it may be so much more or less */
};

struct skew {
	struct skew_sample v[SKEW_KEPT]; /* the oldest first */
	size_t n;
};

/* date_ms: the time of the answer, in whole seconds; heard_ms: when it was there, by our clock;
 * took_ms: since the request left. */
struct skew_sample skew_sample(int64_t date_ms, int64_t heard_ms, int64_t took_ms);

/* In the place of the oldest, when there are SKEW_KEPT. */
void skew_add(struct skew *, struct skew_sample);

/*
 * What more than half of them allow. Where there is no such thing, or fewer than SKEW_ENOUGH, the
 * clocks count as level, and as far apart as one of them says. Beyond SKEW_MOST_MS within_ms is
 * INT64_MAX: nothing is known of that clock's times. Without any: level.
 */
struct skew_sample skew_of(const struct skew *);

/* Does the sample say something else than the others, or are there few? */
bool skew_news(const struct skew *, struct skew_sample);

json *skew_json(struct arena *, const struct skew *);
void skew_read(const json *, struct skew *out); /* NULL, or anything else: none */

#endif
