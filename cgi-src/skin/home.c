/*
 * home.c - the first page: what needs me, what is connected, how fresh the data is.
 */
#include "kind/veil_url.h"
#include "skin/page.h"
#include "store/hook.h"
#include "store/outbox.h"

struct home_counts {
	int64_t all, attention, running; /* connections */
	int64_t questions;
	int64_t failed, on_way; /* changes for providers */
};

/* What is the most urgent; *look: the page about it, where that is another one. */
static const char *
home_summary(struct arena *a, const struct home_counts *n, const char **look)
{
	*look = NULL;
	if (n->attention)
		return arena_printf(a, "%s of %s need%s attention", page_count(a, n->attention),
		    page_count(a, n->all), n->attention == 1 ? "s" : "");
	*look = "/conflicts";
	if (n->questions)
		return arena_printf(a, "%s for you",
		    page_plural(a, n->questions, "question waits", "questions wait"));
	*look = "/calendar/queue";
	if (n->failed)
		return arena_printf(a, "%s not be written",
		    page_plural(a, n->failed, "change could", "changes could"));
	if (!n->running && n->on_way)
		return arena_printf(
		    a, "%s on the way", page_plural(a, n->on_way, "change is", "changes are"));
	*look = NULL;
	if (n->running)
		return arena_printf(a, "%s syncing now", page_count(a, n->running));
	return "Everything is in sync";
}

static enum rc
home_changes(struct req *r, struct home_counts *out)
{
	struct outbox_count counts[OUTBOX_STATES];
	size_t n;

	TRY(outbox_counts(r->cx, r->db, r->who.user_id, counts, &n));
	for (size_t i = 0; i < n; i++)
		if (!strcmp(counts[i].state, OUTBOX_FAILED))
			out->failed = counts[i].n;
		else if (strcmp(counts[i].state, OUTBOX_HELD) &&
		    strcmp(counts[i].state, OUTBOX_DONE))
			out->on_way += counts[i].n;
	return RC_OK;
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
		json_set_str(o, "url", veil_url(r->cx->a, hooks.v[i].url));
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
	struct home_counts n = { .questions = page_questions(r) };
	json *model = json_new(a);
	const char *look;

	TRY(page_connections(r, &how, model));
	TRY(hooks_off(r, model));
	TRY(home_changes(r, &n));
	n.all = json_num(model, "connectionCount", 0);
	n.attention = json_num(model, "attentionCount", 0);
	n.running = json_num(model, "runningCount", 0);
	json_set_i64(model, "questionCount", n.questions);
	if (json_flag(model, "none", false))
		page_picks(a, model, kind_list(a), NULL);
	json_set_str(model, "summary", home_summary(a, &n, &look));
	json_set_str(model, "look", look);
	json_set_str(model, "totals", home_totals(a, model));
	return page_show(r, w, 200, "home",
	    n.attention ? arena_printf(a, "(%lld) Home", (long long)n.attention) : "Home", model);
}
