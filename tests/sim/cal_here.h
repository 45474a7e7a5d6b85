/*
 * cal_here.h - the application, which makes, changes and deletes events of its own calendar, and a
 * person who answers what is asked.
 */
#ifndef SIM_CAL_HERE_H
#define SIM_CAL_HERE_H

#include "sim/cal_there.h"

#include "app/conflicts.h"
#include "queue/event_edit.h"
#include "unit/caller_fixture.h"

struct app_edit {
	const char *id;   /* NULL: a new one */
	const json *sets; /* members of the value; NULL: deleted */
};

static enum rc
app_write(struct ctx *c, struct db *d, void *arg)
{
	const struct app_edit *w = arg;
	struct event_row e = { .owner = OWNER };
	struct edit edit = { .owner = OWNER, .actor = "ann", .now = clock_ms() };
	json *value = json_new(c->a);

	if (w->id) {
		TRY(event_get(c, d, OWNER, w->id, &e));
		edit.before = json_stored(c->a, e.value);
		value = json_stored(c->a, e.value);
	}
	for (struct json_iter it = { 0 }; json_each(w->sets, &it);)
		json_set(value, it.key, it.value);
	edit.after = w->sets ? value : NULL;
	return event_edit(c, d, &edit, &e);
}

static inline void
app_says(const char *id, const json *sets)
{
	struct app_edit w = { .id = id, .sets = sets };

	tally.here++;
	tell("the application: %s %s", id ? id : "a new one",
	    sets ? json_text(cx.a, sets) : "is deleted");
	assert_ok(db_write(&cx, db, app_write, &w));
}

static inline json *
app_value(const struct content *c)
{
	json *value = json_new(cx.a);
	const char *start, *end;

	cal_times(cx.a, c, &start, &end);
	json_set_str(value, "title", arena_printf(cx.a, "t%d", c->f[0]));
	json_set_str(value, "location", arena_printf(cx.a, "p%d", c->f[1]));
	json_set_str(value, "startDateTime", start);
	json_set_str(value, "endDateTime", end);
	return value;
}

static inline void
app_adds(void)
{
	struct content c = cal_new_content();
	json *value = app_value(&c), *lines = json_list(cx.a);

	json_set_str(value, "description", arena_printf(cx.a, "n%d", cal.names));
	json_set_str(value, "status", "confirmed");
	json_set_str(value, "timeZone", "UTC");
	json_set_bool(value, "busy", true);
	json_set_bool(value, "allDay", false);
	if (cal.series[cal.names]) {
		json_add_str(lines, "RRULE:FREQ=WEEKLY;COUNT=4");
		json_set(value, "recurrence", lines);
	}
	app_says(NULL, value);
}

static inline void
app_edits_one(const struct event_row *e, const json *value, const struct content *c)
{
	const char *key = arena_printf(cx.a, "@%s", cal_slot(cx.a, c, (int)dice(CAL_SLOTS)));
	json *sets = json_new(cx.a), *differs = json_new(cx.a);
	const json *was = json_at(value, key);
	const char *status = json_str(was, "status"), *title = json_str(was, "title");

	if (status && !strcmp(status, "cancelled"))
		return;
	if (dice(4) == 0) {
		token_fine(cal_token(title, 't'));
		json_set_str(differs, "status", "cancelled");
	} else {
		int saw = title ? cal_token(title, 't') : c->f[0];

		for (struct json_iter it = { 0 }; json_each(was, &it);)
			json_set(differs, it.key, it.value);
		json_set_str(differs, "title", arena_printf(cx.a, "t%d", token_new(saw, 0)));
	}
	json_set(sets, key, differs);
	app_says(e->id, sets);
}

static inline void
app_edits(const struct event_row *e)
{
	static const char *const names[] = { "title", "location", "startDateTime", "endDateTime" };
	const json *value = json_stored(cx.a, e->value);
	struct content c = cal_content(value);
	int name = cal_name(value), f = (int)dice(cal.series[name] ? 2 : 4);
	json *sets = json_new(cx.a), *whole;

	if (dice(6) == 0) {
		cal_fine(value);
		cal.gone[name] = true;
		app_says(e->id, NULL);
		return;
	}
	if (cal.series[name] && dice(2)) {
		app_edits_one(e, value, &c);
		return;
	}
	c.f[f] = token_new(c.f[f], 0);
	whole = app_value(&c);
	json_set(sets, names[f], json_at(whole, names[f]));
	if (f == 2)
		json_set(sets, names[3], json_at(whole, names[3]));
	app_says(e->id, sets);
}

static inline struct event_list
app_events(void)
{
	const struct event_range all = {
		.owner = OWNER,
		.from = INT64_MIN,
		.until = INT64_MAX,
		.after = INT64_MIN,
		.after_id = "",
		.limit = 2 * NAMES,
	};
	struct event_list list;

	assert_ok(event_range(&cx, db, &all, &list));
	return list;
}

static inline void
people_edit_here(void)
{
	struct event_list list = app_events();
	size_t i = dice((uint32_t)list.n + 1);

	if (i < list.n)
		app_edits(&list.v[i]);
	else if (cal.names < CAL_FULL)
		app_adds();
}

/* Who answers whether a deletion or an edit stands has seen both. */
static inline void
answer_saw(const struct conflict *c)
{
	struct cal_twins all;
	struct event_row e;
	struct link l;

	if (!strstr(c->fields, "\"deleted\""))
		return;
	assert_ok(event_any(&cx, db, OWNER, c->object.key, &e));
	cal_fine(json_stored(cx.a, e.value));
	cal.gone[cal_name(json_stored(cx.a, e.value))] = true;
	assert_ok(link_get(&cx, db, OWNER, c->link_id, &l));
	for (int s = 0; s < SIDES; s++) {
		cal_all(&sides[s], &all);
		for (int i = 0; i < all.n && !strcmp(sides[s].conn, c->connection_id); i++)
			if (l.remote_id && !strcmp(all.v[i].key, l.remote_id))
				cal_fine(all.v[i].values);
	}
}

/* One of the conflicts that are open is answered, if there is one. */
static inline bool
people_answer(void)
{
	struct conflict_page page = { .owner = OWNER, .state = CONFLICT_OPEN };
	struct conflicts_answered out;
	struct conflict_list list;
	const struct conflict *c;
	const char *said;

	assert_ok(conflict_page(&cx, db, &page, &list));
	if (!list.n)
		return false;
	c = &list.v[dice((uint32_t)list.n)];
	said = dice(2) ? "{\"choice\":\"local\"}" : "{\"choice\":\"remote\"}";
	tell("somebody answers %s: %s", c->fields, said);
	answer_saw(c);
	assert_ok(conflicts_answer(&cx, db, &owner_calls, c->id, json_stored(cx.a, said), &out));
	tally.answers++;
	return true;
}

#endif
