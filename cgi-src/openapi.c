/*
 * openapi.c - /api/openapi.json, made from the route table that dispatches: a route cannot be missing from it.
 */
#include "model.h"

/* Shapes of the main objects. */
static const char schemas[] =
	"{\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"code\"],\"properties\":{\"type\":{\"type\":\"string\"},"
	"\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
	"\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}},"
	"\"Schedule\":{\"type\":\"object\",\"properties\":{\"enabled\":{\"type\":\"boolean\"},\"frequency\":{\"enum\":[\"15min\",\"30min\",\"hourly\",\"daily\","
	"\"weekly\",\"custom\"]},\"intervalMinutes\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":576000},\"rrule\":{\"type\":[\"string\",\"null\"]},"
	"\"timeZone\":{\"type\":[\"string\",\"null\"]},\"nextPollAt\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
	"\"lastPolledAt\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"retryCount\":{\"type\":\"integer\"},\"maxRetries\":{\"type\":\"integer\"}}},"
	"\"Connection\":{\"type\":\"object\",\"required\":[\"id\",\"provider\",\"name\",\"config\",\"status\",\"schedule\"],\"properties\":{\"id\":{\"type\":\"string\"},"
	"\"provider\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"config\":{\"type\":\"object\"},\"hasSecret\":{\"type\":\"boolean\"},"
	"\"status\":{\"enum\":[\"active\",\"manual\",\"retrying\",\"attention\",\"syncing\"]},\"badge\":{\"type\":\"object\"},"
	"\"schedule\":{\"$ref\":\"#/components/schemas/Schedule\"},\"lastSync\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/Sync\"},{\"type\":\"null\"}]},"
	"\"nextPollAt\":{\"type\":[\"string\",\"null\"]},\"lastError\":{\"type\":[\"object\",\"null\"]}}},"
	"\"Sync\":{\"type\":\"object\",\"required\":[\"syncId\",\"connectionId\",\"status\",\"progress\",\"message\",\"stats\"],\"properties\":{"
	"\"syncId\":{\"type\":\"string\"},\"connectionId\":{\"type\":\"string\"},\"status\":{\"enum\":[\"idle\",\"downloading\",\"processing\",\"saving\",\"complete\","
	"\"error\"]},\"progress\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100},\"message\":{\"type\":\"string\"},\"lastUpdated\":{\"type\":\"string\","
	"\"format\":\"date-time\"},\"stats\":{\"type\":\"object\"},\"trigger\":{\"type\":\"string\"},\"startedAt\":{\"type\":\"string\",\"format\":\"date-time\"},"
	"\"finishedAt\":{\"type\":[\"string\",\"null\"]},\"error\":{\"type\":[\"object\",\"null\"]}}},"
	"\"Records\":{\"type\":\"object\",\"properties\":{\"data\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},\"nextCursor\":{\"type\":[\"string\",\"null\"]}}}}";

static const struct {
	const char *handler, *schema;
} replies[] = {
	{ "api_conn_add", "Connection" }, { "api_conn_get", "Connection" }, { "api_conn_change", "Connection" }, { "api_sched_get", "Schedule" },
	{ "api_sched_put", "Schedule" }, { "api_sync_status", "Sync" }, { "api_records", "Records" },
};

static const struct {
	const char *handler, *names;
} queries[] = {
	{ "api_conn_list", "limit,cursor" }, { "api_conn_delete", "data,remote" }, { "api_sync_status", "syncId" }, { "api_sync_history", "limit,cursor,status" },
	{ "api_sync_log", "limit,cursor" }, { "api_connectors_due", "limit" }, { "api_records", "limit,cursor,modifiedAfter,includeDeleted,format,safe" },
	{ "token_revoke_query", "id" },
};

static void
add_parameter(struct arena *a, json *list, const char *in, struct str name)
{
	json *p = json_new(a), *schema = json_new(a);

	json_set_s(p, "name", name);
	json_set_str(p, "in", in);
	json_set_bool(p, "required", !strcmp(in, "path"));
	json_set_str(schema, "type", "string");
	json_set(p, "schema", schema);
	json_add(list, p);
}

static json *
parameters(struct arena *a, const struct route *rt)
{
	json *list = json_list(a);

	for (const char *p = rt->path; (p = strchr(p, '{')); p++)
		add_parameter(a, list, "path", (struct str){ p + 1, strcspn(p + 1, "}") });
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		struct str rest = str_c(queries[i].names);
		if (strcmp(queries[i].handler, rt->name))
			continue;
		while (rest.p)
			add_parameter(a, list, "query", str_cut(rest, ',', &rest));
	}
	return list;
}

static json *
content(struct arena *a, const char *type, const char *schema)
{
	json *c = json_new(a), *media = json_new(a), *ref = json_new(a);

	if (schema)
		json_set_str(ref, "$ref", arena_printf(a, "#/components/schemas/%s", schema));
	else
		json_set_str(ref, "type", "object");
	json_set(media, "schema", ref);
	json_set(c, type, media);
	return c;
}

static json *
responses(struct arena *a, const struct route *rt)
{
	json *o = json_new(a), *good = json_new(a), *bad = json_new(a);
	const char *schema = NULL;

	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
		if (!strcmp(replies[i].handler, rt->name))
			schema = replies[i].schema;
	json_set_str(good, "description", "Success");
	json_set(good, "content", content(a, "application/json", schema));
	json_set_str(bad, "description", "What went wrong and what to do");
	json_set(bad, "content", content(a, "application/problem+json", "Problem"));
	json_set(o, "2XX", good);
	json_set(o, "default", bad);
	return o;
}

static json *
operation(struct arena *a, const struct route *rt)
{
	json *op = json_new(a), *security = json_list(a), *body;

	json_set_str(op, "operationId", arena_printf(a, "%s%s", rt->name, strstr(rt->path, "sheets-bg") ? "_bg" : ""));
	json_set_str(op, "summary", rt->summary);
	json_set(op, "parameters", parameters(a, rt));
	if (rt->max_body) {
		body = json_new(a);
		json_set(body, "content", content(a, "application/json", NULL));
		json_set(op, "requestBody", body);
	}
	if (rt->who != WHO_OPEN) {
		json *bearer = json_new(a), *cookie = json_new(a);
		json_set(bearer, "token", json_list(a));
		json_set(cookie, "session", json_list(a));
		json_add(security, bearer);
		json_add(security, cookie);
	}
	json_set(op, "security", security);
	json_set(op, "responses", responses(a, rt));
	return op;
}

static json *
paths(struct arena *a)
{
	json *o = json_new(a), *path;

	for (size_t i = 0; i < routes_n; i++) {
		char *method = arena_dup(a, method_name(routes[i].method));
		if (!str_starts(str_c(routes[i].path), "/api/"))
			continue;
		for (char *p = method; *p; p++)
			*p = (char)(*p | 32);
		path = json_at(o, routes[i].path);
		if (!path) {
			path = json_new(a);
			json_set(o, routes[i].path, path);
		}
		json_set(path, method, operation(a, &routes[i]));
	}
	return o;
}

enum rc
openapi(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *info = json_new(a), *components = json_new(a);

	json_set_str(o, "openapi", "3.1.0");
	json_set_str(info, "title", "Tidemark");
	json_set_str(info, "version", TIDEMARK_VERSION);
	json_set_str(info, "description", "Keeps an application's database level with sheets, calendars and any CSV, JSON or iCalendar address.");
	json_set(o, "info", info);
	json_set(o, "paths", paths(a));
	json_set(components, "schemas", json_stored(a, schemas));
	json_set(components, "securitySchemes", json_stored(a, "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"session\":{\"type\":\"apiKey\","
	    "\"in\":\"cookie\",\"name\":\"tidemark\"}}"));
	json_set(o, "components", components);
	resp_json(w, 200, a, o);
	w->etag = true;
	return RC_OK;
}
