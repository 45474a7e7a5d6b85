/*
 * decided.h - one item of a plan, decided again under the write lock, because its record is not as
 * it was when the plan was made, or was edited here before.
 *
 * Three versions are brought together (agree/decide.h, "pull"): the base, which is what the source
 * said last; the record; and what the source says now. What was edited here stays, also against a
 * deletion; what the source changed beside it is taken over. What loses is kept as a conflict, and
 * the history says why. From then on the base is what the source says now.
 */
#ifndef SYNC_READ_DECIDED_H
#define SYNC_READ_DECIDED_H

#include "sync/read/save.h"

/* A record as it is under the lock. */
struct decided_row {
	bool found, deleted;
	int64_t seq, rev, sync_no, origin;
	int64_t changed; /* ms */
	const char *payload;
};

/* In the caller's write, of a record that was written as often as its rev says: when it changes
 * often, the oldest of what runs did to it goes (TIDEMARK_KEEP_CHANGES). */
MUST enum rc
decided_cap(struct ctx *, struct apply *, const struct apply_set *, struct str key, int64_t rev);
MUST enum rc decided_find(struct ctx *, const struct apply *, const struct apply_set *,
    struct str key, struct decided_row *out);
/* The record holds that from now on, which whoever follows the feed is told. It is no change that
 * is counted, nor one of its history, where what we have done there stands already. In the caller's
 * write. */
MUST enum rc decided_seen(struct ctx *, struct apply *, struct apply_set *,
    const struct decided_row *, struct str payload);
/* row: found. In the caller's write. */
MUST enum rc decided_apply(struct ctx *, struct apply *, struct apply_set *,
    const struct plan_item *, const struct decided_row *);

/* The same of one whose values are refused, as a person has said: the record stays as it is until
 * the source says something else of it. */
MUST enum rc decided_refuse(struct ctx *, struct apply *, struct apply_set *,
    const struct plan_item *, const struct decided_row *);

#endif
