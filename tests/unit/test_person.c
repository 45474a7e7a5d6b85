/* Who is one person: addresses, names, columns, and what ties records together. */
#include "unit/unit.h"

#include "base/fold.h"
#include "profile/email.h"
#include "profile/group.h"
#include "profile/mapping.h"
#include "profile/name.h"

static const char *
address(const char *text)
{
	struct str out;

	return email_address(cx.a, str_c(text), &out) ? arena_dup_str(cx.a, out) : "none";
}

static void
an_address_is_the_same_in_whatever_case_and_dress(void **state)
{
	static const char *const ways[] = { "ada@example.com", "Ada@Example.COM",
		" ada@example.com ", "Ada Lovelace <Ada@example.com>", "mailto:ada@example.com",
		"mailto:ada@example.com?subject=Hi", "<ada@example.com>", "ada@example.com.",
		"\xef\xbd\x81"
		"da@example.com" };
	static const char *const none[] = { "", "ada", "ada@", "@example.com", "ada@example",
		"a da@example.com", "ada@@example.com", "ada@.com", "n/a",
		"ada@example.com, b@c.de", "\xff@example.com", "a@b" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		assert_string_equal(address(ways[i]), "ada@example.com");
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (strcmp(address(none[i]), "none") != 0)
			flunk("%s: %s", none[i], address(none[i]));
	assert_string_equal(address("a.da+x@example.com"), "a.da+x@example.com");
	assert_string_equal(address("M\xc3\x9cLLER@b\xc3\xbc"
				    "cher.example"),
	    "m\xc3\xbcller@b\xc3\xbc"
	    "cher.example");
}

static void
names_are_folded(void **state)
{
	(void)state;
	assert_string_equal(fold_words(cx.a, STR("  Jos\xc3\xa9  O'Brien-M\xc3\x9cLLER ")).p,
	    "jose o brien muller");
	assert_string_equal(fold_words(cx.a,
				STR("Stra\xc3\x9f"
				    "e 12"))
				.p,
	    "strasse 12");
	assert_string_equal(fold_words(cx.a, STR("\xef\xbc\xa1\xef\xbd\x84\xef\xbd\x81")).p, "ada");
	assert_string_equal(fold_words(cx.a, STR("...")).p, "");
	assert_string_equal(fold_words(cx.a, STR("\xff")).p, "");
	assert_string_equal(fold_words(cx.a, STR("")).p, "");
}

static void
names_agree_when_both_can_be_one_persons(void **state)
{
	static const char *const pairs[][2] = { { "ada lovelace", "lovelace ada" },
		{ "ada lovelace", "a lovelace" }, { "ada lovelace", "ada" },
		{ "dr ada byron", "ada lovelace" }, { "", "ada" },
		{ "ada k lovelace", "ada lovelace" }, { "mrs lovelace", "ada lovelace" } };
	static const char *const others[][2] = { { "ada lovelace", "charles babbage" },
		{ "ann smith", "bob smith" }, { "a smith", "bob smith" }, { "dr ada", "dr bob" } };

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (!name_agrees(str_c(pairs[i][0]), str_c(pairs[i][1])) ||
		    !name_agrees(str_c(pairs[i][1]), str_c(pairs[i][0])))
			flunk("%s, %s", pairs[i][0], pairs[i][1]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (name_agrees(str_c(others[i][0]), str_c(others[i][1])))
			flunk("%s, %s", others[i][0], others[i][1]);
}

static const char *
guessed(const char *columns)
{
	const struct person_table t = { .columns = columns, .config = "{}" };
	struct mapping m;

	mapping_of(cx.a, &t, "", &m);
	return m.text;
}

static void
columns_of_people_are_told_by_what_they_are_called(void **state)
{
	(void)state;
	assert_string_equal(guessed("[{\"name\":\"Name\"},{\"name\":\"E-mail 1 - Value\"},"
				    "{\"name\":\"E-mail 1 - Type\"},{\"name\":\"Mobile Phone\"}]"),
	    "{\"name\":[\"Name\"],\"email\":[\"E-mail 1 - Value\"],\"phone\":[\"Mobile "
	    "Phone\"]} ");
	assert_string_equal(guessed("[{\"name\":\"Nachname\"},{\"name\":\"Vorname\"},"
				    "{\"name\":\"E-Mail-Adresse\"}]"),
	    "{\"name\":[\"Vorname\",\"Nachname\"],\"email\":[\"E-Mail-Adresse\"],\"phone\":[]} ");
	assert_string_equal(guessed("[{\"name\":\"displayName\"},{\"name\":\"emails\"},"
				    "{\"name\":\"phones\"}]"),
	    "{\"name\":[\"displayName\"],\"email\":[\"emails\"],\"phone\":[\"phones\"]} ");
	assert_string_equal(guessed("[{\"name\":\"name\"},{\"name\":\"iata_code\"}]"), "");
	assert_string_equal(guessed("[{\"name\":\"email\",\"gone\":true}]"), "");
	assert_string_equal(guessed("[]"), "");
}

static const char *
read_record(const char *payload)
{
	const struct person_table t = {
		.columns = "[{\"name\":\"name\"},{\"name\":\"email\"},{\"name\":\"phone\"}]",
		.config = "{}",
	};
	struct mapping m;
	struct ident_list list;
	struct str name;
	const char *out;

	mapping_of(cx.a, &t, "DE", &m);
	mapping_read(cx.a, &m, str_c(payload), &name, &list);
	out = arena_printf(cx.a, "%.*s:", (int)name.n, name.p);
	for (size_t i = 0; i < list.n; i++)
		out = arena_printf(cx.a, "%s %d=%.*s", out, (int)list.v[i].kind,
		    (int)list.v[i].value.n, list.v[i].value.p);
	return out;
}

static void
a_record_says_all_its_addresses_and_numbers(void **state)
{
	(void)state;
	assert_string_equal(read_record("[\"Ada Byron\",\"a@x.de; B@x.de\",\"030 123456\"]"),
	    "ada byron: 1=a@x.de 1=b@x.de 2=+4930123456 3=ada 3=byron");
	assert_string_equal(
	    read_record("[\"Ada\",[{\"value\":\"a@x.de\"},{\"value\":\"A@x.de\"}],[]]"),
	    "ada: 1=a@x.de 3=ada");
	assert_string_equal(read_record("[\"\",\"[{\\\"value\\\":\\\"a@x.de\\\"}]\",4930123456]"),
	    ": 1=a@x.de 2=+494930123456");
	assert_string_equal(read_record("[null,null,null]"), ":");
	assert_string_equal(read_record("[\"Ada\"]"), "ada: 3=ada");
	assert_string_equal(read_record("no json"), ":");
}

/* Members "table name", and who has what: the groups, a letter each. */
static const char *
groups(const char *const *members, const struct group_hold *hold, size_t holds,
    const struct group_rule *rule, size_t rules)
{
	struct group_member m[20];
	struct group_in in = { .member = m, .hold = hold, .holds = holds };
	size_t *root;
	char *out;

	for (; members[in.members]; in.members++)
		m[in.members] = (struct group_member){
			.dataset_no = members[in.members][0] - '0',
			.name = str_c(members[in.members] + 2),
		};
	in.rule = rule;
	in.rules = rules;
	root = group_people(cx.a, &in);
	out = arena_alloc(cx.a, in.members + 1);
	for (size_t i = 0; i < in.members; i++)
		out[i] = (char)('a' + root[i]);
	return out;
}

#define MAIL(text, who) \
	{ \
		IDENT_EMAIL, STR(text), who \
	}
#define TEL(text, who) \
	{ \
		IDENT_PHONE, STR(text), who \
	}

static void
who_shares_an_address_is_one_person(void **state)
{
	static const char *const m[] = { "1 ada", "2 countess lovelace", "3 bob", NULL };
	static const struct group_hold h[] = { MAIL("ada@x.de", 0), MAIL("ada@x.de", 1),
		MAIL("bob@x.de", 2) };

	(void)state;
	assert_string_equal(groups(m, h, 3, NULL, 0), "aac");
}

static void
a_shared_mailbox_makes_nobody_of_a_company_one_person(void **state)
{
	static const char *const m[] = { "1 ada lovelace", "1 charles babbage", "2 ada", "2 ",
		NULL };
	static const struct group_hold info[] = { MAIL("info@x.de", 0), MAIL("info@x.de", 1),
		MAIL("info@x.de", 2), MAIL("info@x.de", 3) };
	static const struct group_hold many[] = { MAIL("lab@x.de", 0), MAIL("lab@x.de", 1),
		MAIL("lab@x.de", 2), MAIL("lab@x.de", 3) };

	(void)state;
	assert_string_equal(groups(m, info, 4, NULL, 0), "abad");
	assert_string_equal(groups(m, many, 4, NULL, 0), "abad");
}

static void
a_number_ties_those_whose_names_agree(void **state)
{
	static const char *const m[] = { "1 ann smith", "2 a smith", "2 bob smith", "3 ", NULL };
	static const struct group_hold h[] = { TEL("+491", 0), TEL("+491", 1) };
	static const struct group_hold two[] = { TEL("+491", 0), TEL("+491", 2) };
	static const struct group_hold none[] = { TEL("+491", 0), TEL("+491", 3) };

	(void)state;
	assert_string_equal(groups(m, h, 2, NULL, 0), "aacd");
	assert_string_equal(groups(m, two, 2, NULL, 0), "abcd");
	assert_string_equal(groups(m, none, 2, NULL, 0), "abca");
}

static void
what_somebody_decided_stands_above_what_is_shared(void **state)
{
	static const char *const m[] = { "1 ada", "2 ada", "3 ada", NULL };
	static const struct group_hold h[] = { MAIL("ada@x.de", 0), MAIL("ada@x.de", 1),
		MAIL("ada@x.de", 2) };
	static const struct group_rule apart[] = { { 0, 2, false }, { 1, 2, false } };
	static const struct group_rule one[] = { { 0, 2, false } };
	static const struct group_rule same[] = { { 0, 2, true } };

	(void)state;
	assert_string_equal(groups(m, h, 3, apart, 2), "aac");
	assert_string_equal(groups(m, NULL, 0, same, 1), "aba");
	assert_string_equal(groups(m, h, 3, one, 1), "aac");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_the_same_in_whatever_case_and_dress),
		cmocka_unit_test(names_are_folded),
		cmocka_unit_test(names_agree_when_both_can_be_one_persons),
		cmocka_unit_test(columns_of_people_are_told_by_what_they_are_called),
		cmocka_unit_test(a_record_says_all_its_addresses_and_numbers),
		cmocka_unit_test(who_shares_an_address_is_one_person),
		cmocka_unit_test(a_shared_mailbox_makes_nobody_of_a_company_one_person),
		cmocka_unit_test(a_number_ties_those_whose_names_agree),
		cmocka_unit_test(what_somebody_decided_stands_above_what_is_shared),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
