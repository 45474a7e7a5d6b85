/*
 * google_call.h - what the kinds that are read with an account at Google share: who somebody is,
 * and the call by which Google says that something has changed. Pure.
 */
#ifndef KIND_GOOGLE_CALL_H
#define KIND_GOOGLE_CALL_H

#include "kind/kind.h"

#define GOOGLE_SCOPES_WHO "openid https://www.googleapis.com/auth/userinfo.email"

/* For struct kind_receiver. Nothing but headers says anything: there is no body. Source: Drive,
 * "Notifications for resource changes"; Calendar, "Push notifications". */
extern const char *const google_call_headers[];
bool google_call_receive(const struct kind_request *, struct kind_call *out);

/* May who has this role in a calendar change its events? NULL: no role is known. Source: Calendar,
 * "Acl", role, and "CalendarList", accessRole. */
bool google_role_writes(const char *role);

#endif
