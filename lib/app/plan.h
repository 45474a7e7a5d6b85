/*
 * plan.h - a change of a connection's settings that says what is taken, and how (field.plans): it
 * is looked at before it is made. What would ask, for it deletes, overwrites or adds much on either
 * side, is held: a run that has ended with needs_approval asks about it, and its review says
 * {"side": "plan", "change": {name: {"before", "after"}}, "counts", "total", "changes", "stored",
 * "deletions", "replaced", "plan"}. What cannot be looked at is made: then the runs ask.
 */
#ifndef APP_PLAN_H
#define APP_PLAN_H

#include "app/caller.h"
#include "store/conn.h"
#include "store/run.h"

#define PLAN_TRIGGER "plan"

struct planning {
	const struct caller *by;
	const struct conn *conn;
	const json *change; /* as it was given */
	const json *config; /* the whole, checked */
	const char *unseen; /* why it cannot be looked at; NULL: it can */
};

struct plan {
	/* {"state": "applied" | "held" | "unseen", "counts", "total", "changes", "review",
	 * "reason", "syncId"}; NULL: it is no plan */
	json *shown;
	const char *review; /* JSON: what is asked; NULL: it is not held */
};

/* Asks the worker; before the write. */
MUST enum rc plan_look(struct ctx *, struct db *, const struct planning *, struct plan *out);
/* In the caller's write: what was held before is over; with a review, this is. */
MUST enum rc plan_hold(struct ctx *, struct db *, const struct conn *, const struct plan *);
/* In the caller's write: nothing is held any more, for this reason. */
MUST enum rc plan_drop(struct ctx *, struct db *, const struct conn *, const char *why);

bool plan_asks(const struct run *);
/* What it would change: as conn_change() takes a configuration. */
json *plan_config(struct arena *, const json *review);

#endif
