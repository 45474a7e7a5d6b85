/*
 * login.h - accounts at providers (of a person, or a service account): one row for each that an
 * owner signed in to, shared by connections. Tokens are sealed by lib/access/grant.c; here they are
 * texts. Every call takes the owner; a foreign id is E_NOT_FOUND.
 */
#ifndef STORE_LOGIN_H
#define STORE_LOGIN_H

#include "db/db.h"

struct login {
	const char *id, *owner, *provider, *kind; /* kind: oauth, service */
	const char *subject, *address, *scopes;
	const char *sealed, *access; /* access NULL: none */
	int64_t access_until;
	const char *health;                    /* ok, attention */
	const char *error_code, *error_detail; /* NULL: none */
	int64_t granted_at, refreshed_at, created_at;
};

struct login_list {
	struct login *v;
	size_t n;
};

MUST enum rc
login_get(struct ctx *, struct db *, const char *owner, const char *id, struct login *out);
/* The one that has owner, provider and subject of *like. *found false: there is none. */
MUST enum rc login_of_subject(
    struct ctx *, struct db *, const struct login *like, bool *found, struct login *out);
/* Does another user live on the same account at the provider? */
MUST enum rc login_shared(struct ctx *, struct db *, const struct login *, bool *yes);
MUST enum rc login_list(struct ctx *, struct db *, const char *owner, struct login_list *out);
/* The account of that provider when it is the only one; several: there are more; *id NULL: none. */
MUST enum rc remote_only(struct ctx *, struct db *, const char *owner, const char *provider,
    const char **id, bool *several);
/* Ids of its connections, at most 1000. */
MUST enum rc login_conns(
    struct ctx *, struct db *, const char *owner, const char *id, const char ***ids, size_t *n);

/* How many accounts of all owners lost their access about a week after it was given: so some
 * providers treat applications that are not published. */
MUST enum rc login_week(struct ctx *, struct db *, const char *provider, int64_t *n);
/* Is it one of them? */
bool login_lived_a_week(const struct login *);

/*
 * In the caller's write transaction.
 */
MUST enum rc login_insert(struct ctx *, struct db *, const struct login *);
/* Granted anew: address, scopes, sealed, access, access_until, granted_at as in *a; it is well
 * again. */
MUST enum rc login_granted(struct ctx *, struct db *, const struct login *a);
MUST enum rc login_delete(struct ctx *, struct db *, const char *owner, const char *id);

struct login_lease {
	const char *lease; /* a word of its holder's own */
	int64_t now;
	int64_t until; /* when it lapses */
};
struct login_tokens {
	const char *access;
	int64_t until;      /* the access token's end */
	const char *sealed; /* NULL: the refresh token stays */
};
struct login_end {
	const char *code, *detail; /* why it lets nobody in any more */
};

/* The right to fetch a new access token. *got false: somebody else has it, or has used it since `a`
 * was read. */
MUST enum rc login_lease(
    struct ctx *, struct db *, const struct login *a, const struct login_lease *, bool *got);
/* The word of whoever has it; NULL: nobody. No write. */
MUST enum rc login_holder(struct ctx *, struct db *, const struct login *a, const char **lease);
MUST enum rc login_release(struct ctx *, struct db *, const struct login *a, const char *lease);
/* E_LEASE when the right has lapsed. */
MUST enum rc login_renewed(struct ctx *, struct db *, const struct login *a, const char *lease,
    const struct login_tokens *, int64_t now);
/* *first: it was well until now. */
MUST enum rc login_dead(struct ctx *, struct db *, const struct login *a, const char *lease,
    const struct login_end *, bool *first);

/*
 * People on their way through the consent page.
 */
enum { TRY_MINUTES = 10 };

struct oauth_try {
	const char *state_hash, *owner, *session_id, *provider;
	const char *account_id; /* to be connected again; NULL: a new one */
	const char *verifier;   /* sealed */
	const char *next;
};
/* In the caller's write transaction. */
MUST enum rc try_insert(struct ctx *, struct db *, const struct oauth_try *);
/* Uses it up: fills account_id, verifier and next of *t, whose other members name it.
 * E_UNAUTHORIZED. In the caller's write transaction. */
MUST enum rc try_take(struct ctx *, struct db *, struct oauth_try *t);
MUST enum rc try_sweep(struct ctx *, struct db *, int64_t now);

#endif
