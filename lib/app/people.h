/*
 * people.h - one's own account (password, e-mail address, notices, sessions), and the users of an
 * installation, for operators.
 */
#ifndef APP_PEOPLE_H
#define APP_PEOPLE_H

#include "app/caller.h"
#include "store/session.h"
#include "store/user.h"

/*
 * One's own account: by session only, for no token changes how a person comes in.
 */

/* current may be NULL within PASSWORD_MINUTES of an invitation. Every other session ends. */
MUST enum rc account_password(
    struct ctx *, struct db *, const struct caller *, const char *current, const char *password);
/* A session by its id; NULL: every one but this. */
MUST enum rc account_end_sessions(struct ctx *, struct db *, const struct caller *, const char *id);
MUST enum rc account_notices(struct ctx *, struct db *, const struct caller *, bool on);
/* "": removes the address at once. Else a link is mailed to it, and it counts when that link was
 * opened; *sent then. current: the password, for by way of the address a lost one is replaced; may
 * be NULL as above. E_FORBIDDEN for who has none, but within PASSWORD_MINUTES of an invitation. */
MUST enum rc account_email(struct ctx *, struct db *, const struct caller *, const char *email,
    const char *current, bool *sent);

/*
 * For operators.
 */

struct person {
	const char *name, *role;          /* role NULL: member */
	const char *workspace_id, *email; /* NULL or "": none */
};
MUST enum rc people_add(
    struct ctx *, struct db *, const struct caller *, const struct person *, struct user *out);
/* role, disabled (bool), workspace_id, email: what is there is changed. */
MUST enum rc
people_change(struct ctx *, struct db *, const struct caller *, const char *id, const json *change);
/* For good, with all they have: nothing of it works or is read from then on, and it is dropped
 * piece by piece. Nobody removes himself, nor the last operator. clean: first what Tidemark has
 * made for them at providers is removed there (queue/leave.h), if it still lets Tidemark in. */
MUST enum rc
people_remove(struct ctx *, struct db *, const struct caller *, const char *id, bool clean);
/* *link: an address that signs in once. */
MUST enum rc
people_link(struct ctx *, struct db *, const struct caller *, const char *id, const char **link);
/* One that leads to choosing a password too. */
MUST enum rc
people_invite(struct ctx *, struct db *, const struct caller *, const char *id, const char **link);
/* The same; the password goes, and every session and token ends. */
MUST enum rc
people_reset(struct ctx *, struct db *, const struct caller *, const char *id, const char **link);

#endif
