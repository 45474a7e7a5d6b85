/*
 * parted.h - records whose things at the source went by our own hand, beside what is agreed on: the
 * pages of the occurrences of a series, when there are to be none any more. Each is told in the
 * history of its record; that a read lacks it is no loss then.
 */
#ifndef SYNC_PARTED_H
#define SYNC_PARTED_H

#include "base/json.h"
#include "db/db.h"

/* In the caller's write: these (a list of keys, or NULL) went with what was deleted here. Of what
 * is no record of the connection nothing is told. */
MUST enum rc parted_tell(
    struct ctx *, struct db *, const char *owner, const char *connection_id, const json *keys);
/* Is that, or that it went in the care of a read (struct bestowal), the last that was written down
 * of a record? */
MUST enum rc parted_is(
    struct ctx *, struct db *, const char *owner, int64_t dataset_no, struct str key, bool *is);

#endif
