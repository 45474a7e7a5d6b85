/*
 * roll.c - see queue.h. Nearly all syncs find nothing new. One that did not takes the place of the
 * one before it, when that had not either: it says how many it stands for. A day of its own is kept
 * of each, for what is counted by day.
 */
#include "base/clock.h"
#include "queue/events.h"
#include "queue/queue.h"

struct quiet {
	int64_t no, started_at, finished_at, calls, fetched;
	int64_t rolled, rolled_from, rolled_ms, rolled_calls, rolled_fetched;
	const char *warnings, *skips;
	bool quiet;
};

static void
roll_read(struct ctx *cx, struct db *db, struct quiet *x)
{
	const enum sql q = Q_RUN_QUIET;

	*x = (struct quiet){
		.no = db_num(db, q, C_RUN_QUIET_NO),
		.quiet = db_flag(db, q, C_RUN_QUIET_QUIET),
		.warnings = db_dup(cx->a, db, q, C_RUN_QUIET_WARNINGS),
		.skips = db_dup(cx->a, db, q, C_RUN_QUIET_SKIPS),
		.started_at = db_num(db, q, C_RUN_QUIET_STARTED_AT),
		.finished_at = db_num(db, q, C_RUN_QUIET_FINISHED_AT),
		.calls = db_num(db, q, C_RUN_QUIET_CALLS),
		.fetched = db_num(db, q, C_RUN_QUIET_FETCHED),
		.rolled = db_num(db, q, C_RUN_QUIET_ROLLED),
		.rolled_from = db_num(db, q, C_RUN_QUIET_ROLLED_FROM),
		.rolled_ms = db_num(db, q, C_RUN_QUIET_ROLLED_MS),
		.rolled_calls = db_num(db, q, C_RUN_QUIET_ROLLED_CALLS),
		.rolled_fetched = db_num(db, q, C_RUN_QUIET_ROLLED_FETCHED),
	};
}

static bool
roll_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "[]", b ? b : "[]");
}

/* Does the later one say the same as the one before? */
static bool
roll_fits(const struct quiet *now, const struct quiet *before)
{
	return now->quiet && before->quiet &&
	    now->finished_at / DAY_MS == before->finished_at / DAY_MS &&
	    roll_same(now->warnings, before->warnings) && roll_same(now->skips, before->skips);
}

static enum rc
roll_up(struct ctx *cx, struct db *db, const char *owner, const struct quiet *now,
    const struct quiet *b)
{
	const int64_t took = b->started_at ? b->finished_at - b->started_at : 0;
	const struct db_arg args[P_RUN_ROLL__N] = {
		[P_RUN_ROLL_NO] = db_i(now->no),
		[P_RUN_ROLL_OWNER] = db_s(owner),
		[P_RUN_ROLL_ROLLED] = db_i(b->rolled + 1),
		[P_RUN_ROLL_ROLLED_FROM] = db_i(b->rolled ? b->rolled_from : b->started_at),
		[P_RUN_ROLL_ROLLED_MS] = db_i(b->rolled_ms + took),
		[P_RUN_ROLL_ROLLED_CALLS] = db_i(b->rolled_calls + b->calls),
		[P_RUN_ROLL_ROLLED_FETCHED] = db_i(b->rolled_fetched + b->fetched),
	};

	TRY(db_run_named(cx, db, NULL, Q_RUN_ROLL, args, P_RUN_ROLL__N));
	return db_run(cx, db, NULL, Q_RUN_DROP, "is", b->no, owner);
}

enum rc
queue_roll(struct ctx *cx, struct db *db, const struct conn *c)
{
	struct quiet last[2] = { 0 };
	size_t n = 0;
	bool named;

	TRY(db_query(cx, db, Q_RUN_QUIET, "ss", c->id, c->owner));
	while (n < 2 && db_next(db, Q_RUN_QUIET))
		roll_read(cx, db, &last[n++]);
	TRY(db_done(cx, db, Q_RUN_QUIET));
	if (n < 2 || !roll_fits(&last[0], &last[1]))
		return RC_OK;
	/* Whoever was told of a run by its number may ask for it. */
	TRY(events_wanted(cx, db, c->owner, "sync.completed", &named));
	return named ? RC_OK : roll_up(cx, db, c->owner, &last[0], &last[1]);
}
