/*
 * rule.c - see rule.h.
 */
#include "queue/rule.h"

static rule_fn *rules;

void
rule_use(rule_fn *fn)
{
	rules = fn;
}

enum rc
rule_after(struct ctx *cx, const struct sched *s, int64_t now, int64_t *next)
{
	int64_t gap;

	*next = 0;
	if (!s->rrule || !rules)
		return RC_OK;
	/* A rule that cannot be read any more (its zone was removed) falls back to the interval. */
	if (rules(cx, s->rrule, s->time_zone, now, next, &gap) != RC_OK)
		*next = 0;
	return RC_OK;
}
