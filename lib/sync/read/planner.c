/*
 * planner.c - see planner.h.
 */
#include "store/room.h"
#include "sync/read/planner.h"
#include "sync/seclude.h"

static enum rc
planner_item(struct ctx *cx, struct comparer *c, const struct plan_item *it)
{
	if (it->op == PLAN_ADD || it->op == PLAN_REVIVE || plan_updates(it->op))
		c->in.set->tally.bytes += (int64_t)(it->key.n + it->payload.n);
	return plan_add(cx, ((struct planner *)c)->plan, it);
}

enum rc
planner_init(
    struct ctx *cx, struct planner *p, const struct intake_use *use, const struct comparison *j)
{
	intake_init(cx->a, &p->c.in, use, &j->from);
	p->c.item = planner_item;
	return plan_create(cx, j->spool, &p->plan);
}

static enum rc
planner_make(struct ctx *cx, void *arg, struct comparer **out)
{
	struct planner *p = arena_alloc(cx->a, sizeof *p);

	*out = &p->c;
	return planner_init(cx, p, &comparing, arg);
}

/* By how many bytes it grows: what is replaced and goes counts as the average of what is there. */
static int64_t
planner_growth(const struct intake_set *s)
{
	const int64_t each = s->stored.rows > 0 ? s->stored.bytes / s->stored.rows : 0;

	return s->tally.bytes - each * (s->tally.updated + s->tally.deleted);
}

/* Will all of it be what one user can have? It was read while others may have added, too: it is a
 * limit against running full, not an account. */
static enum rc
planner_fits(struct ctx *cx, const struct intake *in)
{
	const struct tally t = intake_tally(in);
	int64_t fresh = 0, bytes = 0;

	for (size_t i = 0; i < in->n; i++) {
		fresh += in->sets[i].stored.no == 0;
		bytes += planner_growth(&in->sets[i]);
	}
	TRY(room_for(cx, in->db, in->conn->owner, ROOM_DATASETS, fresh, E_SOURCE_TOO_LARGE));
	TRY(room_for(
	    cx, in->db, in->conn->owner, ROOM_RECORDS, t.added - t.deleted, E_SOURCE_TOO_LARGE));
	return room_for(cx, in->db, in->conn->owner, ROOM_BYTES, bytes, E_SOURCE_TOO_LARGE);
}

enum rc
planner_run(struct ctx *cx, struct comparison *j, struct comparer **out, int64_t *items)
{
	int64_t bytes;

	j->make = planner_make;
	j->arg = j;
	*out = NULL;
	/* What an account holds comes from the provider that the operator has set up, to which the
	 * run may have to write yet: it keeps that way, and its tokens (access/keeper.h). */
	if (!j->from.provider->kind->account)
		TRY(seclude(cx, j->spool->dir));
	TRY(compare_all(cx, j, out));
	TRY(planner_fits(cx, &(*out)->in));
	return plan_finish(cx, ((struct planner *)*out)->plan, &bytes, items);
}

json *
planner_summary(struct arena *a, const struct intake *in)
{
	json *plan = json_new(a), *list = json_list(a);

	for (size_t i = 0; i < in->n; i++) {
		const struct intake_set *s = &in->sets[i];
		json *d = json_new(a);

		json_set_str(d, "remoteId", s->remote_id);
		json_set_str(d, "name", s->name);
		json_set(d, "columns", columns_json(a, s->cols));
		json_set(d, "keyRule", key_rule_json(a, &s->rule, s->cols));
		json_set(d, "reading", s->reading);
		json_set_bool(d, "rekeyed", s->rekeyed);
		json_set_bool(d, "repeats", s->repeated > 0);
		json_set_bool(d, "replaces", intake_replaces(s));
		json_set_i64(d, "replaced", intake_replaced_share(s));
		json_add(list, d);
	}
	json_set(plan, "datasets", list);
	json_set_bool(plan, "delta", in->delta);
	return plan;
}
