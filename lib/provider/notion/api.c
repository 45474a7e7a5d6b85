/*
 * api.c - see api.h.
 */
#include "provider/notion/api.h"

#include "base/conf.h"

enum { ANSWER_MAX = 64 * 1024 * 1024 };

/* The name of the connection stands in quotes at the end of what Notion says. */
static const char *
api_connection(struct arena *a, const char *message)
{
	const char *end = message ? strrchr(message, '"') : NULL, *from = end;

	while (from && from > message && from[-1] != '"')
		from--;
	return from && from > message ? arena_printf(a, "\"%.*s\"", (int)(end - from), from)
				      : "the connection that Tidemark reads with";
}

static enum rc
api_gone(struct ctx *cx, const struct rest_call *c, const char *message)
{
	return fail(cx, E_SOURCE_GONE,
	    "Notion does not show %s. Open it in Notion, choose \"...\" at the top right, then "
	    "Connections, and add %s; or it was deleted.",
	    c->what, api_connection(cx->a, message));
}

static enum rc
api_invalid(struct ctx *cx, const struct rest_call *c, const char *message)
{
	if (message && strstr(message, "start_cursor"))
		return fail(cx, E_CURSOR, "The page that came next in %s is gone.", c->what);
	if (message && strstr(message, "is in the trash"))
		return fail(cx, E_SOURCE_GONE,
		    "The database is in the trash of Notion. Take it out, or disconnect.");
	return fail(cx, E_SOURCE_STATUS, "Notion does not take the request for %s: %.300s", c->what,
	    message ? message : "it did not understand it.");
}

/* Those that are worth another try are E_RATE_LIMITED and E_SOURCE_5XX. */
static enum rc
api_refusal(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer)
{
	const json *body = json_stored(cx->a, answer->body.p);
	const char *code = json_str(body, "code"), *message = json_str(body, "message");
	const char *why = json_str(json_at(body, "additional_data"), "rate_limit_reason");

	(void)remote;
	if (why && !strcmp(why, "public_api_request_blocked"))
		return fail(cx, E_SOURCE_DENIED,
		    "Notion has blocked this connection. Look at it under "
		    "notion.so/profile/integrations.");
	if (answer->status == 529)
		return fail(cx, E_RATE_LIMITED, "Notion asked Tidemark to slow down.");
	if (answer->status == 409)
		return fail(cx, E_SOURCE_5XX, "Notion broke off the request for %s.", c->what);
	if (!code)
		return RC_OK;
	if (!strcmp(code, "object_not_found"))
		return api_gone(cx, c, message);
	if (!strcmp(code, "restricted_resource"))
		return fail(cx, E_SOURCE_DENIED,
		    "Notion does not let this connection %s %s. Switch on \"%s\" among its "
		    "capabilities, under notion.so/profile/integrations.",
		    c->write ? "change" : "read", c->what,
		    c->write ? "Update content\" and \"Insert content" : "Read content");
	return answer->status == 400 ? api_invalid(cx, c, message) : RC_OK;
}

const struct rest_service notion_rest = {
	.name = "Notion",
	.header = "Notion-Version",
	.header_value = "2025-09-03",
	.refusal = api_refusal,
};

enum rc
notion_ask(struct ctx *cx, const struct source *src, const struct notion_ask *ask, int *calls,
    struct rest_reply *out)
{
	const char *reading = ask->body ? "POST" : "GET";
	const struct rest_call call = {
		.service = &notion_rest,
		.method = ask->method ? ask->method : reading,
		.base = conf_str(CONF_NOTION_API_BASE),
		.path = ask->path,
		.body = ask->body,
		.write = ask->method != NULL,
		.reads = !ask->method,
		.quota = QUOTA_NOTION,
		.once = ask->once,
		.max_bytes = ANSWER_MAX,
		.what = ask->what,
	};

	return rest_call(cx, src->remote, &call, calls, out);
}
