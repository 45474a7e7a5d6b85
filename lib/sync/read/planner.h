/*
 * planner.h - a comparison whose items are written down, in the plan of the run (plan.h).
 */
#ifndef SYNC_READ_PLANNER_H
#define SYNC_READ_PLANNER_H

#include "sync/read/compare.h"

struct planner {
	struct comparer c; /* first */
	struct plan_writer *plan;
};
/* Begins a plan in the spool of the comparison; its rows go to `use`. */
MUST enum rc
planner_init(struct ctx *, struct planner *, const struct intake_use *, const struct comparison *);

/* make and arg of the comparison are the planner's. *out: as compare_all() says. *items: in the
 * plan, when it is complete. */
MUST enum rc planner_run(struct ctx *, struct comparison *, struct comparer **out, int64_t *items);

/* For plan.json (save.h): {"datasets", "delta"}. */
json *planner_summary(struct arena *, const struct intake *);

#endif
