/*
 * page_overview.c - /integrations-overview: all connections at a glance, by state.
 */
#include "skin/page.h"

static const struct {
	const char *status, *title;
} filters[] = {
	{ "", "All" },
	{ "active", "Active" },
	{ "syncing", "Syncing" },
	{ "retrying", "Retrying" },
	{ "attention", "Needs attention" },
	{ "manual", "Manual" },
};

static bool
overview_has(const json *conn, const char *status)
{
	return !*status || !strcmp(json_str(conn, "status"), status);
}

static json *
overview_tabs(struct arena *a, const json *all, const char *wanted)
{
	json *list = json_list(a);

	for (size_t f = 0; f < sizeof filters / sizeof *filters; f++) {
		json *o = json_new(a);
		int64_t n = 0;
		for (size_t i = 0; i < json_len(all); i++)
			n += overview_has(json_nth(all, i), filters[f].status);
		json_set_str(o, "path",
		    *filters[f].status
			? arena_printf(a, "/integrations-overview?status=%s", filters[f].status)
			: "/integrations-overview");
		json_set_str(o, "title", filters[f].title);
		json_set_i64(o, "count", n);
		json_set_bool(o, "current", !strcmp(wanted, filters[f].status));
		json_add(list, o);
	}
	return list;
}

enum rc
page_overview(struct req *r, struct resp *w)
{
	const char *wanted = req_query(r, "status") ? req_query(r, "status") : "";
	json *model = json_new(r->cx->a), *all, *shown = json_list(r->cx->a), *providers;

	TRY(page_connections(r, model));
	all = json_at(model, "connections");
	json_set(model, "filters", overview_tabs(r->cx->a, all, wanted));
	for (size_t i = 0; i < json_len(all); i++)
		if (overview_has(json_nth(all, i), wanted))
			json_add(shown, json_nth(all, i));
	if (!json_len(all)) {
		providers = kind_list(r->cx->a);
		page_picks(r->cx->a, model, providers, NULL);
	}
	json_set_bool(model, "noneShown", json_len(all) && !json_len(shown));
	json_set(model, "connections", shown);
	return page_show(r, w, 200, "overview", "Overview", model);
}
