/* Meetings that are moved from one calendar to another, and copies of ours that give way to them:
 * nothing is deleted that is still there, and nothing is there twice. */
#include "hub_fixture.h"

#include "base/step.h"

#define DAY "2026-10-05"

/* As Google does it: it is gone from the one, and in the other under its own uid. */
static struct thing *
moved_there(struct thing *from, int to, const char *key)
{
	struct thing *t = made_there(to, key, title_there(from), DAY);

	snprintf(t->uid, sizeof t->uid, "%s", from->uid);
	snprintf(t->values, sizeof t->values, "%s", from->values);
	deleted_there(1 - to, from);
	return t;
}

static void
a_meeting_that_is_moved_to_another_calendar_is_deleted_in_neither(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct thing *from, *now;

		hub_teardown(state);
		hub_setup(state);
		connect(CONN_A, "a", "");
		connect(CONN_B, "b", "");
		from = made_there(0, "g1", "Board", DAY);
		made_there(0, "g2", "Stays", DAY);
		settles();
		now = moved_there(from, 1, "h1");
		/* The one that has lost it is read first, or the one that has it now. */
		reads(first ? CONN_B : CONN_A);
		if (first)
			sends();
		reads(first ? CONN_A : CONN_B);
		settles();
		assert_false(now->gone);
		assert_true(from->gone);
		assert_int_equal(events_here(), 2);
		assert_int_equal(live_there(0), 2);
		assert_int_equal(live_there(1), 2);
		assert_silence(3);
		/* And back again. */
		from = now;
		now = moved_there(from, 0, "g3");
		reads(first ? CONN_A : CONN_B);
		reads(first ? CONN_B : CONN_A);
		settles();
		assert_false(now->gone);
		assert_int_equal(events_here(), 2);
		assert_int_equal(live_there(0), 2);
		assert_int_equal(live_there(1), 2);
		assert_silence(3);
		/* What is deleted then is deleted. */
		deleted_there(0, now);
		settles();
		assert_int_equal(events_here(), 1);
		assert_int_equal(live_there(1), 1);
		assert_silence(3);
	}
}

/* The one that it was copied from was met no earlier than that: it was moved nowhere. */
static void
a_copy_that_is_deleted_before_its_calendar_is_read_again_is_a_deletion(void **state)
{
	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	made_there(0, "g1", "Stays", DAY);
	settles();
	for (int edits = 0; edits < 2; edits++) {
		struct thing *t = made_there(0, edits ? "g3" : "g2", "Board", DAY);
		const char *id;

		reads(CONN_A);
		sends();
		id = first_of("SELECT id FROM event WHERE value LIKE '%Board%' AND deleted_at IS "
			      "NULL");
		deleted_there(1, twin_there(1, id));
		/* Seen by a read, or by who sends an edit. */
		if (edits)
			edited_here(id, "{\"title\": \"Committee\"}");
		else
			reads(CONN_B);
		settles();
		assert_int_equal(t->gone, !edits);
		assert_int_equal(events_here(), edits ? 2 : 1);
		assert_int_equal(live_there(0), edits ? 2 : 1);
		assert_int_equal(live_there(1), edits ? 2 : 1);
		assert_silence(3);
	}
}

static void
reads_b_beside(void *arg, const char *name)
{
	struct ctx own;

	(void)arg;
	if (strcmp(name, "process:planned") != 0)
		return;
	step_watch(NULL, NULL);
	own = (struct ctx){ .a = arena_new("beside", 64 << 20, 0) };
	ask_sync(CONN_B);
	assert_ok(runs_all(&own, db));
	arena_free(own.a);
}

/* What a calendar remembers of a meeting that has left it is no event: the first read of the one
 * that has it now ends well. */
static void
a_meeting_that_leaves_while_its_new_calendar_is_first_read_is_there_once(void **state)
{
	struct thing *now;
	struct run r;

	(void)state;
	connect(CONN_B, "b", "");
	now = made_there(1, "g1", "Board", DAY);
	made_there(1, "g2", "Stays", DAY);
	reads(CONN_B);
	connect(CONN_A, "a", "");
	now = moved_there(now, 0, "h1");
	step_watch(reads_b_beside, NULL);
	r = reads(CONN_A);
	step_watch(NULL, NULL);
	assert_string_equal(r.state, "complete");
	assert_int_equal(
	    raw_number(
		"SELECT count(*) FROM change WHERE object_kind = 'event' AND object_key = 'g1'"),
	    1);
	settles();
	assert_false(now->gone);
	assert_int_equal(events_here(), 2);
	assert_int_equal(live_there(0), 2);
	assert_int_equal(live_there(1), 2);
	assert_silence(3);
}

static void
the_same_meeting_in_two_calendars_is_deleted_in_both_later(void **state)
{
	struct thing *a, *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	a = made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	made_there(0, "g2", "Stays", DAY);
	settles();
	deleted_there(0, a);
	settles();
	assert_int_equal(events_here(), 1);
	assert_true(b->gone);
	assert_silence(3);
}

/* The copy of ours that is to go: somebody edits it, or takes it for the one too many, before it is
 * known that it is to go, or after. */
static void
what_becomes_of_a_copy_that_gives_way_makes_no_second_event(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		const bool deleted = i & 1, late = i & 2, before = i & 4;
		struct thing *b = NULL, *copy;

		hub_teardown(state);
		hub_setup(state);
		connect(CONN_A, "a", "");
		connect(CONN_B, "b", "");
		settles();
		made_there(0, "g1", "Board", DAY);
		if (before) {
			b = made_there(1, "h1", "Board", DAY);
			snprintf(b->uid, sizeof b->uid, "g1@there");
		}
		reads(CONN_A);
		sends();
		if (!before) {
			b = made_there(1, "h1", "Board", DAY);
			snprintf(b->uid, sizeof b->uid, "g1@there");
		}
		copy = twin_there(1, newest_here());
		if (late)
			reads(CONN_B);
		if (deleted)
			deleted_there(1, copy);
		else
			edited_there(1, copy, "location", "Room 5");
		if (!late)
			reads(CONN_B);
		sends();
		settles();
		if (events_here() != 1)
			flunk("%d: %lld events", i, (long long)events_here());
		assert_int_equal(live_there(0), 1);
		assert_int_equal(live_there(1), 1);
		assert_false(b->gone);
		assert_false(cals[0].v[0].gone);
		if (!deleted) {
			assert_non_null(strstr(cals[0].v[0].values, "Room 5"));
			assert_non_null(strstr(b->values, "Room 5"));
		}
		assert_silence(3);
	}
}

static void
sends_beside(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "pull:page") != 0)
		return;
	step_watch(NULL, NULL);
	sends();
}

/* The page has the copy as it was before. */
static void
what_is_sent_to_a_copy_while_it_is_read_and_gives_way_is_not_undone(void **state)
{
	struct thing *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	settles();
	made_there(0, "g1", "Board", DAY);
	reads(CONN_A);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	sends();
	edited_here(newest_here(), "{\"title\":\"Board, later\"}");
	step_watch(sends_beside, NULL);
	reads(CONN_B);
	step_watch(NULL, NULL);
	assert_string_equal(title_here(newest_here()), "Board, later");
	settles();
	assert_int_equal(events_here(), 1);
	assert_string_equal(title_here(newest_here()), "Board, later");
	assert_string_equal(title_there(&cals[0].v[0]), "Board, later");
	assert_string_equal(title_there(b), "Board, later");
	assert_int_equal(live_there(1), 1);
	assert_silence(3);
}

/* The invitation, there and not for us to edit, or a meeting that somebody has in both. waits: a
 * copy was to be made there. */
static struct thing *
met_while_it_goes(bool fixed, bool waits, struct thing **a)
{
	struct thing *b;

	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	if (waits)
		settles();
	made_there(0, "g2", "Stays", DAY);
	*a = made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	if (fixed)
		snprintf(b->fixed, sizeof b->fixed, "The organiser is somebody else.");
	reads(CONN_A);
	edited_here(first_of("SELECT id FROM event WHERE uid = 'g1@there'"), NULL);
	return b;
}

/* Whoever deleted it has deleted it in both; unless somebody edits it before that is done. */
static void
a_meeting_that_is_met_again_while_its_deletion_is_sent_is_no_second_one(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		const bool fixed = i & 1, edited = i & 2;
		struct thing *a, *b;

		hub_teardown(state);
		hub_setup(state);
		b = met_while_it_goes(fixed, i & 4, &a);
		if (edited) {
			edited_there(0, a, "title", "Board, later");
			edited_there(1, b, "title", "Board, later");
		}
		reads(CONN_B);
		sends();
		/* As the service does it with invitations. */
		if (fixed && a->gone)
			deleted_there(1, b);
		settles();
		if (events_here() != (edited ? 2 : 1))
			flunk("%d: %s", i, titles_here());
		assert_int_equal(live_there(0), events_here());
		assert_int_equal(live_there(1), events_here());
		assert_int_equal(a->gone, !edited);
		assert_int_equal(b->gone, !edited);
		assert_silence(3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(a_meeting_that_is_moved_to_another_calendar_is_deleted_in_neither),
		HUB_TEST(a_copy_that_is_deleted_before_its_calendar_is_read_again_is_a_deletion),
		HUB_TEST(a_meeting_that_leaves_while_its_new_calendar_is_first_read_is_there_once),
		HUB_TEST(the_same_meeting_in_two_calendars_is_deleted_in_both_later),
		HUB_TEST(what_becomes_of_a_copy_that_gives_way_makes_no_second_event),
		HUB_TEST(what_is_sent_to_a_copy_while_it_is_read_and_gives_way_is_not_undone),
		HUB_TEST(a_meeting_that_is_met_again_while_its_deletion_is_sent_is_no_second_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
