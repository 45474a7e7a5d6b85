/*
 * grid.h - where events stand in a calendar: as bars over the days of a week, one below the other,
 * or in the column of a day by their time, those that overlap side by side. Pure.
 */
#ifndef EVENT_GRID_H
#define EVENT_GRID_H

#include "base/arena.h"

enum { GRID_DAYS = 7, GRID_LANES = 3, GRID_BESIDE = 4, GRID_DAY_MINUTES = 24 * 60 };

/* What is to be placed: days counted from 1970, minutes of the day. */
struct grid_item {
	int64_t first, last; /* days; the last one counts */
	int from, until;     /* minutes of the first and the last day; see whole */
	bool whole;          /* it fills days: a bar. Else it has its time in the day */
};

/* A bar over a week, from its day `column` on. */
struct grid_bar {
	size_t item;
	int column, width; /* 0 is Monday */
	int lane;
	bool before, after; /* it has begun before the week, goes on after it */
};

struct grid_week {
	struct grid_bar *v;
	size_t n;
	int64_t more[GRID_DAYS]; /* those for which there was no lane */
	int64_t all[GRID_DAYS];
};

/* Items in order of their start; bars come before those with a time. whole_only: nothing else. */
void grid_week(struct arena *, const struct grid_item *, size_t n, int64_t monday, bool whole_only,
    struct grid_week *out);

/* What has its time in a day: a part of its column. */
struct grid_slot {
	size_t item;
	int from, until; /* minutes */
	int lane, lanes; /* of those that it overlaps with */
};

struct grid_day {
	struct grid_slot *v;
	size_t n;
	int64_t more;
};

void
grid_day(struct arena *, const struct grid_item *, size_t n, int64_t day, struct grid_day *out);

#endif
