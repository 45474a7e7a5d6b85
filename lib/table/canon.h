/*
 * canon.h - one spelling for each JSON value: members in the order of their names, texts escaped
 * in one way. Numbers stay as they are written. Pure.
 */
#ifndef TABLE_CANON_H
#define TABLE_CANON_H

#include "base/buf.h"

/* Appends the value in that spelling; text that is no JSON as it is. The arena is for scratch. */
void canon_put(struct arena *, struct str text, struct buf *out);

#endif
