/*
 * cookies.h - the cookies of one chain of redirects: what a server sets on the way is sent back to
 * it on the way, and forgotten at the end. Pure. Of lib/net alone.
 *
 * Only to the same origin: where a cookie may go beyond that (Domain) is not worth what it can
 * give away. Names, values and ends (Max-Age=0) by RFC 6265; Path is not looked at.
 */
#ifndef NET_COOKIES_H
#define NET_COOKIES_H

#include "base/arena.h"

enum { COOKIES_MAX = 30 };

struct cookies {
	struct cookie {
		const char *origin; /* an address of it */
		struct str name;
		const char *pair; /* "name=value"; NULL: taken away again */
	} cookie[COOKIES_MAX];
	size_t n;
};

/* One Set-Cookie of the answer of url. */
void cookies_take(struct cookies *, struct arena *, const char *url, const char *set_cookie);
/* What is sent to url: "a=1; b=2"; NULL: nothing. */
const char *cookies_for(const struct cookies *, struct arena *, const char *url);

#endif
