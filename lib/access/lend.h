/*
 * lend.h - what is lent to a provider whose source is signed in to (struct remote): tokens of the
 * login, turns in its quota, waits during which whoever waits stays alive and can be stopped.
 */
#ifndef ACCESS_LEND_H
#define ACCESS_LEND_H

#include "access/clocks.h"
#include "kind/kind.h"
#include "net/rest.h"
#include "store/login.h"

/* Who waits. Called some times a second with what is waited for and for how long (ms, 0: not
 * known); any outcome but RC_OK ends the wait with it. */
struct waiter {
	enum rc (*alive)(struct ctx *, void *arg, const char *why, int64_t ms);
	void *arg;
};

/* Of a run that may be left while it waits, and gone on with from its last page: what it needs to
 * know then. */
struct later {
	int quota;     /* a call of it was taken in advance; -1: none was */
	int64_t at;    /* and may be made then (wall clock) */
	int64_t times; /* left so often since its last page */
};

struct lend {
	struct remote remote; /* first: what providers are given */
	struct db *db;
	struct waiter waiter; /* alive NULL: nobody is told */
	const char *owner;
	/* Who pays: the login, or a word for the token of the source's own. */
	const char *account_id;
	const char *own;     /* the source's token; NULL: those of the login */
	const char *service; /* whose login it is, for people */
	int64_t patience_ms; /* of waiting for a turn: beyond it E_QUOTA */
	bool asked;          /* by a person (quota.h) */
	struct later *later;
	struct clocks clocks;
	int made[QUOTA__MAX]; /* calls since the last page */
};

struct loan {
	const char *owner, *account_id;
	const char *token; /* goes before account_id; NULL: none (kind_token()) */
	struct waiter waiter;
	int64_t patience_ms;
	bool asked;
	/* NULL: it is waited where it is. Else waits of more than two seconds end with E_LATER
	 * and err.wait_ms, before anything has been called in vain; what is to be known then is
	 * in it */
	struct later *later;
};
/* *out NULL when the kind needs no login. E_GRANT when it needs one and there is neither account_id
 * nor a token. */
MUST enum rc
lend_open(struct ctx *, struct db *, const struct kind *, const struct loan *, struct lend **out);

#endif
