/*
 * release.c - see release.h.
 */
#include "queue/release.h"

#include "base/clock.h"
#include "store/edit.h"
#include "store/event.h"

enum { RELEASE_PAGE = 200 };

/* What is here is what both agreed on, and no state of what is there is known. No history: neither
 * side has changed, and no read is under way that could be older than this. */
static enum rc
release_event(struct ctx *cx, struct db *db, struct link *l)
{
	struct event_row e;

	TRY(event_try(cx, db, l->owner, l->object.key, &e));
	if (!e.id || e.deleted_at)
		return RC_OK;
	l->base = e.value;
	l->etag = NULL;
	l->state = LINK_SYNCED;
	l->error_code = l->error_detail = NULL;
	l->updated_at = clock_ms();
	return link_save(cx, db, l);
}

static enum rc
release_one(struct ctx *cx, struct db *db, struct link *l)
{
	if (!link_is_refused(l))
		return RC_OK;
	return strcmp(l->object.kind, OBJECT_RECORD) ? release_event(cx, db, l)
						     : record_edit_over(cx, db, l);
}

enum rc
release_refused(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	struct link_page page = {
		.owner = owner,
		.connection_id = conn_id,
		.state = LINK_SKIPPED,
		.after = "",
		.limit = RELEASE_PAGE,
	};
	struct link_list list;

	do {
		TRY(link_list_state(cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(release_one(cx, db, &list.v[i]));
		page.after = list.next;
	} while (page.after);
	return RC_OK;
}
