/*
 * limits.c - see limits.h.
 */
#include "app/limits.h"

static enum rc
limit_fits(
    struct ctx *cx, struct complaints *wrong, const json *change, const char *name, int64_t max)
{
	const json *v = json_at(change, name);
	const int64_t n = json_num(change, name, 0);

	if (!v || json_is_null(v) || (json_is_int(v) && n >= 1 && n <= max))
		return RC_OK;
	return complaints_now(cx, wrong, name,
	    arena_printf(
		cx->a, "This is a whole number from 1 to %lld, or left empty.", (long long)max));
}

enum rc
limits_fit(struct ctx *cx, struct complaints *wrong, const json *change)
{
	TRY(limit_fits(cx, wrong, change, "guardPercent", 100));
	return limit_fits(cx, wrong, change, "guardItems", LIMIT_ITEMS_MAX);
}

void
limits_read(const json *change, struct conn_limits *l)
{
	if (json_has(change, "guardPercent"))
		l->percent = json_num(change, "guardPercent", 0);
	if (json_has(change, "guardItems"))
		l->items = json_num(change, "guardItems", 0);
}

const char *
limits_text(struct arena *a, const struct conn_limits *l)
{
	return arena_printf(
	    a, "{\"percent\":%lld,\"items\":%lld}", (long long)l->percent, (long long)l->items);
}
