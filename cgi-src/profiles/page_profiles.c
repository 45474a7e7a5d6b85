/*
 * page_profiles.c - /profiles: people over all sources, and one of them with what each source says.
 */
#include "app/profiles.h"
#include "base/pct.h"
#include "kind/kind.h"
#include "skin/page.h"

enum { PROFILES_PAGE = 25, SAME_SHOWN = 10, VALUE_SHOWN = 200 };

static const char *
text_in_address(struct arena *a, const char *text)
{
	struct buf *b = buf_in(a, 3 * strlen(text) + 1);

	url_encode(b, text);
	return buf_c(b);
}

static const char *
value_short(struct arena *a, const json *v)
{
	const struct str text = str_c(page_value(a, v)), cut = str_utf8_cut(text, VALUE_SHOWN);

	return cut.n == text.n ? text.p : arena_printf(a, "%.*s...", (int)cut.n, cut.p);
}

static const char *
profile_title(const json *p)
{
	const char *name = json_str(p, "name");

	if (!name)
		name = json_value_str(json_nth(json_at(p, "emails"), 0));
	if (!name)
		name = json_value_str(json_nth(json_at(p, "phones"), 0));
	return name ? name : "No name";
}

static json *
profile_line(struct arena *a, const json *p)
{
	const size_t n = json_len(json_at(p, "sources"));
	json *o = json_new(a);

	json_set_str(o, "id", json_str(p, "id"));
	json_set_str(o, "title", profile_title(p));
	json_set_str(o, "emails", page_value(a, json_at(p, "emails")));
	json_set_str(o, "phones", page_value(a, json_at(p, "phones")));
	json_set_str(o, "sourcesText", page_plural(a, (int64_t)n, "source", "sources"));
	return o;
}

static json *
profile_lines(struct arena *a, const json *data)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(data); i++)
		json_add(list, profile_line(a, json_nth(data, i)));
	return list;
}

enum rc
page_profiles(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	struct profile_query q = {
		.q = req_query(r, "q"),
		.cursor = req_query(r, "cursor"),
		.limit = PROFILES_PAGE,
	};
	struct profile_page page;
	json *model = json_new(a);
	const char *asked = q.q ? arena_printf(a, "q=%s&", text_in_address(a, q.q)) : "";

	TRY(profiles_find(r->cx, r->db, r->who.user_id, &q, &page));
	json_set_str(model, "q", q.q);
	json_set(model, "profiles", profile_lines(a, page.data));
	json_set_bool(model, "none", json_len(page.data) == 0 && !page.next);
	json_set_bool(model, "asked", q.q && *q.q);
	json_set_str(model, "more",
	    page.next
		? arena_printf(a, "/profiles?%scursor=%s", asked, text_in_address(a, page.next))
		: NULL);
	return page_show(r, w, 200, "profiles", "People", model);
}

/* --- one --- */

/* A source as it is called: its connection, and of which kind that is. */
static json *
source_shown(struct arena *a, const json *source, size_t nth)
{
	const struct kind *kind = kind_find(json_str(source, "provider"));
	const char *skipped = json_str(source, "skipped");
	json *o = json_new(a), *values = json_list(a);

	json_set_i64(o, "nth", (int64_t)nth);
	json_set_str(o, "name", json_str(source, "connection"));
	json_set_str(o, "kind", kind ? kind->title : json_str(source, "provider"));
	json_set_str(o, "connectionId", json_str(source, "connectionId"));
	json_set_str(o, "datasetId", json_str(source, "datasetId"));
	json_set_str(o, "key", json_str(source, "key"));
	json_set_str(o, "record",
	    page_record_href(a, json_str(source, "datasetId"), json_str(source, "key")));
	for (struct json_iter it = { 0 }; json_each(json_at(source, "fields"), &it);) {
		const char *text = value_short(a, it.value);
		json *v = json_new(a);

		if (!*text)
			continue;
		json_set_str(v, "label", it.key);
		json_set_str(v, "text", text);
		json_add(values, v);
	}
	json_set(o, "values", values);
	if (skipped)
		json_set_bool(o, skipped, true);
	return o;
}

/* Each field with what stands, by which source, and what others say. */
static json *
fields_shown(struct arena *a, const json *p)
{
	const json *sources = json_at(p, "sources");
	json *list = json_list(a);

	for (struct json_iter it = { 0 }; json_each(json_at(p, "fields"), &it);) {
		const json *others = json_at(it.value, "others");
		const char *text = value_short(a, json_at(it.value, "value"));
		json *o = json_new(a), *rest = json_list(a);

		if (!*text)
			continue;
		json_set_str(o, "label", it.key);
		json_set_str(o, "text", text);
		json_set_str(o, "from",
		    json_str(
			json_nth(sources, (size_t)json_num(it.value, "source", 0)), "connection"));
		for (size_t i = 0; i < json_len(others); i++) {
			const json *other = json_nth(others, i);
			json *x = json_new(a);

			json_set_str(x, "text", value_short(a, json_at(other, "value")));
			json_set_str(x, "from",
			    json_str(json_nth(sources, (size_t)json_num(other, "source", 0)),
				"connection"));
			json_add(rest, x);
		}
		json_set(o, "others", rest);
		json_add(list, o);
	}
	return list;
}

static enum rc
profile_show(struct req *r, struct resp *w, const struct err *problem)
{
	struct arena *a = r->cx->a;
	json *model = json_new(a), *sources = json_list(a), *p;
	const char *q = req_query(r, "same");
	struct profile_query same = { .q = q, .limit = SAME_SHOWN };
	struct profile_page page;

	TRY(profile_get(r->cx, r->db, r->who.user_id, r->path_param[0], &p));
	for (size_t i = 0; i < json_len(json_at(p, "sources")); i++)
		json_add(sources, source_shown(a, json_nth(json_at(p, "sources"), i), i));
	json_set_str(model, "id", json_str(p, "id"));
	json_set_str(model, "self", json_str(p, "id"));
	json_set_str(model, "name", profile_title(p));
	json_set(model, "fields", fields_shown(a, p));
	json_set(model, "sources", sources);
	json_set_bool(model, "several", json_len(sources) > 1);
	json_set_bool(model, "calendarStyle", true);
	json_set_str(model, "same", q);
	if (q && *q) {
		json *list = json_list(a);

		TRY(profiles_find(r->cx, r->db, r->who.user_id, &same, &page));
		for (size_t i = 0; i < json_len(page.data); i++)
			if (strcmp(json_str(json_nth(page.data, i), "id"), json_str(p, "id")) != 0)
				json_add(list, profile_line(a, json_nth(page.data, i)));
		json_set(model, "found", list);
		json_set_bool(model, "noneFound", json_len(list) == 0);
	}
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	return page_show(
	    r, w, problem ? problem_status(problem) : 200, "profile", profile_title(p), model);
}

enum rc
page_profile(struct req *r, struct resp *w)
{
	return profile_show(r, w, NULL);
}

/* The form as the interface would have it: a profile, or a source. */
static json *
act_given(struct req *r, bool same)
{
	struct arena *a = r->cx->a;
	json *given = json_new(a), *source = json_new(a);

	json_set_bool(given, "same", same);
	if (same) {
		json_set_str(given, "with", req_form(r, "with"));
		return given;
	}
	json_set_str(source, "datasetId", req_form(r, "dataset"));
	json_set_str(source, "key", req_form(r, "key"));
	json_set(given, "with", source);
	return given;
}

enum rc
page_profile_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do");
	const bool same = what && !strcmp(what, "same");
	struct err problem;
	json *now;
	enum rc rc;

	if (!same && (!what || strcmp(what, "apart") != 0))
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
	rc = profile_link(r->cx, r->db, auth_caller(r), r->path_param[0], act_given(r, same), &now);
	if (rc == RC_OK) {
		const json *shown = json_nth(now, json_len(now) - 1);

		page_say(r, w, arena_printf(r->cx->a, "/profiles/%s", json_str(shown, "id")),
		    same ? "They are one profile now." : "They are two profiles now.");
		return RC_OK;
	}
	problem = r->cx->err;
	return profile_show(r, w, &problem);
}
