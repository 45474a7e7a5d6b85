/*
 * page.c - see page.h: the layout, error and sign-in pages, and the line that one page leaves
 * for the next.
 */
#include "fcgi/auth.h"
#include "app/state.h"
#include "base/clock.h"
#include "base/conf.h"
#include "skin/page.h"
#include "store/conflict.h"
#include "store/outbox.h"
#include "store/session.h"
#include "store/user.h"
#include "queue/mailbox.h"
#include "web/tmpl.h"

#include "assets.h"
#include "views.h"

/* What an entry of the menu shows beside its name: how many connections need the owner, how many
 * questions wait for an answer. */
enum nav_count { NAV_NONE, NAV_ATTENTION, NAV_QUESTIONS, NAV__MAX };

static const struct {
	const char *path, *title;
	enum nav_count counts;
	const char *also; /* where other pages below this one are, with spaces between */
} nav[] = {
	{ "/", "Home", NAV_ATTENTION, "" },
	{ "/calendar", "Calendar", NAV_NONE, "/events" },
	{ "/profiles", "People", NAV_NONE, "" },
	{ "/conflicts", "Conflicts", NAV_QUESTIONS, "" },
	{ "/settings?tab=integrations", "Settings", NAV_NONE, "/kept /webhooks" },
	{ "/integrations-overview", "Overview", NAV_NONE,
	    "/analytics /connections /syncs /datasets" },
};

/* What the number says, for those who hear it. */
static const struct {
	const char *one, *many;
} nav_counts[NAV__MAX] = {
	[NAV_ATTENTION] = { "needs attention", "need attention" },
	[NAV_QUESTIONS] = { "waits for an answer", "wait for an answer" },
};

/* How many connections need the owner: what the page itself has counted, in its moment, or a count
 * of its own. */
static int64_t
page_attention(struct req *r, const json *model)
{
	int64_t count[STATE__MAX];

	if (json_has(model, "attentionCount"))
		return json_num(model, "attentionCount", 0);
	if (!r->db || conn_counts(r->cx, r->db, r->who.user_id, count) != RC_OK)
		return 0;
	return count[STATE_ATTENTION];
}

int64_t
page_questions(struct req *r)
{
	struct outbox_question held[OUTBOX_QUESTIONS];
	struct conn_planned planned[CONN_PLANNED];
	size_t n, plans;
	int64_t open;

	if (!r->db || conflict_count(r->cx, r->db, r->who.user_id, NULL, &open) != RC_OK ||
	    outbox_questions(r->cx, r->db, r->who.user_id, held, &n) != RC_OK ||
	    conn_planned(r->cx, r->db, r->who.user_id, planned, &plans) != RC_OK)
		return 0;
	return open + (int64_t)(n + plans);
}

static bool
nav_holds(struct str place, const char *path)
{
	return str_is(place, path) ||
	    (place.n > 1 && !strncmp(path, place.p, place.n) && path[place.n] == '/');
}

/* Is the page the one of the menu, or below it? */
static bool
nav_is_current(size_t i, const char *path)
{
	struct str rest, place = str_cut(str_c(nav[i].path), '?', &rest);
	bool holds = nav_holds(place, path);

	rest = str_c(nav[i].also);
	while (!holds && rest.p && rest.n) {
		place = str_cut(rest, ' ', &rest);
		holds = nav_holds(place, path);
	}
	return holds;
}

static json *
page_navigation(struct req *r, const json *model)
{
	const int64_t counts[NAV__MAX] = {
		[NAV_ATTENTION] = page_attention(r, model),
		[NAV_QUESTIONS] = json_has(model, "questionCount")
		    ? json_num(model, "questionCount", 0)
		    : page_questions(r),
	};
	json *list = json_list(r->cx->a), *o;

	for (size_t i = 0; i < sizeof nav / sizeof *nav; i++) {
		const int64_t n = counts[nav[i].counts];

		o = json_new(r->cx->a);
		json_set_str(o, "path", nav[i].path);
		json_set_str(o, "title", nav[i].title);
		json_set_bool(o, "current", nav_is_current(i, r->path));
		json_set_str(o, "count", n ? page_count(r->cx->a, n) : NULL);
		json_set_str(o, "counted",
		    n == 1 ? nav_counts[nav[i].counts].one : nav_counts[nav[i].counts].many);
		json_add(list, o);
	}
	return list;
}

static const char *
say_cookie(void)
{
	return auth_https() ? "__Host-tidemark-say" : "tidemark-say";
}

/* text: URL-encoded; "" takes the cookie back. */
static void
set_say(struct req *r, struct resp *w, const char *text)
{
	resp_header(w, "Set-Cookie",
	    arena_printf(r->cx->a, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
		say_cookie(), text, *text ? 60 : 0, auth_https() ? "; Secure" : ""));
}

/* What begins so is no good news. */
enum { SAY_BAD = '!' };

/* The line that the page before left in a cookie; shown once. It is for who opens a page, not for
 * another one that only looks for what is new at that moment. */
static const char *
page_said(struct req *r, struct resp *w)
{
	const char *raw = params_get(&r->cookies, say_cookie());
	const char *where = req_header(r, "sec-fetch-dest");
	char *text;

	if (where && !strcmp(where, "empty"))
		return NULL;
	if (!raw || !*raw || !url_decode(r->cx->a, str_c(raw), false, &text))
		return NULL;
	set_say(r, w, "");
	return text;
}

static void
page_leave(struct req *r, struct resp *w, const char *path, const char *words, bool bad)
{
	struct buf *b = buf_in(r->cx->a, 2000);

	url_encode(b,
	    arena_printf(r->cx->a, "%s%s", bad ? "!" : "",
		arena_dup_str(r->cx->a, str_utf8_cut(str_c(words), 300))));
	set_say(r, w, buf_c(b));
	resp_redirect(w, r->cx->a, path);
}

void
page_say(struct req *r, struct resp *w, const char *path, const char *words)
{
	page_leave(r, w, path, words, false);
}

void
page_say_bad(struct req *r, struct resp *w, const char *path, const char *words)
{
	page_leave(r, w, path, words, true);
}

/* The keyboard goes to the first field that is wrong, or else to the sentence that says what is; so
 * a phone shows it too. */
static void
page_focus(struct arena *a, struct buf *page)
{
	static const char *const marks[] = { " aria-invalid=\"true\"", " data-problem" };
	const char *html = buf_c(page), *at = NULL;
	struct buf *out;

	for (size_t i = 0; !at && i < sizeof marks / sizeof *marks; i++)
		at = strstr(html, marks[i]);
	if (!at)
		return;
	out = buf_in(a, page->max);
	buf_add(out, html, (size_t)(at - html));
	buf_str(out, " autofocus");
	buf_str(out, at);
	buf_clear(page);
	buf_add(page, out->p, out->n);
}

enum rc
page_show(
    struct req *r, struct resp *w, int status, const char *view, const char *title, json *model)
{
	json *beat = NULL;
	const char *line = page_said(r, w);
	bool bad = line && *line == SAY_BAD;

	json_set_str(
	    model, "pageTitle", status >= 400 ? arena_printf(r->cx->a, "Error: %s", title) : title);
	json_set_bool(model, "posted", r->method == M_POST);
	json_set_str(model, "static", "/static/" TIDEMARK_ASSETS);
	json_set_str(model, "version", TIDEMARK_VERSION);
	json_set(model, "nav", r->who.user_id ? page_navigation(r, model) : NULL);
	json_set_bool(model, "demo", conf_int(CONF_DEMO));
	json_set_str(model, "userName", r->who.user_name);
	json_set_str(model, "csrf", r->who.csrf);
	json_set_str(model, "said", bad ? NULL : line);
	json_set_str(model, "saidBad", bad ? line + 1 : NULL);
	if (r->who.user_id && r->db && model_heartbeat(r, &beat) == RC_OK)
		page_when(r->cx->a, beat, "when", json_str(beat, "at"), clock_ms());
	json_set(model, "tick", beat);
	json_set_bool(model, "tickDead", beat && !json_flag(beat, "alive", false));
	w->status = status;
	w->type = "text/html";
	buf_clear(w->body);
	TRY(tmpl_render(r->cx, views, "head", model, false, w->body));
	TRY(tmpl_render(r->cx, views, view, model, false, w->body));
	TRY(tmpl_render(r->cx, views, "foot", model, false, w->body));
	if (status >= 400)
		page_focus(r->cx->a, w->body);
	return RC_OK;
}

/*
 * Questions.
 */

bool
page_sure(const struct req *r)
{
	return req_form(r, "sure") != NULL;
}

enum rc
page_ask(struct req *r, struct resp *w, const char *question, const char *button, const char *back)
{
	return page_ask_about(
	    r, w, &(struct page_question){ .text = question, .button = button, .back = back });
}

enum rc
page_ask_about(struct req *r, struct resp *w, const struct page_question *q)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;

	for (size_t i = 0; i < r->form.n; i++) {
		if (!strcmp(r->form.v[i].name, "csrf"))
			continue;
		o = json_new(r->cx->a);
		json_set_str(o, "name", r->form.v[i].name);
		json_set_str(o, "value", r->form.v[i].value);
		json_add(list, o);
	}
	json_set(model, "typed", list);
	json_set_str(model, "question", q->text);
	json_set_str(model, "button", q->button);
	json_set_str(model, "action", r->path);
	json_set_str(model, "back", q->back);
	json_set_bool(model, "listed", json_len(q->changes) > 0);
	json_set(model, "changes", q->changes ? q->changes : json_list(r->cx->a));
	json_set_bool(model, "calendarStyle", json_len(q->changes) > 0);
	return page_show(r, w, 200, "ask", "Are you sure?", model);
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

static const char *
sign_in_heading(bool in, bool failed, bool on_the_way)
{
	if (in)
		return "You are signed in";
	if (failed)
		return "That did not work";
	return on_the_way ? "Sign in to go on" : "Sign in";
}

enum rc
page_sign_in(struct req *r, struct resp *w, int status, const char *problem)
{
	const char *next = req_query(r, "next") ? req_query(r, "next") : req_form(r, "next");
	const char *key = status == 200 ? req_query(r, "key") : NULL;
	const char *owner;
	json *model = json_new(r->cx->a);
	struct user u;
	bool in = r->who.user_id != NULL;

	json_set_str(model, "heading", sign_in_heading(in, problem != NULL, next != NULL));
	json_set_str(model, "problem", problem);
	json_set_bool(model, "signedIn", in);
	/* A link that asks first whether it is meant to sign in here. */
	if (key && sign_in_key_owner(r->cx, r->db, key, &owner) == RC_OK &&
	    user_get(r->cx, r->db, owner, &u) == RC_OK) {
		json_set_str(model, "key", key);
		json_set_str(model, "linkName", u.name);
	}
	json_set_str(model, "next", next);
	json_set_str(model, "name", req_form(r, "name"));
	json_set_i64(model, "minutes", SIGN_IN_KEY_MINUTES);
	json_set_bool(model, "mailWorks", mail_works());
	return page_show(r, w, status, "sign-in", "Sign in", model);
}
