/*
 * payload.h - the values of a stored record, one by one, without parsing them: numbers stay as
 * they are written. And all of them by name.
 */
#ifndef STORE_PAYLOAD_H
#define STORE_PAYLOAD_H

#include "base/buf.h"
#include "base/json.h"

struct payload {
	struct str text; /* a JSON array that we wrote */
	size_t at;
};

/* The next element's JSON text; false at the end. */
bool payload_next(struct payload *, struct str *value);
/* The value as it is for CSV and for people: the text of a string, nothing for null, the JSON
 * text of anything else. */
void payload_plain(struct buf *, struct str value);
/* As an object, by the names of the columns; what is null is not in it. NULL: no payload. */
json *payload_fields(struct arena *, const json *columns, const char *payload);

#endif
