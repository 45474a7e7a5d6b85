/*
 * api_undo.c - what a sync has changed, over HTTP; taking it back, or one record; and what that
 * would do.
 */
#include "app/undo.h"
#include "conn/touched.h"
#include "conn/undo_model.h"

enum rc
api_sync_undo(struct req *r, struct resp *w)
{
	const char *id;
	enum rc rc = undo_sync(r->cx, r->db, auth_caller(r), r->path_param[0], &id);

	return model_undoing(r, w, rc, id);
}

enum rc
api_record_undo(struct req *r, struct resp *w)
{
	const char *id;
	enum rc rc = undo_one_record(
	    r->cx, r->db, auth_caller(r), r->path_param[0], r->path_param[1], &id);

	return model_undoing(r, w, rc, id);
}

enum rc
api_sync_changes(struct req *r, struct resp *w)
{
	struct touched t;
	struct run run;
	int64_t limit;

	TRY(req_limit(r, &limit));
	TRY(run_get(r->cx, r->db, r->who.user_id, r->path_param[0], &run));
	TRY(touched(r, &run, req_query(r, "cursor"), limit, &t));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, t.data, t.next));
	return RC_OK;
}

enum rc
api_sync_undo_look(struct req *r, struct resp *w)
{
	json *o;

	TRY(undo_model(r, r->path_param[0], &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
