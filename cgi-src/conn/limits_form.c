/*
 * limits_form.c - see limits_form.h.
 */
#include "conn/limits_form.h"

static const char *
limit_value(struct req *r, const char *name, int64_t stored)
{
	const char *typed = req_form(r, name);

	if (typed || !stored)
		return typed;
	return arena_printf(r->cx->a, "%lld", (long long)stored);
}

void
limits_form(struct req *r, json *form, const struct conn_limits *stored)
{
	json_set_str(form, "percentValue", limit_value(r, "guardPercent", stored->percent));
	json_set_str(form, "percentError", page_complaint(r, "guardPercent"));
	json_set_str(form, "itemsValue", limit_value(r, "guardItems", stored->items));
	json_set_str(form, "itemsError", page_complaint(r, "guardItems"));
}

bool
limits_wrong(const json *form)
{
	return json_str(form, "percentError") || json_str(form, "itemsError");
}

static void
limit_typed(struct req *r, json *change, const char *name)
{
	const char *text = req_form(r, name);
	int64_t n;

	if (!text)
		return;
	if (!*text)
		json_set_null(change, name);
	else if (str_i64(str_c(text), 0, INT64_MAX, &n))
		json_set_i64(change, name, n);
	else
		json_set_str(change, name, text);
}

void
limits_typed(struct req *r, json *change)
{
	limit_typed(r, change, "guardPercent");
	limit_typed(r, change, "guardItems");
}
