/*
 * google.c - how Google's services refuse.
 */
#include "fake/google/google.h"

#include "fake/google/oauth.h"

static const char *
google_status_word(int status)
{
	switch (status) {
	case 400:
		return "INVALID_ARGUMENT";
	case 401:
		return "UNAUTHENTICATED";
	case 403:
		return "PERMISSION_DENIED";
	case 404:
		return "NOT_FOUND";
	case 409:
		return "ALREADY_EXISTS";
	case 429:
		return "RESOURCE_EXHAUSTED";
	case 503:
		return "UNAVAILABLE";
	default:
		return "INTERNAL";
	}
}

static json *
google_legacy_errors(struct call *c, const struct refusal *r)
{
	json *list = json_list(c->a), *one = json_new(c->a);

	json_set_str(one, "message", r->message);
	json_set_str(one, "domain", r->domain ? r->domain : "global");
	json_set_str(one, "reason", r->reason);
	if (r->location) {
		json_set_str(one, "location", r->location);
		json_set_str(one, "locationType", r->location_type);
	}
	json_add(list, one);
	return list;
}

static void
google_error(struct call *c, const struct refusal *r)
{
	json *top = json_new(c->a), *e = json_new(c->a);

	json_set_i64(e, "code", r->status);
	json_set_str(e, "message", r->message);
	if (c->route->style == STYLE_LEGACY) {
		json_set(e, "errors", google_legacy_errors(c, r));
	} else {
		json_set_str(e, "status", r->word ? r->word : google_status_word(r->status));
		if (r->details)
			json_set(e, "details", (json *)r->details);
		else if (r->word && r->reason)
			json_set(e, "details", google_error_info(c, r->reason));
	}
	json_set(top, "error", e);
	reply_json(c, r->status, top);
}

json *
google_error_info(struct call *c, const char *reason)
{
	json *list = json_list(c->a), *one = json_new(c->a), *meta = json_new(c->a);
	const char *name = c->route->name;

	json_set_str(one, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
	json_set_str(one, "reason", reason);
	json_set_str(one, "domain", "googleapis.com");
	json_set_str(meta, "service",
	    arena_printf(c->a, "%.*s.googleapis.com", (int)strcspn(name, "."), name));
	json_set(one, "metadata", meta);
	json_add(list, one);
	return list;
}

/* The project that pays for the call; the newest, when no token says which. */
static const char *
google_project(struct call *c)
{
	const struct client *client = c->project ? c->project : oauth_of(c->f)->clients;

	return client->project;
}

/* The API is not switched on in the project that the application belongs to. */
static void
google_refuse_disabled(struct call *c)
{
	const char *name = c->route->name, *project = oauth_of(c->f)->clients->project;
	const int n = (int)strcspn(name, ".");

	google_error(c,
	    &(struct refusal){
		.status = 403,
		.domain = "usageLimits",
		.reason = "accessNotConfigured",
		.details = google_error_info(c, "SERVICE_DISABLED"),
		.message = arena_printf(c->a,
		    "Google %c%.*s API has not been used in project %s before or it is disabled. "
		    "Enable it by visiting https://console.developers.google.com/apis/api/"
		    "%.*s.googleapis.com/overview?project=%s then retry.",
		    name[0] - 'a' + 'A', n - 1, name + 1, project, n, name, project),
	    });
}

/* {"quota_metric", ...} beside the service's name. */
static json *
google_quota_details(struct call *c, const char *service, bool user)
{
	json *details = google_error_info(c, "RATE_LIMIT_EXCEEDED");
	json *meta = json_at(json_nth(details, 0), "metadata");
	const struct fake_quota *q = c->route->quota;

	json_set_str(meta, "consumer", arena_printf(c->a, "projects/%s", google_project(c)));
	json_set_str(meta, "quota_metric",
	    arena_printf(c->a, "%s/%s_requests", service, *q->metric == 'R' ? "read" : "write"));
	json_set_str(meta, "quota_limit",
	    arena_printf(c->a, "%sRequestsPerMinutePer%s", q->metric, user ? "User" : "Project"));
	json_set_str(meta, "quota_limit_value",
	    arena_printf(c->a, "%lld", (long long)quota_in_force(c->f, q, user)));
	return details;
}

static void
google_refuse_full(struct call *c, bool user)
{
	const char *service, *metric = c->route->quota->metric, *name = c->route->name;

	if (c->route->style == STYLE_LEGACY) {
		google_error(c,
		    &(struct refusal){
			.status = 403,
			.domain = "usageLimits",
			.reason = user ? "userRateLimitExceeded" : "rateLimitExceeded",
			.message = user ? "User Rate Limit Exceeded" : "Rate Limit Exceeded",
		    });
		return;
	}
	service = arena_printf(c->a, "%.*s.googleapis.com", (int)strcspn(name, "."), name);
	google_error(c,
	    &(struct refusal){
		.status = 429,
		.details = google_quota_details(c, service, user),
		.message = arena_printf(c->a,
		    "Quota exceeded for quota metric '%s requests' and limit '%s requests per "
		    "minute%s'"
		    " of service '%s' for consumer 'project_number:%s'.",
		    metric, metric, user ? " per user" : "", service, google_project(c)),
	    });
}

static void
google_refuse(struct call *c, const struct refusal *r)
{
	if (c->route->style == STYLE_OAUTH && r->oauth)
		oauth_error(c, r);
	else if (r->why == REFUSED_DISABLED)
		google_refuse_disabled(c);
	else if (r->why == REFUSED_USER_FULL || r->why == REFUSED_PROJECT_FULL)
		google_refuse_full(c, r->why == REFUSED_USER_FULL);
	else if (r->why == REFUSED_RATE && c->route->style == STYLE_PLATFORM)
		google_refuse_full(c, true);
	else
		google_error(c, r);
}

/* Every method has these. */
static const struct fake_param google_common[] = {
	{ .name = "alt", .type = P_ENUM, .choices = "json|media|proto" },
	{ .name = "fields" },
	{ .name = "key" },
	{ .name = "quotaUser" },
	{ .name = "access_token" },
	{ .name = "oauth_token" },
	{ .name = "prettyPrint", .type = P_BOOL },
	{ .name = NULL },
};

const struct fake_manners google_manners = {
	.admit = google_admit,
	.refuse = google_refuse,
	.complain = google_complain,
	.expire = oauth_expire,
	.common = google_common,
};
