/*
 * grid.c - see grid.h.
 */
#include "event/grid.h"

enum { SHORTEST = 25 }; /* minutes: less cannot be read */

/*
 * Weeks.
 */
static void
week_place(
    const struct grid_item *it, size_t i, int64_t monday, unsigned *taken, struct grid_week *out)
{
	/* What has its time stands on the day on which it begins. */
	const int64_t last = it->whole ? it->last : it->first;
	const int from = it->first < monday ? 0 : (int)(it->first - monday);
	const int to = last >= monday + GRID_DAYS ? GRID_DAYS - 1 : (int)(last - monday);
	const unsigned days = ((1u << (to - from + 1)) - 1) << from;
	int lane = 0;

	while (lane < GRID_LANES && taken[lane] & days)
		lane++;
	for (int d = from; d <= to; d++) {
		out->all[d]++;
		out->more[d] += lane == GRID_LANES;
	}
	if (lane == GRID_LANES)
		return;
	taken[lane] |= days;
	out->v[out->n++] = (struct grid_bar){
		.item = i,
		.column = from,
		.width = to - from + 1,
		.lane = lane,
		.before = it->first < monday,
		.after = last >= monday + GRID_DAYS,
	};
}

void
grid_week(struct arena *a, const struct grid_item *v, size_t n, int64_t monday, bool whole_only,
    struct grid_week *out)
{
	unsigned taken[GRID_LANES] = { 0 };

	*out = (struct grid_week){
		.v = arena_array(a, (size_t)GRID_LANES * GRID_DAYS, sizeof *out->v),
	};
	for (int whole = 1; whole >= (whole_only ? 1 : 0); whole--)
		for (size_t i = 0; i < n; i++) {
			const int64_t last = v[i].whole ? v[i].last : v[i].first;

			if (v[i].whole == (whole == 1) && v[i].first < monday + GRID_DAYS &&
			    last >= monday)
				week_place(&v[i], i, monday, taken, out);
		}
}

/*
 * Days.
 */
/* Those from `first` on overlap one another in a chain: they share the width. */
static void
day_close(struct grid_day *out, size_t first, int lanes)
{
	for (size_t i = first; i < out->n; i++)
		out->v[i].lanes = lanes;
}

static bool
day_part(const struct grid_item *it, int64_t day, struct grid_slot *s)
{
	if (it->whole || it->first > day || it->last < day)
		return false;
	s->from = it->first == day ? it->from : 0;
	s->until = it->last == day ? it->until : GRID_DAY_MINUTES;
	if (s->until - s->from < SHORTEST)
		s->until = s->from + SHORTEST;
	/* What ends at midnight is over. */
	return it->first == day || it->until > 0 || it->last > day;
}

void
grid_day(struct arena *a, const struct grid_item *v, size_t n, int64_t day, struct grid_day *out)
{
	int ends[GRID_BESIDE] = { 0 }, lanes = 0, latest = 0;
	struct grid_slot s = { 0 };
	size_t first = 0;

	*out = (struct grid_day){ .v = arena_array(a, n + 1, sizeof *out->v) };
	for (size_t i = 0; i < n; i++) {
		int lane = 0;

		if (!day_part(&v[i], day, &s))
			continue;
		if (s.from >= latest) {
			day_close(out, first, lanes);
			first = out->n;
			lanes = 0;
		}
		while (lane < lanes && ends[lane] > s.from)
			lane++;
		if (lane == GRID_BESIDE) {
			out->more++;
			continue;
		}
		lanes = lane == lanes ? lanes + 1 : lanes;
		ends[lane] = s.until;
		latest = s.until > latest ? s.until : latest;
		s.item = i;
		s.lane = lane;
		out->v[out->n++] = s;
	}
	day_close(out, first, lanes);
}
