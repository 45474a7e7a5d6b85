/*
 * api_notion.c - a database of Notion as a calendar, over HTTP: whether it has what is needed, as
 * the last read has found it.
 */
#include "app/calendar.h"
#include "calendar/model.h"
#include "kind/notion_link.h"
#include "store/data.h"

/* What keeps it from being one; NULL: nothing. */
static const char *
notion_trouble(const struct conn *c, bool notion)
{
	const char *detail = c->sched.error_detail;

	if (!notion)
		return "This connection is no calendar of Notion.";
	return detail && *detail ? detail : NULL;
}

enum rc
api_notion_ready(struct req *r, struct resp *w)
{
	json *o = json_new(r->cx->a), *properties = json_new(r->cx->a), *missing;
	const char *id = req_query(r, "integrationId");
	const json *reading = NULL;
	struct dataset_list list;
	struct conn c;
	bool well;

	if (!id)
		return input_fail_one(r, "integrationId", "Name the calendar: its id.");
	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(dataset_list(r->cx, r->db, c.owner, c.id, &list));
	well = calendar_is(r->cx->a, &c) && !strcmp(c.provider, "notion");
	if (well && list.n)
		reading = json_stored(r->cx->a, list.v[0].reading);
	missing = json_list(r->cx->a);
	for (const struct notion_word *p = notion_words; p->word; p++) {
		json_set_str(properties, p->word, json_str(reading, p->word));
		if (!json_str(reading, p->word))
			json_add_str(missing, p->word);
	}
	json_set_bool(o, "success", true);
	json_set_str(o, "error", notion_trouble(&c, well));
	well = well && c.sched.health == HEALTH_OK && list.n > 0;
	json_set_bool(o, "database", well);
	json_set_bool(o, "ready", well && json_str(reading, "title") && json_str(reading, "date"));
	json_set(o, "properties", properties);
	json_set(o, "missing", missing);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
