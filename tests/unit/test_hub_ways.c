/* The ways of a calendar that both sides write: which of them, of what, on which days; and what is
 * not for us to edit. */
#include "hub_fixture.h"

#include "base/step.h"
#include "store/change.h"

#define DAY "2026-10-05"

static void
what_is_not_ours_to_edit_is_kept_here_as_edited_and_never_sent(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	t = made_there(0, "g1", "Invitation", DAY);
	snprintf(t->fixed, sizeof t->fixed, "The organiser is somebody else.");
	settles();
	id = newest_here();
	edited_here(id, "{\"title\":\"My name for it\"}");
	settles();
	assert_string_equal(title_there(t), "Invitation");
	assert_string_equal(
	    raw_lines(
		"SELECT state || ': ' || error_detail FROM link WHERE connection_id = '" CONN_A "'",
		0),
	    "skipped: The organiser is somebody else.\n");
	/* Its copy elsewhere is ours. */
	assert_string_equal(title_there(twin_there(1, id)), "My name for it");
	edited_there(0, t, "location", "Room 9");
	settles();
	assert_string_equal(title_here(id), "My name for it");
	assert_non_null(strstr(twin_there(1, id)->values, "Room 9"));
	assert_int_equal(cals[0].writes, 0);
	assert_silence(3);
	/* One that became ours to edit is level again. */
	*t->fixed = '\0';
	thing_touch(&cals[0], t);
	settles();
	assert_string_equal(title_there(t), "My name for it");
	assert_silence(3);
	/* Cancelled by the organiser: what was edited here stays, and is not sent to him. */
	snprintf(t->fixed, sizeof t->fixed, "The organiser is somebody else.");
	edited_there(0, t, "location", "Room 10");
	settles();
	edited_here(id, "{\"title\":\"My name again\"}");
	deleted_there(0, t);
	settles();
	assert_string_equal(title_here(id), "My name again");
	assert_true(t->gone);
	assert_silence(3);
}

/* Another process agrees on something of the link while a page is on its way. */
static enum rc
agree_write(struct ctx *c, struct db *d, void *arg)
{
	const char *id = arg;
	const struct change change = {
		.owner = OWNER,
		.object = { .kind = OBJECT_EVENT, .key = id },
		.at = clock_ms(),
		.action = CHANGE_UPDATED,
		.side = SIDE_THERE,
		.connection_id = CONN_A,
	};

	return change_insert(c, d, &change);
}

static void
agrees_beside(void *arg, const char *name)
{
	if (strcmp(name, "pull:page") != 0)
		return;
	step_watch(NULL, NULL);
	assert_ok(db_write(&cx, db, agree_write, arg));
}

static void
an_invitation_that_is_looked_at_in_doubt_stays_one_when_it_is_called_off(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g2", "Stays", DAY);
	t = made_there(0, "g1", "Invitation", DAY);
	snprintf(t->fixed, sizeof t->fixed, "The organiser is somebody else.");
	settles();
	id = first_of("SELECT id FROM event WHERE uid = 'g1@there'");
	edited_here(id, "{\"title\":\"My name for it\"}");
	settles();
	edited_there(0, t, "location", "Room 9");
	step_watch(agrees_beside, (void *)id);
	reads(CONN_A);
	step_watch(NULL, NULL);
	/* It is to be looked at, and until then nothing of it is known. */
	assert_int_equal(
	    raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL AND op = 'put'"), 1);
	deleted_there(0, t);
	*t->fixed = '\0'; /* the service does not say of what is gone whose it was */
	sends();
	settles();
	assert_true(t->gone);
	assert_string_equal(title_here(id), "My name for it");
	assert_int_equal(cals[0].writes, 0);
	assert_silence(3);
}

static void
a_calendar_that_is_only_read_is_never_written_to(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", ",\"direction\":\"pull\"");
	t = made_there(0, "g1", "Theirs", DAY);
	made_here("Mine", DAY);
	settles();
	id = first_of("SELECT id FROM event WHERE origin IS NOT NULL");
	edited_here(id, "{\"title\":\"As I call it\"}");
	edited_there(0, t, "location", "Room 5");
	settles();
	assert_string_equal(title_here(id), "As I call it");
	assert_non_null(strstr(raw_lines("SELECT value FROM event", 0), "Room 5"));
	edited_here(id, NULL);
	settles();
	assert_string_equal(title_here(id), "-");
	assert_int_equal(cals[0].writes, 0);
	assert_silence(3);
}

static void
what_was_edited_while_nothing_was_sent_is_sent_when_that_is_over(void **state)
{
	const char *id, *hidden;
	struct thing *t, *stays;

	(void)state;
	connect(CONN_A, "a", ",\"direction\":\"pull\"");
	t = made_there(0, "g1", "Theirs", DAY);
	stays = made_there(0, "g2", "Hidden here", DAY);
	settles();
	id = first_of("SELECT id FROM event WHERE uid = 'g1@there'");
	hidden = first_of("SELECT id FROM event WHERE uid = 'g2@there'");
	edited_here(id, "{\"title\":\"As I call it\"}");
	edited_here(hidden, NULL);
	settles();
	assert_int_equal(cals[0].writes, 0);
	raw("UPDATE connection SET config = '{\"calendar\":\"a\"}', config_rev = config_rev + 1");
	settles();
	assert_string_equal(title_there(t), "As I call it");
	assert_false(stays->gone);
	assert_int_equal(cals[0].writes, 1);
	assert_silence(3);
}

static void
a_calendar_that_is_only_written_gives_nothing(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", ",\"direction\":\"push\"");
	made_there(0, "g1", "Theirs", DAY);
	id = made_here("Mine", DAY);
	settles();
	assert_int_equal(events_here(), 1);
	t = twin_there(0, id);
	edited_there(0, t, "title", "Changed there");
	edited_there(0, t, "location", "Only there");
	settles();
	assert_string_equal(title_here(id), "Mine");
	assert_string_equal(title_there(t), "Changed there");
	/* An edit here goes over it, and what it goes over is kept. */
	edited_here(id, "{\"title\":\"Mine again\"}");
	settles();
	assert_string_equal(title_there(t), "Mine again");
	assert_non_null(strstr(t->values, "Only there"));
	assert_null(strstr(raw_lines("SELECT value FROM event", 0), "Only there"));
	assert_non_null(strstr(raw_lines("SELECT kept FROM conflict", 0), "Changed there"));
	assert_silence(3);
	/* Deleted there it is not deleted here; an edit brings it back. */
	deleted_there(0, t);
	settles();
	assert_string_equal(title_here(id), "Mine again");
	edited_here(id, "{\"title\":\"Back\"}");
	settles();
	assert_string_equal(title_there(t), "Back");
	edited_here(id, NULL);
	settles();
	assert_true(t->gone);
	assert_silence(3);
}

static void
what_is_written_where_is_as_its_ways_say(void **state)
{
	(void)state;
	connect(CONN_A, "a", ",\"write\":\"application\"");
	connect(CONN_B, "b", ",\"write\":\"selected\",\"writeFrom\":[\"" CONN_A "\"]");
	made_there(0, "g1", "From A", DAY);
	made_there(1, "h1", "From B", DAY);
	made_here("From here", DAY);
	settles();
	assert_int_equal(events_here(), 3);
	assert_int_equal(live_there(0), 2); /* not what came from B */
	assert_int_equal(live_there(1), 3);
	assert_silence(3);
	/* Another way: what was here before goes too. */
	raw("UPDATE connection SET config = '{\"calendar\":\"a\"}', config_rev = config_rev + 1 "
	    "WHERE id = '" CONN_A "'");
	settles();
	assert_int_equal(live_there(0), 3);
	assert_silence(3);
}

static void
days_that_are_not_looked_at_are_left_alone_on_both_sides(void **state)
{
	const char *id;
	struct thing *t;

	(void)state;
	connect(CONN_A, "a", ",\"from\":\"2026-10-01\",\"to\":\"2026-11-01\"");
	made_there(0, "g1", "Before", "2026-09-30");
	t = made_there(0, "g2", "Within", "2026-10-31");
	made_there(0, "g3", "After", "2026-11-01");
	made_here("Mine before", "2026-09-30");
	made_here("Mine after", "2026-11-01");
	settles();
	assert_int_equal(cals[0].writes, 0);
	assert_int_equal(events_here(), 3);
	id = first_of("SELECT id FROM event WHERE origin IS NOT NULL");
	/* What leaves the days is the same event. */
	edited_here(id,
	    "{\"startDateTime\":\"2026-12-01T10:00:00Z\","
	    "\"endDateTime\":\"2026-12-01T11:00:00Z\"}");
	settles();
	assert_non_null(strstr(t->values, "2026-12-01"));
	assert_silence(3);
	assert_string_equal(title_here(id), "Within");
	/* What comes into them is written. */
	id = made_here("Comes in", "2026-12-24");
	settles();
	assert_int_equal(live_there(0), 3);
	edited_here(id,
	    "{\"startDateTime\":\"2026-10-20T10:00:00Z\","
	    "\"endDateTime\":\"2026-10-20T11:00:00Z\"}");
	settles();
	assert_int_equal(live_there(0), 4);
	assert_silence(3);
}

/* As when its grant ended under a request and was given again at once: nobody else would tell. */
static void
who_is_refused_while_the_account_is_well_tries_again_by_itself(void **state)
{
	const char *id;

	(void)state;
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	raw("INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, health, granted_at, created_at) VALUES "
	    "('00000000-0000-7000-8000-0000000000a1', '" OWNER
	    "', 'google', 'oauth', 's', 'ann@example.com', '', 'x', 'ok', 1, 1);"
	    "UPDATE connection SET account_id = '00000000-0000-7000-8000-0000000000a1'");
	settles();
	id = made_here("Mine", DAY);
	cals[0].send_fails = E_GRANT;
	/* Less and less often. */
	for (int i = 0; i < 10; i++, clock_step_by(HOUR_MS + MINUTE_MS))
		for (int k = 0; k < 3; k++)
			sends();
	assert_int_equal(raw_number("SELECT sum(attempts) FROM outbox"), 10);
	cals[0].send_fails = E_NONE;
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Mine");
	/* Its grant has ended: whoever gives it again has it synced, and that goes on. */
	raw("UPDATE remote_account SET health = 'attention'");
	cals[0].send_fails = E_GRANT;
	edited_here(id, "{\"title\":\"Later\"}");
	sends();
	assert_int_equal(raw_number("SELECT count(*) FROM lane WHERE due_at IS NOT NULL"), 0);
	clock_fake(0);
}

/* Told by a read of changes alone, too. */
static void
a_calendar_that_may_be_written_to_again_gets_what_is_here(void **state)
{
	int fulls;

	(void)state;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	cals[0].read_only = true;
	settles();
	made_here("Tea", DAY);
	made_there(1, "g1", "Theirs", DAY);
	settles();
	assert_int_equal(raw_number("SELECT read_only FROM connection WHERE id = '" CONN_A "'"), 1);
	assert_int_equal(
	    raw_number("SELECT count(*) FROM link WHERE connection_id = '" CONN_A "'"), 0);
	assert_int_equal(cals[0].writes, 0);
	assert_int_equal(cals[1].writes, 1);
	fulls = cals[0].fulls;
	cals[0].read_only = false;
	settles();
	assert_int_equal(cals[0].fulls, fulls);
	assert_int_equal(cals[0].writes, 2);
	assert_int_equal(raw_number("SELECT read_only FROM connection WHERE id = '" CONN_A "'"), 0);
	assert_silence(3);
}

static void
what_a_twin_says_beside_its_event_is_shown_by_the_others_as_it_becomes(void **state)
{
	struct thing *t;
	const char *id;

	(void)state;
	writer_cal.shows = true;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	made_there(0, "g1", "Alone", DAY);
	t = made_there(0, "g2", "Meeting", DAY);
	said_beside(0, t, "{\"attendees\":\"Bob\"}");
	settles();
	id = first_of("SELECT id FROM event WHERE value LIKE '%Meeting%'");
	assert_string_equal(twin_there(1, id)->shown, "{\"attendees\":\"Bob\"}");
	said_beside(0, t, "{\"attendees\":\"Bob (declined)\"}");
	settles();
	assert_string_equal(twin_there(1, id)->shown, "{\"attendees\":\"Bob (declined)\"}");
	/* One that is edited at the same moment as the event. */
	edited_here(id, "{\"title\":\"Meeting 2\"}");
	said_beside(0, t, "{\"attendees\":\"Eve\"}");
	settles();
	assert_string_equal(title_there(twin_there(1, id)), "Meeting 2");
	assert_string_equal(twin_there(1, id)->shown, "{\"attendees\":\"Eve\"}");
	/* The one that shows it is read before it is looked at. */
	said_beside(0, t, "{\"attendees\":\"Zoe\"}");
	thing_touch(&cals[1], twin_there(1, id));
	settles();
	assert_string_equal(twin_there(1, id)->shown, "{\"attendees\":\"Zoe\"}");
	said_beside(0, t, "{}");
	settles();
	assert_string_equal(twin_there(1, id)->shown, "{}");
	id = first_of("SELECT id FROM event WHERE value LIKE '%Alone%'");
	assert_string_equal(twin_there(1, id)->shown, "");
	assert_silence(3);
	writer_cal.shows = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_is_not_ours_to_edit_is_kept_here_as_edited_and_never_sent),
		HUB_TEST(an_invitation_that_is_looked_at_in_doubt_stays_one_when_it_is_called_off),
		HUB_TEST(a_calendar_that_is_only_read_is_never_written_to),
		HUB_TEST(what_was_edited_while_nothing_was_sent_is_sent_when_that_is_over),
		HUB_TEST(a_calendar_that_may_be_written_to_again_gets_what_is_here),
		HUB_TEST(a_calendar_that_is_only_written_gives_nothing),
		HUB_TEST(what_is_written_where_is_as_its_ways_say),
		HUB_TEST(days_that_are_not_looked_at_are_left_alone_on_both_sides),
		HUB_TEST(what_a_twin_says_beside_its_event_is_shown_by_the_others_as_it_becomes),
		HUB_TEST(who_is_refused_while_the_account_is_well_tries_again_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
