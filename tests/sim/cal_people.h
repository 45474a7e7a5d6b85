/*
 * cal_people.h - what the people do in their calendars at Google: what an owner, an organizer and a
 * guest may do there.
 */
#ifndef SIM_CAL_PEOPLE_H
#define SIM_CAL_PEOPLE_H

#include "sim/cal_pages.h"

#include "fake/fake.h"

/* Live ones, as its owner sees them: singles and whole series. */
static inline json *
cal_list(const struct side *s, const char *token)
{
	int status;
	json *out = cal_ask(cx.a,
	    &(struct cal_call){
		.token = token,
		.method = "GET",
		.path = CAL_EVENTS "?maxResults=2500",
	    },
	    &status);

	if (status != 200 || json_str(out, "nextPageToken"))
		sim_bad("the list of %s: %d", s->email, status);
	return json_at(out, "items");
}

/* All that is there, as twins: in the fields of the calendar here. */
static inline void
cal_all(const struct side *s, struct cal_twins *out)
{
	const struct source src = { .config = json_stored(cx.a, "{\"calendar\":\"primary\"}") };
	json *items;

	if (is_notion(s)) {
		notion_all(out);
		return;
	}
	items = cal_list(s, s->theirs);
	cal_twins(&src,
	    arena_printf(cx.a,
		"{\"delta\":false,\"answer\":{\"timeZone\":\"UTC\","
		"\"accessRole\":\"owner\",\"items\":%s}}",
		json_text(cx.a, items)),
	    "google-calendar", out);
}

static inline const char *
cal_path(const char *id)
{
	return arena_printf(cx.a, CAL_EVENTS "/%s", id);
}

static inline void
cal_time(json *body, const char *name, const char *text)
{
	json *when = json_new(cx.a);

	json_set_str(when, "dateTime", text);
	json_set_str(when, "timeZone", "UTC");
	json_set(body, name, when);
}

/* Now and then by the clock of another zone. */
static inline void
cal_time_zone(json *body, bool same)
{
	static const char *const zones[] = { "Europe/Berlin", "America/Los_Angeles",
		"Asia/Kolkata" };
	const char *zone = same ? "UTC" : zones[dice(3)];

	json_set_str(json_at(body, "start"), "timeZone", zone);
	json_set_str(json_at(body, "end"), "timeZone", zone);
}

static inline json *
cal_body(int name, const struct content *c)
{
	json *body = json_new(cx.a);
	const char *start, *end;

	json_set_str(body, "summary", arena_printf(cx.a, "t%d", c->f[0]));
	json_set_str(body, "location", arena_printf(cx.a, "p%d", c->f[1]));
	cal_times(name, c, &start, &end);
	cal_time(body, "start", start);
	cal_time(body, "end", end);
	return body;
}

static inline void
cal_says(const struct side *s, const char *method, const char *path, const json *body)
{
	int status;

	tally.there++;
	cal_ask(cx.a,
	    &(struct cal_call){
		.token = s->theirs,
		.method = method,
		.path = path,
		.body = body,
	    },
	    &status);
	if (status >= 300)
		sim_bad("%s may not %s %s: %d", s->theirs, method, path, status);
	tell("%s: %s %s %s", s->theirs, method, path, body ? json_text(cx.a, body) : "");
}

/* --- new ones --- */

static inline json *
cal_rule(int count)
{
	json *lines = json_list(cx.a);

	json_add_str(lines, arena_printf(cx.a, "RRULE:FREQ=WEEKLY;COUNT=%d", count));
	return lines;
}

static inline json *
cal_guest(const char *email, const char *says)
{
	json *one = json_new(cx.a);

	json_set_str(one, "email", email);
	json_set_str(one, "responseStatus", says);
	return one;
}

static inline void
cal_adds_as(const struct side *s, const struct content *c)
{
	json *body = cal_body(cal.names, c), *guests = json_list(cx.a);

	json_set_str(body, "description", arena_printf(cx.a, "n%d", cal.names));
	if (cal.series[cal.names])
		json_set(body, "recurrence", cal_rule(4));
	/* The other one, and somebody who is nowhere else. */
	if (sim.cal.guests && dice(3) == 0) {
		json_add(guests, cal_guest(s->email, "accepted"));
		json_add(guests, cal_guest("carl@example.org", "needsAction"));
		if (dice(2))
			json_add(guests, cal_guest(sides[s == sides].email, "needsAction"));
		json_set(body, "attendees", guests);
		cal.meets[cal.names] = true;
	}
	cal_says(s, "POST", CAL_EVENTS, body);
}

static inline void
cal_adds(const struct side *s)
{
	const struct content c = cal_new_content();

	cal_adds_as(s, &c);
}

/* --- edits --- */

static inline const char *
cal_place_path(const struct twin *t, const struct cal_place *at)
{
	return cal_path(arena_printf(cx.a, "%s_%s", t->key, at->name));
}

static inline void
cal_edits_one(const struct side *s, const struct twin *t)
{
	json *body = json_new(cx.a);
	struct cal_place at;

	if (!cal_place(t->values, &at))
		return;
	if (dice(4) == 0) {
		token_fine(cal_token(json_str(at.differs, "title"), 't'));
		cal_says(s, "DELETE", cal_place_path(t, &at), NULL);
		return;
	}
	json_set_str(body, "summary", cal_place_title(t->values, &at));
	cal_says(s, "PATCH", cal_place_path(t, &at), body);
}

/* What somebody who was asked, and did not ask himself, has answered there. */
static inline const char *
cal_answer_of(const json *item)
{
	static const char *const all[] = { "accepted", "tentative" };
	const json *guests = json_at(item, "attendees");

	for (size_t i = 0; i < json_len(guests); i++) {
		const json *guest = json_nth(guests, i);

		if (!json_flag(guest, "self", false) || json_flag(guest, "organizer", false))
			continue;
		for (int k = 0; k < 2; k++)
			if (!strcmp(json_str(guest, "responseStatus"), all[k]))
				return all[k];
	}
	return NULL;
}

/* Of one that was made of the rest of another: its first place may have been answered before the
 * series was. */
static inline const char *
cal_answered(int name)
{
	const char *says = NULL;

	for (int s = 0; s < GOOGLES && !says; s++) {
		json *items = cal_list(&sides[s], sides[s].theirs);

		for (size_t i = 0; i < json_len(items) && !says; i++)
			if (cal_named(json_nth(items, i)) == name)
				says = cal_answer_of(json_nth(items, i));
	}
	return says;
}

/* "This and following" with another title: the rest becomes a series of its own. */
static inline void
cal_splits(const struct side *s, const struct twin *t)
{
	struct content c = cal_content(t->values);
	int name = cal_name(t->values);
	struct cal_place at;

	if (cal.names + 1 >= NAMES || !cal_place(t->values, &at) || at.i == 0)
		return;
	cal_places_go(t->values);
	cal_makes(true, cal.base[name] + at.days);
	cal.meets[cal.names] = cal.meets[name];
	tally.there++;
	cal_control(arena_printf(cx.a,
	    "{\"split\":{\"calendar\":\"%s\",\"event\":\"%s_%s\",\"changes\":"
	    "{\"summary\":\"t%d\",\"description\":\"n%d\"}}}",
	    s->email, t->key, at.name, token_new(c.f[0], 0), cal.names));
	cal.says[cal.names] = cal_answered(cal.names);
	tell("%s splits n%d at %s: n%d", s->theirs, name, at.name, cal.names);
}

/* Other places for the whole series. */
static inline void
cal_moves(const struct side *s, const struct twin *t)
{
	struct content c = cal_content(t->values);
	json *body = json_new(cx.a);
	int f = 2 + (int)dice(2);
	json *whole;

	cal_places_go(t->values);
	if (dice(2)) {
		json_set(body, "recurrence", cal_rule(2 + (int)dice(4)));
	} else {
		c.f[f] = token_new(c.f[f], 0);
		whole = cal_body(cal_name(t->values), &c);
		cal_time_zone(whole, dice(3));
		json_set(body, "start", json_at(whole, "start"));
		json_set(body, "end", json_at(whole, "end"));
	}
	cal_says(s, "PATCH", cal_path(t->key), body);
}

static inline int
cal_edits_field(const struct side *s, const struct twin *t, int f)
{
	static const char *const names[] = { "summary", "location", "start", "end" };
	struct content c = cal_content(t->values);
	json *body = json_new(cx.a), *whole;

	c.f[f] = token_new(c.f[f], 0);
	whole = cal_body(cal_name(t->values), &c);
	if (f > 1)
		cal_time_zone(whole, dice(4));
	json_set(body, names[f], json_at(whole, names[f]));
	if (f > 1) {
		json_set(body, "start", json_at(whole, "start"));
		json_set(body, "end", json_at(whole, "end"));
	}
	cal_says(s, "PATCH", cal_path(t->key), body);
	return c.f[f];
}

static inline int
cal_edits_whole(const struct side *s, const struct twin *t)
{
	return cal_edits_field(s, t, (int)dice(cal.series[cal_name(t->values)] ? 2 : 4));
}

/* A guest says yes or no; the event is not his to change. */
static inline void
cal_answers(const struct side *s, const struct twin *t)
{
	int name = cal_name(t->values);
	json *body = json_new(cx.a), *items = cal_list(s, s->theirs), *guests = NULL;

	for (size_t i = 0; i < json_len(items); i++)
		if (!strcmp(json_str(json_nth(items, i), "id"), t->key))
			guests = json_at(json_nth(items, i), "attendees");
	for (size_t i = 0; i < json_len(guests); i++)
		if (!strcmp(json_str(json_nth(guests, i), "email"), s->email))
			json_set_str(json_nth(guests, i), "responseStatus",
			    cal.says[name] = dice(2) ? "accepted" : "tentative");
	json_set(body, "attendees", guests);
	cal_says(s, "PATCH", cal_path(t->key), body);
}

static inline void
cal_removes(const struct side *s, const struct twin *t)
{
	cal_fine(t->values);
	cal.gone[cal_name(t->values)] = true;
	cal_says(s, "DELETE", cal_path(t->key), NULL);
}

/* Who edits it just before may see it come back, and then that is in it, where Google tells of what
 * was deleted more than its name. (An invitation that is called off comes back as an event of its
 * own.) */
static inline void
cal_goes(const struct side *s, const struct twin *t)
{
	if (cal.whole && !cal.meets[cal_name(t->values)] && dice(2))
		cal.last[cal_edits_whole(s, t)] = cal_name(t->values);
	cal_removes(s, t);
}

static inline void
cal_edits(const struct side *s, const struct twin *t)
{
	int name = cal_name(t->values);

	if (t->fixed) {
		cal_answers(s, t);
	} else if (dice(6) == 0) {
		cal_goes(s, t);
	} else if (!cal.series[name] || dice(2)) {
		cal_edits_whole(s, t);
	} else if (dice(2)) {
		cal_edits_one(s, t);
	} else if (dice(2)) {
		cal_splits(s, t);
	} else {
		cal_moves(s, t);
	}
}

/* Who sees an invitation and the copy that we have made before we knew of it lets both be: the copy
 * goes, and would stay with an edit of its own. */
static inline bool
cal_is_one(const struct cal_twins *all, int i)
{
	int n = 0;

	for (int k = 0; k < all->n; k++)
		n += cal_name(all->v[k].values) == cal_name(all->v[i].values);
	return n == 1;
}

static inline void
people_edit_there(void)
{
	const struct side *s = &sides[dice(SIDES)];
	struct cal_twins all;
	int i;

	cal_all(s, &all);
	i = (int)dice((uint32_t)all.n + 1);
	if (i < all.n && cal_is_one(&all, i) && is_notion(s))
		notion_edits(&all.v[i]);
	else if (i < all.n && cal_is_one(&all, i))
		cal_edits(s, &all.v[i]);
	else if (i == all.n && cal.names < CAL_FULL && is_notion(s))
		notion_adds();
	else if (i == all.n && cal.names < CAL_FULL)
		cal_adds(s);
}

#endif
