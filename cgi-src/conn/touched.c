/*
 * touched.c - see touched.h.
 */
#include "conn/touched.h"

#include "skin/page.h"
#include "store/called.h"
#include "store/change.h"
#include "store/data.h"
#include "store/event.h"
#include "store/undo.h"

/* A cursor is the number of a change, or "a" and the seq of a record that it has brought. */
struct touching {
	struct req *r;
	const struct run *run;
	struct dataset_list sets;
	struct ctx look; /* for what is only looked at: reset after each item */
	struct touched *out;
};

enum { TOUCHED_ARENA = 64 * 1024 * 1024, TOUCHED_BYTES = 16 * 1024 * 1024 };

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
	struct arena *a = w->look.a;
	const char *title = json_str(json_stored(a, c->before), "title");
	struct event_row e;
	enum rc rc = event_any(&w->look, w->r->db, c->owner, c->object.key, &e);

	if (rc != RC_OK && w->look.err.kind != E_NOT_FOUND)
		return rc;
	if (rc == RC_OK && json_str(json_stored(a, e.value), "title"))
		title = json_str(json_stored(a, e.value), "title");
	if (rc == RC_OK)
		json_set_str(o, "href", arena_printf(a, "/events/%s", e.id));
	json_set_str(o, "eventId", c->object.key);
	json_set_str(o, "title", title ? title : c->object.key);
	return RC_OK;
}

/* What it is called by now, or was. */
static enum rc
touched_record(struct touching *w, const struct change *c, json *o)
{
	const struct dataset *d = touched_set(w, c->object.dataset_no);
	struct arena *a = w->look.a;
	const char *values = c->before;
	struct record rec;
	enum rc rc;

	json_set_str(o, "title", c->object.key);
	json_set_str(o, "key", c->object.key);
	if (!d)
		return RC_OK;
	rc = record_get(&w->look, w->r->db, w->run->owner, d, c->object.key, &rec);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	if (rc == RC_OK)
		values = rec.payload.p;
	json_set_str(o, "title",
	    called(a, called_column(json_stored(a, d->columns)), json_stored(a, values),
		c->object.key, called_by_digest(json_stored(a, d->key_rule))));
	json_set_str(o, "datasetId", d->id);
	json_set_str(o, "href", page_record_href(a, d->id, c->object.key));
	return RC_OK;
}

static enum rc
touched_add(struct touching *w, const struct change *c)
{
	json *o = json_new(w->r->cx->a);
	enum rc rc;

	json_set_time(o, "at", c->at);
	json_set_str(o, "kind", c->object.kind);
	rc = strcmp(c->object.kind, OBJECT_RECORD) ? touched_event(w, c, o)
						   : touched_record(w, c, o);
	if (rc != RC_OK)
		w->r->cx->err = w->look.err;
	arena_reset(w->look.a);
	w->look.err = (struct err){ 0 };
	TRY(rc);
	json_set_str(o, "action", change_word(c->action, c->reason));
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
		.bytes = TOUCHED_BYTES,
	    },
	    &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(touched_add(w, &list.v[i]));
	w->out->next = list.next ? arena_printf(w->r->cx->a, "%lld", (long long)list.next) : NULL;
	return RC_OK;
}

/* Records of one dataset that the run has brought; *left of the page are still to be filled. */
static enum rc
touched_brought_in(struct touching *w, const struct dataset *d, int64_t seq, int64_t *left)
{
	const int64_t first = d->no << SEQ_SHIFT;
	const struct undo_added_page page = {
		.from = first > seq ? first : seq,
		.until = (d->no + 1) << SEQ_SHIFT,
		.sync_no = w->run->no,
		.limit = *left + 1,
	};
	struct undo_added *v;
	size_t n = 0;

	if (page.from < page.until)
		TRY(undo_added(w->r->cx, w->r->db, &page, &v, &n));
	for (size_t i = 0; i < n && !w->out->next; i++) {
		const struct change c = {
			.object = { OBJECT_RECORD, d->no, v[i].key },
			.at = w->run->finished_at,
			.action = CHANGE_ADDED,
			.side = SIDE_HERE,
		};

		if (*left == 0) {
			w->out->next = arena_printf(
			    w->r->cx->a, "a%lld", (long long)(i > 0 ? v[i - 1].seq : page.from));
			break;
		}
		TRY(touched_add(w, &c));
		(*left)--;
	}
	return RC_OK;
}

static enum rc
touched_brought(struct touching *w, int64_t seq, int64_t limit)
{
	for (size_t i = 0; i < w->sets.n && !w->out->next; i++)
		TRY(touched_brought_in(w, &w->sets.v[i], seq, &limit));
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
	w.look.a = arena_inside(r->cx->a, "touched", TOUCHED_ARENA);
	if (cursor && !str_i64(str_c(cursor + brought), 0, INT64_MAX, &at))
		return fail_input(r->cx, "cursor", "The cursor is not one that this list gave.");
	TRY(dataset_list(r->cx, r->db, run->owner, run->connection_id, &w.sets));
	if (!brought)
		TRY(touched_changes(&w, at, limit));
	if (out->next)
		return RC_OK;
	/* They are looked for among all records. */
	if (run->added == 0)
		return RC_OK;
	return touched_brought(&w, brought ? at : 0, limit - (int64_t)json_len(out->data));
}
