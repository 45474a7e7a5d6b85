/*
 * api.c - see api.h. Two shapes of errors are read: {"error": {"errors": [{"reason"}], "code",
 * "message"}} of Drive and Calendar, and {"error": {"status", "message", "details":
 * [{"reason"}]}} of Sheets and People. What a front end says in HTML is judged by its status
 * alone.
 */
#include "provider/google/api.h"

#include "base/backoff.h"
#include "base/conf.h"
#include "base/rand.h"
#include "net/http_call.h"

enum { TRIES = 6, TIMEOUT_MS = 200 * 1000, WAIT_MAX_MS = 32 * 1000 };

bool
google_i64(const json *obj, const char *key, int64_t *out)
{
	return json_i64(obj, key, out) || str_i64(json_s(obj, key), INT64_MIN, INT64_MAX, out);
}

static const char *
reason_of(const json *error)
{
	json *details = json_at(error, "details"), *first = json_nth(json_at(error, "errors"), 0);
	const char *word = json_str(first, "reason");

	for (size_t i = 0; i < json_len(details); i++)
		if (json_str(json_nth(details, i), "reason"))
			return json_str(json_nth(details, i), "reason");
	return word ? word : json_str(error, "status") ? json_str(error, "status") : "";
}

static bool
is_one_of(const char *word, const char *list)
{
	struct str rest = str_c(list);

	while (rest.p && rest.n)
		if (str_is(str_cut(rest, ' ', &rest), word))
			return true;
	return false;
}

/* What a refusal means. Those that are worth another try are E_RATE_LIMITED and E_SOURCE_5XX. */
static enum rc
refusal(struct ctx *cx, const struct remote *remote, const struct google_get *g,
    const struct http_answer *answer)
{
	json *body = json_stored(cx->a, answer->body.p), *error = json_at(body, "error");
	const char *reason = reason_of(error), *message = json_str(error, "message");

	if (answer->status == 429 ||
	    is_one_of(reason,
		"rateLimitExceeded userRateLimitExceeded RATE_LIMIT_EXCEEDED RESOURCE_EXHAUSTED"))
		return fail(cx, E_RATE_LIMITED, "Google asked Tidemark to slow down.");
	if (answer->status >= 500)
		return fail(cx, E_SOURCE_5XX, "Google answered %d.", answer->status);
	if (str_starts(str_c(reason), "push."))
		return fail(cx, E_SOURCE_DENIED, "Google does not call this address: %.200s",
		    message ? message : reason);
	if (answer->status == 401)
		return fail(cx, E_GRANT, "Google does not accept the access of %.200s any more.",
		    remote->address);
	if (is_one_of(reason, "quotaExceeded dailyLimitExceeded"))
		return fail(cx, E_QUOTA, "Google's quota for this account is used up.");
	if (is_one_of(reason, "ACCESS_TOKEN_SCOPE_INSUFFICIENT insufficientPermissions"))
		return fail(cx, E_SCOPES, "Google was not allowed to show %s.", g->what);
	if (is_one_of(reason, "SERVICE_DISABLED accessNotConfigured"))
		return fail(cx, E_API_OFF,
		    "The interface for %s is not enabled in the Google project.", g->what);
	if (answer->status == 403)
		return fail(cx, E_SOURCE_DENIED,
		    "Google does not show %s to %.200s. Share it with that address, at least for reading.",
		    g->what, remote->address);
	if (answer->status == 404)
		return fail(cx, E_SOURCE_GONE,
		    "%.200s cannot find %s. Share it with that address, or check whether it was deleted.",
		    remote->address, g->what);
	if (answer->status == 400)
		return fail(cx, E_INPUT, "%.300s",
		    message ? message : "Google did not understand the request.");
	return fail(cx, E_SOURCE_STATUS, "Google answered %d.", answer->status);
}

/* The outcome of a request that has been answered in full. */
static enum rc
judge(struct ctx *cx, const struct remote *remote, const struct google_get *g,
    const struct http_answer *answer, struct google_reply *out)
{
	if (answer->status < 200 || answer->status > 299)
		return refusal(cx, remote, g, answer);
	out->body = answer->body;
	if (!g->parse && answer->status != 204 &&
	    (!answer->content_type ||
		!str_istarts(str_c(answer->content_type), "application/json")))
		return fail(cx, E_HTML, "Google answered with something else than data.");
	if (!g->parse)
		return RC_OK;
	out->value = json_stored(cx->a, answer->body.p);
	return json_is_obj(out->value)
	    ? RC_OK
	    : fail(cx, E_HTML, "Google answered with something else than data.");
}

static enum rc
on_tick(struct ctx *cx, void *arg)
{
	struct remote *remote = arg;

	return remote->alive(cx, remote);
}

static enum rc
send(struct ctx *cx, struct remote *remote, const struct google_get *g, const json *body,
    const char *bearer, struct http_answer *answer)
{
	const char *base = conf_str(g->base);
	size_t n = strlen(base);
	json *headers = json_new(cx->a);
	struct http_call call = {
		.method = body ? "POST" : "GET",
		.secret_headers = headers,
		.max_bytes = g->max_bytes,
		.timeout_ms = g->timeout_ms ? g->timeout_ms : TIMEOUT_MS,
		.configured = true,
		.tick = on_tick,
		.arg = remote,
	};

	while (n && base[n - 1] == '/')
		n--;
	call.url = arena_printf(cx->a, "%.*s%s", (int)n, base, g->path);
	json_set_str(headers, "Authorization", arena_printf(cx->a, "Bearer %s", bearer));
	if (body) {
		call.content_type = "application/json";
		call.body = str_c(json_text(cx->a, body));
	}
	TRY(remote->spend(cx, remote, g->quota));
	return http_call(cx, &call, answer);
}

/* Waits before the next try as long as the failure asks for: told, or growing with each try and
 * never the same twice. */
static enum rc
wait_before(struct ctx *cx, struct remote *remote, const struct google_get *g, int tries,
    int64_t told_ms, enum error_kind why)
{
	const int64_t first = conf_int(CONF_RETRY_MS);
	int64_t wait = backoff_spread(backoff_ms(first, tries, WAIT_MAX_MS), first - 1, rand_u64());

	if (told_ms > wait)
		wait = told_ms;
	if (why == E_RATE_LIMITED)
		return remote->slow(cx, remote, g->quota, wait);
	return remote->pause(cx, remote, wait);
}

static bool
worth_a_try(const struct ctx *cx, bool repeatable, const struct http_answer *answer)
{
	enum error_kind k = cx->err.kind;

	if (k == E_RATE_LIMITED || (k == E_SOURCE_5XX && repeatable))
		return true;
	/* What was silent to the end of its time is for the schedule. */
	return (repeatable || !answer->sent) && (k == E_NETWORK || k == E_DNS || k == E_TRUNCATED);
}

static enum rc
call(struct ctx *cx, struct remote *remote, const struct google_get *g, const json *body,
    int *calls, struct google_reply *out)
{
	const char *bearer = NULL, *refused = NULL;

	for (int tries = 0;; tries++) {
		struct http_answer answer = { 0 };
		enum rc rc;

		TRY(remote->token(cx, remote, refused, &bearer));
		rc = send(cx, remote, g, body, bearer, &answer);
		*calls += answer.sent || answer.status;
		if (rc == RC_OK)
			rc = judge(cx, remote, g, &answer, out);
		if (rc != RC_OK && cx->err.kind == E_GRANT && !refused) {
			refused = bearer;
			continue;
		}
		if (rc == RC_OK || g->once || tries + 1 >= TRIES ||
		    !worth_a_try(cx, !body, &answer))
			return rc;
		/* A longer wait than this is for the schedule. */
		if (answer.wait_ms > WAIT_MAX_MS) {
			cx->err.wait_ms = answer.wait_ms;
			return rc;
		}
		TRY(wait_before(cx, remote, g, tries, answer.wait_ms, cx->err.kind));
	}
}

enum rc
google_get(struct ctx *cx, struct remote *remote, const struct google_get *g, int *calls,
    struct google_reply *out)
{
	return call(cx, remote, g, NULL, calls, out);
}

enum rc
google_post(struct ctx *cx, struct remote *remote, const struct google_get *g, const json *body,
    int *calls, struct google_reply *out)
{
	return call(cx, remote, g, body, calls, out);
}
