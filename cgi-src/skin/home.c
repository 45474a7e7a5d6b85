/*
 * home.c - the first page: what needs me, what is connected, how fresh the data is.
 */
#include "skin/page.h"
#include "store/hook.h"

static const char *
home_summary(struct arena *a, int64_t n, int64_t attention, int64_t running)
{
	if (attention)
		return arena_printf(a, "%s of %s need%s you", page_count(a, attention),
		    page_count(a, n), attention == 1 ? "s" : "");
	if (running)
		return arena_printf(a, "%s syncing now", page_count(a, running));
	return "Everything is level";
}

/* "3 connections, 12,345 records" */
static const char *
home_totals(struct arena *a, const json *model)
{
	return arena_printf(a, "%s, %s",
	    page_plural(a, json_num(model, "connectionCount", 0), "connection", "connections"),
	    page_plural(a, json_num(model, "recordCount", 0), "record", "records"));
}

/* Webhooks that Tidemark itself has switched off. */
static enum rc
hooks_off(struct req *r, json *model)
{
	json *list = json_list(r->cx->a), *o;
	struct hook_list hooks;

	TRY(hook_list(r->cx, r->db, r->who.user_id, &hooks));
	for (size_t i = 0; i < hooks.n; i++) {
		if (!hooks.v[i].disabled_code)
			continue;
		o = json_new(r->cx->a);
		json_set_str(o, "id", hooks.v[i].id);
		json_set_str(o, "url", hooks.v[i].url);
		json_set_str(o, "title", error_by_code(hooks.v[i].disabled_code)->title);
		json_add(list, o);
	}
	json_set(model, "hooksOff", list);
	return RC_OK;
}

enum rc
page_home(struct req *r, struct resp *w)
{
	static const struct page_list how = { .path = "/", .sort = "state", .size = 50 };
	struct arena *a = r->cx->a;
	json *model = json_new(a);
	int64_t attention;

	TRY(page_connections(r, &how, model));
	TRY(hooks_off(r, model));
	attention = json_num(model, "attentionCount", 0);
	if (json_flag(model, "none", false))
		page_picks(a, model, kind_list(a), NULL);
	json_set_str(model, "summary",
	    home_summary(a, json_num(model, "connectionCount", 0), attention,
		json_num(model, "runningCount", 0)));
	json_set_str(model, "totals", home_totals(a, model));
	return page_show(r, w, 200, "home",
	    attention ? arena_printf(a, "(%lld) Home", (long long)attention) : "Home", model);
}
