/*
 * api.c - see api.h. Two shapes of errors are read: {"error": {"errors": [{"reason"}], "code",
 * "message"}} of Drive and Calendar, and {"error": {"status", "message", "details":
 * [{"reason"}]}} of Sheets and People. What a front end says in HTML is judged by its status
 * alone.
 */
#include "provider/google/api.h"

bool
google_i64(const json *obj, const char *key, int64_t *out)
{
	return json_i64(obj, key, out) || str_i64(json_s(obj, key), INT64_MIN, INT64_MAX, out);
}

const char *
google_reason(const json *error)
{
	json *details = json_at(error, "details"), *first = json_nth(json_at(error, "errors"), 0);
	const char *word = json_str(first, "reason");

	for (size_t i = 0; i < json_len(details); i++)
		if (json_str(json_nth(details, i), "reason"))
			return json_str(json_nth(details, i), "reason");
	if (!word)
		word = json_str(error, "status");
	return word ? word : "";
}

/* Google understood, and will not: the same request is answered the same way tomorrow. */
static enum rc
google_bad_request(struct ctx *cx, const struct rest_call *c, const char *message)
{
	/* "This operation is not supported for this document": an .xlsx that lies in Drive opens
	 * under the address of a spreadsheet and is none. */
	if (message && strstr(message, "not supported for this document"))
		return fail(cx, E_UNSUPPORTED,
		    "This is an Excel file in Google Drive, not a Google Sheet. Open it there, "
		    "choose File and \"Save as Google Sheets\", and connect the new sheet.");
	return fail(cx, E_SOURCE_STATUS, "Google does not take the request for %s: %.300s", c->what,
	    message ? message : "it did not understand it.");
}

/* What a refusal means. Those that are worth another try are E_RATE_LIMITED and E_SOURCE_5XX. */
static enum rc
google_refusal(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer)
{
	json *body = json_stored(cx->a, answer->body.p), *error = json_at(body, "error");
	const char *reason = google_reason(error), *message = json_str(error, "message");

	(void)remote;
	if (answer->status != 429 &&
	    str_has_word(STR("quotaExceeded dailyLimitExceeded"), ' ', str_c(reason)))
		return fail(cx, E_QUOTA, "Google's quota for this account is used up.");
	if (answer->limited || answer->status >= 500)
		return RC_OK;
	/* Under 400 or 410, with several words beside it. */
	if (!strcmp(reason, "EXPIRED_SYNC_TOKEN"))
		return fail(cx, E_CURSOR, "Google does not know any more what has changed since.");
	if (answer->status == 409 && !strcmp(reason, "ABORTED"))
		return fail(cx, E_SOURCE_5XX, "Google broke off the request for %s.", c->what);
	if (str_starts(str_c(reason), "push."))
		return fail(cx, E_SOURCE_DENIED, "Google does not call this address: %.200s",
		    message ? message : reason);
	if (answer->status == 401)
		return RC_OK;
	if (str_has_word(
		STR("ACCESS_TOKEN_SCOPE_INSUFFICIENT insufficientPermissions"), ' ', str_c(reason)))
		return fail(cx, E_SCOPES, "Google was not allowed to show %s.", c->what);
	if (str_has_word(STR("SERVICE_DISABLED accessNotConfigured"), ' ', str_c(reason)))
		return fail(cx, E_API_OFF,
		    "The interface for %s is not enabled in the Google project.", c->what);
	return answer->status == 400 ? google_bad_request(cx, c, message) : RC_OK;
}

const struct rest_service google_service = {
	.name = "Google",
	.refusal = google_refusal,
};
