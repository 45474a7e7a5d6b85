/*
 * allowance.c - see allowance.h.
 */
#include "store/allowance.h"

#include "base/clock.h"
#include "base/conf.h"

enum { DAY_S = 24 * 3600, LATER_DAYS = 2, URGENT_DAYS = 3 };

/* Bytes in a second, never 0. */
static int64_t
allowance_rate(int64_t day)
{
	return day / DAY_S > 0 ? day / DAY_S : 1;
}

int64_t
allowance_left(int64_t written, int64_t ms, int64_t day)
{
	const int64_t most_ms = (int64_t)(URGENT_DAYS + 1) * DAY_MS;

	/* The clock was set back: what was counted stays counted. */
	if (ms <= 0)
		return written;
	/* More than can be left. */
	if (ms >= most_ms)
		return 0;
	ms = ms / 1000 * allowance_rate(day) + ms % 1000 * allowance_rate(day) / 1000;
	return written > ms ? written - ms : 0;
}

static enum rc
allowance_refuse(struct ctx *cx, int64_t over, int64_t day)
{
	enum rc rc = fail(cx, E_TOO_MANY,
	    "You have written %lld MB within a day, history and audit included, which is as much "
	    "as one user can: it comes back steadily, %lld KB a minute. Nothing of this request "
	    "was done. Wait as long as Retry-After says and write less often, or ask the operator "
	    "to raise %s. Syncs go on by their schedules.",
	    (long long)(day / 1024 / 1024), (long long)(allowance_rate(day) * 60 / 1024),
	    conf_name(CONF_USER_WRITE_MB));

	cx->err.wait_ms = (over / allowance_rate(day) + 1) * 1000;
	return rc;
}

/* What the owner has written, as it is now; *found: is there such a user still? */
static enum rc
allowance_get(
    struct ctx *cx, struct db *db, const char *owner, int64_t now, bool *found, int64_t *written)
{
	const int64_t day = conf_int(CONF_USER_WRITE_MB) * 1024 * 1024;
	const enum sql q = Q_ALLOWANCE_GET;

	*written = 0;
	TRY(db_row(cx, db, found, q, "s", owner));
	if (*found)
		*written = allowance_left(db_num(db, q, C_ALLOWANCE_WRITTEN),
		    now - db_num(db, q, C_ALLOWANCE_WRITTEN_AT), day);
	db_reset(db, q);
	return RC_OK;
}

static enum rc
allowance_add(struct ctx *cx, struct db *db, const char *owner, int64_t days, bool refuses)
{
	const int64_t day = conf_int(CONF_USER_WRITE_MB) * 1024 * 1024, most = days * day;
	const int64_t bytes = db_written(db), now = clock_ms();
	int64_t written;
	bool found;

	if (bytes == 0)
		return RC_OK;
	TRY(allowance_get(cx, db, owner, now, &found, &written));
	if (!found)
		return RC_OK;
	if (refuses && written >= most)
		return allowance_refuse(cx, written - most, day);
	if (!refuses && written + bytes > most)
		written = written > most ? written : most;
	else
		written += bytes;
	return db_run(cx, db, NULL, Q_ALLOWANCE_SET, "sii", owner, written, now);
}

static enum rc
allowance_take_write(struct ctx *cx, struct db *db, void *arg)
{
	return allowance_add(cx, db, arg, db_is_urgent(db) ? URGENT_DAYS : 1, true);
}

static enum rc
allowance_count_write(struct ctx *cx, struct db *db, void *arg)
{
	return allowance_add(cx, db, arg, LATER_DAYS, false);
}

void
allowance_begin(struct db *db, const char *owner)
{
	db_meter(db, allowance_take_write, (void *)(uintptr_t)owner);
}

void
allowance_count(struct db *db, const char *owner)
{
	db_meter(db, allowance_count_write, (void *)(uintptr_t)owner);
}

void
allowance_end(struct db *db)
{
	db_meter(db, NULL, NULL);
}
