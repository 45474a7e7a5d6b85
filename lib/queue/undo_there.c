/*
 * undo_there.c - see undo.h: what a run has put to its provider of what was here before.
 */
#include "agree/merge.h"
#include "event/event.h"
#include "queue/leave.h"
#include "queue/undo.h"
#include "store/event.h"

/* The newest change of the twin at that connection; no 0: none is remembered. */
static enum rc
undo_there_last(struct ctx *cx, struct db *db, const struct link *l, struct change *out)
{
	enum { UNDO_THERE_LATEST = 50 };
	struct change_list list;

	*out = (struct change){ 0 };
	TRY(change_page(cx, db,
	    &(struct change_page){
		.owner = l->owner,
		.object = &l->object,
		.limit = UNDO_THERE_LATEST,
	    },
	    &list));
	for (size_t i = 0; i < list.n && !out->no; i++)
		if (!strcmp(list.v[i].side, SIDE_THERE) && list.v[i].connection_id &&
		    !strcmp(list.v[i].connection_id, l->connection_id))
			*out = list.v[i];
	return RC_OK;
}

/* Of one that is there: by what it is no more what was put there; NULL: by nothing. */
static enum rc
undo_there_since(struct ctx *cx, struct db *db, const struct link *l, const struct undo_item *it,
    const char **why)
{
	const json *base = json_stored(cx->a, l->base);
	struct change last;

	*why = NULL;
	if (!base)
		return RC_OK;
	TRY(undo_there_last(cx, db, l, &last));
	if (!merge_same(cx->a, &event_rules, base, json_stored(cx->a, it->now)))
		*why = "It was changed since it was written there, and that is still to go there.";
	else if (last.no && last.action != CHANGE_ADDED)
		*why = "It was changed since it was written there.";
	return RC_OK;
}

static enum rc
undo_there_judge(struct ctx *cx, struct db *db, const struct link *l, const struct event_row *e,
    struct undo_item *it)
{
	const bool gone = l->remote_id && !leave_ours(l);

	/* What is deleted here is not there, or goes by itself; what had been there stays. */
	if (!e->id || e->deleted_at || gone)
		return RC_OK;
	it->fate = UNDO_BACK;
	if (l->withdrawn) {
		it->did = CHANGE_DELETED;
		it->before = e->value;
		return RC_OK;
	}
	it->now = e->value;
	TRY(undo_there_since(cx, db, l, it, &it->why));
	it->fate = it->why ? UNDO_LEFT : UNDO_BACK;
	return RC_OK;
}

static enum rc
undo_there_add(
    struct ctx *cx, struct db *db, const struct undo *u, struct link *l, struct undo_page *out)
{
	struct undo_item *it = &out->v[out->n];
	struct event_row e;

	TRY(event_try(cx, db, u->owner, l->object.key, &e));
	*it = (struct undo_item){
		.object = l->object,
		.did = CHANGE_ADDED,
		.connection_id = l->connection_id,
		.there = l,
		.fate = UNDO_NONE,
	};
	TRY(undo_there_judge(cx, db, l, &e, it));
	if (it->fate == UNDO_NONE)
		return RC_OK;
	it->title = undo_event_title(cx->a, it);
	out->n++;
	return RC_OK;
}

enum rc
undo_page_there(
    struct ctx *cx, struct db *db, const struct undo *u, struct undo_at *at, struct undo_page *out)
{
	const struct link_run page = {
		.owner = u->owner,
		.after = at->link,
		.run_no = json_num(json_nth(u->runs, (size_t)at->run), "no", 0),
	};
	struct link_list list;

	TRY(link_list_run(cx, db, &page, &list));
	out->v = arena_array(cx->a, list.n + 1, sizeof *out->v);
	for (size_t i = 0; i < list.n; i++)
		TRY(undo_there_add(cx, db, u, &list.v[i], out));
	undo_at_link(at, list.next);
	if (list.next)
		return RC_OK;
	at->over = (size_t)++at->run >= json_len(u->runs);
	return RC_OK;
}
