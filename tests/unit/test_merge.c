/* Two edited versions of one object brought together: tests/table/merge.txt, and what must hold of
 * any. */
#include "unit/agree_fixture.h"

#include "base/buf.h"

enum { RANDOM_CASES = 20000 };

static int wrong;

/* --- the table --- */

static void
differs(const char *where, const char *what, const char *got, const char *want)
{
	print_error("%s: %s: got %s, not %s\n", where, what, got, want);
	wrong++;
}

static void
compare(const char *where, const char *what, const json *got, const json *want)
{
	if (!value_same(cx.a, got, want))
		differs(where, what, json_text(cx.a, got), json_text(cx.a, want));
}

static json *
names(const struct field_list *list)
{
	json *j = json_list(cx.a);

	for (size_t i = 0; i < list->n; i++)
		json_add_str(j, list->v[i]);
	return j;
}

static json *
member_or(const json *obj, const char *key, const char *otherwise)
{
	return json_has(obj, key) ? json_at(obj, key) : version(otherwise);
}

static void
check_same(char *const *columns, const char *where)
{
	json *x = version(columns[1]), *y = version(columns[2]);
	const char *got = value_same(cx.a, x, y) ? "yes" : "no";

	if (strcmp(got, columns[3]) || value_same(cx.a, x, y) != value_same(cx.a, y, x))
		differs(where, "the same", got, columns[3]);
}

static void
check(char *const *columns, int n, const char *where)
{
	struct policy_facts facts = { .local.whole = 1000, .remote.whole = 2000 };
	struct merge_in in;
	struct merged m;
	json *want;
	char *space;

	if (!strcmp(columns[0], "same")) {
		assert_int_equal(n, 4);
		check_same(columns, where);
		return;
	}
	assert_int_equal(n, 6);
	space = strchr(columns[0], ' ');
	assert_non_null(space);
	*space = '\0';
	facts.policy = policy_named(space + 1);
	in = (struct merge_in){
		.base = version(columns[1]),
		.local = version(columns[2]),
		.remote = version(columns[3]),
		.policy = &facts,
	};
	merge(cx.a, rules_named(columns[0]), &in, &m);
	want = version(columns[5]);
	compare(where, "merged", m.value, version(columns[4]));
	compare(where, "given here", names(&m.to_local), member_or(want, "local", "[]"));
	compare(where, "given there", names(&m.to_remote), member_or(want, "remote", "[]"));
	compare(where, "collisions", collision_fields(cx.a, &m), member_or(want, "fields", "[]"));
	compare(where, "kept", collision_kept(cx.a, &m), member_or(want, "kept", "{}"));
	if (m.asks != (facts.policy == POLICY_ASK && m.n_collisions > 0))
		differs(where, "asks", m.asks ? "yes" : "no", "the other");
}

static void
every_case_of_the_table_holds(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/merge.txt", check), 100, 1000);
	assert_int_equal(wrong, 0);
}

/* --- any objects --- */

static const char *const values[] = { "1", "1.0", "2", "0", "-0.0", "null", "\"\"", "\"x\"",
	"\"\\u00e9\"", "\"é\"", "true", "false", "[]", "[1]", "{}", "{\"p\":1,\"q\":[2]}",
	"{\"q\":[2.0],\"p\":1}", "{\"p\":null}" };
static const char *const fields[] = { "start", "end", "allDay", "timeZone", "names", "mails",
	"title", "place", "", "日本" };
enum { N_VALUES = sizeof values / sizeof *values, N_FIELDS = sizeof fields / sizeof *fields };

static json *
any_value(void)
{
	return version(values[dice(N_VALUES)]);
}

static json *
any_object(void)
{
	json *j = json_new(cx.a);

	for (size_t i = 0; i < N_FIELDS; i++)
		if (dice(3))
			json_set(j, fields[dice(N_FIELDS)], any_value());
	return j;
}

/* Some fields changed, some taken away, all of it written down in another order. */
static json *
edited(const json *from)
{
	json *j = json_new(cx.a);
	size_t at = dice(N_FIELDS);

	for (size_t i = 0; i < N_FIELDS; i++) {
		const char *f = fields[(at + i) % N_FIELDS];
		uint32_t luck = dice(6);

		if (luck == 0)
			json_set(j, f, any_value());
		else if (luck > 1 && json_has(from, f))
			json_set(j, f, json_at(from, f));
	}
	return j;
}

static const struct merge_rules *
any_rules(void)
{
	const struct merge_rules *const all[] = { &plain_rules, &event_rules, &bare_rules };

	return all[dice(3)];
}

/* The times never coincide: what is simultaneous is not symmetric, by design. */
static struct policy_facts
any_policy(void)
{
	return (struct policy_facts){
		.policy = dice(POLICY__MAX),
		.local.whole = 1 + 2 * dice(50),
		.remote.whole = 2 + 2 * dice(50),
	};
}

struct any {
	const struct merge_rules *rules;
	struct policy_facts policy;
	struct merge_in in;
	struct merged m;
};

static struct any
any_merge(void)
{
	struct any c = { .rules = any_rules(), .policy = any_policy() };

	c.in.base = dice(8) ? any_object() : NULL;
	c.in.local = c.in.base ? edited(c.in.base) : any_object();
	c.in.remote = c.in.base ? edited(c.in.base) : any_object();
	return c;
}

static void
run(struct any *c)
{
	c->in.policy = &c->policy;
	merge(cx.a, c->rules, &c->in, &c->m);
}

static void
flunk_any(const struct any *c, uint64_t at, const char *what)
{
	flunk("seed %llu, %s, %s: base %s local %s remote %s gives %s", (unsigned long long)at,
	    what, policy_word(c->policy.policy), json_text(cx.a, c->in.base),
	    json_text(cx.a, c->in.local), json_text(cx.a, c->in.remote),
	    json_text(cx.a, c->m.value));
}

typedef bool holds_fn(struct any *);

static void
always(const char *what, holds_fn *holds)
{
	for (uint64_t i = 1; i <= RANDOM_CASES; i++) {
		struct any c;

		seed = i;
		c = any_merge();
		run(&c);
		if (!holds(&c))
			flunk_any(&c, i, what);
		arena_reset(cx.a);
	}
}

static bool
is_listed(const struct field_list *list, const char *field)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], field))
			return true;
	return false;
}

static bool
lists_agree(const struct field_list *x, const struct field_list *y)
{
	for (size_t i = 0; i < x->n; i++)
		if (!is_listed(y, x->v[i]))
			return false;
	return x->n == y->n;
}

static const struct collision *
collision_of(const struct merged *m, const char *field)
{
	for (size_t i = 0; i < m->n_collisions; i++)
		if (!strcmp(m->collisions[i].field, field))
			return &m->collisions[i];
	return NULL;
}

static bool
mirrors(struct any *c)
{
	static const enum policy swapped[] = { [POLICY_LATEST] = POLICY_LATEST,
		[POLICY_APPLICATION] = POLICY_PROVIDER,
		[POLICY_PROVIDER] = POLICY_APPLICATION,
		[POLICY_ASK] = POLICY_ASK };
	struct any other = { .rules = c->rules,
		.policy = { swapped[c->policy.policy], c->policy.remote, c->policy.local, 0 } };

	other.in =
	    (struct merge_in){ .base = c->in.base, .local = c->in.remote, .remote = c->in.local };
	run(&other);
	if (!c->m.asks && !merge_same(cx.a, c->rules, c->m.value, other.m.value))
		return false;
	if (!lists_agree(&c->m.to_local, &other.m.to_remote) ||
	    !lists_agree(&c->m.to_remote, &other.m.to_local))
		return false;
	for (size_t i = 0; i < c->m.n_collisions; i++) {
		const struct collision *x = &c->m.collisions[i];
		const struct collision *y = collision_of(&other.m, x->field);

		if (!y || !slot_same(cx.a, x->kept, y->kept) ||
		    !slot_same(cx.a, x->local, y->remote))
			return false;
	}
	return c->m.n_collisions == other.m.n_collisions;
}

static void
swapping_the_sides_mirrors_the_merge(void **state)
{
	(void)state;
	always("mirrored", mirrors);
}

static bool
takes_the_only_edit(struct any *c)
{
	c->in.local = c->in.base;
	run(c);
	if (c->in.base &&
	    (!merge_same(cx.a, c->rules, c->m.value, c->in.remote) || c->m.to_remote.n ||
		c->m.n_collisions))
		return false;
	c->in.local = c->in.remote;
	c->in.remote = c->in.base;
	run(c);
	return !c->in.base ||
	    (merge_same(cx.a, c->rules, c->m.value, c->in.local) && !c->m.to_local.n &&
		!c->m.n_collisions);
}

static void
a_side_that_changed_nothing_gets_the_other(void **state)
{
	(void)state;
	always("only edit", takes_the_only_edit);
}

static json *
given(const json *side, const struct merged *m, const struct field_list *list)
{
	json *j = json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(side, &it);)
		json_set(j, it.key, it.value);
	for (size_t i = 0; i < list->n; i++)
		slot_set(j, list->v[i], slot_of(m->value, list->v[i]));
	return j;
}

/* Both sides are given what they must: they agree, and a second merge writes nothing, also while an
 * answer is awaited. */
static bool
is_quiet_afterwards(struct any *c)
{
	json *local = given(c->in.local, &c->m, &c->m.to_local);
	json *remote = given(c->in.remote, &c->m, &c->m.to_remote);
	size_t n = c->m.n_collisions;

	if (!merge_same(cx.a, c->rules, local, c->m.value))
		return false;
	if (!c->m.asks &&
	    (!merge_same(cx.a, c->rules, local, remote) ||
		!merge_same(cx.a, c->rules, c->m.base_sent, remote)))
		return false;
	c->in = (struct merge_in){ .base = c->m.base_sent, .local = local, .remote = remote };
	run(c);
	return !c->m.to_local.n && !c->m.to_remote.n && c->m.n_collisions == (c->m.asks ? n : 0);
}

static void
a_merge_that_was_carried_out_leaves_nothing_to_do(void **state)
{
	(void)state;
	always("quiet", is_quiet_afterwards);
}

/* Written here, the answer of the other side not there yet: what waits is still to be sent, and no
 * more than that. */
static bool
waits_for_the_other_side(struct any *c)
{
	struct merged first = c->m;

	c->in.local = given(c->in.local, &first, &first.to_local);
	c->in.base = first.base_seen;
	run(c);
	return !c->m.to_local.n && lists_agree(&c->m.to_remote, &first.to_remote) &&
	    (c->m.asks == first.asks) && (c->m.asks || !c->m.n_collisions);
}

static void
what_is_not_sent_yet_is_sent_later_and_collides_no_more(void **state)
{
	(void)state;
	always("waiting", waits_for_the_other_side);
}

static bool
unit_is(const struct merged *m, const struct merge_group *g, const char *field, const json *side)
{
	for (size_t i = 0; g && g->members[i]; i++)
		if (!slot_same(
			cx.a, slot_of(m->value, g->members[i]), slot_of(side, g->members[i])))
			return false;
	return g || slot_same(cx.a, slot_of(m->value, field), slot_of(side, field));
}

static const struct merge_group *
group_with(const struct merge_rules *rules, const char *field)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		for (size_t k = 0; rules->groups[i].members[k]; k++)
			if (!strcmp(rules->groups[i].members[k], field))
				return &rules->groups[i];
	return NULL;
}

/* Every field, with its group, is wholly one side's. */
static bool
is_never_mixed(struct any *c)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct merge_group *g = group_with(c->rules, fields[i]);

		if (!unit_is(&c->m, g, fields[i], c->in.local) &&
		    !unit_is(&c->m, g, fields[i], c->in.remote))
			return false;
	}
	return true;
}

static void
a_group_is_never_mixed(void **state)
{
	(void)state;
	always("mixed", is_never_mixed);
}

/* What this side edited is in the result, or kept, or still asked about. */
static bool
field_is_not_lost(const struct any *c, const char *field, const json *side, bool local)
{
	const struct merge_group *g = group_with(c->rules, field);
	const struct collision *col = collision_of(&c->m, g ? g->name : field);
	struct slot had = slot_of(side, field), lost;

	if (slot_same(cx.a, had, slot_of(c->in.base, field)) ||
	    slot_same(cx.a, had, slot_of(c->m.value, field)))
		return true;
	if (c->rules->null_is_absent && !had.v &&
	    (!json_at(c->in.base, field) || !json_at(c->m.value, field)))
		return true;
	if (!col)
		return false;
	lost = col->pick == PICK_NONE && !local ? col->remote : col->kept;
	if (!had.there || (c->rules->null_is_absent && !had.v))
		return !g ? !lost.there : !json_at(lost.v, field);
	return g ? slot_same(cx.a, slot_of(lost.v, field), had) : slot_same(cx.a, lost, had);
}

static bool
loses_nothing(struct any *c)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		/* A member that did not change is not an edit, although its group collides. */
		if (!field_is_not_lost(c, fields[i], c->in.local, true) ||
		    !field_is_not_lost(c, fields[i], c->in.remote, false))
			return false;
	}
	return true;
}

static void
no_edit_is_lost(void **state)
{
	(void)state;
	always("lost", loses_nothing);
}

/* --- the rest --- */

static void
a_patch_clears_what_is_absent(void **state)
{
	const char *two[] = { "a", "b" };
	const struct field_list list = { two, 2 };

	(void)state;
	assert_string_equal(json_text(cx.a, merge_patch(cx.a, version("{\"a\":1,\"c\":2}"), &list)),
	    "{\"a\":1,\"b\":null}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

static void
what_was_changed_is_taken_back_in_its_fields_alone(void **state)
{
	static const struct {
		const char *there, *before, *after, *want;
	} rows[] = {
		{ "{\"a\":9,\"b\":2,\"x\":7}", "{\"a\":1,\"b\":2}", "{\"a\":9,\"b\":2}",
		    "{\"a\":1,\"b\":2,\"x\":7}" },
		{ "{\"a\":9}", "{\"a\":1,\"b\":2}", "{\"a\":9}", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":2}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1}" },
		{ "{\"a\":1}", "{\"a\":null}", "{}", "{\"a\":null}" },
		{ "{\"a\":5}", "{\"a\":1.0}", "{\"a\":1}", "{\"a\":5}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json *there = version(rows[i].there);
		const json *was = merge_back(
		    cx.a, there, version(rows[i].before), version(rows[i].after));

		compare(rows[i].want, "back", was, version(rows[i].want));
		compare(rows[i].there, "what it is taken from", there, version(rows[i].there));
	}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_case_of_the_table_holds),
		TEST(swapping_the_sides_mirrors_the_merge),
		TEST(a_side_that_changed_nothing_gets_the_other),
		TEST(a_merge_that_was_carried_out_leaves_nothing_to_do),
		TEST(what_is_not_sent_yet_is_sent_later_and_collides_no_more),
		TEST(a_group_is_never_mixed),
		TEST(no_edit_is_lost),
		TEST(a_patch_clears_what_is_absent),
		TEST(what_was_changed_is_taken_back_in_its_fields_alone),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
