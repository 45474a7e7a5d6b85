/*
 * fake_strict.c - what a call may hold: tables of parameters and members, and the complaints of the two generations of Google's services.
 */
#include "fake/world.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Every method has these. */
static const struct fake_param common[] = {
	{ .name = "alt", .type = P_ENUM, .choices = "json|media|proto" },
	{ .name = "fields" }, { .name = "key" }, { .name = "quotaUser" }, { .name = "access_token" }, { .name = "oauth_token" },
	{ .name = "prettyPrint", .type = P_BOOL },
	{ .name = NULL }
};

static const struct fake_param *
find(const struct fake_param *p, const char *name)
{
	for (; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static bool
choice(const char *choices, const char *v)
{
	struct str rest = str_c(choices), one;

	while (rest.p) {
		one = str_cut(rest, '|', &rest);
		if (str_is(one, v))
			return true;
	}
	return false;
}

/* valueRenderOption -> value_render_option, as complaints name it. */
static const char *
snake(struct arena *a, const char *name)
{
	struct buf *b = buf_in(a, 200);

	for (; *name; name++) {
		if (isupper((unsigned char)*name))
			buf_ch(b, '_');
		buf_ch(b, (char)tolower((unsigned char)*name));
	}
	return buf_c(b);
}

static void
complain(struct call *c, const char *field, const char *text)
{
	json *list = json_list(c->a), *one = json_new(c->a), *violations = json_list(c->a), *v = json_new(c->a);

	json_set_str(one, "@type", "type.googleapis.com/google.rpc.BadRequest");
	if (*field)
		json_set_str(v, "field", field);
	json_set_str(v, "description", text);
	json_add(violations, v);
	json_set(one, "fieldViolations", violations);
	json_add(list, one);
	refuse(c, &(struct refusal){ .status = 400, .reason = "invalidParameter", .message = text, .details = list });
}

static void
complain_type(struct call *c, const struct fake_param *p, const char *field, const char *shown)
{
	static const char *const types[] = { [P_STRING] = "TYPE_STRING", [P_BOOL] = "TYPE_BOOL", [P_INT] = "TYPE_INT32",
		[P_LIST] = "type.googleapis.com/google.protobuf.ListValue", [P_OBJECT] = "type.googleapis.com/google.protobuf.Struct" };
	const char *type = p->type == P_ENUM ? arena_printf(c->a, "type.googleapis.com/google.apps.sheets.v4.%c%s", toupper((unsigned char)p->name[0]), p->name + 1) :
		p->type == P_OBJECT && p->choices ? p->choices : types[p->type];

	complain(c, field, arena_printf(c->a, "Invalid value at '%s' (%s), %s", field, type, shown));
}

static bool
value_fits(const struct fake_param *p, const char *v)
{
	int64_t n;

	switch (p->type) {
	case P_BOOL: return strcasecmp(v, "true") == 0 || strcasecmp(v, "false") == 0 || strcmp(v, "1") == 0 || strcmp(v, "0") == 0;
	case P_ENUM: return choice(p->choices, v);
	case P_INT: return str_i64(str_c(v), p->min, p->max ? p->max : INT64_MAX, &n);
	default: return true;
	}
}

static void
refuse_value(struct call *c, const struct fake_param *p, const char *v)
{
	if (c->route->style != STYLE_LEGACY) {
		complain_type(c, p, snake(c->a, p->name), arena_printf(c->a, "\"%s\"", v));
		return;
	}
	refuse(c, &(struct refusal){ .status = 400, .reason = "invalidParameter", .location_type = "parameter", .location = p->name,
		.message = arena_printf(c->a, "Invalid value '%s'. Value must be one the parameter %s allows.", v, p->name) });
}

bool
strict_query(struct call *c)
{
	if (c->route->style == STYLE_OAUTH)
		return true;
	for (size_t i = 0; i < c->query.n; i++) {
		const struct param *q = &c->query.v[i];
		const struct fake_param *p = find(c->route->query, q->name);

		if (!p)
			p = find(common, q->name);
		if (!p && c->route->style == STYLE_LEGACY) {
			refuse(c, &(struct refusal){ .status = 400, .reason = "invalidParameter", .location_type = "parameter", .location = q->name,
				.message = arena_printf(c->a, "Unknown parameter: %s", q->name) });
			return false;
		}
		if (!p || (!(p->flags & P_REPEATED) && params_get(&c->query, q->name) != q->value)) {
			complain(c, "", p ? arena_printf(c->a, "Invalid JSON payload received. Unknown name \"%s\": Proto field is not repeating, cannot start list.", q->name) :
				arena_printf(c->a, "Invalid JSON payload received. Unknown name \"%s\": Cannot bind query parameter. Field '%s' could not be found in request message.", q->name, q->name));
			return false;
		}
		if (!value_fits(p, q->value)) {
			refuse_value(c, p, q->value);
			return false;
		}
	}
	for (const struct fake_param *p = c->route->query; p && p->name; p++)
		if (p->flags & P_REQUIRED && !query_of(c, p->name)) {
			refuse(c, &(struct refusal){ .status = 400, .reason = "required", .location_type = "parameter", .location = p->name,
				.message = arena_printf(c->a, "Required parameter: %s", p->name) });
			return false;
		}
	return true;
}

static bool
member_fits(const struct fake_param *p, const json *v)
{
	switch (p->type) {
	case P_STRING: return json_is_str(v);
	case P_BOOL: return json_is_bool(v);
	case P_INT: return json_is_int(v) || (json_is_str(v) && value_fits(p, json_value_str(v)));
	case P_ENUM: return json_is_str(v) && choice(p->choices, json_value_str(v));
	case P_LIST: return json_is_list(v);
	case P_OBJECT: return json_is_obj(v);
	default: return true;
	}
}

static bool
members(struct call *c, const json *j, const struct fake_param *rows, const char *path)
{
	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		const struct fake_param *p = find(rows, it.key);
		const char *field = *path ? arena_printf(c->a, "%s.%s", path, it.key) : it.key;

		if (!p) {
			complain(c, path, *path ? arena_printf(c->a, "Invalid JSON payload received. Unknown name \"%s\" at '%s': Cannot find field.", it.key, path) :
				arena_printf(c->a, "Invalid JSON payload received. Unknown name \"%s\": Cannot find field.", it.key));
			return false;
		}
		/* null is the member's default, whatever its type. */
		if (json_is_null(it.value))
			continue;
		if (!member_fits(p, it.value)) {
			/* The body of a method is called "data" where it is one message. */
			complain_type(c, p, strcmp(c->route->method, "PUT") == 0 || strstr(c->route->path, ":append") ? arena_printf(c->a, "data.%s", field) : field, json_text(c->a, it.value));
			return false;
		}
		if (p->sub && p->type == P_OBJECT && !members(c, it.value, p->sub, field))
			return false;
		for (size_t i = 0; p->sub && p->type == P_LIST && i < json_len(it.value); i++)
			if (!members(c, json_nth(it.value, i), p->sub, arena_printf(c->a, "%s[%zu]", field, i)))
				return false;
	}
	return true;
}

bool
strict_body(struct call *c)
{
	const char *type = params_get(&c->req->headers, "content-type");
	bool form = type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;

	c->body = json_new(c->a);
	if (c->req->body.n == 0)
		return true;
	if (c->route->style == STYLE_OAUTH) {
		if (!form || !params_decode(c->a, c->req->body, &c->form)) {
			refuse_oauth(c, 400, "invalid_request", "The body must be application/x-www-form-urlencoded.");
			return false;
		}
		return true;
	}
	if (!c->route->body) {
		/* The pages of our own take forms. */
		if (form && c->route->style == STYLE_OWN && !params_decode(c->a, c->req->body, &c->form))
			refuse_argument(c, "The form cannot be read.");
		return !c->refused;
	}
	if (json_parse(c->cx, "The body", c->req->body, &c->body) != RC_OK || !json_is_obj(c->body)) {
		refuse_argument(c, "Invalid JSON payload received. %s", c->cx->err.detail);
		return false;
	}
	return c->route->body->name == NULL || members(c, c->body, c->route->body, "");
}
