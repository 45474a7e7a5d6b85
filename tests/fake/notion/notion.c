/*
 * notion.c - Notion's API, version 2025-09-03: who calls, how it refuses, and its tables. It takes
 * the version before for what is not about databases, and the one after.
 *
 * Source of shapes and words: the reference of developers.notion.com, the types of Notion's own
 * client, and recorded conversations.
 */
#include "fake/notion/notion.h"

#include <strings.h>

#include "base/clock.h"

enum { CAP = 10000, SAVED = 503 };

struct notion *
notion_of(const struct fake *f)
{
	return fake_part(f, &notion_service);
}

struct notion_bot *
bot_of(const struct call *c)
{
	return (struct notion_bot *)c->project;
}

bool
version_is(const struct call *c, const char *version)
{
	const char *given = params_get(&c->req->headers, "notion-version");

	return given && strcmp(given, version) == 0;
}

static const char *
notion_request(struct call *c)
{
	return arena_dup(c->a, notion_id(c->f));
}

static void
notion_answer(struct call *c, int status, json *j)
{
	const char *id = notion_request(c);

	json_set_str(j, "request_id", id);
	reply_json(c, status, j);
	reply_header(c, "x-notion-request-id", id);
}

void
reply_notion(struct call *c, json *j)
{
	notion_answer(c, 200, j);
}

/*
 * Refusals.
 */
void
refuse_notion(struct call *c, int status, const char *code, const char *fmt, ...)
{
	struct refusal r = { .status = status, .reason = code };
	va_list ap;

	va_start(ap, fmt);
	r.message = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	refuse(c, &r);
}

void
refuse_invalid(struct call *c, const char *fmt, ...)
{
	struct refusal r = { .status = 400, .reason = "validation_error" };
	va_list ap;

	va_start(ap, fmt);
	r.message = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	refuse(c, &r);
}

static const struct notion_words {
	int status;
	const char *code, *message;
} notion_words[] = {
	{ 401, "unauthorized", "API token is invalid." },
	{ 403, "restricted_resource", "API token does not have access to this resource." },
	{ 404, "object_not_found",
	    "Could not find page. Make sure the relevant pages and databases are shared with your "
	    "integration." },
	{ 409, "conflict_error", "Conflict occurred while saving. Please try again." },
	{ 429, "rate_limited", "You have been rate limited. Please try again in a few minutes." },
	{ 500, "internal_server_error", "Unexpected error occurred." },
	{ 503, "service_unavailable", "Notion is unavailable. Please try again later." },
	{ 504, "gateway_timeout", "Gateway timeout." },
	{ 529, "service_overload", "Service is overloaded." },
	{ 0, NULL, NULL },
};

/* The code and the words of this service for what faults and quotas say in another's. */
static struct refusal
notion_said(const struct refusal *r)
{
	struct refusal said = *r;

	if (r->reason && strchr(r->reason, '_'))
		return said;
	said.reason = "validation_error";
	for (const struct notion_words *w = notion_words; w->status; w++)
		if (w->status == r->status) {
			said.reason = w->code;
			said.message = w->message;
		}
	return said;
}

/* The rate: the seconds to the next window come twice. */
static json *
notion_wait(struct call *c)
{
	const char *seconds = arena_printf(
	    c->a, "%lld", (long long)(60 - fake_now(c->f) / SECOND_MS % 60));
	json *j = json_new(c->a);

	json_set_str(j, "rate_limit_reason", "public_api_request_rate_limit");
	json_set_str(j, "retry_after", seconds);
	reply_header(c, "Retry-After", seconds);
	return j;
}

/* What was done and is not said: the answer that is there names it. */
static json *
notion_saved(struct call *c, const char **message)
{
	const json *made = json_stored(c->a, buf_c(c->rep->body));
	json *j = json_new(c->a), *list = json_list(c->a);

	json_add_str(list, "Read the object again to confirm the saved change.");
	json_add_str(list, "Do not repeat the write.");
	json_set(j, "retry_guidance", list);
	if (json_str(made, "id"))
		json_set_str(j, "committed_resource_id", json_str(made, "id"));
	*message = "The change was saved, but the response could not be built in time. Read the "
		   "object again instead of repeating the write.";
	return j;
}

static void
notion_refuse(struct call *c, const struct refusal *r)
{
	const struct refusal said = notion_said(r);
	const char *message = said.message;
	json *j = json_new(c->a), *details = (json *)said.details;

	if (said.status == 429)
		details = notion_wait(c);
	else if (said.status == SAVED && c->rep->body->n > 0)
		details = notion_saved(c, &message);
	else if (said.status == 404 && bot_of(c)) {
		details = json_new(c->a);
		json_set_str(details, "integration_id", bot_of(c)->integration);
	}
	json_set_str(j, "object", "error");
	json_set_i64(j, "status", said.status);
	json_set_str(j, "code", said.reason);
	json_set_str(j, "message", message);
	if (details)
		json_set(j, "additional_data", details);
	notion_answer(c, said.status, j);
}

static void
notion_complain(struct call *c, const struct flaw *flaw)
{
	const char *where = flaw->field && *flaw->field ? arena_printf(c->a, "body.%s", flaw->field)
							: "body";

	switch (flaw->kind) {
	case FLAW_JSON:
	case FLAW_FORM:
		refuse_notion(c, 400, "invalid_json", "Error parsing JSON body.");
		break;
	case FLAW_MEMBER_UNKNOWN:
		refuse_invalid(c,
		    "body failed validation: %s.%s should be not present, instead was `%.100s`.",
		    where, flaw->name,
		    *flaw->field ? "..." : json_text(c->a, json_at(c->body, flaw->name)));
		break;
	case FLAW_MEMBER_VALUE:
		refuse_invalid(c, "body failed validation: %s is not valid, it was `%.100s`.",
		    where, flaw->value);
		break;
	default:
		refuse_invalid(c,
		    "query failed validation: query.%s should be not present or valid, instead "
		    "was `\"%.100s\"`.",
		    flaw->name, flaw->value ? flaw->value : "undefined");
	}
}

static void
notion_nowhere(struct call *c)
{
	refuse_notion(c, 400, "invalid_request_url", "Invalid request URL.");
}

/*
 * Who calls.
 */
static bool
notion_admit(struct call *c)
{
	static const char versions[] = "|2022-06-28|2025-09-03|2026-03-11|";
	const char *version = params_get(&c->req->headers, "notion-version");

	if (!c->route->scopes)
		return true;
	c->project = bot_by(c->f, bearer_of(c));
	if (!c->project) {
		refuse_notion(c, 401, "unauthorized", "API token is invalid.");
		return false;
	}
	if (!version) {
		refuse_notion(c, 400, "missing_version",
		    "Notion-Version header failed validation: Notion-Version header should be "
		    "defined, instead was `undefined`.");
		return false;
	}
	if (strstr(versions, arena_printf(c->a, "|%s|", version)))
		return true;
	refuse_invalid(c,
	    "Notion-Version header failed validation: Notion-Version header should be "
	    "`\"2025-09-03\"`, instead was `\"%.40s\"`.",
	    version);
	return false;
}

static void
notion_expire(struct fake *f)
{
	for (struct notion_bot *b = notion_of(f)->bots; b; b = b->next)
		if (b->client)
			b->token = fake_secret(f->a, "ntn_ended_");
}

const struct fake_manners notion_manners = {
	.admit = notion_admit,
	.refuse = notion_refuse,
	.complain = notion_complain,
	.expire = notion_expire,
	.nowhere = notion_nowhere,
};

/*
 * What calls may hold.
 */
static const struct fake_param list_query[] = {
	{ .name = "page_size" },
	{ .name = "start_cursor" },
	{ .name = NULL },
};
static const struct fake_param page_query[] = {
	{ .name = "filter_properties", .flags = P_REPEATED },
	{ .name = "filter_properties[]", .flags = P_REPEATED },
	{ .name = NULL },
};
static const struct fake_param common_body[] = {
	{ .name = "icon", .type = P_ANY },
	{ .name = "cover", .type = P_ANY },
	{ .name = "in_trash", .type = P_BOOL },
	{ .name = "archived", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param create_body[] = {
	{ .name = "parent", .type = P_OBJECT },
	{ .name = "properties", .type = P_OBJECT },
	{ .name = "children", .type = P_LIST },
	{ .name = "icon", .type = P_ANY },
	{ .name = "cover", .type = P_ANY },
	{ .name = NULL },
};
static const struct fake_param update_body[] = {
	{ .name = "properties", .type = P_OBJECT },
	{ .name = "is_locked", .type = P_BOOL },
	{ .name = "is_archived", .type = P_BOOL },
	{ .sub = common_body },
};
static const struct fake_param move_body[] = {
	{ .name = "parent", .type = P_OBJECT },
	{ .name = NULL },
};
static const struct fake_param first_source[] = {
	{ .name = "properties", .type = P_OBJECT },
	{ .name = NULL },
};
static const struct fake_param database_body[] = {
	{ .name = "parent", .type = P_OBJECT },
	{ .name = "title", .type = P_LIST },
	{ .name = "description", .type = P_LIST },
	{ .name = "is_inline", .type = P_BOOL },
	{ .name = "is_locked", .type = P_BOOL },
	{ .name = "initial_data_source", .type = P_OBJECT, .sub = first_source },
	{ .sub = common_body },
};
static const struct fake_param source_body[] = {
	{ .name = "parent", .type = P_OBJECT },
	{ .name = "title", .type = P_LIST },
	{ .name = "description", .type = P_LIST },
	{ .name = "properties", .type = P_OBJECT },
	{ .sub = common_body },
};
static const struct fake_param query_body[] = {
	{ .name = "filter", .type = P_OBJECT },
	{ .name = "sorts", .type = P_LIST },
	{ .name = "start_cursor" },
	{ .name = "page_size", .type = P_ANY },
	{ .name = "result_type", .type = P_ENUM, .choices = "page|data_source" },
	{ .name = "in_trash", .type = P_BOOL },
	{ .name = "archived", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param search_body[] = {
	{ .name = "query" },
	{ .name = "filter", .type = P_OBJECT },
	{ .name = "sort", .type = P_OBJECT },
	{ .name = "start_cursor" },
	{ .name = "page_size", .type = P_ANY },
	{ .name = NULL },
};
static const struct fake_param append_body[] = {
	{ .name = "children", .type = P_LIST },
	{ .name = "after" },
	{ .name = NULL },
};

static const struct fake_quota notion_quotas[] = {
	{ .name = "notion", .metric = "Calls", .per_user = 180 },
	{ .name = NULL },
};

#define CALL(method_, path_, name_, query_, body_, handle_) \
	{ \
		.method = method_, .path = path_, .name = name_, .scopes = "notion", \
		.quota = notion_quotas, .query = query_, .body = body_, .handle = handle_ \
	}
#define OWN(method_, path_, name_, form_, body_, handle_) \
	{ \
		.method = method_, .path = path_, .name = name_, .form = form_, .body = body_, \
		.handle = handle_ \
	}

static void
notion_emojis(struct call *c)
{
	json *j = list_json(c, json_list(c->a), NULL, "custom_emoji");

	json_unset(j, "custom_emoji");
	reply_notion(c, j);
}

static const struct fake_route notion_routes[] = {
	CALL("GET", "/v1/users", "users.list", list_query, NULL, users_list),
	CALL("GET", "/v1/users/me", "users.me", fake_nothing, NULL, users_me),
	CALL("GET", "/v1/users/{id}", "users.retrieve", fake_nothing, NULL, users_get),
	CALL("POST", "/v1/search", "search", fake_nothing, search_body, notion_search),
	CALL("POST", "/v1/pages", "pages.create", page_query, create_body, pages_create),
	CALL("GET", "/v1/pages/{id}", "pages.retrieve", page_query, NULL, pages_get),
	CALL("PATCH", "/v1/pages/{id}", "pages.update", page_query, update_body, pages_update),
	CALL("POST", "/v1/pages/{id}/move", "pages.move", fake_nothing, move_body, pages_move),
	CALL("GET", "/v1/pages/{id}/properties/{property}", "pages.properties.retrieve", list_query,
	    NULL, page_property),
	CALL("POST", "/v1/databases", "databases.create", fake_nothing, database_body,
	    databases_create),
	CALL("GET", "/v1/databases/{id}", "databases.retrieve", fake_nothing, NULL, databases_get),
	CALL("PATCH", "/v1/databases/{id}", "databases.update", fake_nothing, database_body,
	    databases_update),
	CALL("POST", "/v1/data_sources", "dataSources.create", fake_nothing, source_body,
	    sources_create),
	CALL("GET", "/v1/data_sources/{id}", "dataSources.retrieve", fake_nothing, NULL,
	    sources_get),
	CALL("PATCH", "/v1/data_sources/{id}", "dataSources.update", fake_nothing, source_body,
	    sources_update),
	CALL("POST", "/v1/data_sources/{id}/query", "dataSources.query", page_query, query_body,
	    sources_query),
	CALL("GET", "/v1/data_sources/{id}/templates", "dataSources.listTemplates", NULL, NULL,
	    sources_templates),
	CALL("GET", "/v1/blocks/{id}", "blocks.retrieve", fake_nothing, NULL, blocks_get),
	CALL("PATCH", "/v1/blocks/{id}", "blocks.update", fake_nothing, fake_anything,
	    blocks_update),
	CALL("DELETE", "/v1/blocks/{id}", "blocks.delete", fake_nothing, NULL, blocks_delete),
	CALL("GET", "/v1/blocks/{id}/children", "blocks.children.list", list_query, NULL,
	    blocks_children),
	CALL("PATCH", "/v1/blocks/{id}/children", "blocks.children.append", fake_nothing,
	    append_body, blocks_append),
	CALL("GET", "/v1/custom_emojis", "customEmojis.list", list_query, NULL, notion_emojis),
	OWN("GET", "/v1/oauth/authorize", "oauth.authorize", true, NULL, notion_authorize),
	OWN("POST", "/v1/oauth/authorize", "oauth.authorize", true, NULL, notion_authorized),
	OWN("POST", "/v1/oauth/token", "oauth.token", false, fake_anything, notion_token),
	OWN("POST", "/v1/oauth/introspect", "oauth.introspect", false, fake_anything,
	    notion_introspect),
	OWN("POST", "/v1/oauth/revoke", "oauth.revoke", false, fake_anything, notion_revoke),
	{ .path = NULL },
};

static void
notion_init(struct fake *f)
{
	struct notion *n = notion_of(f);

	n->end = &n->first;
	n->cap = CAP;
	notion_client_add(f, "client", "secret");
}

const struct fake_service notion_service = {
	.name = "notion",
	.bases = "notion",
	.manners = &notion_manners,
	.routes = notion_routes,
	.quotas = notion_quotas,
	.commands = notion_commands,
	.part = sizeof(struct notion),
	.init = notion_init,
	.save = notion_save,
	.load = notion_load,
	.report = hook_report,
};
