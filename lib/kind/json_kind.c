/*
 * json_kind.c - JSON by address.
 */
#include "kind/jpath.h"
#include "kind/json_paging.h"
#include "kind/web.h"

static const struct field json_fields[] = { URL_FIELD("Address of the JSON document",
						"The address that answers with JSON.",
						"https://example.com/api/items"),
	{
	    .name = "records",
	    .type = FIELD_TEXT,
	    .plans = true,
	    .label = "Path to the records",
	    .placeholder = "data.items",
	    .help = "Where in the document the list is. Left empty, Tidemark finds it.",
	},
	{
	    .name = "key",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Key",
	    .placeholder = "id",
	    .help = "The member, or path inside a record, that tells one record from another. Left "
		    "empty, Tidemark finds one or compares whole records.",
	},
	{
	    .name = "next",
	    .type = FIELD_TEXT,
	    .label = "Next page",
	    .placeholder = "links.next",
	    .help =
		"The path of the next page's address in the document, or Link for the header of "
		"that name, or page:NAME for a page number in the address, or offset:NAME for the "
		"number of records to pass over.",
	},
	{
	    .name = "page_param",
	    .type = FIELD_TEXT,
	    .advanced = true,
	    .label = "Parameter for the next page",
	    .placeholder = "cursor",
	    .help = "When the document names the next page by a token: the parameter of the "
		    "address that carries it.",
	    .max = 100,
	},
	URL_FIELD_HEADERS, URL_FIELD_AUTHORIZATION, { .name = NULL } };

enum json_paging
json_paging_of(const char *next)
{
	if (!next || *next == '\0')
		return SINGLE;
	if (str_ieq(str_c(next), STR("link")))
		return BY_LINK;
	if (str_istarts(str_c(next), "page:"))
		return BY_NUMBER;
	return str_istarts(str_c(next), "offset:") ? BY_OFFSET : BY_PATH;
}

const char *
json_paging_name(const char *next)
{
	return strchr(next, ':') + 1;
}

static const char *
name_fault(const char *name)
{
	bool ok = *name != '\0';

	for (const char *p = name; *p; p++)
		ok = ok && (unsigned char)*p > ' ' && !strchr("&=#?/", *p);
	return ok ? NULL
		  : "After page: or offset: give the name of the parameter that carries the "
		    "number, as in page:p.";
}

const char *
json_paging_fault(struct arena *a, const char *next)
{
	struct jpath path;
	const char *why;

	switch (json_paging_of(next)) {
	case BY_NUMBER:
	case BY_OFFSET:
		return name_fault(json_paging_name(next));
	case BY_PATH:
		if (jpath_parse(a, next, &path, &why))
			return path.n > 0
			    ? NULL
			    : "Give the path of the address of the next page, as in links.next.";
		return arena_printf(a, "This is not a JSON path: %s.", why);
	default:
		return NULL;
	}
}

/* A path of one step is a plain member; "$." in front of others says nothing. */
static const char *
key_plain(struct arena *a, const char *key)
{
	struct jpath path;
	const char *why;

	if (key[0] != '$' && key[0] != '/')
		return key;
	if (!jpath_parse(a, key, &path, &why) || path.n == 0)
		return key;
	return path.n == 1 ? arena_dup_str(a, path.step[0].name) : jpath_text(a, &path);
}

static void
json_configure(struct arena *a, json *config, json *errors)
{
	const json *key = json_at(config, "key");
	const char *records = json_str(config, "records"), *fault, *why;
	struct jpath path;

	web_configure(a, config, errors);
	if (records && !jpath_parse(a, records, &path, &why))
		kind_complain(a, errors, "config.records",
		    arena_printf(a, "This is not a JSON path: %s.", why));
	if ((fault = json_paging_fault(a, json_str(config, "next"))) != NULL)
		kind_complain(a, errors, "config.next", fault);
	for (const char *p = json_str(config, "page_param"); p && *p; p++)
		if (strchr("&=#?/ ", *p)) {
			kind_complain(a, errors, "config.page_param",
			    "Give the bare name of the parameter, as in cursor.");
			break;
		}
	if (json_value_str(key))
		json_set_str(config, "key", key_plain(a, json_value_str(key)));
	else if (json_is_list(key)) {
		json *list = json_list(a);
		for (size_t i = 0; i < json_len(key); i++)
			if (json_value_str(json_nth(key, i)))
				json_add_str(list, key_plain(a, json_value_str(json_nth(key, i))));
		json_set(config, "key", list);
	}
}

const struct kind kind_json = {
	.id = "json",
	.title = "JSON",
	.blurb =
	    "The records of a JSON document, of JSON lines or of an interface, with pages if it "
	    "has them.",
	.icon = "M9 4c-4 0-1 7-5 8 4 1 1 8 5 8M15 4c4 0 1 7 5 8-4 1-1 8-5 8",
	.caps = KIND_PULL,
	.fields = json_fields,
	.configure = json_configure,
};
