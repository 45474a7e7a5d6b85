/*
 * conflicts.c - see conflicts.h.
 */
#include "app/conflicts.h"

#include "ask/ask.h"
#include "base/clock.h"
#include "event/event.h"
#include "queue/event_edit.h"
#include "queue/resolve.h"

enum { ALIKE_PAGE = 200 };

/* --- what is said --- */

/* Of a field, as the interface names it. */
static void
conflict_wrong(struct ctx *cx, const struct caller *by, const char *name, const char *message)
{
	complaints_add(cx, by->wrong, arena_printf(cx->a, "fields.%.60s", name), message);
}

struct saying {
	struct ctx *cx;
	const struct caller *by;
	const json *said;
	struct answer answer;
	bool alike, enters; /* enters: values were entered */
};

static void
saying_wrong(const struct saying *s, const char *name, const char *message)
{
	conflict_wrong(s->cx, s->by, name, message);
}

static bool
saying_is_side(const char *word)
{
	return word && (!strcmp(word, "local") || !strcmp(word, "remote"));
}

/* What may be entered; NULL: that. */
static const char *
saying_value_wrong(const char *name, const json *value)
{
	if (*name == '@')
		return "Of one occurrence a side stands: local or remote.";
	if (!strcmp(name, "deleted"))
		return json_is_bool(value) ? NULL : "Say whether it shall be deleted.";
	if (!strcmp(name, "time"))
		return json_is_obj(value)
		    ? NULL
		    : "Say from when to when: {\"startDateTime\", \"endDateTime\"}.";
	return NULL;
}

/* {"side"} or {"value"}, as it is kept; NULL: it was complained of. */
static json *
saying_field(struct saying *s, const char *name, json *v)
{
	json *one = json_new(s->cx->a);
	const char *side = json_str(v, "side"), *why;
	bool value = json_has(v, "value");

	if (!json_is_obj(v) && !saying_is_side(json_value_str(v))) {
		json_set(one, "value", v);
		value = true;
	} else if (json_len(v) == 1 && (value || saying_is_side(side))) {
		one = v;
	} else {
		saying_wrong(s, name,
		    "Say {\"side\": \"local\"}, {\"side\": \"remote\"} or "
		    "{\"value\": what it shall be}.");
		return NULL;
	}
	why = value ? saying_value_wrong(name, json_at(one, "value")) : NULL;
	if (why)
		saying_wrong(s, name, why);
	s->enters |= value && strcmp(name, "deleted") != 0;
	return one;
}

static bool
conflict_names(const json *fields, const char *name)
{
	for (size_t i = 0; i < json_len(fields); i++)
		if (!strcmp(json_str(json_nth(fields, i), "field"), name))
			return true;
	return false;
}

/* Each field of the conflict, and no other. */
static enum rc
saying_merge(struct saying *s, const json *fields)
{
	const json *given = json_at(s->said, "fields");
	json *each = json_new(s->cx->a);

	if (!json_is_obj(given))
		return caller_wrong(s->cx, s->by, "fields", "Say of each field what stands.");
	for (struct json_iter it = { 0 }; json_each(given, &it);) {
		if (conflict_names(fields, it.key))
			json_set(each, it.key, saying_field(s, it.key, it.value));
		else
			saying_wrong(s, it.key, "The conflict is not about this field.");
	}
	for (size_t i = 0; i < json_len(fields); i++) {
		const char *name = json_str(json_nth(fields, i), "field");

		if (!json_has(given, name))
			saying_wrong(s, name, "Say what stands here too.");
	}
	s->answer.fields = each;
	return complaints_end(s->cx, s->by->wrong);
}

static enum rc
saying_read(struct saying *s, const struct conflict *c)
{
	static const char *const known[] = { "choice", "fields", "alike", NULL };
	const char *choice = json_str(s->said, "choice");

	TRY(caller_known(s->cx, s->by, s->said, known, "There is no such member."));
	s->alike = json_flag(s->said, "alike", false);
	if (choice && !strcmp(choice, "merge")) {
		TRY(saying_merge(s, json_stored(s->cx->a, c->fields)));
		return s->alike && s->enters
		    ? caller_wrong(s->cx, s->by, "alike",
			  "What is entered is meant for one: answer the others by side.")
		    : RC_OK;
	}
	if (!saying_is_side(choice))
		return caller_wrong(
		    s->cx, s->by, "choice", "The choice is one of local, remote and merge.");
	if (json_has(s->said, "fields"))
		return caller_wrong(
		    s->cx, s->by, "fields", "Fields are said with the choice merge.");
	s->answer.pick = !strcmp(choice, "local") ? PICK_LOCAL : PICK_REMOTE;
	return RC_OK;
}

/* --- events --- */

static enum rc
conflict_event_get(struct ctx *cx, struct db *db, const struct resolve *r, const struct object *o,
    const json **value)
{
	struct event_row e;

	*value = NULL;
	TRY(event_any(cx, db, r->owner, o->key, &e));
	if (!e.deleted_at)
		*value = json_stored(cx->a, e.value);
	return RC_OK;
}

/* The field of a conflict to which a member of an event belongs. */
static const char *
conflict_unit(const char *member)
{
	for (size_t i = 0; i < event_rules.n_groups; i++) {
		const struct merge_group *g = &event_rules.groups[i];

		for (const char *const *m = g->members; *m; m++)
			if (!strcmp(*m, member))
				return g->name;
	}
	return member;
}

static enum rc
conflict_event_enter(
    struct ctx *cx, const struct resolve *r, const json *value, const json *entered, json **out)
{
	const struct caller *by = r->arg;
	struct complaints wrong = { .list = NULL };
	const enum rc rc = event_take(cx, &wrong, value, entered, out);

	for (size_t i = 0; i < json_len(wrong.list); i++) {
		const json *of = json_nth(wrong.list, i);

		conflict_wrong(
		    cx, by, conflict_unit(json_str(of, "field")), json_str(of, "message"));
	}
	return wrong.list ? complaints_end(cx, by->wrong) : rc;
}

static enum rc
conflict_event_write(
    struct ctx *cx, struct db *db, const struct resolve *r, const struct edit *edit)
{
	struct event_row e;

	TRY(event_any(cx, db, r->owner, edit->object.key, &e));
	return event_edit(cx, db, edit, &e);
}

static const struct resolve_ops conflict_events = {
	.rules = &event_rules,
	.get = conflict_event_get,
	.enter = conflict_event_enter,
	.write = conflict_event_write,
};

/* --- one, and those like it --- */

struct conflicts_write {
	const struct caller *by;
	struct saying *saying; /* NULL: it has been read */
	struct answer answer;
	const char *id;
	struct conflict *out;
};

static enum rc
conflicts_answer_write(struct ctx *cx, struct db *db, void *arg)
{
	struct conflicts_write *w = arg;
	struct resolve r = {
		.owner = w->by->owner,
		.conflict_id = w->id,
		.answer = w->answer,
		.by = w->by->actor.name,
		.now = clock_ms(),
		.ops = &conflict_events,
		.arg = w->by,
	};

	TRY(conflict_get(cx, db, w->by->owner, w->id, w->out));
	if (strcmp(w->out->state, CONFLICT_OPEN) != 0)
		return fail(
		    cx, E_STATE, "This conflict is resolved already; look at what was chosen.");
	if (strcmp(w->out->object.kind, OBJECT_EVENT) != 0)
		return fail(cx, E_NOT_YET, "Only conflicts of events can be answered.");
	if (w->saying) {
		TRY(saying_read(w->saying, w->out));
		r.answer = w->saying->answer;
	}
	TRY(resolve_conflict(cx, db, &r, w->out));
	return caller_audit(cx, db, w->by, "conflict answered", w->id,
	    json_str(json_stored(cx->a, w->out->answer), "choice"));
}

static bool
fields_alike(struct arena *a, const char *x, const char *y)
{
	const json *one = json_stored(a, x), *other = json_stored(a, y);

	if (json_len(one) != json_len(other))
		return false;
	for (size_t i = 0; i < json_len(one); i++)
		if (!conflict_names(other, json_str(json_nth(one, i), "field")))
			return false;
	return true;
}

bool
conflicts_alike(struct arena *a, const struct conflict *x, const struct conflict *y)
{
	return !strcmp(x->connection_id, y->connection_id) && !strcmp(x->state, y->state) &&
	    !strcmp(x->object.kind, y->object.kind) && fields_alike(a, x->fields, y->fields);
}

/* Each in a write of its own; one that was answered meanwhile is left. */
static enum rc
conflicts_answer_alike(struct ctx *cx, struct db *db, struct conflicts_write *w,
    const struct conflict_list *list, int64_t *n)
{
	struct conflict asked = *w->out, other;

	asked.state = CONFLICT_OPEN;
	for (size_t i = 0; i < list->n; i++) {
		enum rc rc;

		if (!strcmp(list->v[i].id, asked.id) ||
		    !conflicts_alike(cx->a, &asked, &list->v[i]))
			continue;
		w->id = list->v[i].id;
		w->out = &other;
		rc = db_write(cx, db, conflicts_answer_write, w);
		if (rc != RC_OK && cx->err.kind != E_STATE)
			return rc;
		*n += rc == RC_OK;
		cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

enum rc
conflicts_answer(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const json *said, struct conflicts_answered *out)
{
	struct saying s = { .cx = cx, .by = by, .said = said };
	struct conflicts_write w = { .by = by, .saying = &s, .id = id, .out = &out->row };
	struct conflict_page page = {
		.owner = by->owner,
		.state = CONFLICT_OPEN,
		.limit = ALIKE_PAGE,
	};
	struct conflict_list list = { .next = "" };

	out->alike = 0;
	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(db_write(cx, db, conflicts_answer_write, &w));
	w.saying = NULL;
	w.answer = s.answer;
	while (s.alike && list.next) {
		TRY(conflict_page(cx, db, &page, &list));
		w.out = &out->row;
		TRY(conflicts_answer_alike(cx, db, &w, &list, &out->alike));
		page.before = list.next;
	}
	wake_tick();
	return RC_OK;
}
