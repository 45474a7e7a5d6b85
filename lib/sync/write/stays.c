/*
 * stays.c - see stays.h.
 */
#include "sync/write/stays.h"

#include "queue/outward.h"

bool
stays_refused(
    struct arena *a, const struct twoway *t, const struct link *l, const struct there *there)
{
	return link_is_refused(l) && there->values &&
	    merge_same(a, t->rules, json_stored(a, l->base), there->values);
}

/* What is gone stays what it was, and so does what a person has kept there. */
const char *
stays_fixed(const struct link *l, const struct there *there, bool refused)
{
	if (refused)
		return l->error_detail;
	if (there->fixed || link_is_refused(l) || (there->values && !outward_kept(l)))
		return there->fixed;
	return strcmp(l->state, LINK_SKIPPED) ? NULL : l->error_detail;
}

bool
stays_kept(const struct link *l, const struct here *here, const struct there *there)
{
	return here->value && !there->values && outward_was_asked(l);
}
