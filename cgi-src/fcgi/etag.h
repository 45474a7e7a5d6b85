/*
 * etag.h - entity tags (RFC 9110, 8.8.3): what a client has, against what is there now. A tag is
 * "hash", and of what has revisions "revision-hash": the hash says whether the reply is the same,
 * the revision whether anybody has changed what it shows.
 */
#ifndef FCGI_ETAG_H
#define FCGI_ETAG_H

#include "web/req.h"

/* Of a reply to a GET, by its body and w->rev; 304 when If-None-Match says that the client has it.
 */
void etag_answer(struct req *, struct resp *);
/* Of a reply that shows a revision after a write. */
void etag_revision(struct req *, struct resp *, int64_t rev);
/* If-Match, before a write: *held is rev, when that is what the client wants it to be still; 0: any
 * will do. E_STALE: it wants another. */
MUST enum rc etag_match(struct req *, int64_t rev, int64_t *held);

#endif
