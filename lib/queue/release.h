/*
 * release.h - what was kept here against what the source says (LINK_REFUSED) is kept no longer: the
 * next read meets it as if it came for the first time, and asks where it is much.
 */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "db/db.h"

/* In the caller's write. It takes a complete read to see what the source has. */
MUST enum rc release_refused(struct ctx *, struct db *, const char *owner, const char *conn_id);

#endif
