/*
 * fake_fault.c - trouble by script: which calls, how many, what kind.
 */
#include "fake/world.h"

#include <string.h>

const struct fake_param fake_anything[] = { { .name = NULL } };

enum act { ACT_REFUSE, ACT_QUOTA, ACT_DISABLED, ACT_HTML, ACT_BLANK, ACT_SLOW, ACT_RESET, ACT_CUT, ACT_LOST, ACT_EXPIRED };

struct fault_kind {
	const char *name;
	enum act act;
	struct refusal how;
	const char *oauth;           /* the error word at the token endpoint */
};

static const struct fault_kind kinds[] = {
	{ "429", ACT_QUOTA, { .status = 429, .domain = "usageLimits", .reason = "rateLimitExceeded", .message = "Rate Limit Exceeded" }, "temporarily_unavailable" },
	{ "rateLimitExceeded", ACT_REFUSE, { .status = 403, .domain = "usageLimits", .reason = "rateLimitExceeded", .message = "Rate Limit Exceeded" }, "temporarily_unavailable" },
	{ "userRateLimitExceeded", ACT_REFUSE, { .status = 403, .domain = "usageLimits", .reason = "userRateLimitExceeded", .message = "User Rate Limit Exceeded" },
		"temporarily_unavailable" },
	{ "quotaExceeded", ACT_REFUSE, { .status = 403, .domain = "usageLimits", .reason = "quotaExceeded", .message = "Quota exceeded." }, "temporarily_unavailable" },
	{ "forbidden", ACT_REFUSE, { .status = 403, .reason = "forbidden", .message = "The caller does not have permission" }, "access_denied" },
	{ "notFound", ACT_REFUSE, { .status = 404, .reason = "notFound", .message = "Requested entity was not found." }, "invalid_request" },
	{ "authError", ACT_REFUSE, { .status = 401, .reason = "authError", .message = "Invalid Credentials", .location_type = "header", .location = "Authorization" }, "invalid_client" },
	{ "invalid_grant", ACT_REFUSE, { .status = 400, .reason = "badRequest", .message = "Token has been expired or revoked." }, "invalid_grant" },
	{ "invalid_rapt", ACT_REFUSE, { .status = 400, .reason = "badRequest", .message = "reauth related error (invalid_rapt)" }, "invalid_grant" },
	{ "admin_policy_enforced", ACT_REFUSE, { .status = 400, .reason = "badRequest", .message = "Blocked by the administrator." }, "admin_policy_enforced" },
	{ "disabled", ACT_DISABLED, { .status = 403, .domain = "usageLimits", .reason = "accessNotConfigured" }, "access_denied" },
	{ "500", ACT_REFUSE, { .status = 500, .reason = "backendError", .message = "Internal error encountered." }, "internal_failure" },
	{ "502", ACT_HTML, { .status = 502, .message = "Bad Gateway" }, NULL },
	{ "503", ACT_REFUSE, { .status = 503, .reason = "backendError", .message = "The service is currently unavailable." }, "temporarily_unavailable" },
	{ "html", ACT_HTML, { .status = 200, .message = "Sign in" }, NULL },
	{ "blank403", ACT_BLANK, { .status = 403 }, NULL },
	{ "blank404", ACT_BLANK, { .status = 404 }, NULL },
	{ "slow", ACT_SLOW, { 0 }, NULL },
	{ "reset", ACT_RESET, { 0 }, NULL },
	{ "cut", ACT_CUT, { 0 }, NULL },
	{ "lost", ACT_LOST, { 0 }, NULL },
	{ "expired", ACT_EXPIRED, { 0 }, NULL },
};

/* {"kind", "method", "path", "count", "skip", "delay_ms", "retry_after"}: path is a prefix. NULL: taken. */
const char *
fault_add(struct fake *f, const json *j)
{
	struct fault *t = arena_alloc(f->a, sizeof *t), **end = &f->faults;
	const char *kind = json_str(j, "kind");
	int64_t seconds;

	for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			t->kind = &kinds[i];
	if (!t->kind)
		return "There is no such kind of fault.";
	t->method = arena_dup(f->a, json_str(j, "method") ? json_str(j, "method") : "");
	t->prefix = arena_dup(f->a, json_str(j, "path") ? json_str(j, "path") : "");
	t->left = json_num(j, "count", 1);
	t->skip = json_num(j, "skip", 0);
	t->delay_ms = json_num(j, "delay_ms", 0);
	t->retry_after = arena_dup(f->a, json_str(j, "retry_after"));
	if (json_i64(j, "retry_after", &seconds))
		t->retry_after = arena_printf(f->a, "%lld", (long long)seconds);
	while (*end)
		end = &(*end)->next;
	*end = t;
	return NULL;
}

static struct fault *
fault_for(struct call *c, const char *path)
{
	for (struct fault *t = c->f->faults; t; t = t->next) {
		if (t->left == 0 || (*t->method && strcmp(t->method, c->req->method) != 0) || strncmp(path, t->prefix, strlen(t->prefix)) != 0)
			continue;
		if (t->skip > 0) {
			t->skip--;
			continue;
		}
		if (t->left > 0)
			t->left--;
		return t;
	}
	return NULL;
}

/* The API is not switched on in the project that the application belongs to. */
static void
refuse_disabled(struct call *c)
{
	const int n = (int)strcspn(c->route->name, ".");
	const char *project = c->f->clients->project;
	struct refusal r = { .status = 403, .domain = "usageLimits", .reason = "accessNotConfigured", .details = error_info(c, "SERVICE_DISABLED") };

	r.message = arena_printf(c->a, "Google %c%.*s API has not been used in project %s before or it is disabled. Enable it by visiting "
		"https://console.developers.google.com/apis/api/%.*s.googleapis.com/overview?project=%s then retry.",
		c->route->name[0] - 'a' + 'A', n - 1, c->route->name + 1, project, n, c->route->name, project);
	refuse(c, &r);
}

static void
refuse_by(struct call *c, const struct fault_kind *k)
{
	if (c->route->style == STYLE_OAUTH) {
		refuse_oauth(c, k->how.status, k->oauth, k->how.message ? k->how.message : k->name);
		if (strcmp(k->name, "invalid_rapt") == 0) {
			json *j = json_stored(c->a, buf_c(c->rep->body));

			json_set_str(j, "error_subtype", k->name);
			reply_json(c, k->how.status, j);
		}
	} else if (k->act == ACT_DISABLED) {
		refuse_disabled(c);
	} else if (k->act == ACT_QUOTA && c->route->style == STYLE_PLATFORM) {
		refuse_quota(c, true);
	} else {
		refuse(c, &k->how);
	}
}

bool
fault_before(struct call *c, const char *path)
{
	struct fault *t = fault_for(c, path);

	if (!t)
		return true;
	c->fault = t->kind->name;
	c->rep->delay_ms += t->delay_ms;
	switch (t->kind->act) {
	case ACT_RESET:
		c->rep->fate = FAKE_RESET;
		return false;
	case ACT_EXPIRED:
		for (struct token *k = c->f->tokens; k; k = k->next)
			if (k->kind == TOKEN_ACCESS)
				k->dead = true;
		return true;
	case ACT_HTML:
		c->rep->status = t->kind->how.status;
		c->rep->type = "text/html; charset=UTF-8";
		buf_printf(c->rep->body, "<!DOCTYPE html>\n<html lang=en>\n<title>%s</title>\n<p>%s\n", t->kind->how.message, t->kind->how.message);
		return false;
	case ACT_BLANK:
		c->rep->status = t->kind->how.status;
		return false;
	case ACT_REFUSE:
	case ACT_QUOTA:
	case ACT_DISABLED:
		refuse_by(c, t->kind);
		if (t->retry_after)
			reply_header(c, "Retry-After", t->retry_after);
		return false;
	default:
		return true;
	}
}

void
fault_after(struct call *c)
{
	if (c->fault && strcmp(c->fault, "cut") == 0)
		c->rep->fate = FAKE_CUT;
	if (c->fault && strcmp(c->fault, "lost") == 0)
		c->rep->fate = FAKE_LOST;
}
