/* Profiles as their owner asks for them: found by address, number and words, page by page; which
 * source is believed; who is the same person and who is not; and which columns say so. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/profiles.h"
#include "profile/keep.h"
#include "store/dataset.h"

#include "unit/fault_fixture.h"

enum { SETS = 3 };

static int64_t next_seq[SETS + 1];

static void
table(int no, const char *provider, const char *columns)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('c%d', '" OWNER "', '%s', 'Source %d', '{}', 1, 1);"
	    "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, "
	    "key_rule, created_at) VALUES (%d, 'd%d', 'c%d', '" OWNER "', '', 'x', '%s', '{}', 1)",
	    no, provider, no, no, no, no, columns));
	next_seq[no] = 1;
}

/* As a run leaves it. */
static void
record(int set, const char *key, const char *payload)
{
	const int64_t seq = ((int64_t)set << SEQ_SHIFT) + next_seq[set]++;

	raw(arena_printf(cx.a,
	    "INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, action, "
	    "sync_no) VALUES (%lld, %d, '%s', '%s', 1, 1, 0, 1);"
	    "UPDATE dataset SET next_seq = %lld WHERE no = %d",
	    (long long)seq, set, key, payload, (long long)next_seq[set], set));
}

static void
keep(void)
{
	bool behind = true;

	while (behind)
		ok_once(keep_profiles(&cx, db, OWNER, NULL, 1000, &behind));
}

/* Ada in three sources, Bob and two more of his name. */
static int
people_open(void **state)
{
	if (verbs_open(state))
		return -1;
	conf_override(CONF_PHONE_COUNTRY, "DE");
	table(1, "csv", "[{\"name\":\"name\"},{\"name\":\"email\"},{\"name\":\"phone\"}]");
	table(2, "google-contacts",
	    "[{\"name\":\"Name\"},{\"name\":\"Email\"},{\"name\":\"phone\"},"
	    "{\"name\":\"old\",\"gone\":true}]");
	table(3, "csv", "[{\"name\":\"name\"},{\"name\":\"email\"},{\"name\":\"phone\"}]");
	record(1, "a", "[\"Ada Lovelace\",\"ada@example.com\",\"\"]");
	record(2, "b", "[\"A. Lovelace\",\"ADA@example.com\",\"030 123456\",\"x\"]");
	record(3, "c", "[\"Ada\",\"\",\"+49 30 123456\"]");
	record(1, "bob", "[\"Bob Stone\",\"bob@example.com\",\"\"]");
	record(3, "bo", "[\"Bo Stone\",\"bo@example.com\",\"040 77\"]");
	record(3, "bert", "[\"Bert Lovelace-Stone\",\"bert@example.com\",\"\"]");
	keep();
	return 0;
}

static const char *
profile_of(const char *key)
{
	return arena_dup_str(cx.a,
	    str_trim(str_c(raw_lines(
		arena_printf(cx.a, "SELECT profile_id FROM person WHERE key = '%s'", key), 0))));
}

/* The names of a page, a line each. */
static const char *
names(const json *list)
{
	const char *out = "";

	for (size_t i = 0; i < json_len(list); i++)
		out = arena_printf(cx.a, "%s%s\n", out, json_str(json_nth(list, i), "name"));
	return out;
}

static struct profile_page
found(const struct profile_query *q)
{
	struct profile_page page;

	assert_ok(profiles_find(&cx, db, OWNER, q, &page));
	return page;
}

static void
somebody_is_found_by_what_he_has(void **state)
{
	static const struct {
		struct profile_query q;
		const char *names;
	} rows[] = {
		{ { .email = "Ada@Example.com" }, "A. Lovelace\n" },
		{ { .email = "ad@example.com" }, "" },
		{ { .email = "no address" }, "" },
		{ { .phone = "+4930123456" }, "A. Lovelace\n" },
		{ { .phone = " 4930123456" }, "A. Lovelace\n" },
		{ { .phone = "030/123456" }, "A. Lovelace\n" },
		{ { .phone = "030 12345" }, "" },
		{ { .phone = "call me" }, "" },
		{ { .q = "lovelace" }, "A. Lovelace\nBert Lovelace-Stone\n" },
		{ { .q = "STO b" }, "Bob Stone\nBert Lovelace-Stone\nBo Stone\n" },
		{ { .q = "bo sto" }, "Bo Stone\nBob Stone\n" },
		{ { .q = "stone lovelace" }, "Bert Lovelace-Stone\n" },
		{ { .q = "stone nobody" }, "" },
		{ { .q = "bo@" }, "Bo Stone\n" },
		{ { .q = "@" }, "" },
		{ { .q = "+49301234" }, "A. Lovelace\n" },
		{ { .q = "..." }, "" },
		{ { .q = " " }, NULL },
		{ { .q = NULL }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct profile_query q = rows[i].q;
		struct profile_page page;
		const char *is;

		q.limit = 10;
		page = found(&q);
		is = names(page.data);
		assert_null(page.next);
		if (!rows[i].names)
			assert_int_equal(json_len(page.data), 4);
		else if (strcmp(is, rows[i].names))
			flunk("row %zu: %s", i, is);
		assert_ok(profiles_find(&cx, db, OTHER, &q, &page));
		assert_int_equal(json_len(page.data), 0);
	}
}

static void
one_question_at_a_time(void **state)
{
	const struct profile_query two[] = {
		{ .email = "a@example.com", .q = "a", .limit = 1 },
		{ .phone = "1", .q = "a", .limit = 1 },
		{ .email = "a@example.com", .phone = "1", .limit = 1 },
	};
	struct profile_page page;

	(void)state;
	for (size_t i = 0; i < sizeof two / sizeof *two; i++)
		assert_error(profiles_find(&cx, db, OWNER, &two[i], &page), E_INPUT);
}

/* All of a list, one a page: each once, in the same order as on one page. */
static void
pages_like(struct profile_query q)
{
	const char *whole, *parts = "";
	struct profile_page page;
	int n = 0;

	q.limit = 100;
	whole = names(found(&q).data);
	q.limit = 1;
	do {
		page = found(&q);
		parts = arena_printf(cx.a, "%s%s", parts, names(page.data));
		q.cursor = page.next;
		assert_in_range(n++, 0, 10);
	} while (page.next);
	assert_string_equal(parts, whole);
	assert_int_not_equal(strlen(whole), 0);
}

static void
a_list_goes_on_where_its_page_ended(void **state)
{
	static const char *const wrong[] = { "", "x", "0|1|1", "1|1|1|k", "0|0|0|", "0|1|99|k",
		"0|1|-1|k", "|||" };

	(void)state;
	pages_like((struct profile_query){ 0 });
	pages_like((struct profile_query){ .q = "lovelace" });
	pages_like((struct profile_query){ .q = "stone b" });
	record(1, "sam", "[\"Sam\",\"all@example.com\",\"\"]");
	record(3, "tom", "[\"Tom\",\"all@example.com\",\"\"]");
	keep();
	pages_like((struct profile_query){ .email = "all@example.com" });
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const struct profile_query q = { .q = "stone", .cursor = wrong[i], .limit = 1 };
		struct profile_page page;

		assert_error(profiles_find(&cx, db, OWNER, &q, &page), E_INPUT);
	}
}

static json *
ada(void)
{
	json *o;

	assert_ok(profile_get(&cx, db, OWNER, profile_of("a"), &o));
	return o;
}

/* What the fields say, and who says otherwise. */
static const char *
field(const json *profile, const char *name)
{
	return json_text(cx.a, json_at(json_at(profile, "fields"), name));
}

static void
the_source_that_is_believed_most_says_it_and_others_are_told(void **state)
{
	json *o = ada(), *order;

	(void)state;
	assert_string_equal(json_str(json_nth(json_at(o, "sources"), 0), "connectionId"), "c2");
	assert_string_equal(json_text(cx.a, json_at(o, "emails")), "[\"ada@example.com\"]");
	assert_string_equal(json_text(cx.a, json_at(o, "phones")), "[\"+4930123456\"]");
	assert_string_equal(field(o, "Name"),
	    "{\"value\":\"A. Lovelace\",\"source\":0,\"others\":["
	    "{\"value\":\"Ada Lovelace\",\"source\":1},{\"value\":\"Ada\",\"source\":2}]}");
	assert_false(json_has(json_at(o, "fields"), "name"));
	assert_false(json_has(json_at(o, "fields"), "old"));
	assert_ok(
	    profiles_order_set(&cx, db, &owner_calls, said("{\"order\":[\"c3\",\"c1\"]}"), &order));
	assert_string_equal(json_text(cx.a, order), "{\"order\":[\"c3\",\"c1\"]}");
	o = ada();
	assert_string_equal(json_str(o, "name"), "Ada");
	assert_string_equal(json_str(json_nth(json_at(o, "sources"), 2), "connectionId"), "c2");
	assert_string_equal(field(o, "email"),
	    "{\"value\":\"ada@example.com\",\"source\":1,\"others\":["
	    "{\"value\":\"ADA@example.com\",\"source\":2}]}");
	assert_string_equal(audited(), "sources of profiles ordered\n");
}

static void
an_order_names_connections_of_ones_own(void **state)
{
	static const struct {
		const char *given, *field;
	} rows[] = {
		{ "{}", "order" },
		{ "{\"order\":\"c1\"}", "order" },
		{ "{\"order\":[\"c9\"]}", "order" },
		{ "{\"order\":[1]}", "order" },
		{ "{\"order\":[\"c1\"],\"more\":1}", "more" },
	};
	json *out;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_error(
		    profiles_order_set(&cx, db, &owner_calls, said(rows[i].given), &out), E_INPUT);
		assert_string_equal(wrong_field(), rows[i].field);
	}
	assert_error(profiles_order_set(&cx, db, other_calls(), said("{\"order\":[\"c1\"]}"), &out),
	    E_INPUT);
	assert_error(
	    profiles_order_set(&cx, db, owner_may(SCOPE_READ), said("{\"order\":[]}"), &out),
	    E_FORBIDDEN);
	assert_ok(profiles_order(&cx, db, OWNER, &out));
	assert_string_equal(json_text(cx.a, out), "{\"order\":[]}");
}

static size_t
linked(const char *id, const char *given)
{
	const json *j = said(given);
	json *out;

	assert_ok(profile_link(&cx, db, &owner_calls, id, j, &out));
	return json_len(out);
}

static void
who_is_the_same_is_decided_and_stays_so(void **state)
{
	const char *bob = profile_of("bob");

	(void)state;
	assert_int_equal(
	    linked(bob, arena_printf(cx.a, "{\"with\":\"%s\",\"same\":true}", profile_of("bo"))),
	    1);
	assert_string_equal(profile_of("bo"), profile_of("bob"));
	assert_int_equal(linked(profile_of("a"),
			     "{\"with\":{\"connectionId\":\"c3\",\"datasetId\":\"d3\","
			     "\"key\":\"c\"},\"same\":false}"),
	    2);
	assert_string_equal(profile_of("a"), profile_of("b"));
	assert_string_not_equal(profile_of("a"), profile_of("c"));
	/* One that goes and comes again is judged as before. */
	raw("DELETE FROM record WHERE key = 'bo'; UPDATE dataset SET next_seq = next_seq + 1 "
	    "WHERE no = 3");
	raw("DELETE FROM person WHERE key = 'bo'");
	next_seq[3] += 5;
	record(3, "bo", "[\"Bo Stone\",\"bo@example.com\",\"040 77\"]");
	keep();
	assert_string_equal(profile_of("bo"), profile_of("bob"));
	assert_string_not_equal(profile_of("a"), profile_of("c"));
	assert_string_equal(audited(), "profiles joined\nprofiles parted\n");
}

static void
what_is_no_two_people_cannot_be_joined(void **state)
{
	const char *bob = profile_of("bob");
	const struct {
		const char *given, *field;
	} rows[] = {
		{ "{\"with\":\"x\"}", "same" },
		{ "{\"with\":\"x\",\"same\":1}", "same" },
		{ "{\"with\":\"x\",\"same\":true}", "with" },
		{ "{\"same\":true}", "with" },
		{ "{\"with\":{\"key\":\"a\"},\"same\":true}", "with" },
		{ "{\"with\":{\"datasetId\":\"d9\",\"key\":\"a\"},\"same\":true}", "with" },
		{ "{\"with\":{\"datasetId\":\"d1\",\"key\":\"z\"},\"same\":true}", "with" },
		{ "{\"with\":{\"datasetId\":\"d1\",\"key\":\"bob\"},\"same\":true}", "with" },
		{ arena_printf(cx.a, "{\"with\":\"%s\",\"same\":false}", bob), "with" },
		{ "{\"with\":\"x\",\"same\":true,\"why\":1}", "why" },
	};
	json *out;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_error(
		    profile_link(&cx, db, &owner_calls, bob, said(rows[i].given), &out), E_INPUT);
		if (strcmp(wrong_field(), rows[i].field))
			flunk("row %zu: %s", i, wrong_field());
	}
	assert_error(
	    profile_link(&cx, db, other_calls(), bob, said("{\"with\":\"x\",\"same\":true}"), &out),
	    E_NOT_FOUND);
	assert_error(
	    profile_link(&cx, db, owner_may(SCOPE_READ), bob, said("{}"), &out), E_FORBIDDEN);
	assert_error(profile_get(&cx, db, OTHER, bob, &out), E_NOT_FOUND);
	assert_int_equal(raw_number("SELECT count(*) FROM audit"), 0);
}

static void
columns_are_guessed_until_somebody_says_which(void **state)
{
	static const struct {
		const char *given, *field;
	} rows[] = {
		{ "{}", "people" },
		{ "{\"people\":{\"name\":[\"nowhere\"]}}", "people.name" },
		{ "{\"people\":7}", "people" },
		{ "{\"people\":null,\"x\":1}", "x" },
	};
	json *out;

	(void)state;
	assert_ok(profile_columns(&cx, db, OWNER, 1, &out));
	assert_string_equal(json_text(cx.a, out),
	    "{\"name\":[\"name\"],\"email\":[\"email\"],\"phone\":[\"phone\"]}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_error(
		    profile_columns_set(&cx, db, &owner_calls, "d1", said(rows[i].given)), E_INPUT);
		if (strcmp(wrong_field(), rows[i].field))
			flunk("row %zu: %s", i, wrong_field());
	}
	assert_error(profile_columns_set(&cx, db, other_calls(), "d1", said("{\"people\":false}")),
	    E_NOT_FOUND);
	assert_ok(profile_columns_set(&cx, db, &owner_calls, "d1", said("{\"people\":false}")));
	keep();
	assert_int_equal(raw_number("SELECT count(*) FROM person WHERE dataset_no = 1"), 0);
	assert_int_equal(raw_number("SELECT count(*) FROM person"), 4);
	assert_ok(profile_columns_set(
	    &cx, db, &owner_calls, "d1", said("{\"people\":{\"email\":[\"email\"]}}")));
	keep();
	assert_int_equal(raw_number("SELECT count(*) FROM person WHERE dataset_no = 1"), 2);
	assert_ok(profile_columns(&cx, db, OWNER, 1, &out));
	assert_int_equal(json_len(json_at(out, "name")), 0);
	assert_ok(profile_columns_set(&cx, db, &owner_calls, "d1", said("{\"people\":null}")));
	keep();
	assert_ok(profile_columns(&cx, db, OWNER, 1, &out));
	assert_int_equal(json_len(json_at(out, "name")), 1);
	assert_ok(profile_columns(&cx, db, OTHER, 1, &out));
	assert_null(out);
}

#define people_test(f) cmocka_unit_test_setup_teardown(f, people_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		people_test(somebody_is_found_by_what_he_has),
		people_test(one_question_at_a_time),
		people_test(a_list_goes_on_where_its_page_ended),
		people_test(the_source_that_is_believed_most_says_it_and_others_are_told),
		people_test(an_order_names_connections_of_ones_own),
		people_test(who_is_the_same_is_decided_and_stays_so),
		people_test(what_is_no_two_people_cannot_be_joined),
		people_test(columns_are_guessed_until_somebody_says_which),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("profiles as they are asked for", tests, NULL, NULL);
}
