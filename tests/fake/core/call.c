/*
 * call.c - one call: route, fault, token, scope, quota, strictness, handler, log. In this order,
 * for all services.
 */
#include "fake/core/call.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

/*
 * Replies.
 */
void
reply_header(struct call *c, const char *name, const char *value)
{
	struct params *p = &c->rep->headers;

	for (size_t i = 0; i < p->n; i++)
		if (strcasecmp(p->v[i].name, name) == 0) {
			p->v[i].value = value;
			return;
		}
	params_add(p, name, value);
}

void
reply_json(struct call *c, int status, const json *j)
{
	c->rep->status = status;
	c->rep->type = "application/json; charset=UTF-8";
	buf_clear(c->rep->body);
	buf_str(c->rep->body, json_text(c->a, c->fields ? mask_apply(c->a, j, c->fields) : j));
}

void
refuse(struct call *c, const struct refusal *r)
{
	c->fields = NULL;
	c->refused = true;
	c->service->manners->refuse(c, r);
}

void
refuse_argument(struct call *c, const char *fmt, ...)
{
	struct refusal r = { .status = 400, .reason = "badRequest" };
	va_list ap;

	va_start(ap, fmt);
	r.message = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	refuse(c, &r);
}

/*
 * What came.
 */
const char *
query_of(const struct call *c, const char *name)
{
	return params_get(&c->query, name);
}

bool
query_flag(const struct call *c, const char *name)
{
	const char *v = query_of(c, name);

	return v && (strcasecmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

const char *
form_of(const struct call *c, const char *name)
{
	return params_get(&c->form, name);
}

const char *
bearer_of(const struct call *c)
{
	const char *auth = params_get(&c->req->headers, "authorization");

	return auth && strncasecmp(auth, "Bearer ", 7) == 0 ? auth + 7 : NULL;
}

const char *
kept(struct call *c, const json *j, const char *name, const char *old)
{
	return json_str(j, name) ? arena_dup(c->f->a, json_str(j, name)) : old;
}

/*
 * Routes.
 */
/* A {} of the path. What follows it within the segment, ":append", belongs to the segment's end. */
static bool
call_part(struct arena *a, const char **pattern, const char **path, const char **part)
{
	size_t tail, len = strcspn(*path, "/");
	char *text;

	*pattern += strcspn(*pattern, "}") + 1;
	tail = strcspn(*pattern, "/");
	if (len <= tail || memcmp(*path + len - tail, *pattern, tail) != 0)
		return false;
	if (!url_decode(a, (struct str){ *path, len - tail }, false, &text))
		return false;
	*part = text;
	*path += len;
	*pattern += tail;
	return true;
}

static bool
call_matches(struct arena *a, const char *pattern, const char *path, const char *part[CALL_PARTS])
{
	size_t n = 0;

	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
		} else if (n == CALL_PARTS || !call_part(a, &pattern, &path, &part[n++])) {
			return false;
		}
	}
	return *path == '\0';
}

static bool
call_routed(struct call *c, const struct fake_service *s, const char *path, bool *path_known)
{
	for (const struct fake_route *r = s->routes; r && r->path; r++) {
		const char *part[CALL_PARTS] = { NULL };

		if (!call_matches(c->a, r->path, path, part))
			continue;
		*path_known = true;
		if (strcmp(r->method, c->req->method) != 0)
			continue;
		memcpy(c->part, part, sizeof part);
		c->service = s;
		c->route = r;
		return true;
	}
	return false;
}

static bool
call_has_base(const struct fake_service *s, struct str base)
{
	struct str rest = str_c(s->bases);

	while (base.n > 0 && rest.p)
		if (str_eq(str_cut(rest, '|', &rest), base))
			return true;
	return false;
}

/*
 * "/fake/sheets/v4/..." is "/v4/...": see fake.h. The word goes first to the services that have
 * it, because paths of different providers may look the same; it keeps nobody from the others.
 */
const char *
fake_path(const char *target, struct str *base)
{
	const char *rest;

	*base = (struct str){ NULL, 0 };
	if (strncmp(target, "/fake/", 6) != 0)
		return target;
	rest = target + 6 + strcspn(target + 6, "/?");
	if (*rest != '/')
		return target;
	*base = (struct str){ target + 6, (size_t)(rest - target) - 6 };
	return rest;
}

/* What is the stand-in's own has one address: who may reach an API does not reach it by that. */
static void
call_route(struct call *c, const char *path, struct str base, bool *path_known)
{
	*path_known = false;
	for (size_t i = 0; fake_services[i]; i++)
		if (call_has_base(fake_services[i], base) &&
		    call_routed(c, fake_services[i], path, path_known))
			return;
	for (size_t i = 0; fake_services[i]; i++)
		if (!(base.p && fake_services[i]->own) &&
		    call_routed(c, fake_services[i], path, path_known))
			return;
}

static void
call_nowhere(struct call *c, struct str base, int status)
{
	for (size_t i = 0; fake_services[i]; i++)
		if (call_has_base(fake_services[i], base) && fake_services[i]->manners->nowhere) {
			c->service = fake_services[i];
			c->service->manners->nowhere(c);
			return;
		}
	c->rep->status = status;
	c->rep->type = "text/html; charset=UTF-8";
	buf_printf(c->rep->body,
	    "<!DOCTYPE html>\n<html lang=en>\n<title>Error %d</title>\n"
	    "<p><b>%d.</b> The requested URL was not found on this server.\n",
	    status, status);
}

static void
call_serve(struct call *c)
{
	if (c->service->manners->admit(c) && quota_allows(c) && strict_query(c) && strict_body(c) &&
	    strict_fields(c))
		c->route->handle(c);
}

void
fake_handle(struct fake *f, const struct fake_request *req, struct fake_reply *rep)
{
	struct ctx cx = { .a = req->a };
	struct call c = { .f = f, .a = req->a, .cx = &cx, .req = req, .rep = rep };
	struct str base, query, path_part;
	char date[CLOCK_TEXT];
	const char *path;
	bool path_known;

	f->asked++;
	*rep = (struct fake_reply){
		.status = 200,
		.body = buf_in(req->a, (size_t)256 << 20),
		.delay_ms = f->latency_ms,
	};
	path_part = str_cut(str_c(fake_path(req->target, &base)), '?', &query);
	path = arena_dup_str(req->a, path_part);
	call_route(&c, path, base, &path_known);
	if (!c.route) {
		call_nowhere(&c, base, path_known ? 405 : 404);
	} else if (query.p && !params_decode(req->a, query, &c.query)) {
		refuse_argument(&c, "The query cannot be read.");
	} else if (c.service->own) {
		rep->delay_ms = 0;
		call_serve(&c);
		return;
	} else if (fault_before(&c, path)) {
		call_serve(&c);
		fault_after(&c);
	}
	reply_header(&c, "Date", arena_dup(req->a, clock_http(fake_now(f), date)));
	if (c.route)
		contract_hold(&c, path);
	journal_call(&c, path);
}
