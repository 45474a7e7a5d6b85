/*
 * there.h - what a provider has read, as what meets the object here.
 */
#ifndef SYNC_WRITE_THERE_H
#define SYNC_WRITE_THERE_H

#include "sync/write/twoway.h"

/* A twin by a read before which change_last() was as_of; a copy in the arena. What only the reader
 * knows (listed_at, refused) is for the caller to say. */
struct there there_of(struct arena *, const struct twin *, const struct writer *, int64_t as_of);

#endif
