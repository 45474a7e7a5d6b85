/*
 * page_settings.c - /settings?tab=integrations: adding a source with test and preview, and every
 * connection with its switch, frequency and history.
 */
#include "app/conn.h"
#include "app/login_choice.h"
#include "app/question.h"
#include "conn/limits_form.h"
#include "conn/planned.h"
#include "kind/kind.h"
#include "skin/page.h"
#include "store/remains.h"

enum { PREVIEW_ROWS = 10 };

const char *
page_cell(struct arena *a, struct str s)
{
	enum { CELL_BYTES = 120 };
	struct str cut = str_utf8_cut(s, CELL_BYTES);

	return arena_printf(a, "%.*s%s", (int)cut.n, cut.p, cut.n < s.n ? "..." : "");
}

static const char *
cell_text(struct arena *a, const json *v)
{
	if (json_is_null(v))
		return "";
	return page_cell(a, str_c(json_is_str(v) ? json_value_str(v) : json_text(a, v)));
}

/* The first rows of a dataset of a preview as texts. */
static void
dataset_words(struct arena *a, json *set)
{
	json *rows = json_list(a), *from = json_at(set, "rows");

	for (size_t i = 0; i < json_len(from) && i < PREVIEW_ROWS; i++) {
		json *row = json_list(a);
		for (size_t c = 0; c < json_len(json_nth(from, i)); c++) {
			json_add_str(row, cell_text(a, json_nth(json_nth(from, i), c)));
		}
		json_add(rows, row);
	}
	json_set(set, "shownRows", rows);
	json_set_str(
	    set, "setCountText", page_plural(a, json_num(set, "fetched", 0), "record", "records"));
	json_set_str(set, "columnCountText",
	    page_plural(a, (int64_t)json_len(json_at(set, "columns")), "column", "columns"));
}

/* Do both sides edit what it has? */
static bool
kind_edits(const json *chosen)
{
	const struct kind *k = kind_find(json_str(chosen, "id"));

	return k && k->object;
}

static json *
preview_words(struct req *r, const json *chosen, json *preview)
{
	const bool both = kind_edits(chosen) && json_at(preview, "counts");
	json *sets = json_at(preview, "datasets");
	struct arena *a = r->cx->a;

	for (size_t i = 0; i < json_len(sets); i++)
		dataset_words(a, json_nth(sets, i));
	page_notes(json_at(preview, "warnings"));
	json_set_bool(preview, "both", both);
	if (both)
		planned_part(r, json_str(chosen, "id"), preview);
	json_set_bool(preview, "several", json_len(sets) > 1);
	json_set_i64(preview, "setCount", (int64_t)json_len(sets));
	json_set_str(preview, "columnCountText", json_str(json_nth(sets, 0), "columnCountText"));
	json_set_str(preview, "countText",
	    page_plural(a, json_num(json_at(preview, "plan"), "fetched", 0), "record", "records"));
	return preview;
}

/* What was asked of the source before the form is shown again. */
struct asked {
	const char *verb; /* "preview", "test", "sources"; NULL: nothing */
	json *answer;
	const struct err *problem;
};

static bool
is_answer(const struct asked *q, const char *verb)
{
	return q->answer && !strcmp(q->verb, verb);
}

/* The address where it is granted is a button behind the sentence. */
static void
problem_link(json *form, const struct err *problem)
{
	const char *text = json_str(form, "problem");
	const char *at = problem && problem->kind == E_SCOPES && text ? strstr(text, LOGIN_ALLOW)
								      : NULL;

	json_set_str(form, "allow", at ? at + strlen(LOGIN_ALLOW) : NULL);
	if (!at)
		return;
	json_set_s(form, "problem", (struct str){ text, (size_t)(at - text) });
	json_set_null(form, "lacks"); /* it is not said twice */
}

static enum rc
add_form(struct req *r, const json *chosen, const struct asked *q, json **out)
{
	const json *choices = json_at(q->answer, "choices");
	const char *title = json_str(choices, "title"), *name = req_form(r, "name");
	const struct err *problem = q->problem;
	json *offers, *form = *out = json_new(r->cx->a);

	json_set_str(form, "provider", json_str(chosen, "id"));
	TRY(page_origins(r, json_str(chosen, "id"), NULL, choices, &offers));
	page_fields(r, form, chosen, NULL, offers, "f");
	TRY(page_account_field(r, form, chosen, NULL));
	page_sources(r->cx->a, form, is_answer(q, "sources") ? q->answer : NULL);
	json_set_str(form, "title", title);
	json_set_str(form, "chosenTitle",
	    title && is_answer(q, "test") && !json_has(choices, "search") ? title : NULL);
	if (!name || !*name)
		name = title ? title : "";
	json_set_str(form, "name", name);
	json_set_str(form, "nameError", page_complaint(r, "name"));
	limits_form(r, form, &(struct conn_limits){ 0 });
	if (limits_wrong(form))
		json_set_bool(form, "advancedOpen", true);
	/* What is said beside the fields is not said twice. */
	json_set_null(form, "problem");
	if (problem)
		json_set_str(form, "problem",
		    json_len(r->wrong.list) ? error_row(problem->kind)->title
					    : page_problem(r, problem));
	json_set_bool(form, "previewFirst", kind_edits(chosen) && !is_answer(q, "preview"));
	problem_link(form, problem);
	json_set_str(form, "advice",
	    problem ? model_advice_new(r->cx->a, error_row(problem->kind)->advice) : NULL);
	json_set_str(form, "tested",
	    is_answer(q, "test") && !json_has(choices, "search") ? json_str(q->answer, "message")
								 : NULL);
	json_set(
	    form, "preview", is_answer(q, "preview") ? preview_words(r, chosen, q->answer) : NULL);
	return RC_OK;
}

/* A connection has its history with it, and leads back here. */
static enum rc
settings_each(struct req *r, const struct conn *c, json *o)
{
	const char *next;

	json_set_str(o, "back", "/settings?tab=integrations");
	return page_history(r, c->id, "", PAGE_HISTORY, o, &next);
}

static enum rc
settings_connected(struct req *r, json *model)
{
	static const struct page_list how = {
		.path = "/settings",
		.tab = "integrations",
		.sort = "created",
		.size = 25,
		.each = settings_each,
	};
	struct remains_list kept;
	int64_t n;

	TRY(remains_list(r->cx, r->db, r->who.user_id, NULL, 1, &kept));
	json_set_bool(model, "hasKept", kept.n > 0);
	TRY(page_contacts(r, model));
	TRY(page_connections(r, &how, model));
	n = json_num(model, "connectionCount", 0);
	json_set_str(model, "connectedCount", n ? page_count(r->cx->a, n) : NULL);
	return RC_OK;
}

static enum rc
settings_show(struct req *r, struct resp *w, const char *add, const struct asked *q)
{
	json *model = json_new(r->cx->a), *providers, *form = NULL;
	const json *chosen;

	providers = kind_list(r->cx->a);
	chosen = page_provider(providers, add);
	page_picks(r->cx->a, model, providers, chosen);
	if (chosen)
		TRY(add_form(r, chosen, q, &form));
	json_set(model, "form", form);
	json_set_bool(model, "calendarStyle", kind_edits(chosen));
	TRY(settings_connected(r, model));
	return page_settings_show(r, w, "integrations", model, q->problem);
}

enum rc
page_integrations(struct req *r, struct resp *w)
{
	return settings_show(r, w, req_query(r, "add"), &(struct asked){ 0 });
}

static enum rc
connect_source(struct req *r, struct resp *w, const json *body)
{
	json *limits = json_new(r->cx->a);
	const struct conn_input in = {
		.provider = json_str(body, "provider"),
		.name = req_form(r, "name"),
		.account_id = json_str(body, "accountId"),
		.config = json_at(body, "config"),
		.secret = json_at(body, "secret"),
		.limits = limits,
		.start = true,
	};
	const char *id;

	limits_typed(r, limits);
	TRY(conn_create(r->cx, r->db, auth_caller(r), &in, &id));
	page_say(r, w, arena_printf(r->cx->a, "/connections/%s", id),
	    "Connected. The first sync is on its way.");
	return RC_OK;
}

/* A spreadsheet that is picked from the list is looked at. */
static const char *
asked_verb(struct req *r, const char *what)
{
	if (!strcmp(what, "sources"))
		return "sources";
	return req_form(r, "pick") || page_searches(r) || !strcmp(what, "test") ? "test"
										: "preview";
}

static enum rc
ask_source(struct req *r, const char *verb, const json *body, json **answer)
{
	struct question_list list;
	const struct conn_question q = { .what = verb, .body = body, .list = &list };

	TRY(planned_wish(r, &list));
	if (!strcmp(verb, "sources"))
		return source_list(r->cx, r->db, auth_caller(r), body, answer);
	return source_ask(r->cx, r->db, auth_caller(r), &q, answer);
}

enum rc
page_add(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do");
	struct asked q = { 0 };
	json *providers, *body;
	const json *chosen;
	struct err problem;
	enum rc rc;

	providers = kind_list(r->cx->a);
	chosen = page_provider(providers, req_form(r, "provider"));
	if (!chosen)
		return fail(r->cx, E_NOT_FOUND, "There is no such kind of source.");
	body = page_form_body(r, chosen);
	if (what && (!strcmp(what, "connect") || !strcmp(what, "enter")) && !page_searches(r)) {
		rc = connect_source(r, w, body);
		if (rc == RC_OK)
			return RC_OK;
	} else {
		q.verb = asked_verb(r, what ? what : "");
		rc = ask_source(r, q.verb, body, &q.answer);
	}
	if (rc != RC_OK) {
		problem = r->cx->err;
		q.problem = &problem;
	}
	return settings_show(r, w, json_str(chosen, "id"), &q);
}
