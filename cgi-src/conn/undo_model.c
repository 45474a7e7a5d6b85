/*
 * undo_model.c - see undo_model.h.
 */
#include "conn/undo_model.h"

#include "ask/place.h"
#include "conn/planned.h"
#include "event/occur.h"
#include "skin/page.h"

enum { UNDO_VALUE = 200 };

static const char *
undo_value(struct arena *a, const struct wall *w, const char *field, const json *v)
{
	const char *text = w ? planned_event_text(a, w, field, v) : page_value(a, v);

	return *text ? arena_dup_str(a, str_utf8_cut(str_c(text), UNDO_VALUE)) : NULL;
}

json *
undo_changes(struct arena *a, const struct wall *w, const json *fields)
{
	json *list = json_list(a), *o;

	for (size_t i = 0; i < json_len(fields); i++) {
		const json *f = json_nth(fields, i);
		const char *name = json_str(f, "field");

		o = json_new(a);
		json_set_str(o, "label", w ? wall_label(a, w, f) : name);
		json_set_str(o, "before", undo_value(a, w, name, json_at(f, "before")));
		json_set_str(o, "after", undo_value(a, w, name, json_at(f, "after")));
		json_add(list, o);
	}
	return list;
}

/* What it is called is said by the caller. */
static json *
undo_field(struct arena *a, json *list, json *before, json *after)
{
	json *o;

	if (!strcmp(before ? json_text(a, before) : "null", after ? json_text(a, after) : "null"))
		return NULL;
	o = json_new(a);
	json_set(o, "before", before);
	json_set(o, "after", after);
	json_add(list, o);
	return o;
}

json *
undo_columns_differ(struct arena *a, const json *columns, const char *before, const char *after)
{
	json *list = json_list(a), *b = json_stored(a, before), *n = json_stored(a, after), *o;

	for (size_t i = 0; i < json_len(columns); i++) {
		o = undo_field(a, list, json_nth(b, i), json_nth(n, i));
		if (o)
			json_set_str(o, "field", json_str(json_nth(columns, i), "name"));
	}
	return list;
}

static json *
undo_members_differ(struct arena *a, const char *before, const char *after)
{
	const json *const sides[] = { json_stored(a, before), json_stored(a, after) };
	json *list = json_list(a), *o;

	for (size_t i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(sides[i], &it);) {
			if (i && json_has(sides[0], it.key))
				continue;
			o = undo_field(
			    a, list, json_at(sides[0], it.key), json_at(sides[1], it.key));
			if (o)
				occur_name(a, o, sides[0], it.key);
		}
	return list;
}

/* As it is, and as it is then. */
static json *
undo_label_differs(struct arena *a, const struct undo_label *l)
{
	json *list = json_list(a), *o = json_new(a);

	json_set_str(o, "field", "label");
	json_set_str(o, l->on ? "before" : "after", l->name);
	json_set_str(o, l->on ? "after" : "before", NULL);
	json_add(list, o);
	return list;
}

static const char *
undo_action(const struct undo_item *it)
{
	if (it->label)
		return "update";
	if (!it->before)
		return "delete";
	return it->now ? "update" : "add";
}

json *
undo_item_fields(struct arena *a, const struct undo_item *it)
{
	if (it->label)
		return undo_label_differs(a, it->label);
	if (it->fate != UNDO_BACK || !it->before || !it->now)
		return json_list(a);
	if (it->dataset)
		return undo_columns_differ(
		    a, json_stored(a, it->dataset->columns), it->now, it->before);
	return undo_members_differ(a, it->now, it->before);
}

static json *
undo_item_json(struct arena *a, const struct undo_item *it)
{
	json *o = json_new(a);

	json_set_str(o, "kind", it->object.kind);
	if (it->dataset) {
		json_set_str(o, "datasetId", it->dataset->id);
		json_set_str(o, "key", it->object.key);
	} else if (!strcmp(it->object.kind, OBJECT_EVENT)) {
		json_set_str(o, "eventId", it->object.key);
	}
	json_set_str(o, "title", it->title);
	json_set_str(o, "action", undo_action(it));
	json_set_str(o, "side", it->there || it->label ? "provider" : "application");
	json_set_str(o, "fate", it->fate == UNDO_BACK ? "back" : "left");
	json_set_str(o, "reason", it->why);
	json_set(o, "fields", undo_item_fields(a, it));
	return o;
}

/* What is called a label that is put on at the source with it, or taken off; NULL: none is. */
static const char *
undo_view_label(const struct undo_view *view)
{
	for (size_t i = 0; i < view->n; i++) {
		const struct undo_item *it = &view->v[i];

		if (it->fate == UNDO_BACK && (it->label || it->relabels))
			return it->label ? it->label->name : it->relabels;
	}
	return NULL;
}

enum rc
undo_model(struct req *r, const char *run_id, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *counts = json_new(a), *data = json_list(a);
	struct undo_view view;

	/* It may be much to look through. */
	TRY(place_take(r->cx, r->who.user_id));
	TRY(undo_look(r->cx, r->db, r->who.user_id, run_id, &view));
	for (size_t i = 0; i < view.n; i++)
		json_add(data, undo_item_json(a, &view.v[i]));
	json_set_i64(counts, "back", view.back);
	json_set_i64(counts, "left", view.left);
	json_set_str(o, "syncId", run_id);
	json_set(o, "counts", counts);
	json_set_bool(o, "complete", !view.more);
	json_set_str(o, "label", undo_view_label(&view));
	json_set(o, "data", data);
	*out = o;
	return RC_OK;
}
