/*
 * model.c - see model.h.
 */
#include "events/model.h"

#include "event/rules.h"
#include "store/conn.h"
#include "store/outbox.h"
#include "store/ruling.h"

enum { PAST_CHUNK = 200 };

static const char gone_code[] = "disconnected";

static struct object
model_object(const struct event_row *e)
{
	return (struct object){ .kind = OBJECT_EVENT, .key = e->id };
}

/* What is to be written there, and waits: for an answer, for the connection, or as it goes to and
 * fro. */
static enum rc
model_waits(struct req *r, const struct conn *c, struct event_link *of)
{
	const struct link *l = &of->link;
	struct outbox open;
	struct ruling ruling;

	if (strcmp(l->state, LINK_QUEUED) != 0)
		return RC_OK;
	TRY(outbox_of_link(r->cx, r->db, l->owner, l->id, &open));
	if (open.id && !strcmp(open.state, OUTBOX_HELD)) {
		TRY(ruling_of(r->cx, r->db, l->owner, open.question, &ruling));
		of->question = ruling.question ? NULL : open.question;
	}
	of->paused = !of->question && !conn_sends(c);
	if (open.id && !of->paused && !strcmp(open.state, OUTBOX_WAITING) && open.error_code &&
	    !strcmp(open.error_code, OUTBOX_BY_TURNS))
		of->rests = open.error_detail;
	return RC_OK;
}

/* The links; a connection that was disconnected leaves what it has written where it is. */
enum rc
model_links(struct req *r, const struct event_row *e, struct event_links *out)
{
	const struct object object = model_object(e);
	struct link_list list;
	struct conn c;

	TRY(link_list(r->cx, r->db, e->owner, &object, &list));
	*out = (struct event_links){ .v = arena_array(r->cx->a, list.n + 1, sizeof *out->v) };
	for (size_t i = 0; i < list.n; i++) {
		struct link *l = &list.v[i];
		enum rc rc = conn_get(r->cx, r->db, l->owner, l->connection_id, &c);

		if (rc == RC_NOTFOUND) {
			rc = conn_get_any(r->cx, r->db, l->owner, l->connection_id, &c);
			l->state = LINK_SKIPPED;
			l->error_code = gone_code;
			l->error_detail = "The connection was disconnected: what is there stays "
					  "as it is, and is not kept level any more.";
		}
		if (rc == RC_NOTFOUND)
			continue;
		TRY(rc);
		out->v[out->n] = (struct event_link){
			.link = *l,
			.provider = model_calendar_word(c.provider),
			.name = c.name,
			.gone = l->error_code && !strcmp(l->error_code, gone_code),
		};
		TRY(model_waits(r, &c, &out->v[out->n]));
		out->n++;
	}
	return RC_OK;
}

static void
model_trouble(json *o, struct arena *a, const struct event_link *of)
{
	const struct link *l = &of->link;
	json *error;

	if (of->question) {
		json_set(o, "error", model_held(a, of->question));
		return;
	}
	if (of->paused) {
		json_set(o, "error", model_paused(a));
		return;
	}
	if (!l->error_code && !of->rests)
		return;
	error = json_new(a);
	json_set_str(error, "code", of->rests ? OUTBOX_BY_TURNS : l->error_code);
	json_set_str(error, "detail", of->rests ? of->rests : l->error_detail);
	json_set(o, "error", error);
}

static json *
model_link_list(struct arena *a, const struct event_links *links)
{
	json *list = json_list(a);

	for (size_t i = 0; i < links->n; i++) {
		const struct link *l = &links->v[i].link;
		json *o = json_new(a);

		json_set_str(o, "connectionId", l->connection_id);
		json_set_str(o, "provider", links->v[i].provider);
		json_set_str(o, "externalId", l->remote_id);
		json_set_str(o, "state", l->state);
		json_set_time(o, "lastSyncedAt", l->last_synced_at);
		model_trouble(o, a, &links->v[i]);
		json_add(list, o);
	}
	return list;
}

static void
model_fields(json *o, const json *value)
{
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key != '@')
			json_set(o, it.key, it.value);
}

static enum rc
model_whole(struct req *r, const struct event_row *e, struct event_links *links, json **out)
{
	struct arena *a = r->cx->a;
	const json *value = json_stored(a, e->value);
	json *o = json_new(a);

	json_set_str(o, "id", e->id);
	model_fields(o, value);
	if (json_len(json_at(value, "recurrence")) > 0)
		json_set(o, "exceptions", occur_listed(a, value, value));
	json_set_str(o, "origin", e->origin ? e->origin : "application");
	json_set_time(o, "createdAt", e->created_at);
	json_set_time(o, "updatedAt", e->updated_at);
	TRY(model_links(r, e, links));
	json_set(o, "links", model_link_list(a, links));
	*out = o;
	return RC_OK;
}

enum rc
model_event(struct req *r, const struct event_row *e, json **out)
{
	struct event_links links;

	return model_whole(r, e, &links, out);
}

enum rc
model_event_reply(struct req *r, const struct event_row *e, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *event, *sent = json_list(a);
	struct event_links links;

	TRY(model_whole(r, e, &links, &event));
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = &links.v[i].link;
		json *one = json_new(a);

		json_set_str(one, "provider", links.v[i].provider);
		json_set_str(one, "connectionId", l->connection_id);
		json_set_bool(one, "success", !strcmp(l->state, LINK_SYNCED));
		json_set_bool(one, "queued", !strcmp(l->state, LINK_QUEUED));
		json_set_str(one, "externalId", l->remote_id);
		model_trouble(one, a, &links.v[i]);
		json_add(sent, one);
	}
	json_set_bool(o, "success", true);
	json_set(o, "event", event);
	json_set(o, "externalSync", sent);
	*out = o;
	return RC_OK;
}

json *
model_occurrence(struct arena *a, const struct event_row *e, const struct occurrence *o)
{
	json *j = json_new(a);

	json_set_str(j, "eventId", e->id);
	json_set_str(j, "occurrence", when_text(a, &o->slot));
	model_fields(j, occur_value(a, json_stored(a, e->value), o));
	json_set_bool(j, "differs", o->differs);
	json_set_str(j, "origin", e->origin ? e->origin : "application");
	return j;
}

/* From the newest change on: what it was after the one that is looked at. */
struct past_walk {
	int64_t from, limit;
	const json *here;
	const struct event_links *twins;
	const json **there; /* of each of them */
};

/* NULL: it is no more. */
static const json **
past_there(struct past_walk *w, const struct change *c)
{
	for (size_t i = 0; c->connection_id && i < w->twins->n; i++)
		if (!strcmp(w->twins->v[i].link.connection_id, c->connection_id))
			return &w->there[i];
	return NULL;
}

/* Of where it was changed. A twin that is no more had what the event was then. */
static const json **
past_after(struct past_walk *w, const struct change *c)
{
	const json **there = strcmp(c->side, SIDE_HERE) ? past_there(w, c) : NULL;

	return there ? there : &w->here;
}

/* What came from a twin had been changed there by somebody else: before that it had, in those
 * fields, what was here. */
static void
past_came(struct arena *a, struct past_walk *w, const struct change *c, const json *before)
{
	const json **there = strcmp(c->side, SIDE_HERE) ? NULL : past_there(w, c);

	if (!there || !*there || !before || !w->here)
		return;
	*there = merge_back(a, *there, before, w->here);
}

/* What was only found to be as it was there, or is asked about field by field, has changed nothing.
 */
static bool
past_tells(struct arena *a, const struct change *c, const json *before, const json *after)
{
	const bool why = c->reason && strcmp(c->reason, CHANGE_ASKED) != 0;

	return !strcmp(c->side, SIDE_HERE) || c->action != CHANGE_UPDATED || why ||
	    !merge_same(a, &event_rules, before, after);
}

/* Adds those of a chunk from the cursor on; true: the page is full. */
static bool
past_add(
    struct arena *a, const struct change_list *list, struct past_walk *w, struct event_past *out)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct change *c = &list->v[i];
		const json **after = past_after(w, c), *before = json_stored(a, c->before);

		if ((!w->from || c->no < w->from) && past_tells(a, c, before, *after)) {
			if (out->n == (size_t)w->limit) {
				out->next = out->v[out->n - 1].change.no;
				return true;
			}
			out->v[out->n].change = *c;
			out->v[out->n++].after = *after;
		}
		past_came(a, w, c, before);
		if (after != &w->here || !strcmp(c->side, SIDE_HERE))
			*after = before;
	}
	return false;
}

int64_t
model_past_at(const struct change *c)
{
	return strcmp(c->side, SIDE_HERE) && c->edited_at ? c->edited_at : c->at;
}

/* What a change led to is said by the ones after it on the same side: they are gone through from
 * the newest. */
enum rc
model_past(
    struct req *r, const struct event_row *e, int64_t from, int64_t limit, struct event_past *out)
{
	const struct object object = model_object(e);
	struct change_page page = { .owner = e->owner, .object = &object, .limit = PAST_CHUNK };
	struct arena *a = r->cx->a;
	struct past_walk w = { .from = from, .limit = limit, .here = json_stored(a, e->value) };
	struct event_links twins;
	struct change_list list;

	TRY(model_links(r, e, &twins));
	w.twins = &twins;
	w.there = arena_array(a, twins.n + 1, sizeof(const json *));
	for (size_t i = 0; i < twins.n; i++)
		w.there[i] = json_stored(a, twins.v[i].link.base);
	*out = (struct event_past){ .v = arena_array(a, (size_t)limit, sizeof *out->v) };
	do {
		TRY(change_page(r->cx, r->db, &page, &list));
		if (past_add(a, &list, &w, out))
			break;
		page.before = list.next;
	} while (list.next);
	return RC_OK;
}
