/*
 * subscriptions.h - services that sign what they send (queue/signed.h), as an operator sees them:
 * who has introduced himself, and whose messages count.
 */
#ifndef APP_SUBSCRIPTIONS_H
#define APP_SUBSCRIPTIONS_H

#include "app/caller.h"
#include "base/json.h"

/* [{"id", "receiver", "state": "offered" or "confirmed", "token": of an offer alone, "offeredAt",
 * "confirmedAt", "lastMessageAt", "messages"}]: for an operator's eyes. */
MUST enum rc subscriptions_shown(struct ctx *, struct db *, json **list);

/* Its messages count from now on. */
MUST enum rc
subscriptions_confirm(struct ctx *, struct db *, const struct caller *, const char *id);
/* An offer, or one that counts: what is signed with it is refused from now on. */
MUST enum rc subscriptions_drop(struct ctx *, struct db *, const struct caller *, const char *id);

#endif
