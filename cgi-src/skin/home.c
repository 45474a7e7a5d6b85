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
home_totals(struct arena *a, const json *list)
{
	int64_t rows = 0, n = (int64_t)json_len(list);

	for (size_t i = 0; i < json_len(list); i++)
		rows += json_num(json_nth(list, i), "rows", 0);
	return arena_printf(a, "%s connection%s, %s record%s", page_count(a, n), n == 1 ? "" : "s",
	    page_count(a, rows), rows == 1 ? "" : "s");
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
	struct arena *a = r->cx->a;
	json *model = json_new(a), *list, *providers;
	int64_t attention;

	TRY(page_connections(r, model));
	TRY(hooks_off(r, model));
	list = json_at(model, "connections");
	attention = json_num(model, "attentionCount", 0);
	if (!json_len(list)) {
		providers = kind_list(r->cx->a);
		page_picks(a, model, providers, NULL);
	}
	json_set_str(model, "summary",
	    home_summary(
		a, (int64_t)json_len(list), attention, json_num(model, "runningCount", 0)));
	json_set_str(model, "totals", home_totals(a, list));
	return page_show(r, w, 200, "home",
	    attention ? arena_printf(a, "(%lld) Home", (long long)attention) : "Home", model);
}
