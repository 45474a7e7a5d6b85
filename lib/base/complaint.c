/*
 * complaint.c - see complaint.h.
 */
#include "base/complaint.h"

void
complaints_add(struct ctx *cx, struct complaints *all, const char *field, const char *message)
{
	json *e = json_new(cx->a);

	json_set_str(e, "field", field);
	json_set_str(e, "message", message);
	if (!all->list)
		all->list = json_list(cx->a);
	json_add(all->list, e);
}

enum rc
complaints_end(struct ctx *cx, const struct complaints *all)
{
	const json *e = json_nth(all->list, 0);

	if (!json_len(all->list))
		return RC_OK;
	return fail(cx, E_INPUT, "%.60s: %.300s", json_str(e, "field"), json_str(e, "message"));
}

enum rc
complaints_now(struct ctx *cx, struct complaints *all, const char *field, const char *message)
{
	/* The message may be what was said of the failure before, which this one replaces. */
	complaints_add(cx, all, field, arena_dup(cx->a, message));
	return complaints_end(cx, all);
}
