/*
 * keep.h - profiles are kept level with the records of sources: a consumer of the feed
 * (store/feed.h) that takes in what has changed since the last time, a page a transaction. A
 * changed record costs those that it shares an address or a number with, not the table. Killed
 * anywhere, the next one goes on; two at once take turns.
 *
 * A profile is who lib/profile/group.c says. Its id stays with most of its records when it is
 * parted or joined; the older id is kept when two become one.
 */
#ifndef PROFILE_KEEP_H
#define PROFILE_KEEP_H

#include "db/db.h"
#include "store/person.h"

/* Is there something that was not taken in yet? conn_id NULL: of any connection. Cheap. */
MUST enum rc
keep_behind(struct ctx *, struct db *, const char *owner, const char *conn_id, bool *behind);
/* Takes in what there is, for about so many milliseconds; *behind when that was not all. */
MUST enum rc keep_profiles(
    struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t ms, bool *behind);
/* In the caller's write: who these records are one person with is decided anew, after a rule about
 * them has changed. */
MUST enum rc keep_again(struct ctx *, struct db *, const char *owner, const struct person_list *);

#endif
