/*
 * undo_do.c - see undo.h: taking one thing back, which is an edit like others.
 */
#include "queue/undo.h"

#include "agree/over.h"
#include "kind/ways.h"
#include "queue/event_edit.h"
#include "queue/leave.h"
#include "queue/post.h"
#include "store/data.h"
#include "store/edit.h"

static const char *
undo_reason(struct arena *a, const struct undo *u)
{
	if (!u->at)
		return "The last change of it was taken back.";
	return arena_printf(
	    a, "What the sync of %.10s %.5s UTC had done was taken back.", u->at, u->at + 11);
}

static enum rc
undo_record(struct ctx *cx, struct db *db, const struct undo *u, const struct run *sync,
    const struct undo_item *it)
{
	struct record_edit e = {
		.dataset = it->dataset,
		.actor = u->by,
		.sync_no = sync ? sync->no : 0,
		.reason = undo_reason(cx->a, u),
		.key = it->object.key,
		.yields = true,
	};

	if (it->before)
		e.payload = str_c(it->before);
	return record_edit(cx, db, u->owner, &e);
}

/* Whether what follows is asked about where it came from: not where nothing is written, and there
 * is nobody to answer where that was disconnected. */
static enum rc
undo_asks(struct ctx *cx, struct db *db, const struct undo *u, const char *from, bool *asks)
{
	struct conn c;
	enum rc rc = conn_get(cx, db, u->owner, from, &c);

	if (rc != RC_OK && cx->err.kind != E_NOT_FOUND)
		return rc;
	*asks = rc == RC_OK && ways_of(json_stored(cx->a, c.config)).direction != WAYS_PULL;
	cx->err = (struct err){ 0 };
	return RC_OK;
}

static enum rc
undo_event(struct ctx *cx, struct db *db, const struct undo *u, const struct run *sync,
    const struct undo_item *it, int64_t now)
{
	struct edit e = {
		.owner = u->owner,
		.before = json_stored(cx->a, it->now),
		.after = json_stored(cx->a, it->before),
		.sync_no = sync ? sync->no : 0,
		.actor = u->by,
		.reason = undo_reason(cx->a, u),
		.spared = it->connection_id,
		.now = now,
	};
	struct event_row row;
	bool asks = false;

	TRY(event_try(cx, db, u->owner, it->object.key, &row));
	/* Its tombstone was forgotten: it comes back all the same. */
	if (!row.id)
		row = (struct event_row){ .id = it->object.key, .owner = u->owner };
	if (e.spared && sync)
		TRY(undo_asks(cx, db, u, e.spared, &asks));
	e.question = asks ? sync->id : NULL;
	return event_edit(cx, db, &e, &row);
}

/* A person has said so: nobody is asked. */
static enum rc
undo_send(struct ctx *cx, struct db *db, struct link *l, int64_t now)
{
	struct outbox o = {
		.owner = l->owner,
		.link_id = l->id,
		.connection_id = l->connection_id,
		.op = OUTBOX_PUT,
	};

	l->state = LINK_QUEUED;
	l->error_code = l->error_detail = NULL;
	l->updated_at = now;
	TRY(link_save(cx, db, l));
	TRY(post_put(cx, db, &o, now));
	TRY(outbox_allow_one(cx, db, &o));
	return strcmp(o.state, OUTBOX_HELD) ? RC_OK : outbox_hurry(cx, db, l->owner, o.id, now);
}

/* In place of what is here, whatever waits to be sent of that. */
static enum rc
undo_put_back(struct ctx *cx, struct db *db, const struct undo *u, const struct run *sync,
    const struct undo_item *it, int64_t now)
{
	json *back = json_new(cx->a);
	struct change c = {
		.owner = u->owner,
		.object = it->object,
		.at = now,
		.side = SIDE_THERE,
		.sync_no = sync->no,
		.connection_id = it->connection_id,
		.reason = undo_reason(cx->a, u),
		.fields = over_reversed(cx->a, it->over),
	};
	struct link l;

	/* What was taken back here may have moved it. */
	TRY(link_get(cx, db, u->owner, it->there->id, &l));
	c.before = l.base;
	c.action = change_action(l.base != NULL, true);
	json_set_i64(back, "run", sync->no);
	json_set(back, "values", json_stored(cx->a, it->before));
	l.back = json_text(cx->a, back);
	TRY(change_insert(cx, db, &c));
	return undo_send(cx, db, &l, now);
}

/* What was made there goes, and what was taken from there by an undo comes back. */
static enum rc
undo_there(
    struct ctx *cx, struct db *db, const struct run *sync, const struct link *link, int64_t now)
{
	struct link l = *link;

	if (!l.withdrawn)
		return leave_withdraw(cx, db, &l, sync->no, now);
	l.withdrawn = false;
	l.run_no = sync->no;
	return undo_send(cx, db, &l, now);
}

enum rc
undo_do(struct ctx *cx, struct db *db, const struct undo *u, const struct run *sync,
    const struct undo_item *it, int64_t now)
{
	if (it->label)
		return undo_label_hold(cx, db, u, it);
	if (it->over)
		return undo_put_back(cx, db, u, sync, it, now);
	if (it->there)
		return undo_there(cx, db, sync, it->there, now);
	if (it->dataset) {
		TRY(undo_record(cx, db, u, sync, it));
		return it->relabels ? undo_label_follows(cx, db, u, it) : RC_OK;
	}
	return undo_event(cx, db, u, sync, it, now);
}
