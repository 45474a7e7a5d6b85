/*
 * echo.h - what a source tells of our own doing: the label that we have put on a record there, or
 * taken off, comes back with the next read, and is no change of the source's.
 */
#ifndef SYNC_READ_ECHO_H
#define SYNC_READ_ECHO_H

#include "kind/kind.h"
#include "sync/read/intake.h"

struct echo_of {
	struct db *db;
	const struct conn *conn;
	const struct object *object;
	int64_t changed; /* here, ms */
};

/* What was done to the labels of a record there since a run has changed it here, also by other
 * connections of the same account: {label: put on?}, as struct kind's echoes() takes it. NULL:
 * nothing. */
MUST enum rc echo_acts(struct ctx *, const struct echo_of *, json **acts);

/* Is a row of the present dataset nothing but that, beside what the source said before? */
MUST enum rc
echo_met(struct ctx *, const struct intake *, struct str key, struct str payload, bool *is);

#endif
