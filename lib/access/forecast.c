/*
 * forecast.c - see forecast.h.
 */
#include "access/forecast.h"

#include "base/vec.h"

enum { MILLI = 1000, INTERVAL_MAX = 576000, KINDS_MAX = 64 };

int64_t
forecast_calls(int64_t calls, int64_t per, int64_t cells)
{
	if (per <= 0)
		return calls;
	return calls + (cells > per ? (cells + per - 1) / per : 1);
}

int64_t
forecast_rate(int64_t calls, int64_t interval_minutes)
{
	return interval_minutes > 0 ? (calls * MILLI + interval_minutes - 1) / interval_minutes : 0;
}

int64_t
forecast_percent(int64_t rate, int64_t limit)
{
	return limit > 0 ? (rate + limit * 10 - 1) / (limit * 10) : 0;
}

int64_t
forecast_shortest(int64_t calls, int64_t others, int64_t limit)
{
	int64_t left = limit * MILLI - others, minutes;

	if (left <= 0)
		return 0;
	minutes = (calls * MILLI + left - 1) / left;
	if (minutes < 1)
		return 1;
	return minutes <= INTERVAL_MAX ? minutes : 0;
}

enum rc
forecast_reads(
    struct ctx *cx, struct db *db, const char *owner, struct forecast_read **out, size_t *n)
{
	struct forecast_read *v = NULL, *last = NULL;
	size_t cap = 0;

	*n = 0;
	TRY(db_query(cx, db, Q_PLAN_READS, "s", owner));
	while (db_next(db, Q_PLAN_READS)) {
		/* One row for each dataset. */
		if (!last || strcmp(last->conn_id, db_text(db, Q_PLAN_READS, C_PLAN_READS_ID))) {
			VEC_HOLD(cx->a, v, cap, *n + 1, VEC_ROWS_MAX);
			last = &v[(*n)++];
			*last = (struct forecast_read){
				.conn_id = db_dup(cx->a, db, Q_PLAN_READS, C_PLAN_READS_ID),
				.account_id = db_dup(
				    cx->a, db, Q_PLAN_READS, C_PLAN_READS_ACCOUNT_ID),
				.provider = db_dup(cx->a, db, Q_PLAN_READS, C_PLAN_READS_PROVIDER),
				.enabled = db_flag(db, Q_PLAN_READS, C_PLAN_READS_ENABLED),
				.interval_minutes = db_num(
				    db, Q_PLAN_READS, C_PLAN_READS_INTERVAL_MINUTES),
			};
		}
		last->cells += db_num(db, Q_PLAN_READS, C_PLAN_READS_ROWS) *
		    (int64_t)json_len(
			json_stored(cx->a, db_text(db, Q_PLAN_READS, C_PLAN_READS_COLUMNS)));
	}
	*out = v;
	return db_done(cx, db, Q_PLAN_READS);
}

/* The rows of a list of sums. */
static enum rc
forecast_sums(struct ctx *cx, struct db *db, enum sql q, struct forecast_sum **out, size_t *n)
{
	*out = arena_array(cx->a, KINDS_MAX, sizeof **out);
	*n = 0;
	while (*n < KINDS_MAX && db_next(db, q))
		(*out)[(*n)++] = (struct forecast_sum){ db_dup(
							    cx->a, db, q, C_PLAN_PROJECT_PROVIDER),
			db_num(db, q, C_PLAN_PROJECT_SUM) };
	return db_done(cx, db, q);
}

enum rc
forecast_shared(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    struct forecast_sum **out, size_t *n)
{
	TRY(db_query(cx, db, Q_PLAN_SHARED, "ss", owner, account_id));
	return forecast_sums(cx, db, Q_PLAN_SHARED, out, n);
}

enum rc
forecast_project(struct ctx *cx, struct db *db, struct forecast_sum **out, size_t *n)
{
	TRY(db_query(cx, db, Q_PLAN_PROJECT, ""));
	return forecast_sums(cx, db, Q_PLAN_PROJECT, out, n);
}
