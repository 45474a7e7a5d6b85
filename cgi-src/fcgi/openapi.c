/*
 * openapi.c - /api/openapi.json, made from the route table that dispatches: a route cannot be
 * missing from it. What the table does not tell is in answers.c.
 *
 * A shape is written as words: "name:type". Types: text (when none is given), int, 1-500 (from the
 * one to the other), bool, object, time, any, a|b|c (one of these words), Name (a shape), Name/Name
 * (one of these shapes), [type] (a list). A "*" after the name: always there; a "?" at the end: may
 * be null.
 */
#include "base/conf.h"
#include "fcgi/answers.h"
#include "kind/kind.h"
#include "skin/model.h"
#include "queue/events.h"

enum { OPENAPI_ARENA = 16 * 1024 * 1024 };

static json *
openapi_reference(struct arena *a, struct str name)
{
	json *o = json_new(a);

	json_set_str(o, "$ref", arena_printf(a, "#/components/schemas/%.*s", (int)name.n, name.p));
	return o;
}

static json *
shapes_schema(struct arena *a, struct str names)
{
	json *o = json_new(a), *list = json_list(a);

	while (names.p)
		json_add(list, openapi_reference(a, str_cut(names, '/', &names)));
	json_set(o, "oneOf", list);
	return o;
}

static json *
words_schema(struct arena *a, struct str words)
{
	json *o = json_new(a), *list = json_list(a);

	while (words.p)
		json_add(list, json_string(a, str_cut(words, '|', &words)));
	json_set(o, "enum", list);
	return o;
}

static json *
plain_schema(struct arena *a, struct str type)
{
	static const struct {
		const char *word, *type, *format;
	} types[] = {
		{ "", "string", NULL },
		{ "text", "string", NULL },
		{ "int", "integer", NULL },
		{ "bool", "boolean", NULL },
		{ "object", "object", NULL },
		{ "time", "string", "date-time" },
		{ "any", NULL, NULL },
	};
	json *o = json_new(a);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!str_is(type, types[i].word))
			continue;
		if (types[i].type)
			json_set_str(o, "type", types[i].type);
		if (types[i].format)
			json_set_str(o, "format", types[i].format);
	}
	return o;
}

static json *
range_schema(struct arena *a, struct str range)
{
	json *o = json_new(a);
	struct str most, least = str_cut(range, '-', &most);
	int64_t n;

	json_set_str(o, "type", "integer");
	if (str_i64(least, 0, INT64_MAX, &n))
		json_set_i64(o, "minimum", n);
	if (str_i64(most, 0, INT64_MAX, &n))
		json_set_i64(o, "maximum", n);
	return o;
}

/* The schema of a type as written above. */
static json *
type_schema(struct arena *a, struct str type)
{
	json *o, *either, *null;

	if (str_ends(type, "?")) {
		either = json_list(a);
		null = json_new(a);
		json_set_str(null, "type", "null");
		json_add(either, type_schema(a, (struct str){ type.p, type.n - 1 }));
		json_add(either, null);
		o = json_new(a);
		json_set(o, "anyOf", either);
		return o;
	}
	if (str_starts(type, "[")) {
		o = json_new(a);
		json_set_str(o, "type", "array");
		json_set(o, "items", type_schema(a, (struct str){ type.p + 1, type.n - 2 }));
		return o;
	}
	if (type.n && memchr(type.p, '|', type.n))
		return words_schema(a, type);
	if (type.n && type.p[0] >= '0' && type.p[0] <= '9')
		return range_schema(a, type);
	if (type.n && memchr(type.p, '/', type.n))
		return shapes_schema(a, type);
	if (type.n && type.p[0] >= 'A' && type.p[0] <= 'Z')
		return openapi_reference(a, type);
	return plain_schema(a, type);
}

static json *
shape_schema(struct arena *a, const char *members)
{
	json *o = json_new(a), *properties = json_new(a), *required = json_list(a);
	struct str rest = str_c(members), type;
	bool always;

	while (rest.p) {
		struct str name = answer_member(&rest, &always, &type);
		json_set(properties, arena_dup_str(a, name), type_schema(a, type));
		if (always)
			json_add(required, json_string(a, name));
	}
	json_set_str(o, "type", "object");
	json_set(o, "properties", properties);
	if (json_len(required))
		json_set(o, "required", required);
	return o;
}

static json *
openapi_schemas(struct arena *a)
{
	json *o = json_new(a);

	for (size_t i = 0; i < shapes_n; i++)
		json_set(o, shapes[i].name, shape_schema(a, shapes[i].members));
	return o;
}

static void
add_parameter(
    struct arena *a, json *list, const char *in, struct str name, bool required, json *schema)
{
	json *p = json_new(a);

	json_set_s(p, "name", name);
	json_set_str(p, "in", in);
	json_set_bool(p, "required", required);
	json_set(p, "schema", schema);
	json_add(list, p);
}

static json *
openapi_parameters(struct arena *a, const struct route *rt, const struct answer *shape)
{
	json *list = json_list(a);
	struct str rest = shape->query ? str_c(shape->query) : (struct str){ NULL, 0 }, type;
	bool always;

	for (const char *p = rt->path; (p = strchr(p, '{')); p++)
		add_parameter(a, list, "path", (struct str){ p + 1, strcspn(p + 1, "}") }, true,
		    plain_schema(a, STR("text")));
	while (rest.p) {
		struct str name = answer_member(&rest, &always, &type);

		if (!str_is(name, "..."))
			add_parameter(a, list, "query", name, always, type_schema(a, type));
	}
	if (rt->method == M_POST && rt->who == WHO_USER)
		add_parameter(
		    a, list, "header", STR("Idempotency-Key"), false, plain_schema(a, STR("text")));
	if (answer_matches(rt))
		add_parameter(
		    a, list, "header", STR("If-Match"), false, plain_schema(a, STR("text")));
	if (answer_acts(rt))
		add_parameter(
		    a, list, "query", STR("workspace_id"), false, plain_schema(a, STR("text")));
	return list;
}

static json *
openapi_content(struct arena *a, const char *type, const char *shape)
{
	json *c = json_new(a), *media = json_new(a);

	json_set(
	    media, "schema", shape ? type_schema(a, str_c(shape)) : plain_schema(a, STR("object")));
	json_set(c, type, media);
	return c;
}

static const char *
status_words(int status)
{
	if (status >= 300)
		return "Somewhere else";
	switch (status) {
	case 201:
		return "Made";
	case 202:
		return "Taken on";
	case 204:
		return "Done";
	default:
		return "The answer";
	}
}

/* The events of a stream, which is never the same again, and has an end for one sync. */
static json *
stream_responses(struct arena *a, const char *reply)
{
	json *o = json_new(a), *good = json_new(a), *over = json_new(a);

	json_set_str(good, "description", "Events, as they happen");
	json_set(good, "content", openapi_content(a, "text/event-stream", reply));
	json_set(o, "200", good);
	json_set_str(over, "description", "The end of that sync was told: there is no more");
	json_set(o, "204", over);
	return o;
}

static json *
json_responses(struct arena *a, const struct route *rt, const struct answer *shape)
{
	static const char *const streams[] = { "text/csv", "application/x-ndjson" };
	const char *taken_on = answer_taken_on(rt->name);
	json *o = json_new(a), *good = json_new(a), *same, *content;

	json_set_str(good, "description", status_words(shape->status));
	if (shape->status != 204 && shape->status < 300) {
		content = openapi_content(a, "application/json", shape->reply);
		/* The formats that ?format= names besides. */
		for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
			if (shape->query && strstr(shape->query, "format:json|csv|ndjson"))
				json_set(content, streams[i],
				    json_at(openapi_content(a, streams[i], "text"), streams[i]));
		json_set(good, "content", content);
	}
	json_set(o, arena_printf(a, "%d", shape->status), good);
	if (taken_on) {
		good = json_new(a);
		json_set_str(good, "description", status_words(202));
		json_set(good, "content", openapi_content(a, "application/json", taken_on));
		json_set(o, "202", good);
	}
	if (rt->method == M_GET) {
		same = json_new(a);
		json_set_str(
		    same, "description", "Nothing has changed since the reply with that ETag");
		json_set(o, "304", same);
	}
	return o;
}

static json *
openapi_responses(struct arena *a, const struct route *rt, const struct answer *shape)
{
	static const char stream[] = "stream:";
	json *bad = json_new(a), *o;

	if (shape->reply && str_starts(str_c(shape->reply), stream))
		o = stream_responses(a, shape->reply + sizeof stream - 1);
	else
		o = json_responses(a, rt, shape);
	json_set_str(bad, "description", "What went wrong and what to do");
	json_set(bad, "content", openapi_content(a, "application/problem+json", "Problem"));
	json_set(o, "4XX", bad);
	json_set(o, "default", bad);
	return o;
}

static json *
openapi_security(struct arena *a, const struct route *rt)
{
	static const char *const special[] = {
		[WHO_CRON] = "cron",
		[WHO_PROGRESS] = "progress",
	};
	/* A progress token only reads. */
	const bool more = rt->who != WHO_PROGRESS || rt->scope == SCOPE_READ;
	const char *const schemes[] = { "token", "session", more ? special[rt->who] : NULL };
	json *list = json_list(a);

	for (size_t i = 0;
	     i < sizeof schemes / sizeof *schemes && schemes[i] && rt->who != WHO_OPEN; i++) {
		json *one = json_new(a);
		json_set(one, schemes[i], json_list(a));
		json_add(list, one);
	}
	return list;
}

/* "api_conn_get" is connGet; a path that has the same handler as an earlier one gets its own
 * name. */
static const char *
operation_id(struct arena *a, const struct route *rt)
{
	const char *p = str_starts(str_c(rt->name), "api_") ? rt->name + 4 : rt->name;
	struct buf *b = buf_in(a, 200);

	for (; *p; p++)
		if (*p == '_' && p[1])
			buf_ch(b, (char)(*++p & ~32));
		else
			buf_ch(b, *p);
	for (const struct route *r = routes; r < routes + routes_n && r != rt; r++)
		if (!strcmp(r->name, rt->name)) {
			buf_str(b, "Alias");
			break;
		}
	return buf_c(b);
}

/* "/api/connections/{id}" is about "connections". */
static struct str
path_tag(const char *path)
{
	struct str rest, first = str_cut(str_c(path + sizeof "/api/" - 1), '/', &rest);

	return first;
}

static json *
openapi_operation(struct arena *a, const struct route *rt, const struct answer *shape)
{
	static const char *const scopes[] = { [SCOPE_READ] = "read",
		[SCOPE_SYNC] = "sync",
		[SCOPE_WRITE] = "write",
		[SCOPE_OPERATOR] = "operator" };
	json *op = json_new(a), *body, *tags = json_list(a);

	json_set_str(op, "operationId", operation_id(a, rt));
	json_add(tags, json_string(a, path_tag(rt->path)));
	json_set(op, "tags", tags);
	json_set_str(op, "summary", rt->summary);
	if (rt->who != WHO_OPEN)
		json_set_str(op, "description",
		    arena_printf(a, "A token needs the scope \"%s\".", scopes[rt->scope]));
	json_set(op, "parameters", openapi_parameters(a, rt, shape));
	if (shape->body) {
		body = json_new(a);
		json_set(body, "content", openapi_content(a, "application/json", shape->body));
		json_set_bool(body, "required",
		    rt->method != M_POST || strchr(shape_members(shape->body), '*') != NULL);
		json_set(op, "requestBody", body);
	}
	json_set(op, "security", openapi_security(a, rt));
	json_set(op, "responses", openapi_responses(a, rt, shape));
	return op;
}

static void
path_add(struct arena *a, json *paths, const struct route *rt, const struct answer *shape)
{
	char *method = arena_dup(a, method_name(rt->method));
	json *path = json_at(paths, rt->path);

	for (char *p = method; *p; p++)
		*p = (char)(*p | 32);
	if (!path) {
		path = json_new(a);
		json_set(paths, rt->path, path);
	}
	json_set(path, method, openapi_operation(a, rt, shape));
}

/* One path for each receiver there is: {receiver} would be {id} of the webhooks. */
static void
receivers_add(struct arena *a, json *paths, const struct route *rt)
{
	const struct kind *k;

	for (size_t i = 0; (k = kind_nth(i)); i++) {
		struct route one = *rt;
		char *name;

		if (!k->receiver || kind_receiving(k->receiver->name) != k)
			continue;
		one.path = arena_printf(a, "/api/webhooks/%s", k->receiver->name);
		one.name = name = arena_printf(a, "receive_%s", k->receiver->name);
		for (char *p = name; *p; p++)
			if (*p == '-')
				*p = '_';
		one.summary = k->receiver->summary;
		path_add(a, paths, &one, answer_of(rt->name));
	}
}

static json *
openapi_paths(struct arena *a)
{
	json *o = json_new(a);

	for (size_t i = 0; i < routes_n; i++)
		if (strstr(routes[i].path, "{receiver}"))
			receivers_add(a, o, &routes[i]);
		else if (str_starts(str_c(routes[i].path), "/api/"))
			path_add(a, o, &routes[i], answer_of(routes[i].name));
	return o;
}

/* What is sent to the webhooks of an application. */
static json *
openapi_webhooks(struct arena *a)
{
	static const char *const shape_of_prefix[][2] = {
		{ "sync.", "SyncMessage" },
		{ "records.", "RecordsMessage" },
		{ "connection.", "ConnectionMessage" },
	};
	json *o = json_new(a);

	for (size_t i = 0; i < event_words_n; i++)
		for (size_t k = 0; k < sizeof shape_of_prefix / sizeof *shape_of_prefix; k++) {
			json *path = json_new(a);
			json *op = json_new(a);
			json *body = json_new(a);
			json *done = json_new(a);
			json *replies = json_new(a);
			if (!str_starts(str_c(event_words[i].name), shape_of_prefix[k][0]))
				continue;
			json_set_str(op, "summary", event_words[i].meaning);
			json_set_str(op, "description",
			    "Signed by Standard Webhooks 1.0: webhook-id, webhook-timestamp, "
			    "webhook-signature.");
			json_set(body, "content",
			    openapi_content(a, "application/json", shape_of_prefix[k][1]));
			json_set(op, "requestBody", body);
			json_set_str(done, "description", "Taken; any status of 200 to 299");
			json_set(replies, "2XX", done);
			json_set(op, "responses", replies);
			json_set(op, "security", json_list(a));
			json_set(path, "post", op);
			json_set(o, event_words[i].name, path);
		}
	return o;
}

static const char security_schemes[] =
    "{\"token\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"An API token\"},"
    " \"progress\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"A progress "
    "token: the status of one connection's syncs, for some minutes\"},"
    " \"cron\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"CRON_SECRET\"},"
    " \"session\": {\"type\": \"apiKey\", \"in\": \"cookie\", \"name\": \"tidemark\","
    " \"description\": \"A browser's session; a request that changes something sends its token in "
    "X-CSRF-Token too. Over https the cookie is __Host-tidemark.\"}}";

static const char *
openapi_make(struct arena *a)
{
	json *o = json_new(a), *info = json_new(a), *components = json_new(a);
	json *license = json_new(a), *server = json_new(a), *servers = json_list(a);

	json_set_str(o, "openapi", "3.1.0");
	json_set_str(info, "title", "Tidemark");
	json_set_str(info, "version", TIDEMARK_VERSION);
	json_set_str(info, "description",
	    "Keeps an application's database level with sheets, calendars and any CSV, JSON or "
	    "iCalendar address. What one user writes is limited in a day, by the bytes that are "
	    "kept of it, history and audit included: more is answered with 429 and Retry-After, "
	    "and has changed nothing.");
	json_set_str(license, "name", "MIT");
	json_set_str(license, "identifier", "MIT");
	json_set(info, "license", license);
	json_set(o, "info", info);
	json_set_str(server, "url", conf_app_url(a));
	json_add(servers, server);
	json_set(o, "servers", servers);
	json_set(o, "paths", openapi_paths(a));
	json_set(o, "webhooks", openapi_webhooks(a));
	json_set(components, "schemas", openapi_schemas(a));
	json_set(components, "securitySchemes", json_stored(a, security_schemes));
	json_set(o, "components", components);
	return json_text(a, o);
}

/* Anybody may ask for it, and nothing of it changes while a process lives: it is made once. */
enum rc
openapi(struct req *r, struct resp *w)
{
	static const char *text;

	(void)r;
	if (!text)
		text = openapi_make(arena_new("openapi", OPENAPI_ARENA, 0));
	w->status = 200;
	w->type = "application/json";
	buf_clear(w->body);
	buf_str(w->body, text);
	buf_ch(w->body, '\n');
	return RC_OK;
}
