/*
 * differ.h - how much of a record a row changes. Values are compared, not their spelling: the
 * order of members and escapes inside a value say nothing. Numbers that are values of their own
 * count to the letter, as they are kept. Pure.
 */
#ifndef SYNC_READ_DIFFER_H
#define SYNC_READ_DIFFER_H

#include "base/arena.h"
#include "table/column.h"

struct row_diff {
	int64_t values;  /* columns in which either has one that is not empty */
	int64_t changed; /* of those, where they differ */
	bool told;       /* one of them says what the row is (sink.telling) */
};

/* Two payloads. telling: of each column; NULL: of none. The arena is for scratch. */
struct row_diff
row_differ(struct arena *, struct str was, struct str is, const bool telling[COLUMNS_MAX]);

#endif
