/* What is done with an object that two sides may have changed: tests/table/decide.txt, and a small
 * world of two sides. */
#include "unit/agree_fixture.h"

static int wrong;

/* --- the table --- */

static const char *const acts[] = { [ACT_NONE] = "none",
	[ACT_PUT] = "put",
	[ACT_DELETE] = "delete",
	[ACT_MERGE] = "merge",
	[ACT_FORGET] = "forget",
	[ACT_ASK] = "ask" };
static const char *const states[] = {
	[SIDE_SAME] = "same", [SIDE_CHANGED] = "changed", [SIDE_GONE] = "gone"
};
static bool seen[DIRECTION__MAX][POLICY__MAX][SIDE__MAX][SIDE__MAX];

static enum side_state
state_named(const char *word)
{
	for (enum side_state s = 0; s < SIDE__MAX; s++)
		if (!strcmp(states[s], word))
			return s;
	flunk("there is no state %s", word);
	return SIDE_SAME;
}

static enum direction
direction_named(const char *text)
{
	if (str_starts(str_c(text), "both "))
		return BOTH_WAYS;
	return str_starts(str_c(text), "pull ") ? PULL_ONLY : PUSH_ONLY;
}

static const char *
cell(char *const *columns)
{
	char *policy_text = strchr(columns[1], ' ') + 1;
	enum direction direction = direction_named(columns[1]);
	enum policy policy = policy_named(policy_text);
	enum side_state local = state_named(columns[2]), remote = state_named(columns[3]);
	struct decision d = decide(direction, policy, local, remote);
	const char *winner = pick_word(d.winner);

	seen[direction][policy][local][remote] = true;
	if (strcmp(arena_printf(cx.a, "%s %s", acts[d.here], acts[d.there]), columns[4]))
		return arena_printf(cx.a, "%s %s", acts[d.here], acts[d.there]);
	if (!d.conflict)
		return winner ? "a winner of nothing" : "-";
	return winner ? winner : "asked";
}

static const char *
echo(char *const *columns)
{
	const struct echo e = {
		.pending = !str_starts(str_c(columns[5]), "none"),
		.sent = version(columns[2]),
		.created = str_starts(str_c(columns[5]), "created"),
	};
	bool arrived;
	const json *base = echo_base(
	    cx.a, &event_rules, version(columns[1]), version(columns[3]), &e, &arrived);

	if (!value_same(cx.a, base, version(columns[4])))
		return json_text(cx.a, base);
	return arrived ? "yes" : "no";
}

static const char *
along(char *const *columns)
{
	const json *now = echo_along(
	    cx.a, &event_rules, version(columns[3]), version(columns[1]), version(columns[2]));

	return value_same(cx.a, now, version(columns[4])) ? columns[4] : json_text(cx.a, now);
}

static void
check(char *const *columns, int n, const char *where)
{
	const char *got, *want = columns[n - 1];

	if (!strcmp(columns[0], "cell")) {
		assert_int_equal(n, 6);
		got = cell(columns);
	} else if (!strcmp(columns[0], "side")) {
		assert_int_equal(n, 5);
		got = states[side_of(cx.a, &event_rules, version(columns[1]), version(columns[2]))];
	} else if (!strcmp(columns[0], "along")) {
		assert_int_equal(n, 5);
		got = along(columns);
	} else {
		assert_string_equal(columns[0], "echo");
		assert_int_equal(n, 6);
		got = echo(columns);
		want = strchr(columns[5], ' ') + 1;
	}
	if (strcmp(got, want)) {
		print_error("%s: got %s, not %s\n", where, got, want);
		wrong++;
	}
}

static void
every_case_of_the_table_holds_and_no_cell_is_missing(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/decide.txt", check), 100, 1000);
	assert_int_equal(wrong, 0);
	for (size_t i = 0; i < sizeof seen; i++)
		assert_true(((const bool *)seen)[i]);
}

static void
an_edit_against_a_deletion_is_told_as_a_field(void **state)
{
	struct decision d = decide(BOTH_WAYS, POLICY_LATEST, SIDE_CHANGED, SIDE_GONE);

	(void)state;
	assert_string_equal(json_text(cx.a, deletion_fields(cx.a, &d, SIDE_CHANGED)),
	    "[{\"field\":\"deleted\",\"base\":false,"
	    "\"local\":false,\"remote\":true,\"chosen\":\"local\"}]");
	assert_string_equal(json_text(cx.a, deletion_kept(cx.a, &d)), "{\"deleted\":true}");
	d = decide(BOTH_WAYS, POLICY_ASK, SIDE_GONE, SIDE_CHANGED);
	assert_string_equal(json_text(cx.a, deletion_fields(cx.a, &d, SIDE_GONE)),
	    "[{\"field\":\"deleted\",\"base\":false,"
	    "\"local\":true,\"remote\":false,\"chosen\":null}]");
	assert_string_equal(json_text(cx.a, deletion_kept(cx.a, &d)), "{}");
}

/* --- a small world: one object, two sides, answers that get lost --- */

/* What the worlds went through in all: a world in which nothing happens proves nothing. */
static long edits, collisions, revivals, unanswered;
static unsigned long long world_no;

enum { TOKENS = 200, WORLDS = 20000, EDITS = 30 };

/* A value is a token that remembers the one its author saw; deletions are tokens too, but they may
 * be overruled. */
struct world {
	json *base, *local, *remote;
	struct echo echo;
	int over[TOKENS], tokens;
	bool kept[TOKENS];
	int writes; /* to the remote side */
	bool known; /* it was seen there */
};

static int
token(const json *obj, const char *field)
{
	return (int)json_num(obj, field, 0);
}

static json *
copied(const json *from)
{
	json *j = json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(from, &it);)
		json_set(j, it.key, it.value);
	return j;
}

/* Somebody edits one field, puts the object there, or deletes it. */
static json *
touched(struct world *w, const json *from)
{
	static const char *const field[] = { "title", "place", "start" };
	const char *f = field[dice(3)];
	json *j;

	if (from && dice(5) == 0)
		return NULL;
	j = copied(from);
	w->over[++w->tokens] = token(from, f);
	json_set_i64(j, f, w->tokens);
	return j;
}

static void
keep(struct world *w, const json *kept)
{
	for (struct json_iter it = { 0 }; json_each(kept, &it);) {
		w->kept[json_value_i64(it.value)] = true;
		for (struct json_iter in = { 0 }; json_each(it.value, &in);)
			w->kept[json_value_i64(in.value)] = true;
	}
}

/* One request: it arrives or not, its answer comes or not. */
static void
send_it(struct world *w, json *value, bool faults)
{
	uint32_t luck = faults ? dice(4) : 3;

	w->echo = (struct echo){ .pending = true, .sent = value, .created = !w->known };
	if (luck == 0)
		return;
	w->remote = value;
	w->writes++;
	if (luck == 1) {
		unanswered++;
		return;
	}
	w->base = value;
	w->known |= value != NULL;
	w->echo.pending = false;
}

static void
merge_both(struct world *w, enum policy policy, bool faults)
{
	const struct policy_facts facts = {
		.policy = policy,
		.local.whole = 1 + dice(9),
		.remote.whole = 1 + dice(9),
	};
	const struct merge_in in = {
		.base = w->base,
		.local = w->local,
		.remote = w->remote,
		.policy = &facts,
	};
	struct merged m;

	merge(cx.a, &event_rules, &in, &m);
	keep(w, collision_kept(cx.a, &m));
	collisions += (long)m.n_collisions;
	w->local = m.value;
	w->base = m.base_seen;
	if (m.to_remote.n)
		send_it(w, m.value, faults);
}

/* Looks at the other side, decides, writes here, sends there. */
static void
round_trip(struct world *w, enum policy policy, bool faults)
{
	bool arrived;
	json *base = (json *)(uintptr_t)echo_base(
	    cx.a, &event_rules, w->base, w->remote, &w->echo, &arrived);
	enum side_state local = side_of(cx.a, &event_rules, base, w->local);
	enum side_state remote = side_of(cx.a, &event_rules, base, w->remote);
	struct decision d = decide(BOTH_WAYS, policy, local, remote);

	w->base = base;
	revivals += d.conflict;
	w->echo.pending = false;
	w->known |= w->remote != NULL;
	if (d.here == ACT_MERGE) {
		merge_both(w, policy, faults);
		return;
	}
	w->base = w->remote;
	if (d.here == ACT_PUT || d.here == ACT_DELETE)
		w->local = w->remote;
	if (d.there == ACT_PUT || d.there == ACT_DELETE)
		send_it(w, w->local, faults);
}

static void
mark_line(const struct world *w, bool *fine, int t)
{
	for (; t > 0 && !fine[t]; t = w->over[t])
		fine[t] = true;
}

/* Every edit is an ancestor of what is there in the end, or of what was kept; one that was deleted
 * knowingly is gone. */
static bool
nothing_is_lost(const struct world *w, const bool *deleted)
{
	bool fine[TOKENS] = { false };

	for (struct json_iter it = { 0 }; json_each(w->local, &it);)
		mark_line(w, fine, (int)json_value_i64(it.value));
	for (int t = 1; t <= w->tokens; t++)
		if (w->kept[t] || deleted[t])
			mark_line(w, fine, t);
	for (int t = 1; t <= w->tokens; t++)
		if (!fine[t])
			return false;
	return true;
}

/* Who deletes an object has seen what was in it. */
static void
note_deleted(bool *deleted, const json *before, const json *after)
{
	if (before && !after)
		for (struct json_iter it = { 0 }; json_each(before, &it);)
			deleted[json_value_i64(it.value)] = true;
}

static void
live(struct world *w, enum policy policy)
{
	bool deleted[TOKENS] = { false };
	int writes;

	w->local = touched(w, NULL);
	for (int i = 0; i < EDITS; i++) {
		json **side = dice(2) && (w->known || w->remote) ? &w->remote : &w->local;
		json *before = *side;

		if (dice(3) == 0) {
			*side = touched(w, before);
			note_deleted(deleted, before, *side);
			edits++;
		}
		if (dice(2))
			round_trip(w, policy, true);
	}
	for (int i = 0; i < 3; i++)
		round_trip(w, policy, false);
	writes = w->writes;
	round_trip(w, policy, false);
	if (w->writes != writes)
		flunk("world %llu: it never becomes quiet", world_no);
	if (!value_same(cx.a, w->local, w->remote))
		flunk("world %llu: the sides differ: %s and %s", world_no,
		    json_text(cx.a, w->local), json_text(cx.a, w->remote));
	if (!nothing_is_lost(w, deleted))
		flunk("world %llu: an edit was lost; in the end %s", world_no,
		    json_text(cx.a, w->local));
}

static void
two_sides_agree_in_the_end_and_no_edit_is_lost(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= WORLDS; i++) {
		struct world w = { 0 };

		world_no = i;
		seed = i << 20;
		live(&w, i % POLICY_ASK);
		arena_reset(cx.a);
	}
	assert_true(edits > 3 * WORLDS && collisions > WORLDS / 20);
	assert_true(revivals > WORLDS / 20 && unanswered > WORLDS / 5);
	print_message("# %ld edits, %ld collisions, %ld revivals, %ld unanswered\n", edits,
	    collisions, revivals, unanswered);
}

/* The traps that decide.h names, one by one. */
static void
the_echo_of_our_own_deletion_does_not_win_over_an_un_delete(void **state)
{
	struct world w = {
		.base = version("{\"title\":1}"),
		.local = version("{\"title\":1}"),
		.known = true,
	};

	(void)state;
	w.echo = (struct echo){ .pending = true, .sent = NULL };
	round_trip(&w, POLICY_LATEST, false);
	assert_non_null(w.local);
	assert_true(value_same(cx.a, w.remote, version("{\"title\":1}")));
}

static void
an_edit_of_an_object_that_was_created_without_an_answer_is_not_overwritten(void **state)
{
	struct world w = { .local = version("{\"title\":1}"), .remote = version("{\"title\":2}") };

	(void)state;
	w.echo = (struct echo){
		.pending = true,
		.sent = version("{\"title\":1}"),
		.created = true,
	};
	round_trip(&w, POLICY_APPLICATION, false);
	assert_true(value_same(cx.a, w.local, version("{\"title\":2}")));
	assert_int_equal(w.writes, 0);
}

static void
the_echo_of_an_older_edit_of_ours_does_not_collide_with_a_newer_one(void **state)
{
	struct world w = {
		.base = version("{\"title\":1}"),
		.local = version("{\"title\":3}"),
		.remote = version("{\"title\":2}"),
		.known = true,
	};

	(void)state;
	w.echo = (struct echo){ .pending = true, .sent = version("{\"title\":2}") };
	round_trip(&w, POLICY_PROVIDER, false);
	assert_true(value_same(cx.a, w.local, version("{\"title\":3}")));
	assert_true(value_same(cx.a, w.remote, version("{\"title\":3}")));
	assert_false(w.kept[2]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_case_of_the_table_holds_and_no_cell_is_missing),
		TEST(an_edit_against_a_deletion_is_told_as_a_field),
		TEST(two_sides_agree_in_the_end_and_no_edit_is_lost),
		TEST(the_echo_of_our_own_deletion_does_not_win_over_an_un_delete),
		TEST(an_edit_of_an_object_that_was_created_without_an_answer_is_not_overwritten),
		TEST(the_echo_of_an_older_edit_of_ours_does_not_collide_with_a_newer_one),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
