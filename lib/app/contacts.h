/*
 * contacts.h - whether and how often a user's contacts are kept level.
 */
#ifndef APP_CONTACTS_H
#define APP_CONTACTS_H

#include "app/caller.h"
#include "store/auto_sync.h"

/* enabled, interval_hours: what the change does not name stays as it is. */
MUST enum rc contacts_set(
    struct ctx *, struct db *, const struct caller *, const json *change, struct auto_sync *out);

#endif
