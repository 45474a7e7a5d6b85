/*
 * catch_up.c - see catch_up.h.
 */
#include "sync/write/catch_up.h"

#include "agree/over.h"
#include "base/clock.h"
#include "queue/post.h"
#include "sync/write/meet.h"

enum { CATCH_PAGE = 100 };

static enum rc
catch_up_one(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l, bool *behind)
{
	struct outbox o = {
		.owner = l->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = OUTBOX_PUT,
		.allowed = t->allowed,
	};
	const json *base = meet_base(cx->a, l);
	struct here here;

	TRY(t->ops->get(cx, db, t, l->object.key, &here));
	/* Without a base it is gone there, which was not to be followed or not to be mended. */
	*behind = here.value && !l->withdrawn && !l->back &&
	    (!base || !merge_same(cx->a, t->rules, base, here.value));
	if (!*behind)
		return RC_OK;
	TRY(meet_record(cx, db, t, l,
	    &(struct told){
		.after = l->base,
		.over = over_all(cx->a, t->rules, base, here.value),
	    }));
	l->state = LINK_QUEUED;
	l->updated_at = clock_ms();
	TRY(link_save(cx, db, l));
	return post_put(cx, db, &o, l->updated_at);
}

enum rc
catch_up(struct ctx *cx, struct db *db, const struct twoway *t, struct catching_up *at)
{
	const struct link_page page = {
		.owner = t->owner,
		.connection_id = t->connection_id,
		.state = LINK_SYNCED,
		.after = at->after,
		.limit = CATCH_PAGE,
	};
	struct link_list list;
	bool behind;

	TRY(link_list_state(cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(catch_up_one(cx, db, t, &list.v[i], &behind));
		at->queued += behind;
	}
	at->after = list.next;
	return RC_OK;
}
