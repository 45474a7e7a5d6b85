/*
 * page_hooks.c - /settings?tab=webhooks and /webhooks/{id}: endpoints, their switch, secret and
 * test, and what was sent.
 */
#include "app/hooks.h"
#include "base/clock.h"
#include "hooks/model.h"
#include "kind/veil_url.h"
#include "skin/page.h"
#include "queue/events.h"

static const char remove_question[] =
    "Remove this webhook? The address is forgotten, with the list of what was sent to it.";

enum { DELIVERIES_SHOWN = 20, FRESH_MS = 15 * 1000 };

static void
hook_badge(struct arena *a, json *o, const struct hook *h)
{
	json *b = json_new(a);
	const char *kind = "ok", *text = "On";

	if (h->disabled_code) {
		kind = "error";
		text = "Switched off";
	} else if (!h->enabled) {
		kind = "neutral";
		text = "Off";
	} else if (h->failing_since) {
		kind = "warning";
		text = "Failing";
	}
	json_set_str(b, "kind", kind);
	json_set_str(b, "text", text);
	json_set(o, "badge", b);
}

static json *
hook_words(struct arena *a, const struct hook *h)
{
	const int64_t now = clock_ms();
	json *o = model_hook(a, h);
	struct buf *b = buf_in(a, 1000);

	for (struct str rest = str_c(h->events); rest.p;) {
		struct str one = str_cut(rest, ',', &rest);
		buf_printf(b, "%.*s%s", (int)one.n, one.p, rest.p ? ", " : "");
	}
	hook_badge(a, o, h);
	json_set_str(o, "eventsText", buf_c(b));
	page_when(a, o, "made", json_str(o, "createdAt"), now);
	page_when(a, o, "succeeded", json_str(o, "lastSuccessAt"), now);
	page_when(a, o, "failing", json_str(o, "failingSince"), now);
	page_when(a, o, "overlap", json_str(o, "secondSecretUntil"), now);
	return o;
}

/*
 * The form.
 */

/* The names of the events that were ticked. */
static json *
hook_ticked(struct req *r)
{
	json *list = json_list(r->cx->a);

	for (size_t i = 0; i < r->form.n; i++)
		if (!strcmp(r->form.v[i].name, "event"))
			json_add_str(list, r->form.v[i].value);
	return list;
}

/* What was typed, or else what is stored; h NULL: nothing is. */
static void
hook_fields(struct req *r, json *model, const struct hook *h, bool typed)
{
	json *events = json_list(r->cx->a), *chosen = typed ? hook_ticked(r) : NULL;
	const char *url = h ? veil_url(r->cx->a, h->url) : "",
		   *description = h ? h->description : "";

	for (size_t e = 0; e < event_words_n; e++) {
		bool on = !typed && (!h || events_has(h->events, event_words[e].name));
		json *o = json_new(r->cx->a);
		for (size_t i = 0; i < json_len(chosen); i++)
			on = on ||
			    !strcmp(json_value_str(json_nth(chosen, i)), event_words[e].name);
		json_set_str(o, "name", event_words[e].name);
		json_set_str(o, "meaning", event_words[e].meaning);
		json_set_bool(o, "checked", on);
		json_add(events, o);
	}
	json_set(model, "choices", events);
	json_set_str(model, "urlValue", typed ? req_form(r, "url") : url);
	json_set_str(model, "descriptionValue", typed ? req_form(r, "description") : description);
	json_set_str(model, "urlError", page_complaint(r, "url"));
	json_set_str(model, "descriptionError", page_complaint(r, "description"));
	json_set_str(model, "eventsError", page_complaint(r, "events"));
}

static void
show_secret(json *model, const char *secret, const char *title, const char *path)
{
	json_set_str(model, "secret", secret);
	json_set_str(model, "secretTitle", title);
	json_set_str(model, "secretPath", path);
}

/*
 * The list.
 */

static enum rc
list_show(
    struct req *r, struct resp *w, const char *secret, const char *id, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a);
	struct hook_list hooks;

	TRY(hook_list(r->cx, r->db, r->who.user_id, &hooks));
	for (size_t i = 0; i < hooks.n; i++)
		json_add(list, hook_words(r->cx->a, &hooks.v[i]));
	json_set(model, "hooks", list);
	json_set_bool(model, "none", hooks.n == 0);
	hook_fields(r, model, NULL, problem != NULL);
	show_secret(model, secret, "The webhook is added. Its secret:",
	    secret ? arena_printf(r->cx->a, "/webhooks/%s", id) : NULL);
	w->secret = secret != NULL;
	return page_settings_show(r, w, "webhooks", model, problem);
}

enum rc
page_settings_hooks(struct req *r, struct resp *w)
{
	return list_show(r, w, NULL, NULL, NULL);
}

static struct hook_input
typed_input(struct req *r)
{
	return (struct hook_input){
		.url = req_form(r, "url"),
		.description = req_form(r, "description"),
		.events = hook_ticked(r),
	};
}

enum rc
page_hooks_act(struct req *r, struct resp *w)
{
	const struct hook_input in = typed_input(r);
	const char *id, *secret;
	struct err problem;
	enum rc rc = hooks_add(r->cx, r->db, auth_caller(r), &in, &id, &secret);

	if (rc == RC_OK)
		return list_show(r, w, secret, id, NULL);
	problem = r->cx->err;
	return list_show(r, w, NULL, NULL, &problem);
}

/*
 * One webhook.
 */

static void
attempt_words(struct arena *a, json *o, int64_t now)
{
	const json *error = json_at(o, "error");
	int64_t status = json_num(o, "status", 0);
	const char *took = page_duration(a, json_num(o, "durationMs", 0));

	page_when(a, o, "when", json_str(o, "at"), now);
	json_set_str(o, "kind", error ? "error" : "ok");
	json_set_str(o, "resultText",
	    error ? arena_printf(a, "%s (%s)", json_str(error, "detail"), took)
		  : arena_printf(a, "Answered %lld in %s", (long long)status, took));
}

static void
delivery_words(struct arena *a, json *o, const struct hook *h, int64_t now)
{
	static const char *const states[][3] = {
		{ "done", "ok", "Delivered" },
		{ "failed", "error", "Given up" },
		{ "waiting", "busy", "Waiting" },
	};
	json *attempts = json_at(o, "attempts");
	size_t n = json_len(attempts);

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (!strcmp(states[i][0], json_str(o, "status"))) {
			json_set_str(o, "kind", states[i][1]);
			json_set_str(o, "stateText", states[i][2]);
		}
	for (size_t i = 0; i < n; i++)
		attempt_words(a, json_nth(attempts, i), now);
	json_set_str(
	    o, "attemptsText", n ? page_plural(a, (int64_t)n, "try", "tries") : "Not tried yet");
	json_set_str(o, "hookId", h->id);
	json_set_bool(o, "mayAgain", h->enabled);
	page_when(a, o, "made", json_str(o, "createdAt"), now);
	page_when(a, o, "next", h->enabled ? json_str(o, "nextAttemptAt") : NULL, now);
}

/* Was something asked for a moment ago, so that the page looks again by itself? */
static bool
is_awaited(const struct hook *h, const struct delivery_list *list)
{
	return list->n > 0 && h->enabled && list->v[0].due_at && list->v[0].tries == 0 &&
	    clock_ms() - list->v[0].created_at < FRESH_MS;
}

static enum rc
hook_deliveries(struct req *r, json *model, const struct hook *h)
{
	json *data = json_list(r->cx->a), *o;
	struct delivery_list list;

	TRY(delivery_list(r->cx, r->db,
	    &(struct delivery_page){ .owner = h->owner,
		.hook_id = h->id,
		.before = req_query(r, "before"),
		.limit = DELIVERIES_SHOWN },
	    &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(model_delivery(r, &list.v[i], &o));
		delivery_words(r->cx->a, o, h, clock_ms());
		json_add(data, o);
	}
	json_set_bool(model, "again", is_awaited(h, &list));
	json_set(model, "deliveries", data);
	json_set_bool(model, "quiet", list.n == 0);
	json_set_str(model, "older",
	    list.next ? arena_printf(r->cx->a, "/webhooks/%s?before=%s", h->id, list.next) : NULL);
	return RC_OK;
}

static enum rc
hook_show(
    struct req *r, struct resp *w, const char *id, const char *secret, const struct err *problem)
{
	const char *what = req_form(r, "do");
	json *model = json_new(r->cx->a);
	struct hook h;

	TRY(hook_get(r->cx, r->db, r->who.user_id, id, &h));
	TRY(hook_deliveries(r, model, &h));
	hook_fields(r, model, &h, problem && what && !strcmp(what, "edit"));
	json_set(model, "hook", hook_words(r->cx->a, &h));
	json_set_str(model, "askRemove", remove_question);
	json_set_str(model, "problem",
	    !problem || json_len(r->wrong.list) ? NULL : page_problem(r, problem));
	show_secret(model, secret, "Your new secret", NULL);
	w->secret = secret != NULL;
	return page_show(r, w, problem ? problem_status(problem) : 200, "hook", "Webhook", model);
}

enum rc
page_hook(struct req *r, struct resp *w)
{
	return hook_show(r, w, r->path_param[0], NULL, NULL);
}

static enum rc
hook_act(struct req *r, const char *what, const char *id, const char **said, const char **secret)
{
	const char *delivery = req_form(r, "delivery");
	const bool on = !strcmp(what, "on");
	struct hook_input in;

	if (!strcmp(what, "edit")) {
		*said = "Saved.";
		in = typed_input(r);
		return hooks_change(r->cx, r->db, auth_caller(r), id, &in);
	}
	if (on || !strcmp(what, "off")) {
		*said = on ? "The webhook is on." : "The webhook is off.";
		in = (struct hook_input){ .enabled = &on };
		return hooks_change(r->cx, r->db, auth_caller(r), id, &in);
	}
	if (!strcmp(what, "test")) {
		*said = "A test is on its way.";
		return hooks_test(r->cx, r->db, auth_caller(r), id, &delivery);
	}
	if (!strcmp(what, "again") && delivery) {
		*said = "It is sent again.";
		return hooks_again(r->cx, r->db, auth_caller(r), id, delivery);
	}
	if (!strcmp(what, "rotate"))
		return hooks_rotate(r->cx, r->db, auth_caller(r), id, secret);
	if (!strcmp(what, "remove")) {
		*said = "The webhook is removed.";
		return hooks_remove(r->cx, r->db, auth_caller(r), id);
	}
	return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
}

enum rc
page_hook_act(struct req *r, struct resp *w)
{
	const char *id = r->path_param[0];
	const char *what = req_form(r, "do") ? req_form(r, "do") : "";
	const char *said = NULL;
	const char *secret = NULL;
	struct err problem;
	struct hook h;
	enum rc rc;

	if (!strcmp(what, "remove") && !page_sure(r)) {
		TRY(hook_get(r->cx, r->db, r->who.user_id, id, &h));
		return page_ask(r, w, remove_question, "Remove the webhook",
		    arena_printf(r->cx->a, "/webhooks/%s", h.id));
	}
	rc = hook_act(r, what, id, &said, &secret);

	if (rc == RC_OK && secret)
		return hook_show(r, w, id, secret, NULL);
	if (rc == RC_OK) {
		page_say(r, w,
		    !strcmp(what, "remove") ? "/settings?tab=webhooks"
					    : arena_printf(r->cx->a, "/webhooks/%s", id),
		    said);
		return RC_OK;
	}
	problem = r->cx->err;
	if (rc == RC_NOTFOUND || rc == RC_BUG || problem.kind == E_BAD_REQUEST)
		return rc;
	return hook_show(r, w, id, NULL, &problem);
}
