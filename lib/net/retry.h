/*
 * retry.h - what an HTTP status or a transfer failure means. Pure tables.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include "base/err.h"

/* What a refusal says about limits; NULL: not said. */
struct retry_signs {
	int status;
	const char *retry_after; /* Retry-After */
	const char *remaining;   /* X-RateLimit-Remaining and its likes: calls that are left */
	const char *reset;       /* X-RateLimit-Reset and its likes: seconds, or when */
	const char *limit;       /* RateLimit: "remaining=0, reset=50", or "name";r=0;t=50 */
	struct str body;         /* its beginning */
};

/* Is it a limit that passes, whatever status it is told as? 429 always; 403 with Retry-After or
 * nothing left; 403 and 400 whose body says so. *wait_ms: as long as it says, clamped to [1 s,
 * 7 days] (BACKOFF_ASKED_MAX_MS); 0: not said. For all answers, also of those that are no limit. */
bool retry_limited(const struct retry_signs *, int64_t now_ms, int64_t *wait_ms);

enum error_kind retry_status_kind(int http_status); /* E_NONE for 2xx and 304 */
enum error_kind retry_curl_kind(int curl_code);
/* Retry-After: seconds or an HTTP date against now; clamped to [1 s, 7 days]; 0 when absent or
 * unreadable. */
int64_t retry_after_ms(const char *value, int64_t now_ms);

#endif
