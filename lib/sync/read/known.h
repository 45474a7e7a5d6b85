/*
 * known.h - what earlier complete reads have found out about a source.
 */
#ifndef SYNC_READ_KNOWN_H
#define SYNC_READ_KNOWN_H

#include "base/json.h"
#include "store/conn.h"

/* For source.known (provider.h); NULL when nothing is stored. */
MUST enum rc source_known(struct ctx *, struct db *, const struct conn *, json **out);

#endif
