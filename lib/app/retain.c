/*
 * retain.c - see retain.h.
 */
#include "access/quota.h"
#include "app/retain.h"
#include "app/veiled.h"
#include "base/clock.h"
#include "base/conf.h"
#include "queue/channel.h"
#include "queue/signed.h"
#include "queue/workdir.h"
#include "store/feed.h"
#include "store/login.h"

enum { UNSENT_DAYS = 5, ROWS_AT_ONCE = 1000, TOMBSTONES_AT_ONCE = 1000 };

/* Of the database file: no less is given back, in pieces that hold no writer up; when that much of
 * it is unused, until that much is. */
enum { SPACE_LEAST = 8 << 20, SPACE_AT_ONCE = 1 << 20, SPACE_LOOSE = 4, SPACE_KEPT = 16 };

/* A bounded delete. */
struct retain_step {
	enum sql q;
	const char *types;
	int64_t a, b;
	db_write_fn *write; /* NULL: the statement alone */
	int64_t changed;
};

static enum rc
retain_step_write(struct ctx *cx, struct db *db, void *arg)
{
	struct retain_step *w = arg;

	return db_run(cx, db, &w->changed, w->q, w->types, w->a, w->b);
}

/* Events, with the links that hang on them. */
static enum rc
retain_events_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct retain_step *w = arg;

	TRY(db_run(cx, db, NULL, Q_RETAIN_LINKS, w->types, w->a, w->b));
	return retain_step_write(cx, db, arg);
}

/* Again and again, each in a transaction of its own, until there is nothing left to delete. */
static enum rc
retain_some(struct ctx *cx, struct db *db, struct retain_step step)
{
	do
		TRY(db_write(cx, db, step.write ? step.write : retain_step_write, &step));
	while (step.changed);
	return RC_OK;
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
	TRY(signed_sweep(cx, db, w->now));
	TRY(try_sweep(cx, db, w->now));
	return quota_sweep(cx, db, w->now - QUOTA_DAYS * DAY_MS);
}

struct retain_tombs {
	int64_t no, before;
	int64_t n;
};

static enum rc
retain_tombs_write(struct ctx *cx, struct db *db, void *arg)
{
	struct retain_tombs *w = arg;

	return feed_forget(cx, db, w->no, w->before, TOMBSTONES_AT_ONCE, &w->n);
}

/* Of every dataset, what was deleted before then. */
static enum rc
retain_tombstones(struct ctx *cx, struct db *db, int64_t before)
{
	struct retain_tombs w = { .before = before };
	bool found;

	for (;;) {
		TRY(db_row(cx, db, &found, Q_RETAIN_DATASETS, "i", w.no));
		w.no = found ? db_num(db, Q_RETAIN_DATASETS, 0) : 0;
		db_reset(db, Q_RETAIN_DATASETS);
		if (!found)
			return RC_OK;
		do
			TRY(db_write(cx, db, retain_tombs_write, &w));
		while (w.n);
	}
}

/* What deletions have left is used again, so a part of it is kept. */
static enum rc
retain_space(struct ctx *cx, struct db *db)
{
	struct db_space s;

	TRY(db_space(cx, db, &s));
	if (!s.gives || s.unused < SPACE_LEAST || s.unused < s.bytes / SPACE_LOOSE)
		return RC_OK;
	while (s.unused > s.bytes / SPACE_KEPT) {
		const int64_t before = s.unused;

		TRY(db_give(cx, db, SPACE_AT_ONCE));
		TRY(db_space(cx, db, &s));
		if (s.unused >= before)
			break;
	}
	return RC_OK;
}

enum rc
retain_all(struct ctx *cx, struct db *db, int64_t now)
{
	const int64_t before = now - conf_int(CONF_KEEP_DAYS) * DAY_MS;
	const struct retain_step steps[] = {
		{ .q = Q_RETAIN_RUNS, .types = "i", .a = before },
		{ .q = Q_RETAIN_CHANGE, .types = "ii", .a = before, .b = ROWS_AT_ONCE },
		{ .q = Q_RETAIN_OUTBOX, .types = "ii", .a = before, .b = ROWS_AT_ONCE },
		{ .q = Q_RETAIN_CONFLICTS, .types = "ii", .a = before, .b = ROWS_AT_ONCE },
		/* As long as it is known how they were. */
		{
		    .q = Q_RETAIN_EVENTS,
		    .types = "ii",
		    .a = before,
		    .b = ROWS_AT_ONCE,
		    .write = retain_events_write,
		},
		/* What still waits goes later: all tries have been made by then, or its webhook
		 * is switched off. */
		{
		    .q = Q_RETAIN_MESSAGES,
		    .types = "ii",
		    .a = before,
		    .b = before - UNSENT_DAYS * DAY_MS,
		},
		{ .q = Q_RETAIN_NOTICES, .types = "ii", .a = before, .b = ROWS_AT_ONCE },
		{ .q = Q_RETAIN_TOKENS, .types = "i", .a = before },
	};
	struct retain_sweep_args sweep = { .now = now };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		TRY(retain_some(cx, db, steps[i]));
	TRY(retain_tombstones(cx, db, before));
	workdir_sweep(cx->a, now);
	TRY(db_write(cx, db, retain_sweep_write, &sweep));
	TRY(veiled_all(cx, db));
	return retain_space(cx, db);
}
