/*
 * merge.h - two edited versions of one object brought together, field by field against their
 * base. Pure.
 *
 * An object is a JSON object of fields. Fields that only mean something together are a group:
 * start and end of an event are never taken from different sides. Groups and single fields are
 * the units of a merge. A unit that one side changed is taken from that side; one that both
 * changed alike is agreed on; one that both changed differently is a collision, which the policy
 * decides, and what it does not choose is kept.
 */
#ifndef SYNC_AGREE_MERGE_H
#define SYNC_AGREE_MERGE_H

#include "sync/agree/policy.h"
#include "sync/agree/value.h"

enum { GROUP_MEMBERS = 16 };

struct merge_group {
	const char *name; /* what people and conflicts call it: "time" */
	/* ends with NULL; a field is in one group at most */
	const char *members[GROUP_MEMBERS];
};

struct merge_rules {
	const struct merge_group *groups;
	size_t n_groups;
	/* of fields, not inside them: for sides that cannot tell them apart */
	bool null_is_absent;
};

struct merge_in {
	const json *base, *local, *remote; /* base NULL: the sides never agreed on anything */
	const struct policy_facts *policy;
};

struct collision {
	const char *field; /* a group's name, or the field's own */
	/* of a group: an object of its members; absent: none of them is there */
	struct slot base, local, remote;
	enum pick pick;
	/* the loser; not there while it is asked, or when the loser was absent */
	struct slot kept;
};

struct field_list {
	const char **v;
	size_t n;
};

struct merged {
	/* what this side has afterwards: with the local fields where it is asked */
	json *value;
	/* the base once `value` is written here: what is there now, but for fields that are
	 * asked */
	json *base_seen;
	/* the base once the other side has confirmed what it was given */
	json *base_sent;
	/* fields to write there; of a group all its members. Absent in `value`: clear */
	struct field_list to_local, to_remote;
	struct collision *collisions;
	size_t n_collisions;
	bool asks; /* one of them waits for an answer */
};

void merge(struct arena *, const struct merge_rules *, const struct merge_in *, struct merged *out);

/* The same in every field, by these rules. */
bool merge_same(struct arena *, const struct merge_rules *, const json *, const json *);

/* The base with each unit that is found as it was sent put in as sent. *any: there was one that
 * changed the base. */
const json *merge_rebase(struct arena *, const struct merge_rules *, const json *base,
    const json *sent, const json *found, bool *any);

/* For sending: {field: value}, with null for a field that is to be cleared. */
json *merge_patch(struct arena *, const json *value, const struct field_list *);

/* For the conflict's row: [{field, base, local, remote, chosen}], absent members left out;
 * {field: loser}. */
json *collision_fields(struct arena *, const struct merged *);
json *collision_kept(struct arena *, const struct merged *);

#endif
