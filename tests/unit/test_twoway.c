/* The outward side, a case at a time, against the provider of the simulation. */
#include "sim/world.h"

static struct player *worker = &players[0];

static int
setup(void **state)
{
	if (world_open(state) != 0)
		return -1;
	world_begins(1);
	sim.w = (struct weather){ .etags = true };
	sim.calm = true;
	sim_twoway.policy = POLICY_LATEST;
	sim_twoway.direction = BOTH_WAYS;
	return 0;
}

static int
teardown(void **state)
{
	sim_twoway.direction = BOTH_WAYS;
	sim_twoway.writer = &sim_writer;
	assert_string_equal(sim.bad, "");
	return world_close(state);
}

static const char *
made_here(int title)
{
	struct content c = { { title } };

	human_does(NULL, &c);
	return here.keys[here.n - 1];
}

static void
set_here(const char *key, int field, int value)
{
	bool gone;
	struct content c = here_content(key, &gone);

	c.f[field] = value;
	human_does(key, &c);
}

static struct thing *
made_there(int title)
{
	struct thing *t = thing_new();

	t->c.f[0] = title;
	thing_touch(t);
	return t;
}

static void
works(int task)
{
	clock_step_by(HOUR_MS);
	player_turn(worker, task);
}

enum { READS, SENDS, BOTH };

static struct outbox
item_of(const char *key)
{
	struct object o = twoway_object(&sim_twoway, key);
	struct outbox item;
	struct link l;

	assert_ok(link_of(&cx, db, ANN, "c1", &o, &l));
	assert_non_null(l.id);
	assert_ok(outbox_of_link(&cx, db, ANN, l.id, &item));
	return item;
}

/* What the service answers instead of doing anything, and to what it is asked. */
static struct {
	enum rc send, look;
	bool does; /* it is done all the same */
	int64_t wait_ms;
	int sends, looks;
	int only; /* a title: everything else is done */
} says;

static enum rc
says_send(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	enum rc rc = RC_OK;

	says.sends++;
	if (says.send == RC_OK || (says.only && json_num(p->values, "title", 0) != says.only))
		return there_send(c, src, p, out);
	if (says.does)
		rc = there_send(c, src, p, out);
	assert_int_equal(rc, RC_OK);
	return there_fails(c, says.send, says.wait_ms);
}

static enum rc
says_look(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	says.looks++;
	if (says.look != RC_OK)
		return there_fails(c, says.look, says.wait_ms);
	return there_look(c, src, p, out);
}

static const struct writer says_writer = { .send = says_send, .look = says_look };

static void
service_says(enum rc send)
{
	memset(&says, 0, sizeof says);
	says.send = send;
	sim_twoway.writer = &says_writer;
}

/* --- the cases --- */

static void
ten_edits_while_it_is_down_are_one_request(void **state)
{
	const char *key = made_here(1);

	(void)state;
	works(SENDS);
	service_says(RC_RETRY);
	for (int i = 2; i <= 10; i++) {
		set_here(key, 0, i);
		works(SENDS);
	}
	set_here(key, 1, 11);
	service_says(RC_OK);
	works(SENDS);
	assert_int_equal(says.sends, 1);
	assert_int_equal(there.v[0].c.f[0], 10);
	assert_int_equal(there.v[0].c.f[1], 11);
	assert_int_equal(there.n, 1);
	assert_true(queue_is_empty());
}

static void
what_is_refused_fails_alone_and_says_why(void **state)
{
	const char *bad = made_here(1), *good;

	(void)state;
	service_says(RC_INVALID);
	says.only = 1;
	good = made_here(2);
	works(SENDS);
	assert_int_equal(there.n, 1);
	assert_int_equal(there.v[0].c.f[0], 2);
	assert_null(item_of(good).id);
	assert_string_equal(item_of(bad).state, OUTBOX_FAILED);
	assert_string_equal(item_of(bad).error_code, error_row(E_SOURCE_STATUS)->code);
	assert_non_null(item_of(bad).error_detail);
	/* Not by itself, but with the next edit. */
	works(SENDS);
	assert_int_equal(says.sends, 2);
	set_here(bad, 0, 3);
	works(SENDS);
	assert_int_equal(there.n, 2);
	assert_true(queue_is_empty());
}

static void
what_was_made_without_an_answer_is_found_and_not_made_twice(void **state)
{
	const char *key = made_here(1);

	(void)state;
	service_says(RC_UNSURE);
	says.does = true;
	works(SENDS);
	assert_string_equal(item_of(key).state, OUTBOX_UNSURE);
	/* Edited on both sides before anybody has looked. */
	set_here(key, 1, 2);
	there.v[0].c.f[2] = 3;
	thing_touch(&there.v[0]);
	service_says(RC_OK);
	works(BOTH);
	works(BOTH);
	assert_int_equal(there.n, 1);
	assert_int_equal(there.v[0].c.f[0], 1);
	assert_int_equal(there.v[0].c.f[1], 2);
	assert_int_equal(there.v[0].c.f[2], 3);
	assert_true(queue_is_empty());
	assert_int_equal(raw_number("SELECT count(*) FROM conflict"), 0);
}

static void
nothing_is_sent_again_before_a_look_has_told(void **state)
{
	const char *key = made_here(1);

	(void)state;
	service_says(RC_UNSURE);
	works(SENDS);
	says.look = RC_RETRY;
	for (int i = 0; i < 3; i++)
		works(SENDS);
	assert_int_equal(says.sends, 1);
	assert_string_equal(item_of(key).state, OUTBOX_UNSURE);
	service_says(RC_OK);
	works(SENDS);
	assert_int_equal(says.looks, 1);
	assert_int_equal(there.n, 1);
}

static void
a_wait_that_was_asked_for_is_kept(void **state)
{
	const char *key = made_here(1);

	(void)state;
	service_says(RC_LIMITED);
	says.wait_ms = 3 * HOUR_MS;
	works(SENDS);
	set_here(key, 0, 2);
	works(SENDS);
	assert_int_equal(says.sends, 1);
	assert_string_equal(item_of(key).state, OUTBOX_WAITING);
	service_says(RC_OK);
	works(SENDS);
	works(SENDS);
	assert_int_equal(there.v[0].c.f[0], 2);
}

static void
a_dead_login_stops_its_connection_and_loses_nothing(void **state)
{
	struct push_turn turn;

	(void)state;
	made_here(1);
	made_here(2);
	service_says(RC_AUTH);
	assert_int_equal(push_next(&cx, db, &sim_twoway, &turn), RC_AUTH);
	assert_int_equal(cx.err.kind, E_GRANT);
	service_says(RC_OK);
	works(SENDS);
	assert_int_equal(there.n, 2);
}

static void
a_connection_that_is_only_read_is_never_written_to(void **state)
{
	struct thing *t = made_there(1);

	(void)state;
	sim_twoway.direction = PULL_ONLY;
	service_says(RC_OK);
	works(BOTH);
	assert_int_equal(here.n, 1);
	set_here(here.keys[0], 1, 2);
	works(BOTH);
	t->c.f[0] = 3;
	t->c.f[1] = 4;
	thing_touch(t);
	works(BOTH);
	assert_int_equal(says.sends, 0);
	assert_true(queue_is_empty());
	/* What was done here stays, what was changed there alone comes. */
	assert_int_equal(here_content(here.keys[0], &(bool){ false }).f[0], 3);
	assert_int_equal(here_content(here.keys[0], &(bool){ false }).f[1], 2);
}

static void
a_full_read_that_lacks_nearly_all_asks_first(void **state)
{
	(void)state;
	for (int i = 1; i <= 3; i++)
		made_there(i);
	works(READS);
	for (int i = 0; i < 3; i++)
		there.v[i].gone = there.v[i].purged = true;
	there.oldest = there.seq + 1;
	works(READS);
	assert_true(run.approved);
	assert_int_equal(raw_number("SELECT count(*) FROM sim_object WHERE gone = 0"), 3);
	works(READS);
	assert_int_equal(raw_number("SELECT count(*) FROM sim_object WHERE gone = 0"), 0);
}

static void
what_comes_from_one_connection_goes_to_the_others_and_not_back(void **state)
{
	struct twoway other = sim_twoway;
	struct thing *t = made_there(1);
	struct link l;

	(void)state;
	raw("INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " VALUES ('c2', '" ANN "', 'csv', 'y', '{}', 1, 1)");
	works(BOTH);
	other.connection_id = "c2";
	assert_ok(db_begin(&cx, db));
	l = (struct link){
		.owner = ANN,
		.connection_id = other.connection_id,
		.object = twoway_object(&other, here.keys[0]),
	};
	assert_ok(edit_link(&cx, db, &l, clock_ms()));
	assert_ok(db_commit(&cx, db));
	raw("UPDATE outbox SET state = 'done', next_at = NULL, finished_at = 1");
	t->c.f[0] = 2;
	thing_touch(t);
	works(BOTH);
	assert_int_equal(raw_number("SELECT count(*) FROM outbox WHERE finished_at IS NULL"), 1);
	assert_string_equal(
	    raw_lines("SELECT connection_id FROM outbox WHERE finished_at IS NULL", 0), "c2\n");
}

static void
who_was_taken_over_changes_nothing(void **state)
{
	const char *key = made_here(1);
	struct outbox item;

	(void)state;
	sim.calm = false;
	sim.w.yield = 1;
	/* It stops with its request out; the lease ends, and another takes the item up. */
	for (int i = 0; i < 10 && (i == 0 || strcmp(players[1].where, "send:asks") != 0); i++)
		player_turn(&players[1], SENDS);
	assert_true(players[1].busy);
	assert_string_equal(players[1].where, "send:asks");
	clock_step_by(HOUR_MS);
	sim.w.yield = 0;
	player_turn(worker, SENDS);
	item = item_of(key);
	player_turn(&players[1], SENDS);
	assert_int_equal(there.n, 1);
	/* To look and to send again are a claim each. */
	assert_string_equal(raw_lines("SELECT max(fence) FROM outbox", 0), "3\n");
	assert_null(item.id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_edits_while_it_is_down_are_one_request),
		TEST(what_is_refused_fails_alone_and_says_why),
		TEST(what_was_made_without_an_answer_is_found_and_not_made_twice),
		TEST(nothing_is_sent_again_before_a_look_has_told),
		TEST(a_wait_that_was_asked_for_is_kept),
		TEST(a_dead_login_stops_its_connection_and_loses_nothing),
		TEST(a_connection_that_is_only_read_is_never_written_to),
		TEST(a_full_read_that_lacks_nearly_all_asks_first),
		TEST(what_comes_from_one_connection_goes_to_the_others_and_not_back),
		TEST(who_was_taken_over_changes_nothing),
	};

	return cmocka_run_group_tests_name("two ways, outward", tests, NULL, NULL);
}
