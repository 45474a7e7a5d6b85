/* Google Contacts as they are read and labelled, call by call, against an address book of the
 * stand-in in this process. */
#include "unit/read_fixture.h"

#include "provider/google/contacts.h"

static void
begin(const char *config)
{
	read_begin(&reader_gcontacts, "t", config);
}

/* id, names and fields: "\"emailAddresses\": [...]"; labels: "\"Tea\", \"Pots\"". */
static void
person(const char *id, const char *name, const char *fields, const char *labels)
{
	control(arena_printf(cx.a,
	    "{\"person\": {\"owner\": \"" OWNER
	    "\", \"id\": \"people/%s\", \"labels\": [%s], \"content\": {\"names\": "
	    "[{\"givenName\": \"%s\"}]%s%s}}}",
	    id, labels, name, *fields ? ", " : "", fields));
	/* What is written is told of later. */
	clock_step_to(clock_ms() + HOUR_MS);
}

#define MAIL(address) "\"emailAddresses\": [{\"value\": \"" address "\"}]"

static void
gone(const char *id)
{
	control(arena_printf(cx.a,
	    "{\"person_delete\": {\"owner\": \"" OWNER "\", \"person\": \"people/%s\"}}", id));
	clock_step_to(clock_ms() + HOUR_MS);
}

static int
times(const char *text, const char *part)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

/* "contactGroups/x"; NULL: there is no label of this name. */
static const char *
label_id(const char *name)
{
	ask("GET", "/fake/people/v1/contactGroups?groupFields=name,groupType", NULL);
	for (size_t i = 0; i < json_len(at("contactGroups")); i++)
		if (!strcmp(json_str(json_nth(at("contactGroups"), i), "name"), name))
			return arena_dup(
			    cx.a, json_str(json_nth(at("contactGroups"), i), "resourceName"));
	return NULL;
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

/* --- the label that is put on --- */

static const char *const *kept_v;

static enum rc
kept_next(struct ctx *c, void *arg, struct str *key)
{
	(void)c;
	(void)arg;
	*key = *kept_v ? str_c(*kept_v++) : (struct str){ NULL, 0 };
	return RC_OK;
}

/* What was told of whom, a line each. */
static struct buf *kept_told_of;

static enum rc
kept_told(struct ctx *c, void *arg, const json *keys, const char *what)
{
	(void)c;
	(void)arg;
	for (size_t i = 0; i < json_len(keys); i++)
		buf_printf(kept_told_of, "%s: %s\n", json_value_str(json_nth(keys, i)), what);
	return RC_OK;
}

static int
tend(const char *const *keys)
{
	const struct keeping kept = { .next = kept_next, .told = kept_told };
	int calls = 0;

	kept_v = keys;
	kept_told_of = buf_in(cx.a, 1 << 20);
	buf_clear(did.asked);
	cx.err = (struct err){ 0 };
	assert_ok(reader_gcontacts.tend(&cx, &from, &kept, &calls));
	return calls;
}

/* Who has the label of this name: "people/c1 people/c2"; NULL: there is no such label. */
static const char *
labelled(const char *name)
{
	struct buf *b = buf_in(cx.a, 1 << 20);
	const char *id = label_id(name);

	if (!id)
		return NULL;
	ask("GET", arena_printf(cx.a, "/fake/people/v1/%s?maxMembers=2000", id), NULL);
	for (size_t i = 0; i < json_len(at("memberResourceNames")); i++)
		buf_printf(b, "%s%s", i ? " " : "",
		    json_value_str(json_nth(at("memberResourceNames"), i)));
	return buf_c(b);
}

static void
the_label_is_on_those_who_are_kept_and_on_nobody_else(void **state)
{
	(void)state;
	person("c1", "Ada", "", "");
	person("c2", "Bea", "", "");
	person("c3", "Cleo", "", "\"Theirs\"");
	begin("{\"label\": \"In the shop\"}");
	assert_null(labelled("In the shop"));
	/* Which there are, made, who has it, put on. */
	assert_int_equal(
	    tend((const char *const[]){ "people/c1", "people/c2", "otherContacts/o", NULL }), 4);
	assert_string_equal(labelled("In the shop"), "people/c1 people/c2");
	assert_string_equal(buf_c(kept_told_of),
	    "people/c1: The label \"In the shop\" was put on at Google.\n"
	    "people/c2: The label \"In the shop\" was put on at Google.\n");
	/* Done is done. */
	assert_int_equal(tend((const char *const[]){ "people/c1", "people/c2", NULL }), 2);
	has_not(buf_c(did.asked), "POST");
	assert_string_equal(buf_c(kept_told_of), "");
	assert_int_equal(tend((const char *const[]){ "people/c2", "people/c3", NULL }), 4);
	assert_string_equal(labelled("In the shop"), "people/c2 people/c3");
	assert_string_equal(buf_c(kept_told_of),
	    "people/c3: The label \"In the shop\" was put on at Google.\n"
	    "people/c1: The label \"In the shop\" was taken off at Google.\n");
	/* Who is not there is not told of. */
	tend((const char *const[]){ "people/c2", "people/c3", "people/gone", NULL });
	assert_string_equal(buf_c(kept_told_of), "");
	/* Another name: the one that we made goes, with nobody. */
	from.known = json_stored(cx.a, "{\"label\": \"In the shop\"}");
	json_set_str((json *)from.config, "label", "Theirs");
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 5);
	assert_null(labelled("In the shop"));
	/* That of somebody else is added to, nobody is taken out. */
	has(labelled("Theirs"), "people/c1");
	has(labelled("Theirs"), "people/c3");
	/* No label any more: what is not ours stays. */
	from.known = json_stored(cx.a, "{\"label\": \"Theirs\"}");
	json_unset((json *)from.config, "label");
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 1);
	has(labelled("Theirs"), "people/c1");
	/* The same name as before drops nothing; none and none is nothing at all. */
	from.known = NULL;
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 0);
}

static void
many_are_labelled_by_five_hundreds(void **state)
{
	static char text[1001][20];
	const char *keys[1002] = { NULL };

	(void)state;
	for (int i = 0; i < 1001; i++) {
		snprintf(text[i], sizeof text[i], "people/n%d", i);
		keys[i] = text[i];
		control(arena_printf(cx.a,
		    "{\"person\": {\"owner\": \"" OWNER "\", \"id\": \"%s\", \"content\": {}}}",
		    text[i]));
	}
	clock_step_to(clock_ms() + HOUR_MS);
	begin("{\"label\": \"All\"}");
	assert_int_equal(tend(keys), 3 + 3);
	assert_int_equal(times(buf_c(did.asked), "members:modify"), 3);
	assert_int_equal(times(labelled("All"), "people/"), 1001);
	assert_int_equal(tend((const char *const[]){ "people/n7", NULL }), 2 + 2);
	assert_string_equal(labelled("All"), "people/n7");
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

static int
contacts_close(void **state)
{
	read_end();
	return world_close(state);
}

static int
contacts_open(void **state)
{
	world_open(state);
	conf_override(CONF_GOOGLE_PEOPLE_BASE, "https://people.googleapis.com/fake/people");
	control("{\"quota\": {\"people\": {\"user\": 0, \"project\": 0}}}");
	return 0;
}

#define contacts_test(f) cmocka_unit_test_setup_teardown(f, contacts_open, contacts_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		contacts_test(an_unchanged_address_book_costs_one_call_and_a_change_comes_alone),
		contacts_test(a_large_book_comes_in_pages_and_says_how_far_it_is),
		contacts_test(labels_are_names_and_a_new_name_of_one_is_seen),
		contacts_test(only_people_of_chosen_labels_come_and_who_loses_it_goes),
		contacts_test(who_was_merged_says_into_whom),
		contacts_test(other_contacts_have_a_token_of_their_own),
		contacts_test(what_can_be_chosen_is_shown),
		contacts_test(the_label_is_on_those_who_are_kept_and_on_nobody_else),
		contacts_test(many_are_labelled_by_five_hundreds),
		contacts_test(a_person_is_the_same_record_however_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
