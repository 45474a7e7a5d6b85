/*
 * clocks.h - how far the clocks of services are ahead of ours (base/skew.h): one measure for each
 * kind of source, shared by every process that compares their times with ours.
 */
#ifndef ACCESS_CLOCKS_H
#define ACCESS_CLOCKS_H

#include "base/skew.h"
#include "db/db.h"

struct clocks {
	const char *service; /* the kind's id */
	struct skew skew;
	int64_t at; /* when the last sample was stored; 0: there is none */
};

/* What is known so far. */
MUST enum rc clocks_open(struct ctx *, struct db *, const char *service, struct clocks *out);

/* An answer has come. Stored, in a write of its own, when it says something new or a while has
 * passed. A failure loses a sample, and nobody hears of it. */
void clocks_hear(struct ctx *, struct db *, struct clocks *, struct skew_sample);

#endif
