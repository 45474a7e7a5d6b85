/*
 * reach.h - which addresses a URL source may reach (SSRF). Pure but for the list, which comes
 * from TIDEMARK_ALLOW_NETS.
 *
 * Refused unless listed: everything that is not a public unicast address, IPv4-mapped and NAT64
 * forms checked as IPv4 (list in guard.c with its sources), and every port below 1024 but 80 and
 * 443.
 */
#ifndef NET_REACH_H
#define NET_REACH_H

#include <sys/socket.h>

#include "base/err.h"

/* May a connection to this socket address be made? port 0: not checked. */
bool reach_allows(const struct sockaddr *, socklen_t, const char *allow_nets);
/* Is the list well-formed ("10.0.0.0/8, 127.0.0.1, [::1], fd00::/8", each optionally :port)?
 * Names the first bad item otherwise. */
MUST enum rc reach_check_list(struct ctx *, const char *allow_nets);
/* Is this an address we would try at all: http or https, a host, no user part, at most 2,000
 * bytes, no control characters? */
MUST enum rc reach_check_url(struct ctx *, const char *url);
/* Of one that has passed, and names its server by an address: may that be reached? Spares people
 * an attempt; a name is judged when it is connected to. E_ADDRESS_BLOCKED. */
MUST enum rc reach_check_literal(struct ctx *, const char *url);
/* Fails with E_ADDRESS_BLOCKED, in the words that are used wherever an address is refused. */
MUST enum rc reach_blocked(struct ctx *, const char *host);

#endif
