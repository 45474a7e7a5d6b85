/*
 * data.c - see data.h. Records carry no owner: they are read through their dataset,
 * whose row is checked in the same statement.
 */
#include "base/clamp.h"
#include "base/clock.h"
#include "base/vec.h"
#include "store/change.h"
#include "store/conn.h"
#include "store/data.h"

enum { RECORD_PAGE_MAX = 10000 };

const char *
record_action_name(int action)
{
	static const char *const names[] = { "ADDED", "UPDATED", "DELETED" };

	return action >= 0 && action < 3 ? names[action] : names[1];
}

json *
dataset_reading_shown(json *reading)
{
	json_unset(reading, "address");
	json_unset(reading, "unreachable");
	return reading;
}

static void
dataset_read(struct ctx *cx, struct db *db, enum sql q, struct dataset *d)
{
	struct arena *a = cx->a;

	d->no = db_num(db, q, C_DATASET_NO);
	d->id = db_dup(a, db, q, C_DATASET_ID);
	d->connection_id = db_dup(a, db, q, C_DATASET_CONNECTION_ID);
	d->owner = db_dup(a, db, q, C_DATASET_OWNER);
	d->remote_id = db_dup(a, db, q, C_DATASET_REMOTE_ID);
	d->name = db_dup(a, db, q, C_DATASET_NAME);
	d->columns = db_dup(a, db, q, C_DATASET_COLUMNS);
	d->key_rule = db_dup(a, db, q, C_DATASET_KEY_RULE);
	d->view_name = db_dup(a, db, q, C_DATASET_VIEW_NAME);
	d->rows = db_num(db, q, C_DATASET_ROWS);
	d->next_seq = db_num(db, q, C_DATASET_NEXT_SEQ);
	d->as_of = db_num(db, q, C_DATASET_AS_OF);
	d->created_at = db_num(db, q, C_DATASET_CREATED_AT);
	d->reading = db_dup(a, db, q, C_DATASET_READING);
	d->replaced = db_num(db, q, C_DATASET_REPLACED);
	d->repeats = db_flag(db, q, C_DATASET_REPEATS);
	d->pruned = db_num(db, q, C_DATASET_PRUNED);
	d->pruned_at = db_num(db, q, C_DATASET_PRUNED_AT);
	d->bytes = db_num(db, q, C_DATASET_BYTES);
}

/* What was cleared and not read again yet. */
static enum rc
dataset_empty(struct ctx *cx, struct db *db, const char *owner, const char *id, struct dataset *out)
{
	const enum sql q = Q_DATASET_EMPTY;
	bool found;

	TRY(db_row(cx, db, &found, q, "ss", id, owner));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such dataset.");
	*out = (struct dataset){
		.no = db_num(db, q, C_DATASET_EMPTY_NO),
		.id = db_dup(cx->a, db, q, C_DATASET_EMPTY_ID),
		.connection_id = db_dup(cx->a, db, q, C_DATASET_EMPTY_CONNECTION_ID),
		.owner = db_dup(cx->a, db, q, C_DATASET_EMPTY_OWNER),
		.remote_id = db_dup(cx->a, db, q, C_DATASET_EMPTY_REMOTE_ID),
		.name = db_dup(cx->a, db, q, C_DATASET_EMPTY_NAME),
		.columns = "[]",
		.key_rule = "{}",
		.reading = "{}",
		.next_seq = 1,
	};
	db_reset(db, q);
	return RC_OK;
}

enum rc
dataset_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct dataset *out)
{
	bool found;

	*out = (struct dataset){ 0 };
	TRY(db_row(cx, db, &found, Q_DATASET_GET, "ss", id, owner));
	if (!found)
		return dataset_empty(cx, db, owner, id, out);
	dataset_read(cx, db, Q_DATASET_GET, out);
	db_reset(db, Q_DATASET_GET);
	return RC_OK;
}

enum rc
dataset_list(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct dataset_list *out)
{
	size_t cap = 0;

	*out = (struct dataset_list){ 0 };
	TRY(db_query(cx, db, Q_DATASET_LIST, "ss", owner, conn_id));
	while (db_next(db, Q_DATASET_LIST)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		dataset_read(cx, db, Q_DATASET_LIST, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_DATASET_LIST);
}

enum rc
dataset_number(struct ctx *cx, struct db *db, int64_t *no)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_DATASET_NUMBER, ""));
	*no = db_num(db, Q_DATASET_NUMBER, 0);
	db_reset(db, Q_DATASET_NUMBER);
	return RC_OK;
}

static void
record_read(struct ctx *cx, struct db *db, enum sql q, struct record *r)
{
	struct str payload = db_str(db, q, C_RECORD_PAYLOAD);

	r->seq = db_num(db, q, C_RECORD_SEQ);
	r->key = db_dup(cx->a, db, q, C_RECORD_KEY);
	r->payload = (struct str){ arena_dup_str(cx->a, payload), payload.n };
	r->first_seen = db_num(db, q, C_RECORD_FIRST_SEEN);
	r->changed = db_num(db, q, C_RECORD_CHANGED);
	r->deleted = db_num(db, q, C_RECORD_DELETED);
	r->action = (int)db_num(db, q, C_RECORD_ACTION);
	r->sync_no = db_num(db, q, C_RECORD_SYNC_NO);
	r->rev = db_num(db, q, C_RECORD_REV);
	r->first_sync = db_null(db, q, C_RECORD_FIRST_SYNC) ? -1
							    : db_num(db, q, C_RECORD_FIRST_SYNC);
}

/*
 * Records lie in order of change, so the first one changed at or after `since` is found by halving.
 * A clock that was set back breaks the order by as much as it was set back: the search starts a day
 * earlier, and every record is compared exactly afterwards. Up to the highest time that a clock has
 * shown before it was set back by more (the tick notes it), all are looked at.
 */
static enum rc
seek_since(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d, int64_t since,
    int64_t *after)
{
	int64_t lo = *after + 1, hi = (d->no << SEQ_SHIFT) + d->next_seq, end = hi, high = 0;
	bool set_back;

	TRY(db_row(cx, db, &set_back, Q_META_GET, "s", "clock_high"));
	if (set_back)
		(void)str_i64(db_str(db, Q_META_GET, 0), 0, INT64_MAX, &high);
	db_reset(db, Q_META_GET);
	if (since <= high)
		return RC_OK;
	since -= DAY_MS;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		bool found, early;

		TRY(db_row(cx, db, &found, Q_RECORD_PROBE, "isii", d->no, owner, mid, end));
		early = found && db_num(db, Q_RECORD_PROBE, 0) < since;
		db_reset(db, Q_RECORD_PROBE);
		if (early)
			lo = mid + 1;
		else
			hi = mid;
	}
	*after = lo - 1;
	return RC_OK;
}

enum rc
record_page(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const struct record_page *p, struct record_list *out)
{
	const int64_t first = d->no << SEQ_SHIFT, end = (d->no + 1) << SEQ_SHIFT;
	const int64_t limit = clamp(p->limit, 1, RECORD_PAGE_MAX);
	int64_t after = p->after, left = p->bytes ? p->bytes : RECORD_BYTES;

	if (after != 0 && (after < first || after >= end))
		return fail_input(cx, "cursor", "The cursor is not one that this list has given.");
	*out = (struct record_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	if (after == 0)
		after = first;
	if (p->since > 0 && after == first)
		TRY(seek_since(cx, db, owner, d, p->since, &after));
	TRY(db_query(cx, db, Q_RECORD_PAGE, "isiiiii", d->no, owner, after, end, p->since,
	    (int64_t)p->deleted_too, limit + 1));
	while (db_next(db, Q_RECORD_PAGE)) {
		left -= p->each + (int64_t)db_str(db, Q_RECORD_PAGE, C_RECORD_PAYLOAD).n;
		if (out->n == (size_t)limit || (out->n > 0 && left < 0)) {
			out->next = out->v[out->n - 1].seq;
			break;
		}
		record_read(cx, db, Q_RECORD_PAGE, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_RECORD_PAGE);
}

enum rc
record_get(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const char *key, struct record *out)
{
	bool found;

	*out = (struct record){ 0 };
	TRY(db_row(cx, db, &found, Q_RECORD_GET, "iss", d->no, owner, key));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no record with this key.");
	record_read(cx, db, Q_RECORD_GET, out);
	db_reset(db, Q_RECORD_GET);
	return RC_OK;
}

/* Of records that are older than the writing down of it: only runs wrote then, and only one run of
 * a connection is active at a time, so the time tells. */
static enum rc
first_run(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const struct record *r, struct record_change *out)
{
	enum sql q = r->first_sync < 0 ? Q_RECORD_RUN_AT : Q_RECORD_RUN;
	bool found;

	*out = (struct record_change){ .at = r->first_seen };
	if (r->first_sync < 0)
		TRY(db_row(cx, db, &found, q, "ssi", d->connection_id, owner, r->first_seen));
	else
		TRY(db_row(cx, db, &found, q, "is", r->first_sync, owner));
	if (found) {
		out->sync_id = db_dup(cx->a, db, q, C_RECORD_RUN_ID);
		out->trigger = db_dup(cx->a, db, q, C_RECORD_RUN_TRIGGER);
	}
	db_reset(db, q);
	return RC_OK;
}

static void
history_read(struct arena *a, struct db *db, enum sql q, struct record_change *c)
{
	*c = (struct record_change){
		.no = db_num(db, q, C_RECORD_CHANGE_NO),
		.at = db_num(db, q, C_RECORD_CHANGE_AT),
		.action = (int)db_num(db, q, C_RECORD_CHANGE_ACTION),
		.sync_id = db_dup(a, db, q, C_RECORD_CHANGE_SYNC_ID),
		.trigger = db_dup(a, db, q, C_RECORD_CHANGE_TRIGGER),
		.actor = db_dup(a, db, q, C_RECORD_CHANGE_ACTOR),
		.reason = db_dup(a, db, q, C_RECORD_CHANGE_REASON),
		.before = db_dup(a, db, q, C_RECORD_CHANGE_BEFORE),
		.there = str_is(db_str(db, q, C_RECORD_CHANGE_SIDE), SIDE_THERE),
	};
}

/* Is the appearance of a record that was made here among its changes? */
static bool
appearance_told(const struct record *r, const struct record_change *oldest)
{
	return r->first_sync == 0 && oldest->action == 0 && oldest->at == r->first_seen;
}

/* The changes of one page, newest first. */
static enum rc
history_changes(struct ctx *cx, struct db *db, const struct history_page *p, enum sql q,
    struct record_changes *out)
{
	int64_t left = p->bytes ? p->bytes : HISTORY_BYTES;
	size_t cap = 0, limit = (size_t)clamp(p->limit ? p->limit : HISTORY_MAX, 1, HISTORY_MAX);

	/* The one that the page before ended with tells what the record was behind these. */
	if (p->from && db_next(db, q))
		out->after = db_dup(cx->a, db, q, C_RECORD_CHANGE_BEFORE);
	while (db_next(db, q)) {
		left -= (int64_t)db_str(db, q, C_RECORD_CHANGE_BEFORE).n;
		if (out->n == limit || (out->n > 0 && left < 0)) {
			out->next = out->v[out->n - 1].no;
			break;
		}
		VEC_HOLD(cx->a, out->v, cap, out->n + 2, HISTORY_MAX + 1);
		history_read(cx->a, db, q, &out->v[out->n++]);
	}
	return db_done(cx, db, q);
}

/* Says so where the oldest changes have gone: behind the appearance. */
static enum rc
history_whole(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const struct record *rec, struct record_change *first)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RECORD_TIMES, "iss", d->no, owner, rec->key));
	if (found && db_num(db, Q_RECORD_TIMES, 0) < rec->rev - 1)
		first->reason = "What was changed between this and the next is not kept any more.";
	db_reset(db, Q_RECORD_TIMES);
	return RC_OK;
}

/* What the record was behind a change that does not say what was before it. */
static enum rc
history_behind(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const struct history_page *p, const char **after)
{
	const enum sql q = Q_RECORD_BEHIND;
	bool found;

	TRY(db_row(cx, db, &found, q, "issi", d->no, owner, p->key, p->from));
	if (found)
		*after = db_dup(cx->a, db, q, C_RECORD_BEHIND_BEFORE);
	db_reset(db, q);
	return RC_OK;
}

enum rc
record_history(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d,
    const struct history_page *p, struct record_changes *out)
{
	const enum sql q = Q_RECORD_CHANGES;
	struct record rec;
	size_t cap = 0;

	*out = (struct record_changes){ 0 };
	TRY(record_get(cx, db, owner, d, p->key, &rec));
	TRY(db_query(cx, db, q, "issii", d->no, owner, p->key, p->from ? p->from : INT64_MAX,
	    (int64_t)HISTORY_MAX + 2));
	TRY(history_changes(cx, db, p, q, out));
	if (!out->after && p->from)
		TRY(history_behind(cx, db, owner, d, p, &out->after));
	if (!out->after)
		out->after = rec.payload.p;
	if (out->next || (out->n && appearance_told(&rec, &out->v[out->n - 1])))
		return RC_OK;
	if (!out->n)
		VEC_HOLD(cx->a, out->v, cap, 1, HISTORY_MAX + 1);
	TRY(first_run(cx, db, owner, d, &rec, &out->v[out->n]));
	return history_whole(cx, db, owner, d, &rec, &out->v[out->n++]);
}
