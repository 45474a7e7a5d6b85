/*
 * resolve.c - see resolve.h.
 */
#include "queue/resolve.h"

#include "queue/heed.h"
#include "queue/post.h"

struct resolving {
	const struct resolve *r;
	struct conflict *conflict;
	struct link link; /* id NULL: it went with its connection */
	const json *here;
	struct answered to;
};

static enum rc
resolve_load(struct ctx *cx, struct db *db, struct resolving *w)
{
	enum rc rc;

	TRY(conflict_get(cx, db, w->r->owner, w->r->conflict_id, w->conflict));
	rc = link_get(cx, db, w->r->owner, w->conflict->link_id, &w->link);
	if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
		return rc;
	if (rc != RC_OK) {
		cx->err = (struct err){ 0 };
		w->link = (struct link){ 0 };
	} else
		TRY(heed_link(cx, db, &w->link, w->r->now));
	return w->r->ops->get(cx, db, w->r, &w->conflict->object, &w->here);
}

static enum rc
resolve_decide(struct ctx *cx, struct resolving *w)
{
	const struct answer_in in = {
		.answer = &w->r->answer,
		.fields = json_stored(cx->a, w->conflict->fields),
		/* Without a link there is nothing to agree on any more: it ends here. */
		.base = w->link.id ? json_stored(cx->a, w->link.base) : w->here,
		.here = w->here,
	};

	answer_apply(cx->a, w->r->ops->rules, &in, &w->to);
	if (!w->to.entered || !w->to.value)
		return RC_OK;
	return w->r->ops->enter(cx, w->r, w->to.value, w->to.entered, &w->to.value);
}

static enum rc
resolve_row(struct ctx *cx, struct db *db, struct resolving *w)
{
	const struct answer *answer = &w->r->answer;
	struct conflict *c = w->conflict;
	json *said = json_new(cx->a);

	json_set_str(said, "choice", answer->pick ? pick_word(answer->pick) : "merge");
	if (!answer->pick)
		json_set(said, "fields", (json *)answer->fields);
	c->fields = json_text(cx->a, w->to.fields);
	c->kept = json_text(cx->a, w->to.kept);
	c->resolved_by = w->r->by;
	c->answer = json_text(cx->a, said);
	c->resolved_at = w->r->now;
	TRY(conflict_resolve(cx, db, c));
	c->state = CONFLICT_RESOLVED;
	return RC_OK;
}

static enum rc
resolve_write_here(struct ctx *cx, struct db *db, const struct resolving *w)
{
	const struct edit e = {
		.owner = w->r->owner,
		.object = w->conflict->object,
		.rules = w->r->ops->rules,
		.before = w->here,
		.after = w->to.value,
		.connection_id = w->conflict->connection_id,
		.actor = w->r->by,
		.reason = w->to.reason,
		.now = w->r->now,
	};

	return w->r->ops->write(cx, db, w->r, &e);
}

/* What has gone there is agreed to be gone: shown again, it is known by what it was. That it had
 * gone was known when it was asked about. */
static enum rc
resolve_gone(struct ctx *cx, struct db *db, const struct resolving *w)
{
	const struct change c = {
		.owner = w->r->owner,
		.object = w->link.object,
		.at = w->r->now,
		.edited_at = w->conflict->detected_at,
		.action = CHANGE_DELETED,
		.side = SIDE_THERE,
		.connection_id = w->link.connection_id,
		.before = w->link.base,
	};

	return w->link.base && !w->to.base ? change_insert(cx, db, &c) : RC_OK;
}

static enum rc
resolve_save(struct ctx *cx, struct db *db, struct resolving *w)
{
	struct link *l = &w->link;
	struct outbox o = {
		.owner = w->r->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = w->to.value ? OUTBOX_PUT : OUTBOX_DELETE,
	};

	if (!l->id)
		return RC_OK;
	TRY(resolve_gone(cx, db, w));
	edit_agree(cx->a, w->r->ops->rules, l, w->to.base ? json_text(cx->a, w->to.base) : NULL);
	l->etag = w->to.look ? NULL : l->etag;
	l->state = LINK_QUEUED;
	l->updated_at = w->r->now;
	TRY(link_save(cx, db, l));
	return post_put(cx, db, &o, w->r->now);
}

enum rc
resolve_conflict(struct ctx *cx, struct db *db, const struct resolve *r, struct conflict *out)
{
	struct resolving w = { .r = r, .conflict = out };

	TRY(resolve_load(cx, db, &w));
	TRY(resolve_decide(cx, &w));
	TRY(resolve_row(cx, db, &w));
	TRY(resolve_write_here(cx, db, &w));
	return resolve_save(cx, db, &w);
}
