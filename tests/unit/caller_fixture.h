/*
 * caller_fixture.h - the verbs of lib/app as the owner of the fixtures calls them, with every
 * scope; and, for tests of the verbs themselves, two users (verbs_open), and what one of them may
 * do.
 */
#ifndef UNIT_CALLER_FIXTURE_H
#define UNIT_CALLER_FIXTURE_H

#include "app/caller.h"

static struct complaints caller_wrongs;
static const struct caller owner_calls = {
	.owner = OWNER,
	.actor = { .name = "test", .from = "" },
	.scopes = SCOPE_ALL,
	.wrong = &caller_wrongs,
};

/* The owner with these scopes alone. */
static inline const struct caller *
owner_may(unsigned scopes)
{
	static struct caller c;

	c = owner_calls;
	c.scopes = scopes;
	return &c;
}

#define OTHER "00000000-0000-7000-8000-000000000002"

/* Somebody else, who may do everything with what is his. */
static inline const struct caller *
other_calls(void)
{
	static struct caller c;

	c = owner_calls;
	c.owner = OTHER;
	return &c;
}

/* Nothing is wrong yet. */
static inline json *
said(const char *text)
{
	json *j = json_stored(cx.a, text);

	if (!j)
		flunk("no JSON: %s", text);
	caller_wrongs = (struct complaints){ NULL };
	cx.err = (struct err){ 0 };
	return j;
}

/* The field that the first complaint is about. */
static inline const char *
wrong_field(void)
{
	const char *field = json_str(json_nth(caller_wrongs.list, 0), "field");

	return field ? field : "(none)";
}

#ifdef DB_FIXTURE_H
static inline int
verbs_open(void **state)
{
	caller_wrongs = (struct complaints){ NULL };
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'ann', 'operator', 1), ('" OTHER "', 'bob', 'member', 1)");
	return 0;
}

static inline const char *
audited(void)
{
	return raw_lines("SELECT action FROM audit ORDER BY rowid", 0);
}

#define verb_test(f) cmocka_unit_test_setup_teardown(f, verbs_open, db_teardown)
#endif

#endif
