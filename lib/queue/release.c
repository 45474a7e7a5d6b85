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

struct releasing {
	bool sends;                  /* what is done here may go there */
	int64_t deletions, replaced; /* so many wait for that */
	int64_t n, now;
};

/* No state of what is there is known. No history: neither side has changed, and no read is under
 * way that could be older than this. */
static enum rc
release_link(struct ctx *cx, struct db *db, struct releasing *w, struct link *l, const char *state)
{
	l->etag = NULL;
	l->state = state;
	l->error_code = l->error_detail = NULL;
	l->updated_at = w->now;
	w->n++;
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
	TRY(release_link(cx, db, w, l, LINK_QUEUED));
	TRY(post_put(cx, db, &o, w->now));
	w->deletions += o.harms && gone;
	w->replaced += o.harms && !gone;
	return RC_OK;
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
		return release_link(cx, db, w, l, LINK_SYNCED);
	return release_there(cx, db, w, l, !value);
}

/* What is here is what both agreed on. */
static enum rc
release_event(struct ctx *cx, struct db *db, struct releasing *w, struct link *l)
{
	struct event_row e;

	TRY(event_try(cx, db, l->owner, l->object.key, &e));
	if (!e.id || e.deleted_at)
		return RC_OK;
	l->base = e.value;
	return release_link(cx, db, w, l, LINK_SYNCED);
}

static enum rc
release_one(struct ctx *cx, struct db *db, struct releasing *w, struct link *l)
{
	const bool event = !strcmp(l->object.kind, OBJECT_EVENT);

	if (event && outward_was_asked(l))
		return release_asked(cx, db, w, l);
	if (!link_is_refused(l))
		return RC_OK;
	if (event)
		return release_event(cx, db, w, l);
	w->n++;
	return record_edit_over(cx, db, l);
}

static enum rc
release_list(struct ctx *cx, struct db *db, struct releasing *w, const struct link_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		TRY(release_one(cx, db, w, &list->v[i]));
	return RC_OK;
}

static enum rc
release_ask(struct ctx *cx, struct db *db, const struct releasing *w, const struct release_page *p)
{
	const struct outward_again again = {
		.owner = p->owner,
		.conn_id = p->conn_id,
		.deletions = w->deletions,
		.replaced = w->replaced,
		.more = p->more,
		.now = w->now,
	};

	return w->deletions + w->replaced ? outward_again(cx, db, &again) : RC_OK;
}

enum rc
release_kept(struct ctx *cx, struct db *db, struct release_page *p)
{
	struct link_page page = {
		.owner = p->owner,
		.connection_id = p->conn_id,
		.state = LINK_SKIPPED,
		.limit = p->limit,
	};
	struct releasing w = { .now = clock_ms() };
	struct link_list list;
	struct conn c;

	p->more = false;
	p->released = 0;
	TRY(conn_get(cx, db, p->owner, p->conn_id, &c));
	page.after = conn_kept_from(cx->a, &c);
	if (!page.after)
		return RC_OK;
	w.sends = !c.read_only && ways_of(json_stored(cx->a, c.config)).direction != WAYS_PULL;
	TRY(link_list_state(cx, db, &page, &list));
	TRY(release_list(cx, db, &w, &list));
	TRY(conn_set_kept_from(cx, db, &c, list.next));
	p->more = list.next != NULL;
	p->released = w.n;
	return release_ask(cx, db, &w, p);
}
