/*
 * fake.c - one call: route, fault, token, scope, quota, strictness, handler, log. In this order, for all APIs.
 */
#include "fake/world.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"

struct fake *
fake_new(bool demo)
{
	struct arena *a = arena_new("fake", (size_t)4 << 30, 0);
	struct fake *f = arena_alloc(a, sizeof *f);

	f->a = a;
	f->log_arena[0] = arena_new("fake log", (size_t)64 << 20, 0);
	f->log_arena[1] = arena_new("fake log", (size_t)64 << 20, 0);
	f->quota[QUOTA_SHEETS_READ] = (struct quota){ .per_user = 60, .per_project = 300 };
	f->quota[QUOTA_SHEETS_WRITE] = (struct quota){ .per_user = 60, .per_project = 300 };
	f->quota[QUOTA_DRIVE] = (struct quota){ .per_user = 12000, .per_project = 12000 };
	client_add(f, "client", "secret");
	if (demo)
		demo_world(f);
	return f;
}

void
fake_back(struct fake *f, const char *url)
{
	f->back = url;
}

void
fake_free(struct fake *f)
{
	if (!f)
		return;
	arena_free(f->log_arena[0]);
	arena_free(f->log_arena[1]);
	arena_free(f->a);
}

/*
 * Replies.
 */
void
reply_header(struct call *c, const char *name, const char *value)
{
	params_add(&c->rep->headers, name, value);
}

void
reply_json(struct call *c, int status, const json *j)
{
	c->rep->status = status;
	c->rep->type = "application/json; charset=UTF-8";
	buf_clear(c->rep->body);
	buf_str(c->rep->body, json_text(c->a, c->fields ? mask_apply(c->a, j, c->fields) : j));
}

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

static const char *
status_word(int status)
{
	switch (status) {
	case 400: return "INVALID_ARGUMENT";
	case 401: return "UNAUTHENTICATED";
	case 403: return "PERMISSION_DENIED";
	case 404: return "NOT_FOUND";
	case 409: return "ALREADY_EXISTS";
	case 429: return "RESOURCE_EXHAUSTED";
	case 503: return "UNAVAILABLE";
	default: return "INTERNAL";
	}
}

void
refuse(struct call *c, const struct refusal *r)
{
	json *top = json_new(c->a), *e = json_new(c->a), *list, *one;

	json_set_i64(e, "code", r->status);
	json_set_str(e, "message", r->message);
	if (c->route->style != STYLE_LEGACY) {
		json_set_str(e, "status", status_word(r->status));
		if (r->details)
			json_set(e, "details", (json *)r->details);
	} else {
		one = json_new(c->a);
		json_set_str(one, "message", r->message);
		json_set_str(one, "domain", r->domain ? r->domain : "global");
		json_set_str(one, "reason", r->reason);
		if (r->location) {
			json_set_str(one, "location", r->location);
			json_set_str(one, "locationType", r->location_type);
		}
		list = json_list(c->a);
		json_add(list, one);
		json_set(e, "errors", list);
	}
	json_set(top, "error", e);
	c->fields = NULL;
	c->refused = true;
	reply_json(c, r->status, top);
}

void
refuse_argument(struct call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(c, &(struct refusal){ .status = 400, .reason = "badRequest", .message = arena_vprintf(c->a, fmt, ap) });
	va_end(ap);
}

void
refuse_oauth(struct call *c, int status, const char *error, const char *description)
{
	json *j = json_new(c->a);

	json_set_str(j, "error", error);
	json_set_str(j, "error_description", description);
	c->refused = true;
	reply_json(c, status, j);
}

json *
error_info(struct call *c, const char *reason)
{
	json *list = json_list(c->a), *one = json_new(c->a), *meta = json_new(c->a);

	json_set_str(one, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
	json_set_str(one, "reason", reason);
	json_set_str(one, "domain", "googleapis.com");
	json_set_str(meta, "service", arena_printf(c->a, "%.*s.googleapis.com", (int)strcspn(c->route->name, "."), c->route->name));
	json_set(one, "metadata", meta);
	json_add(list, one);
	return list;
}

struct file *
file_of_call(struct call *c, const char *id, bool write)
{
	const bool legacy = c->route->style == STYLE_LEGACY;
	const unsigned sc = c->token ? c->token->scopes : ~0U;
	struct file *file = world_file(c->f, id);
	bool only_picked = !(sc & (FS_SHEETS | FS_SHEETS_READ | FS_DRIVE | FS_DRIVE_READ)) && !(legacy && sc & (FS_DRIVE_META | FS_DRIVE_META_READ));
	bool seen = file && (!c->who || (file_seen_by(file, c->who) && (!only_picked || file->picked)));

	if (seen && (!write || !c->who || file_changed_by(file, c->who)))
		return file;
	if (legacy && !seen)
		refuse(c, &(struct refusal){ .status = 404, .reason = "notFound", .message = arena_printf(c->a, "File not found: %s.", id),
			.location_type = "parameter", .location = "fileId" });
	else if (!file || (!seen && file_seen_by(file, c->who)))
		refuse(c, &(struct refusal){ .status = 404, .reason = "notFound", .message = "Requested entity was not found." });
	else
		refuse(c, &(struct refusal){ .status = 403, .reason = "insufficientFilePermissions",
			.message = legacy ? "The user does not have sufficient permissions for this file." : "The caller does not have permission" });
	return NULL;
}

/*
 * Routes.
 */
static bool
match(struct arena *a, const char *pattern, const char *path, const char *part[4])
{
	size_t n = 0;

	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		pattern += strcspn(pattern, "}") + 1;
		{
			/* What follows within the segment, ":append", belongs to its end. */
			size_t tail = strcspn(pattern, "/"), len = strcspn(path, "/");
			char *text;

			if (len <= tail || memcmp(path + len - tail, pattern, tail) != 0 || n == 4)
				return false;
			if (!url_decode(a, (struct str){ path, len - tail }, false, &text))
				return false;
			part[n++] = text;
			path += len;
			pattern += tail;
		}
	}
	return *path == '\0';
}

static const struct fake_route *
find_route(struct call *c, const char *path, bool *path_known)
{
	const struct fake_route *const apis[] = { fake_sheets_routes, fake_drive_routes, fake_oauth_routes, fake_control_routes, fake_page_routes, NULL };

	*path_known = false;
	for (size_t i = 0; apis[i]; i++)
		for (const struct fake_route *r = apis[i]; r->path; r++) {
			const char *part[4] = { NULL };

			if (!match(c->a, r->path, path, part))
				continue;
			*path_known = true;
			if (strcmp(r->method, c->req->method) == 0) {
				memcpy(c->part, part, sizeof part);
				return r;
			}
		}
	return NULL;
}

static void
nowhere(struct call *c, int status)
{
	c->rep->status = status;
	c->rep->type = "text/html; charset=UTF-8";
	buf_printf(c->rep->body, "<!DOCTYPE html>\n<html lang=en>\n<title>Error %d</title>\n<p><b>%d.</b> The requested URL was not found on this server.\n", status, status);
}

/*
 * Tokens and quotas.
 */
static void
refuse_credentials(struct call *c, bool missing)
{
	static const char expected[] = "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
		"See https://developers.google.com/identity/sign-in/web/devconsole-project.";
	const char *message = arena_printf(c->a, "Request %s. %s", missing ? "is missing required authentication credential" : "had invalid authentication credentials", expected);

	if (c->route->style == STYLE_LEGACY)
		message = missing ? "Login Required." : "Invalid Credentials";
	refuse(c, &(struct refusal){ .status = 401, .reason = missing ? "required" : "authError", .message = message,
		.location_type = "header", .location = "Authorization" });
	reply_header(c, "WWW-Authenticate", missing ? "Bearer realm=\"https://accounts.google.com/\"" :
		"Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
}

static bool
allowed(struct call *c)
{
	const char *auth = params_get(&c->req->headers, "authorization");

	if (!c->route->scopes)
		return true;
	if (auth && strncasecmp(auth, "Bearer ", 7) == 0)
		c->token = token_by(c->f, TOKEN_ACCESS, auth + 7);
	if (!c->token || !token_ok(c->f, c->token)) {
		c->token = NULL;
		refuse_credentials(c, auth == NULL);
		return false;
	}
	c->who = c->token->who;
	if (c->token->scopes & c->route->scopes)
		return true;
	refuse(c, &(struct refusal){ .status = 403, .reason = "insufficientPermissions", .details = error_info(c, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
		.message = c->route->style == STYLE_LEGACY ? "Insufficient Permission: Request had insufficient authentication scopes." : "Request had insufficient authentication scopes." });
	reply_header(c, "WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"insufficient_scope\"");
	return false;
}

static struct meter *
meter_of(struct fake *f, struct meter **list, const void *of, const void *with)
{
	struct meter *m;

	for (m = *list; m; m = m->next)
		if (m->of == of && m->with == with)
			break;
	if (!m) {
		m = arena_alloc(f->a, sizeof *m);
		*m = (struct meter){ .next = *list, .of = of, .with = with };
		*list = m;
	}
	if (m->minute != fake_now(f) / MINUTE_MS) {
		m->minute = fake_now(f) / MINUTE_MS;
		m->count = 0;
	}
	return m;
}

void
refuse_quota(struct call *c, bool user)
{
	const char *metric = c->route->quota == QUOTA_SHEETS_WRITE ? "Write" : "Read", *consumer = c->token ? c->token->client->project : c->f->clients->project;
	const struct quota *q = &c->f->quota[c->route->quota];
	json *details, *meta;

	if (c->route->quota == QUOTA_DRIVE) {
		refuse(c, &(struct refusal){ .status = 403, .domain = "usageLimits", .reason = user ? "userRateLimitExceeded" : "rateLimitExceeded",
			.message = user ? "User Rate Limit Exceeded" : "Rate Limit Exceeded" });
		return;
	}
	details = error_info(c, "RATE_LIMIT_EXCEEDED");
	meta = json_at(json_nth(details, 0), "metadata");
	json_set_str(meta, "consumer", arena_printf(c->a, "projects/%s", consumer));
	json_set_str(meta, "quota_metric", arena_printf(c->a, "sheets.googleapis.com/%s_requests", *metric == 'R' ? "read" : "write"));
	json_set_str(meta, "quota_limit", arena_printf(c->a, "%sRequestsPerMinutePer%s", metric, user ? "User" : "Project"));
	json_set_str(meta, "quota_limit_value", arena_printf(c->a, "%lld", (long long)(user ? q->per_user : q->per_project)));
	refuse(c, &(struct refusal){ .status = 429, .details = details, .message = arena_printf(c->a,
		"Quota exceeded for quota metric '%s requests' and limit '%s requests per minute%s' of service 'sheets.googleapis.com' for consumer 'project_number:%s'.",
		metric, metric, user ? " per user" : "", consumer) });
}

static bool
within_quota(struct call *c)
{
	struct quota *q = &c->f->quota[c->route->quota];
	struct meter *user, *project;
	bool user_full, project_full;

	if (c->route->quota == QUOTA_NONE || !c->token)
		return true;
	user = meter_of(c->f, &q->users, c->who, c->token->client);
	project = meter_of(c->f, &q->projects, c->token->client, NULL);
	user_full = q->per_user > 0 && user->count >= q->per_user;
	project_full = q->per_project > 0 && project->count >= q->per_project;
	if (user_full || project_full) {
		q->refused++;
		refuse_quota(c, user_full);
		return false;
	}
	q->calls++;
	user->most = ++user->count > user->most ? user->count : user->most;
	project->most = ++project->count > project->most ? project->count : project->most;
	return true;
}

/*
 * The log: the newest LOG_KEPT entries. Their texts live in two arenas, of which the older is emptied when the newer is full of entries.
 */
static void
note_call(struct call *c, const char *path)
{
	struct fake *f = c->f;
	size_t half = f->nlog / LOG_KEPT % 2;
	struct entry *e = &f->log[f->nlog % LOG_KEPT];

	if (f->nlog % LOG_KEPT == 0)
		arena_reset(f->log_arena[half]);
	*e = (struct entry){ .at = fake_now(f), .method = arena_dup(f->log_arena[half], c->req->method), .path = arena_dup_str(f->log_arena[half], str_utf8_cut(str_c(path), 500)),
		.who = c->who ? c->who->email : NULL, .status = c->rep->fate == FAKE_RESET ? 0 : c->rep->status, .fault = c->fault };
	f->nlog++;
}

/* "/fake/sheets/v4/..." is "/v4/...": see fake.h. */
static const char *
without_base(const char *path)
{
	const char *rest;

	if (strncmp(path, "/fake/", 6) != 0 || strncmp(path, "/fake/control", 13) == 0 || strncmp(path, "/fake/edit", 10) == 0)
		return path;
	rest = strchr(path + 6, '/');
	return rest ? rest : path;
}

static void
serve(struct call *c)
{
	const char *fields = query_of(c, "fields");
	const struct mask *known;

	if (!allowed(c) || !within_quota(c) || !strict_query(c) || !strict_body(c))
		return;
	c->fields = mask_parse(c->a, fields ? fields : "");
	known = c->route->reply ? mask_parse(c->a, c->route->reply) : &mask_all;
	if (!c->fields || mask_unknown(c->a, c->fields, known)) {
		const char *bad = c->fields ? mask_unknown(c->a, c->fields, known) : fields;

		if (c->route->style == STYLE_LEGACY)
			refuse(c, &(struct refusal){ .status = 400, .reason = "invalidParameter", .message = arena_printf(c->a, "Invalid field selection %s", bad),
				.location_type = "parameter", .location = "fields" });
		else
			refuse_argument(c, "Invalid field selection: %s", bad);
		return;
	}
	c->route->handle(c);
}

void
fake_handle(struct fake *f, const struct fake_request *req, struct fake_reply *rep)
{
	struct ctx cx = { .a = req->a };
	struct call c = { .f = f, .a = req->a, .cx = &cx, .req = req, .rep = rep };
	const char *target = without_base(req->target), *mark = strchr(target, '?');
	const char *path = mark ? arena_dup_str(req->a, (struct str){ target, (size_t)(mark - target) }) : target;
	bool path_known;

	*rep = (struct fake_reply){ .status = 200, .body = buf_in(req->a, (size_t)256 << 20), .delay_ms = f->latency_ms };
	c.route = find_route(&c, path, &path_known);
	/* What is the stand-in's own has one address: nobody who may reach an API reaches it through that. */
	if (c.route && c.route->style == STYLE_OWN && target != req->target) {
		c.route = NULL;
		path_known = false;
	}
	if (!c.route) {
		nowhere(&c, path_known ? 405 : 404);
	} else if (mark && !params_decode(req->a, str_c(mark + 1), &c.query)) {
		refuse_argument(&c, "The query cannot be read.");
	} else if (c.route->style == STYLE_OWN) {
		rep->delay_ms = 0;
		serve(&c);
		return;
	} else if (fault_before(&c, path)) {
		serve(&c);
		fault_after(&c);
	}
	note_call(&c, path);
}
