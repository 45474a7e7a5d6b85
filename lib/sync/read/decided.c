/*
 * decided.c - see decided.h.
 *
 * What sets a record apart that was edited here is its origin (store/edit.h). A run sets it to 0
 * when the record is again what the source says; its link goes with it.
 */
#include "base/conf.h"
#include "store/change.h"
#include "kind/kind.h"
#include "store/conflict.h"
#include "store/labelled.h"
#include "store/link.h"
#include "agree/decide.h"
#include "store/payload.h"
#include "sync/read/decided.h"
#include "sync/read/echo.h"

static const struct merge_rules rules = { .null_is_absent = true };

/* One item and its record while they are brought together. Payloads: NULL is nothing. */
struct decided {
	struct apply *ap;
	struct apply_set *set;
	const struct decided_row *row;
	struct object object;
	struct link link; /* id NULL: none */
	const char *base, *local, *remote;
	json *fields[3]; /* the same as objects: base, local, remote */
	enum side_state here, there;
	struct decision d;
	const char *holds; /* code of a new link; NULL: none */
};

enum rc
decided_find(struct ctx *cx, const struct apply *ap, const struct apply_set *t, struct str key,
    struct decided_row *out)
{
	const enum sql q = Q_APPLY_ROW;

	*out = (struct decided_row){ 0 };
	TRY(db_row(cx, ap->db, &out->found, q, "iS", t->no, key));
	if (out->found) {
		out->deleted = !db_null(ap->db, q, C_APPLY_ROW_DELETED);
		out->seq = db_num(ap->db, q, C_APPLY_ROW_SEQ);
		out->rev = db_num(ap->db, q, C_APPLY_ROW_REV);
		out->sync_no = db_num(ap->db, q, C_APPLY_ROW_SYNC_NO);
		out->origin = db_num(ap->db, q, C_APPLY_ROW_ORIGIN);
		out->changed = db_num(ap->db, q, C_APPLY_ROW_CHANGED);
		out->payload = db_dup(cx->a, ap->db, q, C_APPLY_ROW_PAYLOAD);
	}
	db_reset(ap->db, q);
	return RC_OK;
}

/* A few at a time: looking costs as much as a change. */
enum { CAP_EVERY = 10 };

enum rc
decided_cap(
    struct ctx *cx, struct apply *ap, const struct apply_set *t, struct str key, int64_t rev)
{
	const int64_t keep = conf_int(CONF_KEEP_CHANGES);
	struct object o = { OBJECT_RECORD, t->no, NULL };
	int64_t n;

	if (rev <= keep || rev % CAP_EVERY)
		return RC_OK;
	o.key = arena_dup_str(cx->a, key);
	TRY(change_trim(cx, ap->db, ap->job->conn.owner, &o, keep, &n));
	ap->capped += n > 0;
	return RC_OK;
}

/* --- a payload and its fields --- */

static const char *
fields_payload(struct arena *a, const json *columns, const json *fields)
{
	json *values = json_list(a);
	size_t n = json_len(columns);

	while (n > 0 && !json_has(fields, json_str(json_nth(columns, n - 1), "name")))
		n--;
	for (size_t i = 0; i < n; i++)
		json_add(values, json_at(fields, json_str(json_nth(columns, i), "name")));
	return json_text(a, values);
}

static bool
payload_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* --- writing --- */

static enum rc
decided_written(struct ctx *cx, int64_t changed)
{
	return changed == 1 ? RC_OK : fail(cx, E_BUG, "A record moved under the write lock.");
}

enum rc
decided_seen(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct decided_row *row,
    struct str payload)
{
	const int64_t to = t->first + t->next_seq++;
	int64_t changed;

	TRY(db_run(cx, ap->db, &changed, Q_APPLY_SEEN, "iiiSii", row->seq, row->rev, to, payload,
	    ap->now, ap->job->run.no));
	t->bytes_delta += (int64_t)payload.n - (int64_t)strlen(row->payload);
	return decided_written(cx, changed);
}

/* Keeps what it was and why it changes. */
static enum rc
decided_note(struct ctx *cx, struct decided *x, enum change_action action, const char *reason)
{
	return change_insert(cx, x->ap->db,
	    &(struct change){
		.owner = x->ap->job->conn.owner,
		.object = x->object,
		.at = x->ap->now,
		.action = action,
		.side = SIDE_HERE,
		.sync_no = x->ap->job->run.no,
		.connection_id = x->ap->job->conn.id,
		.reason = reason,
		.before = x->row->payload,
	    });
}

/* What it takes as it is then; NULL: it is not there. */
static int64_t
decided_bytes(const struct decided *x, const char *payload)
{
	return payload ? (int64_t)(strlen(x->object.key) + strlen(payload)) : 0;
}

/* The record becomes this; payload NULL: it is deleted. */
static enum rc
decided_write(
    struct ctx *cx, struct decided *x, const char *payload, int64_t origin, const char *reason)
{
	struct apply *ap = x->ap;
	enum change_action action = payload ? CHANGE_UPDATED : CHANGE_DELETED;
	int64_t to = x->set->first + x->set->next_seq++, changed;

	if (!x->local)
		action = CHANGE_ADDED;
	TRY(decided_note(cx, x, action, reason));
	TRY(db_run(cx, ap->db, &changed, Q_APPLY_DECIDED, "iiisiiiii", x->row->seq, x->row->rev, to,
	    payload ? payload : x->row->payload, ap->now, payload ? INT64_C(0) : ap->now,
	    (int64_t)action, ap->job->run.no, origin));
	TRY(decided_cap(cx, ap, x->set, str_c(x->object.key), x->row->rev));
	x->set->rows_delta += (int64_t)(payload != NULL) - (int64_t)(x->local != NULL);
	x->set->bytes_delta += decided_bytes(x, payload) - decided_bytes(x, x->local);
	ap->at->added += action == CHANGE_ADDED;
	ap->at->updated += action == CHANGE_UPDATED;
	ap->at->deleted += action == CHANGE_DELETED;
	return decided_written(cx, changed);
}

/* The record stays as it is. */
static enum rc
decided_stay(struct ctx *cx, struct decided *x, int64_t origin)
{
	int64_t changed;

	TRY(db_run(cx, x->ap->db, &changed, Q_APPLY_AGREED, "iiii", x->row->seq, x->row->rev,
	    origin, x->ap->job->run.no));
	return decided_written(cx, changed);
}

/* What the source says now is what the next run compares with. */
static enum rc
decided_base(struct ctx *cx, struct decided *x)
{
	struct link *l = &x->link;
	bool made = !l->id;

	if (made)
		*l = (struct link){
			.owner = x->ap->job->conn.owner,
			.connection_id = x->ap->job->conn.id,
			.object = x->object,
			.state = LINK_SKIPPED,
			.error_code = x->holds,
			.created_at = x->ap->now,
		};
	l->base = x->remote;
	l->last_synced_at = l->updated_at = x->ap->now;
	return made ? link_insert(cx, x->ap->db, l) : link_save(cx, x->ap->db, l);
}

/* It is as the source says: nothing is left to be compared with. */
static enum rc
decided_unlink(struct ctx *cx, struct decided *x)
{
	return x->link.id ? link_delete(cx, x->ap->db, &x->link) : RC_OK;
}

static int64_t
decided_origin(const struct decided *x)
{
	return x->row->origin ? x->row->origin : x->row->seq;
}

static enum rc
decided_conflict(struct ctx *cx, struct decided *x, json *fields, json *kept)
{
	const char *word = policy_word(POLICY_APPLICATION);
	struct conflict c = {
		.owner = x->ap->job->conn.owner,
		.link_id = x->link.id,
		.connection_id = x->ap->job->conn.id,
		.object = x->object,
		.policy = word,
		.state = CONFLICT_RESOLVED,
		.fields = json_text(cx->a, fields),
		.kept = json_text(cx->a, kept),
		.resolved_by = word,
		.detected_at = x->ap->now,
		.resolved_at = x->ap->now,
	};

	return conflict_put(cx, x->ap->db, &c);
}

/* --- the cells of the table --- */

static enum rc
decided_put(struct ctx *cx, struct decided *x, const char *reason)
{
	TRY(decided_unlink(cx, x));
	return decided_write(cx, x, x->remote, 0, reason);
}

static enum rc
decided_delete(struct ctx *cx, struct decided *x)
{
	int64_t changed;

	if (x->ap->keep) {
		TRY(db_run(cx, x->ap->db, &changed, Q_APPLY_KEPT, "iii", x->row->seq, INT64_C(1),
		    x->row->rev));
		return decided_written(cx, changed);
	}
	TRY(decided_unlink(cx, x));
	return decided_write(cx, x, NULL, 0, NULL);
}

static enum rc
decided_forget(struct ctx *cx, struct decided *x)
{
	TRY(decided_unlink(cx, x));
	return decided_stay(cx, x, 0);
}

static const char *
merge_reason(const struct merged *m)
{
	return m->n_collisions
	    ? "Edited here and in the source: where both changed the same, the edit here stays."
	    : "Edited here and in the source: both edits were taken.";
}

static enum rc
decided_merge(struct ctx *cx, struct decided *x)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in in = {
		.base = x->fields[0],
		.local = x->fields[1],
		.remote = x->fields[2],
		.policy = &facts,
	};
	const char *to;
	struct merged m;
	bool level;

	merge(cx->a, &rules, &in, &m);
	level = merge_same(cx->a, &rules, m.value, x->fields[2]);
	to = fields_payload(cx->a, x->set->columns, m.value);
	if (level)
		to = x->remote;
	else if (merge_same(cx->a, &rules, m.value, x->fields[1]))
		to = x->local;
	if (level)
		TRY(decided_unlink(cx, x));
	else
		TRY(decided_base(cx, x));
	if (m.n_collisions)
		TRY(decided_conflict(
		    cx, x, collision_fields(cx->a, &m), collision_kept(cx->a, &m)));
	if (!payload_same(to, x->local))
		return decided_write(cx, x, to, level ? 0 : decided_origin(x), merge_reason(&m));
	if (m.n_collisions)
		TRY(decided_note(cx, x, CHANGE_UPDATED, merge_reason(&m)));
	return decided_stay(cx, x, level ? 0 : decided_origin(x));
}

/* Nothing is written here; what the source did against an edit or a deletion made here is kept. */
static enum rc
decided_nothing(struct ctx *cx, struct decided *x)
{
	bool against = x->here == SIDE_GONE && x->there == SIDE_CHANGED;
	const struct decision ours = { .conflict = true, .winner = PICK_LOCAL };
	json *fields = deletion_fields(cx->a, &ours, x->here);

	if (x->here == SIDE_SAME && !x->row->origin && payload_same(x->local, x->remote))
		return RC_OK;
	TRY(decided_base(cx, x));
	TRY(decided_stay(cx, x, decided_origin(x)));
	if (against) {
		TRY(decided_conflict(cx, x, fields, x->fields[2]));
		return decided_note(cx, x, CHANGE_DELETED,
		    "The source has changed it; it stays deleted, as it was deleted here.");
	}
	if (!x->d.conflict)
		return RC_OK;
	TRY(decided_conflict(cx, x, fields, deletion_kept(cx->a, &x->d)));
	return decided_note(cx, x, CHANGE_UPDATED,
	    "The source does not have it any more; it stays, as it was edited here.");
}

/* What was edited here holds no longer than until the source changes it. */
static bool
decided_yields(const struct decided *x)
{
	return link_yields(x->link.error_code) && x->there != SIDE_SAME && x->here != SIDE_SAME;
}

/* A label that was put on there by us, or taken off, and when that was, is no change of the
 * source's: one that an undo speaks of is as it shall be either way. */
static enum rc
decided_echoes(struct ctx *cx, struct decided *x, bool *echoes)
{
	const struct conn *c = &x->ap->job->conn;
	const struct kind *k = kind_find(c->provider);
	struct labelled l;
	json *acts;

	*echoes = false;
	if (!k || !k->echoes || x->there != SIDE_CHANGED || payload_same(x->local, x->remote))
		return RC_OK;
	TRY(echo_acts(cx,
	    &(struct echo_of){
		.db = x->ap->db,
		.conn = c,
		.object = &x->object,
		.changed = x->row->changed,
	    },
	    &acts));
	TRY(labelled_get(cx, x->ap->db, c->owner, c->id, x->object.key, &l));
	if (l.held != LABELLED_FREE) {
		acts = acts ? acts : json_new(cx->a);
		json_set_null(acts, l.name);
	}
	*echoes = acts && k->echoes(cx->a, x->fields[0], x->fields[2], acts);
	return RC_OK;
}

/* What was edited here stays so, with the rest as it is there; what was taken back stays taken
 * back, and what is deleted here deleted. */
static enum rc
decided_echo(struct ctx *cx, struct decided *x)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in in = {
		.base = x->fields[0],
		.local = x->fields[1],
		.remote = x->fields[2],
		.policy = &facts,
	};
	struct merged m;

	if (x->row->origin)
		TRY(decided_base(cx, x));
	if (!x->local || link_yields(x->link.error_code))
		return decided_stay(cx, x, decided_origin(x));
	merge(cx->a, &rules, &in, &m);
	return decided_seen(
	    cx, x->ap, x->set, x->row, str_c(fields_payload(cx->a, x->set->columns, m.value)));
}

static enum rc
decided_yield(struct ctx *cx, struct decided *x)
{
	const struct conn *c = &x->ap->job->conn;

	TRY(labelled_release(cx, x->ap->db, c->owner, c->id, x->object.key));
	return decided_put(cx, x,
	    link_is_refused(&x->link)
		? "The source has changed it since it was kept as it was: that holds."
		: "The source has changed it after it was taken back: that holds.");
}

static enum rc
decided_act(struct ctx *cx, struct decided *x)
{
	if (decided_yields(x) && !x->remote)
		return x->local ? decided_delete(cx, x) : decided_forget(cx, x);
	if (decided_yields(x) && !payload_same(x->local, x->remote))
		return decided_yield(cx, x);
	switch (x->d.here) {
	case ACT_PUT:
		return decided_put(cx, x, NULL);
	case ACT_DELETE:
		return decided_delete(cx, x);
	case ACT_MERGE:
		return decided_merge(cx, x);
	case ACT_FORGET:
		return decided_forget(cx, x);
	case ACT_NONE:
	case ACT_ASK:
		break;
	}
	return decided_nothing(cx, x);
}

/* What the source said last: kept by the link when it was edited here; what this plan has written
 * itself; else, written by somebody who has kept nothing, unknown. */
static const char *
decided_said(const struct decided *x)
{
	if (x->row->origin)
		return x->link.base;
	return x->row->sync_no >= x->ap->first_run ? x->local : NULL;
}

static struct decided
decided_of(struct arena *a, struct apply *ap, struct apply_set *t, const struct plan_item *it,
    const struct decided_row *row)
{
	return (struct decided){
		.ap = ap,
		.set = t,
		.row = row,
		.object = { OBJECT_RECORD, t->no, arena_dup_str(a, it->key) },
		.local = row->deleted ? NULL : row->payload,
		.remote = it->op == PLAN_DELETE ? NULL : arena_dup_str(a, it->payload),
	};
}

/* An edit made here stays one that gives way to nothing. */
enum rc
decided_refuse(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it,
    const struct decided_row *row)
{
	const struct conn *c = &ap->job->conn;
	struct decided x = decided_of(cx->a, ap, t, it, row);

	TRY(link_of(cx, ap->db, c->owner, c->id, &x.object, &x.link));
	x.holds = LINK_REFUSED;
	if (x.link.id && (!row->origin || link_yields(x.link.error_code)))
		x.link.error_code = LINK_REFUSED;
	TRY(decided_base(cx, &x));
	TRY(decided_stay(cx, &x, decided_origin(&x)));
	return decided_note(cx, &x, CHANGE_UPDATED, CHANGE_KEPT);
}

enum rc
decided_apply(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it,
    const struct decided_row *row)
{
	const struct conn *c = &ap->job->conn;
	struct decided x = decided_of(cx->a, ap, t, it, row);
	int64_t changed;
	bool echoes;

	if (it->op == PLAN_BACK) {
		TRY(db_run(
		    cx, ap->db, &changed, Q_APPLY_KEPT, "iii", row->seq, INT64_C(0), row->rev));
		return decided_written(cx, changed);
	}
	TRY(link_of(cx, ap->db, c->owner, c->id, &x.object, &x.link));
	x.base = decided_said(&x);
	x.fields[0] = payload_fields(cx->a, t->columns, x.base);
	x.fields[1] = payload_fields(cx->a, t->columns, x.local);
	x.fields[2] = payload_fields(cx->a, t->columns, x.remote);
	x.here = side_of(cx->a, &rules, x.fields[0], x.fields[1]);
	x.there = side_of(cx->a, &rules, x.fields[0], x.fields[2]);
	x.d = decide(PULL_ONLY, POLICY_APPLICATION, x.here, x.there);
	TRY(decided_echoes(cx, &x, &echoes));
	if (echoes)
		return decided_echo(cx, &x);
	ap->met += x.here != SIDE_SAME;
	return decided_act(cx, &x);
}
