/*
 * planner.c - see planner.h.
 */
#include "sync/read/planner.h"

struct planner {
	struct comparer c; /* first */
	struct plan_writer *plan;
};

static enum rc
planner_item(struct ctx *cx, struct comparer *c, const struct plan_item *it)
{
	return plan_add(cx, ((struct planner *)c)->plan, it);
}

static enum rc
planner_make(struct ctx *cx, void *arg, struct comparer **out)
{
	const struct comparison *j = arg;
	struct planner *p = arena_alloc(cx->a, sizeof *p);

	intake_init(cx->a, &p->c.in, &comparing, &j->from);
	p->c.item = planner_item;
	*out = &p->c;
	return plan_create(cx, j->spool, &p->plan);
}

enum rc
planner_run(struct ctx *cx, struct comparison *j, struct comparer **out, int64_t *items)
{
	int64_t bytes;

	j->make = planner_make;
	j->arg = j;
	TRY(compare_all(cx, j, out));
	return plan_finish(cx, ((struct planner *)*out)->plan, &bytes, items);
}
