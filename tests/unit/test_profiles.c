/* Profiles are kept level with the records, whatever happens to them: as if made from nothing. */
#include "unit/db_fixture.h"

#include "base/clock.h"
#include "base/rand.h"
#include "profile/keep.h"
#include "store/dataset.h"

#define ANN "00000000-0000-7000-8000-00000000000a"

enum { SETS = 3, KEYS = 30, ROUNDS = 150, SEED = 20261126 };

static int64_t next_seq[SETS + 1];

static int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	conf_override(CONF_PHONE_COUNTRY, "DE");
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1)");
	for (int i = 1; i <= SETS; i++) {
		raw(arena_printf(cx.a,
		    "INSERT INTO connection (id, owner, provider, name, config, created_at, "
		    "updated_at) VALUES ('c%d', '" ANN "', 'csv', 'x', '{}', 1, 1);"
		    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
		    "key_rule, created_at) VALUES (%d, 'd%d', 'c%d', '" ANN "', '', 'x', "
		    "'[{\"name\":\"name\"},{\"name\":\"email\"},{\"name\":\"phone\"}]', '{}', 1)",
		    i, i, i, i));
		next_seq[i] = 1;
	}
	return 0;
}

/* A record as a run leaves it; payload NULL: deleted. */
static void
record(int set, const char *key, const char *payload)
{
	const int64_t seq = ((int64_t)set << SEQ_SHIFT) + next_seq[set]++;

	raw(arena_printf(cx.a,
	    "DELETE FROM record WHERE dataset_no = %d AND key = '%s';"
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted, "
	    "action, sync_no) VALUES (%lld, %d, '%s', '%s', 1, 1, %s, 0, 1);"
	    "UPDATE dataset SET next_seq = %lld WHERE no = %d",
	    set, key, (long long)seq, set, key, payload ? payload : "[]", payload ? "NULL" : "1",
	    (long long)next_seq[set], set));
}

static void
keep(void)
{
	bool behind = true;

	while (behind)
		assert_ok(keep_profiles(&cx, db, ANN, NULL, 1000, &behind));
	assert_ok(keep_behind(&cx, db, ANN, NULL, &behind));
	assert_false(behind);
}

/* Who is together: for each record the smallest of its profile. */
static const char *
together(void)
{
	return raw_lines("SELECT p.dataset_no || '/' || p.key || '=' || (SELECT min(q.dataset_no "
			 "|| '/' || q.key) FROM person q WHERE q.profile_id = p.profile_id) "
			 "FROM person p ORDER BY 1",
	    0);
}

static const char *
profile(int set, const char *key)
{
	return raw_lines(
	    arena_printf(cx.a, "SELECT profile_id FROM person WHERE dataset_no = %d AND key = '%s'",
		set, key),
	    0);
}

static void
one_person_of_three_sources_is_one_profile(void **state)
{
	const char *id;

	(void)state;
	record(1, "a", "[\"Ada Lovelace\",\"ada@example.com\",\"\"]");
	record(2, "b", "[\"A. Lovelace\",\"ADA@example.com\",\"030 123456\"]");
	record(3, "c", "[\"Ada\",\"\",\"+49 30 123456\"]");
	record(3, "d", "[\"Bob\",\"bob@example.com\",\"\"]");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=1/a\n3/c=1/a\n3/d=3/d\n");
	id = profile(1, "a");
	record(2, "b", "[\"A. Lovelace\",\"other@example.com\",\"030 123456\"]");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=2/b\n3/c=2/b\n3/d=3/d\n");
	record(2, "b", "[\"A. Lovelace\",\"ada@example.com\",\"030 123456\"]");
	keep();
	assert_string_equal(profile(1, "a"), id);
	assert_string_equal(profile(2, "b"), id);
	record(1, "a", NULL);
	keep();
	assert_string_equal(together(), "2/b=2/b\n3/c=2/b\n3/d=3/d\n");
	assert_string_equal(profile(2, "b"), id);
}

static void
what_has_not_changed_costs_no_write(void **state)
{
	int64_t before;

	(void)state;
	record(1, "a", "[\"Ada\",\"ada@example.com\",\"\"]");
	keep();
	before = db_counts(db).writes;
	keep();
	assert_int_equal(db_counts(db).writes, before);
	record(1, "a", "[\"Ada\",\"ada@example.com\",\"\"]");
	keep();
	assert_int_equal(db_counts(db).writes, before + 1);
}

static void
people_of_a_source_that_is_gone_are_gone(void **state)
{
	(void)state;
	record(1, "a", "[\"Ada\",\"ada@example.com\",\"\"]");
	record(2, "b", "[\"Ada\",\"ada@example.com\",\"\"]");
	keep();
	raw("UPDATE connection SET removed_at = 1 WHERE id = 'c1'");
	keep();
	assert_string_equal(together(), "2/b=2/b\n");
	raw("UPDATE connection SET removed_at = NULL WHERE id = 'c1'");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=1/a\n");
	raw("DELETE FROM dataset WHERE no = 2");
	keep();
	assert_string_equal(together(), "1/a=1/a\n");
	assert_int_equal(raw_number("SELECT count(*) FROM person_ident WHERE dataset_no = 2"), 0);
}

static void
another_choice_of_columns_reads_all_of_them_again(void **state)
{
	(void)state;
	record(1, "a", "[\"Ada\",\"ada@example.com\",\"030 123456\"]");
	record(2, "b", "[\"Ada\",\"\",\"030 123456\"]");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=1/a\n");
	raw("INSERT INTO person_mapping VALUES ('d1', '" ANN "', "
	    "'{\"name\":[],\"email\":[\"email\"],\"phone\":[]}')");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=2/b\n");
	raw("UPDATE person_mapping SET mapping = 'false'");
	keep();
	assert_string_equal(together(), "2/b=2/b\n");
	raw("DELETE FROM person_mapping");
	keep();
	assert_string_equal(together(), "1/a=1/a\n2/b=1/a\n");
}

static void
what_was_deleted_and_forgotten_is_not_kept(void **state)
{
	(void)state;
	record(1, "a", "[\"Ada\",\"ada@example.com\",\"\"]");
	record(1, "b", "[\"Bob\",\"bob@example.com\",\"\"]");
	keep();
	record(1, "a", NULL);
	raw("UPDATE dataset SET pruned = (SELECT max(seq) FROM record WHERE key = 'a') "
	    "WHERE no = 1;"
	    "DELETE FROM record WHERE key = 'a'");
	keep();
	assert_string_equal(together(), "1/b=1/b\n");
}

static const char *
chance_payload(void)
{
	static const char *const names[] = { "Ada Lovelace", "Ada", "A Lovelace", "Charles Babbage",
		"Bob", "" };
	static const char *const hosts[] = { "a@x.de", "b@x.de", "c@x.de", "d@x.de", "info@x.de",
		"e@x.de", "" };

	return arena_printf(cx.a, "[\"%s\",\"%s\",\"%s%d\"]", names[rand_below(6)],
	    hosts[rand_below(7)], rand_below(2) ? "030 12345" : "", (int)rand_below(6));
}

static void
chance_rule(void)
{
	const char *sets[] = { "d1", "d2", "d3" };
	const struct person_rule r = {
		.dataset = { sets[rand_below(3)], sets[rand_below(3)] },
		.key = { arena_printf(cx.a, "k%d", (int)rand_below(KEYS)),
		    arena_printf(cx.a, "k%d", (int)rand_below(KEYS)) },
		.same = rand_below(2),
	};
	struct person_list list = { .v = arena_array(cx.a, 3, sizeof *list.v) };

	if (!strcmp(r.dataset[0], r.dataset[1]) && !strcmp(r.key[0], r.key[1]))
		return;
	assert_ok(db_begin(&cx, db));
	assert_ok(person_rule_put(&cx, db, ANN, &r, "ann", 1));
	for (int i = 0; i < 2; i++) {
		assert_ok(
		    person_get(&cx, db, ANN, r.dataset[i][1] - '0', r.key[i], &list.v[list.n]));
		list.n += list.v[list.n].key != NULL;
	}
	assert_ok(keep_again(&cx, db, ANN, &list));
	assert_ok(db_commit(&cx, db));
}

static void
kept_by_changes_it_is_as_if_made_from_nothing(void **state)
{
	(void)state;
	rand_seed(SEED);
	for (int round = 0; round < ROUNDS; round++) {
		const char *kept;

		for (uint64_t n = 1 + rand_below(5); n > 0; n--)
			record(1 + (int)rand_below(SETS),
			    arena_printf(cx.a, "k%d", (int)rand_below(KEYS)),
			    rand_below(5) ? chance_payload() : NULL);
		keep();
		if (round > ROUNDS / 2 && rand_below(3) == 0)
			chance_rule();
		if (round % 10 != 9)
			continue;
		kept = together();
		raw("DELETE FROM person; DELETE FROM person_ident; DELETE FROM person_place");
		keep();
		assert_string_equal(kept, together());
	}
	rand_unseed();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, db_teardown)
		T(one_person_of_three_sources_is_one_profile),
		T(what_has_not_changed_costs_no_write),
		T(people_of_a_source_that_is_gone_are_gone),
		T(another_choice_of_columns_reads_all_of_them_again),
		T(what_was_deleted_and_forgotten_is_not_kept),
		T(kept_by_changes_it_is_as_if_made_from_nothing),
#undef T
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
