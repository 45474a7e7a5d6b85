/*
 * over.h - what is written over on the other side: JSON [{field, before, after}], without what is
 * absent. A field "deleted" stands for all of it: before true, it was put there where it had been
 * deleted; after true, it was deleted there. Pure.
 */
#ifndef AGREE_OVER_H
#define AGREE_OVER_H

#include "agree/merge.h"

/* All in which it differs. NULL as one of them: there is nothing on that side. NULL: nothing. */
const char *
over_all(struct arena *, const struct merge_rules *, const json *there, const json *here);

/* Of a merge what somebody had edited there, and does not stand; where they never agreed on
 * anything, all that goes there. NULL: nothing. */
const char *over_merged(
    struct arena *, const struct merge_rules *, const struct merge_in *, const struct merged *);

enum over_what { OVER_FIELDS, OVER_REVIVED, OVER_DELETED };
enum over_what over_what(const json *over);

/* `value` with the fields of `over` as they were: OVER_BEFORE, or as they were written. */
enum over_side { OVER_BEFORE, OVER_AFTER };
json *over_put(struct arena *, const json *value, const json *over, enum over_side);
/* Is each field of it as `over` says? */
bool over_is(struct arena *, const struct merge_rules *, const json *value, const json *over,
    enum over_side);
/* The way back. */
const char *over_reversed(struct arena *, const json *over);

#endif
