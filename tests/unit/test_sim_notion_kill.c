/* seconds: 10 */
/* The application, a calendar of Google and a database of Notion, with a process that is killed at
 * every point of what reads and writes there, one after the other: around each request, each write
 * and each named step. Pages are made, changed, put into the trash, edited there and asked about,
 * of events, of series and of their occurrences: in the end all is as without the kill. There are
 * some 8,000 points; one in TIDEMARK_TEST_SHARE is tried, which TIDEMARK_TEST_SEED chooses. */
#define SIM_NOTION
#include "sim/notion_stories.h"

#include "base/buf.h"

/* --- the sweep --- */

/* How it ends. */
static struct outcome {
	char text[1 << 18];
	long writes;
} without, with;

static void
outcome_line(struct buf *b, const struct side *s, int name, const struct cal_twins *all)
{
	for (int i = 0; i < all->n; i++)
		if (cal_name(all->v[i].values) == name)
			buf_printf(
			    b, "%s n%d %s\n", s->email, name, json_text(cx.a, all->v[i].values));
}

static void
outcome_is(const struct story *story, struct outcome *o)
{
	struct buf *b = buf_in(cx.a, sizeof o->text - 1);

	for (int s = 0; s < SIDES; s++) {
		struct cal_twins all;

		cal_all(&sides[s], &all);
		for (int n = 1; n <= cal.names; n++)
			outcome_line(b, &sides[s], n, &all);
	}
	if (!story->again)
		buf_printf(b, "%d pages, ", notion.pages);
	buf_printf(b, "%lld conflicts, %ld questions, %ld edits written over",
	    (long long)ask_handle(sqlite_handle(db->engine), "SELECT count(*) FROM conflict"),
	    tally.guards, notion_tally.windows);
	snprintf(o->text, sizeof o->text, "%s", buf_c(b));
	o->writes = cal.writes;
}

static void
story_begins(const struct story *story)
{
	story_world(story->asks ? "ask" : "latest", story->each);
	notion_lags(NOTION_LAG_MOST);
	notion_call(NOTION_THEIRS, "PATCH", arena_printf(cx.a, "/data_sources/%s", notion.source),
	    json_stored(cx.a, "{\"properties\":{\"Notes\":{\"rich_text\":{}}}}"));
	world_hears();
	sim.cal.choice = CHOOSE_LOCAL;
	sim.calm = true;
	story->begins();
	works_off(true);
	works_off(true);
	sim.calm = false;
}

/* Ticks, of which the index of Notion may miss two. */
static void
ticks(int n)
{
	for (int i = 0; i < n; i++) {
		sim.calm = true; /* messages are not late */
		calls_come();
		sim.calm = false;
		do {
			player_turn(&players[0]);
			player_turn(&players[1]);
		} while (players[0].busy || players[1].busy);
		clock_step_by(MINUTE_MS);
	}
}

/* It is killed there; beyond its last point: nowhere. How many points there were until then. */
static int
story_told(const struct story *story, int point, struct outcome *o)
{
	int points;

	o->text[0] = '\0';
	tally.guards = notion_tally.windows = 0;
	story_begins(story);
	story->goes_on();
	kill_at = point;
	ticks(1);
	if (story->then)
		story->then();
	ticks(4);
	points = point - kill_at;
	kill_at = 0;
	world_settles();
	if (!*sim.bad)
		outcome_is(story, o);
	world_goes();
	return points;
}

/* What was asked for, and of which the answer was not heard; of a series that is a page for each of
 * its occurrences, all four pages are one such write. */
enum { AGAIN = 3, PAGES_AGAIN = AGAIN + 3 };

/* The same, and it must end as without. */
static bool
story_told_again(const struct story *story, int point)
{
	const bool is = story_told(story, point, &with) == point;
	const int again = story->each ? PAGES_AGAIN : AGAIN;
	size_t n = 0;

	while (with.text[n] && with.text[n] == without.text[n])
		n++;
	if (with.text[n] || without.text[n])
		sim_bad("it ends as %.400s and not as %.400s", with.text + n, without.text + n);
	if (with.writes > without.writes + again)
		sim_bad("it writes %ld times, and not %ld", with.writes, without.writes);
	return is;
}

static bool
is_killed_at(int point, const void *story)
{
	const struct story *s = story;
	const bool is = story_told_again(s, point);

	if (*sim.bad)
		flunk("%s, killed at point %d: %s\n(this program with %d %d as its arguments tells "
		      "it all)",
		    s->name, point, sim.bad, (int)(s - stories) + 1, point);
	return is;
}

/* How many points it has. */
static int
story_is_known(const struct story *story)
{
	const int points = story_told(story, INT32_MAX, &without);

	if (*sim.bad)
		flunk("%s: %s", story->name, sim.bad);
	return points;
}

static struct points share;
/* Under the sanitizers some of the stories are told, which the seed chooses too. */
enum { STORY_SHARE = SLOW_SHARE > 1 ? 3 : 1 };

static void
story_sweeps(void **state)
{
	const struct story *story = *state;
	const int points = story_is_known(story);
	int last;

	print_message("# %d points\n", points);
	assert_in_range(points, 50, 1200);
	/* Of a story with fewer points than that, perhaps none. */
	last = points_sweep(share, is_killed_at, story);
	assert_true(last > points - share.step);
	assert_true(last <= points);
}

/* --- mistakes --- */

static void
one_is_made(void)
{
	app_makes(false, 0);
}

static void
one_is_edited_there(void)
{
	they_edit_named(PAULA, 1, TITLE);
}

static const struct {
	enum flaw flaw;
	struct story story;
} mistakes[] = {
	{ FLAW_NO_LOOK,
	    { .name = "no look before a page is made again",
		.begins = nothing_there,
		.goes_on = one_is_made } },
	{ FLAW_CURSOR_FIRST,
	    { .name = "the cursor is saved before the data",
		.begins = one_is_made,
		.goes_on = one_is_edited_there } },
	{ FLAW_COPY_IS_NEW,
	    { .name = "a page of our own is something new",
		.begins = nothing_there,
		.goes_on = one_is_made } },
};

static void
each_mistake_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		const struct story *story = &mistakes[i].story;
		const int points = story_is_known(story);
		int point = 1;

		flaw_planted = mistakes[i].flaw;
		while (story_told_again(story, point) && !*sim.bad)
			point++;
		flaw_planted = FLAW_NONE;
		if (!*sim.bad)
			flunk("%s: not found at %d points of %d", story->name, point - 1, points);
		print_message("# %s: found at point %d: %.200s\n", story->name, point, sim.bad);
	}
}

/* --- an index that is late --- */

/* Somebody has all of it read, again and again, while the index does not tell of it yet. */
static void
nobody_is_asked_about_pages_that_are_new_to_the_index(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		story_world("latest", i % 2);
		notion_lags(NOTION_LAG_MOST);
		world_hears();
		sim.calm = true;
		(i % 2 ? three_series : four_events)();
		for (int k = 0; k < 5; k++) {
			if (i < 2)
				calls_come();
			player_turn(&players[0]);
			player_turn(&players[1]);
			all_is_read_there();
			player_turn(&players[0]);
			player_turn(&players[1]);
			assert_false(any_asks());
			clock_step_by(5 * SECOND_MS);
		}
		world_settles();
		if (*sim.bad)
			flunk("%d: %s", i, sim.bad);
		world_goes();
	}
}

static int
wished(const char *name, int usual)
{
	const char *text = getenv(name);
	int64_t n = usual;

	if (text)
		str_i64(str_c(text), 1, INT32_MAX, &n);
	return (int)n;
}

/* STORY POINT: tells all that happens. */
static int
one_is_told(char **argv)
{
	void *state = NULL;
	int64_t story = 0, point = 0;

	if (!str_i64(str_c(argv[1]), 1, STORIES, &story) ||
	    !str_i64(str_c(argv[2]), 1, INT32_MAX, &point) || world_open(&state) != 0)
		return 2;
	story_is_known(&stories[story - 1]);
	sim.trace = true;
	story_told_again(&stories[story - 1], (int)point);
	printf("%s\n%s\n%s\n%s\n", raw_table("SELECT * FROM sync"),
	    raw_table("SELECT * FROM conflict"),
	    raw_table("SELECT no, object_kind, object_key, at, action, side, actor, reason, before"
		      " FROM change ORDER BY no"),
	    *sim.bad ? sim.bad : with.text);
	return world_close(&state);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[STORIES + 2] = {
		cmocka_unit_test(each_mistake_is_found),
		cmocka_unit_test(nobody_is_asked_about_pages_that_are_new_to_the_index),
	};
	int seed = wished("TIDEMARK_TEST_SEED", (int)(clock_ms() / SECOND_MS));

	if (argc > 2)
		return one_is_told(argv);
	share.step = wished("TIDEMARK_TEST_SHARE", 100 * SLOW_SHARE);
	share.first = 1 + seed % share.step;
	print_message("# seed %d: one point in %d\n", seed, share.step);

	for (int i = seed % STORY_SHARE; i < STORIES; i += STORY_SHARE)
		tests[i + 2] = (struct CMUnitTest){
			.name = stories[i].name,
			.test_func = story_sweeps,
			.initial_state = (void *)&stories[i],
		};
	return cmocka_run_group_tests_name("Notion and kills", tests, world_open, world_close);
}
