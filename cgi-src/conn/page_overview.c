/*
 * page_overview.c - /integrations-overview: all connections at a glance, by state.
 */
#include "skin/page.h"

enum rc
page_overview(struct req *r, struct resp *w)
{
	static const struct page_list how = {
		.path = "/integrations-overview",
		.sort = "state",
		.size = 50,
	};
	json *model = json_new(r->cx->a);

	TRY(page_connections(r, &how, model));
	if (json_flag(model, "none", false))
		page_picks(r->cx->a, model, kind_list(r->cx->a), NULL);
	return page_show(r, w, 200, "overview", "Overview", model);
}
