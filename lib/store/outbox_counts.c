/*
 * outbox_counts.c - see outbox.h: how much there is.
 */
#include "store/outbox.h"

enum rc
outbox_print(struct ctx *cx, struct db *db, const char *owner, int64_t *print)
{
	enum { SPREAD = 1000003 };
	uint64_t sum = 0;

	TRY(db_query(cx, db, Q_OUTBOX_OPEN, "s", owner));
	while (db_next(db, Q_OUTBOX_OPEN))
		sum = (sum + (uint64_t)db_num(db, Q_OUTBOX_OPEN, C_OUTBOX_OPEN_N)) * SPREAD +
		    (uint64_t)*db_text(db, Q_OUTBOX_OPEN, C_OUTBOX_OPEN_STATE);
	*print = (int64_t)sum;
	return db_done(cx, db, Q_OUTBOX_OPEN);
}

/* What is held and was answered: how much is to be sent, and the first of it; how much is not. */
struct outbox_ruled {
	struct outbox_count sends;
	int64_t keeps;
};

static enum rc
outbox_ruled(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct outbox_ruled *out)
{
	const enum sql q = Q_OUTBOX_RULED;
	bool found;

	*out = (struct outbox_ruled){ .sends = { .state = OUTBOX_WAITING } };
	TRY(db_row(cx, db, &found, q, "ss", owner, conn_id));
	if (found) {
		out->keeps = db_num(db, q, C_OUTBOX_RULED_KEEPS);
		out->sends.n = db_num(db, q, C_OUTBOX_RULED_SENDS);
		out->sends.first = db_dup(cx->a, db, q, C_OUTBOX_RULED_FIRST);
	}
	db_reset(db, q);
	return RC_OK;
}

static void
outbox_count_more(struct outbox_count *out, size_t *n, const struct outbox_count *more)
{
	size_t i = 0;

	while (i < *n && strcmp(out[i].state, more->state))
		i++;
	if (i == OUTBOX_STATES)
		return;
	if (i == *n) {
		out[(*n)++] = *more;
		return;
	}
	out[i].n += more->n;
	if (more->first && strcmp(more->first, out[i].first) < 0)
		out[i].first = more->first;
}

enum rc
outbox_counts(struct ctx *cx, struct db *db, const char *owner,
    struct outbox_count out[OUTBOX_STATES], size_t *n)
{
	enum sql q = Q_OUTBOX_COUNTS;
	struct outbox_ruled ruled;

	*n = 0;
	TRY(db_query(cx, db, q, "s", owner));
	for (; *n < OUTBOX_STATES && db_next(db, q); (*n)++) {
		out[*n].state = db_dup(cx->a, db, q, C_OUTBOX_COUNT_STATE);
		out[*n].n = db_num(db, q, C_OUTBOX_COUNT_N);
		out[*n].first = db_dup(cx->a, db, q, C_OUTBOX_COUNT_FIRST);
	}
	TRY(db_done(cx, db, q));
	TRY(outbox_ruled(cx, db, owner, NULL, &ruled));
	if (ruled.keeps + ruled.sends.n)
		outbox_count_more(out, n,
		    &(struct outbox_count){ OUTBOX_HELD, -ruled.keeps - ruled.sends.n, NULL });
	if (ruled.sends.n)
		outbox_count_more(out, n, &ruled.sends);
	return RC_OK;
}

enum rc
outbox_standing(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    struct outbox_standing *out)
{
	enum sql q = Q_OUTBOX_STATES;
	struct outbox_ruled ruled;

	*out = (struct outbox_standing){ 0 };
	TRY(db_query(cx, db, q, "ss", conn_id, owner));
	while (db_next(db, q)) {
		const char *state = db_text(db, q, C_OUTBOX_STATE_STATE);
		int64_t n = db_num(db, q, C_OUTBOX_STATE_N);

		if (!strcmp(state, OUTBOX_HELD))
			out->held = n;
		else if (!strcmp(state, OUTBOX_FAILED))
			out->failed = n;
		else
			out->waiting += n;
	}
	TRY(db_done(cx, db, q));
	TRY(outbox_ruled(cx, db, owner, conn_id, &ruled));
	out->held -= ruled.keeps + ruled.sends.n;
	out->waiting += ruled.sends.n;
	return RC_OK;
}
