/*
 * doomed.c - see doomed.h.
 */
#include "queue/doomed.h"

enum rc
doomed_ask(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	return lane_hurry(
	    cx, db, LANE_REMOVAL, owner, arena_printf(cx->a, "%s%s", LANE_ID_REMOVAL, owner), now);
}
