/*
 * add.c - properties that the settings want added where they are missing ("notes": "+Notes"): one
 * request for all of them. One that cannot be added is told of, and the read goes on. Nothing that
 * has the name already is touched: to write to its type would change it.
 */
#include <strings.h>

#include "provider/notion/notion.h"

const char *
notion_wish(const json *config, const char *word, bool *add)
{
	const char *name = json_str(json_at(config, "properties"), word);

	*add = name && *name == '+';
	return *add ? name + 1 : name;
}

static void
add_failed(struct notion_read *r, json *out, const char *name, const char *why)
{
	json *one = json_new(r->cx->a);

	json_set_str(one, "name", name);
	json_set_str(one, "why", why);
	if (!json_at(out, "unadded"))
		json_set(out, "unadded", json_list(r->cx->a));
	json_add(json_at(out, "unadded"), one);
}

static bool
add_taken(const json *schema, const char *name)
{
	for (size_t i = 0; i < json_len(schema); i++)
		if (!strcasecmp(json_str(json_nth(schema, i), "name"), name))
			return true;
	return false;
}

/* {name: {type: {}}} of what is to be added. */
static json *
add_list(struct notion_read *r, const json *schema, const json *calendar, json *out)
{
	json *list = json_new(r->cx->a), *one;
	struct str rest;
	const char *name;
	bool add;

	for (const struct notion_word *w = notion_words; w->word; w++) {
		name = notion_wish(r->src->config, w->word, &add);
		if (!add || json_str(calendar, w->word))
			continue;
		if (add_taken(schema, name)) {
			add_failed(r, out, name,
			    "there is one of this name, of another type. Rename that in Notion, or "
			    "name another one in the settings.");
			continue;
		}
		one = json_new(r->cx->a);
		json_set(one, arena_dup_str(r->cx->a, str_cut(str_c(w->types), ' ', &rest)),
		    json_new(r->cx->a));
		json_set(list, name, one);
	}
	return list;
}

/* The schema as it would be: no page has these yet. */
static json *
add_foreseen(struct arena *a, const json *schema, const json *list)
{
	json *out = json_list(a);

	for (size_t i = 0; i < json_len(schema); i++)
		json_add(out, json_nth(schema, i));
	for (struct json_iter it = { 0 }; json_each(list, &it);) {
		struct json_iter typed = { 0 };
		json *one = json_new(a);

		if (!json_each(it.value, &typed))
			continue;
		json_set_str(one, "id", arena_printf(a, "+%s", it.key));
		json_set_str(one, "name", it.key);
		json_set_str(one, "type", typed.key);
		json_set_bool(one, "foreseen", true);
		json_add(out, one);
	}
	return out;
}

enum rc
notion_add(
    struct notion_read *r, const char *source, const json *calendar, json **schema, json *out)
{
	json *list, *body = json_new(r->cx->a);
	struct rest_reply reply;
	enum rc rc;

	list = add_list(r, *schema, calendar, out);
	if (!json_len(list))
		return RC_OK;
	/* A look writes nothing. */
	if (r->f->enough_bytes) {
		*schema = add_foreseen(r->cx->a, *schema, list);
		return RC_OK;
	}
	json_set(body, "properties", list);
	rc = notion_ask(r->cx, r->src,
	    &(struct notion_ask){
		.method = "PATCH",
		.path = arena_printf(r->cx->a, "/v1/data_sources/%s", source),
		.body = body,
		.what = "the properties of the database",
	    },
	    &r->f->calls, &reply);
	if (rc == RC_OK) {
		*schema = notion_schema(r->cx->a, reply.value);
		return RC_OK;
	}
	if (rc != RC_DENIED && r->cx->err.kind != E_SOURCE_STATUS)
		return rc;
	for (struct json_iter it = { 0 }; json_each(list, &it);)
		add_failed(r, out, it.key, arena_dup(r->cx->a, r->cx->err.detail));
	r->cx->err = (struct err){ 0 };
	return RC_OK;
}
