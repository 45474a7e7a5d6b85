/*
 * plan.h - what one run is going to do to the records, written down before anything is done.
 *
 * A binary file of operations in the spool directory, and a JSON summary (plan.json) with
 * datasets, counts, warnings and skips. Being complete before the first write, it is what the
 * guard judges, what a preview shows, and what a resumed run goes on with.
 */
#ifndef SYNC_READ_PLAN_H
#define SYNC_READ_PLAN_H

#include "base/buf.h"
#include "sync/read/spool.h"

enum plan_op {
	PLAN_DATASET = 1, /* from here on: dataset number seq of plan.json's list (from 0) */
	PLAN_ADD,         /* key, payload */
	PLAN_UPDATE,      /* seq, key, payload */
	PLAN_REVIVE,      /* seq of the deleted record, key, payload */
	PLAN_DELETE,      /* seq, key; in payload the reason that the source gave, if any */
	PLAN_BACK,        /* seq, key: a record that was kept is in the source again */
	PLAN_REPLACE,     /* as PLAN_UPDATE, of one that hardly anything is left of */
	PLAN_ECHO         /* as PLAN_UPDATE, of one that differs only by what we did there */
};

struct plan_item {
	enum plan_op op;
	int64_t seq;
	/* of the record, when this was decided: on another one it is decided again. 0: on any */
	int64_t rev;
	struct str key, payload;
	/* Of a deletion, not written down: it was edited here and so does not go. */
	bool edited;
};

static inline bool
plan_updates(enum plan_op op)
{
	return op == PLAN_UPDATE || op == PLAN_REPLACE;
}

struct plan_writer;
struct plan_reader;

MUST enum rc plan_create(struct ctx *, const struct spool *, struct plan_writer **out);
MUST enum rc plan_add(struct ctx *, struct plan_writer *, const struct plan_item *);
/* Flushes; *bytes is the length of the file and *items the number of operations that change a
 * record. */
MUST enum rc plan_finish(struct ctx *, struct plan_writer *, int64_t *bytes, int64_t *items);

/* E_DISK_FULL where what is planned would not find room in the database, where it takes about twice
 * as much: said before anything is done. */
MUST enum rc plan_room(struct ctx *, const struct spool *);

/* Opens at a byte offset that plan_next() has returned before (or 0). */
MUST enum rc
plan_open(struct ctx *, const struct spool *, int64_t offset, struct plan_reader **out);
/* Goes on from an offset that plan_next() has returned, or 0. */
MUST enum rc plan_seek(struct ctx *, struct plan_reader *, int64_t offset);
/* *more false at the end. Strings are borrowed until the next call. *offset: after this item. A
 * damaged file is E_UNAVAILABLE. */
MUST enum rc
plan_next(struct ctx *, struct plan_reader *, bool *more, struct plan_item *, int64_t *offset);

#endif
