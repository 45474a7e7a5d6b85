/*
 * retry.c - tables from HTTP statuses and transfer failures to error kinds. Pure.
 */
#include "net/retry.h"

#include "base/backoff.h"
#include "base/clamp.h"
#include "base/clock.h"
#include "net/header.h"

static const struct {
	int from, to;
	enum error_kind kind;
} statuses[] = {
	{ 202, 202, E_NOT_READY },
	{ 200, 299, E_NONE },
	{ 304, 304, E_NONE },
	{ 401, 401, E_SOURCE_AUTH },
	{ 403, 403, E_SOURCE_DENIED },
	{ 404, 404, E_SOURCE_GONE },
	{ 407, 407, E_SOURCE_AUTH },
	{ 408, 408, E_SOURCE_5XX },
	{ 410, 410, E_SOURCE_GONE },
	{ 423, 423, E_SOURCE_5XX },
	{ 420, 420, E_RATE_LIMITED }, /* of old, and where 429 is not known */
	{ 425, 425, E_SOURCE_5XX },
	{ 429, 430, E_RATE_LIMITED },
	{ 451, 451, E_SOURCE_DENIED },
	/* It cannot do this, and will not be able to tomorrow. */
	{ 501, 501, E_SOURCE_STATUS },
	{ 505, 505, E_SOURCE_STATUS },
	{ 500, 599, E_SOURCE_5XX },
};

/* By libcurl's numbers, which are part of its interface and never change; http.c alone includes
 * its header. */
static const struct {
	int code;
	enum error_kind kind;
} transfers[] = {
	{ 0, E_NONE },
	{ 1, E_SOURCE_STATUS }, /* unsupported protocol: not an HTTP answer */
	{ 3, E_URL },
	{ 6, E_DNS },
	{ 7, E_NETWORK },       /* could not connect */
	{ 8, E_SOURCE_STATUS }, /* weird server reply */
	{ 16, E_NETWORK },      /* HTTP/2 framing */
	{ 18, E_TRUNCATED },    /* partial file */
	/* out of memory; in practice a header line beyond what libcurl takes */
	{ 27, E_SOURCE_STATUS },
	{ 28, E_NETWORK }, /* time-out: only connecting has one of curl's own */
	{ 35, E_TLS },     /* handshake */
	{ 47, E_REDIRECTS },
	{ 51, E_TLS },
	{ 52, E_NETWORK }, /* nothing came back */
	{ 53, E_TLS },
	{ 54, E_TLS },
	{ 55, E_NETWORK },
	{ 56, E_NETWORK },
	{ 58, E_TLS },
	{ 59, E_TLS },
	{ 60, E_TLS },           /* the certificate */
	{ 61, E_SOURCE_STATUS }, /* Content-Encoding, and what came is not in it */
	{ 63, E_SOURCE_TOO_LARGE },
	{ 66, E_TLS },
	{ 77, E_TLS },
	{ 80, E_NETWORK }, /* TLS shutdown */
	{ 82, E_TLS },
	{ 83, E_TLS },
	{ 90, E_TLS },
	{ 91, E_TLS },
	{ 92, E_NETWORK }, /* HTTP/2 stream */
	{ 95, E_NETWORK }, /* HTTP/3 */
	{ 96, E_NETWORK }, /* QUIC */
	{ 98, E_TLS },
};

enum error_kind
retry_status_kind(int http_status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (http_status >= statuses[i].from && http_status <= statuses[i].to)
			return statuses[i].kind;
	return E_SOURCE_STATUS;
}

enum error_kind
retry_curl_kind(int curl_code)
{
	for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++)
		if (transfers[i].code == curl_code)
			return transfers[i].kind;
	return E_NETWORK;
}

/* One of "remaining=0, reset=50", or of "name";r=0;t=50. */
static bool
retry_parameter(const char *list, const char *name, const char *short_name, int64_t *n)
{
	struct str rest = str_c(list), value;

	while (rest.p && rest.n) {
		const size_t end = strcspn(rest.p, ",;");
		const struct str one = { rest.p, end }, word = str_trim(str_cut(one, '=', &value));

		if ((str_ieq(word, str_c(name)) || str_ieq(word, str_c(short_name))) && value.p &&
		    str_i64(str_trim(value), 0, INT64_MAX, n))
			return true;
		rest = end < rest.n ? str_c(rest.p + end + 1) : STR("");
	}
	return false;
}

static int64_t
retry_clamp(int64_t ms)
{
	return clamp(ms, SECOND_MS, BACKOFF_ASKED_MAX_MS);
}

/* Seconds from now, or since 1970, or milliseconds since then. */
static int64_t
retry_reset_ms(int64_t n, int64_t now_ms)
{
	enum { EPOCH_S = 500000000, EPOCH_MS_S = 100 };

	if (n >= EPOCH_S * (int64_t)EPOCH_MS_S)
		return retry_clamp(n - now_ms);
	if (n >= EPOCH_S)
		return retry_clamp(n * SECOND_MS - now_ms);
	return retry_clamp(n * SECOND_MS);
}

/* As interfaces write it: {"reason": "rateLimitExceeded"}, "API rate limit exceeded for ...". */
static bool
retry_says_limit(struct str body)
{
	static const char *const words[] = { "ratelimit", "rate limit", "rate_limit", "rate-limit",
		"request_limit", "request limit", "resource_exhausted", "quotaexceeded",
		"quota exceeded", "dailylimitexceeded", "too many requests", "too_many_requests",
		"toomanyrequests", "throttl", "slow down", "slow_down", "slowdown" };
	const struct str text = str_trim(body);

	/* A page for people may speak of limits without meaning this one. */
	if (text.n == 0 || text.p[0] == '<')
		return false;
	for (size_t at = 0; at < text.n; at++)
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (str_istarts((struct str){ text.p + at, text.n - at }, words[i]))
				return true;
	return false;
}

bool
retry_limited(const struct retry_signs *s, int64_t now_ms, int64_t *wait_ms)
{
	int64_t left = -1, reset;
	const bool refused = s->status == 403;

	*wait_ms = retry_after_ms(s->retry_after, now_ms);
	if (!str_i64(str_trim(str_c(s->remaining)), 0, INT64_MAX, &left))
		(void)retry_parameter(s->limit, "remaining", "r", &left);
	const bool limited = retry_status_kind(s->status) == E_RATE_LIMITED ||
	    (refused && (*wait_ms > 0 || left == 0)) ||
	    ((refused || s->status == 400) && retry_says_limit(s->body));

	if (limited && *wait_ms == 0 &&
	    (str_i64(str_trim(str_c(s->reset)), 0, INT64_MAX / SECOND_MS, &reset) ||
		retry_parameter(s->limit, "reset", "t", &reset)))
		*wait_ms = retry_reset_ms(reset, now_ms);
	return limited;
}

int64_t
retry_after_ms(const char *value, int64_t now_ms)
{
	struct str s = str_trim(str_c(value));
	const bool negative = s.n > 1 && s.p[0] == '-';
	int64_t ms = 0, at;
	size_t i;
	char text[64];

	if (s.n == 0 || s.n >= sizeof text)
		return 0;
	for (i = negative ? 1 : 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		if (ms < BACKOFF_ASKED_MAX_MS)
			ms = (ms / SECOND_MS * 10 + (s.p[i] - '0')) * SECOND_MS;
	if (i < s.n || i == 0) {
		memcpy(text, s.p, s.n);
		text[s.n] = '\0';
		if (!header_date(text, &at))
			return 0;
		ms = at - now_ms;
	} else if (negative)
		ms = 0;
	return retry_clamp(ms);
}
