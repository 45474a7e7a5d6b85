/*
 * profiles.h - asks for profiles to be kept level (profile/keep.h) with records that have changed
 * (send/profiler.h), where whoever changed them does not do it.
 */
#ifndef QUEUE_PROFILES_H
#define QUEUE_PROFILES_H

#include "queue/lane.h"

/* In the caller's write, with what changes them. */
MUST enum rc profiles_ask(struct ctx *, struct db *, const char *owner, int64_t now);

#endif
