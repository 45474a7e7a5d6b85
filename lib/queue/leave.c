/*
 * leave.c - see leave.h.
 */
#include "queue/leave.h"

#include "base/clock.h"
#include "queue/channel.h"
#include "queue/doomed.h"
#include "queue/outward.h"
#include "queue/post.h"
#include "queue/profiles.h"
#include "store/conflict.h"
#include "store/removal.h"

enum { LEAVE_CONNS = 200 };

static const char *
leave_text(struct arena *a, const struct leave *l)
{
	json *o = json_new(a);

	json_set_str(o, "do", "exit");
	json_set_str(o, "by", l->by);
	json_set_bool(o, "data", l->data);
	return json_text(a, o);
}

bool
leave_read(struct arena *a, const struct run *run, struct leave *out)
{
	const json *o = json_stored(a, run->task);
	const char *word = json_str(o, "do");

	if (!word || strcmp(word, "exit"))
		return false;
	*out = (struct leave){
		.by = json_str(o, "by"),
		.data = json_flag(o, "data", false),
	};
	return true;
}

enum rc
leave_begin(struct ctx *cx, struct db *db, const struct conn *c, const struct leave *l,
    const char **sync_id)
{
	const struct run as = {
		.trigger = "exit",
		.task = leave_text(cx->a, l),
		.message = "Waiting to remove what was made there",
	};
	struct run active;

	TRY(run_active_task(cx, db, c->owner, c->id, &active));
	*sync_id = active.id;
	if (active.id && c->leaving)
		return fail(cx, E_RUNNING, LEAVING);
	TRY(sync_end(cx, db, c->owner, c->id));
	TRY(channel_end(cx, db, c));
	TRY(conn_leave(cx, db, c->owner, c->id, clock_ms()));
	return sync_task(cx, db, c, &as, sync_id);
}

enum rc
leave_all(struct ctx *cx, struct db *db, const char *owner, const struct leave *l)
{
	struct conn_list list = { .next = "" };
	const char *sync_id;

	do {
		TRY(conn_list(cx, db, owner, list.next, LEAVE_CONNS, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(leave_begin(cx, db, &list.v[i], l, &sync_id));
	} while (list.next);
	return RC_OK;
}

bool
leave_ours(const struct link *l)
{
	return l->ours || (!l->remote_id && l->sent);
}

bool
leave_there(const struct link *l)
{
	return leave_ours(l) && (l->base || (l->sent && !l->withdrawn));
}

static enum rc
leave_conflict(struct ctx *cx, struct db *db, const struct link *l, int64_t now)
{
	struct conflict open;

	if (strcmp(l->state, LINK_CONFLICT))
		return RC_OK;
	TRY(conflict_of_link(cx, db, l->owner, l->id, &open));
	open.resolved_by = "disconnected";
	open.resolved_at = now;
	return open.id ? conflict_resolve(cx, db, &open) : RC_OK;
}

/* What waits for an answer, or has failed, is not sent any more. */
static enum rc
leave_drop(struct ctx *cx, struct db *db, const struct link *l, const char *state)
{
	struct outbox open;

	TRY(outbox_of_link(cx, db, l->owner, l->id, &open));
	if (!open.id || (state && strcmp(open.state, state)))
		return RC_OK;
	if (!strcmp(open.state, OUTBOX_SENDING) || !strcmp(open.state, OUTBOX_UNSURE))
		return RC_OK;
	return outbox_drop(cx, db, &open);
}

static enum rc
leave_delete(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct outbox o = {
		.owner = l->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = OUTBOX_DELETE,
	};

	l->state = LINK_QUEUED;
	TRY(link_save(cx, db, l));
	TRY(post_put(cx, db, &o, now));
	TRY(outbox_allow_one(cx, db, &o));
	return strcmp(o.state, OUTBOX_HELD) ? RC_OK : outbox_hurry(cx, db, l->owner, o.id, now);
}

enum rc
leave_withdraw(struct ctx *cx, struct db *db, struct link *l, int64_t run_no, int64_t now)
{
	TRY(leave_conflict(cx, db, l, now));
	l->withdrawn = true;
	l->back = NULL;
	l->run_no = run_no;
	l->error_code = l->error_detail = NULL;
	l->updated_at = now;
	if (leave_ours(l))
		return leave_delete(cx, db, l, now);
	/* It was never made. */
	TRY(leave_drop(cx, db, l, NULL));
	return link_skip(
	    cx, db, l, LINK_WITHDRAWN, "It was not written there; here it stays.", now);
}

static enum rc
leave_link(struct ctx *cx, struct db *db, struct link *l, int64_t *n, int64_t now)
{
	if (l->withdrawn && strcmp(l->state, LINK_FAILED) && !l->run_no)
		return RC_OK;
	if (l->remote_id && !leave_ours(l)) {
		TRY(leave_drop(cx, db, l, OUTBOX_HELD));
		return leave_drop(cx, db, l, OUTBOX_FAILED);
	}
	*n += leave_there(l);
	return leave_withdraw(cx, db, l, 0, now);
}

enum rc
leave_page(struct ctx *cx, struct db *db, const struct conn *c, const char **after, int64_t *n,
    int64_t now)
{
	struct link_list list;

	TRY(link_list_all(cx, db, c->owner, c->id, *after, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(leave_link(cx, db, &list.v[i], n, now));
	*after = list.next;
	return RC_OK;
}

enum rc
leave_end(struct ctx *cx, struct db *db, const struct conn *c, bool data, int64_t now)
{
	TRY(sync_end(cx, db, c->owner, c->id));
	TRY(channel_end(cx, db, c));
	TRY(link_drop_withdrawn(cx, db, c->owner, c->id));
	TRY(outward_gone(cx, db, c->owner, c->id, now));
	TRY(conn_remove(cx, db, c->owner, c->id, now));
	TRY(profiles_ask(cx, db, c->owner, now));
	if (!data)
		return RC_OK;
	TRY(removal_doom(cx, db, c->owner, c->id, now));
	return doomed_ask(cx, db, c->owner, now);
}
