/*
 * retain.c - see retain.h.
 */
#include "access/quota.h"
#include "app/retain.h"
#include "base/clock.h"
#include "base/conf.h"
#include "queue/channel.h"
#include "queue/workdir.h"
#include "store/data.h"
#include "store/login.h"

enum { UNSENT_DAYS = 5, CHANGES_AT_ONCE = 1000 };

/* One bounded delete in a transaction of its own. */
static enum rc
retain_some(struct ctx *cx, struct db *db, enum sql q, const char *types, int64_t a, int64_t b,
    int64_t c, int64_t *changed)
{
	enum rc rc;

	TRY(db_begin(cx, db));
	rc = types[1] ? db_run(cx, db, changed, q, types, a, b, c)
		      : db_run(cx, db, changed, q, types, a);
	return db_end(cx, db, rc);
}

struct retain_sweep_args {
	int64_t now;
};

/* What is over, of accounts at providers. Calls are kept as long as they are drawn. */
static enum rc
retain_sweep_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct retain_sweep_args *w = arg;

	TRY(channel_sweep(cx, db, w->now));
	TRY(try_sweep(cx, db, w->now));
	return quota_sweep(cx, db, w->now - QUOTA_DAYS * DAY_MS);
}

enum rc
retain_all(struct ctx *cx, struct db *db, int64_t now)
{
	int64_t before = now - conf_int(CONF_KEEP_DAYS) * DAY_MS, changed, no = 0;
	bool found;

	do
		TRY(retain_some(cx, db, Q_RETAIN_RUNS, "i", before, 0, 0, &changed));
	while (changed);
	do
		TRY(retain_some(
		    cx, db, Q_RETAIN_CHANGE, "ii", before, CHANGES_AT_ONCE, 0, &changed));
	while (changed);
	for (;;) {
		TRY(db_row(cx, db, &found, Q_RETAIN_DATASETS, "i", no));
		no = found ? db_num(db, Q_RETAIN_DATASETS, 0) : 0;
		db_reset(db, Q_RETAIN_DATASETS);
		if (!found)
			break;
		do
			TRY(retain_some(cx, db, Q_RETAIN_TOMBSTONES, "iii", no << SEQ_SHIFT,
			    (no + 1) << SEQ_SHIFT, before, &changed));
		while (changed);
	}
	/* What still waits goes later: all tries have been made by then, or its webhook is
	 * switched off. */
	do
		TRY(retain_some(cx, db, Q_RETAIN_MESSAGES, "ii", before,
		    before - UNSENT_DAYS * DAY_MS, 0, &changed));
	while (changed);
	workdir_sweep(cx->a, now);
	struct retain_sweep_args w = { now };

	return db_write(cx, db, retain_sweep_write, &w);
}
