/*
 * edit.c - see edit.h.
 */
#include "queue/edit.h"

#include "queue/heed.h"
#include "queue/outward.h"
#include "queue/post.h"

const char *
edit_names(struct arena *a, const struct field_list *fields)
{
	json *names = json_list(a);

	for (size_t i = 0; i < fields->n; i++)
		json_add_str(names, fields->v[i]);
	return json_text(a, names);
}

const char *
edit_along(struct arena *a, const struct merge_rules *rules, const char *sent, const char *was,
    const char *base)
{
	const json *values = json_stored(a, sent);

	if (!values || (was && base && !strcmp(was, base)))
		return sent;
	return json_text(
	    a, echo_along(a, rules, values, json_stored(a, was), json_stored(a, base)));
}

void
edit_agree(struct arena *a, const struct merge_rules *rules, struct link *l, const char *base)
{
	l->sent = edit_along(a, rules, l->sent, l->base, base);
	l->base = base;
}

/* Of those that differ, as JSON; NULL: all. */
static const char *
edit_fields(struct arena *a, const struct edit *e)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in in = {
		.base = e->before,
		.local = e->after,
		.remote = e->before,
		.policy = &facts,
	};
	struct merged m;

	if (!e->before || !e->after)
		return NULL;
	merge(a, e->rules, &in, &m);
	return edit_names(a, &m.to_remote);
}

static enum rc
edit_queue(struct ctx *cx, struct db *db, const struct edit *e, struct link *l)
{
	struct outbox o = {
		.owner = e->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = e->after ? OUTBOX_PUT : OUTBOX_DELETE,
		.fields = edit_fields(cx->a, e),
	};

	TRY(post_put(cx, db, &o, e->now));
	if (!strcmp(l->state, LINK_CONFLICT))
		return RC_OK;
	if (outward_resumes(l))
		l->error_code = l->error_detail = NULL;
	l->state = LINK_QUEUED;
	l->back = NULL;
	l->updated_at = e->now;
	return link_save(cx, db, l);
}

/* What waits for it is no more, unless it is being sent. */
static enum rc
edit_drop(struct ctx *cx, struct db *db, const struct link *l)
{
	struct outbox open;

	TRY(outbox_of_link(cx, db, l->owner, l->id, &open));
	if (!open.id || !strcmp(open.state, OUTBOX_SENDING) || !strcmp(open.state, OUTBOX_UNSURE))
		return RC_OK;
	return outbox_drop(cx, db, &open);
}

/* Somebody else's, there: kept when it goes here, and asked about when it is another one. */
static enum rc
edit_spare(struct ctx *cx, struct db *db, const struct edit *e, struct link *l)
{
	struct outbox open;

	if (!e->after) {
		TRY(edit_drop(cx, db, l));
		return link_skip(cx, db, l, OUTWARD_LEFT,
		    "It was taken back here; what is there was kept.", e->now);
	}
	/* What was there is being put back: the next edit here is sent. */
	if (!e->question || l->back)
		return RC_OK;
	TRY(edit_queue(cx, db, e, l));
	TRY(outbox_of_link(cx, db, l->owner, l->id, &open));
	return open.id ? outbox_hold_one(cx, db, &open, e->question, e->now) : RC_OK;
}

/* What was held of it is what both sides have again. */
static enum rc
edit_agreed(struct ctx *cx, struct db *db, const struct edit *e, struct link *l, bool *agreed)
{
	const json *base = json_stored(cx->a, l->base);
	struct outbox open;

	*agreed = false;
	if (!base || !e->after || l->sent || strcmp(l->state, LINK_QUEUED) ||
	    !merge_same(cx->a, e->rules, base, e->after))
		return RC_OK;
	TRY(outbox_of_link(cx, db, l->owner, l->id, &open));
	if (!open.id || strcmp(open.state, OUTBOX_HELD))
		return RC_OK;
	*agreed = true;
	l->state = LINK_SYNCED;
	l->updated_at = e->now;
	TRY(outbox_drop(cx, db, &open));
	return link_save(cx, db, l);
}

static enum rc
edit_record(struct ctx *cx, struct db *db, const struct edit *e)
{
	const struct change c = {
		.owner = e->owner,
		.object = e->object,
		.at = e->now,
		.edited_at = e->edited_at < e->now ? e->edited_at : 0,
		.action = change_action(e->before != NULL, e->after != NULL),
		.side = SIDE_HERE,
		.sync_no = e->sync_no,
		.actor = e->actor,
		.connection_id = e->connection_id,
		.reason = e->reason,
		.before = e->before ? json_text(cx->a, e->before) : NULL,
	};

	return change_insert(cx, db, &c);
}

/* To the twin, but for one where it came from. */
static enum rc
edit_goes(struct ctx *cx, struct db *db, const struct edit *e, struct link *l)
{
	const bool spares = e->spared && !strcmp(l->connection_id, e->spared);

	if (!spares && e->connection_id && !e->back && !strcmp(l->connection_id, e->connection_id))
		return RC_OK;
	TRY(heed_link(cx, db, l, e->now));
	return spares ? edit_spare(cx, db, e, l) : edit_queue(cx, db, e, l);
}

enum rc
edit_tell(struct ctx *cx, struct db *db, const struct edit *e)
{
	struct link_list links;

	TRY(edit_record(cx, db, e));
	if (e->fresh)
		return RC_OK;
	TRY(link_list(cx, db, e->owner, &e->object, &links));
	for (size_t i = 0; i < links.n; i++) {
		struct link *l = &links.v[i];
		bool agreed;

		if (l->withdrawn || (!strcmp(l->state, LINK_SKIPPED) && !outward_resumes(l)))
			continue;
		TRY(edit_agreed(cx, db, e, l, &agreed));
		if (agreed)
			continue;
		TRY(edit_goes(cx, db, e, l));
	}
	return RC_OK;
}

enum rc
edit_link(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct outbox o = { .owner = l->owner, .op = OUTBOX_PUT };

	l->state = LINK_QUEUED;
	l->created_at = now;
	TRY(link_insert(cx, db, l));
	o.link_id = l->id;
	o.connection_id = l->connection_id;
	return post_put(cx, db, &o, now);
}
