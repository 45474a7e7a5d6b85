/*
 * lane.c - see lane.h.
 *
 * A place is taken by a lane that has a process and a lease: who dies gives it back with the lease,
 * or sooner by lane_reap().
 */
#include "queue/lane.h"

#include "base/conf.h"
#include "base/proc.h"

const struct lane_row lane_rows[LANE__MAX] = {
#define LANE(id, word_, slots_, each_, failing_, seconds_) \
	[LANE_##id] = { \
		.word = word_, \
		.slots = slots_, \
		.each = each_, \
		.failing = failing_, \
		.seconds = seconds_, \
	},
#include "queue/lanes.def"
#undef LANE
};

/* The statements for lanes that are well and for those that failed last. */
struct lane_class {
	enum sql turn, claim, next;
};
static const struct lane_class lane_well = { Q_LANE_TURN_WELL, Q_LANE_CLAIM_WELL,
	Q_LANE_NEXT_WELL };
static const struct lane_class lane_failing = { Q_LANE_TURN_FAILING, Q_LANE_CLAIM_FAILING,
	Q_LANE_NEXT_FAILING };

enum rc
lane_put(struct ctx *cx, struct db *db, enum lane_kind kind, const char *owner, const char *id,
    int64_t due_at)
{
	return db_run(cx, db, NULL, Q_LANE_PUT, "sssi", id, lane_rows[kind].word, owner, due_at);
}

enum rc
lane_hurry(struct ctx *cx, struct db *db, enum lane_kind kind, const char *owner, const char *id,
    int64_t now)
{
	TRY(lane_put(cx, db, kind, owner, id, now));
	return db_run(cx, db, NULL, Q_LANE_HURRY, "si", id, now);
}

enum rc
lane_stop(struct ctx *cx, struct db *db, const char *id)
{
	return db_run(cx, db, NULL, Q_LANE_STOP, "s", id);
}

enum rc
lane_drop(struct ctx *cx, struct db *db, const char *id)
{
	return db_run(cx, db, NULL, Q_LANE_DROP, "s", id);
}

/* Which lanes of a kind may be worked on besides those that are. */
struct room {
	bool any, failing;
};

static enum rc
lane_room(struct ctx *cx, struct db *db, enum lane_kind kind, int64_t now, struct room *out)
{
	const struct lane_row *row = &lane_rows[kind];
	const enum sql q = Q_LANE_LOAD;
	bool found;

	TRY(db_row(cx, db, &found, q, "si", row->word, now));
	out->any = found && db_num(db, q, C_LANE_LOAD_BUSY) < row->slots;
	out->failing = out->any && db_num(db, q, C_LANE_LOAD_FAILING) < row->failing;
	db_reset(db, q);
	return RC_OK;
}

/* The first owner behind `after` who has something due and a place; *owner NULL: nobody. */
static enum rc
lane_owner(
    struct ctx *cx, struct db *db, enum lane_kind kind, enum sql q, int64_t now, const char **owner)
{
	const struct lane_row *row = &lane_rows[kind];
	const char *served = "";
	bool found;

	TRY(db_row(cx, db, &found, Q_LANE_TURN, "s", row->word));
	if (found)
		served = db_dup(cx->a, db, Q_LANE_TURN, 0);
	db_reset(db, Q_LANE_TURN);
	*owner = NULL;
	for (const char *after = served; !*owner; after = "") {
		TRY(db_row(cx, db, &found, q, "sisi", row->word, now, after, row->each));
		*owner = found ? db_dup(cx->a, db, q, 0) : NULL;
		db_reset(db, q);
		if (!*after)
			break;
	}
	return RC_OK;
}

static enum rc
lane_take(struct ctx *cx, struct db *db, enum lane_kind kind, const struct lane_class *class,
    int64_t now, struct lane *out)
{
	const struct lane_row *row = &lane_rows[kind];
	const int64_t until = now + (row->seconds + conf_int(CONF_LEASE_SECONDS)) * SECOND_MS;
	const enum sql q = class->claim;
	const char *owner;
	bool found;

	TRY(lane_owner(cx, db, kind, class->turn, now, &owner));
	if (!owner)
		return RC_OK;
	TRY(db_row(cx, db, &found, q, "iiiss", now, until, (int64_t)proc_self(), row->word, owner));
	if (found)
		*out = (struct lane){
			.kind = kind,
			.id = db_dup(cx->a, db, q, C_LANE_ID),
			.owner = owner,
			.attempt = db_num(db, q, C_LANE_ATTEMPT),
			.failures = db_num(db, q, C_LANE_FAILURES),
		};
	db_reset(db, q);
	return db_run(cx, db, NULL, Q_LANE_SERVED, "ss", row->word, owner);
}

enum rc
lane_claim(struct ctx *cx, struct db *db, int64_t now, bool *found, struct lane *out)
{
	*out = (struct lane){ 0 };
	for (int k = 0; k < LANE__MAX && !out->id; k++) {
		const enum lane_kind kind = (enum lane_kind)k;
		struct room room;

		TRY(lane_room(cx, db, kind, now, &room));
		if (room.any)
			TRY(lane_take(cx, db, kind, &lane_well, now, out));
		if (room.failing && !out->id)
			TRY(lane_take(cx, db, kind, &lane_failing, now, out));
	}
	*found = out->id != NULL;
	return RC_OK;
}

enum rc
lane_release(struct ctx *cx, struct db *db, const struct lane *l, int64_t due_at,
    int64_t hold_until, int64_t failures)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_LANE_RELEASE, "siiii", l->id, l->attempt, due_at, hold_until,
	    failures));
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
lane_held(struct ctx *cx, struct db *db, const struct lane *l)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LANE_HELD, "si", l->id, l->attempt));
	db_reset(db, Q_LANE_HELD);
	return found ? RC_OK : fail(cx, E_LEASE, NULL);
}

struct lane_reaping {
	int64_t pid, now;
};

static enum rc
lane_reap_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct lane_reaping *r = arg;

	return db_run(cx, db, NULL, Q_LANE_FREE, "ii", r->pid, r->now);
}

enum rc
lane_reap(struct ctx *cx, struct db *db, int64_t pid, int64_t now)
{
	return db_write(cx, db, lane_reap_write, &(struct lane_reaping){ pid, now });
}

enum rc
lane_pids(struct ctx *cx, struct db *db, int64_t *v, size_t max, size_t *n)
{
	*n = 0;
	TRY(db_query(cx, db, Q_LANE_PIDS, ""));
	while (*n < max && db_next(db, Q_LANE_PIDS))
		v[(*n)++] = db_num(db, Q_LANE_PIDS, 0);
	return db_done(cx, db, Q_LANE_PIDS);
}

enum rc
lane_soon(struct ctx *cx, struct db *db, const char *id, int64_t by, bool *soon)
{
	TRY(db_row(cx, db, soon, Q_LANE_SOON, "si", id, by));
	db_reset(db, Q_LANE_SOON);
	return RC_OK;
}

/* Makes *due_at the earlier of itself and what the statement finds. */
static enum rc
lane_earlier(
    struct ctx *cx, struct db *db, enum lane_kind kind, enum sql q, int64_t now, int64_t *due_at)
{
	int64_t at = 0;
	bool found;

	TRY(db_row(cx, db, &found, q, "sii", lane_rows[kind].word, now, lane_rows[kind].each));
	if (found)
		at = db_num(db, q, 0);
	db_reset(db, q);
	if (at != 0 && (*due_at == 0 || at < *due_at))
		*due_at = at;
	return RC_OK;
}

enum rc
lane_next(struct ctx *cx, struct db *db, int64_t now, int64_t *due_at)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_LANE_NEXT, ""));
	*due_at = found ? db_num(db, Q_LANE_NEXT, 0) : 0;
	db_reset(db, Q_LANE_NEXT);
	if (*due_at == 0 || *due_at > now)
		return RC_OK;
	/* Something is due; is there a place for it? */
	*due_at = 0;
	for (int k = 0; k < LANE__MAX; k++) {
		const enum lane_kind kind = (enum lane_kind)k;
		struct room room;

		TRY(lane_room(cx, db, kind, now, &room));
		if (room.any)
			TRY(lane_earlier(cx, db, kind, lane_well.next, now, due_at));
		if (room.failing)
			TRY(lane_earlier(cx, db, kind, lane_failing.next, now, due_at));
	}
	return RC_OK;
}

enum rc
lane_mend_clock(struct ctx *cx, struct db *db, int64_t now)
{
	return db_run(cx, db, NULL, Q_LANE_MEND, "ii", now, now + LANE_WAIT_MAX);
}

enum rc
lane_set_back(struct ctx *cx, struct db *db, int64_t ms)
{
	TRY(db_run(cx, db, NULL, Q_DELIVERY_BACK, "i", ms));
	return db_run(cx, db, NULL, Q_LANE_BACK, "i", ms);
}
