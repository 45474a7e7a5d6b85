/*
 * page_kept.c - /kept: the data of disconnected connections, to be exported, connected again or
 * deleted; and what is being removed, until it is gone.
 */
#include "app/remains.h"
#include "base/clock.h"
#include "conn/kept.h"
#include "kind/kind.h"
#include "skin/page.h"

enum { KEPT_PAGE = 25 };

static enum rc
kept_words(struct req *r, const struct remains *k, json **out)
{
	const struct kind *kind = kind_find(k->provider);
	struct arena *a = r->cx->a;
	json *sets;

	TRY(kept_model(r, k, out));
	sets = json_at(*out, "datasets");
	for (size_t i = 0; i < json_len(sets); i++)
		json_set_str(json_nth(sets, i), "rowsText",
		    page_plural(a, json_num(json_nth(sets, i), "rows", 0), "record", "records"));
	json_set_str(*out, "providerTitle", kind ? kind->title : k->provider);
	json_set_bool(*out, "removing", k->doomed_at != 0);
	json_set_str(*out, "rowsText", page_plural(a, k->rows, "record", "records"));
	page_when(a, *out, "since", json_str(*out, "disconnectedAt"), clock_ms());
	return RC_OK;
}

enum rc
page_kept_list(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *list = json_list(r->cx->a), *o;
	struct remains_list all;

	TRY(remains_list(r->cx, r->db, r->who.user_id, req_query(r, "cursor"), KEPT_PAGE, &all));
	for (size_t i = 0; i < all.n; i++) {
		TRY(kept_words(r, &all.v[i], &o));
		json_add(list, o);
	}
	json_set(model, "kept", list);
	json_set_bool(model, "none", all.n == 0);
	json_set_str(
	    model, "more", all.next ? arena_printf(r->cx->a, "/kept?cursor=%s", all.next) : NULL);
	return page_show(r, w, 200, "keptlist", "Kept data", model);
}

static enum rc
kept_show(struct req *r, struct resp *w, const struct err *problem)
{
	json *model = json_new(r->cx->a), *o;
	struct remains k;

	TRY(remains_get(r->cx, r->db, r->who.user_id, r->path_param[0], &k));
	TRY(kept_words(r, &k, &o));
	json_set(model, "one", o);
	json_set_str(model, "problem", problem ? page_problem(r, problem) : NULL);
	return page_show(r, w, problem ? problem_status(problem) : 200, "kept", k.name, model);
}

enum rc
page_kept(struct req *r, struct resp *w)
{
	return kept_show(r, w, NULL);
}

enum rc
page_kept_act(struct req *r, struct resp *w)
{
	const char *what = req_form(r, "do"), *id = r->path_param[0];
	struct err problem;
	enum rc rc;

	if (what && !strcmp(what, "delete")) {
		TRY(remains_delete(r->cx, r->db, auth_caller(r), id));
		page_say(r, w, "/kept", "It is being removed.");
		return RC_OK;
	}
	if (!what || strcmp(what, "reconnect"))
		return fail(r->cx, E_BAD_REQUEST, "The form does not say what to do.");
	rc = remains_reconnect(r->cx, r->db, auth_caller(r), id, json_new(r->cx->a));
	if (rc == RC_OK) {
		page_say(r, w, arena_printf(r->cx->a, "/connections/%s", id),
		    "Connected again. What the source has now is compared with what was kept.");
		return RC_OK;
	}
	problem = r->cx->err;
	return kept_show(r, w, &problem);
}
