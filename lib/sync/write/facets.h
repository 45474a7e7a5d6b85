/*
 * facets.h - what a twin says beside its object (guests, a call, reminders): kept with its link,
 * never edited here, and shown by those twins elsewhere whose writer shows it.
 */
#ifndef SYNC_WRITE_FACETS_H
#define SYNC_WRITE_FACETS_H

#include "store/outbox.h"
#include "sync/write/twoway.h"

/* What was read of the twin of a link that is not stored yet, of an object that has no other: it is
 * stored with the link, and facets_take() finds no news in it. */
void facets_first(struct arena *, struct link *, const struct there *);
/* In the caller's write: what was read of the link's twin. Where that is news, the twins that show
 * it are looked at. */
MUST enum rc
facets_take(struct ctx *, struct db *, const struct twoway *, struct link *, const struct there *);
/* What the others of the link's object say, the first that was met first. NULL: nobody says any,
 * or the writer does not show it. */
MUST enum rc
facets_for(struct ctx *, struct db *, const struct twoway *, const struct link *, const json **out);
/* May this item be there for them, so that only a look tells whether something is to be done? */
bool facets_maybe(const json *facets, const struct outbox *);
/* Are they others by now than what was sent? */
MUST enum rc facets_since(struct ctx *, struct db *, const struct twoway *, const struct link *,
    const json *sent, bool *other);

#endif
