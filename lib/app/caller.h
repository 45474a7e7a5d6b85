/*
 * caller.h - who has something done, for whom, and what the credential at hand may do.
 *
 * A verb is a function of this room that takes a struct caller: what a person, a program or an
 * operator can do. Pages, interface and command call the same one, so that there is one check,
 * one sentence of refusal and one row in the audit. A verb checks its scope itself; what is wrong
 * with its input it leaves in caller->wrong; it wakes the tick where there is something to do.
 * tests/http/verbs.t goes through all of them, by every way that leads there.
 */
#ifndef APP_CALLER_H
#define APP_CALLER_H

#include "base/actor.h"
#include "base/complaint.h"
#include "db/db.h"

struct caller {
	const char *owner; /* whose things: the id of a user; NULL: everybody's (the cron secret) */
	struct actor actor;  /* for the audit */
	unsigned scopes;     /* SCOPE_ bits */
	const char *session; /* of the browser at hand; NULL: a program */
	const char *token;   /* the API token at hand; NULL: none, or a session */
	/* until then this session may set a password without the old one; 0: it may not */
	int64_t password_until;
	struct complaints *wrong;
};

/* E_FORBIDDEN when the credential at hand has not this scope. */
MUST enum rc caller_need(struct ctx *, const struct caller *, enum scope);
/* A person at a browser, for what no token may do: E_FORBIDDEN. */
MUST enum rc caller_person(struct ctx *, const struct caller *);
/* One complaint about the input, and E_INPUT. */
MUST enum rc
caller_wrong(struct ctx *, const struct caller *, const char *field, const char *message);
/* The first member that is none of `known` (ended by NULL) is a complaint, said with `message`. */
MUST enum rc caller_known(struct ctx *, const struct caller *, const json *in,
    const char *const *known, const char *message);
/* The audit row of what the caller did with a thing of the owner's, in the transaction that does
 * it. */
MUST enum rc caller_audit(struct ctx *, struct db *, const struct caller *, const char *action,
    const char *object, const char *detail);
const char *scope_name(enum scope);

#endif
