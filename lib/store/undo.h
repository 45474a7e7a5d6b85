/*
 * undo.h - what an undo (queue/undo.h) asks of the tables: the story of one object as far as it
 * tells whether something may be taken back, and records that a run has brought.
 */
#ifndef STORE_UNDO_H
#define STORE_UNDO_H

#include "db/db.h"
#include "store/object.h"

/* One change of an object here, after a number. */
struct undo_step {
	int64_t no, sync_no;
	const char *actor, *sync_id; /* NULL: none */
	const char *undoes;          /* the run that its run takes back; NULL: none */
};
struct undo_steps {
	struct undo_step *v;
	size_t n;
};
/* The newest first, at most UNDO_STEPS. */
enum { UNDO_STEPS = 200 };
MUST enum rc undo_since(struct ctx *, struct db *, const char *owner, const struct object *,
    int64_t after, struct undo_steps *out);

/* Records that a run has brought and that are there, in order of seq; from, until: exclusive. */
struct undo_added_page {
	int64_t from, until, sync_no, limit;
};
struct undo_added {
	int64_t seq;
	const char *key;
};
MUST enum rc undo_added(
    struct ctx *, struct db *, const struct undo_added_page *, struct undo_added **v, size_t *n);

/* The newest run that takes it back; *id NULL: none does. */
MUST enum rc
undo_by(struct ctx *, struct db *, const char *owner, const char *sync_id, const char **id);

#endif
