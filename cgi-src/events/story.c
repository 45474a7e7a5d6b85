/*
 * story.c - see story.h.
 */
#include "events/story.h"

#include "base/buf.h"
#include "base/clock.h"
#include "event/rule.h"
#include "events/shown.h"
#include "skin/page.h"
#include "store/conflict.h"

enum {
	FRESH_MS = 15 * 1000,
	PAST_SHOWN = 20,
	TOLD_SHOWN = 10,
	TEXT_SHOWN = 300,
	STORY_VALUE_MAX = 100000
};

const char *
story_rule(struct arena *a, const json *value)
{
	const json *lines = json_at(value, "recurrence");
	struct buf *b = buf_in(a, 4000);
	struct event_span s;
	struct rule rule;

	if (json_len(lines) == 0 || !event_span(a, value, &s))
		return NULL;
	for (size_t i = 0; i < json_len(lines); i++) {
		const char *line = json_value_str(json_nth(lines, i));

		buf_printf(b, "%s%s", i ? "; " : "",
		    rule_read(line, &s.start, &rule) ? rule_words(a, &rule, &s.start) : line);
	}
	return buf_c(b);
}

static const char *
story_span(struct arena *a, const struct wall *w, const json *value)
{
	struct event_span s;

	return event_span(a, value, &s) ? wall_span(a, w, &s.start, &s.end) : NULL;
}

/* A value as people read it; NULL: there is none. */
static const char *
story_text(struct arena *a, const struct wall *w, const json *v)
{
	if (!v || json_is_null(v))
		return NULL;
	if (json_is_bool(v))
		return json_value_bool(v) ? "yes" : "no";
	if (json_is_obj(v))
		return story_span(a, w, v);
	if (json_is_str(v))
		return arena_dup_str(a, str_utf8_cut(str_c(json_value_str(v)), TEXT_SHOWN));
	return json_text(a, v);
}

static bool
story_is_time(const char *name)
{
	return str_has_word(str_c("startDateTime|endDateTime|allDay|timeZone"), '|', str_c(name));
}

const char *
story_label(struct arena *a, const struct wall *w, const char *field)
{
	static const enum when_kind kinds[] = { WHEN_DAY, WHEN_MOMENT, WHEN_FLOATING };
	struct when slot;

	for (size_t i = 0; *field == '@' && i < sizeof kinds / sizeof *kinds; i++) {
		const struct when like = { .kind = kinds[i], .zone = w->zone };

		if (when_slot_read(str_c(field + 1), &like, &slot))
			return arena_printf(a, "On %s", wall_span(a, w, &slot, &slot));
	}
	return page_event_field(field);
}

/* An occurrence that differs: each of its fields in a line. */
static const char *
story_lines(struct arena *a, const struct wall *w, const json *value)
{
	const char *span = story_span(a, w, value);
	struct buf *b = buf_in(a, STORY_VALUE_MAX);

	if (span)
		buf_printf(b, "%s\n", span);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (!span || !story_is_time(it.key))
			buf_printf(b, "%s: %s\n", page_event_field(it.key),
			    json_is_str(it.value) ? json_value_str(it.value)
						  : json_text(a, it.value));
	buf_cut(b, b->n ? b->n - 1 : 0);
	return buf_c(b);
}

const char *
story_value(struct arena *a, const struct wall *w, const char *field, const json *v)
{
	const char *rule;

	if (v && json_is_str(v))
		return json_value_str(v);
	if (!v || !json_is_obj(v))
		return story_text(a, w, v);
	if (*field == '@')
		return story_lines(a, w, v);
	rule = story_rule(a, v);
	return arena_printf(a, "%s%s%s%s%s", story_span(a, w, v) ? story_span(a, w, v) : "",
	    json_str(v, "timeZone") ? ", " : "",
	    json_str(v, "timeZone") ? json_str(v, "timeZone") : "", rule ? "\n" : "",
	    rule ? rule : "");
}

/*
 * History.
 */
static void
past_change(struct arena *a, json *list, const char *label, const char *before, const char *after)
{
	json *o = json_new(a);

	json_set_str(o, "label", label);
	json_set_str(o, "before", before);
	json_set_str(o, "after", after);
	json_add(list, o);
}

static bool
past_differs(struct arena *a, const json *x, const json *y, const char *name)
{
	const json *p = json_at(x, name), *q = json_at(y, name);

	return strcmp(p ? json_text(a, p) : "", q ? json_text(a, q) : "") != 0;
}

/* An occurrence that differs from its series, in a few words. */
static const char *
past_one(struct arena *a, const json *differs)
{
	struct buf *b = buf_in(a, 500);
	bool time = false;

	if (!differs)
		return "as the series";
	if (json_str(differs, "status") && !strcmp(json_str(differs, "status"), "cancelled"))
		return "left out";
	for (struct json_iter it = { 0 }; json_each(differs, &it);) {
		if (story_is_time(it.key) && time)
			continue;
		time = time || story_is_time(it.key);
		buf_printf(
		    b, "%s%s", b->n ? ", " : "its own ", story_is_time(it.key) ? "time" : it.key);
	}
	return buf_c(b);
}

static void
past_field(struct arena *a, json *list, const char *name, const json *before, const json *after,
    const struct wall *w)
{
	struct event_span s;
	struct when slot;

	if (!past_differs(a, before, after, name) || story_is_time(name))
		return;
	if (!strcmp(name, "recurrence")) {
		past_change(
		    a, list, page_event_field(name), story_rule(a, before), story_rule(a, after));
	} else if (*name != '@') {
		past_change(a, list, page_event_field(name),
		    story_text(a, w, json_at(before, name)),
		    story_text(a, w, json_at(after, name)));
	} else if (event_span(a, before, &s) && when_slot_read(str_c(name + 1), &s.start, &slot)) {
		past_change(a, list, arena_printf(a, "On %s", wall_span(a, w, &slot, &slot)),
		    past_one(a, json_at(before, name)), past_one(a, json_at(after, name)));
	}
}

json *
story_changes(struct arena *a, const struct wall *w, const json *before, const json *after)
{
	json *list = json_list(a);
	const char *was = story_span(a, w, before), *is = story_span(a, w, after);

	if (was && is && strcmp(was, is) != 0)
		past_change(a, list, page_event_field("time"), was, is);
	else if (past_differs(a, before, after, "timeZone"))
		past_change(a, list, "Time zone", json_str(before, "timeZone"),
		    json_str(after, "timeZone"));
	for (struct json_iter it = { 0 }; json_each(before, &it);)
		past_field(a, list, it.key, before, after, w);
	for (struct json_iter it = { 0 }; json_each(after, &it);)
		if (!json_has(before, it.key))
			past_field(a, list, it.key, before, after, w);
	return list;
}

static const char program[] = "token ";

static const char *
past_who(struct req *r, const struct change *c)
{
	struct conn conn;

	if (c->actor && str_starts(str_c(c->actor), program))
		return arena_printf(r->cx->a, "The program \"%s\"", c->actor + strlen(program));
	if (c->actor)
		return strcmp(c->actor, "session") != 0 ? c->actor : "You";
	if (c->connection_id &&
	    conn_get_any(r->cx, r->db, c->owner, c->connection_id, &conn) == RC_OK)
		return conn.name;
	return "Tidemark";
}

/* first: there is nothing before it. */
static const char *
past_what(const struct change *c, bool first)
{
	static const char *const there[] = { "received it", "received the change", "removed it" };
	enum change_action theirs;

	if (strcmp(c->side, SIDE_HERE) != 0 && change_theirs(c->reason, &theirs))
		return theirs == CHANGE_DELETED ? "deleted it" : "changed it";
	if (strcmp(c->side, SIDE_HERE) != 0)
		return there[c->action];
	if (c->action == CHANGE_DELETED)
		return "deleted it";
	if (c->action == CHANGE_UPDATED)
		return "changed it";
	if (!first)
		return "brought it back";
	return c->actor || !c->connection_id ? "made it" : "brought it";
}

enum rc
story_past(struct req *r, const struct wall *w, const struct event_row *e, json *model)
{
	struct arena *a = r->cx->a;
	json *list = json_list(a), *o;
	struct event_past past;
	int64_t from = 0;

	if (req_query(r, "before") &&
	    !str_i64(str_c(req_query(r, "before")), 1, INT64_MAX - 1, &from))
		from = 0;
	TRY(model_past(r, e, from, PAST_SHOWN, &past));
	for (size_t i = 0; i < past.n; i++) {
		const struct change *c = &past.v[i].change;

		o = json_new(a);
		json_set_time(o, "at", model_past_at(c));
		page_when(a, o, "when", json_str(o, "at"), clock_ms());
		json_set_str(o, "who", past_who(r, c));
		json_set_str(o, "what", past_what(c, i + 1 == past.n && !past.next));
		json_set_str(o, "reason", c->reason);
		json_set_str(
		    o, "sync", c->sync_id ? arena_printf(a, "/syncs/%s", c->sync_id) : NULL);
		json_set(o, "changes",
		    c->action == CHANGE_UPDATED && !strcmp(c->side, SIDE_HERE)
			? story_changes(a, w, json_stored(a, c->before), past.v[i].after)
			: json_list(a));
		json_add(list, o);
	}
	json_set(model, "history", list);
	json_set_str(model, "older",
	    past.next ? arena_printf(a, "/events/%s?before=%lld#why", e->id, (long long)past.next)
		      : NULL);
	return RC_OK;
}

/*
 * Where it stands.
 */
static const char *
twin_reason(struct arena *a, const struct event_link *of)
{
	const struct link *l = &of->link;

	if (of->question)
		return "The change is written there once you have said that it may be.";
	if (of->paused)
		return "Auto-sync of this calendar is off: the change is written there when it is "
		       "on again.";
	if (of->rests)
		return of->rests;
	if (l->error_detail && !strcmp(l->state, LINK_QUEUED))
		return arena_printf(
		    a, "A change is on its way. The last one did not arrive: %s", l->error_detail);
	if (l->error_detail)
		return l->error_detail;
	if (!strcmp(l->state, LINK_QUEUED))
		return "A change is on its way.";
	if (!strcmp(l->state, LINK_CONFLICT))
		return "Both sides have changed it: say which one is right.";
	if (!strcmp(l->state, LINK_FAILED))
		return "The change could not be written. It is not tried again by itself.";
	if (!strcmp(l->state, LINK_SKIPPED))
		return "This calendar does not take it.";
	return NULL;
}

enum rc
story_twins(struct req *r, const struct event_row *e, json *model)
{
	struct arena *a = r->cx->a;
	json *list = json_list(a), *o;
	struct event_links links;
	bool queued = false;

	TRY(model_links(r, e, &links));
	for (size_t i = 0; i < links.n; i++) {
		const struct event_link *l = &links.v[i];
		const char *kind, *text = shown_state_words(l, &kind);

		queued = queued ||
		    (!l->question && !l->paused && !l->rests &&
			!strcmp(l->link.state, LINK_QUEUED));
		o = json_new(a);
		json_set_str(o, "name", l->name);
		json_set_str(o, "href",
		    arena_printf(
			a, "/%s/%s", l->gone ? "kept" : "connections", l->link.connection_id));
		json_set_str(o, "kind", kind);
		json_set_str(o, "text", l->gone ? "Disconnected" : text);
		json_set_str(o, "reason", twin_reason(a, l));
		json_set_str(
		    o, "asked", l->question ? arena_printf(a, "/syncs/%s", l->question) : NULL);
		json_set_time(o, "at", l->link.last_synced_at);
		page_when(a, o, "when", json_str(o, "at"), clock_ms());
		json_add(list, o);
	}
	json_set(model, "twins", list);
	json_set_bool(model, "alone", links.n == 0);
	/* What was asked for a moment ago is looked for again. */
	json_set_bool(model, "again", queued && clock_ms() - e->updated_at < FRESH_MS);
	return RC_OK;
}

/*
 * Conflicts.
 */

/* One side has deleted it, the other edited it. */
static void
conflict_deletion(json *o, const json *field, const char *chosen)
{
	const bool here = json_flag(field, "local", false);

	json_set_str(o, "sentence",
	    here ? "Deleted here and edited there" : "Deleted there and edited here");
	if (chosen)
		json_set_str(o, "words",
		    here == !strcmp(chosen, SIDE_HERE) ? "the deletion stands" : "the edit stands");
}

static json *
conflict_fields(struct arena *a, const struct wall *w, const json *fields)
{
	json *list = json_list(a), *o;

	for (size_t i = 0; i < json_len(fields); i++) {
		const json *f = json_nth(fields, i);
		const char *chosen = json_str(f, "chosen");
		const bool here = chosen && !strcmp(chosen, SIDE_HERE);

		o = json_new(a);
		json_set_str(o, "label", story_label(a, w, json_str(f, "field")));
		json_set_str(o, "here", story_text(a, w, json_at(f, "local")));
		json_set_str(o, "there", story_text(a, w, json_at(f, "remote")));
		json_set_str(
		    o, "words", here ? "the edit made here stands" : "the edit made there stands");
		if (!chosen)
			json_set_str(o, "words", "nobody has decided yet");
		if (!strcmp(json_str(f, "field"), "deleted"))
			conflict_deletion(o, f, chosen);
		json_add(list, o);
	}
	return list;
}

enum rc
story_conflicts(struct req *r, const struct wall *w, const struct event_row *e, json *model)
{
	const struct object object = { .kind = OBJECT_EVENT, .key = e->id };
	struct arena *a = r->cx->a;
	json *list = json_list(a), *o;
	struct conflict_list found;
	struct conn conn;

	TRY(conflict_page(r->cx, r->db,
	    &(struct conflict_page){
		.owner = e->owner,
		.object = &object,
		.limit = TOLD_SHOWN,
	    },
	    &found));
	for (size_t i = 0; i < found.n; i++) {
		const struct conflict *c = &found.v[i];

		o = json_new(a);
		json_set_time(o, "at", c->detected_at);
		page_when(a, o, "when", json_str(o, "at"), clock_ms());
		if (conn_get_any(r->cx, r->db, c->owner, c->connection_id, &conn) == RC_OK)
			json_set_str(o, "name", conn.name);
		json_set_bool(o, "open", !strcmp(c->state, CONFLICT_OPEN));
		json_set_str(o, "conflictId", c->id);
		json_set(o, "fields", conflict_fields(a, w, json_stored(a, c->fields)));
		json_add(list, o);
	}
	json_set(model, "conflicts", list);
	return RC_OK;
}
