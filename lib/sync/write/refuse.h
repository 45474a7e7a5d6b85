/*
 * refuse.h - what is different at a provider, and a person has kept here as it was: its base is
 * what was refused. Nothing is taken over as long as that is what is there, and nothing is sent;
 * what comes there in its place is taken whole, and the next edit here goes there.
 */
#ifndef SYNC_WRITE_REFUSE_H
#define SYNC_WRITE_REFUSE_H

#include "sync/write/twoway.h"

/* In the caller's write: the twin of this link is refused as it was read. One that is on its way
 * there, or asked about, is left to that. */
MUST enum rc
refuse(struct ctx *, struct db *, const struct twoway *, struct link *, const struct there *);

#endif
