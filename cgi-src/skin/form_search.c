/*
 * form_search.c - see page.h: the part of a field that is searched. Those who are found stand below
 * the word, and apart from them those who are chosen, to be unticked.
 */
#include "skin/page.h"

/* So many are looked over without a click, and passed with the keyboard. */
enum { CHOSEN_SHOWN = 12 };

bool
page_searches(struct req *r)
{
	const char *what = req_form(r, "do"), *word = req_form(r, "search");

	if (!what)
		return false;
	return !strcmp(what, "find") || (!strcmp(what, "enter") && word && str_trim(str_c(word)).n);
}

static void
search_parts(struct arena *a, json *o)
{
	const json *boxes = json_at(o, "boxes");
	json *found = json_list(a), *chosen = json_list(a);
	int64_t ticked = 0;

	for (size_t i = 0; i < json_len(boxes); i++) {
		json *box = json_nth(boxes, i);
		const bool checked = json_flag(box, "checked", false);

		ticked += checked;
		json_add(checked && !json_flag(box, "found", false) ? chosen : found, box);
	}
	json_set(o, "boxes", json_list(a));
	json_set(o, "found", found);
	json_set_bool(o, "hasFound", json_len(found) > 0);
	json_set(o, "chosen", chosen);
	json_set_bool(o, "hasChosen", json_len(chosen) > 0);
	json_set_bool(o, "chosenOpen", json_len(chosen) <= CHOSEN_SHOWN);
	json_set_str(o, "chosenCount", page_count(a, ticked));
}

/* The place for the word that is looked for; once that has been done, it is free for the next. */
void
page_field_search(struct req *r, json *o, const json *choices, const char *page)
{
	const json *search = json_at(choices, "search");
	const char *label = json_str(o, "search"), *word = req_form(r, "search");

	json_set_str(o, "search", label);
	if (!label)
		return;
	search_parts(r->cx->a, o);
	json_set_str(o, "searchTyped", word && !search ? word : "");
	json_set_str(o, "searchSaid", json_str(search, "message"));
	json_set_str(o, "searchAction", arena_printf(r->cx->a, "%s#%s", page, json_str(o, "fid")));
	if (!json_str(o, "error"))
		json_set_str(o, "error", page_complaint(r, "search"));
}
