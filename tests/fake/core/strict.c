/*
 * strict.c - what a call may hold: tables of parameters and members. What the complaint looks like
 * is the provider's.
 */
#include "fake/core/call.h"

#include <string.h>
#include <strings.h>

const struct fake_param fake_nothing[] = { { .name = NULL } };
const struct fake_param fake_anything[] = { { .name = NULL } };

/* The next row: the one behind a table's end is the first of the table that goes with it. */
static const struct fake_param *
strict_row(const struct fake_param *p)
{
	while (p && !p->name)
		p = p->sub;
	return p;
}

static const struct fake_param *
strict_find(const struct fake_param *p, const char *name)
{
	for (p = strict_row(p); p; p = strict_row(p + 1))
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static bool
strict_choice(const char *choices, const char *v)
{
	struct str rest = str_c(choices);

	while (rest.p)
		if (str_is(str_cut(rest, '|', &rest), v))
			return true;
	return false;
}

static bool
strict_flaw(struct call *c, const struct flaw *flaw)
{
	c->service->manners->complain(c, flaw);
	return false;
}

static bool
strict_value_fits(const struct fake_param *p, const char *v)
{
	int64_t n;

	switch (p->type) {
	case P_BOOL:
		return strcasecmp(v, "true") == 0 || strcasecmp(v, "false") == 0 ||
		    strcmp(v, "1") == 0 || strcmp(v, "0") == 0;
	case P_ENUM:
		return strict_choice(p->choices, v);
	case P_INT:
		return str_i64(str_c(v), p->min, p->max ? p->max : INT64_MAX, &n);
	default:
		return true;
	}
}

static bool
strict_param(struct call *c, const struct param *q)
{
	const struct fake_param *p = strict_find(c->route->query, q->name);
	struct flaw flaw = { .name = q->name, .value = q->value };

	p = p ? p : strict_find(c->service->manners->common, q->name);
	flaw.param = p;
	if (!p)
		flaw.kind = FLAW_QUERY_UNKNOWN;
	else if (!(p->flags & P_REPEATED) && params_get(&c->query, q->name) != q->value)
		flaw.kind = FLAW_QUERY_TWICE;
	else if (!strict_value_fits(p, q->value))
		flaw.kind = FLAW_QUERY_VALUE;
	else
		return true;
	return strict_flaw(c, &flaw);
}

bool
strict_query(struct call *c)
{
	const struct fake_param *p;

	if (!c->route->query)
		return true;
	for (size_t i = 0; i < c->query.n; i++)
		if (!strict_param(c, &c->query.v[i]))
			return false;
	for (p = strict_row(c->route->query); p; p = strict_row(p + 1))
		if (p->flags & P_REQUIRED && !query_of(c, p->name))
			return strict_flaw(c,
			    &(struct flaw){
				.kind = FLAW_QUERY_MISSING,
				.param = p,
				.name = p->name,
			    });
	return true;
}

static bool
strict_member_fits(const struct fake_param *p, const json *v)
{
	switch (p->type) {
	case P_STRING:
		return json_is_str(v);
	case P_BOOL:
		return json_is_bool(v);
	case P_INT:
		return json_is_int(v) ||
		    (json_is_str(v) && strict_value_fits(p, json_value_str(v)));
	case P_ENUM:
		return json_is_str(v) && strict_choice(p->choices, json_value_str(v));
	case P_LIST:
		return json_is_list(v);
	case P_OBJECT:
		return json_is_obj(v);
	default:
		return true;
	}
}

static bool
strict_members(struct call *, const json *, const struct fake_param *rows, const char *path);

/* What is inside of one member. */
static bool
strict_inside(struct call *c, const json *v, const struct fake_param *p, const char *field)
{
	if (!p->sub)
		return true;
	if (p->type == P_OBJECT)
		return strict_members(c, v, p->sub, field);
	for (size_t i = 0; p->type == P_LIST && i < json_len(v); i++)
		if (!strict_members(
			c, json_nth(v, i), p->sub, arena_printf(c->a, "%s[%zu]", field, i)))
			return false;
	return true;
}

static bool
strict_members(struct call *c, const json *j, const struct fake_param *rows, const char *path)
{
	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		const struct fake_param *p = strict_find(rows, it.key);
		struct flaw flaw = { .param = p, .name = it.key, .field = path };

		if (!p) {
			flaw.kind = FLAW_MEMBER_UNKNOWN;
			return strict_flaw(c, &flaw);
		}
		/* null is the member's default, whatever its type. */
		if (json_is_null(it.value))
			continue;
		flaw.field = *path ? arena_printf(c->a, "%s.%s", path, it.key) : it.key;
		if (!strict_member_fits(p, it.value)) {
			flaw.kind = FLAW_MEMBER_VALUE;
			flaw.value = json_text(c->a, it.value);
			return strict_flaw(c, &flaw);
		}
		if (!strict_inside(c, it.value, p, flaw.field))
			return false;
	}
	return true;
}

static bool
strict_form(struct call *c)
{
	const char *type = params_get(&c->req->headers, "content-type");

	if (type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
	    params_decode(c->a, c->req->body, &c->form))
		return true;
	return strict_flaw(c, &(struct flaw){ .kind = FLAW_FORM });
}

bool
strict_body(struct call *c)
{
	c->body = json_new(c->a);
	if (c->req->body.n == 0)
		return true;
	if (c->route->form)
		return strict_form(c);
	if (!c->route->body)
		return true;
	if (json_parse(c->cx, "The body", c->req->body, &c->body) != RC_OK || !json_is_obj(c->body))
		return strict_flaw(
		    c, &(struct flaw){ .kind = FLAW_JSON, .value = c->cx->err.detail });
	return c->route->body == fake_anything || strict_members(c, c->body, c->route->body, "");
}

/* Masks that were read, once for all worlds: a program asks for few. */
enum { MASKS_KEPT = 64, MASK_KEPT_BYTES = 4096, MASKS_ROOM = 64 << 20 };
static struct {
	struct arena *a;
	struct {
		const char *text;
		const struct mask *mask;
	} v[MASKS_KEPT];
	size_t n;
} masks;

static const struct mask *
strict_mask(struct arena *a, const char *text)
{
	const struct mask *m;

	for (size_t i = 0; i < masks.n; i++)
		if (!strcmp(masks.v[i].text, text))
			return masks.v[i].mask;
	if (masks.n == MASKS_KEPT || strlen(text) > MASK_KEPT_BYTES)
		return mask_parse(a, text);
	if (!masks.a)
		masks.a = arena_new("masks", MASKS_ROOM, 0);
	m = mask_parse(masks.a, text);
	masks.v[masks.n].text = arena_dup(masks.a, text);
	masks.v[masks.n++].mask = m;
	return m;
}

bool
strict_fields(struct call *c)
{
	const char *fields = query_of(c, "fields"), *bad = fields;
	const struct mask *known = &mask_all;

	if (c->route->reply)
		known = strict_mask(c->a, c->route->reply);
	c->fields = strict_mask(c->a, fields ? fields : "");
	if (c->fields) {
		bad = mask_unknown(c->a, c->fields, known);
		if (!bad)
			return true;
	}
	return strict_flaw(
	    c, &(struct flaw){ .kind = FLAW_FIELDS, .name = "fields", .value = bad });
}
