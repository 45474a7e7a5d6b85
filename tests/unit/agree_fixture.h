/* agree_fixture.h - what the tests of lib/sync/agree share: values from tables, the rules that they
 * name, a seeded random. */
#ifndef AGREE_FIXTURE_H
#define AGREE_FIXTURE_H

#include "unit/unit.h"

#include "agree/decide.h"
#include "unit/table_file.h"

static const struct merge_group event_groups[] = {
	{ .name = "time", .members = { "start", "end", "allDay", "timeZone" } },
	{ .name = "who", .members = { "names", "mails" } },
};
static const struct merge_rules plain_rules,
    event_rules = { .groups = event_groups, .n_groups = 2 },
    bare_rules = { .groups = event_groups, .n_groups = 2, .null_is_absent = true };

static inline const struct merge_rules *
rules_named(const char *name)
{
	if (!strcmp(name, "event"))
		return &event_rules;
	if (!strcmp(name, "bare"))
		return &bare_rules;
	assert_string_equal(name, "plain");
	return &plain_rules;
}

/* "-" is a version that is not there. */
static inline json *
version(const char *text)
{
	json *j;

	if (!strcmp(text, "-"))
		return NULL;
	assert_ok(json_parse(&cx, "The case", str_c(text), &j));
	return j;
}

static inline enum policy
policy_named(const char *word)
{
	enum policy p;

	if (!policy_of(word, &p))
		flunk("there is no policy %s", word);
	return p;
}

static uint64_t seed;

static inline uint32_t
dice(uint32_t sides)
{
	uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t)((z ^ (z >> 31)) % sides);
}

#endif
