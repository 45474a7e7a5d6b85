/*
 * silent.h - what a side says nothing about is as it was agreed on last; of what is met for the
 * first time, as it is here.
 */
#ifndef SYNC_WRITE_SILENT_H
#define SYNC_WRITE_SILENT_H

#include "sync/write/twoway.h"

/* `values` with those of `from` for the fields that are named in `silent` and absent; the same when
 * there are none. *fills: {field: true} of those that the side could say; NULL: none. */
json *silent_values(
    struct arena *, const json *values, const json *silent, const json *from, json **fills);

/* What is gone said last. Where it is silent on all parts ({"@": false}, by what their names begin
 * with), they are those of the base that have a place in it. */
const json *
silent_last(struct arena *, const struct twoway *, const struct there *, const json *base);

/* In the caller's write: `there` as the link has it understood. */
MUST enum rc silent_there(struct ctx *, struct db *, const struct twoway *, const struct link *,
    const struct there *, struct there *out);

#endif
