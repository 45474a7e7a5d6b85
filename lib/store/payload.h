/*
 * payload.h - the values of a stored record, one by one, without parsing them: numbers stay as
 * they are written.
 */
#ifndef STORE_PAYLOAD_H
#define STORE_PAYLOAD_H

#include "base/buf.h"

struct payload {
	struct str text; /* a JSON array that we wrote */
	size_t at;
};

/* The next element's JSON text; false at the end. */
bool payload_next(struct payload *, struct str *value);
/* The value as it is for CSV and for people: the text of a string, nothing for null, the JSON
 * text of anything else. */
void payload_plain(struct buf *, struct str value);

#endif
