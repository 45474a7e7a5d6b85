/*
 * header.h - single header values: dates, the Link header, what may be sent. Pure.
 */
#ifndef NET_HEADER_H
#define NET_HEADER_H

#include "base/err.h"

/* The target of the first link with rel="next" in a Link header (RFC 8288), as it stands; NULL:
 * none. */
const char *header_link_next(struct arena *, const char *value);
/* An HTTP date in any of the three forms of RFC 9110; false when it is none. */
bool header_date(const char *, int64_t *ms);
/* Was the body changed so shortly before it was sent that its validators may stay the same at
 * the next change? Files are stamped to the second. Every text may be NULL. */
bool header_is_fresh(const char *date, const char *last_modified, const char *etag, int64_t now_ms);
/* Can this be sent as a header: a token, and a text without control characters? */
bool header_ok(const char *name, const char *value);

#endif
