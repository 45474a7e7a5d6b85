/*
 * calendar.h - what the views of /calendar share: page_calendar.c, and calendar.c, which draws
 * months and weeks.
 */
#ifndef EVENTS_CALENDAR_H
#define EVENTS_CALENDAR_H

#include "events/coming.h"
#include "event/grid.h"
#include "skin/wall.h"

enum calendar_view { VIEW_MONTH, VIEW_WEEK, VIEW_AGENDA };

struct calendar {
	struct req *r;
	struct wall wall;
	enum calendar_view view;
	int64_t day;         /* that is looked at */
	int64_t first, last; /* days that are shown */
	struct coming_list list;
	struct grid_item *items; /* one of each of the list */
	bool crowded;            /* there are too many to be shown */
};

const char *calendar_href(const struct calendar *, enum calendar_view, int64_t day);

/* Which of those on a day. */
struct portion {
	size_t skip, max;
};
/* {date, title, isToday, items[], none, count} */
MUST enum rc calendar_day(const struct calendar *, int64_t day, const struct portion *, json **out);

/* "weeks": the days and bars of a month. */
MUST enum rc calendar_month(const struct calendar *, json *model);
/* "weeks": one, of what lasts all day, and "columns": what has its time. */
MUST enum rc calendar_week(const struct calendar *, json *model);

#endif
