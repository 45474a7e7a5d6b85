/*
 * origin.c - see origin.h. Hosts are compared as they are written, but for the case: two
 * spellings of one address are two servers here, which costs a person one entry more.
 */
#include "net/origin.h"

#include "base/str.h"

enum { PORT_MAX = 65535 };

struct origin {
	bool secure;
	struct str host; /* brackets included */
	int64_t port;
};

static bool
origin_host_ok(struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];
		if (c <= ' ' || c >= 0x7f || strchr("%@\\\"<>^`{|}", c))
			return false;
	}
	return host.n > 0;
}

/* "host", "host:80", "[::1]:80". */
static bool
origin_authority(struct str s, struct origin *o)
{
	const char *close = s.n && s.p[0] == '[' ? memchr(s.p, ']', s.n) : NULL;
	size_t from = close ? (size_t)(close - s.p) : 0;
	const char *colon = s.n > from ? memchr(s.p + from, ':', s.n - from) : NULL;
	struct str port;

	if (s.n && s.p[0] == '[' && !close)
		return false;
	o->host = (struct str){ s.p, colon ? (size_t)(colon - s.p) : s.n };
	o->port = o->secure ? 443 : 80;
	if (close && o->host.n != from + 1)
		return false;
	if (!colon)
		return origin_host_ok(o->host);
	port = (struct str){ colon + 1, (size_t)(s.p + s.n - colon - 1) };
	return origin_host_ok(o->host) && (port.n == 0 || str_i64(port, 1, PORT_MAX, &o->port));
}

static bool
origin_read(const char *url, struct origin *o)
{
	struct str s = str_c(url);
	const char *host = s.n ? strstr(url, "://") : NULL;

	o->secure = str_istarts(s, "https://");
	if (!host || (!o->secure && !str_istarts(s, "http://")))
		return false;
	host += strlen("://");
	return origin_authority((struct str){ host, strcspn(host, "/?#") }, o);
}

bool
origin_same(const char *x, const char *y)
{
	struct origin one, two;

	return origin_read(x, &one) && origin_read(y, &two) && one.secure == two.secure &&
	    one.port == two.port && str_ieq(one.host, two.host);
}
