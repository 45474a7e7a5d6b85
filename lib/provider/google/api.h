/*
 * api.h - what the providers of Google share: one authorised GET with the quota, the retries and
 * the errors of Google's interfaces.
 */
#ifndef PROVIDER_GOOGLE_API_H
#define PROVIDER_GOOGLE_API_H

#include "base/buf.h"
#include "base/conf.h"
#include "base/pct.h"
#include "provider/provider.h"

#define GOOGLE_SCOPES_WHO "openid https://www.googleapis.com/auth/userinfo.email"
#define GOOGLE_SCOPE_SHEETS "https://www.googleapis.com/auth/spreadsheets.readonly"
#define GOOGLE_SCOPE_DRIVE "https://www.googleapis.com/auth/drive.metadata.readonly"

/* What a service account asks for: nobody ticks boxes. */
#define GOOGLE_SERVICE_SCOPES GOOGLE_SCOPE_SHEETS " " GOOGLE_SCOPE_DRIVE

struct google_reply {
	struct str body; /* NUL-terminated */
	json *value;     /* the body, when it was to be parsed */
};

struct google_get {
	enum conf_key base;
	const char *path; /* after the base, already encoded, query included */
	enum quota quota;
	int64_t max_bytes;
	bool parse;
	const char *what;   /* "the spreadsheet", for messages */
	int64_t timeout_ms; /* 0: as long as Google itself works on a request */
	bool once;          /* no second try, except with a new token */
};

/* Tries again after 429, 403 rateLimitExceeded, 5xx and trouble on the way, with growing waits;
 * after a 401 once, with a new token. Errors: E_SOURCE_GONE, E_SOURCE_DENIED (both say with whom
 * it must be shared), E_SCOPES, E_API_OFF, E_GRANT, E_RATE_LIMITED, E_QUOTA, E_SOURCE_5XX,
 * E_INPUT (400: its message is the detail). *calls grows by the requests made. Source of the
 * rules: developers.google.com, "Resolve errors" of Calendar, "Usage limits" of Sheets and
 * Drive. */
MUST enum rc google_get(
    struct ctx *, struct remote *, const struct google_get *, int *calls, struct google_reply *out);
/* The same for a POST with a JSON body, which is tried again only when it cannot have had an
 * effect. */
MUST enum rc google_post(struct ctx *, struct remote *, const struct google_get *, const json *body,
    int *calls, struct google_reply *out);

/* int64 values come as texts or numbers. */
bool google_i64(const json *obj, const char *key, int64_t *out);

#endif
