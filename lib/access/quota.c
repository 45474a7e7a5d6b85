/*
 * quota.c - see quota.h.
 */
#include "access/quota.h"

#include "base/clock.h"
#include "base/conf.h"

enum {
	CALL = 1000,
	MANY = 300, /* calls a minute, of which a tenth at once is more than anybody needs */
	BLOCKED_MAX_MS = 60 * 60 * 1000,
	FILLED_MS = 10 * 60 * 1000, /* no more than this is ever taken in advance */
	USED_MAX = 1000
};

/* What flows in is what a long queue is worked off by: of many calls a minute it is 95 in 100. */
static int64_t
burst(int64_t per_minute)
{
	if (per_minute >= 2 * MANY)
		return per_minute / 20;
	if (per_minute >= MANY)
		return MANY / 10;
	return per_minute >= 20 ? per_minute / 10 : 1;
}

/* Calls a minute that flow in. A limit of one or two leaves no room for a burst beside the flow. */
static int64_t
flow(int64_t per_minute)
{
	return per_minute > burst(per_minute) ? per_minute - burst(per_minute) : 1;
}

int64_t
quota_fill(int64_t level, int64_t ms, int64_t per_minute)
{
	int64_t most = burst(per_minute) * CALL;

	/* What was taken in advance flows in first. */
	if (ms >= FILLED_MS || level > most)
		return most;
	level += ms > 0 ? flow(per_minute) * CALL * ms / MINUTE_MS : 0;
	return level < most ? level : most;
}

int64_t
quota_wait(int64_t level, int64_t per_minute)
{
	int64_t rate = flow(per_minute) * CALL;

	return level >= CALL ? 0 : ((CALL - level) * MINUTE_MS + rate - 1) / rate;
}

struct bucket {
	const char *name;
	int64_t per_minute, level, at, blocked_until;
	bool mended; /* it had a time in the future, written by a clock that was wrong */
};

static enum rc
bucket_read(struct ctx *cx, struct db *db, int64_t now, struct bucket *b)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_BUCKET_GET, "s", b->name));
	b->level = found ? db_num(db, Q_BUCKET_GET, C_BUCKET_LEVEL) : burst(b->per_minute) * CALL;
	b->at = found ? db_num(db, Q_BUCKET_GET, C_BUCKET_AT) : now;
	b->blocked_until = found ? db_num(db, Q_BUCKET_GET, C_BUCKET_BLOCKED_UNTIL) : 0;
	db_reset(db, Q_BUCKET_GET);
	if (b->blocked_until > now + BLOCKED_MAX_MS)
		b->blocked_until = 0;
	/* What has flowed in; the time moves on only with it, so that short steps lose nothing. */
	b->mended = b->at > now;
	if (b->mended)
		b->at = now;
	int64_t level = quota_fill(b->level, now - b->at, b->per_minute);
	if (level > b->level) {
		b->level = level;
		b->at = now;
	}
	return RC_OK;
}

static enum rc
bucket_write(struct ctx *cx, struct db *db, const struct bucket *b)
{
	return db_run(
	    cx, db, NULL, Q_BUCKET_PUT, "siii", b->name, b->level, b->at, b->blocked_until);
}

/* The project's and the account's: at the provider, so whoever reads with it here. */
static enum rc
buckets(struct ctx *cx, struct db *db, enum quota q, const char *owner, const char *account_id,
    struct bucket b[2])
{
	struct arena *a = cx->a;
	const char *whose = account_id;
	bool found;

	TRY(db_row(cx, db, &found, Q_QUOTA_SUBJECT, "ss", owner, account_id));
	if (found)
		whose = db_dup(a, db, Q_QUOTA_SUBJECT, 0);
	db_reset(db, Q_QUOTA_SUBJECT);
	b[0] = (struct bucket){ .name = arena_printf(a, "%s|project", quota_name(q)),
		.per_minute = quota_limit(q, false) };
	b[1] = (struct bucket){ .name = arena_printf(a, "%s|%s", quota_name(q), whose),
		.per_minute = quota_limit(q, true) };
	return RC_OK;
}

/* A call that was made, or one that was refused. */
static enum rc
quota_count(struct ctx *cx, struct db *db, const char *owner, const char *account_id, enum quota q,
    bool refused)
{
	return db_run(cx, db, NULL, Q_QUOTA_COUNT, "sssiii", owner, account_id, quota_name(q),
	    clock_ms() / HOUR_MS * HOUR_MS, (int64_t)!refused, (int64_t)refused);
}

struct take_args {
	const struct quota_payer *payer;
	enum quota q;
	int64_t patience_ms;
	int64_t *wait_ms;
};

/* How long the provider has asked for, as far as that counts for who comes. */
static int64_t
take_shut(const struct take_args *w, const struct bucket *b, int64_t now)
{
	const int64_t wait = b->blocked_until - now;

	return w->payer->asked && wait > w->patience_ms ? 0 : wait;
}

static enum rc
take_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct take_args *w = arg;
	int64_t now = clock_ms();
	struct bucket b[2];

	*w->wait_ms = 0;
	TRY(buckets(cx, db, w->q, w->payer->owner, w->payer->account_id, b));
	for (int i = 0; i < 2; i++) {
		int64_t wait, shut;

		TRY(bucket_read(cx, db, now, &b[i]));
		wait = quota_wait(b[i].level, b[i].per_minute);
		shut = take_shut(w, &b[i], now);
		if (shut > wait)
			wait = shut;
		if (wait > *w->wait_ms)
			*w->wait_ms = wait;
		/* Nothing flows in until its time is put right. */
		if (wait && b[i].mended)
			TRY(bucket_write(cx, db, &b[i]));
	}
	if (*w->wait_ms > w->patience_ms)
		return RC_OK;
	for (int i = 0; i < 2; i++) {
		b[i].level -= CALL;
		TRY(bucket_write(cx, db, &b[i]));
	}
	return quota_count(cx, db, w->payer->owner, w->payer->account_id, w->q, false);
}

enum rc
quota_take(struct ctx *cx, struct db *db, const struct quota_payer *payer, enum quota q,
    int64_t patience_ms, int64_t *wait_ms)
{
	*wait_ms = 0;
	struct take_args w = {
		.payer = payer,
		.q = q,
		.patience_ms = patience_ms < FILLED_MS ? patience_ms : FILLED_MS,
		.wait_ms = wait_ms,
	};

	return db_write_hasty(cx, db, take_write, &w);
}

enum rc
quota_shut(struct ctx *cx, struct db *db, const struct quota_payer *payer, enum quota q, bool *shut)
{
	const int64_t now = clock_ms();
	struct bucket b[2];

	*shut = false;
	TRY(buckets(cx, db, q, payer->owner, payer->account_id, b));
	for (int i = 0; i < 2; i++) {
		TRY(bucket_read(cx, db, now, &b[i]));
		*shut = *shut || b[i].blocked_until > now;
	}
	return RC_OK;
}

struct refused_args {
	const char *owner;
	const char *account_id;
	enum quota q;
	int64_t wait_ms;
};

static enum rc
refused_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct refused_args *w = arg;
	int64_t now = clock_ms();
	int64_t until = now + (w->wait_ms < BLOCKED_MAX_MS ? w->wait_ms : BLOCKED_MAX_MS);
	struct bucket b[2];

	/* Which of the two was meant is not said reliably; the account's is the one that runs
	 * dry first. */
	TRY(buckets(cx, db, w->q, w->owner, w->account_id, b));
	TRY(bucket_read(cx, db, now, &b[1]));
	if (b[1].level > 0)
		b[1].level = 0;
	if (until > b[1].blocked_until)
		b[1].blocked_until = until;
	TRY(bucket_write(cx, db, &b[1]));
	return quota_count(cx, db, w->owner, w->account_id, w->q, true);
}

enum rc
quota_refused(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    enum quota q, int64_t wait_ms)
{
	struct refused_args w = {
		.owner = owner,
		.account_id = account_id,
		.q = q,
		.wait_ms = wait_ms,
	};

	return db_write(cx, db, refused_write, &w);
}

enum rc
quota_used(struct ctx *cx, struct db *db, const char *owner, int64_t since, struct quota_use **out,
    size_t *n)
{
	*out = arena_array(cx->a, USED_MAX, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, Q_QUOTA_USED, "si", owner, since));
	while (*n < USED_MAX && db_next(db, Q_QUOTA_USED))
		(*out)[(*n)++] = (struct quota_use){
			.account_id = db_dup(cx->a, db, Q_QUOTA_USED, C_QUOTA_USED_ACCOUNT_ID),
			.quota = db_dup(cx->a, db, Q_QUOTA_USED, C_QUOTA_USED_QUOTA),
			.calls = db_num(db, Q_QUOTA_USED, C_QUOTA_USED_CALLS),
			.refused = db_num(db, Q_QUOTA_USED, C_QUOTA_USED_REFUSED),
		};
	return db_done(cx, db, Q_QUOTA_USED);
}

/* The limit of a quota by its name; 0: there is none of that name any more. */
static int64_t
limit_named(const char *name)
{
	for (int q = 0; q < QUOTA__MAX; q++)
		if (!strcmp(quota_name((enum quota)q), name))
			return quota_limit((enum quota)q, true);
	return 0;
}

enum rc
quota_peaks(struct ctx *cx, struct db *db, const char *owner, const char *account_id, int64_t since,
    struct quota_peak_list *out)
{
	struct quota_peak *v = arena_array(cx->a, QUOTA_DAYS + 1, sizeof *v);

	*out = (struct quota_peak_list){ .v = v };
	TRY(db_query(cx, db, Q_QUOTA_PEAKS, "sis", owner, since, account_id));
	/* A row for each quota: the fullest one counts. */
	while (db_next(db, Q_QUOTA_PEAKS)) {
		int64_t day = db_num(db, Q_QUOTA_PEAKS, C_QUOTA_PEAK_DAY);
		int64_t hourly = 60 * limit_named(db_text(db, Q_QUOTA_PEAKS, C_QUOTA_PEAK_QUOTA));
		int64_t percent = hourly
		    ? (db_num(db, Q_QUOTA_PEAKS, C_QUOTA_PEAK_CALLS) * 100 + hourly - 1) / hourly
		    : 0;
		if (out->n && v[out->n - 1].day == day) {
			if (percent > v[out->n - 1].percent)
				v[out->n - 1].percent = percent;
		} else if (out->n <= QUOTA_DAYS)
			v[out->n++] = (struct quota_peak){ day, percent };
	}
	return db_done(cx, db, Q_QUOTA_PEAKS);
}

enum rc
quota_sweep(struct ctx *cx, struct db *db, int64_t before)
{
	TRY(db_run(cx, db, NULL, Q_BUCKET_SWEEP, "i", before));
	return db_run(cx, db, NULL, Q_QUOTA_SWEEP, "i", before);
}
