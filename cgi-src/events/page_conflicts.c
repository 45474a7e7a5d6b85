/*
 * page_conflicts.c - /conflicts: what waits for a person's word. Edits of both sides that could not
 * both stand, each version beside the others with the words that differ marked, and what is held
 * before it leaves.
 */
#include "app/conflicts.h"
#include "event/rules.h"
#include "base/clock.h"
#include "base/words.h"
#include "events/story.h"
#include "skin/page.h"
#include "store/outbox.h"

enum { CONFLICTS_SHOWN = 20, ALIKE_LOOKED = 500 };

/*
 * One field, in its versions.
 */
static const char *const sides[] = { "base", "local", "remote" };
enum side { SIDE_BASE, SIDE_LOCAL, SIDE_REMOTE, SIDES };

struct field_shown {
	const char *name;
	const json *row;         /* {field, base, local, remote, chosen, localAt, remoteAt} */
	const char *text[SIDES]; /* as people read it; NULL: there is none */
};

static json *
field_parts(struct arena *a, const struct field_shown *f, enum side side)
{
	const bool based = f->text[SIDE_BASE] != NULL;
	struct str others[2] = { str_c(f->text[side == SIDE_LOCAL ? SIDE_REMOTE : SIDE_LOCAL]),
		str_c(f->text[SIDE_REMOTE]) };
	struct words_part *v;
	json *list = json_list(a);
	size_t n;

	if (side != SIDE_BASE && based)
		others[0] = str_c(f->text[SIDE_BASE]);
	n = words_parts(a, str_c(f->text[side]), others, side == SIDE_BASE ? 2 : 1, &v);
	for (size_t i = 0; i < n; i++) {
		json *o = json_new(a);

		json_set_s(o, "text", v[i].text);
		json_set_bool(o, "own", v[i].differs);
		json_add(list, o);
	}
	return list;
}

static json *
field_version(struct arena *a, const struct field_shown *f, enum side side)
{
	static const char *const words[] = { "Before", "Here", "There" };
	static const char *const times[] = { NULL, "localAt", "remoteAt" };
	const char *chosen = json_str(f->row, "chosen");
	json *o = json_new(a);

	json_set_str(o, "side", sides[side]);
	json_set_str(o, "heading", words[side]);
	json_set_bool(o, "none", !f->text[side] || !*f->text[side]);
	json_set(o, "parts", field_parts(a, f, side));
	json_set_bool(o, "stands", chosen && !strcmp(chosen, sides[side]));
	json_set_time(o, "at", times[side] ? json_num(f->row, times[side], 0) : 0);
	page_when(a, o, "when", json_str(o, "at"), clock_ms());
	return o;
}

/* What may be entered: a text, or from when to when. */
static void
field_entry(struct req *r, const struct field_shown *f, json *o)
{
	static const char *const texts = "title|description|location|notes|url|color";
	const json *here = json_at(f->row, "local");
	struct arena *a = r->cx->a;
	const char *typed = req_form(r, arena_printf(a, "v_%s", f->name));
	const char *end = req_form(r, arena_printf(a, "e_%s", f->name));

	json_set_bool(o, "isText", str_has_word(str_c(texts), '|', str_c(f->name)));
	json_set_bool(o, "isTime", !strcmp(f->name, "time"));
	if (json_flag(o, "isTime", false)) {
		json_set_str(o, "value", typed ? typed : json_str(here, "startDateTime"));
		json_set_str(o, "end", end ? end : json_str(here, "endDateTime"));
	} else {
		json_set_str(o, "value", typed ? typed : f->text[SIDE_LOCAL]);
	}
	json_set_bool(o, "enters", json_flag(o, "isText", false) || json_flag(o, "isTime", false));
	json_set_bool(o, "isLong", !strcmp(f->name, "description") || !strcmp(f->name, "notes"));
}

static const char *
field_text(struct arena *a, const struct wall *w, const struct field_shown *f, enum side side)
{
	const json *v = json_at(f->row, sides[side]);

	if (!strcmp(f->name, "deleted"))
		return v && json_value_bool(v) ? "deleted" : "it is there";
	if (!strcmp(f->name, "busy") && v && json_is_bool(v))
		return json_value_bool(v) ? "busy" : "free";
	return story_value(a, w, f->name, v);
}

static json *
field_model(struct req *r, const struct wall *w, const json *row, size_t nth)
{
	struct field_shown f = { .name = json_str(row, "field"), .row = row };
	const char *picked = req_form(r, arena_printf(r->cx->a, "s_%s", f.name));
	const char *chosen = json_str(row, "chosen");
	json *o = json_new(r->cx->a), *versions = json_list(r->cx->a);

	for (enum side s = SIDE_BASE; s < SIDES; s++)
		f.text[s] = field_text(r->cx->a, w, &f, s);
	for (enum side s = SIDE_BASE; s < SIDES; s++)
		if (s != SIDE_BASE || f.text[s])
			json_add(versions, field_version(r->cx->a, &f, s));
	json_set_str(o, "name", f.name);
	json_set_i64(o, "nth", (int64_t)nth);
	json_set_str(o, "label", story_label(r->cx->a, w, f.name));
	json_set(o, "versions", versions);
	json_set_bool(o, "edited", chosen && !strcmp(chosen, "edited"));
	json_set_bool(o, "pickLocal", picked && !strcmp(picked, "local"));
	json_set_bool(o, "pickRemote", picked && !strcmp(picked, "remote"));
	json_set_bool(o, "pickValue", picked && !strcmp(picked, "value"));
	field_entry(r, &f, o);
	return o;
}

/*
 * A conflict.
 */
static enum rc
conflict_names(struct req *r, const struct conflict *c, json *o)
{
	const char *title = NULL;
	struct event_row e;
	struct conn conn;

	if (event_any(r->cx, r->db, c->owner, c->object.key, &e) == RC_OK) {
		title = json_str(json_stored(r->cx->a, e.value), "title");
		json_set_str(o, "eventHref", arena_printf(r->cx->a, "/events/%s", e.id));
	}
	json_set_str(o, "title", title ? title : "An event that is gone");
	if (conn_get_any(r->cx, r->db, c->owner, c->connection_id, &conn) == RC_OK)
		json_set_str(o, "name", conn.name);
	r->cx->err = (struct err){ 0 };
	return RC_OK;
}

/* How a resolved one came about. */
static const char *
conflict_outcome(struct arena *a, const struct conflict *c)
{
	enum policy p;

	if (!strcmp(c->state, CONFLICT_OPEN))
		return NULL;
	if (c->resolved_by && policy_of(c->resolved_by, &p))
		return arena_printf(a, "Decided by the rule of the connection: %s", policy_help(p));
	if (c->resolved_by && !strcmp(c->resolved_by, "agreement"))
		return "Both sides came to agree by themselves.";
	if (c->resolved_by && !strcmp(c->resolved_by, "edit"))
		return "A later edit went over it.";
	if (c->resolved_by && !strcmp(c->resolved_by, "session"))
		return "You have answered it.";
	return arena_printf(a, "Answered by %s.", c->resolved_by ? c->resolved_by : "somebody");
}

static enum rc
conflict_model(struct req *r, const struct conflict *c, const struct conflict_list *all, json **out)
{
	const json *fields = json_stored(r->cx->a, c->fields);
	json *o = json_new(r->cx->a), *list = json_list(r->cx->a);
	struct wall wall;
	int64_t alike = 0;

	wall_of(r, &wall);
	for (size_t i = 0; i < json_len(fields); i++)
		json_add(list, field_model(r, &wall, json_nth(fields, i), i));
	for (size_t i = 0; all && i < all->n; i++)
		alike += strcmp(all->v[i].id, c->id) && conflicts_alike(r->cx->a, c, &all->v[i]);
	TRY(conflict_names(r, c, o));
	json_set_str(o, "id", c->id);
	json_set_bool(o, "open", !strcmp(c->state, CONFLICT_OPEN));
	json_set_str(o, "outcome", conflict_outcome(r->cx->a, c));
	json_set(o, "fields", list);
	json_set_bool(o, "several", json_len(list) > 1);
	json_set_str(o, "alike", alike ? page_plural(r->cx->a, alike, "other", "others") : NULL);
	json_set_time(o, "at", c->detected_at);
	page_when(r->cx->a, o, "when", json_str(o, "at"), clock_ms());
	*out = o;
	return RC_OK;
}

/*
 * What is held.
 */
static enum rc
conflicts_planned(struct req *r, json *model)
{
	struct conn_planned held[CONN_PLANNED];
	json *list = json_list(r->cx->a), *o;
	size_t n;

	TRY(conn_planned(r->cx, r->db, r->who.user_id, held, &n));
	for (size_t i = 0; i < n; i++) {
		o = json_new(r->cx->a);
		json_set_str(o, "name", held[i].name);
		json_set_str(o, "href", arena_printf(r->cx->a, "/syncs/%s", held[i].run));
		json_add(list, o);
	}
	json_set(model, "plans", list);
	return RC_OK;
}

static enum rc
conflicts_held(struct req *r, json *model)
{
	struct outbox_question held[OUTBOX_QUESTIONS];
	json *list = json_list(r->cx->a);
	size_t n;

	TRY(outbox_questions(r->cx, r->db, r->who.user_id, held, &n));
	for (size_t i = 0; i < n; i++) {
		json *o = json_new(r->cx->a);
		const char *text = NULL;
		struct run run;

		if (run_get(r->cx, r->db, r->who.user_id, held[i].id, &run) != RC_OK ||
		    page_held(r, &run, &text) != RC_OK || !text) {
			r->cx->err = (struct err){ 0 };
			continue;
		}
		json_set_str(o, "what", text);
		json_set_str(o, "href", arena_printf(r->cx->a, "/syncs/%s", run.id));
		json_set_time(o, "at", run.created_at);
		page_when(r->cx->a, o, "when", json_str(o, "at"), clock_ms());
		json_add(list, o);
	}
	json_set(model, "held", list);
	return conflicts_planned(r, model);
}

/*
 * The pages.
 */
static enum rc
conflicts_all_open(struct req *r, struct conflict_list *out)
{
	return conflict_page(r->cx, r->db,
	    &(struct conflict_page){
		.owner = r->who.user_id,
		.state = CONFLICT_OPEN,
		.limit = ALIKE_LOOKED,
	    },
	    out);
}

enum rc
page_conflicts(struct req *r, struct resp *w)
{
	const char *state = req_query(r, "state");
	const bool resolved = state && !strcmp(state, CONFLICT_RESOLVED);
	const struct conflict_page page = {
		.owner = r->who.user_id,
		.state = resolved ? CONFLICT_RESOLVED : CONFLICT_OPEN,
		.before = req_query(r, "before"),
		.limit = CONFLICTS_SHOWN,
	};
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;
	struct conflict_list found, all;

	TRY(conflict_page(r->cx, r->db, &page, &found));
	TRY(conflicts_all_open(r, &all));
	TRY(conflicts_held(r, model));
	for (size_t i = 0; i < found.n; i++) {
		TRY(conflict_model(r, &found.v[i], &all, &o));
		json_add(list, o);
	}
	json_set(model, "conflicts", list);
	json_set_bool(model, "none", found.n == 0);
	json_set_bool(model, "asks",
	    json_len(json_at(model, "held")) + json_len(json_at(model, "plans")) > 0);
	json_set_bool(model, "resolved", resolved);
	json_set_str(model, "openCount", all.n ? page_count(r->cx->a, (int64_t)all.n) : NULL);
	json_set_str(model, "older",
	    found.next
		? arena_printf(r->cx->a, "/conflicts?state=%s&before=%s", page.state, found.next)
		: NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, 200, "conflicts", "Conflicts", model);
}

static enum rc
conflict_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;
	struct conflict_list all;
	struct conflict c;

	TRY(conflict_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(conflicts_all_open(r, &all));
	TRY(conflict_model(r, &c, &all, &o));
	json_add(list, o);
	json_set(model, "conflicts", list);
	json_set_bool(model, "one", true);
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, problem ? problem_status(problem) : 200, "conflicts",
	    json_str(o, "title"), model);
}

enum rc
page_conflict(struct req *r, struct resp *w)
{
	return conflict_show(r, w, NULL);
}

/* What the form says of a field, as the interface takes it. */
static json *
typed_field(struct req *r, const char *name)
{
	struct arena *a = r->cx->a;
	const char *side = req_form(r, arena_printf(a, "s_%s", name));
	const char *text = req_form(r, arena_printf(a, "v_%s", name));
	json *o = json_new(a), *time = json_new(a);

	if (!side || strcmp(side, "value") != 0) {
		json_set_str(o, "side", side);
		return o;
	}
	if (strcmp(name, "time") != 0) {
		json_set_str(o, "value", text && *text ? text : NULL);
		return o;
	}
	json_set_str(time, "startDateTime", text);
	json_set_str(time, "endDateTime", req_form(r, arena_printf(a, "e_%s", name)));
	json_set(o, "value", time);
	return o;
}

static enum rc
typed_answer(struct req *r, const char *what, json **out)
{
	json *said = json_new(r->cx->a), *fields = json_new(r->cx->a);
	const json *asked;
	struct conflict c;

	TRY(conflict_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	asked = json_stored(r->cx->a, c.fields);
	for (size_t i = 0; i < json_len(asked); i++) {
		const char *name = json_str(json_nth(asked, i), "field");

		json_set(fields, name, typed_field(r, name));
	}
	json_set_str(said, "choice", what);
	if (!strcmp(what, "merge"))
		json_set(said, "fields", fields);
	json_set_bool(said, "alike", req_form(r, "alike") != NULL);
	*out = said;
	return RC_OK;
}

enum rc
page_conflict_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	struct conflicts_answered done;
	struct err problem;
	json *said;
	enum rc rc;

	TRY(typed_answer(r, what, &said));
	rc = conflicts_answer(r->cx, r->db, auth_caller(r), r->path_param[0], said, &done);
	if (rc == RC_OK) {
		page_say(r, w, "/conflicts",
		    done.alike ? arena_printf(r->cx->a, "Answered, and %s like it.",
				     page_plural(r->cx->a, done.alike, "other", "others"))
			       : "Answered. What stands is on its way.");
		return RC_OK;
	}
	problem = r->cx->err;
	if (rc == RC_NOTFOUND || rc == RC_BUG)
		return rc;
	r->cx->err = (struct err){ 0 };
	return conflict_show(r, w, &problem);
}
