/*
 * host.h - which machine a name in an address means, as far as the name alone tells. Pure.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include "base/str.h"

/* This machine itself, and nobody between: localhost and what lies under it (RFC 6761),
 * 127.0.0.0/8, [::1]; without a port. */
bool host_is_here(struct str host);
/* The host of "host:port" or "[address]:port", as it stands there. */
struct str host_of(struct str authority);

#endif
