/*
 * data.h - datasets and their records, as the interface and the pages read them.
 */
#ifndef STORE_DATA_H
#define STORE_DATA_H

#include "base/json.h"
#include "db/db.h"
#include "store/dataset.h"

struct record {
	int64_t seq;
	const char *key;
	struct str payload;                   /* JSON array by column */
	int64_t first_seen, changed, deleted; /* deleted 0: present */
	int action;                           /* 0 added, 1 updated, 2 deleted */
	int64_t sync_no;
	int64_t first_sync; /* the run that brought it; 0: made here; -1: not written down */
	int64_t rev;        /* how often it was written */
};

struct record_list {
	struct record *v;
	size_t n;
	int64_t next; /* seq to go on after, 0: that was all */
};

const char *record_action_name(int); /* "ADDED" "UPDATED" "DELETED" */

/* What was found out about how a dataset is read, without what tells nobody anything: a digest of
 * its address, who of its people cannot be reached. The same object. */
json *dataset_reading_shown(json *reading);
/* One that was cleared and not read again yet is there, and empty. */
MUST enum rc
dataset_get(struct ctx *, struct db *, const char *owner, const char *id, struct dataset *out);
MUST enum rc dataset_list(
    struct ctx *, struct db *, const char *owner, const char *conn_id, struct dataset_list *out);
struct record_page {
	int64_t after; /* seq; 0: from the start */
	int64_t since; /* changed at or after it, ms; 0: all */
	bool deleted_too;
	int64_t limit;
	/* It ends as well before more than so many bytes, `each` counted for every record beside
	 * what it holds; one record is always read. 0: RECORD_BYTES. */
	int64_t bytes, each;
};
enum { RECORD_BYTES = 8 * 1024 * 1024 };
/* In order of change. Reads one page; strings are cx->a's. */
MUST enum rc record_page(struct ctx *, struct db *, const char *owner, const struct dataset *,
    const struct record_page *, struct record_list *out);
MUST enum rc record_get(struct ctx *, struct db *, const char *owner, const struct dataset *,
    const char *key, struct record *out);

/* The number of the next dataset that is made: its records lie behind it. In the caller's write. */
MUST enum rc dataset_number(struct ctx *, struct db *, int64_t *no);

struct record_change {
	int64_t no; /* 0: of an appearance that was not written down */
	int64_t at;
	int action;
	const char *sync_id, *trigger; /* NULL: no run did it, or it is forgotten */
	const char *actor;             /* who edited it here; NULL: a run */
	const char *reason;            /* a sentence; NULL: none is needed */
	const char *before;            /* payload before, JSON array, or NULL (added, there) */
	bool there;                    /* nothing here: a run has done it at the source */
};
struct record_changes {
	struct record_change *v;
	size_t n;
	const char *after; /* what the record was behind the first of them */
	int64_t next;      /* no of the last of them, to go on behind; 0: that was all */
};
struct history_page {
	const char *key;
	int64_t from;  /* behind the change of this number; 0: from the newest on */
	int64_t limit; /* 0: HISTORY_MAX */
	int64_t bytes; /* of what was before; one change is always read; 0: HISTORY_BYTES */
};
enum { HISTORY_MAX = 1000, HISTORY_BYTES = 2 * 1024 * 1024 };
/* Newest first; at the end stands the first appearance. */
MUST enum rc record_history(struct ctx *, struct db *, const char *owner, const struct dataset *,
    const struct history_page *, struct record_changes *out);

#endif
