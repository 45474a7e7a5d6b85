/*
 * calendar.c - months and weeks as calendar.h has them: where everything stands is decided by
 * grid.c; here it becomes what the views draw.
 */
#include "base/civil.h"
#include "event/rule.h"
#include "events/calendar.h"
#include "events/shown.h"
#include "skin/page.h"

enum { HOUR_REM = 3, DAY_BEGINS = 7, DAY_ENDS = 20, DOTS = 3 };

/*
 * Bars over days.
 */
static enum rc
week_bar(const struct calendar *c, const struct grid_bar *b, int64_t monday, json **out)
{
	const struct coming *one = &c->list.v[b->item];
	json *o;

	TRY(shown_item(c->r, &c->wall, one, monday + b->column, &o));
	json_set_i64(o, "column", b->column + 1);
	json_set_i64(o, "width", b->width);
	json_set_i64(o, "lane", b->lane + 1);
	json_set_bool(o, "bar", c->items[b->item].whole);
	json_set_bool(o, "before", b->before);
	json_set_bool(o, "after", b->after);
	*out = o;
	return RC_OK;
}

/* On narrow screens there is room for a dot of each. */
static json *
week_dots(const struct calendar *c, const struct grid_week *w, int column)
{
	json *dots = json_list(c->r->cx->a), *o;

	for (size_t i = 0; i < w->n && json_len(dots) < DOTS; i++) {
		const struct grid_bar *b = &w->v[i];

		if (b->column > column || b->column + b->width <= column)
			continue;
		o = json_new(c->r->cx->a);
		json_set_str(o, "dot", shown_colour(c->list.v[b->item].value));
		json_add(dots, o);
	}
	return dots;
}

static void
week_day_words(const struct calendar *c, json *o, int64_t day, int64_t all)
{
	struct arena *a = c->r->cx->a;
	int y, m, d, shown_month;

	civil_date(c->day, &y, &shown_month, &d);
	civil_date(day, &y, &m, &d);
	json_set_i64(o, "number", d);
	json_set_str(o, "month", d == 1 ? arena_printf(a, "%.3s", rule_month_name(m)) : NULL);
	json_set_str(o, "date", wall_date(a, day));
	json_set_str(o, "label", wall_day_words(a, day));
	json_set_str(o, "countText", all ? page_plural(a, all, "event", "events") : "no events");
	json_set_bool(o, "isToday", day == c->wall.today);
	json_set_bool(o, "isChosen", day == c->day);
	json_set_bool(o, "other", c->view == VIEW_MONTH && m != shown_month);
}

static enum rc
week_day(
    const struct calendar *c, const struct grid_week *w, int64_t monday, int column, json **out)
{
	struct arena *a = c->r->cx->a;
	const bool month = c->view == VIEW_MONTH;
	const char *href = arena_printf(a, "%s%s",
	    calendar_href(c, month ? VIEW_MONTH : VIEW_AGENDA, monday + column),
	    month ? "#day" : "");
	json *o = json_new(a), *bars = json_list(a), *bar;

	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].column == column) {
			TRY(week_bar(c, &w->v[i], monday, &bar));
			json_add(bars, bar);
		}
	week_day_words(c, o, monday + column, w->all[column]);
	json_set_str(o, "href", href);
	json_set_i64(o, "column", column + 1);
	json_set(o, "bars", bars);
	json_set(o, "dots", week_dots(c, w, column));
	json_set_str(o, "more", w->more[column] ? page_count(a, w->more[column]) : NULL);
	*out = o;
	return RC_OK;
}

static enum rc
week_model(const struct calendar *c, int64_t monday, bool whole_only, json **out)
{
	struct arena *a = c->r->cx->a;
	json *o = json_new(a), *days = json_list(a), *day;
	struct grid_week w;

	grid_week(a, c->items, c->list.n, monday, whole_only, &w);
	for (int i = 0; i < GRID_DAYS; i++) {
		TRY(week_day(c, &w, monday, i, &day));
		json_add(days, day);
	}
	json_set(o, "days", days);
	*out = o;
	return RC_OK;
}

static void
grid_weekdays(const struct calendar *c, json *model)
{
	json *list = json_list(c->r->cx->a);

	for (int i = 0; i < GRID_DAYS; i++)
		json_add_str(list, arena_printf(c->r->cx->a, "%.3s", rule_day_name(i)));
	json_set(model, "weekdays", list);
}

enum rc
calendar_month(const struct calendar *c, json *model)
{
	json *weeks = json_list(c->r->cx->a), *week;

	for (int64_t monday = c->first; monday <= c->last; monday += GRID_DAYS) {
		TRY(week_model(c, monday, false, &week));
		json_add(weeks, week);
	}
	json_set(model, "weeks", weeks);
	grid_weekdays(c, model);
	return RC_OK;
}

/*
 * Hours of days.
 */
struct hours {
	int from, until;
};

/* The hours of a working day, and whatever lies outside of them. */
static struct hours
hours_of(const struct grid_day *days)
{
	struct hours h = { DAY_BEGINS, DAY_ENDS };

	for (int d = 0; d < GRID_DAYS; d++)
		for (size_t i = 0; i < days[d].n; i++) {
			const struct grid_slot *s = &days[d].v[i];

			if (s->from / 60 < h.from)
				h.from = s->from / 60;
			if ((s->until + 59) / 60 > h.until)
				h.until = s->until > GRID_DAY_MINUTES ? 24 : (s->until + 59) / 60;
		}
	return h;
}

static const char *
hours_rem(struct arena *a, const struct hours *h, int minutes)
{
	return arena_printf(a, "%.2frem", (double)(minutes - h->from * 60) * HOUR_REM / 60);
}

static enum rc
hours_slot(const struct calendar *c, const struct grid_slot *s, int64_t day, const struct hours *h,
    json **out)
{
	struct arena *a = c->r->cx->a;
	const double width = 100.0 / s->lanes;
	json *o;

	TRY(shown_item(c->r, &c->wall, &c->list.v[s->item], day, &o));
	json_set_str(o, "x", arena_printf(a, "%.2f%%", width * s->lane));
	json_set_str(o, "w", arena_printf(a, "%.2f%%", width));
	json_set_str(o, "y", hours_rem(a, h, s->from));
	json_set_str(o, "h", hours_rem(a, h, s->until - s->from + h->from * 60));
	json_set_bool(o, "short", s->until - s->from < 50);
	json_set_bool(o, "tall", s->until - s->from >= 90);
	json_set_bool(o, "taller", s->until - s->from >= 150);
	*out = o;
	return RC_OK;
}

static enum rc
hours_column(const struct calendar *c, const struct grid_day *g, int64_t day, const struct hours *h,
    json **out)
{
	const int64_t now = zone_to_local(c->wall.zone, c->wall.now) % DAY_SECONDS / 60;
	struct arena *a = c->r->cx->a;
	json *o = json_new(a), *slots = json_list(a), *slot;

	for (size_t i = 0; i < g->n; i++) {
		TRY(hours_slot(c, &g->v[i], day, h, &slot));
		json_add(slots, slot);
	}
	week_day_words(c, o, day, (int64_t)g->n);
	json_set(o, "slots", slots);
	json_set_str(o, "agenda", calendar_href(c, VIEW_AGENDA, day));
	json_set_str(o, "more", g->more ? page_count(a, g->more) : NULL);
	json_set_str(o, "now",
	    day == c->wall.today && now >= h->from * 60 && now < h->until * 60
		? hours_rem(a, h, (int)now)
		: NULL);
	*out = o;
	return RC_OK;
}

static void
hours_words(const struct calendar *c, const struct hours *h, json *model)
{
	struct arena *a = c->r->cx->a;
	json *list = json_list(a), *o;

	for (int i = h->from; i < h->until; i++) {
		o = json_new(a);
		json_set_str(o, "text", arena_printf(a, "%02d:00", i));
		json_set_str(o, "y", hours_rem(a, h, i * 60));
		json_add(list, o);
	}
	json_set(model, "hours", list);
	json_set_str(model, "height", hours_rem(a, h, h->until * 60));
}

enum rc
calendar_week(const struct calendar *c, json *model)
{
	json *weeks = json_list(c->r->cx->a), *columns = json_list(c->r->cx->a), *o;
	struct grid_day days[GRID_DAYS];
	struct hours h;

	TRY(week_model(c, c->first, true, &o));
	json_add(weeks, o);
	for (int i = 0; i < GRID_DAYS; i++)
		grid_day(c->r->cx->a, c->items, c->list.n, c->first + i, &days[i]);
	h = hours_of(days);
	for (int i = 0; i < GRID_DAYS; i++) {
		TRY(hours_column(c, &days[i], c->first + i, &h, &o));
		json_add(columns, o);
	}
	json_set(model, "weeks", weeks);
	json_set(model, "columns", columns);
	hours_words(c, &h, model);
	grid_weekdays(c, model);
	return RC_OK;
}
