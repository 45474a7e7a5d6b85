/*
 * release.h - what a person has kept, here against what the source says or there against what was
 * done here, is kept no longer: it is met as if it came for the first time, and asked about.
 */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "store/conn.h"

/* In the caller's write. What was kept there waits, and is asked about at once; of what was kept
 * here a complete read sees what the source has (conn_read_anew()). */
MUST enum rc release_kept(struct ctx *, struct db *, const struct conn *);

#endif
