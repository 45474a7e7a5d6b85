/*
 * page_undo.c - /syncs/{id}/undo: what taking a sync back would do, and the button that does it.
 */
#include "base/clock.h"
#include "conn/undo_model.h"
#include "skin/page.h"

static void
undo_words(struct arena *a, const struct wall *wall, json *item)
{
	/* Here, and there. */
	static const char *const verbs[][3] = {
		{ "add", "is restored", "is written there again" },
		{ "update", "changes back", "changes back there" },
		{ "delete", "is deleted", "is removed there" },
	};
	const char *dataset = json_str(item, "datasetId"), *action = json_str(item, "action");
	const bool there = !strcmp(json_str(item, "side"), "provider");

	json_set(item, "changes", undo_changes(a, dataset ? NULL : wall, json_at(item, "fields")));
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(verbs[i][0], action))
			json_set_str(item, "verb", verbs[i][1 + there]);
	json_set_bool(item, "stays", !strcmp(json_str(item, "fate"), "left"));
	json_set_str(item, "href",
	    dataset ? page_record_href(a, dataset, json_str(item, "key"))
		    : arena_printf(a, "/events/%s", json_str(item, "eventId")));
}

enum rc
page_undo(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	json *model = json_new(a), *undo, *run, *items;
	struct run found;
	struct wall wall;
	struct conn c;

	wall_of(r, &wall);
	TRY(run_get(r->cx, r->db, r->who.user_id, r->path_param[0], &found));
	TRY(conn_get(r->cx, r->db, r->who.user_id, found.connection_id, &c));
	TRY(undo_model(r, found.id, &undo));
	TRY(model_run(r, &found, &run));
	page_run_words(a, run, clock_ms());
	items = json_at(undo, "data");
	for (size_t i = 0; i < json_len(items); i++)
		undo_words(a, &wall, json_nth(items, i));
	json_set(model, "run", run);
	json_set(model, "items", items);
	json_set_str(model, "connectionName", c.name);
	json_set_str(model, "connectionId", c.id);
	json_set_bool(
	    model, "records", json_len(items) && json_str(json_nth(items, 0), "datasetId") != NULL);
	json_set_str(model, "backText",
	    page_plural(a, json_num(json_at(undo, "counts"), "back", 0), "change", "changes"));
	json_set_str(model, "label", json_str(undo, "label"));
	json_set_bool(model, "any", json_num(json_at(undo, "counts"), "back", 0) > 0);
	if (json_num(json_at(undo, "counts"), "left", 0))
		json_set_str(
		    model, "leftText", page_count(a, json_num(json_at(undo, "counts"), "left", 0)));
	json_set_bool(model, "notAll", !json_flag(undo, "complete", true));
	json_set_bool(model, "listed", json_len(items) > 0);
	json_set_bool(model, "cut", json_len(items) >= UNDO_SHOWN);
	json_set_str(model, "shownText", page_count(a, (int64_t)json_len(items)));
	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, 200, "undo", arena_printf(a, "Undo a sync of %s", c.name), model);
}

enum rc
page_undo_act(struct req *r, struct resp *w)
{
	const char *id;

	TRY(undo_sync(r->cx, r->db, auth_caller(r), r->path_param[0], &id));
	page_say(r, w, arena_printf(r->cx->a, "/syncs/%s", id), "It is being undone.");
	return RC_OK;
}
