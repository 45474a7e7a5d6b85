/*
 * complain.c - how Google's services name what is wrong with a call's parameters.
 */
#include "fake/google/google.h"

#include <ctype.h>

#include "fake/google/oauth.h"

/* valueRenderOption -> value_render_option, as complaints name it. */
static const char *
complain_snake(struct arena *a, const char *name)
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
complain_violation(struct call *c, const char *field, const char *text)
{
	json *list = json_list(c->a), *one = json_new(c->a);
	json *violations = json_list(c->a), *v = json_new(c->a);

	json_set_str(one, "@type", "type.googleapis.com/google.rpc.BadRequest");
	if (*field)
		json_set_str(v, "field", field);
	json_set_str(v, "description", text);
	json_add(violations, v);
	json_set(one, "fieldViolations", violations);
	json_add(list, one);
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.reason = "invalidParameter",
		.message = text,
		.details = list,
	    });
}

static void
complain_parameter(struct call *c, const char *reason, const char *name, const char *text)
{
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.reason = reason,
		.location_type = "parameter",
		.location = name,
		.message = text,
	    });
}

static const char *
complain_type(struct call *c, const struct fake_param *p)
{
	static const char *const types[] = {
		[P_STRING] = "TYPE_STRING",
		[P_BOOL] = "TYPE_BOOL",
		[P_INT] = "TYPE_INT32",
		[P_LIST] = "type.googleapis.com/google.protobuf.ListValue",
		[P_OBJECT] = "type.googleapis.com/google.protobuf.Struct",
	};

	if (p->type == P_ENUM)
		return arena_printf(c->a, "type.googleapis.com/google.apps.sheets.v4.%c%s",
		    toupper((unsigned char)p->name[0]), p->name + 1);
	return p->type == P_OBJECT && p->choices ? p->choices : types[p->type];
}

static void
complain_value(struct call *c, const struct fake_param *p, const char *field, const char *shown)
{
	complain_violation(c, field,
	    arena_printf(
		c->a, "Invalid value at '%s' (%s), %s", field, complain_type(c, p), shown));
}

#define COMPLAIN_UNKNOWN "Invalid JSON payload received. Unknown name \"%s\""
#define COMPLAIN_UNBOUND \
	COMPLAIN_UNKNOWN ": Cannot bind query parameter. " \
			 "Field '%s' could not be found in request message."

static void
complain_query(struct call *c, const struct flaw *flaw)
{
	const char *name = flaw->name;

	if (flaw->kind == FLAW_QUERY_VALUE)
		complain_value(c, flaw->param, complain_snake(c->a, name),
		    arena_printf(c->a, "\"%s\"", flaw->value));
	else if (flaw->kind == FLAW_QUERY_TWICE)
		complain_violation(c, "",
		    arena_printf(c->a,
			COMPLAIN_UNKNOWN ": Proto field is not repeating, cannot start list.",
			name));
	else
		complain_violation(c, "", arena_printf(c->a, COMPLAIN_UNBOUND, name, name));
}

static void
complain_legacy_query(struct call *c, const struct flaw *flaw)
{
	const char *text;

	if (flaw->kind == FLAW_QUERY_TWICE) {
		complain_query(c, flaw);
		return;
	}
	if (flaw->kind == FLAW_QUERY_VALUE)
		text = arena_printf(c->a,
		    "Invalid value '%s'. Value must be one the parameter %s allows.", flaw->value,
		    flaw->param->name);
	else
		text = arena_printf(c->a, "Unknown parameter: %s", flaw->name);
	complain_parameter(c, "invalidParameter", flaw->name, text);
}

/* The body of a method is called "data" where it is one message. */
static const char *
complain_member(struct call *c, const char *field)
{
	if (strcmp(c->route->method, "PUT") == 0 || strstr(c->route->path, ":append"))
		return arena_printf(c->a, "data.%s", field);
	return field;
}

void
google_complain(struct call *c, const struct flaw *flaw)
{
	const bool legacy = c->route->style == STYLE_LEGACY;
	const char *text;

	switch (flaw->kind) {
	case FLAW_FORM:
		refuse_oauth(c, 400, "invalid_request",
		    "The body must be application/x-www-form-urlencoded.");
		return;
	case FLAW_JSON:
		refuse_argument(c, "Invalid JSON payload received. %s", flaw->value);
		return;
	case FLAW_QUERY_MISSING:
		complain_parameter(c, "required", flaw->name,
		    arena_printf(c->a, "Required parameter: %s", flaw->name));
		return;
	case FLAW_FIELDS:
		complain_parameter(c, legacy ? "invalidParameter" : "badRequest", "fields",
		    arena_printf(
			c->a, "Invalid field selection%s %s", legacy ? "" : ":", flaw->value));
		return;
	case FLAW_MEMBER_UNKNOWN:
		text = arena_printf(c->a, COMPLAIN_UNKNOWN, flaw->name);
		if (*flaw->field)
			text = arena_printf(c->a, "%s at '%s'", text, flaw->field);
		complain_violation(
		    c, flaw->field, arena_printf(c->a, "%s: Cannot find field.", text));
		return;
	case FLAW_MEMBER_VALUE:
		complain_value(c, flaw->param, complain_member(c, flaw->field), flaw->value);
		return;
	default:
		if (legacy)
			complain_legacy_query(c, flaw);
		else
			complain_query(c, flaw);
	}
}
