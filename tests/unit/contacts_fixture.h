/*
 * contacts_fixture.h - an address book of the stand-in in this process, and google-contacts that
 * reads it.
 */
#ifndef UNIT_CONTACTS_FIXTURE_H
#define UNIT_CONTACTS_FIXTURE_H

#include "unit/read_fixture.h"

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

#endif
