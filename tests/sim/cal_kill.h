/*
 * cal_kill.h - stories of calendars that are told once for each point at which a process of ours may
 * be killed: around each request, each write and each named step.
 */
#ifndef SIM_CAL_KILL_H
#define SIM_CAL_KILL_H

#include "sim/cal_world.h"

/* Nothing but that kill happens by luck, and all hear of changes by messages alone. */
static inline void
story_world(const char *conflicts, bool each)
{
	world_begins(7);
	sim.w = (struct weather){ .etags = true };
	sim.cal.guests = sim.cal.grants = sim.cal.shares = false;
	sim.cal.each = each;
	sim.cal.calls = CALLS_ONLY;
	conf_override(CONF_APP_URL, "https://tidemark.example");
	for (int s = 0; s < GOOGLES; s++)
		cal_sql(arena_printf(cx.a,
		    "UPDATE connection SET config = '{\"calendar\":\"primary\",\"conflicts\":"
		    "\"%s\"}' WHERE id = '%s'",
		    conflicts, sides[s].conn));
	for (int s = GOOGLES; s < SIDES; s++)
		notion_is_set(&sides[s], conflicts);
}

static inline const struct twin *
there_named(const struct cal_twins *all, int name)
{
	for (int i = 0; i < all->n; i++)
		if (cal_name(all->v[i].values) == name)
			return &all->v[i];
	flunk("n%d is not there", name);
	return NULL;
}

static inline struct event_row
here_named(int name)
{
	struct event_list list = app_events();

	for (size_t i = 0; i < list.n; i++)
		if (cal_name(json_stored(cx.a, list.v[i].value)) == name)
			return list.v[i];
	flunk("n%d is not here", name);
	return (struct event_row){ 0 };
}

static inline void
app_edits_named(int name, int field)
{
	struct event_row e = here_named(name);

	app_edits_field(&e, json_stored(cx.a, e.value), field);
}

static inline void
app_removes_named(int name)
{
	struct event_row e = here_named(name);

	app_removes(&e, json_stored(cx.a, e.value));
}

static inline void
they_edit_named(const struct side *s, int name, int field)
{
	struct cal_twins all;
	const struct twin *t;

	cal_all(s, &all);
	t = there_named(&all, name);
	if (is_notion(s))
		notion_edits_field(t, field);
	else
		cal_edits_field(s, t, field);
}

static inline void
they_remove_named(const struct side *s, int name)
{
	struct cal_twins all;
	const struct twin *t;

	cal_all(s, &all);
	t = there_named(&all, name);
	if (is_notion(s))
		notion_removes(t, false);
	else
		cal_removes(s, t);
}

/* Which points are tried: one in so many, beginning with the first of them. */
struct points {
	int first, step;
};

/* How many points the story has, of which those were tried. is_killed_at: tells it, and is false
 * when it had come to its end before. */
static inline int
points_sweep(struct points p, bool (*is_killed_at)(int point, const void *arg), const void *arg)
{
	int point = p.first;

	while (is_killed_at(point, arg))
		point += p.step;
	return point - p.step;
}

#endif
