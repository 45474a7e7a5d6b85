/*
 * stays.h - which twins are left as they are by both sides, and why. Pure.
 */
#ifndef SYNC_WRITE_STAYS_H
#define SYNC_WRITE_STAYS_H

#include "sync/write/twoway.h"

/* Was it refused (refuse.h) just as it is there now? */
bool
stays_refused(struct arena *, const struct twoway *, const struct link *, const struct there *);
/* Why it is not for us to edit now; NULL: it is. */
const char *stays_fixed(const struct link *, const struct there *, bool refused);

/* Is it gone there and kept here by a person who was asked, however often that is told? */
bool stays_kept(const struct link *, const struct here *, const struct there *);

#endif
