/*
 * merge.h - two edited versions of one object brought together, field by field. Pure.
 *
 * An object is a JSON object of fields. Fields that only mean something together are a group: start
 * and end of an event are never taken from different sides. Groups and single fields are the units
 * of a merge. A unit that one side changed is taken from that side; one that both changed alike is
 * agreed on; one that both changed differently is a collision, which the policy decides, and what
 * it does not choose is kept.
 *
 * What a group says may have parts (a series, and occurrences that differ from it). A part that one
 * side changed while the other one changed the group goes along with that; one that has no place in
 * it any more, or whose place another one has taken, is a collision that it has lost.
 */
#ifndef AGREE_MERGE_H
#define AGREE_MERGE_H

#include "agree/policy.h"
#include "agree/value.h"

enum { GROUP_MEMBERS = 16 };

struct merge_group {
	const char *name;                   /* what people and conflicts call it: "time" */
	const char *members[GROUP_MEMBERS]; /* ends with NULL; a field is in one group at most */
	char part; /* fields that begin with it are parts of what the group says; 0: none are */
};

struct merge_rules {
	const struct merge_group *groups;
	size_t n_groups;
	bool null_is_absent; /* of fields, for sides that cannot tell them apart */
	/* All that a part of a group says, as the object has it: of what it does not say itself
	 * what the object says. NULL: the object has nothing for it. May be NULL. */
	const json *(*part_whole)(struct arena *, const json *object, const char *part);
	/* An object that was `was` and says `value` now (the parts of which are not looked at):
	 * `value` with the parts of `was` by the names that they have in it, and those that have
	 * none, by their old names. Both or none. */
	json *(*part_moved)(struct arena *, const json *was, const json *value);
	json *(*part_lost)(struct arena *, const json *was, const json *value);
	/* What people call a unit, within a sentence; NULL: as it is named. */
	const char *(*called)(struct arena *, const char *unit);
};

struct merge_in {
	const json *base, *local, *remote; /* base NULL: they never agreed on anything */
	const struct policy_facts *policy;
};

struct collision {
	const char *field; /* a group's name, or the field's own */
	/* Of a group: an object of its members; absent: none of them is there. */
	struct slot base, local, remote;
	enum pick pick;
	int64_t local_at, remote_at; /* when they were edited, by our clock; 0: unknown */
	struct slot kept;            /* the loser; absent while it is asked, or when absence lost */
};

struct field_list {
	const char **v;
	size_t n;
};

struct merged {
	json *value;     /* what this side has afterwards; where it is asked, its own */
	json *base_seen; /* the base once `value` is written here */
	json *base_sent; /* the base once the other side has confirmed what it was given */
	/* Fields to write on each side; of a group all. Not in `value`: to be cleared. */
	struct field_list to_local, to_remote;
	struct collision *collisions;
	size_t n_collisions;
	bool asks; /* one of them waits for an answer */
};

void merge(struct arena *, const struct merge_rules *, const struct merge_in *, struct merged *out);

/* The unit that a field is in, as conflicts call it: its group, or itself. */
const char *merge_unit_of(const struct merge_rules *, const char *field);

/* `there`, with what `before` has, or has not, in every field in which `after` differs from it.
 * there non-NULL. */
json *merge_back(struct arena *, const json *there, const json *before, const json *after);

/* The same in every field, by these rules. */
bool merge_same(struct arena *, const struct merge_rules *, const json *, const json *);

/* The base, with each unit that is found as it was sent put in as sent. *any: that changed it. A
 * part that is still what it was by the base differs in such a unit by itself from then on: that,
 * too, is put in as found. */
const json *merge_rebase(struct arena *, const struct merge_rules *, const json *base,
    const json *sent, const json *found, bool *any);

/* What was sent beside the base `was`, once that is `base`: each unit that it had as it was there
 * has gone along. */
const json *merge_along(struct arena *, const struct merge_rules *, const json *was,
    const json *base, const json *sent);

/* For sending: {field: value}, with null for a field that is to be cleared. */
json *merge_patch(struct arena *, const json *value, const struct field_list *);

/* For the conflict's row: [{field, base, local, remote, chosen, localAt, remoteAt}] without what is
 * absent, times in milliseconds, and {field: loser}. */
json *collision_fields(struct arena *, const struct merged *);
json *collision_kept(struct arena *, const struct merged *);
/* For the history: what both had edited, and by which rule one of them stands. */
const char *
collision_why(struct arena *, const struct merge_rules *, const struct merged *, enum policy);

#endif
