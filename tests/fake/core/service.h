/*
 * service.h - what a service is to the rest: one row that names its calls, scopes, quotas, commands
 * and its part of the world. A new service is its files and one row of fake_services.
 */
#ifndef FAKE_CORE_SERVICE_H
#define FAKE_CORE_SERVICE_H

#include "fake/fake.h"

struct call;
struct refusal;
struct flaw;

/*
 * What a call may hold. A table ends with a row without a name; when that one has a `sub`, the rows
 * there belong to it, too.
 */
enum param_type { P_STRING, P_BOOL, P_INT, P_ENUM, P_LIST, P_OBJECT, P_ANY };
enum { P_REPEATED = 1, P_REQUIRED = 2 };

struct fake_param {
	const char *name;
	enum param_type type;
	unsigned flags;
	const char *choices; /* P_ENUM: "A|B". Elsewhere the message's type in complaints */
	int64_t min, max;    /* P_INT */
	const struct fake_param *sub; /* members of P_OBJECT, or of the objects in P_LIST */
};

extern const struct fake_param fake_nothing[];  /* no parameters, or a body without members */
extern const struct fake_param fake_anything[]; /* a body whose members are not looked at */

struct fake_scope {
	const char *url;
	const char *alias; /* another name by which it may be asked for, or NULL */
	const char *words; /* for people */
	bool identity;     /* who somebody is: it cannot be kept back */
};

/* Limits of calls a minute; 0: none. Tests set others. */
struct fake_quota {
	const char *name;   /* "sheets.read" */
	const char *metric; /* "Read", as complaints name it */
	int64_t per_user, per_project;
};

struct fake_route {
	const char *method;
	const char *path;   /* "/v4/spreadsheets/{id}/values/{range}:append" */
	const char *name;   /* as in the reference: "sheets.spreadsheets.get" */
	unsigned style;     /* of its errors, as the provider numbers them */
	const char *scopes; /* any of these, "drive drive.file"; NULL: no token is asked for */
	const struct fake_quota *quota;
	int64_t cost;                   /* of the quota; 0: 1 */
	const struct fake_param *query; /* NULL: not looked at */
	const struct fake_param *body;  /* NULL: none is read */
	bool form;                      /* the body is a form, which the handler looks at */
	const char *reply;              /* what `fields` may name */
	void (*handle)(struct call *);
};

/* A member of POST /fake/control. */
struct fake_command {
	const char *name;
	void (*run)(struct call *, const json *, json *out); /* NULL: read by another command */
};

/* How a provider meets its callers, the same in all of its services. */
struct fake_manners {
	bool (*admit)(struct call *); /* sets who calls; false: refused */
	void (*refuse)(struct call *, const struct refusal *);
	void (*complain)(struct call *, const struct flaw *);
	void (*expire)(struct fake *); /* all access ends, as if its time were over; or NULL */
	/* Nothing is at this path, below a word of the service's. NULL: a web page says so. */
	void (*nowhere)(struct call *);
	const struct fake_param *common; /* what the query of each method may hold; or NULL */
};

/* Tables end with a row without a name or path; what a service has not is NULL. */
struct fake_service {
	const char *name;
	const char *bases; /* "accounts|oauth2": words behind /fake/ that lead to it */
	bool own;          /* the stand-in's: no faults, no log, and reached without such a word */
	const struct fake_manners *manners;
	const struct fake_route *routes;
	const struct fake_scope *scopes;
	const struct fake_quota *quotas;
	const struct fake_command *commands;
	size_t part; /* bytes of its part of the world, zeroed at first */
	void (*init)(struct fake *);
	void (*demo)(struct fake *); /* what a demonstration begins with */
	void (*save)(struct fake *, struct arena *, json *top);
	void (*load)(struct fake *, const json *top);
	void (*report)(struct call *, json *top);
};

extern const struct fake_service *const fake_services[]; /* ended by NULL */

#endif
