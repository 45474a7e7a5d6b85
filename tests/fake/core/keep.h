/*
 * keep.h - what services need to save their part of the world, and to read it again.
 */
#ifndef FAKE_CORE_KEEP_H
#define FAKE_CORE_KEEP_H

#include "fake/core/world.h"

/* A copy in the world's memory of a member that was saved. */
const char *loaded_text(struct fake *, const json *, const char *name, const char *otherwise);
json *loaded_json(struct fake *, const json *, const char *name); /* NULL: absent, or null */

/* What was saved is all there was. False: the world was cut off, and what it did after the file was
 * written is unknown here, but not to those who were told. */
bool loaded_whole(const json *top);
/* A counter of those versions, numbers or names that are never given twice, so far ahead that none
 * is given again which may have been given after the file was written. */
int64_t loaded_counter(const json *top, const json *part, const char *name);

#endif
