/*
 * undo.c - see undo.h.
 */
#include "store/undo.h"

enum rc
undo_since(struct ctx *cx, struct db *db, const char *owner, const struct object *o, int64_t after,
    struct undo_steps *out)
{
	const enum sql q = Q_UNDO_SINCE;

	*out = (struct undo_steps){ .v = arena_array(cx->a, UNDO_STEPS, sizeof *out->v) };
	TRY(db_query(cx, db, q, "sisisi", o->kind, o->dataset_no, o->key, after, owner,
	    (int64_t)UNDO_STEPS));
	while (out->n < UNDO_STEPS && db_next(db, q))
		out->v[out->n++] = (struct undo_step){
			.no = db_num(db, q, C_UNDO_SINCE_NO),
			.sync_no = db_num(db, q, C_UNDO_SINCE_SYNC_NO),
			.actor = db_dup(cx->a, db, q, C_UNDO_SINCE_ACTOR),
			.sync_id = db_dup(cx->a, db, q, C_UNDO_SINCE_SYNC_ID),
			.undoes = db_dup(cx->a, db, q, C_UNDO_SINCE_UNDOES),
		};
	return db_done(cx, db, q);
}

enum rc
undo_added(struct ctx *cx, struct db *db, const struct undo_added_page *p, struct undo_added **v,
    size_t *n)
{
	const enum sql q = Q_UNDO_ADDED;

	*v = arena_array(cx->a, (size_t)p->limit, sizeof **v);
	*n = 0;
	TRY(db_query(cx, db, q, "iiii", p->from, p->until, p->sync_no, p->limit));
	while (*n < (size_t)p->limit && db_next(db, q))
		(*v)[(*n)++] = (struct undo_added){
			.seq = db_num(db, q, C_UNDO_ADDED_SEQ),
			.key = db_dup(cx->a, db, q, C_UNDO_ADDED_KEY),
		};
	return db_done(cx, db, q);
}

enum rc
undo_by(struct ctx *cx, struct db *db, const char *owner, const char *sync_id, const char **id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_UNDO_BY, "ss", sync_id, owner));
	*id = found ? db_dup(cx->a, db, Q_UNDO_BY, C_UNDO_BY_ID) : NULL;
	db_reset(db, Q_UNDO_BY);
	return RC_OK;
}
