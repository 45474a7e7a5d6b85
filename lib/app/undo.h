/*
 * undo.h - taking back what a sync has done, or the last change of one record or event
 * (queue/undo.h). It is a run of its own, *sync_id, which can be taken back like others.
 */
#ifndef APP_UNDO_H
#define APP_UNDO_H

#include "app/caller.h"
#include "queue/undo.h"

/* E_STATE: there is nothing to take back, or the sync goes on; E_RUNNING: another run of the
 * connection is active, *sync_id. */
MUST enum rc undo_sync(
    struct ctx *, struct db *, const struct caller *, const char *run_id, const char **sync_id);
MUST enum rc undo_one_record(struct ctx *, struct db *, const struct caller *,
    const char *dataset_id, const char *key, const char **sync_id);
/* *sync_id NULL: it has no connection, and was taken back at once. */
MUST enum rc undo_one_event(
    struct ctx *, struct db *, const struct caller *, const char *id, const char **sync_id);

/* What undo_one_record() and undo_one_event() would take back: nothing is written. E_STATE:
 * nothing, with the reason. Of a record that shows an event it is the event. */
MUST enum rc undo_look_record(struct ctx *, struct db *, const char *owner, const char *dataset_id,
    const char *key, struct undo_item *out);
MUST enum rc undo_look_event(
    struct ctx *, struct db *, const char *owner, const char *id, struct undo_item *out);

/* What undo_sync() would do, the newest change first: nothing is written. */
struct undo_view {
	struct undo_item *v; /* at most UNDO_SHOWN, and not many more bytes than UNDO_SHOWN_BYTES */
	size_t n;
	int64_t bytes;
	int64_t back, left; /* how many, as far as it was counted */
	bool more;          /* there are more than were counted */
};
enum { UNDO_SHOWN = 200, UNDO_SHOWN_BYTES = 1024 * 1024, UNDO_COUNTED = 20000 };
MUST enum rc
undo_look(struct ctx *, struct db *, const char *owner, const char *run_id, struct undo_view *out);

#endif
