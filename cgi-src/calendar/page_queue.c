/*
 * page_queue.c - /calendar/queue: changes that are on their way to providers, those that could not
 * be written and why, and those that somebody is asked about.
 */
#include "app/outbox.h"
#include "base/clock.h"
#include "calendar/model.h"
#include "calendar/queue.h"
#include "skin/page.h"
#include "store/event.h"

enum { QUEUE_SHOWN = 50 };

static const struct {
	const char *word, *title, *blurb;
	bool retry;
} queue_parts[] = {
	{ "FAILED", "Could not be written", "These are not tried again by themselves.", true },
	{ "HELD", "Waiting for your answer",
	    "These are written once you have said that they may be.", false },
	{ "PROCESSING", "Being written now", NULL, false },
	{ "PENDING", "Waiting",
	    "Each is written by itself when its time comes, while auto-sync of its calendar is on.",
	    true },
};
enum { QUEUE_PARTS = sizeof queue_parts / sizeof *queue_parts };

static const char *
queue_op_words(const char *operation)
{
	if (!strcmp(operation, "DELETE"))
		return "to be deleted";
	return !strcmp(operation, "CREATE") ? "to be made" : "to be changed";
}

static bool
queue_is_paused(const json *o)
{
	const char *code = json_str(json_at(o, "error"), "code");

	return code && !strcmp(code, error_row(E_PAUSED)->code);
}

/* What it is about, and where it goes. */
static enum rc
queue_item_words(struct req *r, json *o, bool retry)
{
	const char *id = json_str(o, "eventId"), *provider, *name, *title = NULL;
	struct event_row e;

	TRY(model_provider_of(r, r->who.user_id, json_str(o, "connectionId"), &provider, &name));
	if (id && event_any(r->cx, r->db, r->who.user_id, id, &e) == RC_OK)
		title = json_str(json_stored(r->cx->a, e.value), "title");
	json_set_str(o, "title", title ? title : "A record");
	json_set_str(o, "place", name ? name : "a connection that is gone");
	json_set_bool(o, "there", name != NULL);
	json_set_str(o, "words", queue_op_words(json_str(o, "operation")));
	/* That of what is held is told once, above them all. */
	if (json_str(o, "syncId"))
		json_set_null(o, "error");
	json_set_bool(o, "retry", retry && !queue_is_paused(o));
	json_set_bool(o, "tried", json_num(o, "attempts", 0) > 0);
	json_set_str(o, "tries", page_plural(r->cx->a, json_num(o, "attempts", 0), "try", "tries"));
	page_when(r->cx->a, o, "next",
	    !strcmp(json_str(o, "status"), "PENDING") ? json_str(o, "nextAttemptAt") : NULL,
	    clock_ms());
	page_when(r->cx->a, o, "made", json_str(o, "createdAt"), clock_ms());
	return RC_OK;
}

/* *hurries: is there one that would be tried? */
static enum rc
queue_part(struct req *r, size_t i, int64_t n, json *parts, bool *hurries)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *data;

	if (n == 0)
		return RC_OK;
	TRY(queue_items(r, queue_parts[i].word, QUEUE_SHOWN, o));
	data = json_at(o, "data");
	for (size_t k = 0; k < json_len(data); k++) {
		TRY(queue_item_words(r, json_nth(data, k), queue_parts[i].retry));
		*hurries = *hurries || json_flag(json_nth(data, k), "retry", false);
	}
	if (n > (int64_t)json_len(data))
		*hurries = *hurries || queue_parts[i].retry;
	json_set_str(o, "heading", queue_parts[i].title);
	json_set_str(o, "word", queue_parts[i].word);
	json_set_str(o, "blurb", queue_parts[i].blurb);
	json_set_str(o, "count", page_count(a, n));
	json_set_str(o, "rest",
	    n > (int64_t)json_len(data)
		? arena_printf(a, "and %s more", page_count(a, n - (int64_t)json_len(data)))
		: NULL);
	json_add(parts, o);
	return RC_OK;
}

static enum rc
queue_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *parts = json_list(r->cx->a);
	const json *stats;
	bool hurries = false;

	TRY(queue_stats(r, model));
	stats = json_at(model, "stats");
	for (size_t i = 0; i < QUEUE_PARTS; i++)
		TRY(queue_part(r, i, json_num(stats, queue_parts[i].word, 0), parts, &hurries));
	json_set(model, "parts", parts);
	json_set_bool(model, "idle", json_len(parts) == 0);
	json_set_bool(model, "mayHurry", hurries);
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	json_set_bool(model, "calendarStyle", true);
	return page_show(
	    r, w, problem ? problem_status(problem) : 200, "queue", "Pending changes", model);
}

enum rc
page_queue(struct req *r, struct resp *w)
{
	return queue_show(r, w, NULL);
}

enum rc
page_queue_act(struct req *r, struct resp *w)
{
	const char *id = req_form(r, "id");
	struct err problem;
	int64_t n;
	enum rc rc = outbox_process(r->cx, r->db, auth_caller(r), id && *id ? id : NULL, &n);

	if (rc == RC_OK) {
		page_say(r, w, "/calendar/queue",
		    arena_printf(r->cx->a, "%s tried now.",
			page_plural(r->cx->a, n, "change is", "changes are")));
		return RC_OK;
	}
	problem = r->cx->err;
	if (problem.kind != E_STATE && problem.kind != E_PAUSED)
		return rc;
	return queue_show(r, w, &problem);
}
