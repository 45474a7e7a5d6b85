/*
 * api_conflicts.c - conflicts over HTTP: edits of both sides that could not both stand, and what a
 * person says to those that are open.
 */
#include "app/conflicts.h"
#include "calendar/model.h"

/* Of both states, in one order; each list has more than are shown. */
static struct conflict_list
conflicts_merged(
    struct arena *a, const struct conflict_list *x, const struct conflict_list *y, int64_t limit)
{
	struct conflict_list out = { .v = arena_array(a, (size_t)limit + 1, sizeof *out.v) };
	size_t i = 0, k = 0;

	while (out.n < (size_t)limit && (i < x->n || k < y->n)) {
		bool first = k == y->n || (i < x->n && strcmp(x->v[i].id, y->v[k].id) > 0);

		out.v[out.n++] = first ? x->v[i++] : y->v[k++];
	}
	if (i < x->n || k < y->n || x->next || y->next)
		out.next = out.n ? out.v[out.n - 1].id : NULL;
	return out;
}

static enum rc
conflicts_page(struct req *r, struct conflict_page *page, struct conflict_list *out)
{
	struct conflict_list open, resolved;

	if (page->state || page->object)
		return conflict_page(r->cx, r->db, page, out);
	page->state = CONFLICT_OPEN;
	TRY(conflict_page(r->cx, r->db, page, &open));
	page->state = CONFLICT_RESOLVED;
	TRY(conflict_page(r->cx, r->db, page, &resolved));
	*out = conflicts_merged(r->cx->a, &open, &resolved, page->limit);
	return RC_OK;
}

static size_t
conflict_bytes(const struct conflict *c)
{
	return strlen(c->fields) + strlen(c->kept);
}

enum rc
api_conflicts(struct req *r, struct resp *w)
{
	const struct object event = { .kind = OBJECT_EVENT, .key = req_query(r, "eventId") };
	struct conflict_page page = {
		.owner = r->who.user_id,
		.state = req_query(r, "state"),
		.object = event.key ? &event : NULL,
		.before = req_query(r, "cursor"),
	};
	json *data = json_list(r->cx->a), *o;
	struct conflict_list list;
	int64_t used = 0;
	size_t i = 0;

	TRY(req_limit(r, &page.limit));
	TRY(conflicts_page(r, &page, &list));
	for (; i < list.n && model_room(&used, conflict_bytes(&list.v[i])); i++) {
		if (page.object && page.state && strcmp(list.v[i].state, page.state) != 0)
			continue;
		TRY(model_conflict(r, &list.v[i], &o));
		json_add(data, o);
	}
	if (i < list.n)
		list.next = list.v[i - 1].id;
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, list.next));
	return RC_OK;
}

enum rc
api_conflict(struct req *r, struct resp *w)
{
	struct conflict c;
	json *o;

	TRY(conflict_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(model_conflict(r, &c, &o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_conflict_answer(struct req *r, struct resp *w)
{
	struct conflicts_answered answered;
	json *o;

	TRY(conflicts_answer(r->cx, r->db, auth_caller(r), r->path_param[0], r->body, &answered));
	TRY(model_conflict(r, &answered.row, &o));
	json_set_bool(o, "success", true);
	json_set_i64(o, "alike", answered.alike);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
