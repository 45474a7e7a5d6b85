/*
 * cal_here.h - the application, which makes, changes and deletes events of its own calendar, and a
 * person who answers what is asked.
 */
#ifndef SIM_CAL_HERE_H
#define SIM_CAL_HERE_H

#include "sim/cal_people.h"

#include "app/conflicts.h"
#include "app/events.h"
#include "unit/caller_fixture.h"

/* Refused: it was no edit. (What others have done to a series may have left it without the place, or
 * a rule without any.) */
static inline bool
app_did(enum rc rc, const char *what, const char *id, const json *said)
{
	tell("the application: %s %s %s%s", what, id ? id : "", said ? json_text(cx.a, said) : "",
	    rc == RC_OK ? "" : cx.err.detail);
	if (rc == RC_OK) {
		tally.here++;
		return true;
	}
	if (cx.err.kind != E_INPUT)
		sim_bad("the application may not %s: %s", what, cx.err.detail);
	sim.token[sim.tokens].fine |= said != NULL;
	cx.err = (struct err){ 0 };
	return false;
}

static inline json *
app_value(int name, const struct content *c)
{
	json *value = json_new(cx.a);
	const char *start, *end;

	cal_times(name, c, &start, &end);
	json_set_str(value, "title", arena_printf(cx.a, "t%d", c->f[0]));
	json_set_str(value, "location", arena_printf(cx.a, "p%d", c->f[1]));
	json_set_str(value, "startDateTime", start);
	json_set_str(value, "endDateTime", end);
	return value;
}

static inline void
app_adds_as(const struct content *c)
{
	json *value = app_value(cal.names, c);
	struct event_done done;

	json_set_str(value, "description", arena_printf(cx.a, "n%d", cal.names));
	if (cal.series[cal.names])
		json_set(value, "recurrence", cal_rule(4));
	app_did(events_add(&cx, db, &owner_calls, value, &done), "add", NULL, value);
}

static inline void
app_adds(void)
{
	const struct content c = cal_new_content();

	app_adds_as(&c);
}

static inline void
app_says(const struct event_row *e, const json *said)
{
	const struct event_place place = { .id = e->id };
	struct event_done done;

	app_did(events_change(&cx, db, &owner_calls, &place, said, &done), "change", e->id, said);
}

static inline void
app_edits_one(const struct event_row *e, const json *value)
{
	struct event_place place = { .id = e->id };
	struct event_done done;
	struct cal_place at;
	json *said;

	if (!cal_place(value, &at))
		return;
	place.slot = at.name;
	if (dice(4) == 0) {
		token_fine(cal_token(json_str(at.differs, "title"), 't'));
		app_did(events_remove_one(&cx, db, &owner_calls, &place, &done), "leave out", e->id,
		    NULL);
		return;
	}
	said = json_new(cx.a);
	json_set_str(said, "title", cal_place_title(value, &at));
	app_did(
	    events_change_one(&cx, db, &owner_calls, &place, said, &done), at.name, e->id, said);
}

/* An occurrence and all that follow: another title, or they go. */
static inline void
app_splits(const struct event_row *e, const json *value)
{
	struct event_place place = { .id = e->id, .following = true };
	struct content c = cal_content(value);
	int name = cal_name(value);
	struct event_done done;
	struct cal_place at;
	json *said = json_new(cx.a);

	if (cal.names + 1 >= NAMES || !cal_place(value, &at) || at.i == 0)
		return;
	place.slot = at.name;
	cal_places_go(value);
	if (dice(3) == 0) {
		app_did(
		    events_remove_one(&cx, db, &owner_calls, &place, &done), "end", e->id, NULL);
		return;
	}
	cal_makes(true, cal.base[name] + at.days);
	cal.meets[cal.names] = cal.meets[name];
	json_set_str(said, "title", arena_printf(cx.a, "t%d", token_new(c.f[0], 0)));
	json_set_str(said, "description", arena_printf(cx.a, "n%d", cal.names));
	if (!app_did(events_change_one(&cx, db, &owner_calls, &place, said, &done), at.name, e->id,
		said))
		cal.gone[cal.names] = true;
}

static inline void
app_moves(const struct event_row *e, const json *value)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "America/Los_Angeles",
		"Asia/Kolkata" };
	struct content c = cal_content(value);
	json *said = json_new(cx.a), *whole;
	int f = 2 + (int)dice(2);

	cal_places_go(value);
	switch (dice(3)) {
	case 0:
		json_set(said, "recurrence", cal_rule(2 + (int)dice(4)));
		break;
	case 1:
		json_set_str(said, "timeZone", zones[dice(4)]);
		break;
	default:
		c.f[f] = token_new(c.f[f], 0);
		whole = app_value(cal_name(value), &c);
		json_set(said, "startDateTime", json_at(whole, "startDateTime"));
		json_set(said, "endDateTime", json_at(whole, "endDateTime"));
	}
	app_says(e, said);
}

static inline void
app_edits_field(const struct event_row *e, const json *value, int f)
{
	static const char *const names[] = { "title", "location", "startDateTime", "endDateTime" };
	struct content c = cal_content(value);
	json *said = json_new(cx.a), *whole;

	c.f[f] = token_new(c.f[f], 0);
	whole = app_value(cal_name(value), &c);
	json_set(said, names[f], json_at(whole, names[f]));
	if (f == 2)
		json_set(said, names[3], json_at(whole, names[3]));
	app_says(e, said);
}

static inline void
app_edits_whole(const struct event_row *e, const json *value)
{
	app_edits_field(e, value, (int)dice(cal.series[cal_name(value)] ? 2 : 4));
}

static inline void
app_removes(const struct event_row *e, const json *value)
{
	const struct event_place place = { .id = e->id };
	struct event_done done;

	cal_fine(value);
	cal.gone[cal_name(value)] = true;
	app_did(events_remove(&cx, db, &owner_calls, &place, &done), "delete", e->id, NULL);
}

static inline void
app_edits(const struct event_row *e)
{
	const json *value = json_stored(cx.a, e->value);

	if (dice(6) == 0) {
		app_removes(e, value);
	} else if (!cal.series[cal_name(value)] || dice(2)) {
		app_edits_whole(e, value);
	} else if (dice(2)) {
		app_edits_one(e, value);
	} else if (dice(2)) {
		app_splits(e, value);
	} else {
		app_moves(e, value);
	}
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

/* The latest edit was not the last. */
static inline void
people_edit_again(void)
{
	struct event_list list = app_events();
	const struct event_row *latest = NULL;

	for (size_t i = 0; i < list.n; i++)
		if (!latest || list.v[i].updated_at > latest->updated_at)
			latest = &list.v[i];
	if (latest)
		app_edits_whole(latest, json_stored(cx.a, latest->value));
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

#define CHOOSE_LOCAL "{\"choice\":\"local\"}"
#define CHOOSE_REMOTE "{\"choice\":\"remote\"}"

/* One of the conflicts that are open is answered, if there is one. */
static inline bool
people_answer(void)
{
	struct conflict_page page = { .owner = OWNER, .state = CONFLICT_OPEN };
	struct conflicts_answered out;
	struct conflict_list list;
	const struct conflict *c;
	const char *said = sim.cal.choice;

	assert_ok(conflict_page(&cx, db, &page, &list));
	if (!list.n)
		return false;
	c = &list.v[dice((uint32_t)list.n)];
	if (!said)
		said = dice(2) ? CHOOSE_LOCAL : CHOOSE_REMOTE;
	tell("somebody answers %s: %s", c->fields, said);
	answer_saw(c);
	assert_ok(conflicts_answer(&cx, db, &owner_calls, c->id, json_stored(cx.a, said), &out));
	tally.answers++;
	return true;
}

#endif
