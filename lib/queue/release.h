/*
 * release.h - what a person has kept, here against what the source says or there against what was
 * done here, is kept no longer: it is met as if it came for the first time, and asked about.
 *
 * The run that was queued with conn_ask_anew() does it before it reads, a page in one write, and
 * the cursor says how far it is: whatever ends that run, the next one goes on there.
 */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "store/conn.h"

struct release_page {
	const char *owner, *conn_id;
	int64_t limit;    /* looks at so many at most */
	int64_t released; /* out */
	bool more;        /* out: until nothing is left */
};

/* In the caller's write. What was kept there waits, and is asked about at once; of what was kept
 * here a complete read sees what the source has. */
MUST enum rc release_kept(struct ctx *, struct db *, struct release_page *);

#endif
