/*
 * rest.c - see rest.h.
 */
#include "net/rest.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/rand.h"

enum { REST_TRIES = 6, REST_TIMEOUT_MS = 600 * 1000, WAIT_MAX_MS = 32 * 1000 };

/* Without words of the service's own. */
static enum rc
rest_status(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer)
{
	const char *name = c->service->name;

	if (answer->status == 412 && c->if_match)
		return fail(cx, E_CHANGED, "%s has another version of %s by now.", name, c->what);
	if (answer->limited)
		return fail(cx, E_RATE_LIMITED, "%s asked Tidemark to slow down.", name);
	if (answer->status >= 500 || answer->status == 408 || answer->status == 499)
		return fail(cx, E_SOURCE_5XX, "%s answered %d.", name, answer->status);
	if (answer->content_type && str_istarts(str_c(answer->content_type), "text/html"))
		return fail(cx, E_HTML, "Something in front of %s answered %d, with a web page.",
		    name, answer->status);
	if (answer->status == 401)
		return fail(cx, E_GRANT, "%s does not accept the access of %.200s any more.", name,
		    remote->address);
	if (answer->status == 403)
		return fail(cx, E_SOURCE_DENIED,
		    "%s does not show %s to %.200s. Share it with that address, at least for "
		    "reading.",
		    name, c->what, remote->address);
	if (answer->status == 404)
		return fail(cx, E_SOURCE_GONE,
		    "%.200s cannot find %s. Share it with that address, or check whether it was "
		    "deleted.",
		    remote->address, c->what);
	return fail(cx, E_SOURCE_STATUS, "%s answered %d.", name, answer->status);
}

static bool
rest_is_json(const struct http_answer *answer)
{
	return answer->content_type && str_istarts(str_c(answer->content_type), "application/json");
}

/* The outcome of a request that has been answered in full. */
static enum rc
rest_judge(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer, struct rest_reply *out)
{
	*out = (struct rest_reply){
		.body = answer->body,
		.etag = answer->etag,
		.date_ms = answer->date_ms,
	};
	if (answer->status < 200 || answer->status > 299) {
		if (c->service->refusal)
			TRY(c->service->refusal(cx, c, remote, answer));
		return rest_status(cx, c, remote, answer);
	}
	if (answer->status == 204 || (c->write && answer->body.n == 0))
		return RC_OK;
	if (c->raw) {
		/* A page of a front end is no data either. */
		return rest_is_json(answer)
		    ? RC_OK
		    : fail(cx, E_HTML, "%s answered with something else than data.",
			  c->service->name);
	}
	out->value = json_stored(cx->a, answer->body.p);
	return json_is_obj(out->value)
	    ? RC_OK
	    : fail(cx, E_HTML, "%s answered with something else than data.", c->service->name);
}

static enum rc
rest_tick(struct ctx *cx, void *arg)
{
	struct remote *remote = arg;

	return remote->alive(cx, remote);
}

static void
rest_hear(struct ctx *cx, struct remote *remote, int64_t took_ms, const struct http_answer *answer)
{
	if (remote->heard && answer->date_ms)
		remote->heard(cx, remote, skew_sample(answer->date_ms, clock_ms(), took_ms));
}

static struct http_call
rest_request(struct arena *a, struct remote *remote, const struct rest_call *c, const char *bearer)
{
	struct str base = str_c(c->base);
	json *headers = json_new(a);
	struct http_call call = {
		.method = c->method ? c->method : "GET",
		.secret_headers = headers,
		.max_bytes = c->max_bytes,
		.timeout_ms = c->timeout_ms ? c->timeout_ms : REST_TIMEOUT_MS,
		.silence_ms = conf_int(CONF_SILENCE_SECONDS) * SECOND_MS,
		.configured = true,
		.tick = rest_tick,
		.arg = remote,
	};

	while (str_ends(base, "/"))
		base.n--;
	call.url = arena_printf(a, "%.*s%s", (int)base.n, base.p, c->path);
	json_set_str(headers, "Authorization", arena_printf(a, "Bearer %s", bearer));
	if (c->service->header)
		json_set_str(headers, c->service->header, c->service->header_value);
	if (c->if_match)
		json_set_str(headers, "If-Match", c->if_match);
	if (c->body) {
		call.content_type = "application/json";
		call.body = str_c(json_text(a, c->body));
	}
	return call;
}

static enum rc
rest_send(struct ctx *cx, struct remote *remote, const struct rest_call *c, const char *bearer,
    struct http_answer *answer)
{
	const struct http_call call = rest_request(cx->a, remote, c, bearer);
	int64_t began;

	/* It is paid for; and when its answer was made is not known. */
	if (http_is_ahead(&call))
		return http_call(cx, &call, answer);
	for (int i = 0; i < (c->cost ? c->cost : 1); i++)
		TRY(remote->spend(cx, remote, c->quota));
	began = clock_mono_ms();
	TRY(http_call(cx, &call, answer));
	rest_hear(cx, remote, clock_mono_ms() - began, answer);
	return RC_OK;
}

/* Waits before the next try as long as the failure asks for: told, or growing with each try and
 * never the same twice. */
static enum rc
rest_wait(
    struct ctx *cx, struct remote *remote, const struct rest_call *c, int tries, int64_t told_ms)
{
	const int64_t first = conf_int(CONF_RETRY_MS);
	int64_t wait = backoff_spread(backoff_ms(first, tries, WAIT_MAX_MS), first - 1, rand_u64());

	if (told_ms > wait)
		wait = told_ms;
	if (cx->err.kind == E_RATE_LIMITED)
		return remote->slow(cx, remote, c->quota, wait);
	return remote->pause(cx, remote, wait);
}

/* May it be sent again without a second effect? */
static bool
rest_repeatable(const struct rest_call *c)
{
	return !c->write && (c->reads || !c->method || !strcmp(c->method, "GET"));
}

static bool
rest_worth_a_try(const struct ctx *cx, const struct rest_call *c, const struct http_answer *answer)
{
	bool repeatable = rest_repeatable(c);
	enum error_kind k = cx->err.kind;

	if (k == E_RATE_LIMITED || ((k == E_SOURCE_5XX || k == E_HTML) && repeatable))
		return true;
	/* What was silent to the end of its time is for the schedule. */
	return (repeatable || !answer->sent) && (k == E_NETWORK || k == E_DNS || k == E_TRUNCATED);
}

/* Some of a write has left, and nobody said what became of it. A server in trouble may have done it
 * before; a yes that says nothing else that can be read may be of something in front of it. */
static enum rc
rest_unsure(struct ctx *cx, const struct rest_call *c, const struct http_answer *answer, enum rc rc)
{
	bool yes = answer->status >= 200 && answer->status <= 299;
	bool open = answer->status ? yes || answer->status >= 500 : answer->sent;

	if (rc == RC_OK || !c->write || !open)
		return rc;
	return fail(
	    cx, E_UNSURE, "%s did not say whether %s was changed.", c->service->name, c->what);
}

void
rest_ahead(struct ctx *cx, struct remote *remote, const struct rest_call *c)
{
	const char *bearer;
	struct http_call call;

	if (!remote->spare || c->cost > 1)
		return;
	if (remote->token(cx, remote, NULL, &bearer) != RC_OK) {
		cx->err = (struct err){ 0 };
		return;
	}
	call = rest_request(cx->a, remote, c, bearer);
	if (remote->spare(cx, remote, c->quota))
		http_ahead(&call);
}

void
rest_forget(void)
{
	http_ahead_drop();
}

/* A longer wait than is waited here is for the schedule; others need not ask to hear of it. */
static void
rest_left(struct ctx *cx, struct remote *remote, const struct rest_call *c, int64_t told_ms)
{
	const struct err err = cx->err;

	if (err.kind == E_RATE_LIMITED && told_ms > 0 && remote->shut)
		remote->shut(cx, remote, c->quota, told_ms);
	cx->err = err;
	cx->err.wait_ms = told_ms;
}

enum rc
rest_call(struct ctx *cx, struct remote *remote, const struct rest_call *c, int *calls,
    struct rest_reply *out)
{
	const char *bearer = NULL, *refused = NULL;

	for (int tries = 0;; tries++) {
		struct http_answer answer = { 0 };
		enum rc rc;

		TRY(remote->token(cx, remote, refused, &bearer));
		rc = rest_send(cx, remote, c, bearer, &answer);
		*calls += answer.sent || answer.status;
		if (rc == RC_OK)
			rc = rest_judge(cx, c, remote, &answer, out);
		rc = rest_unsure(cx, c, &answer, rc);
		if (rc != RC_OK && cx->err.kind == E_GRANT && !refused) {
			refused = bearer;
			continue;
		}
		if (rc == RC_OK || tries + 1 >= REST_TRIES || !rest_worth_a_try(cx, c, &answer))
			return rc;
		if (c->once || answer.wait_ms > WAIT_MAX_MS) {
			rest_left(cx, remote, c, answer.wait_ms);
			return rc;
		}
		TRY(rest_wait(cx, remote, c, tries, answer.wait_ms));
	}
}
