/*
 * page.c - see page.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "page.h"
#include "web/tmpl.h"

#include "views.h"

const char *
page_count(struct arena *a, int64_t n)
{
	char digits[32], *out = arena_alloc(a, 48);
	size_t len, o = 0;

	snprintf(digits, sizeof digits, "%lld", (long long)n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
			out[o++] = ',';
		out[o++] = digits[i];
	}
	return out;
}

static const char *
duration(struct arena *a, int64_t ms)
{
	if (ms < 1000)
		return arena_printf(a, "%lld ms", (long long)ms);
	if (ms < 60000)
		return arena_printf(a, "%.1f s", (double)ms / 1000.0);
	return arena_printf(a, "%lld min %lld s", (long long)(ms / 60000), (long long)(ms / 1000 % 60));
}

/* A time as {at, text, title} for <time>. */
static void
set_when(struct arena *a, json *o, const char *key, const char *text, int64_t now)
{
	int64_t at;
	json *t;

	if (!text || !clock_parse(str_c(text), &at)) {
		json_set_null(o, key);
		return;
	}
	t = json_new(a);
	json_set_str(t, "at", text);
	json_set_str(t, "text", model_relative(a, at, now));
	json_set_str(t, "title", arena_printf(a, "%.10s %.5s UTC", text, text + 11));
	json_set(o, key, t);
}

void
page_run_words(struct arena *a, json *run, int64_t now)
{
	json *stats = json_at(run, "stats"), *words = json_new(a);
	const char *status = json_str(run, "status"), *trigger = json_str(run, "trigger");
	static const char *const names[] = { "fetched", "added", "updated", "deleted", "unchanged", "skipped" };
	static const char *const triggers[][2] = { { "first", "First sync" }, { "manual", "By hand" }, { "api", "By the application" }, { "schedule", "On schedule" },
		{ "resume", "Resumed" }, { "approve", "After an answer" }, { "command", "By command" }, { "webhook", "Told by the source" } };
	bool done = !strcmp(status, "complete"), bad = !strcmp(status, "error");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_set_str(words, names[i], page_count(a, json_num(stats, names[i], 0)));
	json_set_str(words, "size", page_count(a, (json_num(stats, "size", 0) + 1023) / 1024));
	json_set_str(words, "result", done ? "Complete" : bad ? "Failed" : "Running");
	json_set_str(words, "kind", done ? "ok" : bad ? "error" : "busy");
	json_set_str(words, "trigger", trigger);
	for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++)
		if (!strcmp(triggers[i][0], trigger))
			json_set_str(words, "trigger", triggers[i][1]);
	json_set_str(words, "duration", json_is_int(json_at(run, "durationMs")) ? duration(a, json_num(run, "durationMs", 0)) : "");
	json_set_bool(words, "active", !done && !bad);
	json_set_bool(words, "changed", json_num(stats, "added", 0) + json_num(stats, "updated", 0) + json_num(stats, "deleted", 0) > 0);
	set_when(a, words, "started", json_str(run, "startedAt"), now);
	set_when(a, words, "finished", json_str(run, "finishedAt"), now);
	json_set(run, "words", words);
}

static json *
options(struct arena *a, const struct sched *s)
{
	static const char *const rows[][2] = { { "15min", "Every 15 minutes" }, { "30min", "Every 30 minutes" }, { "hourly", "Every hour" }, { "daily", "Every day" },
		{ "weekly", "Every week" } };
	json *list = json_list(a), *o;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		o = json_new(a);
		json_set_str(o, "value", rows[i][0]);
		json_set_str(o, "label", rows[i][1]);
		json_set_bool(o, "selected", !strcmp(rows[i][0], freq_name(s->freq)));
		json_add(list, o);
	}
	if (s->freq == FREQ_CUSTOM) {
		o = json_new(a);
		json_set_str(o, "value", "custom");
		json_set_str(o, "label", s->rrule ? "By rule" : arena_printf(a, "Every %lld minutes", (long long)s->interval_minutes));
		json_set_bool(o, "selected", true);
		json_add(list, o);
	}
	return list;
}

enum rc
page_conn_model(struct req *r, const struct conn *c, json **out)
{
	struct arena *a = r->cx->a;
	int64_t now = clock_ms();
	struct dataset_list sets;
	int64_t rows = 0;
	json *o, *last;

	TRY(model_conn(r, c, out));
	o = *out;
	last = json_at(o, "lastSync");
	if (last)
		page_run_words(a, last, now);
	TRY(dataset_list(r->cx, r->db, c->owner, c->id, &sets));
	for (size_t i = 0; i < sets.n; i++)
		rows += sets.v[i].rows;
	json_set_str(o, "rowsText", page_count(a, rows));
	json_set_bool(o, "hasData", sets.n > 0);
	set_when(a, o, "next", json_str(o, "nextPollAt"), now);
	set_when(a, o, "fresh", json_str(o, "lastSuccessAt"), now);
	json_set(o, "frequencies", options(a, &c->sched));
	json_set_bool(o, "running", json_str(o, "activeSyncId") != NULL);
	json_set_bool(o, "attention", c->sched.health == HEALTH_ATTENTION);
	json_set_str(o, "url", json_str(json_at(o, "config"), "url"));
	json_set_bool(o, "fixRetry", json_str(json_at(o, "lastError"), "action") && !strcmp(json_str(json_at(o, "lastError"), "action"), "retry"));
	json_set_bool(o, "fixEdit", json_str(json_at(o, "lastError"), "action") && !strcmp(json_str(json_at(o, "lastError"), "action"), "edit"));
	json_set_bool(o, "fixReview", json_str(json_at(o, "lastError"), "action") && !strcmp(json_str(json_at(o, "lastError"), "action"), "review"));
	json_set_str(o, "csrf", r->who.csrf);
	return RC_OK;
}

static const struct {
	const char *path, *title;
} nav[] = { { "/", "Home" }, { "/settings?tab=integrations", "Integrations" }, { "/integrations-overview", "Overview" } };

static json *
navigation(struct req *r)
{
	json *list = json_list(r->cx->a), *o;

	for (size_t i = 0; i < sizeof nav / sizeof *nav; i++) {
		struct str rest, path = str_cut(str_c(nav[i].path), '?', &rest);
		o = json_new(r->cx->a);
		json_set_str(o, "path", nav[i].path);
		json_set_str(o, "title", nav[i].title);
		json_set_bool(o, "current", str_is(path, r->path));
		json_add(list, o);
	}
	return list;
}

/* The line that the page before left in a cookie; shown once. */
static const char *
said(struct req *r, struct resp *w)
{
	const char *raw = params_get(&r->cookies, "tidemark-say");
	char *text;

	if (!raw || !*raw || !url_decode(r->cx->a, str_c(raw), false, &text))
		return NULL;
	resp_header(w, "Set-Cookie", "tidemark-say=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	return text;
}

void
page_say(struct req *r, struct resp *w, const char *path, const char *words)
{
	struct buf *b = buf_in(r->cx->a, 2000);

	buf_str(b, "tidemark-say=");
	url_encode(b, arena_dup_str(r->cx->a, str_utf8_cut(str_c(words), 300)));
	buf_str(b, "; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
	resp_header(w, "Set-Cookie", buf_c(b));
	resp_redirect(w, r->cx->a, path);
}

enum rc
page_show(struct req *r, struct resp *w, int status, const char *view, const char *title, json *model)
{
	json *beat = NULL;

	json_set_str(model, "pageTitle", title);
	json_set_str(model, "static", "/static/" TIDEMARK_ASSETS);
	json_set(model, "nav", r->who.user_id ? navigation(r) : NULL);
	json_set_str(model, "userName", r->who.user_name);
	json_set_str(model, "csrf", r->who.csrf);
	json_set_str(model, "said", said(r, w));
	if (r->who.user_id && r->db && model_heartbeat(r, &beat) == RC_OK)
		json_set(model, "tick", beat);
	json_set_bool(model, "tickDead", beat && !json_flag(beat, "alive", false));
	w->status = status;
	w->type = "text/html";
	buf_clear(w->body);
	TRY(tmpl_render(r->cx, views, "head", model, false, w->body));
	TRY(tmpl_render(r->cx, views, view, model, false, w->body));
	return tmpl_render(r->cx, views, "foot", model, false, w->body);
}

void
page_error(struct req *r, struct resp *w, const struct err *err)
{
	const struct error_row *row = error_row(err->kind);
	json *model = json_new(r->cx->a);
	struct err copy = *err;
	int status;

	resp_problem(w, r->cx->a, &copy, NULL, r->id);
	status = w->status;
	json_set_i64(model, "status", status);
	json_set_str(model, "title", row->title);
	json_set_str(model, "detail", *copy.detail ? copy.detail : NULL);
	json_set_str(model, "advice", row->advice);
	json_set_str(model, "requestId", r->id);
	if (page_show(r, w, status, "error", row->title, model) != RC_OK)
		resp_problem(w, r->cx->a, &copy, NULL, r->id);
}

enum rc
page_sign_in(struct req *r, struct resp *w, const char *problem)
{
	json *model = json_new(r->cx->a);

	json_set_str(model, "problem", problem);
	json_set_bool(model, "signedIn", r->who.user_id != NULL);
	json_set_i64(model, "minutes", 30);
	return page_show(r, w, problem ? 401 : 200, "sign-in", "Sign in", model);
}
