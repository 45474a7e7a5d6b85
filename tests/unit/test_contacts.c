/* Google Contacts as they are read, call by call, against an address book of the
 * stand-in in this process. */
#include "unit/contacts_fixture.h"

#include "provider/google/contacts.h"

static void
begin(const char *config)
{
	read_begin(&reader_gcontacts, "t", config);
}

#define MAIL(address) "\"emailAddresses\": [{\"value\": \"" address "\"}]"

static void
gone(const char *id)
{
	control(arena_printf(cx.a,
	    "{\"person_delete\": {\"owner\": \"" OWNER "\", \"person\": \"people/%s\"}}", id));
	clock_step_to(clock_ms() + HOUR_MS);
}

static void
an_unchanged_address_book_costs_one_call_and_a_change_comes_alone(void **state)
{
	const char *rows;

	(void)state;
	person("c1", "Ada", MAIL("ada@example.com"), "");
	person("c2", "Bea", MAIL("bea@example.com"), "");
	begin("{\"fields\": [\"displayName\", \"emails\"]}");
	assert_ok(reads());
	assert_false(did.delta);
	rows = rows_read();
	assert_int_equal(times(rows, "row "), 2);
	has(rows, "people 0");
	has(rows, "displayName=\"Ada\"");
	/* Labels are no field of these records: none are asked for. */
	has_not(buf_c(did.asked), "contactGroups");
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	person("c2", "Bettina", MAIL("bea@example.com"), "");
	gone("c1");
	assert_ok(reads());
	assert_true(did.delta && !did.unchanged);
	rows = rows_read();
	assert_int_equal(times(rows, "row "), 1);
	has(rows, "displayName=\"Bettina\"");
	has(rows, "gone [people/c1]\n");
	/* Other fields, or nobody believes it: everybody. */
	json_set((json *)from.config, "fields", json_stored(cx.a, "[\"displayName\"]"));
	assert_ok(reads());
	assert_false(did.delta);
	assert_ok(reads());
	assert_true(did.unchanged);
	from.recheck = true;
	assert_ok(reads());
	assert_false(did.delta);
	from.recheck = false;
	/* A token that has ended begins it anew. */
	control("{\"people_tokens\": true}");
	assert_ok(reads());
	assert_false(did.delta || did.unchanged);
	assert_int_equal(times(rows_read(), "row "), 1);
}

static void
a_large_book_comes_in_pages_and_says_how_far_it_is(void **state)
{
	struct fetch f = { .write = read_write };

	(void)state;
	control("{\"fill_people\": {\"owner\": \"" OWNER "\", \"count\": 950}}");
	clock_step_to(clock_ms() + HOUR_MS);
	begin("{\"fields\": [\"displayName\"]}");
	did.page[0] = buf_in(cx.a, 16 << 20);
	assert_ok(reader_gcontacts.fetch(&cx, &from, &f));
	assert_int_equal(f.items, 400);
	assert_int_equal(f.expected, 950);
	assert_non_null(f.next_page);
	/* One that is taken up again begins its page anew. */
	f = (struct fetch){ .write = read_write, .rewind = read_rewind, .offset = 10 };
	assert_ok(reader_gcontacts.fetch(&cx, &from, &f));
	assert_int_equal(times(buf_c(did.page[0]), "\"head\""), 1);
	assert_ok(reads());
	assert_int_equal(did.n, 3);
	assert_int_equal(did.calls, 3);
	assert_int_equal(times(rows_read(), "row "), 950);
	has(rows_read(), "people 95");
}

static void
the_next_page_of_a_book_is_asked_for_together_with_this_one(void **state)
{
	struct fetch f = { 0 };
	int pages = 0;

	(void)state;
	control("{\"fill_people\": {\"owner\": \"" OWNER "\", \"count\": 950}}");
	clock_step_to(clock_ms() + HOUR_MS);
	begin("{\"fields\": [\"displayName\"]}");
	lent.spare = fake_lent_spare;
	did.page[0] = buf_in(cx.a, 16 << 20);
	for (fake_wanted_ahead = 0; pages == 0 || f.next_page; pages++) {
		f = (struct fetch){
			.page = pages,
			.next = f.next_page,
			.ahead = true,
			.write = read_write,
		};
		assert_ok(reader_gcontacts.fetch(&cx, &from, &f));
		/* After the last one there is none. */
		assert_int_equal(fake_wanted_ahead, pages + (f.next_page != NULL));
	}
	assert_int_equal(pages, 3);
	/* Who is to ask slowly does not. */
	f = (struct fetch){ .write = read_write };
	assert_ok(reader_gcontacts.fetch(&cx, &from, &f));
	assert_non_null(f.next_page);
	assert_int_equal(fake_wanted_ahead, pages - 1);
}

static void
labels_are_names_and_a_new_name_of_one_is_seen(void **state)
{
	const char *rows;

	(void)state;
	person("c1", "Ada", "", "\"Tea\", \"Pots\"");
	person("c2", "Bea", "", "");
	begin("{\"fields\": [\"displayName\", \"labels\"]}");
	assert_ok(reads());
	rows = rows_read();
	has(rows, "labels=[\"Pots\",\"Tea\"]");
	has(rows, "displayName=\"Bea\" labels=[]");
	has(rows, "people 2");
	/* Within a day they are asked for only when somebody has changed. */
	assert_ok(reads());
	assert_true(did.unchanged);
	assert_int_equal(did.calls, 1);
	clock_step_to(json_num(from.cursor, "labelsAt", 0) + DAY_MS - 1);
	assert_ok(reads());
	assert_true(did.unchanged);
	clock_step_to(json_num(from.cursor, "labelsAt", 0) + DAY_MS);
	assert_ok(reads());
	assert_false(did.unchanged);
	assert_int_equal(did.calls, 2);
	assert_true(did.delta);
	/* A clock that was set back. */
	clock_step_to(json_num(from.cursor, "labelsAt", 0) - 1);
	assert_ok(reads());
	assert_false(did.unchanged);
	/* It is called otherwise now: everybody is read. */
	if (ask("PUT", arena_printf(cx.a, "/fake/people/v1/%s", label_id("Tea")),
		"{\"contactGroup\": {\"name\": \"Green tea\"}}") != 200)
		flunk("%s", buf_c(rep.body));
	clock_step_to(clock_ms() + HOUR_MS);
	person("c2", "Beate", "", "");
	assert_ok(reads());
	assert_false(did.delta);
	has(rows_read(), "labels=[\"Green tea\",\"Pots\"]");
}

static void
only_people_of_chosen_labels_come_and_who_loses_it_goes(void **state)
{
	const char *rows;

	(void)state;
	person("c1", "Ada", "", "\"Tea\"");
	person("c2", "Bea", "", "\"Pots\"");
	person("c3", "Cleo", "", "");
	begin("{\"fields\": [\"displayName\"], \"labels\": [\"Tea\", \"None\"], \"people\": "
	      "[\"people/c3\"]}");
	assert_ok(reads());
	rows = rows_read();
	assert_int_equal(times(rows, "row "), 2);
	has(rows, "\"Ada\"");
	has(rows, "\"Cleo\"");
	has(rows, "warn label_gone_0: Google Contacts has no label \"None\" any more");
	has(json_str(from.known, "labels"), "{\"Tea\":\"");
	person("c1", "Ada", "", "\"Pots\"");
	assert_ok(reads());
	assert_true(did.delta);
	has(rows_read(), "gone [people/c1]\n");
	json_set((json *)from.config, "labels", json_stored(cx.a, "[\"None\"]"));
	from.cursor = NULL;
	assert_error(reads(), E_SOURCE_GONE);
	has(cx.err.detail, "no label \"None\". Choose labels that are there.");
}

static void
who_was_merged_says_into_whom(void **state)
{
	(void)state;
	person("c1", "Ada", "", "");
	person("c2", "Bea", MAIL("bea@example.com"), "");
	person("c3", "Bea", "", "");
	begin("{\"fields\": [\"displayName\"]}");
	assert_ok(reads());
	has(rows_read(), "people 2");
	control("{\"merge_people\": {\"owner\": \"" OWNER
		"\", \"into\": \"people/c2\", \"from\": [\"people/c3\"]}}");
	clock_step_to(clock_ms() + HOUR_MS);
	assert_ok(reads());
	assert_true(did.delta);
	has(rows_read(), "gone [people/c3]\n");
	/* Known from before: who cannot be reached. */
	has(rows_read(), "people 1");
	/* Not told as deleted, and gone all the same. */
	person("c4", "Bea", "", "");
	assert_ok(reads());
	has(rows_read(), "people 2");
	control("{\"merge_people\": {\"owner\": \"" OWNER
		"\", \"into\": \"people/c2\", \"from\": [\"people/c4\"], \"hushed\": true}}");
	clock_step_to(clock_ms() + HOUR_MS);
	assert_ok(reads());
	has(rows_read(), "gone [people/c4]\n");
	has(rows_read(), "people 1");
}

static void
other_contacts_have_a_token_of_their_own(void **state)
{
	(void)state;
	person("c1", "Ada", "", "");
	control("{\"person\": {\"owner\": \"" OWNER
		"\", \"id\": \"otherContacts/o1\", \"other\": true, \"content\": {" MAIL(
		    "o@example.com") "}}}");
	clock_step_to(clock_ms() + HOUR_MS);
	begin("{\"fields\": [\"displayName\", \"emails\"]}");
	assert_ok(reads());
	has_not(rows_read(), "o@example.com");
	/* They are wanted: that is another read. */
	json_set_bool((json *)from.config, "otherContacts", true);
	assert_ok(reads());
	assert_false(did.delta);
	has(rows_read(), "row 2 [otherContacts/o1]");
	assert_non_null(json_str(from.cursor, "otherSync"));
	/* Two calls say that nothing has changed, which is a read of nothing. */
	assert_ok(reads());
	assert_true(did.delta);
	assert_int_equal(did.calls, 2);
	assert_int_equal(times(rows_read(), "row "), 0);
}

static void
what_can_be_chosen_is_shown(void **state)
{
	json *choices = json_new(cx.a);

	(void)state;
	person("c1", "Ada", "", "\"Tea\"");
	begin("{}");
	assert_ok(reader_gcontacts.choices(&cx, &from, choices));
	has(json_text(cx.a, json_at(choices, "labels")), "\"Tea\"");
	has_not(json_text(cx.a, json_at(choices, "labels")), "My Contacts");
	has(json_text(cx.a, json_at(choices, "fields")), "\"displayName\"");
	has_not(json_text(cx.a, json_at(choices, "fields")), "\"resourceName\"");
}

/* "people/c1 Ada (a@x)[, gone]; ..." of those who can be chosen with these settings. */
static const char *
found(const char *config, const char *word, json **choices)
{
	struct buf *b = buf_in(cx.a, 10000);
	const json *list;

	begin(config);
	from.search = word;
	*choices = json_new(cx.a);
	assert_ok(reader_gcontacts.choices(&cx, &from, *choices));
	from.search = NULL;
	list = json_at(*choices, "people");
	for (size_t i = 0; i < json_len(list); i++) {
		const json *one = json_nth(list, i);
		const char *detail = json_str(one, "detail");

		buf_printf(b, "%s%s %s (%s)%s", i ? "; " : "", json_str(one, "id"),
		    json_str(one, "title"), detail ? detail : "",
		    json_flag(one, "gone", false) ? ", gone" : "");
	}
	return buf_c(b);
}

static void
people_are_told_by_what_they_are_called_and_reached_by(void **state)
{
	json *c;

	(void)state;
	person("c1", "Ada", MAIL("a@x") ", \"phoneNumbers\": [{\"value\": \"030 55\"}]", "");
	person("c2", "", "\"nicknames\": [{\"value\": \"Ace\"}]", "");
	person("c3", "",
	    "\"phoneNumbers\": [{\"value\": \"030 66\"}], \"organizations\": "
	    "[{\"name\": \"Acme\"}]",
	    "");
	person("c4", "", "\"organizations\": [{\"title\": \"Actor\"}]", "");
	assert_string_equal(found("{}", "ac", &c),
	    "people/c2 Ace (); people/c3 030 66 (Acme); people/c4 Somebody without a name ()");
	assert_string_equal(
	    found("{\"people\": [\"people/c3\", \"people/c1\", \"people/c1\"]}", "ada", &c),
	    "people/c3 030 66 (Acme); people/c1 Ada (a@x)");
	gone("c3");
	assert_string_equal(
	    found("{\"people\": [\"people/c3\", \"people/a b\", \"people/\"]}", NULL, &c),
	    "people/c3 Somebody who is gone (people/c3), gone; "
	    "people/a b Somebody who is gone (people/a b), gone; "
	    "people/ Somebody who is gone (people/), gone");
	assert_null(json_at(c, "search"));
}

static void
nobody_found_is_asked_again_before_it_is_believed(void **state)
{
	int64_t at;
	json *c;

	(void)state;
	person("c1", "Ada", "", "");
	control("{\"people_search_lag\": 2}");
	assert_string_equal(found("{}", "ada", &c), "people/c1 Ada ()");
	control("{\"people_search_lag\": 0}");
	at = clock_ms();
	assert_string_equal(found("{}", "zoe", &c), "");
	assert_true(clock_ms() - at >= 2000);
	assert_string_equal(json_text(cx.a, json_at(c, "search")),
	    "{\"word\":\"zoe\",\"found\":0,\"more\":false,"
	    "\"message\":\"Nobody is called that.\"}");
	at = clock_ms();
	found("{}", "ada", &c);
	assert_true(clock_ms() - at < 500);
}

/* --- one person --- */

static const struct {
	enum contact_column column;
	const char *person, *cell;
} told[] = {
	{ CONTACT_EMAILS,
	    "{\"emailAddresses\": [{\"value\": \"b\"}, {\"value\": \"a\", \"metadata\": "
	    "{\"primary\": true}, \"displayName\": \"A\"}, {\"value\": \"a\"}]}",
	    "[{\"value\":\"a\",\"type\":null,\"primary\":true,\"name\":\"A\"},"
	    "{\"value\":\"a\",\"type\":null,\"primary\":false},"
	    "{\"value\":\"b\",\"type\":null,\"primary\":false}]" },
	{ CONTACT_DISPLAY_NAME,
	    "{\"names\": [{\"displayName\": \"One\"}, {\"displayName\": \"Two\", "
	    "\"metadata\": {\"primary\": true}}]}",
	    "Two" },
	{ CONTACT_DISPLAY_NAME,
	    "{\"names\": [{\"displayName\": \"One\"}, {\"displayName\": \"Two\"}]}", "One" },
	{ CONTACT_DISPLAY_NAME, "{\"names\": [{\"displayName\": \"\"}]}", NULL },
	{ CONTACT_BIRTHDAY,
	    "{\"birthdays\": [{\"date\": {\"year\": 1988, \"month\": 3, \"day\": 4}}]}",
	    "1988-03-04" },
	{ CONTACT_BIRTHDAY, "{\"birthdays\": [{\"date\": {\"month\": 12, \"day\": 31}}]}",
	    "--12-31" },
	{ CONTACT_BIRTHDAY, "{\"birthdays\": [{\"date\": {\"year\": 9999}}]}", "9999" },
	{ CONTACT_BIRTHDAY,
	    "{\"birthdays\": [{\"date\": {\"year\": 10000, \"month\": 1, \"day\": 1}}]}",
	    "--01-01" },
	{ CONTACT_BIRTHDAY,
	    "{\"birthdays\": [{\"date\": {\"year\": 1988, \"month\": 13, \"day\": 1}}]}", "1988" },
	{ CONTACT_BIRTHDAY,
	    "{\"birthdays\": [{\"date\": {\"year\": 1988, \"month\": 1, \"day\": 32}}]}", "1988" },
	{ CONTACT_BIRTHDAY, "{\"birthdays\": [{\"text\": \"in spring\"}]}", "in spring" },
	{ CONTACT_BIRTHDAY, "{}", NULL },
	{ CONTACT_EVENTS,
	    "{\"events\": [{\"date\": {\"month\": 6, \"day\": 1}, \"type\": \"x\"}, "
	    "{\"date\": {\"year\": 1999, \"month\": 5, \"day\": 1}}]}",
	    "[{\"value\":\"--06-01\",\"type\":\"x\"},{\"value\":\"1999-05-01\",\"type\":"
	    "null}]" },
	{ CONTACT_ADDRESSES,
	    "{\"addresses\": [{\"streetAddress\": \"Torstr. 1\", \"city\": \"Berlin\", "
	    "\"formattedValue\": \"\"}]}",
	    "[{\"value\":\"Torstr. 1, Berlin\",\"type\":null,\"primary\":false,"
	    "\"street\":\"Torstr. 1\",\"city\":\"Berlin\"}]" },
	{ CONTACT_ADDRESSES,
	    "{\"addresses\": [{\"city\": \"Berlin\", \"formattedValue\": \"There\"}]}",
	    "[{\"value\":\"There\",\"type\":null,\"primary\":false,\"city\":\"Berlin\"}]" },
	{ CONTACT_CUSTOM,
	    "{\"userDefined\": [{\"key\": \"a\", \"value\": \"1\"}, {\"key\": \"a\", "
	    "\"value\": \"2\"}, {\"key\": \"a\", \"value\": \"3\"}, {\"key\": \"b\"}, "
	    "{\"value\": \"x\"}, {\"key\": \"c\", \"value\": \"\"}]}",
	    "{\"a\":[\"1\",\"2\",\"3\"],\"c\":\"\"}" },
	{ CONTACT_LABELS,
	    "{\"memberships\": [{\"contactGroupMembership\": "
	    "{\"contactGroupResourceName\": \"contactGroups/t\"}}, "
	    "{\"contactGroupMembership\": {\"contactGroupResourceName\": "
	    "\"contactGroups/p\"}}, {\"domainMembership\": {}}, "
	    "{\"contactGroupMembership\": {\"contactGroupResourceName\": \"t\"}}]}",
	    "[\"Pots\",\"Tea\"]" },
	{ CONTACT_PHOTO, "{\"photos\": [{\"url\": \"u\", \"default\": true}]}", NULL },
	{ CONTACT_PHOTO, "{\"photos\": [{\"url\": \"u\"}]}", "u" },
	{ CONTACT_UPDATED_AT,
	    "{\"metadata\": {\"sources\": [{\"type\": \"PROFILE\", \"updateTime\": \"p\"}, "
	    "{\"type\": \"CONTACT\", \"updateTime\": \"c\"}]}}",
	    "c" },
	{ CONTACT_UPDATED_AT,
	    "{\"metadata\": {\"sources\": [{\"type\": \"PROFILE\", \"updateTime\": "
	    "\"p\"}]}}",
	    NULL },
};

static void
a_person_is_the_same_record_however_it_is_told(void **state)
{
	const json *labels = json_stored(cx.a, "{\"t\": \"Tea\", \"p\": \"Pots\"}");

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		struct cell c[CONTACT__MAX];

		gcontacts_cells(cx.a, json_stored(cx.a, told[i].person), labels, c);
		if (!told[i].cell) {
			if (c[told[i].column].kind != CELL_NONE)
				flunk("%zu: %s", i, c[told[i].column].v.p);
			continue;
		}
		if (c[told[i].column].kind == CELL_NONE ||
		    !str_is(c[told[i].column].v, told[i].cell))
			flunk("%zu: %s", i,
			    c[told[i].column].v.p ? c[told[i].column].v.p : "nothing");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		contacts_test(an_unchanged_address_book_costs_one_call_and_a_change_comes_alone),
		contacts_test(a_large_book_comes_in_pages_and_says_how_far_it_is),
		contacts_test(the_next_page_of_a_book_is_asked_for_together_with_this_one),
		contacts_test(labels_are_names_and_a_new_name_of_one_is_seen),
		contacts_test(only_people_of_chosen_labels_come_and_who_loses_it_goes),
		contacts_test(who_was_merged_says_into_whom),
		contacts_test(other_contacts_have_a_token_of_their_own),
		contacts_test(what_can_be_chosen_is_shown),
		contacts_test(people_are_told_by_what_they_are_called_and_reached_by),
		contacts_test(nobody_found_is_asked_again_before_it_is_believed),
		contacts_test(a_person_is_the_same_record_however_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
