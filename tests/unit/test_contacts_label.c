/* The label that is put on contacts, call by call, against an address book of the stand-in in this
 * process: who has it, what is known of each, and what an undo says. */
#include "unit/contacts_fixture.h"

#include "provider/google/contacts.h"

/* What is known of those who got a label: {key: "label stands"}. */
static json *kept_ledger;

static void
begin(const char *config)
{
	read_begin(&reader_gcontacts, "t", config);
	kept_ledger = json_new(cx.a);
}

/* Who comes, and what is known of each: the ledger that lib/sync keeps. */
static const struct bearer *kept_v;
static bool kept_undoing;

static struct bearer
kept_known(struct bearer b)
{
	const char *text = json_str(kept_ledger, arena_dup_str(cx.a, b.key));
	struct str label, stands = str_c(text);

	if (!text)
		return b;
	label = str_cut(stands, ' ', &stands);
	b.label = arena_dup_str(cx.a, label);
	b.stands = (enum bearer_stands)(*stands.p - '0');
	return b;
}

static const struct bearer *kept_all;

static void
kept_begin(void *arg, enum keeping_whom whom)
{
	static struct bearer given[2000];
	size_t n = 0;

	(void)arg;
	kept_v = kept_all;
	if (whom != KEEPING_GIVEN)
		return;
	for (struct json_iter it = { 0 }; json_each(kept_ledger, &it);)
		given[n++] = (struct bearer){ .key = str_c(it.key), .wish = BEARER_OTHER };
	given[n] = (struct bearer){ 0 };
	kept_v = given;
}

static enum rc
kept_next(struct ctx *c, void *arg, struct bearer *out)
{
	(void)c;
	(void)arg;
	*out = *kept_v;
	if (out->key.p)
		*out = kept_known(*kept_v++);
	return RC_OK;
}

static enum rc
kept_of(struct ctx *c, void *arg, const char *key, struct bearer *out)
{
	(void)c;
	(void)arg;
	*out = kept_known((struct bearer){ .key = str_c(key), .wish = BEARER_OTHER });
	return RC_OK;
}

static void
kept_note(const struct bestowal *b, enum bearer_stands stands)
{
	for (size_t i = 0; i < json_len(b->keys); i++)
		json_set_str(kept_ledger, json_value_str(json_nth(b->keys, i)),
		    arena_printf(cx.a, "%s %d", b->label, (int)stands));
}

static enum rc
kept_about(struct ctx *c, void *arg, const struct bestowal *b)
{
	(void)c;
	(void)arg;
	kept_note(b, b->on ? BEARER_COMING : BEARER_GOING);
	return RC_OK;
}

/* What was told of whom, a line each. */
static struct buf *kept_told_of;

static enum rc
kept_told(struct ctx *c, void *arg, const struct bestowal *b)
{
	(void)c;
	(void)arg;
	kept_note(b, b->on ? BEARER_PUT : BEARER_NOT);
	for (size_t i = 0; b->what && i < json_len(b->keys); i++)
		buf_printf(kept_told_of, "%s: %s\n", json_value_str(json_nth(b->keys, i)), b->what);
	return RC_OK;
}

static void
kept_said(void *arg, const char *sentence)
{
	(void)arg;
	buf_printf(kept_told_of, "%s\n", sentence);
}

static int
tend_bearers(const struct bearer *v)
{
	const struct keeping kept = {
		.begin = kept_begin,
		.next = kept_next,
		.of = kept_of,
		.about = kept_about,
		.told = kept_told,
		.said = kept_said,
		.undoing = kept_undoing,
	};
	int calls = 0;

	kept_all = v;
	kept_told_of = buf_in(cx.a, 1 << 20);
	buf_clear(did.asked);
	cx.err = (struct err){ 0 };
	assert_ok(reader_gcontacts.tend(&cx, &from, &kept, &calls));
	return calls;
}

static int
tend(const char *const *keys)
{
	static struct bearer v[1100];
	size_t n = 0;

	for (; keys[n]; n++)
		v[n] = (struct bearer){ .key = str_c(keys[n]) };
	v[n] = (struct bearer){ 0 };
	return tend_bearers(v);
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
	/* Which there are, made, put on. */
	assert_int_equal(
	    tend((const char *const[]){ "people/c1", "people/c2", "otherContacts/o", NULL }), 3);
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
	from.cursor = json_stored(cx.a, "{\"owed\": \"In the shop\"}");
	json_set_str((json *)from.config, "label", "Theirs");
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 5);
	assert_null(labelled("In the shop"));
	/* That of somebody else is added to; out of it go those whom we have put there. */
	assert_string_equal(labelled("Theirs"), "people/c1 people/c3");
	person("c1", "Ada", "", "\"Theirs\"");
	tend((const char *const[]){ "people/c2", NULL });
	assert_string_equal(labelled("Theirs"), "people/c1 people/c2 people/c3");
	has(buf_c(kept_told_of), "\"Theirs\" stays on 1, as people/c1.");
	person("c1", "Ada", "", "\"Theirs\", \"Mine\"");
	tend((const char *const[]){ "people/c2", NULL });
	assert_string_equal(labelled("Theirs"), "people/c2 people/c3");
	/* No label any more: what is not ours stays. */
	from.cursor = json_stored(cx.a, "{\"owed\": \"Theirs\"}");
	json_unset((json *)from.config, "label");
	assert_int_equal(tend((const char *const[]){ "people/c2", NULL }), 2);
	assert_string_equal(labelled("Theirs"), "people/c3");
	/* The same name as before drops nothing; none and none is nothing at all. */
	from.cursor = NULL;
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 0);
}

/* A label of another name, with what a program keeps there for itself. */
static void
label_with(const char *name, const char *key, const char *value)
{
	if (ask("POST", "/v1/contactGroups",
		arena_printf(cx.a,
		    "{\"contactGroup\":{\"name\":\"%s\",\"clientData\":[{\"key\":\"%s\","
		    "\"value\":\"%s\"}]}}",
		    name, key, value)) != 200)
		flunk("%s: %s", name, buf_c(rep.body));
}

static void
what_another_program_has_marked_is_not_ours(void **state)
{
	(void)state;
	person("c1", "Ada", "", "");
	label_with("Theirs", "crm", "In the shop");
	label_with("Ours for others", "tidemark", "Elsewhere");
	begin("{\"label\": \"In the shop\"}");
	tend((const char *const[]){ "people/c1", NULL });
	assert_string_equal(labelled("In the shop"), "people/c1");
	assert_string_equal(labelled("Theirs"), "");
	assert_string_equal(labelled("Ours for others"), "");
	/* What has our mark is ours by whatever name somebody has given it. */
	label_with("Renamed", "tidemark", "At home");
	begin("{\"label\": \"At home\"}");
	tend((const char *const[]){ "people/c1", NULL });
	assert_string_equal(labelled("Renamed"), "people/c1");
	assert_null(labelled("At home"));
}

#define BEARER(name, ...) \
	{ \
		.key = { "people/" name, sizeof "people/" name - 1 }, __VA_ARGS__ \
	}

static void
what_was_begun_before_a_crash_is_told_once_and_what_an_undo_says_is_done(void **state)
{
	const char *id;

	(void)state;
	for (int i = 1; i < 7; i++)
		person(arena_printf(cx.a, "c%d", i), "P", "", i < 4 ? "\"Theirs\", \"Mine\"" : "");
	begin("{\"label\": \"Theirs\"}");
	id = label_id("Theirs");
	kept_ledger = json_stored(cx.a,
	    arena_printf(cx.a,
		"{\"people/c1\": \"%s 2\", \"people/c2\": \"%s 1\", \"people/c4\": \"%s 3\","
		"\"people/c6\": \"contactGroups/old 1\"}",
		id, id, id));
	tend_bearers((const struct bearer[]){
	    BEARER("c1", .wish = BEARER_SHALL),  /* put on, and that was not written down */
	    BEARER("c2", .wish = BEARER_SPARED), /* put on, and taken back */
	    BEARER("c3", .wish = BEARER_SPARED), /* was in it before, and is taken back */
	    BEARER("c5", .wish = BEARER_SPARED), /* put on nobody by that */
	    BEARER("c4", .wish = BEARER_OTHER),  /* taken off, likewise not written down */
	    BEARER("c6", .wish = BEARER_OTHER),  /* had another one */
	    { .key = { 0 } },
	});
	assert_string_equal(labelled("Theirs"), "people/c1 people/c3");
	assert_string_equal(buf_c(kept_told_of),
	    "people/c1: The label \"Theirs\" was put on at Google.\n"
	    "people/c4: The label \"Theirs\" was taken off at Google.\n"
	    "people/c2: The label \"Theirs\" was taken off at Google.\n");
	/* All is done, and told. */
	tend((const char *const[]){ "people/c1", NULL });
	assert_string_equal(buf_c(kept_told_of), "");
	/* Whom somebody has taken out of it is not known for ours any more. */
	kept_ledger = json_stored(cx.a, arena_printf(cx.a, "{\"people/c5\": \"%s 1\"}", id));
	tend_bearers(
	    (const struct bearer[]){ BEARER("c5", .wish = BEARER_SPARED), { .key = { 0 } } });
	assert_string_equal(buf_c(kept_told_of), "");
	assert_string_equal(json_str(kept_ledger, "people/c5"), arena_printf(cx.a, "%s 0", id));
}

static void
a_label_of_ours_that_an_undo_empties_goes_unless_it_was_renamed(void **state)
{
	static const struct bearer spared[] = { BEARER("c1", .wish = BEARER_SPARED),
		{ .key = { 0 } } };

	(void)state;
	person("c1", "P", "", "\"Mine\"");
	begin("{\"label\": \"Ours\"}");
	from.known = json_stored(cx.a, "{\"label\": \"Ours\"}");
	for (int renamed = 0; renamed < 2; renamed++) {
		tend((const char *const[]){ "people/c1", NULL });
		assert_string_equal(labelled("Ours"), "people/c1");
		if (renamed)
			ask("PUT", arena_printf(cx.a, "/fake/people/v1/%s", label_id("Ours")),
			    "{\"contactGroup\": {\"name\": \"Else\"}}");
		kept_undoing = true;
		tend_bearers(spared);
		kept_undoing = false;
		assert_null(labelled("Ours"));
		if (!renamed)
			continue;
		assert_string_equal(labelled("Else"), "");
		has(buf_c(kept_told_of), "Left as it is: the label \"Else\".");
	}
	/* The next sync does what other settings say, not an undo. */
	json_set_str((json *)from.config, "label", "Another");
	kept_undoing = true;
	assert_int_equal(tend((const char *const[]){ "people/c1", NULL }), 0);
	kept_undoing = false;
	assert_null(labelled("Another"));
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
	assert_int_equal(tend(keys), 2 + 3);
	assert_int_equal(times(buf_c(did.asked), "members:modify"), 3);
	assert_int_equal(times(labelled("All"), "people/"), 1001);
	assert_int_equal(tend((const char *const[]){ "people/n7", NULL }), 2 + 2);
	assert_string_equal(labelled("All"), "people/n7");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		contacts_test(the_label_is_on_those_who_are_kept_and_on_nobody_else),
		contacts_test(what_another_program_has_marked_is_not_ours),
		contacts_test(
		    what_was_begun_before_a_crash_is_told_once_and_what_an_undo_says_is_done),
		contacts_test(a_label_of_ours_that_an_undo_empties_goes_unless_it_was_renamed),
		contacts_test(many_are_labelled_by_five_hundreds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
