/*
 * contract.h - how a kind is written: the half of provider.h that is not there yet. When it is,
 * this file goes and provider/provider.h is included instead.
 */
#ifndef SYNC_WRITE_CONTRACT_H
#define SYNC_WRITE_CONTRACT_H

#include "provider/provider.h"

/* One change that goes out to a source. All of it is borrowed. */
struct push {
	/* Of this push for good, however often it is tried: where the service takes a key that
	 * makes a repetition harmless, it is made from this. */
	const char *id;
	const char *dataset; /* its remote_id */
	const char *key;     /* the source's own; NULL: a new record */
	/* of the record when the push was decided; NULL: none is known. Sent as a condition
	 * where the service has one */
	const char *etag;
	/* what the record shall be, member by member; NULL: it shall be gone. Members that are
	 * not there stay as they are */
	const json *values;
	/* `values` is all that the record shall have, and one that is gone is brought back; false:
	 * one that is gone stays gone (RC_NOTFOUND) */
	bool whole;
};

/* What the source has after a push, or has now. Allocated from cx->a. */
struct pushed {
	/* the source's own; NULL: there is no such record. With values NULL: there was one */
	const char *key;
	const char *etag; /* NULL: the source has none */
	json *values;     /* the whole record; NULL: gone, or not said */
};

/* How a kind is written; send NULL: it is read only. Both use the network. */
struct writer {
	/* Makes one change. RC_OK: the source has it, and `out` says what it has now. RC_CONFLICT:
	 * the source is no longer as `etag` says; nothing was done. RC_UNSURE: it was sent and
	 * no answer came, so it may have been done; look() tells, and until it has told nothing
	 * is sent again. Every other failure: nothing was done. Called again with the same `id`
	 * after a failure; may do at most one repetition by itself, when nothing can have
	 * left. */
	MUST enum rc (*send)(
	    struct ctx *, const struct source *, const struct push *, struct pushed *out);
	/* What the source has under the key of the push; for one that makes a record, whether
	 * there is one with its `id`. A record that is not there is RC_OK with key NULL. */
	MUST enum rc (*look)(
	    struct ctx *, const struct source *, const struct push *, struct pushed *out);
};

#endif
