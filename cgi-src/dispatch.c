/*
 * dispatch.c - see dispatch.h. Order of the guards: path, method, size, content type, who, scope, same origin and CSRF token, idempotency, handler.
 */
#include "auth.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "dispatch.h"
#include "idem.h"
#include "page.h"

const struct route routes[] = {
#define ROUTE(m, p, h, w, g, s, b, pl, sum) { m, p, h, WHO_##w, GUARD_##g, SCOPE_##s, b, POOL_##pl, #h, sum },
#include "routes.def"
#undef ROUTE
};
const size_t routes_n = sizeof routes / sizeof *routes;

static const struct {
	enum method m;
	const char *name;
} methods[] = { { M_GET, "GET" }, { M_HEAD, "HEAD" }, { M_POST, "POST" }, { M_PUT, "PUT" }, { M_PATCH, "PATCH" }, { M_DELETE, "DELETE" } };

const char *
method_name(enum method m)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].m == m)
			return methods[i].name;
	return "";
}

void
input_errors(struct req *r, const json *errors)
{
	r->errors = errors;
}

static bool
is_api(const struct req *r)
{
	return str_starts(str_c(r->path), "/api/") || str_starts(str_c(r->path), "/healthz") || str_starts(str_c(r->path), "/readyz") ||
	       str_starts(str_c(r->path), "/metrics");
}

/* Does the path fit the pattern? Fills path_param. A parameter is one segment, except "{key}", which takes slashes too, up to what follows it. */
static bool
path_fits(struct req *r, const char *pattern)
{
	const char *p = r->path;
	size_t n = 0;

	while (*pattern) {
		const char *end;
		if (*pattern != '{') {
			if (*pattern++ != *p++)
				return false;
			continue;
		}
		bool deep = str_starts(str_c(pattern), "{key}");
		pattern = strchr(pattern, '}') + 1;
		if (deep && *pattern) {
			/* up to the last occurrence of what follows */
			size_t all = strlen(p), tail = strlen(pattern);
			if (all <= tail || strcmp(p + all - tail, pattern))
				return false;
			end = p + all - tail;
		} else
			end = deep ? p + strlen(p) : p + strcspn(p, "/");
		if (end == p || n == REQ_PATH_PARAMS)
			return false;
		r->path_param[n++] = arena_dup_str(r->cx->a, (struct str){ p, (size_t)(end - p) });
		p = end;
	}
	return *p == 0;
}

static const struct route *
route_find(struct req *r, enum route_pool pool, unsigned *allowed)
{
	enum method want = r->method == M_HEAD ? M_GET : r->method;

	*allowed = 0;
	for (size_t i = 0; i < routes_n; i++) {
		if (!(routes[i].pool & pool) || !path_fits(r, routes[i].path))
			continue;
		if (routes[i].method == want)
			return &routes[i];
		*allowed |= routes[i].method | (routes[i].method == M_GET ? M_HEAD : 0u);
	}
	return NULL;
}

static enum rc
refuse_method(struct req *r, struct resp *w, unsigned allowed)
{
	struct buf *b = buf_in(r->cx->a, 200);

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (allowed & methods[i].m)
			buf_printf(b, "%s%s", b->n ? ", " : "", methods[i].name);
	resp_header(w, "Allow", buf_c(b));
	return fail(r->cx, E_METHOD, "This address takes %s.", buf_c(b));
}

/* A body is JSON for the interface and a form for pages; none at all is fine. */
static enum rc
read_body(struct req *r)
{
	struct str type, rest;

	if (r->raw.n > r->route->max_body)
		return fail(r->cx, E_TOO_LARGE, r->route->max_body ? "At most %zu bytes are taken here." : "This address takes no body.", r->route->max_body);
	if (!r->raw.n)
		return RC_OK;
	type = str_trim(str_cut(str_c(req_header(r, "content-type")), ';', &rest));
	if (is_api(r)) {
		if (!str_ieq(type, STR("application/json")))
			return fail(r->cx, E_MEDIA_TYPE, NULL);
		TRY(json_parse(r->cx, "The body", r->raw, &r->body));
		return json_is_obj(r->body) ? RC_OK : fail(r->cx, E_BAD_REQUEST, "The body must be a JSON object.");
	}
	if (!str_ieq(type, STR("application/x-www-form-urlencoded")))
		return fail(r->cx, E_MEDIA_TYPE, "A form is sent as application/x-www-form-urlencoded.");
	return params_decode(r->cx->a, r->raw, &r->form) ? RC_OK : fail(r->cx, E_BAD_REQUEST, "The form could not be read.");
}

static enum rc
guards(struct req *r)
{
	TRY(read_body(r));
	if (r->route->who == WHO_OPEN)
		return auth_try(r);
	TRY(auth_who(r, r->route->who == WHO_CRON));
	if ((r->who.scopes & r->route->scope) != r->route->scope)
		return fail(r->cx, E_FORBIDDEN, "This needs a credential with the scope \"%s\".", scope_name(r->route->scope));
	return r->route->guard == GUARD_CSRF ? auth_csrf(r) : RC_OK;
}

static enum rc
answer(struct req *r, struct resp *w, enum route_pool pool)
{
	unsigned allowed;

	r->route = route_find(r, pool, &allowed);
	if (!r->route)
		return allowed ? refuse_method(r, w, allowed) : fail(r->cx, E_NOT_FOUND, NULL);
	if (!r->db && r->route->who != WHO_OPEN)
		return fail(r->cx, E_SCHEMA, NULL);
	TRY(guards(r));
	if (r->method == M_POST && req_header(r, "idempotency-key") && r->who.user_id)
		return idem_answer(r, w);
	return r->route->handler(r, w);
}

/* Is the entity tag in the list of If-None-Match? Weakly compared: nginx weakens the tag of what it compresses. */
static bool
tag_listed(const char *list, const char *tag)
{
	struct str rest = str_c(list);

	while (rest.p && rest.n) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		if (str_is(one, "*"))
			return true;
		if (str_starts(one, "W/"))
			one = (struct str){ one.p + 2, one.n - 2 };
		if (str_is(one, tag))
			return true;
	}
	return false;
}

static void
entity_tag(struct req *r, struct resp *w)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX], *tag;

	hash_sha256(buf_s(w->body), sum);
	hex_encode(sum, 16, hex);
	tag = arena_printf(r->cx->a, "\"%s\"", hex);
	resp_header(w, "ETag", tag);
	if (tag_listed(req_header(r, "if-none-match"), tag)) {
		w->status = 304;
		w->type = NULL;
		buf_clear(w->body);
	}
}

static void
error_reply(struct req *r, struct resp *w)
{
	struct err err = r->cx->err;

	w->stream = NULL;
	w->etag = false;
	if (err.kind == E_UNAUTHORIZED && is_api(r))
		resp_header(w, "WWW-Authenticate", "Bearer");
	if (err.kind == E_UNAUTHORIZED && !is_api(r) && r->method == M_GET) {
		struct buf *b = buf_in(r->cx->a, 4000);
		buf_str(b, "/sign-in?next=");
		url_encode(b, r->path);
		resp_redirect(w, r->cx->a, buf_c(b));
		return;
	}
	if (is_api(r))
		resp_problem(w, r->cx->a, &err, r->errors, r->id);
	else
		page_error(r, w, &err);
}

void
dispatch(struct req *r, struct resp *w, enum route_pool pool)
{
	int64_t began = clock_mono_ms();
	enum rc rc;

	log_context("req", r->id);
	w->status = 200;
	w->no_store = true;
	rc = answer(r, w, pool);
	if (r->db)
		db_rollback(r->db);
	if (rc != RC_OK)
		error_reply(r, w);
	if (w->etag && w->status == 200)
		entity_tag(r, w);
	resp_header(w, "Cache-Control", w->etag ? "private, no-cache" : "no-store");
	resp_header(w, "X-Request-Id", r->id);
	if (rc != RC_OK || strcmp(r->path, "/healthz"))
		log_event(w->status >= 500 ? LOG_LEVEL_ERR : rc == RC_OK && w->status < 400 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "http.request", "s:method",
		    method_name(r->method), "s:route", r->route ? r->route->path : "", "i:status", (int64_t)w->status, "s:code",
		    rc == RC_OK ? "ok" : error_row(r->cx->err.kind)->code, "s:where", rc == RC_BUG ? r->cx->err.where : "", "s:user",
		    r->who.user_name ? r->who.user_name : "", "i:ms", clock_mono_ms() - began, NULL);
	log_context("req", NULL);
}
