/*
 * retry.c - tables from HTTP statuses and transfer failures to error kinds. Pure.
 */
#include "net/retry.h"

#include "base/clock.h"
#include "net/header.h"

static const struct {
	int from, to;
	enum error_kind kind;
} statuses[] = {
	{ 200, 299, E_NONE },
	{ 304, 304, E_NONE },
	{ 401, 401, E_SOURCE_AUTH },
	{ 403, 403, E_SOURCE_DENIED },
	{ 404, 404, E_SOURCE_GONE },
	{ 407, 407, E_SOURCE_AUTH },
	{ 408, 408, E_SOURCE_5XX },
	{ 410, 410, E_SOURCE_GONE },
	{ 423, 423, E_SOURCE_5XX },
	{ 425, 425, E_SOURCE_5XX },
	{ 429, 429, E_RATE_LIMITED },
	{ 451, 451, E_SOURCE_DENIED },
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
	{ 60, E_TLS },       /* the certificate */
	{ 61, E_TRUNCATED }, /* broken compression */
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
		if (ms < HOUR_MS)
			ms = (ms / SECOND_MS * 10 + (s.p[i] - '0')) * SECOND_MS;
	if (i < s.n || i == 0) {
		memcpy(text, s.p, s.n);
		text[s.n] = '\0';
		if (!header_date(text, &at))
			return 0;
		ms = at - now_ms;
	} else if (negative)
		ms = 0;
	if (ms < SECOND_MS)
		return SECOND_MS;
	return ms > HOUR_MS ? HOUR_MS : ms;
}
