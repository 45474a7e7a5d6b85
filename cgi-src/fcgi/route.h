/*
 * route.h - what a route is: one row of routes.def for each. method, path ({name} parts become
 * path_param in order; {key} takes slashes too), handler, who may call it, guard, scope a token
 * needs, largest body in bytes, pool, summary for the interface document. dispatch.h acts on them.
 */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include "db/db.h"
#include "web/req.h"

enum route_who {
	WHO_OPEN, /* anybody */
	WHO_USER, /* a session or an API token */
	/* the same, or a progress token; also asked by host pages of other origins that the
	 * operator listed */
	WHO_PROGRESS,
	WHO_CRON /* CRON_SECRET, or as WHO_USER */
};

enum route_guard {
	GUARD_NONE,
	GUARD_RAW,    /* the handler judges the sender; the body is not read */
	GUARD_ORIGIN, /* same origin: forms of open pages */
	GUARD_CSRF    /* by cookie: token and same origin; by token: nothing */
};

enum route_pool { POOL_WEB = 1, POOL_HOOK = 2, POOL_BOTH = 3 };

struct route {
	enum method method;
	const char *path;
	enum rc (*handler)(struct req *, struct resp *);
	enum route_who who;
	enum route_guard guard;
	enum scope scope;
	size_t max_body;
	enum route_pool pool;
	const char *name; /* of the handler: operation id */
	const char *summary;
};

extern const struct route routes[];
extern const size_t routes_n;

#define ROUTE(method, path, handler, who, guard, scope, max_body, pool, summary) \
	MUST enum rc handler(struct req *, struct resp *);
#include "fcgi/routes.def"
#undef ROUTE
const char *method_name(enum method);

#endif
