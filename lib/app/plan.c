/*
 * plan.c - see plan.h.
 */
#include "app/plan.h"

#include "app/question.h"
#include "base/clock.h"
#include "base/rand.h"
#include "kind/kind.h"

enum { PLAN_SHOWN = 50 };

static bool
plan_same(struct arena *a, const json *x, const json *y)
{
	return !strcmp(json_text(a, x), json_text(a, y));
}

/* Of each member that is another one: what it is and what it would be. */
static json *
plan_change(struct arena *a, const json *before, const json *after)
{
	const json *const both[] = { before, after };
	json *change = json_new(a), *one;

	for (size_t i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(both[i], &it);) {
			json *was = json_at(before, it.key), *is = json_at(after, it.key);

			if (plan_same(a, was, is))
				continue;
			one = json_new(a);
			json_set(one, "before", was);
			json_set(one, "after", is);
			json_set(change, it.key, one);
		}
	return change;
}

static bool
plan_is_one(const struct conn *c, const json *change)
{
	const struct kind *k = kind_find(c->provider);

	for (const struct field *f = k ? k->fields : NULL; f && f->name; f++)
		if (f->plans && json_has(change, f->name))
			return true;
	return false;
}

static void
plan_unseen(struct arena *a, const char *why, struct plan *out)
{
	json_set_str(out->shown, "state", "unseen");
	json_set_str(out->shown, "reason",
	    arena_printf(a,
		"%s What it does could not be shown beforehand; a sync asks before it deletes or "
		"overwrites much.",
		why));
}

static void
plan_copy(json *to, const json *from)
{
	static const char *const members[] = { "counts", "total", "changes" };

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_set(to, members[i], json_at(from, members[i]));
}

/* What is asked, for the run. */
static const char *
plan_review(struct arena *a, json *change, const json *answer)
{
	static const char *const members[] = { "stored", "deletions", "replaced", "plan" };
	const json *asks = json_at(answer, "review");
	json *o = json_new(a);

	json_set_str(o, "side", "plan");
	json_set(o, "change", change);
	plan_copy(o, answer);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_set(o, members[i], json_at(asks, members[i]));
	return json_text(a, o);
}

static void
plan_seen(struct ctx *cx, json *change, const json *answer, struct plan *out)
{
	const json *review = json_at(answer, "review");

	if (!json_flag(answer, "complete", false) || !json_at(answer, "counts")) {
		plan_unseen(cx->a, "There is more than can be looked at in a few seconds.", out);
		return;
	}
	plan_copy(out->shown, answer);
	json_set_str(out->shown, "state", review ? "held" : "applied");
	if (review)
		out->review = plan_review(cx->a, change, answer);
}

enum rc
plan_look(struct ctx *cx, struct db *db, const struct planning *p, struct plan *out)
{
	const struct question_list list = { .limit = PLAN_SHOWN };
	const struct conn_question q = { .what = "preview", .body = p->change, .list = &list };
	json *change = plan_change(cx->a, json_stored(cx->a, p->conn->config), p->config), *answer;
	enum rc rc;

	*out = (struct plan){ 0 };
	if (!p->conn->sched.last_success_at || !plan_is_one(p->conn, change))
		return RC_OK;
	out->shown = json_new(cx->a);
	if (p->unseen) {
		plan_unseen(cx->a, p->unseen, out);
		return RC_OK;
	}
	rc = conn_ask(cx, db, p->by, p->conn->id, &q, &answer);
	if (rc == RC_BUG)
		return rc;
	if (rc == RC_OK)
		plan_seen(cx, change, answer, out);
	else
		plan_unseen(cx->a, error_row(cx->err.kind)->title, out);
	cx->err = (struct err){ 0 };
	return RC_OK;
}

/* --- what is held --- */

enum rc
plan_drop(struct ctx *cx, struct db *db, const struct conn *c, const char *why)
{
	const struct run over = { .id = c->plan, .owner = c->owner, .message = why };

	if (!c->plan)
		return RC_OK;
	TRY(run_answered(cx, db, &over, clock_ms()));
	return conn_set_plan(cx, db, c->owner, c->id, NULL);
}

enum rc
plan_hold(struct ctx *cx, struct db *db, const struct conn *c, const struct plan *plan)
{
	struct run run = {
		.connection_id = c->id,
		.owner = c->owner,
		.trigger = PLAN_TRIGGER,
		.message = "Held: the change of the settings would change much at once.",
		.review = plan->review,
		.error_detail =
		    "With the changed settings so much would change at once, on either side, that "
		    "they stay as they are until you decide.",
	};
	char id[UUID_TEXT];

	TRY(plan_drop(cx, db, c, "Another change of the settings has taken its place."));
	if (!plan->review)
		return RC_OK;
	run.id = rand_uuid(id);
	TRY(run_insert_asked(cx, db, &run, clock_ms()));
	json_set_str(plan->shown, "syncId", run.id);
	return conn_set_plan(cx, db, c->owner, c->id, run.id);
}

bool
plan_asks(const struct run *run)
{
	return !strcmp(run->trigger, PLAN_TRIGGER);
}

json *
plan_config(struct arena *a, const json *review)
{
	json *config = json_new(a);

	for (struct json_iter it = { 0 }; json_each(json_at(review, "change"), &it);)
		json_set(config, it.key, json_at(it.value, "after"));
	return config;
}
