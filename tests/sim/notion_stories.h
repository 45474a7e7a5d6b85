/*
 * notion_stories.h - what is told of a database of Notion, a calendar of Google and the application,
 * once for each point at which a process of ours may be killed: what there is (`begins`), and what
 * is done and then worked off (`goes_on`).
 */
#ifndef SIM_NOTION_STORIES_H
#define SIM_NOTION_STORIES_H

#include "sim/cal_kill.h"

#include "base/buf.h"

/* The others: at Google, and in Notion. */
#define ANN (&sides[0])
#define PAULA (&sides[1])

enum { TITLE, PLACE, DAY };

/* Days from where all begins to the first of a series of which some is over. */
enum { ALONG = -45 };

/* --- deeds --- */

static inline void
app_makes(bool series, int base)
{
	const struct content c = cal_content_as(series, base);

	app_adds_as(&c);
}

static inline void
ann_makes(bool series)
{
	const struct content c = cal_content_as(series, 0);

	cal_adds_as(ANN, &c);
}

static inline void
paula_makes(void)
{
	const struct content c = cal_content_as(false, 0);

	notion_adds_as(&c);
}

/* Of several pieces at Notion, which has 2,000 characters in one. */
static inline const char *
notes(const char *word)
{
	struct buf *b = buf_in(cx.a, 16384);

	for (int i = 0; i < 170; i++)
		buf_printf(b, "%s %d \xc3\xa9\xf0\x9f\x8c\x8a\n", word, i);
	return buf_c(b);
}

static inline void
app_notes(int name, const char *word)
{
	const struct event_row e = here_named(name);
	json *said = json_new(cx.a);

	json_set_str(said, "notes", notes(word));
	app_says(&e, said);
}

static inline void
paula_notes(int name, const char *word)
{
	json *value = json_new(cx.a), *properties = json_new(cx.a);
	struct cal_twins all;

	cal_all(PAULA, &all);
	json_set(value, "rich_text", notion_rich(cx.a, notes(word)));
	json_set(properties, "Notes", value);
	notion_says("PATCH", notion_path(there_named(&all, name)), properties);
}

static inline void
paula_undates(int name)
{
	struct cal_twins all;

	cal_all(PAULA, &all);
	notion_removes(there_named(&all, name), true);
}

/* Some occurrences get another title, or are left out. */
static inline void
app_edits_some(int name)
{
	for (int i = 0; i < 3; i++) {
		const struct event_row e = here_named(name);

		app_edits_one(&e, json_stored(cx.a, e.value));
	}
}

static inline void
app_moves_named(int name)
{
	const struct event_row e = here_named(name);

	app_moves(&e, json_stored(cx.a, e.value));
}

/* The pages of the occurrences of a series, of which there is that one. */
static inline struct cal_leaf
paula_leaf(int name, int i)
{
	struct cal_twins all;
	struct cal_leaves leaves;

	cal_all(PAULA, &all);
	leaves_of(there_named(&all, name)->key, &leaves);
	assert_in_range(i, 0, leaves.n - 1);
	return leaves.v[i];
}

/* The page of a series says when it comes next: that occurrence is at another time. */
static inline void
paula_moves_next(int name)
{
	struct cal_leaf next = { 0 };
	struct cal_twins all;

	cal_all(PAULA, &all);
	next.seen = notion_page(there_named(&all, name)->key);
	next.page = notion_get(next.seen);
	leaf_moves(&next);
}

static inline bool
asked_about(int n)
{
	return ask_handle(sqlite_handle(db->engine),
		   "SELECT count(*) FROM conflict WHERE resolved_at IS NULL") == n;
}

/* --- stories --- */

static inline void
nothing_there(void)
{
}

static inline void
some_are_made(void)
{
	app_makes(false, 0);
	app_notes(1, "long");
	app_makes(false, 0);
	ann_makes(false);
	paula_makes();
	paula_notes(4, "hers");
}

static inline void
four_events(void)
{
	app_makes(false, 0);
	app_notes(1, "long");
	app_makes(false, 0);
	ann_makes(false);
	paula_makes();
}

static inline void
all_are_changed_elsewhere(void)
{
	app_edits_named(1, TITLE);
	app_notes(1, "other");
	app_edits_named(2, DAY);
	they_edit_named(ANN, 3, DAY);
	app_edits_named(4, PLACE);
}

static inline void
all_are_changed_again(void)
{
	app_edits_named(1, TITLE);
	app_edits_named(2, DAY);
	they_edit_named(ANN, 3, TITLE);
	app_edits_named(4, PLACE);
}

static inline void
all_are_deleted_elsewhere(void)
{
	app_removes_named(1);
	app_removes_named(4);
	they_remove_named(ANN, 3);
}

static inline void
all_are_edited_there(void)
{
	they_edit_named(PAULA, 1, TITLE);
	paula_notes(1, "hers");
	they_edit_named(PAULA, 2, DAY);
	they_edit_named(PAULA, 3, PLACE);
	they_edit_named(PAULA, 4, DAY);
}

static inline void
all_go_there(void)
{
	they_remove_named(PAULA, 1);
	paula_undates(2);
	they_remove_named(PAULA, 3);
	they_remove_named(PAULA, 4);
}

static inline void
both_edit(void)
{
	app_edits_named(1, TITLE);
	clock_step_by(MINUTE_MS);
	they_edit_named(PAULA, 1, TITLE);
	they_edit_named(PAULA, 2, PLACE);
	clock_step_by(MINUTE_MS);
	app_edits_named(2, PLACE);
	app_edits_named(3, TITLE);
	they_remove_named(PAULA, 3);
	app_removes_named(4);
	they_edit_named(PAULA, 4, TITLE);
}

static inline void
three_questions(void)
{
	four_events();
	works_off(true);
	works_off(true);
	for (int name = 1; name <= 3; name++) {
		app_edits_named(name, TITLE);
		they_edit_named(PAULA, name, TITLE);
	}
	works_off(true);
	assert_true(asked_about(3));
}

static inline void
all_are_answered(void)
{
	static const char *const choices[] = { CHOOSE_LOCAL, CHOOSE_REMOTE };

	for (int i = 0; !asked_about(0); i++) {
		sim.cal.choice = choices[i % 2];
		assert_true(people_answer());
	}
}

static inline void
three_series(void)
{
	app_makes(true, 0);
	app_makes(true, ALONG);
	ann_makes(true);
}

static inline void
series_are_edited(void)
{
	app_makes(true, 0);
	app_edits_named(1, TITLE);
	app_edits_some(2);
	app_moves_named(3);
}

static inline void
series_are_edited_there(void)
{
	they_edit_named(PAULA, 1, TITLE);
	paula_moves_next(2);
	they_remove_named(PAULA, 3);
}

static inline void
occurrences_are_edited_there(void)
{
	struct cal_leaf leaf = paula_leaf(1, 0);

	leaf_edited(&leaf, 1);
	leaf = paula_leaf(1, 1);
	leaf_moves(&leaf);
	leaf = paula_leaf(1, 2);
	leaf_left_out(&leaf, false);
	leaf = paula_leaf(3, 0);
	leaf_left_out(&leaf, true);
	leaf = paula_leaf(2, 1);
	leaf_edited(&leaf, 2);
}

static inline void
an_occurrence_is_edited_there(void)
{
	const struct cal_leaf leaf = paula_leaf(1, 1);

	leaf_edited(&leaf, 1);
}

static inline struct notion_seen *
paula_hides(int name)
{
	struct cal_twins all;
	struct notion_seen *page;

	cal_all(PAULA, &all);
	page = notion_page(there_named(&all, name)->key);
	page_hides(page);
	return page;
}

static inline void
paula_shows(struct notion_seen *page)
{
	notion_shares(page->id, &page->hidden, false);
	works_off(true);
}

/* Not in the trash: it is not shared with us for a while. */
static inline void
the_series_is_hidden_for_a_while(void)
{
	struct notion_seen *page = paula_hides(1);

	works_off(true);
	paula_shows(page);
}

/* And stays in the application, for which another page is made. */
static inline void
the_series_is_hidden_and_edited_here(void)
{
	struct notion_seen *page = paula_hides(1);

	app_edits_named(1, PLACE);
	works_off(true);
	works_off(true);
	paula_shows(page);
}

static inline void
an_occurrence_of_a_hidden_series_is_edited(void)
{
	const struct cal_leaf leaf = paula_leaf(1, 1);
	struct notion_seen *page = paula_hides(1);

	leaf_edited(&leaf, 1);
	works_off(true);
	paula_shows(page);
}

static inline void
series_go(void)
{
	app_removes_named(1);
	they_remove_named(PAULA, 2);
	they_remove_named(ANN, 3);
}

/* Somebody asks for it: the index does not tell yet of what was written there just now. */
static inline void
all_is_read_there(void)
{
	ask_sync(PAULA->conn);
}

static inline void
days_go(void)
{
	clock_step_by(9 * DAY_MS);
	pages_are_read();
}

struct story {
	const char *name;
	bool asks; /* when both sides have edited the same */
	bool each; /* a series is a page for each of its occurrences */
	/* Pages are made in the place of others for some time, as many as there are days in it */
	bool again;
	void (*begins)(void), (*goes_on)(void);
	void (*then)(void); /* a tick later, when it was killed or not; NULL: nothing */
};

static const struct story stories[] = {
	{ .name = "pages are made", .begins = nothing_there, .goes_on = some_are_made },
	{ .name = "pages are made, and all is read at once",
	    .begins = nothing_there,
	    .goes_on = some_are_made,
	    .then = all_is_read_there },
	{ .name = "pages are changed",
	    .begins = four_events,
	    .goes_on = all_are_changed_elsewhere },
	{ .name = "pages are changed again",
	    .asks = true,
	    .begins = four_events,
	    .goes_on = all_are_changed_elsewhere,
	    .then = all_are_changed_again },
	{ .name = "pages are put into the trash",
	    .begins = four_events,
	    .goes_on = all_are_deleted_elsewhere },
	{ .name = "pages are edited there",
	    .begins = four_events,
	    .goes_on = all_are_edited_there },
	{ .name = "pages go there", .begins = four_events, .goes_on = all_go_there },
	{ .name = "both edit, and the later one wins",
	    .begins = four_events,
	    .goes_on = both_edit },
	{ .name = "both edit, and it is asked",
	    .asks = true,
	    .begins = four_events,
	    .goes_on = both_edit },
	{ .name = "what is asked is answered",
	    .asks = true,
	    .begins = three_questions,
	    .goes_on = all_are_answered },
	{ .name = "series are made", .begins = nothing_there, .goes_on = three_series },
	{ .name = "series are edited", .begins = three_series, .goes_on = series_are_edited },
	{ .name = "series are edited there",
	    .begins = three_series,
	    .goes_on = series_are_edited_there },
	{ .name = "series go", .begins = three_series, .goes_on = series_go },
	{ .name = "occurrences get pages",
	    .each = true,
	    .begins = nothing_there,
	    .goes_on = three_series },
	{ .name = "series of pages are edited",
	    .each = true,
	    .begins = three_series,
	    .goes_on = series_are_edited },
	{ .name = "pages of occurrences are edited",
	    .each = true,
	    .begins = three_series,
	    .goes_on = occurrences_are_edited_there },
	{ .name = "a series of pages is hidden after one was edited",
	    .each = true,
	    .begins = three_series,
	    .goes_on = an_occurrence_is_edited_there,
	    .then = the_series_is_hidden_for_a_while },
	{ .name = "a series of pages is hidden after one was edited, and edited here",
	    .each = true,
	    .again = true,
	    .begins = three_series,
	    .goes_on = an_occurrence_is_edited_there,
	    .then = the_series_is_hidden_and_edited_here },
	{ .name = "a page is edited while its series is hidden",
	    .each = true,
	    .begins = three_series,
	    .goes_on = nothing_there,
	    .then = an_occurrence_of_a_hidden_series_is_edited },
	{ .name = "series of pages go",
	    .each = true,
	    .begins = three_series,
	    .goes_on = series_go },
	{ .name = "days go, and pages of occurrences with them",
	    .each = true,
	    .begins = three_series,
	    .goes_on = days_go },
};

enum { STORIES = sizeof stories / sizeof *stories };

#endif
