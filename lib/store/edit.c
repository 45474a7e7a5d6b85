/*
 * edit.c - see edit.h.
 */
#include "base/clock.h"
#include "store/change.h"
#include "store/edit.h"

/* The record as it is found under the write lock, and when. The time is read once: by it a record
 * that was made here and its first change are known to be one. */
struct edited {
	int64_t now;
	bool found;
	int64_t seq, rev, origin;
	bool deleted;
	const char *payload; /* also of one that is deleted */
};

static enum rc
edit_find(struct ctx *cx, struct db *db, const struct record_edit *e, struct edited *row)
{
	const enum sql q = Q_EDIT_ROW;

	*row = (struct edited){ .now = clock_ms() };
	TRY(db_row(cx, db, &row->found, q, "is", e->dataset->no, e->key));
	if (row->found) {
		row->seq = db_num(db, q, C_EDIT_ROW_SEQ);
		row->rev = db_num(db, q, C_EDIT_ROW_REV);
		row->origin = db_num(db, q, C_EDIT_ROW_ORIGIN);
		row->deleted = !db_null(db, q, C_EDIT_ROW_DELETED);
		row->payload = db_dup(cx->a, db, q, C_EDIT_ROW_PAYLOAD);
	}
	db_reset(db, q);
	return RC_OK;
}

static bool
edit_is_needed(const struct record_edit *e, const struct edited *row)
{
	if (!row->found || row->deleted)
		return e->payload.p != NULL;
	return !e->payload.p || !str_eq(str_c(row->payload), e->payload);
}

/* With it, what the dataset has of rows and bytes then. */
static enum rc
edit_take_seq(struct ctx *cx, struct db *db, const char *owner, struct record_edit *e,
    const struct edited *row)
{
	const bool is = e->payload.p != NULL, was = row->found && !row->deleted;
	const int64_t key = (int64_t)strlen(e->key);
	int64_t bytes = 0;
	bool found;

	if (is)
		bytes += key + (int64_t)e->payload.n;
	if (was)
		bytes -= key + (int64_t)strlen(row->payload);
	TRY(db_row(cx, db, &found, Q_EDIT_SEQ, "isii", e->dataset->no, owner,
	    (int64_t)is - (int64_t)was, bytes));
	e->seq = (e->dataset->no << SEQ_SHIFT) + db_num(db, Q_EDIT_SEQ, 0);
	db_reset(db, Q_EDIT_SEQ);
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such dataset.");
}

/* The first edit since a run wrote it: what the run left is what the source said last. A later one
 * says anew whether it gives way. */
static enum rc
edit_base(struct ctx *cx, struct db *db, const char *owner, const struct record_edit *e,
    const struct edited *row)
{
	const char *conn = e->dataset->connection_id;
	struct link l = {
		.owner = owner,
		.connection_id = conn,
		.object = { OBJECT_RECORD, e->dataset->no, e->key },
		.state = LINK_SKIPPED,
		.created_at = row->now,
	};
	struct link have;

	TRY(link_of(cx, db, owner, conn, &l.object, &have));
	if (row->origin && (!have.id || link_yields(have.error_code) == e->yields))
		return RC_OK;
	if (have.id)
		l = have;
	if (!row->origin)
		l.base = row->found && !row->deleted ? row->payload : NULL;
	l.error_code = e->yields ? LINK_YIELDS : NULL;
	l.updated_at = row->now;
	return have.id ? link_save(cx, db, &l) : link_insert(cx, db, &l);
}

static enum rc
edit_write(struct ctx *cx, struct db *db, const struct record_edit *e, const struct edited *row,
    int action)
{
	struct str payload = e->payload.p ? e->payload : str_c(row->payload);
	int64_t changed;

	if (!row->found)
		TRY(db_run(cx, db, &changed, Q_EDIT_ADD, "iisSi", e->seq, e->dataset->no, e->key,
		    payload, row->now));
	else
		TRY(db_run(cx, db, &changed, Q_EDIT_CHANGE, "iiiSiiii", row->seq, row->rev, e->seq,
		    payload, row->now, e->payload.p ? INT64_C(0) : row->now, (int64_t)action,
		    row->origin ? row->origin : row->seq));
	return changed == 1 ? RC_OK : fail(cx, E_BUG, "A record moved while it was written.");
}

enum rc
record_edit(struct ctx *cx, struct db *db, const char *owner, struct record_edit *e)
{
	struct edited row;
	bool was, is = e->payload.p != NULL;
	int action;

	TRY(edit_find(cx, db, e, &row));
	e->seq = 0;
	was = row.found && !row.deleted;
	if (!is && !was)
		return fail(cx, E_NOT_FOUND, "There is no record with this key.");
	if (!edit_is_needed(e, &row))
		return RC_OK;
	action = is ? CHANGE_UPDATED : CHANGE_DELETED;
	if (!was)
		action = CHANGE_ADDED;
	TRY(edit_take_seq(cx, db, owner, e, &row));
	TRY(edit_base(cx, db, owner, e, &row));
	TRY(edit_write(cx, db, e, &row, action));
	return change_insert(cx, db,
	    &(struct change){
		.owner = owner,
		.object = { OBJECT_RECORD, e->dataset->no, e->key },
		.at = row.now,
		.action = (enum change_action)action,
		.side = SIDE_HERE,
		.sync_no = e->sync_no,
		.actor = e->actor,
		.connection_id = e->dataset->connection_id,
		.reason = e->reason,
		.before = row.payload,
	    });
}

enum rc
record_edit_over(struct ctx *cx, struct db *db, const struct link *l)
{
	TRY(db_run(cx, db, NULL, Q_EDIT_OVER, "is", l->object.dataset_no, l->object.key));
	return link_delete(cx, db, l);
}
