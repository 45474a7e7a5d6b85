/*
 * page.c - see page.h: the layout, error and sign-in pages, and the line that one page leaves for the next.
 */
#include "base/clock.h"
#include "page.h"
#include "store/user.h"
#include "web/tmpl.h"

#include "views.h"

static const struct {
	const char *path, *title;
	bool counts;             /* shows how much needs the owner */
} nav[] = { { "/", "Home", true }, { "/settings?tab=integrations", "Integrations", false }, { "/integrations-overview", "Overview", false } };

static json *
navigation(struct req *r, int64_t attention)
{
	json *list = json_list(r->cx->a), *o;

	for (size_t i = 0; i < sizeof nav / sizeof *nav; i++) {
		struct str rest, path = str_cut(str_c(nav[i].path), '?', &rest);
		o = json_new(r->cx->a);
		json_set_str(o, "path", nav[i].path);
		json_set_str(o, "title", nav[i].title);
		json_set_bool(o, "current", str_is(path, r->path));
		json_set_str(o, "count", nav[i].counts && attention ? page_count(r->cx->a, attention) : NULL);
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
	json_set_str(model, "version", TIDEMARK_VERSION);
	json_set(model, "nav", r->who.user_id ? navigation(r, json_num(model, "attentionCount", 0)) : NULL);
	json_set_str(model, "userName", r->who.user_name);
	json_set_str(model, "csrf", r->who.csrf);
	json_set_str(model, "said", said(r, w));
	if (r->who.user_id && r->db && model_heartbeat(r, &beat) == RC_OK)
		page_when(r->cx->a, beat, "when", json_str(beat, "at"), clock_ms());
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

	/* Sets the status and Retry-After. */
	resp_problem(w, r->cx->a, &copy, NULL, r->id);
	status = w->status;
	json_set_i64(model, "status", status);
	json_set_str(model, "title", row->title);
	json_set_str(model, "detail", *copy.detail && row->rc != RC_BUG ? copy.detail : NULL);
	json_set_str(model, "advice", row->advice);
	json_set_str(model, "requestId", r->id);
	if (page_show(r, w, status, "error", row->title, model) != RC_OK)
		resp_problem(w, r->cx->a, &copy, NULL, r->id);
}

enum rc
page_sign_in(struct req *r, struct resp *w, const char *problem)
{
	json *model = json_new(r->cx->a);
	bool in = r->who.user_id != NULL, wanted = req_query(r, "next") != NULL;

	json_set_str(model, "heading", problem ? "This link does not work any more" : in ? "You are signed in" : wanted ? "Sign in to go on" : "You are signed out");
	json_set_str(model, "problem", problem);
	json_set_bool(model, "signedIn", in);
	json_set_i64(model, "minutes", SIGN_IN_KEY_MINUTES);
	return page_show(r, w, problem ? 401 : 200, "sign-in", "Sign in", model);
}
