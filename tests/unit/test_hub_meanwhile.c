/* What is done beside a worker that is in the middle of something: when it goes on, it does not
 * take what it found before for how things are. */
#include "unit/hub_fixture.h"

#include "app/conflicts.h"
#include "base/step.h"
#include "queue/post.h"
#include "unit/caller_fixture.h"

#define DAY "2027-03-04"
#define ACCOUNT "00000000-0000-7000-8000-0000000000aa"

/* At the nth of the steps of this name, once. */
static struct {
	const char *step;
	int nth;
	void (*does)(void);
} beside;

static void
step_comes(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, beside.step) != 0 || --beside.nth > 0)
		return;
	step_watch(NULL, NULL);
	beside.does();
}

static void
meanwhile(int nth, const char *name, void (*does)(void))
{
	beside.step = name;
	beside.nth = nth;
	beside.does = does;
	step_watch(step_comes, NULL);
}

/* An event that waits to be sent to calendar "a". */
static const char *
tea_made_here(void)
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	settles();
	return made_here("Tea", DAY);
}

static int64_t
lanes_due(void)
{
	return raw_number("SELECT count(*) FROM lane WHERE kind = 'outbox' AND due_at IS NOT NULL");
}

static void
goes_on(void)
{
	raw("UPDATE schedule SET enabled = 1");
	assert_ok(db_begin(&cx, db));
	assert_ok(post_due(&cx, db, OWNER, CONN_A));
	assert_ok(db_commit(&cx, db));
}

static void
what_waits_goes_when_its_connection_goes_on_while_it_is_found_paused(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	settles();
	id = made_here("Tea", DAY);
	raw("UPDATE schedule SET enabled = 0");
	meanwhile(1, "outbox:worked", goes_on);
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Tea");
	/* And waits when it is not. */
	edited_here(id, "{\"title\":\"Coffee\"}");
	raw("UPDATE schedule SET enabled = 0");
	sends();
	assert_int_equal(lanes_due(), 0);
	assert_string_equal(title_there(twin_there(0, id)), "Tea");
}

static void
paused(void)
{
	raw("UPDATE schedule SET enabled = 0");
}

static void
set_to_another_calendar(void)
{
	raw("UPDATE connection SET config = '{\"calendar\":\"b\"}', config_rev = config_rev + 1");
}

static void
given_to_another_account(void)
{
	raw("UPDATE connection SET account_id = '" ACCOUNT "'");
}

/* Several wait; this happens while the first is on its way. */
static void
a_turn_ends(void (*how)(void))
{
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	settles();
	for (int i = 0; i < 3; i++)
		made_here("Cake", DAY);
	meanwhile(1, "push:asked", how);
	sends();
	assert_int_equal(beside.nth, 0);
}

static void
what_waits_stays_once_its_connection_is_paused_in_the_middle_of_a_turn(void **state)
{
	(void)state;
	a_turn_ends(paused);
	assert_int_equal(live_there(0), 1);
	assert_int_equal(lanes_due(), 0);
	goes_on();
	settles();
	assert_int_equal(live_there(0), 3);
	clock_fake(0);
}

/* What it looks for is known by then; what it would write then is not what was there before. */
static void
what_is_edited_after_a_pause_waits_though_its_twin_was_being_looked_at(void **state)
{
	const char *id;

	(void)state;
	id = tea_made_here();
	settles();
	edited_here(id, "{\"title\":\"Coffee\"}");
	raw("UPDATE link SET etag = NULL");
	meanwhile(1, "push:asked", paused);
	sends();
	assert_int_equal(beside.nth, 0);
	assert_string_equal(title_there(twin_there(0, id)), "Tea");
	assert_int_equal(lanes_due(), 0);
	goes_on();
	settles();
	assert_string_equal(title_there(twin_there(0, id)), "Coffee");
	clock_fake(0);
}

static void
what_waits_goes_to_the_calendar_that_is_set_in_the_middle_of_a_turn(void **state)
{
	(void)state;
	a_turn_ends(set_to_another_calendar);
	assert_int_equal(live_there(0), 1);
	assert_int_equal(live_there(1), 2);
	clock_fake(0);
}

static void
a_turn_ends_when_the_account_is_another(void **state)
{
	const char *turns = "SELECT attempt FROM lane WHERE kind = 'outbox'";

	(void)state;
	a_turn_ends(given_to_another_account);
	assert_int_equal(live_there(0), 3);
	assert_int_equal(raw_number(turns), 2);
	clock_fake(0);
}

/* Its account, whose end is found at the same time. */
static void
let_in_again(void)
{
	raw("UPDATE remote_account SET health = 'ok'");
	assert_ok(db_begin(&cx, db));
	assert_ok(post_due(&cx, db, OWNER, CONN_A));
	assert_ok(db_commit(&cx, db));
}

static void
what_waits_goes_when_its_account_is_let_in_while_it_is_found_to_be_out(void **state)
{
	const char *id;

	(void)state;
	clock_step_to(clock_ms());
	connect(CONN_A, "a", "");
	settles();
	raw("INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes,"
	    " sealed, health, granted_at, created_at) VALUES ('" ACCOUNT "', '" OWNER
	    "', 'google', 'oauth', 'ann', 'ann@example.com', '', '', 'attention', 1, 1);"
	    "UPDATE connection SET account_id = '" ACCOUNT "'");
	cals[0].send_fails = E_GRANT;
	id = made_here("Tea", DAY);
	meanwhile(1, "outbox:worked", let_in_again);
	sends();
	cals[0].send_fails = E_NONE;
	assert_int_equal(lanes_due(), 1);
	clock_step_by(HOUR_MS);
	sends();
	assert_string_equal(title_there(twin_there(0, id)), "Tea");
	/* While it is out nothing is tried. */
	raw("UPDATE remote_account SET health = 'attention'");
	cals[0].send_fails = E_GRANT;
	edited_here(id, "{\"title\":\"Coffee\"}");
	sends();
	assert_int_equal(lanes_due(), 0);
	clock_fake(0);
}

/* It has arrived, nobody knows, and the look that finds it there is on its way back. */
static void
deleted_and_read(void)
{
	cals[0].send_hides = E_NONE;
	deleted_there(0, &cals[0].v[0]);
	assert_string_equal(reads(CONN_A).state, "complete");
}

static void
what_was_found_there_and_deleted_since_comes_back_as_it_was_edited_here(void **state)
{
	const char *id;

	(void)state;
	id = tea_made_here();
	made_here("Cake", DAY);
	made_here("Cream", DAY);
	settles();
	edited_here(id, "{\"title\":\"Coffee\"}");
	cals[0].send_hides = E_UNSURE;
	meanwhile(2, "push:asked", deleted_and_read);
	sends();
	assert_int_equal(beside.nth, 0);
	settles();
	assert_string_equal(title_here(id), "Coffee");
	assert_string_equal(title_there(twin_there(0, id)), "Coffee");
	assert_int_equal(live_there(0), 3);
	assert_silence(3);
	clock_fake(0);
}

static const json *
occurrence_here(const char *id, const char *key)
{
	struct event_row e;

	assert_ok(event_any(&cx, db, OWNER, id, &e));
	return json_at(json_stored(cx.a, e.value), key);
}

static const json *
occurrence_there(const char *id, const char *key)
{
	return json_at(json_stored(cx.a, twin_there(0, id)->values), key);
}

/* What it is as a whole, and what differs in its second occurrence. */
static void
series_there(struct thing *t, const char *title, const char *differs)
{
	json *values = json_stored(cx.a, t->values);

	json_set_str(values, "title", title);
	json_set(values, "@20270311T100000Z", json_stored(cx.a, differs));
	snprintf(t->values, sizeof t->values, "%s", json_text(cx.a, values));
	thing_touch(&cals[0], t);
}

static struct {
	const char *id, *title, *differs;
} half;

static void
half_written_and_read(void)
{
	cals[0].send_hides = E_NONE;
	series_there(twin_there(0, half.id), half.title, half.differs);
	assert_string_equal(reads(CONN_A).state, "complete");
}

/* Its own calls write a series and what differs in it; between two of them an occurrence is still
 * as it was, which differs from the series now. */
static void
an_occurrence_that_is_not_written_yet_was_not_edited_by_anybody(void **state)
{
#define MOVED \
	"{\"startDateTime\":\"2027-03-11T12:00:00Z\",\"endDateTime\":\"2027-03-11T13:00:00Z\"}"
#define MOVED_AS \
	"{\"title\":\"%s\",\"startDateTime\":\"2027-03-11T12:00:00Z\"," \
	"\"endDateTime\":\"2027-03-11T13:00:00Z\"}"
	static const struct {
		const char *found, *comes;
	} rows[] = { { "Tea", NULL }, { "Theirs", "Theirs" } };
	const json *one;
	const char *id;

	(void)state;
	id = tea_made_here();
	edited_here(id, "{\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=4\"]}");
	settles();
	series_there(twin_there(0, id), "Tea", MOVED);
	settles();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		edited_here(id, arena_printf(cx.a, "{\"title\":\"Coffee %zu\"}", i));
		half.id = id;
		half.title = arena_printf(cx.a, "Coffee %zu", i);
		half.differs = arena_printf(cx.a, MOVED_AS, rows[i].found);
		cals[0].send_hides = E_UNSURE;
		meanwhile(1, "push:asked", half_written_and_read);
		sends();
		assert_int_equal(beside.nth, 0);
		settles();
		one = occurrence_here(id, "@20270311T100000Z");
		if (rows[i].comes)
			assert_string_equal(json_str(one, "title"), rows[i].comes);
		else
			assert_false(json_has(one, "title"));
		assert_string_equal(json_str(one, "startDateTime"), "2027-03-11T12:00:00Z");
		assert_true(value_same(cx.a, one, occurrence_there(id, "@20270311T100000Z")));
	}
	assert_silence(3);
	clock_fake(0);
}

static enum rc
look_write(struct ctx *c, struct db *d, void *arg)
{
	const struct link_page page = {
		.owner = OWNER,
		.connection_id = CONN_A,
		.state = LINK_SYNCED,
		.after = "",
	};
	struct link_list list;

	(void)arg;
	TRY(link_list_state(c, d, &page, &list));
	assert_int_equal(list.n, 1);
	return post_look(c, d, &list.v[0], clock_ms());
}

/* A read that has seen the edit, and cannot tell what it is to be compared with. */
static void
edited_and_doubted(void)
{
	edited_there(0, &cals[0].v[0], "title", "Coffee");
	assert_ok(db_write(&cx, db, look_write, NULL));
}

static void
what_is_doubted_while_it_is_looked_at_is_looked_at_again(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g1", "Tea", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, &cals[0].v[0], "location", "Room 5");
	assert_ok(db_write(&cx, db, look_write, NULL));
	meanwhile(1, "push:asked", edited_and_doubted);
	sends();
	assert_int_equal(beside.nth, 0);
	assert_string_equal(title_here(id), "Coffee");
	settles();
	assert_silence(3);
}

/* Nobody knows whether what was sent has arrived: it has not. */
static void
sent_and_lost(const char *id, const char *said)
{
	edited_here(id, said);
	writer_cal.unsure_ms = MINUTE_MS;
	cals[0].send_fails = E_UNSURE;
	sends();
	writer_cal.unsure_ms = 0;
	cals[0].send_fails = E_NONE;
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE sent IS NOT NULL"), 1);
}

static void
what_a_lost_request_left_as_it_was_is_an_edit_when_it_is_set_back_there(void **state)
{
	struct thing *a;
	const char *id;

	(void)state;
	connect(CONN_A, "a", ",\"conflicts\":\"provider\"");
	a = made_there(0, "g1", "Tea", DAY);
	reads(CONN_A);
	id = newest_here();
	sent_and_lost(id, "{\"location\":\"Room 5\"}");
	edited_there(0, a, "title", "Coffee");
	reads(CONN_A);
	edited_there(0, a, "title", "Tea");
	reads(CONN_A);
	assert_string_equal(title_here(id), "Tea");
	time_passes();
	settles();
	assert_string_equal(title_there(a), "Tea");
	assert_non_null(strstr(a->values, "Room 5"));
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
	assert_silence(3);
}

/* The same where a person has answered what was asked about it. */
static void
what_was_asked_about_is_an_edit_when_it_is_set_back_there(void **state)
{
	struct conflicts_answered done;
	struct thing *a;
	const char *id;

	(void)state;
	connect(CONN_A, "a", ",\"conflicts\":\"ask\"");
	a = made_there(0, "g1", "Tea", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_there(0, a, "title", "Coffee");
	edited_here(id, "{\"title\":\"Cocoa\"}");
	reads(CONN_A);
	sent_and_lost(id, "{\"location\":\"Room 5\"}");
	assert_ok(conflicts_answer(&cx, db, &owner_calls, first_of("SELECT id FROM conflict"),
	    json_stored(cx.a, "{\"choice\":\"remote\"}"), &done));
	assert_string_equal(title_here(id), "Coffee");
	edited_there(0, a, "title", "Tea");
	reads(CONN_A);
	assert_string_equal(title_here(id), "Tea");
	time_passes();
	settles();
	assert_string_equal(title_there(a), "Tea");
	assert_non_null(strstr(a->values, "Room 5"));
	assert_silence(3);
}

/* A service that takes no condition with a write, to which something else is written just before
 * ours: that is read while ours is on its way. */
static enum rc
sends_beside_an_edit(
    struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	struct push bare = *p;

	bare.etag = NULL;
	edited_there(0, &cals[0].v[0], "title", "Coffee");
	reads(CONN_A);
	return cal_send(c, src, &bare, out);
}

static void
what_is_on_its_way_while_something_else_is_read_is_confirmed_by_its_answer(void **state)
{
	const char *id;

	(void)state;
	connect(CONN_A, "a", "");
	made_there(0, "g1", "Tea", DAY);
	reads(CONN_A);
	id = newest_here();
	edited_here(id, "{\"location\":\"Room 5\"}");
	writer_cal.send = sends_beside_an_edit;
	sends();
	writer_cal.send = cal_send;
	assert_int_equal(raw_number("SELECT count(*) FROM link WHERE sent IS NULL AND"
				    " json_extract(base, '$.location') = 'Room 5'"
				    " AND json_extract(base, '$.title') = 'Coffee'"),
	    1);
	assert_string_equal(title_here(id), "Coffee");
	settles();
	assert_silence(3);
}

/* Who lets an account in again has a run follow the one that is under way. */
static void
asks_for_another(void)
{
	struct conn c;
	const char *id;

	assert_ok(conn_get(&cx, db, OWNER, CONN_A, &c));
	assert_ok(db_begin(&cx, db));
	assert_ok(sync_follow(&cx, db, &c, "manual", &id));
	assert_ok(db_commit(&cx, db));
}

static struct sched
ends_with(enum error_kind how, bool asked)
{
	const struct err err = { .kind = how };
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct conn c;
	bool found;

	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	if (asked)
		asks_for_another();
	assert_ok(queue_settle(&cx, db, &job, &job.run, &err));
	assert_ok(conn_get(&cx, db, OWNER, CONN_A, &c));
	return c.sched;
}

static void
a_run_that_another_one_follows_does_not_stop_the_schedule(void **state)
{
	struct sched s;

	(void)state;
	connect(CONN_A, "a", "");
	ask_sync(CONN_A);
	s = ends_with(E_GRANT, true);
	assert_int_equal(s.health, HEALTH_RETRYING);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 0);
	/* The one that follows has bad luck, and is not the last. */
	s = ends_with(E_TIMED_OUT, false);
	assert_int_equal(s.health, HEALTH_RETRYING);
	assert_true(s.next_poll_at > 0);
	/* Nobody has done anything meanwhile: then it stops. */
	ask_sync(CONN_A);
	s = ends_with(E_GRANT, false);
	assert_int_equal(s.health, HEALTH_ATTENTION);
	assert_int_equal(s.next_poll_at, 0);
	assert_int_equal(raw_number("SELECT count(*) FROM notice"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(what_waits_goes_when_its_connection_goes_on_while_it_is_found_paused),
		HUB_TEST(what_waits_stays_once_its_connection_is_paused_in_the_middle_of_a_turn),
		HUB_TEST(what_is_edited_after_a_pause_waits_though_its_twin_was_being_looked_at),
		HUB_TEST(what_waits_goes_to_the_calendar_that_is_set_in_the_middle_of_a_turn),
		HUB_TEST(a_turn_ends_when_the_account_is_another),
		HUB_TEST(what_waits_goes_when_its_account_is_let_in_while_it_is_found_to_be_out),
		HUB_TEST(what_was_found_there_and_deleted_since_comes_back_as_it_was_edited_here),
		HUB_TEST(an_occurrence_that_is_not_written_yet_was_not_edited_by_anybody),
		HUB_TEST(what_is_doubted_while_it_is_looked_at_is_looked_at_again),
		HUB_TEST(what_a_lost_request_left_as_it_was_is_an_edit_when_it_is_set_back_there),
		HUB_TEST(what_was_asked_about_is_an_edit_when_it_is_set_back_there),
		HUB_TEST(
		    what_is_on_its_way_while_something_else_is_read_is_confirmed_by_its_answer),
		HUB_TEST(a_run_that_another_one_follows_does_not_stop_the_schedule),
	};

	return cmocka_run_group_tests_name("beside a worker", tests, NULL, NULL);
}
