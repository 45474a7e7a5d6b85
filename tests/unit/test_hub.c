/* The application's calendar and those that it is written to, through real runs and the real lane:
 * what goes where, once, and what never does. */
#include "hub_fixture.h"

#include "base/step.h"

#define DAY "2026-10-05"

static void
what_is_there_comes_here_once_and_nothing_goes_back(void **state)
{
	struct run r;

	(void)state;
	connect(CONN_A, "a", "");
	for (int i = 0; i < 7; i++)
		made_there(
		    0, arena_printf(cx.a, "g%d", i), arena_printf(cx.a, "Meeting %d", i), DAY);
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 7);
	assert_int_equal(events_here(), 7);
	assert_int_equal(raw_number("SELECT count(*) FROM event WHERE origin = '" CONN_A
				    "' AND uid LIKE 'g%@there'"),
	    7);
	assert_int_equal(raw_number("SELECT count(*) FROM sync_log WHERE text LIKE "
				    "'Taken over into the calendar here: 7 new%'"),
	    1);
	sends();
	assert_int_equal(cals[0].writes, 0);
	assert_silence(3);
}

static void
what_is_made_here_is_made_there_once_and_each_edit_is_one_request(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	id = made_here("Lunch", DAY);
	/* Before the calendar was read nobody knows what it has. */
	sends();
	assert_int_equal(cals[0].writes, 0);
	reads(CONN_A);
	sends();
	assert_int_equal(cals[0].n, 1);
	t = twin_there(0, id);
	assert_string_equal(title_there(t), "Lunch");
	edited_here(id, "{\"title\":\"Late lunch\"}");
	edited_here(id, "{\"location\":\"Canteen\"}");
	sends();
	assert_int_equal(cals[0].writes, 2);
	assert_string_equal(title_there(t), "Late lunch");
	assert_non_null(strstr(t->values, "Canteen"));
	assert_silence(3);
	assert_int_equal(cals[0].n, 1);
	/* One that is made once it was read goes at once. */
	made_here("Dinner", DAY);
	sends();
	assert_int_equal(live_there(0), 2);
}

static void
a_deletion_is_one_on_the_other_side_and_an_edit_wins_over_it(void **state)
{
	const char *id;
	struct thing *mine, *theirs, *fought;

	(void)state;
	connect(CONN_A, "a", "");
	theirs = made_there(0, "g1", "Theirs", DAY);
	fought = made_there(0, "g2", "Fought over", DAY);
	id = made_here("Mine", DAY);
	settles();
	mine = twin_there(0, id);
	deleted_there(0, theirs);
	edited_here(id, NULL);
	settles();
	assert_true(mine->gone);
	assert_string_equal(titles_here(), "Fought over,");
	/* Deleted here, edited there. */
	id = first_of("SELECT id FROM event WHERE deleted_at IS NULL");
	edited_here(id, NULL);
	edited_there(0, fought, "title", "Saved");
	settles();
	assert_string_equal(title_here(id), "Saved");
	assert_false(fought->gone);
	assert_int_equal(raw_number("SELECT count(*) FROM conflict WHERE state = 'resolved' AND "
				    "fields LIKE '%deleted%'"),
	    1);
	/* Deleted there, edited here. */
	deleted_there(0, fought);
	edited_here(id, "{\"title\":\"Saved again\"}");
	settles();
	assert_string_equal(title_there(fought), "Saved again");
	assert_silence(3);
}

static void
two_calendars_are_level_through_the_application_and_nothing_goes_round(void **state)
{
	const char *id;
	struct thing *a, *copy;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	a = made_there(0, "g1", "From A", DAY);
	made_there(1, "h1", "From B", DAY);
	id = made_here("From here", DAY);
	settles();
	assert_int_equal(events_here(), 3);
	assert_int_equal(live_there(0), 3);
	assert_int_equal(live_there(1), 3);
	assert_int_equal(cals[0].writes, 2);
	assert_int_equal(cals[1].writes, 2);
	assert_silence(10);
	/* An edit of a copy goes all the way to where the event came from. */
	copy = NULL;
	for (int i = 0; i < cals[1].n; i++)
		if (!strcmp(title_there(&cals[1].v[i]), "From A"))
			copy = &cals[1].v[i];
	assert_non_null(copy);
	edited_there(1, copy, "title", "Renamed in B");
	settles();
	assert_string_equal(title_there(a), "Renamed in B");
	assert_silence(3);
	deleted_there(0, twin_there(0, id));
	settles();
	assert_int_equal(live_there(1), 2);
	assert_int_equal(events_here(), 2);
	assert_silence(3);
}

static void
the_same_meeting_in_two_calendars_is_one_event_with_two_links(void **state)
{
	struct thing *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	settles();
	assert_int_equal(events_here(), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM link"), 2);
	assert_int_equal(cals[0].writes + cals[1].writes, 0);
	assert_silence(3);
}

static void
an_occurrence_of_a_series_is_not_taken_for_the_series(void **state)
{
	struct thing *a, *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	a = made_there(0, "g1", "Weekly", DAY);
	snprintf(a->values, sizeof a->values,
	    "{\"title\":\"Weekly\",\"startDateTime\":\"2026-10-05T10:00:00Z\",\"endDateTime\":"
	    "\"2026-10-05T11:00:00Z\",\"allDay\":false,\"timeZone\":\"Europe/London\","
	    "\"recurrence\":"
	    "[\"RRULE:FREQ=WEEKLY;COUNT=4\"],\"status\":\"confirmed\",\"busy\":true}");
	b = made_there(1, "h1", "Weekly", "2026-10-12");
	snprintf(b->uid, sizeof b->uid, "g1@there");
	settles();
	assert_int_equal(events_here(), 2);
	assert_non_null(strstr(a->values, "COUNT=4"));
	assert_null(strstr(b->values, "RRULE"));
	assert_silence(3);
}

static void
what_waits_to_be_made_and_is_there_by_itself_is_linked(void **state)
{
	struct thing *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	settles();
	made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	reads(CONN_A);
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE state = 'queued'"), 1);
	reads(CONN_B);
	sends();
	assert_int_equal(live_there(1), 1);
	assert_int_equal(events_here(), 1);
	assert_silence(3);
}

static void
a_copy_of_ours_gives_way_to_what_is_there_by_itself(void **state)
{
	struct thing *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	settles();
	made_there(0, "g1", "Board", DAY);
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	edited_there(1, b, "location", "Room 5");
	/* It is sent before anybody has seen that it is there. */
	reads(CONN_A);
	sends();
	assert_int_equal(live_there(1), 2);
	reads(CONN_B);
	sends();
	assert_int_equal(live_there(1), 1);
	assert_false(b->gone);
	settles();
	assert_int_equal(events_here(), 1);
	assert_int_equal(live_there(0), 1);
	assert_non_null(strstr(cals[0].v[0].values, "Room 5"));
	assert_silence(3);
	/* Also when it is not known yet whether the copy has arrived. */
	clock_step_to(clock_ms());
	made_there(0, "g2", "Lunch", DAY);
	b = made_there(1, "h2", "Lunch", DAY);
	snprintf(b->uid, sizeof b->uid, "g2@there");
	reads(CONN_A);
	cals[1].send_hides = E_UNSURE;
	sends();
	cals[1].send_hides = E_NONE;
	reads(CONN_B);
	clock_step_by(HOUR_MS);
	sends();
	clock_step_by(HOUR_MS);
	settles();
	assert_int_equal(live_there(1), 2);
	assert_int_equal(events_here(), 2);
	assert_silence(3);
	clock_fake(0);
}

static void
our_copies_are_known_again_when_a_calendar_is_connected_anew(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g1", "Theirs", DAY);
	id = made_here("Ours", DAY);
	settles();
	raw("PRAGMA foreign_keys = ON; DELETE FROM connection");
	edited_there(0, twin_there(0, id), "location", "Moved meanwhile");
	connect(CONN_A, "a", "");
	settles();
	assert_int_equal(events_here(), 2);
	assert_int_equal(live_there(0), 2);
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Moved meanwhile"));
	assert_silence(3);
}

static void
a_cursor_that_is_refused_loses_no_deletion_and_no_edit(void **state)
{
	struct thing *gone, *kept;
	const char *id;
	struct run r;

	(void)state;
	connect(CONN_A, "a", "");
	gone = made_there(0, "g1", "Goes in the gap", DAY);
	kept = made_there(0, "g2", "Stays", DAY);
	id = made_here("Mine", DAY);
	settles();
	deleted_there(0, gone);
	edited_there(0, kept, "title", "Stays, renamed");
	edited_here(id, "{\"location\":\"Here\"}");
	cals[0].oldest = INT64_MAX;
	r = reads(CONN_A);
	cals[0].oldest = 0;
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.deleted, 1);
	assert_int_equal(raw_number("SELECT count(*) FROM sync_log WHERE text LIKE "
				    "'%Everything is read again.'"),
	    1);
	assert_string_equal(titles_here(), "Mine,Stays, renamed,");
	settles();
	assert_non_null(strstr(twin_there(0, id)->values, "Here"));
	assert_silence(3);
}

static void
an_empty_answer_deletes_nothing_and_a_person_is_asked(void **state)
{
	struct run r;
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	for (int i = 0; i < 4; i++)
		made_there(0, arena_printf(cx.a, "g%d", i), "Meeting", DAY);
	settles();
	assert_int_equal(live_there(1), 4);
	cals[0].oldest = INT64_MAX;
	cals[0].shows_none = true;
	r = reads(CONN_A);
	assert_string_equal(r.error_code, "needs_approval");
	/* The records dropped, there is nothing that could be compared; the links still know. */
	raw("DELETE FROM record");
	raw("DELETE FROM dataset");
	r = reads(CONN_A);
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(json_num(json_stored(cx.a, r.review), "deletions", 0), 4);
	sends();
	assert_int_equal(events_here(), 4);
	assert_int_equal(live_there(1), 4);
	assert_ok(sync_answer(&cx, db, OWNER, r.id, "keep", &id));
	raw("UPDATE sync SET state = 'error', finished_at = 1 WHERE state = 'queued'");
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	sends();
	assert_int_equal(events_here(), 4);
	assert_int_equal(live_there(1), 4);
	/* That is remembered; a further loss is asked about, and when it is meant so, it goes. */
	cals[0].oldest = INT64_MAX;
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	cals[0].shows_none = false;
	for (int i = 0; i < 4; i++) {
		cals[0].v[i].gone = true;
		made_there(0, arena_printf(cx.a, "m%d", i), "More", DAY);
	}
	cals[0].oldest = 0;
	settles();
	assert_int_equal(events_here(), 8);
	assert_int_equal(live_there(1), 8);
	cals[0].oldest = INT64_MAX;
	cals[0].shows_none = true;
	r = reads(CONN_A);
	assert_string_equal(r.error_code, "needs_approval");
	assert_int_equal(json_num(json_stored(cx.a, r.review), "deletions", 0), 4);
	assert_ok(sync_answer(&cx, db, OWNER, r.id, "approve", &id));
	raw("UPDATE sync SET state = 'error', finished_at = 1 WHERE state = 'queued'");
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	sends();
	assert_int_equal(events_here(), 4);
	assert_int_equal(live_there(1), 4);
}

static void
what_was_deleted_here_is_no_loss_to_be_asked_about(void **state)
{
	const char *id;
	struct run r;

	(void)state;
	connect(CONN_A, "a", "");
	id = made_here("The only one", DAY);
	settles();
	r = reads(CONN_A);
	assert_int_equal(live_there(0), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 1);
	edited_here(id, NULL);
	sends();
	assert_int_equal(live_there(0), 0);
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.deleted, 1);
	assert_int_equal(raw_number("SELECT count(*) FROM record WHERE deleted IS NULL"), 0);
}

static void
what_cannot_be_sent_waits_and_is_not_hammered(void **state)
{
	const char *id;

	(void)state;
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	settles();
	/* Asked to slow down: one request, and nothing of the others. */
	for (int i = 0; i < 5; i++)
		id = made_here(arena_printf(cx.a, "Mine %d", i), DAY);
	cals[0].send_fails = E_RATE_LIMITED;
	cals[0].wait_ms = 5 * MINUTE_MS;
	sends();
	assert_int_equal(raw_number("SELECT sum(attempts) FROM outbox"), 1);
	cals[0].send_fails = E_NONE;
	clock_step_by(4 * MINUTE_MS);
	sends();
	assert_int_equal(cals[0].writes, 0);
	clock_step_by(2 * MINUTE_MS);
	sends();
	assert_int_equal(live_there(0), 5);
	/* Paused: it waits, and goes after the sync that follows. */
	raw("UPDATE schedule SET enabled = 0");
	edited_here(id, "{\"title\":\"Later\"}");
	sends();
	assert_int_equal(cals[0].writes, 5);
	raw("UPDATE schedule SET enabled = 1");
	reads(CONN_A);
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Later");
	/* Not let in any more: likewise. */
	cals[0].send_fails = E_GRANT;
	edited_here(id, "{\"title\":\"Much later\"}");
	sends();
	sends();
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 0);
	cals[0].send_fails = E_NONE;
	clock_step_by(HOUR_MS);
	reads(CONN_A);
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Much later");
	clock_fake(0);
}

static void
what_was_made_without_an_answer_is_made_once(void **state)
{
	const char *id;

	(void)state;
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	settles();
	id = made_here("Once", DAY);
	cals[0].send_hides = E_UNSURE;
	sends();
	cals[0].send_hides = E_NONE;
	edited_there(0, twin_there(0, id), "location", "Edited before it was known");
	clock_step_by(HOUR_MS);
	sends();
	settles();
	assert_int_equal(cals[0].n, 1);
	assert_int_equal(events_here(), 1);
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Edited before"));
	assert_silence(3);
	clock_fake(0);
}

static void
splits_off(const struct event_row *old)
{
	struct event_row e = { .owner = OWNER, .origin = CONN_A };
	struct mirror m;

	assert_ok(db_begin(&cx, db));
	assert_ok(event_edit(&cx, db,
	    &(struct edit){
		.owner = OWNER,
		.after = json_stored(cx.a, old->value),
		.now = clock_ms(),
	    },
	    &e));
	assert_ok(mirror_open(&cx, db, OWNER, &m));
	assert_ok(mirror_split(&cx, db, &m, old->id, &e, clock_ms()));
	assert_ok(db_commit(&cx, db));
	sends();
}

static const char *goes; /* the event */

/* When the look is on its way, which still has it. */
static void
goes_beside(void *arg, const char *name)
{
	int *asked = arg;

	if (strcmp(name, "push:asked") != 0 || ++*asked < 2)
		return;
	step_watch(NULL, NULL);
	deleted_there(0, &cals[0].v[0]);
	edited_here(goes, NULL);
	reads(CONN_A);
}

/* It was made without an answer. */
static void
what_comes_and_goes_there_while_it_is_looked_at_stays_away(void **state)
{
	int asked = 0;

	(void)state;
	connect(CONN_A, "a", "");
	settles();
	goes = made_here("Tea", DAY);
	cals[0].send_hides = E_UNSURE;
	step_watch(goes_beside, &asked);
	sends();
	step_watch(NULL, NULL);
	cals[0].send_hides = E_NONE;
	assert_int_equal(asked, 2);
	settles();
	assert_string_equal(title_here(goes), "-");
	assert_int_equal(live_there(0), 0);
	assert_int_equal(cals[0].writes, 1);
	assert_silence(3);
}

static void
a_series_that_is_split_here_is_split_there(void **state)
{
	struct event_row old;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	t = made_there(0, "g1", "Weekly", DAY);
	reads(CONN_A);
	assert_ok(event_any(&cx, db, OWNER, newest_here(), &old));
	splits_off(&old);
	assert_int_equal(live_there(0), 2);
	/* The first read has taken the series in, and is not over. */
	raw("UPDATE connection SET cursor = NULL; UPDATE schedule SET last_success_at = NULL");
	splits_off(&old);
	assert_int_equal(live_there(0), 3);
	/* Not where the series is not ours to edit. */
	snprintf(t->fixed, sizeof t->fixed, "The organiser is somebody else.");
	thing_touch(&cals[0], t);
	reads(CONN_A);
	splits_off(&old);
	assert_int_equal(live_there(0), 3);
}

static void
an_invitation_that_was_deleted_here_alone_comes_back_with_the_meeting_itself(void **state)
{
	struct thing *b;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	b = made_there(1, "h1", "Board", DAY);
	snprintf(b->uid, sizeof b->uid, "g1@there");
	snprintf(b->fixed, sizeof b->fixed, "The organiser is somebody else.");
	reads(CONN_B);
	edited_here(newest_here(), NULL);
	made_there(0, "g1", "Board", DAY);
	settles();
	assert_int_equal(events_here(), 1);
	assert_int_equal(live_there(0), 1);
	assert_int_equal(live_there(1), 1);
	assert_silence(3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_is_there_comes_here_once_and_nothing_goes_back),
		HUB_TEST(what_is_made_here_is_made_there_once_and_each_edit_is_one_request),
		HUB_TEST(a_deletion_is_one_on_the_other_side_and_an_edit_wins_over_it),
		HUB_TEST(two_calendars_are_level_through_the_application_and_nothing_goes_round),
		HUB_TEST(the_same_meeting_in_two_calendars_is_one_event_with_two_links),
		HUB_TEST(an_occurrence_of_a_series_is_not_taken_for_the_series),
		HUB_TEST(what_waits_to_be_made_and_is_there_by_itself_is_linked),
		HUB_TEST(a_copy_of_ours_gives_way_to_what_is_there_by_itself),
		HUB_TEST(our_copies_are_known_again_when_a_calendar_is_connected_anew),
		HUB_TEST(a_cursor_that_is_refused_loses_no_deletion_and_no_edit),
		HUB_TEST(an_empty_answer_deletes_nothing_and_a_person_is_asked),
		HUB_TEST(what_was_deleted_here_is_no_loss_to_be_asked_about),
		HUB_TEST(what_cannot_be_sent_waits_and_is_not_hammered),
		HUB_TEST(what_was_made_without_an_answer_is_made_once),
		HUB_TEST(what_comes_and_goes_there_while_it_is_looked_at_stays_away),
		HUB_TEST(a_series_that_is_split_here_is_split_there),
		HUB_TEST(
		    an_invitation_that_was_deleted_here_alone_comes_back_with_the_meeting_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
