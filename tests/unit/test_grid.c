/* Where events stand in a week and in a day: bars one below the other, what overlaps beside it. */
#include "unit/unit.h"

#include "event/grid.h"

enum { MONDAY = 20773 };

/* "item:column+width/lane" of each bar. */
static const char *
bars(const struct grid_item *v, size_t n, bool whole_only, struct grid_week *w)
{
	char *out = arena_dup(cx.a, "");

	grid_week(cx.a, v, n, MONDAY, whole_only, w);
	for (size_t i = 0; i < w->n; i++)
		out = arena_printf(cx.a, "%s%zu:%d+%d/%d%s%s ", out, w->v[i].item, w->v[i].column,
		    w->v[i].width, w->v[i].lane, w->v[i].before ? "<" : "",
		    w->v[i].after ? ">" : "");
	return out;
}

static const char *
slots(const struct grid_item *v, size_t n, int64_t day, struct grid_day *d)
{
	char *out = arena_dup(cx.a, "");

	grid_day(cx.a, v, n, day, d);
	for (size_t i = 0; i < d->n; i++)
		out = arena_printf(cx.a, "%s%zu:%d-%d %d/%d ", out, d->v[i].item, d->v[i].from,
		    d->v[i].until, d->v[i].lane, d->v[i].lanes);
	return out;
}

static void
bars_find_a_lane_and_go_over_weeks(void **state)
{
	const struct grid_item v[] = {
		{ .first = MONDAY - 3, .last = MONDAY + 1, .whole = true },
		{ .first = MONDAY, .last = MONDAY, .from = 60, .until = 120 },
		{ .first = MONDAY + 1, .last = MONDAY + 20, .whole = true },
		{ .first = MONDAY + 2, .last = MONDAY + 2, .whole = true },
		{ .first = MONDAY + 6, .last = MONDAY + 7, .from = 1400, .until = 10 },
		{ .first = MONDAY - 1, .last = MONDAY, .from = 1400, .until = 10 },
		{ .first = MONDAY + 7, .last = MONDAY + 7, .whole = true },
	};
	struct grid_week w;

	(void)state;
	assert_string_equal(
	    bars(v, sizeof v / sizeof *v, false, &w), "0:0+2/0< 2:1+6/1> 3:2+1/0 1:0+1/1 4:6+1/0 ");
	assert_string_equal(bars(v, sizeof v / sizeof *v, true, &w), "0:0+2/0< 2:1+6/1> 3:2+1/0 ");
	assert_int_equal(w.all[1], 2);
}

static void
what_finds_no_lane_is_counted_on_each_of_its_days(void **state)
{
	struct grid_item v[10];
	struct grid_week w;

	(void)state;
	for (int i = 0; i < 10; i++)
		v[i] = (struct grid_item){ .first = MONDAY, .last = MONDAY + 1, .whole = i < 5 };
	(void)bars(v, 10, false, &w);
	assert_int_equal(w.n, GRID_LANES);
	assert_int_equal(w.all[0], 10);
	assert_int_equal(w.more[0], 10 - GRID_LANES);
	assert_int_equal(w.more[1], 5 - GRID_LANES);
	assert_int_equal(w.more[2], 0);
}

static void
what_overlaps_stands_side_by_side(void **state)
{
	const struct grid_item v[] = {
		{ .first = MONDAY - 1, .last = MONDAY, .from = 1380, .until = 60 },
		{ .first = MONDAY, .last = MONDAY, .from = 540, .until = 660 },
		{ .first = MONDAY, .last = MONDAY, .from = 600, .until = 720 },
		{ .first = MONDAY, .last = MONDAY, .from = 660, .until = 700 },
		{ .first = MONDAY, .last = MONDAY, .from = 720, .until = 720 },
		{ .first = MONDAY, .last = MONDAY, .whole = true },
		{ .first = MONDAY, .last = MONDAY + 1, .from = 1200, .until = 0 },
	};
	const size_t n = sizeof v / sizeof *v;
	struct grid_day d;

	(void)state;
	assert_string_equal(slots(v, n, MONDAY, &d),
	    "0:0-60 0/1 1:540-660 0/2 2:600-720 1/2 3:660-700 0/2 4:720-745 0/1 6:1200-1440 0/1 ");
	assert_string_equal(slots(v, n, MONDAY - 1, &d), "0:1380-1440 0/1 ");
	assert_string_equal(slots(v, n, MONDAY + 1, &d), "");
}

static void
a_crowd_is_counted(void **state)
{
	struct grid_item v[20];
	struct grid_day d;

	(void)state;
	for (int i = 0; i < 20; i++)
		v[i] = (struct grid_item){
			.first = MONDAY,
			.last = MONDAY,
			.from = 600 + i,
			.until = 700,
		};
	grid_day(cx.a, v, 20, MONDAY, &d);
	assert_int_equal(d.n, GRID_BESIDE);
	assert_int_equal(d.more, 20 - GRID_BESIDE);
	assert_int_equal(d.v[0].lanes, GRID_BESIDE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    bars_find_a_lane_and_go_over_weeks, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_finds_no_lane_is_counted_on_each_of_its_days, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    what_overlaps_stands_side_by_side, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(a_crowd_is_counted, unit_open, unit_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
