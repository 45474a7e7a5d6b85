/*
 * dataset.h - the row of a dataset; data.h reads it.
 */
#ifndef STORE_DATASET_H
#define STORE_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEQ_SHIFT = 40 }; /* record.seq = dataset number << SEQ_SHIFT | change number */

struct dataset {
	int64_t no;
	const char *id, *connection_id, *owner, *remote_id, *name;
	const char *columns;  /* JSON: [{"name", "label", "type", "gone"?}] in payload order */
	const char *key_rule; /* JSON: {"kind": "columns"|"source"|"content", "columns": [names]} */
	/* JSON by name: what was found out about how it is read; "address" is that it is true of */
	const char *reading;
	const char *view_name; /* NULL: no view */
	int64_t replaced;      /* per cent of records that a run has replaced at most */
	bool repeats;          /* there are records whose key repeats that of another one */
	int64_t rows, next_seq, as_of, created_at;
	int64_t bytes;     /* of the keys and payloads of its rows */
	int64_t pruned;    /* seq of the newest change that the feed has forgotten; 0: none */
	int64_t pruned_at; /* when that change was made */
};

struct dataset_list {
	struct dataset *v;
	size_t n;
};

#endif
