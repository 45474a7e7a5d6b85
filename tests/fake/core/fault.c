/*
 * fault.c - trouble by script: which calls, how many, what kind.
 */
#include "fake/core/call.h"

#include <string.h>

enum act {
	ACT_REFUSE,
	ACT_HTML,
	ACT_BLANK,
	ACT_SLOW,
	ACT_RESET,
	ACT_CUT,
	ACT_LOST,
	ACT_SAVED, /* done, and answered as if it were not */
	ACT_EMPTY, /* done, and answered with nothing */
	ACT_EXPIRED
};

struct fault_kind {
	const char *name;
	enum act act;
	struct refusal how;
};

struct fault {
	struct fault *next;          /* oldest first */
	const char *method, *prefix; /* "" for any */
	const struct fault_kind *kind;
	int64_t skip, left; /* passes so many calls, then acts on so many; left < 0: on all */
	int64_t delay_ms;
	const char *retry_after; /* or NULL */
};

static const struct fault_kind fault_kinds[] = {
	{
		.name = "429",
		.act = ACT_REFUSE,
		.how = {
			.why = REFUSED_RATE,
			.status = 429,
			.domain = "usageLimits",
			.reason = "rateLimitExceeded",
			.message = "Rate Limit Exceeded",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "rateLimitExceeded",
		.act = ACT_REFUSE,
		.how = {
			.status = 403,
			.domain = "usageLimits",
			.reason = "rateLimitExceeded",
			.message = "Rate Limit Exceeded",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "userRateLimitExceeded",
		.act = ACT_REFUSE,
		.how = {
			.status = 403,
			.domain = "usageLimits",
			.reason = "userRateLimitExceeded",
			.message = "User Rate Limit Exceeded",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "quotaExceeded",
		.act = ACT_REFUSE,
		.how = {
			.status = 403,
			.domain = "usageLimits",
			.reason = "quotaExceeded",
			.message = "Quota exceeded.",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "forbidden",
		.act = ACT_REFUSE,
		.how = {
			.status = 403,
			.reason = "forbidden",
			.message = "The caller does not have permission",
			.oauth = "access_denied",
		},
	},
	{
		.name = "notFound",
		.act = ACT_REFUSE,
		.how = {
			.status = 404,
			.reason = "notFound",
			.message = "Requested entity was not found.",
			.oauth = "invalid_request",
		},
	},
	{
		.name = "authError",
		.act = ACT_REFUSE,
		.how = {
			.status = 401,
			.reason = "authError",
			.message = "Invalid Credentials",
			.location_type = "header",
			.location = "Authorization",
			.oauth = "invalid_client",
		},
	},
	{
		.name = "invalid_grant",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.reason = "badRequest",
			.message = "Token has been expired or revoked.",
			.oauth = "invalid_grant",
		},
	},
	{
		.name = "invalid_rapt",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.reason = "badRequest",
			.message = "reauth related error (invalid_rapt)",
			.oauth = "invalid_grant",
			.subtype = "invalid_rapt",
		},
	},
	{
		.name = "admin_policy_enforced",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.reason = "badRequest",
			.message = "Blocked by the administrator.",
			.oauth = "admin_policy_enforced",
		},
	},
	{
		.name = "disabled",
		.act = ACT_REFUSE,
		.how = {
			.why = REFUSED_DISABLED,
			.status = 403,
			.domain = "usageLimits",
			.reason = "accessNotConfigured",
			.oauth = "access_denied",
			.message = "disabled",
		},
	},
	{
		.name = "500",
		.act = ACT_REFUSE,
		.how = {
			.status = 500,
			.reason = "backendError",
			.message = "Internal error encountered.",
			.oauth = "internal_failure",
		},
	},
	{
		.name = "502",
		.act = ACT_HTML,
		.how = {
			.status = 502,
			.message = "Bad Gateway",
		},
	},
	{
		.name = "503",
		.act = ACT_REFUSE,
		.how = {
			.status = 503,
			.reason = "backendError",
			.message = "The service is currently unavailable.",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "504",
		.act = ACT_REFUSE,
		.how = {
			.status = 504,
			.reason = "backendError",
			.message = "Gateway timeout.",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "529",
		.act = ACT_REFUSE,
		.how = {
			.status = 529,
			.reason = "backendError",
			.message = "Service is overloaded.",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "409",
		.act = ACT_REFUSE,
		.how = {
			.status = 409,
			.reason = "conflict",
			.message = "Conflict",
			.oauth = "invalid_request",
		},
	},
	{
		.name = "fullSyncRequired",
		.act = ACT_REFUSE,
		.how = {
			.status = 410,
			.domain = "calendar",
			.reason = "fullSyncRequired",
			.message = "Sync token is no longer valid, a full sync is required.",
			.location_type = "parameter",
			.location = "syncToken",
		},
	},
	{
		.name = "notASheet",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.word = "FAILED_PRECONDITION",
			.reason = "failedPrecondition",
			.message = "This operation is not supported for this document",
		},
	},
	{
		.name = "badArgument",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.word = "INVALID_ARGUMENT",
			.reason = "badRequest",
			.message = "Request contains an invalid argument.",
		},
	},
	{
		.name = "EXPIRED_SYNC_TOKEN",
		.act = ACT_REFUSE,
		.how = {
			.status = 400,
			.word = "FAILED_PRECONDITION",
			.reason = "EXPIRED_SYNC_TOKEN",
			.message = "Sync token is expired. Clear local cache and retry call "
				   "without the sync token.",
		},
	},
	{
		.name = "updatedMinTooLongAgo",
		.act = ACT_REFUSE,
		.how = {
			.status = 410,
			.domain = "calendar",
			.reason = "updatedMinTooLongAgo",
			.message = "The requested minimum modification time lies too far in the "
				   "past.",
			.location_type = "parameter",
			.location = "updatedMin",
		},
	},
	{
		.name = "deleted",
		.act = ACT_REFUSE,
		.how = {
			.status = 410,
			.reason = "deleted",
			.message = "Resource has been deleted",
		},
	},
	{
		.name = "conditionNotMet",
		.act = ACT_REFUSE,
		.how = {
			.status = 412,
			.reason = "conditionNotMet",
			.message = "Precondition Failed",
			.location_type = "header",
			.location = "If-Match",
		},
	},
	{
		.name = "saved503",
		.act = ACT_SAVED,
		.how = {
			.status = 503,
			.reason = "backendError",
			.message = "The service is currently unavailable.",
			.oauth = "temporarily_unavailable",
		},
	},
	{
		.name = "empty200",
		.act = ACT_EMPTY,
	},
	{
		.name = "html",
		.act = ACT_HTML,
		.how = {
			.status = 200,
			.message = "Sign in",
		},
	},
	{
		.name = "blank403",
		.act = ACT_BLANK,
		.how = { .status = 403 },
	},
	{
		.name = "blank404",
		.act = ACT_BLANK,
		.how = { .status = 404 },
	},
	{
		.name = "slow",
		.act = ACT_SLOW,
	},
	{
		.name = "reset",
		.act = ACT_RESET,
	},
	{
		.name = "cut",
		.act = ACT_CUT,
	},
	{
		.name = "lost",
		.act = ACT_LOST,
	},
	{
		.name = "expired",
		.act = ACT_EXPIRED,
	},
};

/* Has it what a fault has, and of the right type? */
static bool
fault_understood(const json *j)
{
	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		const struct str name = str_c(it.key);
		const bool text = str_has_word(STR("kind|method|path|retry_after"), '|', name);
		const bool number = str_has_word(STR("count|skip|delay_ms|retry_after"), '|', name);

		if (!json_is_null(it.value) && !(text && json_is_str(it.value)) &&
		    !(number && json_is_int(it.value)))
			return false;
	}
	return true;
}

/* {"kind", "method", "path", "count", "skip", "delay_ms", "retry_after"}: path is a prefix. NULL:
 * taken. */
const char *
fault_add(struct fake *f, const json *j)
{
	struct fault *t = arena_alloc(f->a, sizeof *t), **end = &f->faults;
	const char *kind = json_str(j, "kind"), *path = json_str(j, "path");
	int64_t seconds;
	struct str base;

	if (!fault_understood(j))
		return "A fault has kind, method, path, count, skip, delay_ms and retry_after.";
	for (size_t i = 0; kind && i < sizeof fault_kinds / sizeof *fault_kinds; i++)
		if (strcmp(fault_kinds[i].name, kind) == 0)
			t->kind = &fault_kinds[i];
	if (!t->kind)
		return "There is no such kind of fault.";
	t->method = arena_dup(f->a, json_str(j, "method") ? json_str(j, "method") : "");
	/* With the word of the address or without it: calls are met by what is behind it. */
	t->prefix = arena_dup(f->a, path ? fake_path(path, &base) : "");
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
		if (t->left == 0 || (*t->method && strcmp(t->method, c->req->method) != 0) ||
		    strncmp(path, t->prefix, strlen(t->prefix)) != 0)
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

/* A page of something in between, which knows nothing of APIs. */
static void
fault_page(struct call *c, const struct refusal *how)
{
	c->rep->status = how->status;
	c->rep->type = "text/html; charset=UTF-8";
	buf_printf(c->rep->body, "<!DOCTYPE html>\n<html lang=en>\n<title>%s</title>\n<p>%s\n",
	    how->message, how->message);
}

static void
fault_expire(struct fake *f)
{
	for (size_t i = 0; fake_services[i]; i++)
		if (fake_services[i]->manners->expire)
			fake_services[i]->manners->expire(f);
}

bool
fault_before(struct call *c, const char *path)
{
	struct fault *t = fault_for(c, path);

	if (!t)
		return true;
	c->fault = t->kind->name;
	c->kind_of_fault = t->kind;
	c->rep->delay_ms += t->delay_ms;
	switch (t->kind->act) {
	case ACT_RESET:
		c->rep->fate = FAKE_RESET;
		return false;
	case ACT_EXPIRED:
		fault_expire(c->f);
		return true;
	case ACT_HTML:
		fault_page(c, &t->kind->how);
		return false;
	case ACT_BLANK:
		c->rep->status = t->kind->how.status;
		return false;
	case ACT_REFUSE:
		refuse(c, &t->kind->how);
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
	switch (c->kind_of_fault ? c->kind_of_fault->act : ACT_SLOW) {
	case ACT_CUT:
		c->rep->fate = FAKE_CUT;
		break;
	case ACT_LOST:
		c->rep->fate = FAKE_LOST;
		break;
	case ACT_SAVED:
		refuse(c, &c->kind_of_fault->how);
		break;
	case ACT_EMPTY:
		c->rep->status = 200;
		buf_clear(c->rep->body);
		break;
	default:
		break;
	}
}
