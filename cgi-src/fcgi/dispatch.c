/*
 * dispatch.c - see dispatch.h.
 */
#include "fcgi/answers.h"
#include "fcgi/auth.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "fcgi/count.h"
#include "fcgi/dispatch.h"
#include "fcgi/etag.h"
#include "kind/kind.h"
#include "fcgi/idem.h"
#include "skin/page.h"
#include "store/allowance.h"

/* Which skin errors take: the interface's or a page's. */
static bool
is_api(const struct req *r)
{
	return str_starts(str_c(r->path), "/api/") || !strcmp(r->path, "/api") ||
	    !strcmp(r->path, "/healthz") || !strcmp(r->path, "/readyz") ||
	    !strcmp(r->path, "/metrics");
}

struct parts {
	struct str v[REQ_PATH_PARAMS];
	size_t n;
};

/* Does the path fit the pattern? It is compared as it was sent: an encoded slash stays inside
 * its part. A part is one segment; "{key}" takes plain slashes too, up to what follows it. */
static bool
path_fits(struct str path, const char *pattern, struct parts *parts)
{
	const char *p = path.p, *end = path.p + path.n, *stop;

	parts->n = 0;
	while (*pattern) {
		if (*pattern != '{') {
			if (p == end || *pattern++ != *p++)
				return false;
			continue;
		}
		bool deep = str_starts(str_c(pattern), "{key}");
		pattern = strchr(pattern, '}') + 1;
		if (deep) {
			if (!str_ends((struct str){ p, (size_t)(end - p) }, pattern))
				return false;
			stop = end - strlen(pattern);
		} else {
			stop = memchr(p, '/', (size_t)(end - p));
			stop = stop ? stop : end;
		}
		if (stop == p || parts->n == REQ_PATH_PARAMS)
			return false;
		parts->v[parts->n++] = (struct str){ p, (size_t)(stop - p) };
		p = stop;
	}
	return p == end;
}

/* A receiver's address is nobody's webhook, whichever pool is asked. */
static bool
is_receiver(const struct req *r)
{
	static const char under[] = "/api/webhooks/";

	return str_starts(str_c(r->path), under) && kind_receiving(r->path + strlen(under));
}

/* *allowed: what the address takes, also what another pool answers; 0: it is not known here. */
static const struct route *
route_find(const struct req *r, enum route_pool pool, struct parts *parts, unsigned *allowed)
{
	enum method want = r->method == M_HEAD ? M_GET : r->method;
	struct str query, path = str_cut(str_c(r->target ? r->target : r->path), '?', &query);
	bool receiver = is_receiver(r), known = receiver;

	*allowed = 0;
	for (size_t i = 0; i < routes_n; i++) {
		bool here = routes[i].pool & pool;
		bool receives = strstr(routes[i].path, "{receiver}") != NULL;

		if (!path_fits(path, routes[i].path, parts) ||
		    (receiver ? !receives : receives && !here))
			continue;
		if ((here && routes[i].method == want) ||
		    (want == M_OPTIONS && routes[i].who == WHO_PROGRESS))
			return &routes[i];
		known |= here;
		*allowed |= routes[i].method | (routes[i].method == M_GET ? M_HEAD : 0u);
	}
	if (!known)
		*allowed = 0;
	return NULL;
}

static enum rc
route_take(struct req *r, const struct parts *parts)
{
	char *text;

	for (size_t i = 0; i < parts->n; i++) {
		if (!url_decode(r->cx->a, parts->v[i], false, &text))
			return fail(r->cx, E_BAD_REQUEST, "The address could not be read.");
		r->path_param[i] = text;
	}
	return RC_OK;
}

static enum rc
refuse_method(struct req *r, struct resp *w, unsigned allowed)
{
	struct buf *b = buf_in(r->cx->a, 200);

	for (unsigned m = 1; m <= allowed; m <<= 1)
		if (allowed & m)
			buf_printf(b, "%s%s", b->n ? ", " : "", method_name((enum method)m));
	resp_header(w, "Allow", buf_c(b));
	return fail(r->cx, E_METHOD, "This address takes %s.", buf_c(b));
}

/* A body is JSON for the interface and a form for pages; none at all is fine. */
static enum rc
parse_body(struct req *r)
{
	struct str type, rest;

	if (r->raw.n > r->route->max_body)
		return fail(r->cx, E_TOO_LARGE,
		    r->route->max_body ? "At most %zu bytes are taken here."
				       : "This address takes no body.",
		    r->route->max_body);
	if (!r->raw.n || r->route->guard == GUARD_RAW)
		return RC_OK;
	type = str_trim(str_cut(str_c(req_header(r, "content-type")), ';', &rest));
	if (is_api(r)) {
		if (!str_ieq(type, STR("application/json")))
			return fail(r->cx, E_MEDIA_TYPE, NULL);
		TRY(json_parse(r->cx, "The body", r->raw, &r->body));
		return json_is_obj(r->body)
		    ? RC_OK
		    : fail(r->cx, E_BAD_REQUEST, "The body must be a JSON object.");
	}
	if (!str_ieq(type, STR("application/x-www-form-urlencoded")))
		return fail(
		    r->cx, E_MEDIA_TYPE, "A form is sent as application/x-www-form-urlencoded.");
	return params_decode(r->cx->a, r->raw, &r->form)
	    ? RC_OK
	    : fail(r->cx, E_BAD_REQUEST, "The form could not be read.");
}

static enum rc
dispatch_guards(struct req *r)
{
	TRY(parse_body(r));
	if (r->route->guard == GUARD_ORIGIN)
		TRY(auth_origin(r));
	if (r->route->who == WHO_OPEN)
		return auth_try(r);
	TRY(auth_who(r, r->route->who == WHO_CRON));
	if (r->who.only_conn && r->route->who != WHO_PROGRESS)
		return fail(r->cx, E_FORBIDDEN,
		    "A progress token reads how syncs stand, and when the next one is.");
	TRY(auth_need(r, r->route->scope));
	if (r->route->guard == GUARD_CSRF)
		TRY(auth_csrf(r));
	/* What operators do, they do as themselves. */
	return r->route->scope == SCOPE_OPERATOR ? RC_OK : auth_act(r);
}

/* A browser asks first whether a host page of another origin may call. */
static enum rc
dispatch_preflight(struct req *r, struct resp *w)
{
	struct buf *b = buf_in(r->cx->a, 200);

	for (size_t i = 0; i < routes_n; i++)
		if (routes[i].who == WHO_PROGRESS && !strcmp(routes[i].path, r->route->path))
			buf_printf(b, "%s%s", b->n ? ", " : "", method_name(routes[i].method));
	w->status = 204;
	resp_header(w, "Access-Control-Allow-Methods", arena_dup(r->cx->a, buf_c(b)));
	buf_str(b, ", HEAD, OPTIONS");
	resp_header(w, "Allow", buf_c(b));
	resp_header(
	    w, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match");
	resp_header(w, "Access-Control-Max-Age", "600");
	return RC_OK;
}

/* Such a page may call what a progress token may, without cookies. */
static void
cross_origin(const struct req *r, struct resp *w)
{
	const char *origin = req_header(r, "origin");
	struct str rest = str_c(conf_str(CONF_CORS_ORIGINS));

	if (!r->route || r->route->who != WHO_PROGRESS)
		return;
	resp_header(w, "Vary", "Origin");
	while (origin && rest.p && rest.n)
		if (str_is(str_trim(str_cut(rest, ',', &rest)), origin)) {
			resp_header(w, "Access-Control-Allow-Origin", origin);
			resp_header(w, "Access-Control-Expose-Headers", "ETag, Retry-After");
			return;
		}
}

/* What changes something, and has a guard for that, is counted as its user's. Operators look after
 * others, whatever they have written themselves. */
static void
dispatch_counts(struct req *r)
{
	if (!r->who.user_id || r->route->who == WHO_OPEN || r->route->guard == GUARD_NONE)
		return;
	allowance_begin(r->db, r->who.user_id);
	if (r->route->scope == SCOPE_OPERATOR)
		db_urgent(r->db);
}

static enum rc
dispatch_answer(struct req *r, struct resp *w, enum route_pool pool)
{
	struct parts parts = { .n = 0 };
	unsigned allowed;

	if (r->refused)
		return error_row(r->cx->err.kind)->rc;
	r->route = route_find(r, pool, &parts, &allowed);
	if (r->route && r->method == M_OPTIONS)
		return dispatch_preflight(r, w);
	/* Who is signed in sees the menu on the page that says so. */
	if (!r->route && r->db && !is_api(r))
		TRY(auth_try(r));
	if (!r->route)
		return allowed ? refuse_method(r, w, allowed) : fail(r->cx, E_NOT_FOUND, NULL);
	TRY(route_take(r, &parts));
	if (!r->db && r->route->who != WHO_OPEN)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
						 : fail(r->cx, E_SCHEMA, NULL);
	TRY(dispatch_guards(r));
	if (str_starts(str_c(r->path), "/api/")) {
		TRY(answer_query(r));
		TRY(answer_body(r));
		TRY(answer_match(r));
	}
	dispatch_counts(r);
	if (r->method == M_POST && is_api(r) && r->who.user_id && req_header(r, "idempotency-key"))
		return idem_answer(r, w);
	TRY(r->route->handler(r, w));
	return w->later ? w->later(r, w) : RC_OK;
}

/* Whatever the interface answers to a GET may be asked for again and again, and calendars ask for
 * files of events. */
static bool
is_pollable(const struct req *r, const struct resp *w)
{
	if (!(r->method & (M_GET | M_HEAD)) || w->status != 200 ||
	    (w->stream ? !w->state : !w->body->n))
		return false;
	return str_starts(str_c(r->path), "/api/") || str_ends(str_c(r->path), ".ics");
}

/* A page without a session leads to the sign-in page, and from there back: a form's address can be
 * loaded too. */
static void
to_sign_in(struct req *r, struct resp *w)
{
	struct buf *b = buf_in(r->cx->a, 8000);
	const char *there;

	buf_str(b, "/sign-in?next=");
	url_encode(b, r->target ? r->target : r->path);
	there = b->over ? "/sign-in" : buf_c(b);
	if (r->method & (M_GET | M_HEAD))
		resp_redirect(w, r->cx->a, there);
	else
		page_say_bad(r, w, there,
		    "You were signed out, so nothing was saved. Sign in, then send it again.");
}

/* A browser on its way back from a provider, whose session has ended meanwhile. Its address holds a
 * code, which goes nowhere. */
static bool
is_way_back(const struct req *r)
{
	const char *accept = req_header(r, "accept");

	return str_starts(str_c(r->path), "/api/auth/") && str_ends(str_c(r->path), "/callback") &&
	    accept && strstr(accept, "text/html") && !req_header(r, "authorization");
}

static void
error_reply(struct req *r, struct resp *w)
{
	struct err first = r->cx->err, err = first;
	const char *allow = params_get(&w->headers, "Allow");

	/* What we did wrong ourselves is for the log, and nothing of what the handler had begun
	 * goes out. */
	if (error_row(err.kind)->rc == RC_BUG)
		*err.detail = '\0';
	w->stream = NULL;
	w->headers.n = 0;
	buf_clear(w->body);
	if (allow)
		resp_header(w, "Allow", allow);
	if (err.kind == E_UNAUTHORIZED && !is_api(r)) {
		to_sign_in(r, w);
		return;
	}
	if (err.kind == E_UNAUTHORIZED && is_way_back(r)) {
		resp_redirect(w, r->cx->a, "/sign-in?next=%2Fsettings%3Ftab%3Daccounts");
		return;
	}
	if (err.kind == E_UNAUTHORIZED)
		resp_header(w, "WWW-Authenticate",
		    req_header(r, "authorization") ? "Bearer error=\"invalid_token\"" : "Bearer");
	if (is_api(r))
		resp_problem(w, r->cx->a, &err, r->wrong.list, r->id);
	else
		page_error(r, w, &err);
	r->cx->err = first; /* drawing the page may have failed too */
}

/* The one line of a request. Reading that went well is not news: pages ask for the state of a
 * sync every second. */
static void
log_request(const struct req *r, const struct resp *w, enum rc rc, int64_t ms)
{
	bool read = r->method & (M_GET | M_HEAD);
	enum log_level level = LOG_LEVEL_INFO;

	if (w->status == 500)
		level = LOG_LEVEL_ERR;
	else if (w->status > 500)
		level = LOG_LEVEL_WARN;
	else if (w->status < 400 && read)
		level = LOG_LEVEL_DEBUG;

	if (rc == RC_BUG)
		log_event(LOG_LEVEL_ERR, "http.bug", "s:where", r->cx->err.where, "s:what",
		    r->cx->err.detail, NULL);
	log_event(level, "http.request", "s:method", method_name(r->method), "s:route",
	    r->route ? r->route->path : "", "i:status", (int64_t)w->status, "s:code",
	    rc == RC_OK ? "ok" : error_row(r->cx->err.kind)->code, "s:user",
	    r->who.user_name ? r->who.user_name : "", "s:address", r->remote_addr, "i:ms", ms,
	    NULL);
}

void
dispatch_too_large(struct req *r, struct resp *w)
{
	enum rc rc = fail(r->cx, E_REPLY_LARGE, NULL);

	w->status = 200;
	error_reply(r, w);
	resp_header(w, "Cache-Control", "no-store");
	resp_header(w, "X-Request-Id", r->id);
	count_request(w->status, 0);
	log_request(r, w, rc, 0);
	log_context("req", NULL);
}

void
dispatch(struct req *r, struct resp *w, enum route_pool pool)
{
	int64_t began = clock_mono_ms(), ms;
	enum rc rc;

	log_context("req", r->id);
	w->status = 200;
	rc = dispatch_answer(r, w, pool);
	if (r->db) {
		db_rollback(r->db);
		allowance_end(r->db);
	}
	if (rc == RC_OK && w->body->over)
		rc = fail(r->cx, E_REPLY_LARGE, NULL);
	if (rc != RC_OK)
		error_reply(r, w);
	if (is_pollable(r, w))
		etag_answer(r, w);
	cross_origin(r, w);
	/* What nginx goes on to fetch has headers of its own. */
	if (!params_get(&w->headers, "Cache-Control") &&
	    !params_get(&w->headers, "X-Accel-Redirect"))
		/* whoever wants to compare sends the ETag that it kept itself */
		resp_header(w, "Cache-Control", "no-store");
	resp_header(w, "X-Request-Id", r->id);
	ms = clock_mono_ms() - began;
	count_request(w->status, ms);
	log_request(r, w, rc, ms);
	log_context("req", NULL);
}
