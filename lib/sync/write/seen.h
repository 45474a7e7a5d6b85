/*
 * seen.h - whether what is there was met before just as it is: then nothing is to be decided.
 */
#ifndef SYNC_WRITE_SEEN_H
#define SYNC_WRITE_SEEN_H

#include "sync/write/twoway.h"

struct seen {
	struct link *link;
	const struct there *there;
	bool fixed; /* nothing is written there now */
};

/* In the caller's write. What was deleted here while nothing was to be sent, and is to be now, is
 * kept there, for a person to be asked about; unless it was edited there since: that is not seen.
 */
MUST enum rc
seen_before(struct ctx *, struct db *, const struct twoway *, const struct seen *, bool *before);

#endif
