/*
 * page_calendar.c - /calendar: the events of a month, of a week by the hour, or what comes next.
 * The address says which view and which day; everything on it is a link.
 */
#include "app/calendar.h"
#include "base/civil.h"
#include "event/rule.h"
#include "events/calendar.h"
#include "event/grid.h"
#include "events/shown.h"
#include "kind/kind.h"
#include "skin/page.h"
#include "store/outbox.h"

enum {
	PANEL_MAX = 20, /* events of a day below a month */
	AGENDA_DAYS = 31,
	AGENDA_MAX = 100,
};

static const struct {
	const char *name, *title;
} views[] = {
	[VIEW_MONTH] = { "month", "Month" },
	[VIEW_WEEK] = { "week", "Week" },
	[VIEW_AGENDA] = { "agenda", "Agenda" },
};
enum { VIEWS = sizeof views / sizeof *views };

/*
 * What is looked at.
 */
static int64_t
monday_of(int64_t day)
{
	return day - rule_weekday(day);
}

/* The first day of the month that is `months` away. */
static int64_t
month_first(int64_t day, int months)
{
	int y, m, d;

	civil_date(day, &y, &m, &d);
	m += months;
	if (m < 1 || m > 12) {
		y += m < 1 ? -1 : 1;
		m += m < 1 ? 12 : -12;
	}
	return civil_days(y, m, 1);
}

static void
calendar_asked(struct req *r, struct calendar *c)
{
	const char *view = req_query(r, "view");

	*c = (struct calendar){ .r = r, .view = VIEW_MONTH };
	wall_of(r, &c->wall);
	for (size_t i = 0; view && i < VIEWS; i++)
		if (!strcmp(views[i].name, view))
			c->view = (enum calendar_view)i;
	if (!wall_day_read(req_query(r, "date"), &c->day))
		c->day = c->wall.today;
	if (c->view == VIEW_MONTH) {
		c->first = monday_of(month_first(c->day, 0));
		c->last = monday_of(month_first(c->day, 1) - 1) + GRID_DAYS - 1;
	} else {
		c->first = c->view == VIEW_WEEK ? monday_of(c->day) : c->day;
		c->last = c->first + (c->view == VIEW_WEEK ? GRID_DAYS : AGENDA_DAYS) - 1;
	}
}

/* Too many to be shown is said, and no error. */
static enum rc
calendar_find(struct calendar *c)
{
	struct coming_time t = {
		.zone = c->wall.zone,
		.from = wall_midnight(&c->wall, c->first),
		.until = wall_midnight(&c->wall, c->last + 1),
	};
	enum rc rc = coming_find(c->r, &t, &c->list);

	if (rc == RC_INVALID) {
		c->r->wrong.list = NULL;
		c->list = (struct coming_list){ 0 };
		c->crowded = true;
		return RC_OK;
	}
	return rc;
}

/* Days and minutes of each, as the person's clock has them. */
static void
calendar_place(struct calendar *c)
{
	c->items = arena_array(c->r->cx->a, c->list.n + 1, sizeof *c->items);
	for (size_t i = 0; i < c->list.n; i++) {
		const struct occurrence *o = &c->list.v[i].o;
		const int64_t from = wall_local(&c->wall, &o->start);
		const int64_t until = wall_local(&c->wall, &o->end);
		const int64_t first = wall_day(from), last = wall_day(until);
		const bool at_midnight = until % DAY_SECONDS == 0 && until > from;

		c->items[i] = (struct grid_item){
			.first = first,
			.last = at_midnight ? last - 1 : last,
			.from = (int)((from - first * DAY_SECONDS) / 60),
			.until = at_midnight ? GRID_DAY_MINUTES
					     : (int)((until - last * DAY_SECONDS) / 60),
			.whole = o->start.kind == WHEN_DAY || until - from >= DAY_SECONDS,
		};
	}
}

/*
 * Words.
 */
const char *
calendar_href(const struct calendar *c, enum calendar_view view, int64_t day)
{
	struct arena *a = c->r->cx->a;

	return arena_printf(a, "/calendar?view=%s&date=%s", views[view].name, wall_date(a, day));
}

static const char *
calendar_title(const struct calendar *c)
{
	struct arena *a = c->r->cx->a;
	const int64_t last = c->view == VIEW_MONTH ? c->day : c->last;
	int y, m, d, y2, m2, d2;

	civil_date(c->view == VIEW_MONTH ? c->day : c->first, &y, &m, &d);
	civil_date(last, &y2, &m2, &d2);
	if (c->view == VIEW_MONTH)
		return arena_printf(a, "%s %d", rule_month_name(m), y);
	if (c->view == VIEW_AGENDA)
		return "Agenda";
	if (y != y2)
		return arena_printf(a, "%d %.3s %d to %d %.3s %d", d, rule_month_name(m), y, d2,
		    rule_month_name(m2), y2);
	if (m != m2)
		return arena_printf(
		    a, "%d %.3s to %d %.3s %d", d, rule_month_name(m), d2, rule_month_name(m2), y2);
	return arena_printf(a, "%d to %d %s %d", d, d2, rule_month_name(m2), y2);
}

/* The day to go to from here, by a step of the view. */
static int64_t
calendar_step(const struct calendar *c, int way)
{
	const int64_t to = c->view == VIEW_MONTH ? month_first(c->day, way)
						 : c->day + way * (c->last - c->first + 1);
	const int64_t first = month_first(to, 0), next = month_first(to, 1);

	/* The month with today has today. */
	if (c->view == VIEW_MONTH && c->wall.today >= first && c->wall.today < next)
		return c->wall.today;
	return to;
}

static json *
calendar_views(const struct calendar *c)
{
	json *list = json_list(c->r->cx->a), *o;

	for (size_t i = 0; i < VIEWS; i++) {
		o = json_new(c->r->cx->a);
		json_set_str(o, "name", views[i].name);
		json_set_str(o, "title", views[i].title);
		json_set_str(o, "href", calendar_href(c, (enum calendar_view)i, c->day));
		json_set_bool(o, "current", i == c->view);
		json_add(list, o);
	}
	return list;
}

static void
calendar_words(const struct calendar *c, json *model)
{
	static const char *const steps[][3] = {
		[VIEW_MONTH] = { "Previous month", "Next month", "Today" },
		[VIEW_WEEK] = { "Previous week", "Next week", "This week" },
		[VIEW_AGENDA] = { "Earlier", "Later", "From today" },
	};
	struct arena *a = c->r->cx->a;

	json_set_str(model, "title", calendar_title(c));
	json_set(model, "views", calendar_views(c));
	json_set_str(model, "view", views[c->view].name);
	json_set_str(model, "back", calendar_href(c, c->view, calendar_step(c, -1)));
	json_set_str(model, "on", calendar_href(c, c->view, calendar_step(c, 1)));
	json_set_str(model, "today", calendar_href(c, c->view, c->wall.today));
	json_set_str(model, "here", calendar_href(c, c->view, c->day));
	json_set_str(model, "backWords", steps[c->view][0]);
	json_set_str(model, "onWords", steps[c->view][1]);
	json_set_str(model, "todayWords", steps[c->view][2]);
	json_set_str(model, "date", wall_date(a, c->day));
	json_set_bool(model, "crowded", c->crowded);
	json_set_str(model, "zone", c->wall.name);
	json_set_str(model, "zoneBy", c->wall.by == WALL_BROWSER ? "as your browser has it" : NULL);
	json_set_bool(model, "zoneUnknown", c->wall.by == WALL_UNKNOWN);
	json_set_bool(model, "zoneChosen", c->wall.by == WALL_CHOSEN);
	json_set_str(model, "zoneError", page_complaint(c->r, "zone"));
}

/*
 * Days and what is on them.
 */
enum rc
calendar_day(const struct calendar *c, int64_t day, const struct portion *p, json **out)
{
	struct arena *a = c->r->cx->a;
	json *o = json_new(a), *list = json_list(a), *item;
	size_t n = 0;

	for (size_t i = 0; i < c->list.n; i++) {
		const struct grid_item *it = &c->items[i];

		if (it->first > day || it->last < day)
			continue;
		if (n >= p->skip && n < p->skip + p->max) {
			TRY(shown_item(c->r, &c->wall, &c->list.v[i], day, &item));
			json_add(list, item);
		}
		n++;
	}
	json_set_str(o, "date", wall_date(a, day));
	json_set_str(o, "title", wall_day_words(a, day));
	json_set_bool(o, "isToday", day == c->wall.today);
	json_set(o, "items", list);
	json_set_bool(o, "none", n == 0);
	json_set_i64(o, "count", (int64_t)n);
	*out = o;
	return RC_OK;
}

/* The day that is looked at, below its month. */
static enum rc
calendar_panel(const struct calendar *c, json *model)
{
	struct arena *a = c->r->cx->a;
	int64_t n;
	json *o;

	TRY(calendar_day(c, c->day, &(struct portion){ .max = PANEL_MAX }, &o));
	n = json_num(o, "count", 0);
	json_set_str(o, "moreHref", n > PANEL_MAX ? calendar_href(c, VIEW_AGENDA, c->day) : NULL);
	json_set_str(o, "moreText", arena_printf(a, "All %s of this day", page_count(a, n)));
	json_set(model, "panel", o);
	return RC_OK;
}

/* A page of the agenda ends where it is full: `skip` goes on there. */
static enum rc
calendar_agenda(const struct calendar *c, json *model)
{
	struct arena *a = c->r->cx->a;
	json *days = json_list(a), *o;
	int64_t skip = 0;
	size_t left, room = AGENDA_MAX, all = 0;

	if (req_query(c->r, "skip") &&
	    !str_i64(str_c(req_query(c->r, "skip")), 0, COMING_MAX, &skip))
		skip = 0;
	left = (size_t)skip;
	for (int64_t day = c->first; day <= c->last; day++) {
		size_t n;

		TRY(calendar_day(c, day, &(struct portion){ .skip = left, .max = room }, &o));
		n = (size_t)json_num(o, "count", 0);
		all += n;
		room -= json_len(json_at(o, "items"));
		left = left > n ? left - n : 0;
		if (json_len(json_at(o, "items")) > 0)
			json_add(days, o);
	}
	json_set(model, "days", days);
	json_set_bool(model, "quiet", json_len(days) == 0);
	json_set_str(model, "until", wall_day_words(a, c->last));
	json_set_str(model, "further",
	    all > (size_t)skip + AGENDA_MAX
		? arena_printf(a, "%s&skip=%lld", calendar_href(c, VIEW_AGENDA, c->day),
		      (long long)skip + AGENDA_MAX)
		: NULL);
	return RC_OK;
}

/* Changes that somebody should look at: how many, in words; null: none. */
static enum rc
calendar_stuck(const struct calendar *c, json *model)
{
	struct outbox_count counts[OUTBOX_STATES];
	struct arena *a = c->r->cx->a;
	int64_t n = 0;
	size_t states;

	TRY(outbox_counts(c->r->cx, c->r->db, c->r->who.user_id, counts, &states));
	for (size_t i = 0; i < states; i++)
		if (!strcmp(counts[i].state, OUTBOX_FAILED) ||
		    !strcmp(counts[i].state, OUTBOX_HELD))
			n += counts[i].n;
	json_set_str(model, "stuck",
	    n ? arena_printf(
		    a, "%s not been written.", page_plural(a, n, "change has", "changes have"))
	      : NULL);
	return RC_OK;
}

/*
 * The page.
 */
static enum rc
calendar_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a);
	struct conn *conns;
	struct calendar c;
	size_t n_conns;
	int64_t n;

	calendar_asked(r, &c);
	TRY(calendar_find(&c));
	calendar_place(&c);
	calendar_words(&c, model);
	json_set_bool(model, "isMonth", c.view == VIEW_MONTH);
	json_set_bool(model, "isWeek", c.view == VIEW_WEEK);
	json_set_bool(model, "isAgenda", c.view == VIEW_AGENDA);
	if (c.view == VIEW_AGENDA)
		TRY(calendar_agenda(&c, model));
	else
		TRY(c.view == VIEW_MONTH ? calendar_month(&c, model) : calendar_week(&c, model));
	if (c.view == VIEW_MONTH)
		TRY(calendar_panel(&c, model));
	TRY(calendar_stuck(&c, model));
	TRY(calendar_list(r->cx, r->db, r->who.user_id, &conns, &n_conns));
	json_set_bool(model, "follow", n_conns > 0);
	TRY(event_count(r->cx, r->db, r->who.user_id, &n));
	json_set_bool(model, "none", n == 0);
	json_set_bool(model, "mayConnect", kind_find("google-calendar") != NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, problem ? problem_status(problem) : 200, "calendar",
	    c.view == VIEW_AGENDA
		? "Agenda"
		: arena_printf(r->cx->a, "Calendar, %s", json_str(model, "title")),
	    model);
}

enum rc
page_calendar(struct req *r, struct resp *w)
{
	return calendar_show(r, w, NULL);
}

enum rc
page_calendar_help(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a);

	json_set_bool(model, "calendarStyle", true);
	return page_show(r, w, 200, "calhelp", "How two-way sync works", model);
}

enum rc
page_calendar_zone(struct req *r, struct resp *w)
{
	const char *name = req_form(r, "zone"), *back = req_form(r, "back");
	struct err problem;
	enum rc rc = wall_choose(r, w, name && !req_form(r, "own") ? name : "");

	if (rc == RC_OK) {
		page_say(r, w, back && str_starts(str_c(back), "/calendar") ? back : "/calendar",
		    "Saved.");
		return RC_OK;
	}
	problem = r->cx->err;
	return calendar_show(r, w, &problem);
}
