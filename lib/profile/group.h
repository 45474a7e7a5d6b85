/*
 * group.h - which records of people are one person. Pure, and the same whatever the order of what
 * is given.
 *
 * Members are given in order of table and key, holds in order of kind and value.
 *
 * An e-mail address ties together who has it, a phone number who has it and is not called quite
 * differently. One that several people of one table have is shared (info@, the number of a switch
 * board): it ties together only those whose names agree. What a person has decided stands above all
 * that: "the same" always holds, "not the same" keeps two apart whatever else they share.
 */
#ifndef PROFILE_GROUP_H
#define PROFILE_GROUP_H

#include "base/arena.h"
#include "store/person.h"

enum {
	HOLDERS_MAX = 50, /* an identifier that more records have ties nobody together */
	GROUP_MAX = 400,  /* records that are one person at most: no longer chains are made */
};

struct group_member {
	int64_t dataset_no;
	struct str name; /* folded */
	/* Not to be decided about: it is given for what it shares with the others. */
	bool outside;
};

/* A member has an identifier. Those of one identifier stand together. */
struct group_hold {
	enum ident_kind kind;
	struct str value;
	size_t member;
};

/* What somebody has decided about two members. */
struct group_rule {
	size_t a, b;
	bool same;
};

struct group_in {
	const struct group_member *member;
	size_t members;
	const struct group_hold *hold;
	size_t holds;
	const struct group_rule *rule;
	size_t rules;
};

/* For each member the smallest index of those who are one person with it. */
size_t *group_people(struct arena *, const struct group_in *);
/* Is the address or number one that ties nobody together by itself? hold: all who have it. */
bool group_is_shared(const struct group_in *, const struct group_hold *hold, size_t n);

#endif
