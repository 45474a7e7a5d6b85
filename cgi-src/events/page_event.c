/*
 * page_event.c - /events/{id}: one event, or one occurrence of a series, where it stands and why it
 * is so; deleting it and bringing it back. Making and changing one: page_edit.c.
 */
#include "app/conflicts.h"
#include "app/events.h"
#include "app/undo.h"
#include "events/place.h"
#include "events/shown.h"
#include "events/story.h"
#include "skin/page.h"

static const char remove_question[] =
    "Delete this event? It goes from every calendar that it was written to. It can be brought "
    "back.";

/*
 * Which one.
 */
static const char *
place_param(struct req *r, const char *name)
{
	return r->method == M_POST ? req_form(r, name) : req_query(r, name);
}

enum rc
place_find(struct req *r, struct event_seen *out)
{
	struct arena *a = r->cx->a;
	const char *at = place_param(r, "at"), *scope = place_param(r, "scope");
	struct event_span s;
	struct when slot;

	*out = (struct event_seen){ .reach = REACH_ALL };
	TRY(event_any(r->cx, r->db, r->who.user_id, r->path_param[0], &out->e));
	out->event = json_stored(a, out->e.value);
	out->series = event_span(a, out->event, &s) && s.series;
	if (!out->series || !at || !*at)
		return RC_OK;
	if (!when_slot_read(str_c(at), &s.start, &slot) ||
	    !occur_at(a, out->event, &slot, &out->one))
		return fail(r->cx, E_NOT_FOUND, "The event does not come then any more.");
	out->slot = when_slot(a, &slot);
	out->first = slot.utc <= s.start.utc;
	out->reach = REACH_ONE;
	if (scope && !strcmp(scope, "following"))
		out->reach = out->first ? REACH_ALL : REACH_FOLLOWING;
	if (scope && !strcmp(scope, "all"))
		out->reach = REACH_ALL;
	return RC_OK;
}

const char *
place_href(struct arena *a, const struct event_seen *s, const char *rest)
{
	return arena_printf(
	    a, "/events/%s%s%s%s", s->e.id, rest, s->slot ? "?at=" : "", s->slot ? s->slot : "");
}

struct err
place_problem(const struct req *r)
{
	struct err problem = r->cx->err;

	if (problem.kind == E_STALE)
		problem.kind = E_STATE;
	return problem;
}

/*
 * The page.
 */
static void
event_details(struct req *r, const json *value, json *o)
{
	static const char *const same[] = { "title", "location", "description", "notes" };
	const char *status = json_str(value, "status"), *url = json_str(value, "url");
	const char *colour = shown_colour(value);
	json *colours = shown_colours(r->cx->a, colour);

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		json_set_str(o, same[i], json_str(value, same[i]));
	json_set_str(o, "link", url);
	json_set_bool(o, "tentative", status && !strcmp(status, "tentative"));
	json_set_bool(o, "cancelled", status && !strcmp(status, "cancelled"));
	json_set_bool(o, "free", !json_flag(value, "busy", true));
	json_set_str(o, "colour", colour);
	json_set_str(o, "colourName", NULL);
	for (size_t i = 0; *colour && i < json_len(colours); i++)
		if (json_flag(json_nth(colours, i), "selected", false))
			json_set_str(o, "colourName", json_str(json_nth(colours, i), "label"));
}

static void
event_times(struct req *r, const struct wall *w, const json *value, json *o)
{
	struct arena *a = r->cx->a;
	const char *zone = json_str(value, "timeZone");
	struct event_span s;
	struct wall own = *w;

	json_set_str(o, "elsewhere", NULL);
	if (!event_span(a, value, &s))
		return;
	json_set_str(o, "span", wall_span(a, w, &s.start, &s.end));
	json_set_str(o, "calendar",
	    arena_printf(a, "/calendar?date=%s", wall_date(a, wall_day(wall_local(w, &s.start)))));
	json_set_bool(o, "floating", s.start.kind == WHEN_FLOATING);
	json_set_str(o, "clockOf", s.start.kind == WHEN_MOMENT ? w->name : NULL);
	if (zone && s.start.kind == WHEN_MOMENT &&
	    s.start.local != zone_to_local(w->zone, s.start.utc)) {
		own.zone = s.start.zone;
		json_set_str(o, "elsewhere",
		    arena_printf(a, "%s in %s", wall_span(a, &own, &s.start, &s.end), zone));
	}
}

static enum rc
event_show(struct req *r, struct resp *w, const struct event_seen *s, const struct err *problem)
{
	struct arena *a = r->cx->a;
	json *model = json_new(a), *o = json_new(a);
	const json *value = s->slot ? s->one.value : s->event;
	struct wall wall;

	wall_of(r, &wall);
	event_details(r, value, o);
	event_times(r, &wall, value, o);
	json_set_str(o, "id", s->e.id);
	json_set_i64(o, "rev", s->e.rev);
	json_set_bool(o, "series", s->series);
	json_set_bool(o, "plain", !s->series && !s->e.deleted_at);
	json_set_bool(o, "isOne", s->slot && !s->one.left_out);
	json_set_bool(o, "notFirst", s->slot && !s->first);
	json_set_bool(o, "leftOut", s->slot && s->one.left_out && !s->e.deleted_at);
	json_set_bool(o, "differs", s->slot && s->one.differs);
	json_set_str(o, "at", s->slot);
	json_set_str(o, "whole", arena_printf(a, "/events/%s", s->e.id));
	json_set_str(o, "repeats", story_rule(a, s->event));
	json_set_bool(o, "deleted", s->e.deleted_at != 0);
	json_set_bool(o, "alive", s->e.deleted_at == 0);
	json_set_bool(o, "canUndo", true);
	json_set_bool(o, "records", false);
	json_set_str(o, "undoAction", json_str(o, "whole"));
	json_set_str(o, "edit", place_href(a, s, "/edit"));
	json_set_str(o, "download", arena_printf(a, "/api/events/%s", s->e.id));
	json_set_str(o, "askRemove", remove_question);
	json_set(model, "event", o);
	TRY(story_twins(r, &s->e, model));
	TRY(story_conflicts(r, &wall, &s->e, model));
	TRY(story_past(r, &wall, &s->e, model));
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(
	    r, w, problem ? problem_status(problem) : 200, "event", json_str(o, "title"), model);
}

enum rc
page_event(struct req *r, struct resp *w)
{
	struct event_seen s;

	TRY(place_find(r, &s));
	return event_show(r, w, &s, NULL);
}

/*
 * Deleting, and bringing back.
 */
static enum rc
event_remove(struct req *r, const struct event_seen *s)
{
	struct event_place place = {
		.id = s->e.id,
		.slot = s->slot,
		.following = s->reach == REACH_FOLLOWING,
	};
	const char *rev = req_form(r, "rev");
	struct event_done done;

	if (rev)
		str_i64(str_c(rev), 1, INT64_MAX, &place.rev);
	if (s->reach == REACH_ALL)
		return events_remove(r->cx, r->db, auth_caller(r), &place, &done);
	return events_remove_one(r->cx, r->db, auth_caller(r), &place, &done);
}

/* One side of a conflict, whole. */
static enum rc
event_answer(struct req *r)
{
	const char *id = req_form(r, "conflict");
	struct conflicts_answered answered;
	json *said = json_new(r->cx->a);

	json_set_str(said, "choice", req_form(r, "choice"));
	return conflicts_answer(r->cx, r->db, auth_caller(r), id ? id : "", said, &answered);
}

/* What taking its last change back would do. */
static enum rc
event_ask_undo(struct req *r, struct resp *w, const struct event_seen *s)
{
	struct arena *a = r->cx->a;
	struct page_question q = {
		.text = "Undo the last change of this event? It becomes what it was before, here "
			"and in the calendars that have it. What somebody else has created or "
			"changed there is overwritten only if you confirm it.",
		.button = "Undo",
		.back = place_href(a, s, ""),
	};
	struct undo_item it;
	struct wall wall;

	wall_of(r, &wall);
	TRY(undo_look_event(r->cx, r->db, r->who.user_id, s->e.id, &it));
	if (!it.before)
		q.text = "Undo the creation of this event? It is deleted here, and the copies that "
			 "Tidemark has made of it in calendars are removed. What somebody else "
			 "has created there is never deleted.";
	else if (!it.now)
		q.text = "Undo the deletion of this event? It comes back here and in the calendars "
			 "that it was written to.";
	else
		q.changes = story_changes(
		    a, &wall, json_stored(a, it.now), json_stored(a, it.before));
	return page_ask_about(r, w, &q);
}

/* As what the series is; one of a series that is cancelled itself comes all the same. */
static enum rc
event_bring_back(struct req *r, const struct event_seen *s)
{
	const struct event_place place = { .id = s->e.id, .slot = s->slot };
	const char *status = json_str(s->event, "status");
	json *said = json_new(r->cx->a);
	struct event_done done;

	if (!s->slot)
		return fail(r->cx, E_BAD_REQUEST, "The form does not say which occurrence.");
	json_set_str(
	    said, "status", status && strcmp(status, "cancelled") != 0 ? status : "confirmed");
	return events_change_one(r->cx, r->db, auth_caller(r), &place, said, &done);
}

static enum rc
event_act(struct req *r, const char *what, const struct event_seen *s, const char **said)
{
	const struct event_place place = { .id = s->e.id };
	struct event_done done;
	const char *sync_id;

	if (!strcmp(what, "restore")) {
		*said = "The event is back.";
		return events_restore(r->cx, r->db, auth_caller(r), &place, &done);
	}
	if (!strcmp(what, "bring")) {
		*said = "The occurrence is back.";
		return event_bring_back(r, s);
	}
	if (!strcmp(what, "answer")) {
		*said = "Decided. What stands now is written where it belongs.";
		return event_answer(r);
	}
	if (!strcmp(what, "undo")) {
		*said = "The last change is being undone.";
		return undo_one_event(r->cx, r->db, auth_caller(r), s->e.id, &sync_id);
	}
	if (strcmp(what, "remove") != 0)
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
	*said = s->reach == REACH_ALL ? "The event is deleted." : "Deleted. The others stay.";
	return event_remove(r, s);
}

enum rc
page_event_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do") ? req_form(r, "do") : "", *said = NULL;
	struct event_seen s;
	struct err problem;
	enum rc rc;

	TRY(place_find(r, &s));
	if (!strcmp(what, "remove") && !page_sure(r))
		return page_ask(r, w, remove_question, "Delete", place_href(r->cx->a, &s, ""));
	if (!strcmp(what, "undo") && !page_sure(r))
		rc = event_ask_undo(r, w, &s);
	else
		rc = event_act(r, what, &s, &said);
	if (rc == RC_OK && !said)
		return RC_OK;
	if (rc == RC_OK) {
		page_say(r, w,
		    !strcmp(what, "bring") ? place_href(r->cx->a, &s, "")
					   : arena_printf(r->cx->a, "/events/%s", s.e.id),
		    said);
		return RC_OK;
	}
	problem = place_problem(r);
	if (problem.kind != E_STATE && problem.kind != E_RUNNING)
		return rc;
	TRY(place_find(r, &s));
	return event_show(r, w, &s, &problem);
}
