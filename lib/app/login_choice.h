/*
 * login_choice.h - the account at a provider that a connection reads with.
 */
#ifndef APP_LOGIN_CHOICE_H
#define APP_LOGIN_CHOICE_H

#include "base/complaint.h"
#include "db/db.h"
#include "kind/kind.h"
#include "store/login.h"

/* Has the operator set this provider up? */
bool login_ready(const char *provider);
/* Whose service account is meant; given: a provider's id or NULL, which means the first one that
 * has such accounts. */
const char *login_service_provider(const char *given);

/* What the account does not let Tidemark do that this kind cannot be read without: a sentence;
 * NULL: nothing. */
const char *login_lacks(struct arena *, const struct login *, const struct kind *);
/* The path of ours where it is asked for. */
const char *login_allow(struct arena *, const struct login *, const struct kind *);

/* given: an id or NULL, which means the only one there is. */
struct login_wish {
	const char *provider, *given; /* provider: the kind of source */
	const json *secret;           /* of the source: one may stand in place of an account */
};
/* The account that a connection shall read with; *id NULL: it needs none. Complains about
 * the field accountId when there is none, or several to choose from, or the given one is not the
 * owner's. E_SCOPES, with the address where it is granted, when it does not let this kind be
 * read. */
#define LOGIN_ALLOW " Allow it: " /* between what it does not allow and that address */
MUST enum rc login_choose(struct ctx *, struct db *, const char *owner, struct complaints *,
    const struct login_wish *, const char **id);

#endif
