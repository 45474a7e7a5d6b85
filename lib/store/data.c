/*
 * data.c - see data.h.
 */
#include "store/data.h"
#include "store/view.h"

enum { CHANGES_MAX = 200 };

const char *
record_action_name(int action)
{
	static const char *const names[] = { "ADDED", "UPDATED", "DELETED" };

	return names[action >= 0 && action < 3 ? action : 0];
}

static void
dataset_read(struct arena *a, struct db *db, enum sql q, struct dataset *d)
{
	*d = (struct dataset){
		.no = db_num(db, q, 0), .id = db_dup(a, db, q, 1), .connection_id = db_dup(a, db, q, 2), .owner = db_dup(a, db, q, 3),
		.remote_id = db_dup(a, db, q, 4), .name = db_dup(a, db, q, 5), .columns = db_dup(a, db, q, 6), .key_rule = db_dup(a, db, q, 7),
		.view_name = db_dup(a, db, q, 8), .rows = db_num(db, q, 9), .next_seq = db_num(db, q, 10), .as_of = db_num(db, q, 11),
		.created_at = db_num(db, q, 12),
	};
}

enum rc
dataset_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct dataset *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_DATASET_GET, "ss", owner, id));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no dataset with this id.");
	dataset_read(cx->a, db, Q_DATASET_GET, out);
	db_reset(db, Q_DATASET_GET);
	return RC_OK;
}

enum rc
dataset_list(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, struct dataset_list *out)
{
	size_t cap = 0;

	*out = (struct dataset_list){ 0 };
	TRY(db_query(cx, db, Q_DATASET_LIST, "ss", owner, conn_id));
	while (db_next(db, Q_DATASET_LIST)) {
		if (out->n == cap) {
			struct dataset *v = arena_array(cx->a, cap = cap ? cap * 2 : 4, sizeof *v);
			if (out->n)
				memcpy(v, out->v, out->n * sizeof *v);
			out->v = v;
		}
		dataset_read(cx->a, db, Q_DATASET_LIST, &out->v[out->n++]);
	}
	return db_done(cx, db, Q_DATASET_LIST);
}

static void
record_read(struct arena *a, struct db *db, enum sql q, struct record *r)
{
	struct str payload = db_str(db, q, 2);

	*r = (struct record){ .seq = db_num(db, q, 0), .key = db_dup(a, db, q, 1), .payload = { arena_dup_str(a, payload), payload.n },
		.first_seen = db_num(db, q, 3), .changed = db_num(db, q, 4), .deleted = db_num(db, q, 5), .action = (int)db_num(db, q, 6),
		.sync_no = db_num(db, q, 7) };
}

enum rc
record_page(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d, int64_t after, int64_t since, bool deleted_too, int64_t limit,
    struct record_list *out)
{
	int64_t first = d->no << SEQ_SHIFT, end = (d->no + 1) << SEQ_SHIFT;

	*out = (struct record_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	if (after < first || after > end)
		after = first;
	TRY(db_query(cx, db, Q_RECORD_PAGE, "siiiiii", owner, after, end, since, (int64_t)deleted_too, d->no, limit + 1));
	while ((int64_t)out->n <= limit && db_next(db, Q_RECORD_PAGE))
		record_read(cx->a, db, Q_RECORD_PAGE, &out->v[out->n++]);
	TRY(db_done(cx, db, Q_RECORD_PAGE));
	if ((int64_t)out->n > limit) {
		out->n--;
		out->next = out->v[out->n - 1].seq;
	}
	return RC_OK;
}

enum rc
record_get(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d, const char *key, struct record *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RECORD_GET, "sis", owner, d->no, key));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no record with this id.");
	record_read(cx->a, db, Q_RECORD_GET, out);
	db_reset(db, Q_RECORD_GET);
	return RC_OK;
}

enum rc
record_history(struct ctx *cx, struct db *db, const char *owner, const struct dataset *d, const char *key, struct change **out, size_t *n)
{
	struct change *v = arena_array(cx->a, CHANGES_MAX + 1, sizeof *v);
	struct record r;
	bool found;

	*n = 0;
	TRY(record_get(cx, db, owner, d, key, &r));
	TRY(db_query(cx, db, Q_RECORD_CHANGES, "sis", owner, d->no, key));
	while (*n < CHANGES_MAX && db_next(db, Q_RECORD_CHANGES))
		v[(*n)++] = (struct change){ db_num(db, Q_RECORD_CHANGES, 0), (int)db_num(db, Q_RECORD_CHANGES, 1), db_dup(cx->a, db, Q_RECORD_CHANGES, 2),
			db_dup(cx->a, db, Q_RECORD_CHANGES, 3), db_dup(cx->a, db, Q_RECORD_CHANGES, 4) };
	TRY(db_done(cx, db, Q_RECORD_CHANGES));
	/* The first appearance has no before-image and no row of its own; while nothing changed since, the record knows its run. */
	v[*n] = (struct change){ .at = r.first_seen, .action = 0 };
	if (*n == 0) {
		TRY(db_row(cx, db, &found, Q_RUN_BY_NO, "si", owner, r.sync_no));
		if (found) {
			v[0].sync_id = db_dup(cx->a, db, Q_RUN_BY_NO, 0);
			v[0].trigger = db_dup(cx->a, db, Q_RUN_BY_NO, 1);
		}
		db_reset(db, Q_RUN_BY_NO);
	}
	(*n)++;
	*out = v;
	return RC_OK;
}

enum rc
data_delete_page(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t limit, bool *more)
{
	struct dataset_list list;
	int64_t changed;

	*more = true;
	TRY(dataset_list(cx, db, owner, conn_id, &list));
	if (list.n == 0) {
		*more = false;
		return RC_OK;
	}
	TRY(db_run(cx, db, &changed, Q_DATA_DELETE_RECORDS, "iii", list.v[0].no << SEQ_SHIFT, (list.v[0].no + 1) << SEQ_SHIFT, limit));
	if (changed)
		return RC_OK;
	TRY(db_run(cx, db, &changed, Q_DATA_DELETE_CHANGES, "ii", list.v[0].no, limit));
	if (changed)
		return RC_OK;
	TRY(view_drop(cx, db, &list.v[0]));
	return db_run(cx, db, NULL, Q_DATASET_DELETE, "si", owner, list.v[0].no);
}
