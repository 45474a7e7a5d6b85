/*
 * meet.c - see meet.h.
 *
 * Invariants: a link's etag is that of a state of the twin whose content its base has taken in, so
 * an equal etag is no news. Whenever a base changes, what was sent is seen to have arrived, or what
 * is asked about changes, a change of that object at that connection is written in the same
 * transaction: by that it is known, without looking at times, what moved since something was read.
 */
#include "sync/write/meet.h"

#include "agree/over.h"
#include "base/clock.h"
#include "store/conflict.h"
#include "queue/edit.h"
#include "queue/heed.h"
#include "queue/outward.h"
#include "queue/post.h"
#include "sync/write/facets.h"
#include "sync/write/flaw.h"
#include "sync/write/kin.h"
#include "sync/write/seen.h"
#include "sync/write/silent.h"
#include "sync/write/stale.h"
#include "sync/write/stays.h"
#include "sync/write/unseen.h"
#include "sync/write/why.h"
#include "sync/write/withdraw.h"

struct meeting {
	struct db *db;
	const struct twoway *t;
	struct link *link;
	struct object object; /* that is written to: the link's, or its heir */
	const struct there *there;
	struct here here;
	const char *fixed;        /* why it is not for us to edit now; NULL: it is */
	enum direction direction; /* of what is fixed: nothing is written there */
	const json *base;
	bool refused;     /* what is there now is what a person did not want here (refuse.h) */
	bool arrived;     /* something that we had sent is recognised */
	const char *over; /* what is to be written over there (agree/over.h); NULL: nothing */
	bool moved, told; /* since it was read the link has agreed; a change has been written */
	const char *why;  /* for the history, when nothing is written here; NULL: nothing to say */
	int64_t now;
};

/* Of a new link, which is stored when it is saved, unless something needs it before. */
static enum rc
meet_stored(struct ctx *cx, struct meeting *m)
{
	return m->link->rev ? RC_OK : link_insert(cx, m->db, m->link);
}

static enum rc
meet_keep(struct ctx *cx, struct meeting *m)
{
	return m->link->rev ? link_save(cx, m->db, m->link) : meet_stored(cx, m);
}

/* --- what is to be sent --- */

static enum rc
meet_queue(struct ctx *cx, struct meeting *m, const char *op, const char *fields)
{
	TRY(meet_stored(cx, m));
	struct outbox o = {
		.owner = m->t->owner,
		.link_id = m->link->id,
		.connection_id = m->t->connection_id,
		.op = op,
		.fields = fields,
		.allowed = m->t->allowed,
	};

	/* An open conflict stays one: what it asks about is not sent. */
	if (strcmp(m->link->state, LINK_CONFLICT))
		m->link->state = LINK_QUEUED;
	return post_put(cx, m->db, &o, m->now);
}

/* One that is open already does it. */
static enum rc
meet_queue_once(struct ctx *cx, struct meeting *m, const char *op)
{
	struct outbox open;

	TRY(outbox_of_link(cx, m->db, m->t->owner, m->link->id, &open));
	if (open.id)
		return RC_OK;
	m->over = over_all(cx->a, m->t->rules, m->there->values, m->here.value);
	return meet_queue(cx, m, op, NULL);
}

/* --- the link --- */

static bool
meet_same(struct arena *a, const struct merge_rules *rules, const json *x, const json *y)
{
	return !x == !y && (!x || merge_same(a, rules, x, y));
}

/* What is not for us to edit is said to be left alone; what has become so goes on as others do. */
static void
meet_fixed(const struct meeting *m)
{
	struct link *l = m->link;

	if (m->fixed) {
		l->state = LINK_SKIPPED;
		l->error_code = m->fixed == m->there->fixed ? LINK_FIXED : l->error_code;
		l->error_detail = m->fixed;
	} else if (!strcmp(l->state, LINK_SKIPPED)) {
		l->state = LINK_SYNCED;
		l->error_code = l->error_detail = NULL;
	}
}

/* Where nothing is taken over, what is there is looked at before it is written over. */
static bool
meet_took(struct arena *a, const struct meeting *m, const json *base)
{
	return m->direction != PUSH_ONLY || meet_same(a, m->t->rules, base, m->there->values);
}

/* What has come and gone there before we knew of it changes no base, and is known from now on. */
static bool
meet_is_news(struct arena *a, const struct meeting *m, const json *base)
{
	return m->why || m->arrived || !meet_same(a, m->t->rules, meet_base(a, m->link), base);
}

static enum rc
meet_save(struct ctx *cx, struct meeting *m, const json *base)
{
	struct link *l = m->link, was = *l;
	const char *text = base ? json_text(cx->a, base) : NULL;

	/* Made by us, as is known only now that it is gone: what it had been made as comes back. */
	if (m->arrived && m->base && !base && !l->base)
		was.base = json_text(cx->a, m->base);
	if (m->over || (!m->told && meet_is_news(cx->a, m, base)))
		TRY(meet_record(cx, m->db, m->t, &was, &(struct told){ text, m->why, m->over }));
	if (m->arrived)
		l->sent = NULL;
	edit_agree(cx->a, m->t->rules, l, text);
	if (m->arrived || !m->moved)
		l->etag = meet_took(cx->a, m, base) ? m->there->etag : NULL;
	l->ours |= !l->remote_id && m->arrived;
	if (m->there->key)
		l->remote_id = m->there->key;
	meet_fixed(m);
	l->last_synced_at = l->updated_at = m->now;
	return meet_keep(cx, m);
}

/* Nothing is certain but that there is something to look at. What is not for us to edit stays so,
 * also if it is found to be gone. */
static enum rc
meet_doubt(struct ctx *cx, struct meeting *m)
{
	m->link->etag = flaw(FLAW_DOUBT_IS_KNOWN) ? m->there->etag : NULL;
	TRY(meet_queue(cx, m, OUTBOX_PUT, "[]"));
	if (m->fixed)
		meet_fixed(m);
	m->link->updated_at = m->now;
	return meet_keep(cx, m);
}

/* --- writing here --- */

static enum rc
meet_write_here(struct ctx *cx, struct meeting *m, const json *value, const char *reason)
{
	const struct edit e = {
		.owner = m->t->owner,
		.object = m->object,
		.rules = m->t->rules,
		.before = m->here.value,
		.after = value,
		.connection_id = m->t->connection_id,
		.back = m->object.key != m->link->object.key,
		.sync_no = m->t->sync_no,
		.reason = reason,
		.fresh = m->here.fresh,
		.edited_at = why_there(m->t, m->there),
		.now = m->now,
	};
	const char *key = m->object.key;

	if (value)
		TRY(m->t->ops->put(cx, m->db, m->t, key, value));
	else if (m->here.value)
		TRY(m->t->ops->remove(cx, m->db, m->t, key));
	m->told = true;
	return edit_tell(cx, m->db, &e);
}

/* --- conflicts --- */

static enum rc
meet_conflict(struct ctx *cx, struct meeting *m, bool asks, const json *fields, const json *kept)
{
	struct conflict c = {
		.owner = m->t->owner,
		.link_id = m->link->id,
		.connection_id = m->t->connection_id,
		.object = m->object,
		.policy = policy_word(m->t->policy),
		.state = asks ? CONFLICT_OPEN : CONFLICT_RESOLVED,
		.fields = json_text(cx->a, fields),
		.kept = json_text(cx->a, kept),
		.resolved_by = asks ? NULL : policy_word(m->t->policy),
		.detected_at = m->now,
		.resolved_at = asks ? 0 : m->now,
	};

	if (flaw(FLAW_KEPT_NOTHING))
		return RC_OK;
	if (asks)
		TRY(meet_record_asked(cx, m->db, m->t, m->link,
		    &(struct asked){ m->here.value, m->there->values, c.fields }, &m->told));
	return conflict_put(cx, m->db, &c);
}

/* What was asked has answered itself. */
static enum rc
meet_answered(struct ctx *cx, struct meeting *m)
{
	TRY(meet_gone(cx, m->db, m->t, m->link, m->here.value, m->there->values));
	return meet_close(cx, m->db, m->link, "agreement", false);
}

/* --- the cells of the table --- */

/* Where nothing is taken over: what was agreed on stays; of what is met first, the fields that are
 * on both sides. */
static const json *
meet_base_kept(struct arena *a, const struct meeting *m)
{
	json *base;

	if (m->base)
		return m->base;
	base = json_new(a);
	for (struct json_iter it = { 0 }; json_each(m->here.value, &it);)
		slot_set(base, it.key, slot_of(m->there->values, it.key));
	return base;
}

static enum rc
meet_bring_together(struct ctx *cx, struct meeting *m, enum policy policy, struct merged *out)
{
	struct policy_facts facts = { .policy = policy, .remote = m->there->edits };
	const struct merge_in in = {
		.base = m->base,
		.local = m->here.value,
		.remote = m->there->values,
		.policy = &facts,
	};

	TRY(why_edits(cx, m->db, m->t, &m->object, &m->here));
	facts.local = m->here.edits;
	why_clock(m->t, &facts);
	merge(cx->a, m->t->rules, &in, out);
	return RC_OK;
}

/* Nobody is asked for what goes, or has gone. */
static enum rc
meet_inherit(struct ctx *cx, struct meeting *m, enum policy policy, const char *reason)
{
	struct merged out;

	TRY(meet_bring_together(cx, m, policy == POLICY_ASK ? POLICY_LATEST : policy, &out));
	if (out.to_local.n)
		TRY(meet_write_here(cx, m, out.value, reason));
	return !out.n_collisions ? RC_OK
				 : meet_conflict(cx, m, false, collision_fields(cx->a, &out),
				       collision_kept(cx->a, &out));
}

/* What was changed there since it was taken back here stays: that takes nothing from anybody. */
static enum rc
meet_spares(
    struct ctx *cx, struct meeting *m, const struct undoing *undoes, const struct merged *out)
{
	TRY(meet_answered(cx, m));
	if (out->to_local.n)
		TRY(meet_write_here(
		    cx, m, out->value, "It was changed there since, which is left as it is."));
	TRY(withdraw_undone(cx, m->db, m->link, undoes, out->to_remote.n > 0));
	return meet_save(cx, m, out->base_seen);
}

static enum rc
meet_merge(struct ctx *cx, struct meeting *m)
{
	enum policy policy = m->direction == BOTH_WAYS ? m->t->policy : POLICY_APPLICATION;
	const bool takes = m->direction != PUSH_ONLY;
	struct arena *a = cx->a;
	struct undoing undoes;
	struct merged out;

	if (m->base && !m->arrived)
		TRY(kin_seen(cx, m->db, m->t, &m->object,
		    &(struct kin_twin){ m->there->values, false }, &m->base));
	TRY(withdraw_undoes(cx, m->db, m->link, &undoes));
	if (undoes.run_no && takes)
		policy = POLICY_PROVIDER;
	TRY(meet_bring_together(cx, m, policy, &out));
	if (undoes.run_no && takes && out.n_collisions)
		return meet_spares(cx, m, &undoes, &out);
	if (!out.asks)
		TRY(meet_answered(cx, m));
	if (out.to_local.n && takes)
		TRY(meet_write_here(cx, m, out.value, collision_why(a, m->t->rules, &out, policy)));
	if (out.n_collisions)
		TRY(meet_conflict(
		    cx, m, out.asks, collision_fields(a, &out), collision_kept(a, &out)));
	if (out.to_remote.n && m->direction != PULL_ONLY) {
		m->over = over_merged(a, m->t->rules,
		    &(struct merge_in){ .base = m->base, .remote = m->there->values }, &out);
		TRY(meet_queue(cx, m, OUTBOX_PUT, edit_names(a, &out.to_remote)));
	}
	if (out.asks)
		m->link->state = LINK_CONFLICT;
	else if (out.n_collisions)
		m->why = collision_why(a, m->t->rules, &out, policy);
	return meet_save(cx, m, takes ? out.base_seen : meet_base_kept(a, m));
}

static enum rc
meet_ask(struct ctx *cx, struct meeting *m, const struct decision *d, enum side_state local)
{
	json *fields = deletion_fields(cx->a, d, local);

	/* What a deletion would go over: for who answers, and as the base then. */
	if (m->there->values)
		json_set(json_nth(fields, 0), "value", json_copy(cx->a, m->there->values));
	TRY(meet_conflict(cx, m, true, fields, deletion_kept(cx->a, d)));
	m->link->state = LINK_CONFLICT;
	return meet_save(cx, m, m->base);
}

/* The other side's version is taken over here. */
static enum rc
meet_take(struct ctx *cx, struct meeting *m, const struct decision *d)
{
	TRY(meet_answered(cx, m));
	if (d->conflict)
		TRY(withdraw_overruled(cx, m->db, m->link));
	TRY(meet_write_here(cx, m, m->there->values,
	    d->conflict ? "It was deleted here and edited there: the edit wins." : NULL));
	return meet_save(cx, m, m->there->values);
}

/* What may be found of what was sent. */
static struct echo
meet_echo_of(struct arena *a, const struct link *l)
{
	return (struct echo){
		.pending = l->sent != NULL,
		.sent = json_stored(a, l->sent),
		.created = !l->remote_id,
	};
}

/* What is to be brought back was edited there just before it was deleted: that is in it, or kept,
 * and is what was agreed on last from now on. */
static enum rc
meet_last(struct ctx *cx, struct meeting *m)
{
	const struct echo e = meet_echo_of(cx->a, m->link);
	struct there last = *m->there;
	struct meeting then = *m;

	if (!last.last || last.values || !m->here.value || m->direction != BOTH_WAYS)
		return RC_OK;
	then.there = &last;
	then.base = m->base ? m->base : meet_base(cx->a, m->link);
	if (!then.base)
		TRY(kin_former(cx, m->db, m->t, &m->object, false, &then.base));
	if (!then.base)
		return RC_OK;
	last.values = silent_last(cx->a, m->t, m->there, then.base);
	/* What was sent may have arrived before. */
	then.base = echo_base(cx->a, m->t->rules, then.base, last.values, &e, &then.arrived);
	then.base = unseen_base(cx->a, then.base, &last);
	TRY(kin_seen(
	    cx, m->db, m->t, &m->object, &(struct kin_twin){ last.values, true }, &then.base));
	if (merge_same(cx->a, m->t->rules, then.base, last.values))
		return RC_OK;
	TRY(meet_inherit(
	    cx, &then, POLICY_APPLICATION, "It was edited there before it was deleted there."));
	m->link->base = json_text(cx->a, last.values);
	return m->t->ops->get(cx, m->db, m->t, m->object.key, &m->here);
}

/* Nothing is written here but that; what differs is to be sent, if anything. */
static enum rc
meet_leave(struct ctx *cx, struct meeting *m, const struct decision *d)
{
	/* Whatever was asked: one side has gone back to what was agreed on. */
	if (!m->moved)
		TRY(meet_answered(cx, m));
	if (d->there == ACT_PUT)
		TRY(meet_last(cx, m));
	if (d->there == ACT_PUT && d->conflict) {
		m->why = "It was deleted there and edited here: the edit wins.";
		m->over = over_all(cx->a, m->t->rules, NULL, m->here.value);
		TRY(meet_queue(cx, m, OUTBOX_PUT, NULL));
	} else if (d->there == ACT_PUT || d->there == ACT_DELETE)
		TRY(meet_queue_once(cx, m, m->here.value ? OUTBOX_PUT : OUTBOX_DELETE));
	return meet_save(cx, m, m->there->values && d->there != ACT_FORGET ? m->base : NULL);
}

/* --- a copy --- */

/* An edit of a copy that gives way is one of what it was a copy of; then the copy goes. *taken
 * false: there is none such. */
static enum rc
meet_heir(struct ctx *cx, struct meeting *m, bool *taken)
{
	const char *reason = "It was edited in a copy that has given way to it.";
	const json *base = m->base, *there = m->there->values;
	const struct here own = m->here;
	struct link *l = m->link;

	*taken = false;
	if (!l->heir || !there || !base || merge_same(cx->a, m->t->rules, base, there))
		return RC_OK;
	m->object.key = l->heir;
	TRY(m->t->ops->get(cx, m->db, m->t, l->heir, &m->here));
	*taken = m->here.value != NULL;
	if (!*taken) {
		m->object.key = l->object.key;
		m->here = own;
		return RC_OK;
	}
	TRY(meet_inherit(cx, m, m->t->policy, reason));
	m->told = false;
	TRY(meet_queue(cx, m, OUTBOX_DELETE, NULL));
	return meet_save(cx, m, there);
}

static enum rc
meet_decide(struct ctx *cx, struct meeting *m)
{
	struct arena *a = cx->a;
	enum side_state local = side_of(a, m->t->rules, m->base, m->here.value);
	enum side_state remote = side_of(a, m->t->rules, m->base, m->there->values);
	struct decision d = decide(m->direction, m->t->policy, local, remote);
	const char *to;

	if (m->base && m->here.value && !m->there->values && m->direction != PUSH_ONLY) {
		TRY(meet_elsewhere(cx, m->db, m->t, m->link, &to));
		if (to)
			return meet_goes(cx, m->db, m->t, m->link, to);
	}
	/* Our deletion, or our putting back, is found to have arrived: it went over what was
	 * asked. */
	if (m->arrived && (!m->there->values || !m->link->base))
		TRY(meet_close(cx, m->db, m->link, "edit", true));
	if (d.here == ACT_ASK)
		return meet_ask(cx, m, &d, local);
	if (d.conflict)
		TRY(meet_conflict(
		    cx, m, false, deletion_fields(a, &d, local), deletion_kept(a, &d)));
	if (d.here == ACT_MERGE || d.there == ACT_MERGE)
		return meet_merge(cx, m);
	if (d.here == ACT_PUT || d.here == ACT_DELETE)
		return meet_take(cx, m, &d);
	return meet_leave(cx, m, &d);
}

/* --- who comes there --- */

static bool
meet_by_time(const struct meeting *m)
{
	return flaw(FLAW_ECHO_BY_TIME) && m->link->last_synced_at && m->there->values &&
	    m->there->edits.whole < m->link->last_synced_at + MINUTE_MS;
}

/* Or last, before the twin had gone: what brings it back is recognised beside that. */
static enum rc
meet_agreed(struct ctx *cx, struct meeting *m)
{
	m->base = meet_base(cx->a, m->link);
	if (m->base || m->here.fresh || !m->here.value || !m->there->values || m->link->withdrawn ||
	    m->link->back || (m->link->sent && !m->link->remote_id))
		return RC_OK;
	return kin_former(cx, m->db, m->t, &m->object, false, &m->base);
}

static void
meet_echo(struct ctx *cx, struct meeting *m)
{
	struct echo e = meet_echo_of(cx->a, m->link);

	if (flaw(FLAW_BASE_AS_FOUND) && e.pending && e.created && m->there->values)
		e.sent = m->there->values;
	m->base = echo_base(cx->a, m->t->rules, m->base, m->there->values, &e, &m->arrived);
	/* Made by us, and deleted there since. */
	if (e.pending && e.created && !m->there->values && (m->there->key || m->there->was)) {
		m->base = e.sent;
		m->arrived = true;
	}
	m->base = unseen_base(cx->a, m->base, m->there);
}

/* What was kept on one side is level again. */
static void
meet_back(struct arena *a, struct meeting *m)
{
	const json *there = m->there->values;

	if (m->there->fixed || !there || (!outward_kept(m->link) && !m->refused) ||
	    !meet_same(a, m->t->rules, m->here.value, there))
		return;
	m->fixed = NULL;
	m->direction = m->t->direction;
}

/* Than what was agreed on. What has arrived by what was read before the link agreed on something
 * else, or is told late, says nothing: it may have been deleted or edited there since. */
static bool
meet_is_other(struct arena *a, const struct meeting *m)
{
	return side_of(a, m->t->rules, meet_base(a, m->link), m->there->values) != SIDE_SAME;
}

enum rc
meet(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l,
    const struct there *there, bool *doubted)
{
	struct meeting m = {
		.db = db,
		.t = t,
		.link = l,
		.object = l->object,
		.there = there,
		.now = clock_ms(),
	};
	bool inherited, seen, stale = false;

	*doubted = false;
	if (l->id)
		TRY(heed_link(cx, db, l, m.now));
	m.refused = stays_refused(cx->a, t, l, there);
	m.fixed = stays_fixed(l, there, m.refused);
	TRY(seen_before(cx, db, t, &(struct seen){ l, there, m.fixed != NULL }, &seen));
	if (seen)
		return RC_OK;
	m.direction = m.fixed ? PULL_ONLY : t->direction;
	TRY(t->ops->get(cx, db, t, l->object.key, &m.here));
	if (stays_kept(l, &m.here, there))
		return RC_OK;
	TRY(meet_agreed(cx, &m));
	meet_echo(cx, &m);
	if (m.here.fresh)
		facets_first(cx->a, l, there);
	else {
		if (!l->last_synced_at && !m.base)
			TRY(kin_base(cx, db, t, l,
			    &(struct kin){ m.here.value, there->values, there->as_of }, &m.base));
		TRY(meet_stored(cx, &m));
		TRY(meet_moved(cx, db, t, l, there->as_of, &m.moved));
		TRY(stale_list(cx, db, t,
		    &(struct stale){ .link = l, .there = there, .direction = m.direction },
		    &stale));
	}
	if ((m.moved || stale) && meet_is_other(cx->a, &m)) {
		*doubted = true;
		return meet_doubt(cx, &m);
	}
	if (meet_by_time(&m))
		return meet_save(cx, &m, m.base);
	/* What was to go there is gone: here it stays. */
	if (l->withdrawn && !there->values)
		return meet_save(cx, &m, NULL);
	TRY(withdraw_met(cx, db, t, &(struct withdrawn){ l, there, m.base }));
	if (l->back)
		m.direction = PULL_ONLY;
	TRY(meet_heir(cx, &m, &inherited));
	if (inherited)
		return RC_OK;
	meet_back(cx->a, &m);
	/* What comes in place of what was refused is taken whole. */
	if (link_is_refused(l) && !m.refused && m.here.value)
		m.base = m.here.value;
	return meet_decide(cx, &m);
}
