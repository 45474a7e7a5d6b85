/*
 * touched.c - see touched.h.
 */
#include "conn/touched.h"

#include "conn/undo_model.h"
#include "store/event.h"
#include "store/undo.h"

/* A cursor is the number of a change, or "a" and the seq of a record that it has brought. */
struct touching {
	struct req *r;
	const struct run *run;
	struct dataset_list sets;
	struct touched *out;
};

static const struct dataset *
touched_set(const struct touching *w, int64_t no)
{
	for (size_t i = 0; i < w->sets.n; i++)
		if (w->sets.v[i].no == no)
			return &w->sets.v[i];
	return NULL;
}

/* What an event is called by now, or was. */
static enum rc
touched_event(struct touching *w, const struct change *c, json *o)
{
	struct arena *a = w->r->cx->a;
	const char *title = json_str(json_stored(a, c->before), "title");
	struct event_row e;
	enum rc rc = event_any(w->r->cx, w->r->db, c->owner, c->object.key, &e);

	if (rc != RC_OK && w->r->cx->err.kind != E_NOT_FOUND)
		return rc;
	if (rc == RC_OK && json_str(json_stored(a, e.value), "title"))
		title = json_str(json_stored(a, e.value), "title");
	if (rc == RC_OK)
		json_set_str(o, "href", arena_printf(a, "/events/%s", e.id));
	w->r->cx->err = (struct err){ 0 };
	json_set_str(o, "eventId", c->object.key);
	json_set_str(o, "title", title ? title : c->object.key);
	return RC_OK;
}

static void
touched_record(struct touching *w, const struct change *c, json *o)
{
	const struct dataset *d = touched_set(w, c->object.dataset_no);

	json_set_str(o, "title", c->object.key);
	json_set_str(o, "key", c->object.key);
	if (!d)
		return;
	json_set_str(o, "datasetId", d->id);
	json_set_str(o, "href", undo_record_href(w->r->cx->a, d->id, c->object.key));
}

static enum rc
touched_add(struct touching *w, const struct change *c)
{
	static const char *const actions[] = { "ADDED", "UPDATED", "DELETED" };
	json *o = json_new(w->r->cx->a);

	json_set_time(o, "at", c->at);
	json_set_str(o, "kind", c->object.kind);
	if (strcmp(c->object.kind, OBJECT_RECORD))
		TRY(touched_event(w, c, o));
	else
		touched_record(w, c, o);
	json_set_str(o, "action", actions[c->action]);
	json_set_str(o, "side", strcmp(c->side, SIDE_HERE) ? "provider" : "application");
	json_set_str(o, "reason", c->reason);
	json_add(w->out->data, o);
	return RC_OK;
}

static enum rc
touched_changes(struct touching *w, int64_t before, int64_t limit)
{
	struct change_list list;

	TRY(change_page(w->r->cx, w->r->db,
	    &(struct change_page){
		.owner = w->run->owner,
		.sync_no = w->run->no,
		.before = before,
		.limit = limit,
	    },
	    &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(touched_add(w, &list.v[i]));
	w->out->next = list.next ? arena_printf(w->r->cx->a, "%lld", (long long)list.next) : "a0";
	return RC_OK;
}

static enum rc
touched_brought(struct touching *w, int64_t seq, int64_t limit)
{
	struct undo_added *v;
	size_t n = 0;

	w->out->next = NULL;
	for (size_t i = 0; i < w->sets.n && !n; i++) {
		const int64_t first = w->sets.v[i].no << SEQ_SHIFT;
		const struct undo_added_page page = {
			.from = first > seq ? first : seq,
			.until = (w->sets.v[i].no + 1) << SEQ_SHIFT,
			.sync_no = w->run->no,
			.limit = limit,
		};

		if (page.from < page.until)
			TRY(undo_added(w->r->cx, w->r->db, &page, &v, &n));
		for (size_t k = 0; k < n; k++) {
			const struct change c = {
				.object = { OBJECT_RECORD, w->sets.v[i].no, v[k].key },
				.at = w->run->finished_at,
				.action = CHANGE_ADDED,
				.side = SIDE_HERE,
			};

			TRY(touched_add(w, &c));
			w->out->next = arena_printf(w->r->cx->a, "a%lld", (long long)v[k].seq);
		}
	}
	return RC_OK;
}

enum rc
touched(
    struct req *r, const struct run *run, const char *cursor, int64_t limit, struct touched *out)
{
	struct touching w = { .r = r, .run = run, .out = out };
	int64_t at = 0;
	const bool brought = cursor && *cursor == 'a';

	*out = (struct touched){ .data = json_list(r->cx->a) };
	if (cursor && !str_i64(str_c(cursor + brought), 0, INT64_MAX, &at))
		return fail(r->cx, E_INPUT, "The cursor is not one that this list gave.");
	TRY(dataset_list(r->cx, r->db, run->owner, run->connection_id, &w.sets));
	if (!brought)
		TRY(touched_changes(&w, at, limit));
	if (brought || (json_len(out->data) == 0 && *out->next == 'a'))
		TRY(touched_brought(&w, brought ? at : 0, limit));
	return RC_OK;
}
