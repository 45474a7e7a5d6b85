/*
 * undo_over.c - see undo.h: what a run has written over at its provider, or deleted there, without
 * changing anything here. Of what it has put back where somebody had deleted it nothing is taken
 * back: it may be that person's own.
 */
#include "agree/over.h"
#include "event/event.h"
#include "queue/outward.h"
#include "queue/undo.h"
#include "store/event.h"

struct undo_over {
	const struct change *change;
	const struct link *link;
	const json *base, *here; /* NULL: nothing */
	const json *over;
};

static bool
undo_over_is(struct arena *a, const struct undo_over *o, const json *value, enum over_side side)
{
	return over_is(a, &event_rules, value, o->over, side);
}

static void
undo_over_left(struct undo_item *it, const char *why)
{
	it->fate = UNDO_LEFT;
	it->why = why;
}

static void
undo_over_fields(struct arena *a, const struct undo_over *o, struct undo_item *it)
{
	/* Not sent yet, or taken back. */
	const bool before = o->base && undo_over_is(a, o, o->base, OVER_BEFORE);

	if (before && outward_kept(o->link))
		return;
	if (!o->base)
		undo_over_left(it, "It was deleted there since.");
	else if (!before && !undo_over_is(a, o, o->base, OVER_AFTER))
		undo_over_left(it, "It was changed since it was written there.");
	else if (o->here && !undo_over_is(a, o, o->here, OVER_AFTER) &&
	    !undo_over_is(a, o, o->here, OVER_BEFORE))
		undo_over_left(it,
		    "It was changed since it was written there, and that is still to go there.");
	else
		it->fate = UNDO_BACK;
	it->did = CHANGE_UPDATED;
	if (!o->base)
		return;
	it->now = json_text(a, o->base);
	it->before = json_text(a, over_put(a, o->base, o->over, OVER_BEFORE));
}

/* It is deleted there, or shall be. */
static void
undo_over_deleted(const struct undo_over *o, struct undo_item *it)
{
	if (o->here || !o->change->before || (o->base && outward_kept(o->link)))
		return;
	it->fate = UNDO_BACK;
	it->did = CHANGE_DELETED;
	it->before = o->change->before;
}

static void
undo_over_judge(struct arena *a, const struct undo_over *o, struct undo_item *it)
{
	if (!o->link->id || o->link->withdrawn)
		return;
	it->there = o->link;
	if (!strcmp(o->link->state, LINK_CONFLICT))
		undo_over_left(it, "Both sides were edited since, and Conflicts asks about it.");
	else if (over_what(o->over) == OVER_FIELDS)
		undo_over_fields(a, o, it);
	else if (over_what(o->over) == OVER_DELETED)
		undo_over_deleted(o, it);
	else if (o->base)
		undo_over_left(it,
		    "It had been deleted there, and the sync put it back. An undo deletes nothing "
		    "there that Tidemark has not made: delete it where it is.");
}

enum rc
undo_over(struct ctx *cx, struct db *db, const struct change *c, struct undo_item *out)
{
	struct link *l = arena_alloc(cx->a, sizeof *l);
	struct undo_over o = { .change = c, .link = l, .over = json_stored(cx->a, c->fields) };
	struct event_row e;

	*out = (struct undo_item){
		.object = c->object,
		.connection_id = c->connection_id,
		.over = o.over,
		.fate = UNDO_NONE,
	};
	if (!c->connection_id || strcmp(c->object.kind, OBJECT_EVENT))
		return RC_OK;
	TRY(link_of(cx, db, c->owner, c->connection_id, &c->object, l));
	TRY(event_try(cx, db, c->owner, c->object.key, &e));
	o.base = json_stored(cx->a, l->base);
	o.here = e.id && !e.deleted_at ? json_stored(cx->a, e.value) : NULL;
	undo_over_judge(cx->a, &o, out);
	out->title = undo_event_title(cx->a, out);
	return RC_OK;
}
