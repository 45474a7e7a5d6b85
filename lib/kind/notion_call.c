/*
 * notion_call.c - see notion_call.h. A message says what it is about and never what has become of
 * it. Types that are not known count as edits: new ones come.
 */
#include "kind/notion_call.h"

#include "base/clock.h"
#include "kind/notion_link.h"

static const char *const call_headers[] = { "x-notion-signature", NULL };

/* Is the page perhaps no longer where it was? */
static bool
call_gone(const char *type)
{
	return !strcmp(type, "page.deleted") || !strcmp(type, "page.moved") ||
	    !strcmp(type, "page.undeleted");
}

static const char *
call_signature(const struct kind_request *r)
{
	static const char way[] = "sha256=";
	const char *said = r->header(r->arg, "x-notion-signature");

	return said && str_starts(str_c(said), way) ? said + strlen(way) : NULL;
}

/* Ids are written with hyphens or without. */
static const char *
call_id(struct arena *a, const json *of, const char *member)
{
	return json_str(of, member) ? notion_link_id(a, json_str(of, member)) : NULL;
}

static void
call_about(struct arena *a, const json *body, const char *type, struct kind_call *out)
{
	const json *entity = json_at(body, "entity");
	const json *parent = json_at(json_at(body, "data"), "parent");
	const char *about[KIND_ABOUT] = {
		call_id(a, parent, "data_source_id"),
		call_id(a, parent, "id"),
		call_id(a, entity, "id"),
	};
	const char *what = json_str(entity, "type");
	size_t n = 0;

	for (size_t i = 0; i < KIND_ABOUT; i++)
		if (about[i])
			out->about[n++] = about[i];
	if (what && !strcmp(what, "page")) {
		out->item = call_id(a, entity, "id");
		out->gone = call_gone(type);
	}
}

static bool
notion_call(const struct kind_request *r, struct kind_call *out)
{
	struct ctx cx = { .a = r->a };
	const char *type;
	json *body;

	*out = (struct kind_call){ .signature = call_signature(r) };
	if (json_parse(&cx, "The message", r->body, &body) != RC_OK || !json_is_obj(body))
		return false;
	out->secret = json_str(body, "verification_token");
	if (out->secret)
		return *out->secret != '\0';
	type = json_str(body, "type");
	out->id = json_str(body, "id");
	if (!type || !out->id)
		return false;
	if (!clock_parse(json_s(body, "timestamp"), &out->at))
		out->at = 0;
	call_about(r->a, body, type, out);
	return true;
}

static const char *
notion_resource(const json *cursor)
{
	return json_str(cursor, "source");
}

const struct kind_receiver notion_receiver = {
	.name = "notion",
	.headers = call_headers,
	.receive = notion_call,
	.summary = "Notion introduces itself, or says that something has changed",
	.signs = true,
	.resource = notion_resource,
	.setup = "the settings of the connection at notion.so/profile/integrations, under Webhooks",
};
