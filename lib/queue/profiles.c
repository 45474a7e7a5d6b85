/*
 * profiles.c - see profiles.h.
 */
#include "queue/profiles.h"

enum rc
profiles_ask(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	return lane_put(
	    cx, db, LANE_PROFILE, owner, arena_printf(cx->a, "%s%s", LANE_ID_PROFILE, owner), now);
}
