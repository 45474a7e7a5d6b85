/*
 * page_settings.c - /settings?tab=integrations: adding a source with test and preview, and every connection with its switch, frequency and history.
 */
#include "base/clock.h"
#include "page.h"

enum { HISTORY = 20, SHOWN = 200, PREVIEW_ROWS = 10 };

static enum rc
with_history(struct req *r, const struct conn *c, json *o)
{
	struct run_list runs;
	json *list = json_list(r->cx->a), *run;
	int64_t now = clock_ms();

	TRY(run_history(r->cx, r->db, c->owner, c->id, NULL, "", HISTORY, &runs));
	for (size_t i = 0; i < runs.n; i++) {
		TRY(model_run(r, &runs.v[i], &run));
		page_run_words(r->cx->a, run, now);
		json_add(list, run);
	}
	json_set(o, "history", list);
	json_set(o, "chart", runs.n ? page_chart(r->cx->a, &runs) : NULL);
	return RC_OK;
}

static const char *
complaint(const json *errors, const char *name)
{
	for (size_t i = 0; i < json_len(errors); i++) {
		struct str field = json_s(json_nth(errors, i), "field"), rest, first = str_cut(field, '.', &rest);
		if (str_is(rest.p ? rest : first, name))
			return json_str(json_nth(errors, i), "message");
	}
	return NULL;
}

/* The fields of a source's form: rows of the provider, with what was typed and what is wrong with it. */
static json *
form_fields(struct req *r, const json *provider, const json *errors, bool advanced)
{
	json *list = json_list(r->cx->a), *fields = json_at(provider, "fields");

	for (size_t i = 0; i < json_len(fields); i++) {
		json *f = json_stored(r->cx->a, json_text(r->cx->a, json_nth(fields, i))), *choices = json_list(r->cx->a);
		const char *name = json_str(f, "name"), *type = json_str(f, "type"), *typed = req_form(r, arena_printf(r->cx->a, "f_%s", name));

		if (json_flag(f, "advanced", false) != advanced)
			continue;
		json_set_str(f, "value", typed && strcmp(type, "secret") ? typed : "");
		json_set_bool(f, "isUrl", !strcmp(type, "url"));
		json_set_bool(f, "isText", !strcmp(type, "text") || !strcmp(type, "list"));
		json_set_bool(f, "isNumber", !strcmp(type, "integer"));
		json_set_bool(f, "isMap", !strcmp(type, "map"));
		json_set_bool(f, "isSecret", !strcmp(type, "secret"));
		json_set_bool(f, "isBool", !strcmp(type, "boolean"));
		json_set_bool(f, "isChoice", !strcmp(type, "choice"));
		for (size_t k = 0; k < json_len(json_at(f, "choices")); k++) {
			json *c = json_new(r->cx->a);
			const char *word = json_value_str(json_nth(json_at(f, "choices"), k));
			json_set_str(c, "word", word);
			json_set_bool(c, "selected", typed && !strcmp(typed, word));
			json_add(choices, c);
		}
		json_set(f, "options", choices);
		json_set_str(f, "error", complaint(errors, name));
		json_add(list, f);
	}
	return list;
}

static const json *
provider_row(const json *providers, const char *id)
{
	json *data = json_at(providers, "data");

	for (size_t i = 0; i < json_len(data); i++)
		if (id && !strcmp(json_str(json_nth(data, i), "id"), id))
			return json_nth(data, i);
	return NULL;
}

/* {provider, config, secret} from the form, for the interface's own verbs. */
static json *
form_body(struct req *r, const json *provider)
{
	json *o = json_new(r->cx->a), *config = json_new(r->cx->a), *secret = json_new(r->cx->a), *fields = json_at(provider, "fields");

	for (size_t i = 0; i < json_len(fields); i++) {
		const char *name = json_str(json_nth(fields, i), "name"), *v = req_form(r, arena_printf(r->cx->a, "f_%s", name));
		if (v && *v)
			json_set_str(strcmp(json_str(json_nth(fields, i), "type"), "secret") ? config : secret, name, v);
	}
	json_set_str(o, "provider", json_str(provider, "id"));
	json_set(o, "config", config);
	json_set(o, "secret", secret);
	return o;
}

/* The first rows of a preview as texts. */
static void
preview_words(struct arena *a, json *preview)
{
	json *rows = json_list(a), *from = json_at(preview, "rows");

	for (size_t i = 0; i < json_len(from) && i < PREVIEW_ROWS; i++) {
		json *row = json_list(a);
		for (size_t c = 0; c < json_len(json_nth(from, i)); c++) {
			json *v = json_nth(json_nth(from, i), c);
			json_add_str(row, json_is_str(v) ? json_value_str(v) : json_is_null(v) ? "" : json_text(a, v));
		}
		json_add(rows, row);
	}
	json_set(preview, "shownRows", rows);
	json_set_str(preview, "countText", page_count(a, json_num(json_at(preview, "plan"), "fetched", 0)));
}

static enum rc
settings_show(struct req *r, struct resp *w, int status, const char *add, json *preview, const struct err *problem)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o, *providers, *cards = json_list(r->cx->a), *form;
	const json *chosen;
	struct conn_list conns;

	TRY(providers_list(r, &providers));
	chosen = provider_row(providers, add);
	for (size_t i = 0; i < json_len(json_at(providers, "data")); i++) {
		json *p = json_nth(json_at(providers, "data"), i);
		o = json_new(r->cx->a);
		json_set_str(o, "id", json_str(p, "id"));
		json_set_str(o, "title", json_str(p, "title"));
		json_set_str(o, "blurb", json_str(p, "blurb"));
		json_set_bool(o, "current", p == chosen);
		json_add(cards, o);
	}
	json_set(model, "providers", cards);
	if (chosen) {
		form = json_new(r->cx->a);
		json_set_str(form, "provider", json_str(chosen, "id"));
		json_set_str(form, "title", json_str(chosen, "title"));
		json_set(form, "fields", form_fields(r, chosen, r->errors, false));
		json_set(form, "advanced", form_fields(r, chosen, r->errors, true));
		json_set_str(form, "name", req_form(r, "name") ? req_form(r, "name") : "");
		json_set_str(form, "nameError", complaint(r->errors, "name"));
		json_set_str(form, "problem", problem ? (*problem->detail && !r->errors ? problem->detail : error_row(problem->kind)->title) : NULL);
		json_set_str(form, "advice", problem ? error_row(problem->kind)->advice : NULL);
		if (preview)
			preview_words(r->cx->a, preview);
		json_set(form, "preview", preview);
		json_set(model, "form", form);
	} else
		json_set_null(model, "form");
	TRY(conn_list(r->cx, r->db, r->who.user_id, "", SHOWN, &conns));
	for (size_t i = 0; i < conns.n; i++) {
		TRY(page_conn_model(r, &conns.v[i], &o));
		TRY(with_history(r, &conns.v[i], o));
		json_set_str(o, "back", "/settings?tab=integrations");
		json_add(list, o);
	}
	json_set(model, "connections", list);
	json_set_bool(model, "none", conns.n == 0);
	return page_show(r, w, status, "settings", "Integrations", model);
}

enum rc
page_settings(struct req *r, struct resp *w)
{
	return settings_show(r, w, 200, req_query(r, "add"), NULL, NULL);
}

enum rc
page_add(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do"), *id;
	json *providers, *body, *preview = NULL;
	const json *chosen;
	struct err problem;
	enum rc rc;

	TRY(providers_list(r, &providers));
	chosen = provider_row(providers, req_form(r, "provider"));
	if (!chosen)
		return fail(r->cx, E_NOT_FOUND, "There is no such kind of source.");
	body = form_body(r, chosen);
	if (what && !strcmp(what, "connect")) {
		rc = conn_create(r, &(struct conn_input){ json_str(body, "provider"), req_form(r, "name"), json_at(body, "config"), json_at(body, "secret"), NULL, true }, &id);
		if (rc == RC_OK) {
			page_say(r, w, arena_printf(r->cx->a, "/connections/%s", id), "Connected. The first sync is on its way.");
			return RC_OK;
		}
	} else
		rc = source_ask(r, "preview", body, &preview);
	if (rc == RC_OK)
		return settings_show(r, w, 200, json_str(chosen, "id"), preview, NULL);
	problem = r->cx->err;
	return settings_show(r, w, 422, json_str(chosen, "id"), NULL, &problem);
}
