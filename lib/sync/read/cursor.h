/*
 * cursor.h - what a complete read leaves behind on its connection, so that the next one can tell
 * that nothing has changed: {"rev", "engine", "digest", "readAt", "asOf", "source"};
 * asOf: change_last() (store/change.h) before it began. readAt: of kinds that are read in full now
 * and then; without it, a read that finds nothing new leaves the cursor as it was.
 */
#ifndef SYNC_READ_CURSOR_H
#define SYNC_READ_CURSOR_H

#include "kind/kind.h"
#include "store/conn.h"

/* NULL when there is none, or none that still counts: the configuration is another one, or this
 * program would make other records of the same bytes. */
json *cursor_old(struct arena *, const struct conn *);
/* Is there one, of another configuration than this? */
bool cursor_other(struct arena *, const struct conn *);
/* digest NULL: what was read is no whole that a later read could be the same as. */
json *cursor_new(struct arena *, const struct kind *, const struct conn *, int64_t started,
    json *from_source, const char *digest);
/* A provider's "unchanged" may miss some changes (a formula that looks at the clock): now and
 * then all is read. */
bool cursor_aged(const struct kind *, const json *cursor, int64_t now);

#endif
