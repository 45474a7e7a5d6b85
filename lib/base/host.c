/*
 * host.c - see host.h.
 */
#include "base/host.h"

#include <arpa/inet.h>

bool
host_is_here(struct str host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr v4;

	if (str_ieq(host, STR("localhost")) || str_is(host, "[::1]"))
		return true;
	if (host.n > sizeof ".localhost" - 1 &&
	    str_ieq((struct str){ host.p + host.n - (sizeof ".localhost" - 1),
			sizeof ".localhost" - 1 },
		STR(".localhost")))
		return true;
	if (host.n >= sizeof text)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

struct str
host_of(struct str authority)
{
	struct str rest;
	const char *end;

	if (!str_starts(authority, "["))
		return str_cut(authority, ':', &rest);
	end = memchr(authority.p, ']', authority.n);
	return (struct str){ authority.p, end ? (size_t)(end - authority.p) + 1 : authority.n };
}
