/*
 * origin.h - which server an address names. Without the network code, so that every program may
 * ask.
 */
#ifndef NET_ORIGIN_H
#define NET_ORIGIN_H

#include <stdbool.h>

/* Same scheme, host and port? False when either is no http(s) address that can be read in one
 * way only: what looks alike counts as another server, never the reverse. Pure. */
bool origin_same(const char *, const char *);

#endif
