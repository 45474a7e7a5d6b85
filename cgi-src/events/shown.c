/*
 * shown.c - see shown.h.
 */
#include "events/shown.h"

#include "base/buf.h"
#include "event/colour.h"

/* What is to be written and somebody is asked about. */
static const char held[] = "held";
/* What is to be written once the connection is resumed. */
static const char paused[] = "paused";
/* What is sent, but rarely. */
static const char rests[] = "rests";

/* The worst comes first. */
static const struct {
	const char *state, *kind, *words;
} states[] = {
	{ LINK_CONFLICT, "warning", "Changed on both sides" },
	{ held, "warning", "Waiting for your answer" },
	{ LINK_FAILED, "error", "Not written" },
	{ LINK_QUEUED, "busy", "Being written" },
	{ paused, "neutral", "Waiting for auto-sync" },
	{ rests, "warning", "Changes again and again" },
	{ LINK_SKIPPED, "neutral", "Left alone" },
	{ LINK_SYNCED, "ok", "In sync" },
};
enum { STATES = sizeof states / sizeof *states };

const char *
shown_colour(const json *value)
{
	const char *id = json_str(value, "color");

	return id && event_colour_known(id) ? id : "";
}

static void
colour_add(struct arena *a, json *list, const char *id, const char *name, bool selected)
{
	json *o = json_new(a);

	json_set_str(o, "value", id);
	json_set_str(o, "label", name);
	json_set_bool(o, "selected", selected);
	json_add(list, o);
}

/* One that has no word stays one to choose. */
json *
shown_colours(struct arena *a, const char *chosen)
{
	json *list = json_list(a);
	bool found = !*chosen;

	colour_add(a, list, "", "None", found);
	for (const struct event_colour *c = event_colours; c->id; c++) {
		const bool it = !strcmp(c->id, chosen);

		colour_add(a, list, c->id, c->name, it);
		found = found || it;
	}
	if (!found)
		colour_add(a, list, chosen, chosen, true);
	return list;
}

static size_t
state_of(const struct event_link *l)
{
	const char *state = l->link.state;
	size_t i = 0;

	if (l->question)
		state = held;
	else if (l->paused)
		state = paused;
	else if (l->rests)
		state = rests;
	while (i < STATES - 1 && strcmp(states[i].state, state))
		i++;
	return i;
}

const char *
shown_state_words(const struct event_link *l, const char **kind)
{
	const size_t i = state_of(l);

	*kind = states[i].kind;
	return states[i].words;
}

/* What is left alone is so for good reason: it is told on the event's page. */
enum rc
shown_state(struct req *r, const struct event_row *e, json *o)
{
	struct event_links links;
	size_t worst = STATES;
	json *s;

	TRY(model_links(r, e, &links));
	for (size_t i = 0; i < links.n; i++)
		if (state_of(&links.v[i]) < worst)
			worst = state_of(&links.v[i]);
	json_set_null(o, "state");
	if (worst >= STATES || !strcmp(states[worst].kind, "ok") ||
	    !strcmp(states[worst].kind, "neutral"))
		return RC_OK;
	s = json_new(r->cx->a);
	json_set_str(s, "kind", states[worst].kind);
	json_set_str(s, "text", states[worst].words);
	json_set(o, "state", s);
	return RC_OK;
}

const char *
shown_href(struct arena *a, const char *id, const json *value, const struct when *slot)
{
	if (json_len(json_at(value, "recurrence")) == 0)
		return arena_printf(a, "/events/%s", id);
	return arena_printf(a, "/events/%s?at=%s", id, when_slot(a, slot));
}

/* The part of it that is on the day. */
static const char *
shown_part(struct arena *a, const struct wall *w, const struct coming *c, int64_t day)
{
	const int64_t from = wall_local(w, &c->o.start), until = wall_local(w, &c->o.end);
	const bool begins = wall_day(from) == day, ends = wall_day(until) == day;

	if (c->o.start.kind == WHEN_DAY || (!begins && !ends))
		return "All day";
	if (begins && ends && from == until)
		return wall_clock(a, from);
	if (!begins)
		return arena_printf(a, "until %s", wall_clock(a, until));
	if (!ends)
		return arena_printf(a, "from %s", wall_clock(a, from));
	return arena_printf(a, "%s to %s", wall_clock(a, from), wall_clock(a, until));
}

enum rc
shown_item(struct req *r, const struct wall *w, const struct coming *c, int64_t day, json **out)
{
	struct arena *a = r->cx->a;
	const json *value = occur_value(a, c->value, &c->o);
	const char *status = json_str(value, "status");
	json *o = json_new(a);

	json_set_str(o, "href", shown_href(a, c->e->id, c->value, &c->o.slot));
	json_set_str(o, "title", json_str(value, "title"));
	json_set_str(o, "clock",
	    c->o.start.kind == WHEN_DAY ? "" : wall_clock(a, wall_local(w, &c->o.start)));
	json_set_str(o, "span", shown_part(a, w, c, day));
	json_set_str(o, "whole", wall_span(a, w, &c->o.start, &c->o.end));
	json_set_str(o, "place", json_str(value, "location"));
	json_set_str(o, "colour", shown_colour(value));
	json_set_bool(o, "tentative", status && !strcmp(status, "tentative"));
	json_set_bool(o, "free", !json_flag(value, "busy", true));
	json_set_bool(o, "repeats", json_len(json_at(c->value, "recurrence")) > 0);
	*out = o;
	return shown_state(r, c->e, o);
}
