/*
 * route.c - see route.h.
 */
#include "fcgi/route.h"

const struct route routes[] = {
#define ROUTE(m, p, h, w, g, s, b, pl, sum) \
	{ m, p, h, WHO_##w, GUARD_##g, SCOPE_##s, b, POOL_##pl, #h, sum },
#include "fcgi/routes.def"
#undef ROUTE
};
const size_t routes_n = sizeof routes / sizeof *routes;

static const struct {
	enum method m;
	const char *name;
} methods[] = {
	{ M_GET, "GET" },
	{ M_HEAD, "HEAD" },
	{ M_POST, "POST" },
	{ M_PUT, "PUT" },
	{ M_PATCH, "PATCH" },
	{ M_DELETE, "DELETE" },
	{ M_OPTIONS, "OPTIONS" },
};

const char *
method_name(enum method m)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].m == m)
			return methods[i].name;
	return "";
}
