/*
 * contacts.h - whether and how often a user's contacts are kept level: one schedule, which all
 * connections of the user's that read people have. What is set before there is any is kept for the
 * first one.
 */
#ifndef APP_CONTACTS_H
#define APP_CONTACTS_H

#include "app/caller.h"
#include "store/auto_sync.h"
#include "store/conn.h"

/* Does this kind of source read people (KIND_PEOPLE)? */
bool contacts_kind(const char *provider);
/* As the connections have it: on when one is, the shortest interval, the last success of any, the
 * next time of any. Without a connection: what was set, or the defaults. */
MUST enum rc contacts_get(struct ctx *, struct db *, const char *owner, struct auto_sync *out);
/* Does the owner have a connection that reads people? */
MUST enum rc contacts_any(struct ctx *, struct db *, const char *owner, bool *any);
/* enabled, interval_hours: what the change does not name stays as it is. */
MUST enum rc contacts_set(
    struct ctx *, struct db *, const struct caller *, const json *change, struct auto_sync *out);
/* The schedule of a new connection, of which nobody has said otherwise: one that reads people has
 * that of the others. */
MUST enum rc contacts_first(struct ctx *, struct db *, const char *owner, const char *provider,
    int64_t now, struct sched *);

#endif
