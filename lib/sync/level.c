/*
 * level.c - see level.h. It fails no run: what is saved is saved.
 */
#include "sync/level.h"

#include "base/log.h"
#include "profile/keep.h"
#include "queue/profiles.h"

/* Of more than so many records the run does not even begin. */
enum { LEVEL_MS = 500, LEVEL_RECORDS = 2000 };

static enum rc
level_ask(struct ctx *cx, struct db *db, void *arg)
{
	return profiles_ask(cx, db, arg, clock_ms());
}

void
level_profiles(struct ctx *cx, struct db *db, const struct conn *c, const struct run *saved)
{
	bool behind = true;
	enum rc rc = RC_OK;

	if (saved->added + saved->updated + saved->deleted <= LEVEL_RECORDS)
		rc = keep_profiles(cx, db, c->owner, c->id, LEVEL_MS, &behind);
	if (behind)
		rc = db_write(cx, db, level_ask, (void *)(uintptr_t)c->owner);
	if (rc == RC_OK)
		return;
	db_rollback(db);
	log_event(LOG_LEVEL_WARN, "profile.failed", "s:connection", c->id, "s:code",
	    error_row(cx->err.kind)->code, "s:detail", cx->err.detail, NULL);
	cx->err = (struct err){ 0 };
}
