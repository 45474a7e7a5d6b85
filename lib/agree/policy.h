/*
 * policy.h - which of two edits of one field stands. Pure: times are given, no clock is read.
 *
 * A choice never loses anything: the merge keeps what it did not choose.
 */
#ifndef AGREE_POLICY_H
#define AGREE_POLICY_H

#include "base/json.h"

enum policy {
#define POLICY(id, word, rule, more) POLICY_##id,
#include "agree/policy.def"
#undef POLICY
	POLICY__MAX
};

enum pick {
	PICK_NONE, /* a person decides: each side keeps its own until then */
	PICK_LOCAL,
	PICK_REMOTE
};

/* When one side was edited, as that side tells it: milliseconds, 0 when it does not tell. */
struct edits {
	const json *at;        /* {field: time}, or NULL */
	int64_t whole;         /* of a field that is not in it */
	int64_t resolution_ms; /* its times are cut to multiples of this (Notion: a minute) */
};

struct policy_facts {
	enum policy policy;
	struct edits local, remote;
	/* The other side's clock against ours, as it was measured: so far ahead (negative: behind),
	 * give or take that much. INT64_MAX: nothing is known of it. */
	int64_t ahead_ms, within_ms;
};

const char *policy_word(enum policy);
const char *policy_rule(enum policy);               /* in a sentence */
const char *policy_help(enum policy);               /* all of it */
bool policy_of(const char *word, enum policy *out); /* false: no such word */
const char *pick_word(enum pick);                   /* "local", "remote"; NULL: none */

/*
 * When these fields (one, or the members of a group) were edited last on that side; 0: unknown. Of
 * a group whose members are told in part, those count that are.
 */
int64_t edits_time(const struct edits *, const char *const *fields, size_t n);

/* When the other side edited them, by our clock; 0: unknown. */
int64_t edits_other(const struct policy_facts *, const char *const *fields, size_t n);

/*
 * Chooses. Under `latest` times count by our clock. Two that differ by less than the coarser
 * resolution, or by less than the clocks can be compared, are simultaneous, and so is a time that
 * is not known: then the application's side wins.
 */
enum pick policy_pick(const struct policy_facts *, const char *const *fields, size_t n);

#endif
