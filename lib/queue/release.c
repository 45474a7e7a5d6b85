/*
 * release.c - see release.h.
 */
#include "queue/release.h"

#include "base/clock.h"
#include "event/rules.h"
#include "kind/ways.h"
#include "queue/outward.h"
#include "queue/post.h"
#include "store/edit.h"
#include "store/event.h"

enum { RELEASE_PAGE = 200 };

struct releasing {
	bool sends; /* what is done here may go there */
	bool asks;  /* some of it waits for that */
	int64_t now;
};

/* No state of what is there is known. No history: neither side has changed, and no read is under
 * way that could be older than this. */
static enum rc
release_link(struct ctx *cx, struct db *db, struct link *l, const char *state, int64_t now)
{
	l->etag = NULL;
	l->state = state;
	l->error_code = l->error_detail = NULL;
	l->updated_at = now;
	return link_save(cx, db, l);
}

static enum rc
release_there(struct ctx *cx, struct db *db, struct releasing *w, struct link *l, bool gone)
{
	struct outbox o = {
		.owner = l->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = gone ? OUTBOX_DELETE : OUTBOX_PUT,
	};

	/* It could not be sent, and so cannot be asked about. */
	if (!w->sends)
		return RC_OK;
	w->asks = true;
	TRY(release_link(cx, db, l, LINK_QUEUED, w->now));
	return post_put(cx, db, &o, w->now);
}

/* What was kept there differs here from what both agreed on; what was kept here does not, for an
 * edit of it goes there again. */
static enum rc
release_asked(struct ctx *cx, struct db *db, struct releasing *w, struct link *l)
{
	const json *base = json_stored(cx->a, l->base), *value;
	struct event_row e;

	TRY(event_try(cx, db, l->owner, l->object.key, &e));
	value = e.id && !e.deleted_at ? json_stored(cx->a, e.value) : NULL;
	if (value && base && merge_same(cx->a, &event_rules, base, value))
		return release_link(cx, db, l, LINK_SYNCED, w->now);
	return release_there(cx, db, w, l, !value);
}

/* What is here is what both agreed on. */
static enum rc
release_event(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct event_row e;

	TRY(event_try(cx, db, l->owner, l->object.key, &e));
	if (!e.id || e.deleted_at)
		return RC_OK;
	l->base = e.value;
	return release_link(cx, db, l, LINK_SYNCED, now);
}

static enum rc
release_one(struct ctx *cx, struct db *db, struct releasing *w, struct link *l)
{
	const bool event = !strcmp(l->object.kind, OBJECT_EVENT);

	if (event && outward_was_asked(l))
		return release_asked(cx, db, w, l);
	if (!link_is_refused(l))
		return RC_OK;
	return event ? release_event(cx, db, l, w->now) : record_edit_over(cx, db, l);
}

enum rc
release_kept(struct ctx *cx, struct db *db, const struct conn *c)
{
	struct releasing w = {
		.sends = !c->read_only &&
		    ways_of(json_stored(cx->a, c->config)).direction != WAYS_PULL,
		.now = clock_ms(),
	};
	struct link_page page = {
		.owner = c->owner,
		.connection_id = c->id,
		.state = LINK_SKIPPED,
		.after = "",
		.limit = RELEASE_PAGE,
	};
	struct link_list list;

	do {
		TRY(link_list_state(cx, db, &page, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(release_one(cx, db, &w, &list.v[i]));
		page.after = list.next;
	} while (page.after);
	return w.asks ? outward_again(cx, db, c->owner, c->id, w.now) : RC_OK;
}
