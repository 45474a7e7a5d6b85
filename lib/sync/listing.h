/*
 * listing.h - the part of a plan's changes that is shown: some of them, in the order in which the
 * plan has them. Pure.
 */
#ifndef SYNC_LISTING_H
#define SYNC_LISTING_H

#include "base/json.h"

enum { LISTING_LIMIT = 50 };      /* what is shown when nobody says how many */
enum { LISTING_BYTES = 1 << 20 }; /* of which so much is shown at once, and one more */

#define LISTING_LOCAL "local"
#define LISTING_REMOTE "remote"

struct listing {
	const char *side, *action; /* "local", "remote"; "add", "update", "delete"; NULL: any */
	int64_t from, limit;       /* skips so many of these, shows so many */
	int64_t n;                 /* of these there have been */
	int64_t shown, bytes;      /* so many of them, of so much text: listing_weigh() */
	json *changes;
};

/* One more change; is it to be shown? */
bool listing_takes(struct listing *, const char *side, const char *action);
/* The one that was taken last has so much text: where LISTING_BYTES are reached the page ends. */
void listing_weigh(struct listing *, size_t bytes);
/* {"side", "action", "item", "fields"}; fields: [{"field", "before", "after"}] */
json *listing_change(
    struct arena *, const char *side, const char *action, const char *item, json *fields);
/* One field of them. */
json *listing_field(struct arena *, const char *name, json *before, json *after);
/* "changes"; "total": how many there are of these; "nextCursor": where the next ones begin. */
void listing_end(const struct listing *, struct arena *, json *out);

#endif
