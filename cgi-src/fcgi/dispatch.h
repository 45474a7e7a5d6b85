/*
 * dispatch.h - from a request to a handler, through the guards that the route's row names, in
 * one fixed order: path, method, size of the body, its content type, its form, who asks, scope,
 * same origin and CSRF token, for whom (workspace_id), Idempotency-Key, handler. Errors become
 * problem+json under /api/ and a page elsewhere.
 */
#ifndef FCGI_DISPATCH_H
#define FCGI_DISPATCH_H

#include "fcgi/route.h"

/* Answers the request; never fails. pool: the one this process serves. Without a database (r->db
 * NULL, cx->err says why) only open routes are answered. */
void dispatch(struct req *, struct resp *, enum route_pool pool);
/* Answers a request whose own answer has outgrown the memory that one may have. */
void dispatch_too_large(struct req *, struct resp *);

#endif
