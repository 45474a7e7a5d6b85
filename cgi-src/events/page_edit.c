/*
 * page_edit.c - /calendar/new and /events/{id}/edit: an event is made and changed by a form.
 *
 * A form carries what it was made from: the revision, and the value of the event then. One that was
 * overtaken by another edit is not written but shown again, with what that one changed; fields that
 * nobody has touched here have become the others'.
 */
#include "app/events.h"
#include "events/form.h"
#include "events/place.h"
#include "skin/page.h"

struct editing {
	struct req *r;
	struct wall wall;
	struct event_seen seen; /* of one that there is */
	const json *value;      /* what is edited of it now; NULL: a new event */
	const json *texts;      /* what the fields hold */
	json *meanwhile;        /* what others have changed, or NULL */
};

/*
 * The form.
 */
static void
edit_words(const struct editing *d, json *model)
{
	static const char *const titles[] = {
		[REACH_ALL] = "Edit event",
		[REACH_ONE] = "Edit this event",
		[REACH_FOLLOWING] = "Edit this and following events",
	};
	static const char *const words[] = {
		[REACH_ALL] = "all",
		[REACH_ONE] = "one",
		[REACH_FOLLOWING] = "following",
	};
	const struct event_seen *s = &d->seen;
	struct arena *a = d->r->cx->a;

	json_set_str(model, "title", titles[s->reach]);
	if (s->series && s->reach == REACH_ALL)
		json_set_str(model, "title", "Edit the whole series");
	json_set_str(model, "scope", words[s->reach]);
	json_set_str(model, "at", s->slot);
	json_set_str(model, "action", arena_printf(a, "/events/%s/edit", s->e.id));
	json_set_str(model, "cancel", place_href(a, s, ""));
	json_set_str(model, "eventTitle", json_str(d->value, "title"));
	json_set_i64(model, "rev", s->e.rev);
	json_set_str(model, "base", json_text(a, d->value));
	json_set_str(model, "save", "Save");
	json_set_bool(model, "wholeSeries", s->series && s->reach == REACH_ALL);
}

static void
edit_new_words(const struct editing *d, json *model)
{
	struct arena *a = d->r->cx->a;

	json_set_str(model, "title", "New event");
	json_set_str(model, "action", "/calendar/new");
	json_set_str(
	    model, "cancel", arena_printf(a, "/calendar?date=%s", json_str(d->texts, "startDate")));
	json_set_str(model, "save", "Create event");
}

static enum rc
edit_show(struct editing *d, struct resp *w, const struct err *problem)
{
	json *model = json_new(d->r->cx->a);

	if (d->value)
		edit_words(d, model);
	else
		edit_new_words(d, model);
	form_model(d->r, d->texts, d->seen.reach != REACH_ONE, model);
	json_set(model, "meanwhile", d->meanwhile);
	json_set_bool(model, "overtaken", d->meanwhile != NULL);
	json_set_str(model, "zoneName", d->wall.name);
	json_set_str(model, "problem",
	    problem && json_len(d->r->wrong.list) == 0 && !d->meanwhile
		? page_problem(d->r, problem)
		: NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(d->r, w, problem ? problem_status(problem) : 200, "eventform",
	    json_str(model, "title"), model);
}

/*
 * A new one.
 */
enum rc
page_event_new(struct req *r, struct resp *w)
{
	struct editing d = { .r = r };
	int64_t day;

	wall_of(r, &d.wall);
	if (!wall_day_read(req_query(r, "date"), &day))
		day = d.wall.today;
	d.texts = form_new(r->cx->a, &d.wall, day);
	return edit_show(&d, w, NULL);
}

enum rc
page_event_add(struct req *r, struct resp *w)
{
	struct editing d = { .r = r };
	struct event_done done;
	struct err problem;
	json *said, *typed = form_typed(r);
	enum rc rc;

	wall_of(r, &d.wall);
	d.texts = typed;
	rc = form_said(r, &(struct form_was){ .rule = true }, typed, &said);
	if (rc == RC_OK)
		rc = events_add(r->cx, r->db, auth_caller(r), said, &done);
	if (rc == RC_OK) {
		page_say(r, w, arena_printf(r->cx->a, "/events/%s", done.e.id),
		    "The event was created.");
		return RC_OK;
	}
	problem = r->cx->err;
	if (rc != RC_INVALID && rc != RC_LIMITED && problem.kind != E_STATE)
		return rc;
	return edit_show(&d, w, &problem);
}

/*
 * One that there is.
 */
/* What the form is about: the event, one occurrence, or what the series is from there on. */
static const json *
edit_value(struct arena *a, const struct event_seen *s)
{
	json *before, *after, *out;

	if (s->reach == REACH_ONE)
		return s->one.value;
	if (s->reach == REACH_FOLLOWING && occur_split(a, s->event, &s->one.slot, &before, &after))
		return after;
	out = json_new(a);
	for (struct json_iter it = { 0 }; json_each(s->event, &it);)
		if (*it.key != '@')
			json_set(out, it.key, it.value);
	return out;
}

static enum rc
edit_begin(struct req *r, struct editing *d)
{
	*d = (struct editing){ .r = r };
	wall_of(r, &d->wall);
	TRY(place_find(r, &d->seen));
	if (d->seen.e.deleted_at)
		return fail(r->cx, E_GONE, "The event is deleted. Restore it first.");
	d->value = edit_value(r->cx->a, &d->seen);
	return RC_OK;
}

enum rc
page_event_edit(struct req *r, struct resp *w)
{
	struct editing d;

	TRY(edit_begin(r, &d));
	d.texts = form_texts(r->cx->a, &d.wall, d.value);
	return edit_show(&d, w, NULL);
}

static enum rc
edit_write(struct editing *d, const json *was, const json *typed, struct event_done *done)
{
	const struct event_seen *s = &d->seen;
	const struct form_was form = {
		.texts = was,
		.value = d->value,
		.rule = s->reach != REACH_ONE,
	};
	const struct event_place place = {
		.id = s->e.id,
		.slot = s->slot,
		.following = s->reach == REACH_FOLLOWING,
		.rev = s->e.rev,
	};
	const struct caller *by = auth_caller(d->r);
	json *said;

	TRY(form_said(d->r, &form, typed, &said));
	if (s->reach == REACH_ALL)
		return events_change(d->r->cx, d->r->db, by, &place, said, done);
	return events_change_one(d->r->cx, d->r->db, by, &place, said, done);
}

/* Is it what the form was made from, as far as the form shows it? Otherwise d says what is to be
 * shown. */
static bool
edit_is_level(struct editing *d, const json *typed)
{
	struct arena *a = d->r->cx->a;
	const char *text = req_form(d->r, "base"), *seen = req_form(d->r, "rev");
	const json *base = json_stored(a, text), *now = form_texts(a, &d->wall, d->value);
	json *texts;
	int64_t rev;

	if (seen && str_i64(str_c(seen), 1, INT64_MAX, &rev) && rev == d->seen.e.rev)
		return true;
	d->meanwhile = json_list(a);
	if (!base)
		return false;
	d->meanwhile = form_meanwhile(a, form_texts(a, &d->wall, base), now, typed, &texts);
	if (json_len(d->meanwhile) == 0) {
		d->meanwhile = NULL;
		return true;
	}
	d->texts = texts;
	return false;
}

static void
edit_done(struct editing *d, struct resp *w, const struct event_done *done)
{
	const struct event_seen *s = &d->seen;
	struct arena *a = d->r->cx->a;
	const char *id = done->following.id ? done->following.id : done->e.id;
	const size_t lost = json_len(done->lost);

	page_say(d->r, w,
	    s->reach == REACH_ONE ? place_href(a, s, "") : arena_printf(a, "/events/%s", id),
	    lost ? arena_printf(a, "Saved. %s that differed had no place in the series any more.",
		       page_plural(a, (int64_t)lost, "occurrence", "occurrences"))
		 : "Saved.");
}

enum rc
page_event_save(struct req *r, struct resp *w)
{
	struct event_done done;
	struct editing d;
	struct err problem;
	json *typed = form_typed(r);
	enum rc rc;

	TRY(edit_begin(r, &d));
	d.texts = typed;
	if (edit_is_level(&d, typed))
		rc = edit_write(&d, form_texts(r->cx->a, &d.wall, d.value), typed, &done);
	else
		rc = fail(r->cx, E_STATE, "The event was changed meanwhile.");
	if (rc == RC_OK) {
		edit_done(&d, w, &done);
		return RC_OK;
	}
	problem = place_problem(r);
	if (rc != RC_INVALID && rc != RC_LIMITED && problem.kind != E_STATE)
		return rc;
	return edit_show(&d, w, &problem);
}
