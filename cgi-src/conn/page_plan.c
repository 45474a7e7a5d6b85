/*
 * page_plan.c - /connections/{id}/preview: what a sync would do now, here and there, all of it in
 * pages. Each page is worked out anew, by what runs.
 */
#include "app/plan.h"
#include "app/question.h"
#include "conn/planned.h"

enum { PLAN_SHOWN = 50 };

static const char *
plan_link(struct req *r, const struct question_list *list)
{
	struct buf *b = buf_in(r->cx->a, 600);

	buf_printf(b, "/connections/%s/preview?", r->path_param[0]);
	if (req_query(r, "plan"))
		buf_printf(b, "plan=%.40s&", req_query(r, "plan"));
	if (list && list->side)
		buf_printf(b, "side=%s&", list->side);
	if (list && list->action)
		buf_printf(b, "action=%s&", list->action);
	return buf_c(b);
}

/* "pager": NULL where all are shown. */
static json *
plan_pager(struct arena *a, const char *link, const struct question_list *list, const json *answer)
{
	const int64_t total = json_num(answer, "total", 0);
	const int64_t end = list->from + (int64_t)json_len(json_at(answer, "changes"));
	const int64_t back = list->from > list->limit ? list->from - list->limit : 0;
	const char *next = json_str(answer, "nextCursor");
	json *o = json_new(a);

	if (!next && list->from == 0)
		return NULL;
	json_set_str(o, "text",
	    list->from < total ? arena_printf(a, "%s to %s of %s", page_count(a, list->from + 1),
				     page_count(a, end), page_count(a, total))
			       : "There are no more.");
	json_set_str(
	    o, "back", list->from ? arena_printf(a, "%scursor=%lld", link, (long long)back) : NULL);
	json_set_str(o, "on", next ? arena_printf(a, "%scursor=%s", link, next) : NULL);
	return o;
}

struct plan_of {
	const struct wall *wall; /* as planned_changes() takes it */
	bool writes;             /* under the settings as they are, or would be */
};

static void
plan_words(struct req *r, const struct question_list *list, const struct plan_of *of, json *answer,
    json *model)
{
	const char *link = plan_link(r, list), *all = plan_link(r, NULL);
	struct arena *a = r->cx->a;
	const json *counts = json_at(answer, "counts");
	const bool some = list->side || list->action;

	planned_changes(a, of->wall, json_at(answer, "changes"), model);
	planned_counts(a, counts, of->writes, all, model);
	page_notes(json_at(answer, "warnings"));
	json_set(model, "warnings", json_at(answer, "warnings"));
	json_set_bool(model, "known", counts != NULL);
	json_set_bool(model, "complete", json_flag(answer, "complete", false));
	json_set_bool(model, "asks", json_at(answer, "review") != NULL);
	json_set_i64(model, "plannedFrom", list->from + 1);
	json_set(model, "pager", plan_pager(a, link, list, answer));
	json_set_str(model, "all", some ? all : NULL);
	json_set_bool(model, "other", req_query(r, "plan") != NULL);
}

/* With the settings that a held change would make; else as they are. */
static enum rc
plan_body(struct req *r, json *body)
{
	const char *id = req_query(r, "plan");
	struct run run;

	if (!id || !*id)
		return RC_OK;
	TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
	json_set(body, "config", plan_config(r->cx->a, json_stored(r->cx->a, run.review)));
	return RC_OK;
}

static enum rc
plan_wish(struct req *r, struct question_list *out)
{
	const char *cursor = req_query(r, "cursor"), *side = req_query(r, "side"),
		   *action = req_query(r, "action");

	*out = (struct question_list){
		.side = side && *side ? side : NULL,
		.action = action && *action ? action : NULL,
		.limit = PLAN_SHOWN,
	};
	if (!planned_knows(out->side, NULL))
		return input_fail_one(r, "side", "This is one of local, remote.");
	if (!planned_knows(NULL, out->action))
		return input_fail_one(r, "action", "This is one of add, update, delete.");
	if (cursor && *cursor && !str_i64(str_c(cursor), 0, INT32_MAX, &out->from))
		return input_fail_one(r, "cursor", "The cursor is not one that this list gave.");
	return RC_OK;
}

static struct plan_of
plan_of(struct req *r, const struct conn *c, const json *change)
{
	const json *config = json_stored(r->cx->a, c->config);

	return (struct plan_of){
		.wall = planned_wall(r, c->provider, config),
		.writes = planned_writes(c->provider, config) ||
		    (json_has(change, "direction") && planned_writes(c->provider, change)),
	};
}

/* A source that cannot be looked at is said, on the page. */
enum rc
page_plan(struct req *r, struct resp *w)
{
	const char *id = r->path_param[0];
	struct question_list list;
	json *model = json_new(r->cx->a), *body = json_new(r->cx->a), *o, *answer = NULL;
	const struct conn_question q = { .what = "preview", .body = body, .list = &list };
	struct err problem;
	struct plan_of of;
	struct conn c;
	enum rc rc;

	TRY(plan_wish(r, &list));
	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(plan_body(r, body));
	rc = conn_ask(r->cx, r->db, auth_caller(r), id, &q, &answer);
	problem = r->cx->err;
	if (rc == RC_BUG)
		return rc;
	r->cx->err = (struct err){ 0 };
	TRY(page_conn_model(r, &c, &o));
	json_set(model, "connection", o);
	json_set_str(model, "problem", rc == RC_OK ? NULL : page_problem(r, &problem));
	of = plan_of(r, &c, json_at(body, "config"));
	plan_words(r, &list, &of, answer, model);
	json_set_bool(model, "calendarStyle", true);
	return page_show(
	    r, w, rc == RC_OK ? 200 : problem_status(&problem), "plan", "Preview", model);
}
