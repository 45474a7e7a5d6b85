/*
 * api_notion.c - a database of Notion as a calendar, over HTTP: whether it has what is needed, as
 * the last read has found it.
 */
#include "app/calendar.h"
#include "calendar/model.h"
#include "kind/notion_link.h"
#include "store/data.h"

/* What a database of events is to have; what else could be said is there for who wants it. */
static bool
notion_needs(const char *word)
{
	static const char *const needed[] = {
		"title",
		"date",
		"description",
		"location",
		"notes",
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!strcmp(needed[i], word))
			return true;
	return false;
}

/* Which word stands for which property, and which words for none. */
static void
notion_properties(struct arena *a, const json *reading, bool seen, json *out)
{
	json *properties = json_new(a), *missing = json_list(a), *addable = json_list(a);

	for (const struct notion_word *p = notion_words; p->word; p++) {
		const char *name = json_str(reading, p->word);

		json_set_str(properties, p->word, name);
		/* Of a database that was never read to its end it is known that a date is missing,
		 * if it was seen at all. */
		if (name || (!reading && (!seen || strcmp(p->word, "date") != 0)))
			continue;
		json_add_str(notion_needs(p->word) ? missing : addable, p->word);
	}
	json_set(out, "properties", properties);
	json_set(out, "missing", missing);
	json_set(out, "addable", addable);
}

/* Was there a database at the last read, of whatever kind? */
static bool
notion_seen(const struct conn *c, bool read)
{
	const char *code = c->sched.error_code;

	if (c->sched.health == HEALTH_OK)
		return read;
	/* What is not of the right kind was seen. */
	return code && !strcmp(code, error_row(E_UNSUPPORTED)->code);
}

/* What keeps it from being a calendar; NULL: nothing. */
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
	const char *id = req_query(r, "integrationId");
	json *o = json_new(r->cx->a);
	const json *reading = NULL;
	struct dataset_list list = { 0 };
	struct conn c;
	bool notion, seen;

	if (!id)
		return input_fail_one(r, "integrationId", "Name the calendar: its id.");
	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	notion = calendar_is(r->cx->a, &c) && !strcmp(c.provider, "notion");
	if (notion)
		TRY(dataset_list(r->cx, r->db, c.owner, c.id, &list));
	if (list.n)
		reading = json_stored(r->cx->a, list.v[0].reading);
	seen = notion && notion_seen(&c, list.n > 0);
	json_set_bool(o, "success", true);
	json_set_str(o, "error", notion_trouble(&c, notion));
	json_set_bool(o, "database", seen);
	json_set_bool(o, "ready",
	    seen && c.sched.health == HEALTH_OK && json_str(reading, "title") &&
		json_str(reading, "date"));
	notion_properties(r->cx->a, reading, seen, o);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
