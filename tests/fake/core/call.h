/*
 * call.h - one call as handlers see it, and what they may do with it: answer, or refuse.
 */
#ifndef FAKE_CORE_CALL_H
#define FAKE_CORE_CALL_H

#include "fake/core/mask.h"
#include "fake/core/world.h"

enum { CALL_PARTS = 4 };

struct call {
	struct fake *f;
	struct arena *a;
	struct ctx *cx;
	const struct fake_request *req;
	struct fake_reply *rep;
	const struct fake_service *service;
	const struct fake_route *route;
	const char *part[CALL_PARTS]; /* {} of the path, decoded */
	struct params query, form;
	json *body; /* {} when there is none */
	struct account *who;
	struct token *token;       /* the provider's own; NULL: none was needed */
	const void *project;       /* on whose account calls are counted beside who's; NULL: none */
	const struct mask *fields; /* never NULL once the handler runs */
	bool refused;
	const char *fault; /* by name */
	const struct fault_kind *kind_of_fault;
};

/* A provider may say more than what is given here where it has its own words for the reason. */
enum refusal_why {
	REFUSED,           /* for what is said */
	REFUSED_USER_FULL, /* the user's quota is used up */
	REFUSED_PROJECT_FULL,
	REFUSED_RATE,    /* as if a quota were used up */
	REFUSED_DISABLED /* the service is not switched on */
};

struct refusal {
	enum refusal_why why;
	int status;
	const char *reason, *message;
	const char *domain; /* NULL: "global" */
	const char *location_type, *location;
	const json *details;         /* of the newer form */
	const char *word;            /* its status, where it is not the usual one of the number */
	const char *oauth, *subtype; /* the words of a token endpoint */
};

/* What is wrong with a call's parameters. */
enum flaw_kind {
	FLAW_QUERY_UNKNOWN,
	FLAW_QUERY_TWICE,
	FLAW_QUERY_VALUE,
	FLAW_QUERY_MISSING,
	FLAW_FORM,   /* a form was due */
	FLAW_JSON,   /* the body is no JSON object: value says why */
	FLAW_FIELDS, /* `fields` names what is not there */
	FLAW_MEMBER_UNKNOWN,
	FLAW_MEMBER_VALUE
};

struct flaw {
	enum flaw_kind kind;
	const struct fake_param *param; /* NULL where it is unknown */
	const char *name;               /* of the parameter, or of the member */
	const char *field;              /* path of the member; of its holder when it is unknown */
	const char *value;              /* as it came */
};

void refuse(struct call *, const struct refusal *);
void refuse_argument(struct call *, const char *fmt, ...) PRINTF(2, 3); /* 400 */
void reply_json(struct call *, int status, const json *);
void reply_header(struct call *, const char *name, const char *value);
const char *query_of(const struct call *, const char *name);
bool query_flag(const struct call *, const char *name);
const char *form_of(const struct call *, const char *name);
const char *bearer_of(const struct call *); /* the token that came along; NULL: none */
/* The text in the world's memory, or what was there before. */
const char *kept(struct call *, const json *, const char *name, const char *old);

/* core/fault.c: false when the call ends here. after: what happens to an answer that is ready. */
bool fault_before(struct call *, const char *path);
void fault_after(struct call *);

/* core/contract.c: the call has been answered; what is not allowed is kept. The newest first. */
void contract_hold(struct call *, const char *path);
json *contract_report(const struct fake *, struct arena *);

/* core/quota.c, core/strict.c: false when it refused. */
bool quota_allows(struct call *);
bool strict_query(struct call *);
bool strict_body(struct call *);
bool strict_fields(struct call *);

/* "/fake/sheets/v4/..." is "/v4/...", and *base the word; without one it is as it was. */
const char *fake_path(const char *target, struct str *base);

#endif
