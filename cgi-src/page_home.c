/*
 * page_home.c - the first page and the overview: what is connected, what needs me, how fresh the data is.
 */
#include "base/clock.h"
#include "page.h"

enum { SHOWN = 200 };

/* All connections of the user as page models; those that need attention first, running ones next. */
static enum rc
connections(struct req *r, json **out, json **attention, int64_t *running)
{
	struct conn_list list;
	json *o, *busy = json_list(r->cx->a), *rest = json_list(r->cx->a);

	*out = json_list(r->cx->a);
	*attention = json_list(r->cx->a);
	*running = 0;
	TRY(conn_list(r->cx, r->db, r->who.user_id, "", SHOWN, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(page_conn_model(r, &list.v[i], &o));
		if (json_flag(o, "running", false)) {
			(*running)++;
			json_add(busy, o);
		} else if (list.v[i].sched.health == HEALTH_ATTENTION) {
			json_add(*out, o);
		} else
			json_add(rest, o);
		if (list.v[i].sched.health == HEALTH_ATTENTION)
			json_add(*attention, o);
	}
	for (size_t i = 0; i < json_len(busy); i++)
		json_add(*out, json_nth(busy, i));
	for (size_t i = 0; i < json_len(rest); i++)
		json_add(*out, json_nth(rest, i));
	return RC_OK;
}

enum rc
page_home(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *list, *attention;
	int64_t running;
	size_t n;

	TRY(connections(r, &list, &attention, &running));
	n = json_len(list);
	json_set(model, "connections", list);
	json_set(model, "attention", attention);
	json_set_bool(model, "none", n == 0);
	json_set_str(model, "summary", json_len(attention) ? arena_printf(r->cx->a, "%zu of %zu need%s you", json_len(attention), n, json_len(attention) == 1 ? "s" : "")
	    : running ? arena_printf(r->cx->a, "%lld syncing now", (long long)running) : "All is level");
	json_set_bool(model, "allWell", json_len(attention) == 0);
	return page_show(r, w, 200, "home", json_len(attention) ? arena_printf(r->cx->a, "(%zu) Home", json_len(attention)) : "Home", model);
}

enum rc
page_overview(struct req *r, struct resp *w)
{
	static const char *const filters[][2] = { { "", "All" }, { "active", "Active" }, { "syncing", "Syncing" }, { "retrying", "Retrying" }, { "attention", "Needs attention" },
		{ "manual", "Manual" } };
	const char *wanted = req_query(r, "status");
	json *model = json_new(r->cx->a), *all, *attention, *shown = json_list(r->cx->a), *tabs = json_list(r->cx->a);
	int64_t running;

	if (!wanted)
		wanted = "";
	TRY(connections(r, &all, &attention, &running));
	for (size_t i = 0; i < json_len(all); i++)
		if (!*wanted || !strcmp(wanted, json_str(json_nth(all, i), "status")))
			json_add(shown, json_nth(all, i));
	for (size_t f = 0; f < sizeof filters / sizeof *filters; f++) {
		json *o = json_new(r->cx->a);
		int64_t n = 0;
		for (size_t i = 0; i < json_len(all); i++)
			n += !*filters[f][0] || !strcmp(filters[f][0], json_str(json_nth(all, i), "status"));
		json_set_str(o, "path", *filters[f][0] ? arena_printf(r->cx->a, "/integrations-overview?status=%s", filters[f][0]) : "/integrations-overview");
		json_set_str(o, "title", filters[f][1]);
		json_set_i64(o, "count", n);
		json_set_bool(o, "current", !strcmp(wanted, filters[f][0]));
		json_add(tabs, o);
	}
	json_set(model, "filters", tabs);
	json_set(model, "connections", shown);
	json_set_bool(model, "none", json_len(all) == 0);
	json_set_bool(model, "noneShown", json_len(all) && !json_len(shown));
	return page_show(r, w, 200, "overview", "Overview", model);
}
