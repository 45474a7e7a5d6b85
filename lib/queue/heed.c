/*
 * heed.c - see heed.h.
 */
#include "queue/heed.h"

#include "base/clock.h"
#include "base/step.h"
#include "queue/lane.h"
#include "queue/post.h"
#include "store/run.h"

static enum rc
heed_lane(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	const char *id = arena_printf(cx->a, "%s%s", LANE_ID_ANSWER, owner);

	return lane_hurry(cx, db, LANE_ANSWER, owner, id, now);
}

/* It is not sent, now or later: only a new edit of the object is. */
static enum rc
heed_keep(struct ctx *cx, struct db *db, struct link *l, const struct outbox *o, int64_t now)
{
	const char *detail = strcmp(o->op, OUTBOX_DELETE)
	    ? "What is there was kept as it is; the next edit here is sent again."
	    : "It was deleted here; what is there was kept.";

	TRY(link_skip(cx, db, l, LINK_KEPT, detail, now));
	return outbox_drop(cx, db, o);
}

static enum rc
heed_keep_all(struct ctx *cx, struct db *db, const struct outbox_list *list, int64_t now)
{
	struct link l;

	for (size_t i = 0; i < list->n; i++) {
		TRY(link_get(cx, db, list->v[i].owner, list->v[i].link_id, &l));
		TRY(heed_keep(cx, db, &l, &list->v[i], now));
	}
	return RC_OK;
}

static enum rc
heed_send_all(struct ctx *cx, struct db *db, const struct ruling *r, const struct outbox_list *list,
    int64_t now)
{
	const struct outbox *before = NULL;

	if (list->n)
		TRY(outbox_free(cx, db, r->owner, r->question, list->v[list->n - 1].id, now));
	for (size_t i = 0; i < list->n; i++) {
		const struct outbox *o = &list->v[i];

		if (!before || strcmp(before->connection_id, o->connection_id))
			TRY(post_hurry(cx, db, o->owner, o->connection_id, now));
		before = o;
	}
	return RC_OK;
}

static enum rc
heed_list(struct ctx *cx, struct db *db, const struct ruling *r, struct outbox_list *list)
{
	const struct outbox_asked page = {
		.owner = r->owner,
		.question = r->question,
		.after = "",
		.limit = step_page(HEED_PAGE),
	};
	return outbox_of_question(cx, db, &page, list);
}

static enum rc
heed_some(struct ctx *cx, struct db *db, const struct ruling *r, struct heed_page *p, int64_t now)
{
	struct outbox_list list;
	struct run says = { .id = r->question, .owner = r->owner, .message = r->said };

	TRY(heed_list(cx, db, r, &list));
	TRY(r->keep ? heed_keep_all(cx, db, &list, now) : heed_send_all(cx, db, r, &list, now));
	p->n = (int64_t)list.n;
	p->more = list.next != NULL;
	TRY(p->more ? ruling_more(cx, db, r, p->n) : ruling_over(cx, db, r));
	if (p->more)
		says.message = arena_printf(cx->a, "%s This is being carried out: %lld so far.",
		    r->said, (long long)(r->done + p->n));
	return run_says(cx, db, &says, now);
}

enum rc
heed_note(struct ctx *cx, struct db *db, const struct ruling *r, int64_t now)
{
	struct heed_page p = { .owner = r->owner };
	struct outbox_list list;

	TRY(ruling_put(cx, db, r, now));
	TRY(heed_list(cx, db, r, &list));
	if (list.next)
		return heed_lane(cx, db, r->owner, now);
	return heed_some(cx, db, r, &p, now);
}

enum rc
heed_page(struct ctx *cx, struct db *db, struct heed_page *p)
{
	struct ruling r;

	p->n = 0;
	p->more = false;
	TRY(ruling_next(cx, db, p->owner, &r));
	if (!r.question)
		return RC_OK;
	TRY(heed_some(cx, db, &r, p, clock_ms()));
	if (p->more)
		return RC_OK;
	TRY(ruling_next(cx, db, p->owner, &r));
	p->more = r.question != NULL;
	return RC_OK;
}

enum rc
heed_link(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct ruling r;
	struct outbox o;

	TRY(ruling_of_link(cx, db, l->owner, l->id, &r));
	if (!r.question)
		return RC_OK;
	TRY(outbox_of_link(cx, db, l->owner, l->id, &o));
	if (r.keep)
		return heed_keep(cx, db, l, &o, now);
	TRY(outbox_hurry(cx, db, o.owner, o.id, now));
	return post_hurry(cx, db, o.owner, o.connection_id, now);
}
