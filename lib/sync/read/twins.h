/*
 * twins.h - the stored records whose keys repeat: "key", "key#2", "key#3", ... A row of that key
 * belongs to the one that holds the same, whatever the order; what is then left over is for
 * match.c to bring together. A group is read when its key is first asked for. Memory: about a
 * hundred bytes for each record of the groups that were asked for.
 */
#ifndef SYNC_READ_TWINS_H
#define SYNC_READ_TWINS_H

#include "store/data.h"

struct twin_row {
	int64_t seq, rev, id;
	struct str key;
	uint64_t digest; /* of what the source said last */
	bool deleted, kept;
};

struct twin_group {
	struct twin_row *v;
	size_t n, cap;
	int64_t rows; /* of this read, with this key: the caller's */
};

struct twins;
struct twins *twins_new(struct arena *);
/* The group of this key, empty at first: *fresh. */
struct twin_group *twins_group(struct twins *, struct str key, bool *fresh);
void twins_add(struct twins *, struct twin_group *, const struct twin_row *);
/* Is this the key of another one with "#n" behind it? */
bool twins_is(struct str key, struct str other);
uint64_t twins_digest(struct str payload);

#endif
