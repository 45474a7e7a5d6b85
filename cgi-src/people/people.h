/*
 * people.h - what pages and interface share about users, their sessions, tokens and the audit.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "skin/model.h"
#include "store/audit.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"

/* {id, name, role, email, mailNotices, hasPassword, workspace_id, createdAt, disabled,
 * disabledAt} */
json *model_user(struct arena *, const struct user *);
/* {id, createdAt, seenAt, address, agent, current} */
json *model_session(struct req *, const struct session *);
/* {id, name, scopes[], createdAt, lastUsedAt, lastUsedFrom, expiresAt, revokedAt, replaces} */
json *model_token(struct arena *, const struct token *);
/* {id, at, actor, action, object, detail, address, owner} */
json *model_audit(struct arena *, const struct audit_row *);

/* The person at the browser, for what no token may do: E_FORBIDDEN. */
MUST enum rc person_only(struct req *);
/* Sets the password of the signed-in user; current may be NULL within PASSWORD_MINUTES of an
 * invitation. Every other session ends. */
MUST enum rc account_password(struct req *, const char *current, const char *password);
/* id NULL: every session but this one. */
MUST enum rc account_end_sessions(struct req *, const char *id);
MUST enum rc account_notices(struct req *, bool on);
/* "": removes the address at once. Else a link is mailed to the address, and it counts when that
 * link was opened; *sent then. current: the password, of who has one, for by way of the address
 * a lost one is replaced; may be NULL as above. */
MUST enum rc account_email(struct req *, const char *email, const char *current, bool *sent);

/* For operators. */
MUST enum rc people_add(
    struct req *, const char *name, const char *role, const char *workspace_id, struct user *out);
/* role, disabled (bool), workspace_id, email: what is there is changed. */
MUST enum rc people_change(struct req *, const char *id, const json *change);
/* A one-time link (KEY_SIGN_IN or KEY_PASSWORD). reset: the password goes and every session ends
 * first. */
MUST enum rc
people_link(struct req *, const char *id, const char *purpose, bool reset, const char **link);

/* scopes: words with commas. Nobody gives away more than the credential at hand may do. */
MUST enum rc tokens_make(struct req *, const char *name, const char *scopes, int64_t days,
    const char **text, struct token *out);
MUST enum rc tokens_rotate(
    struct req *, const char *id, int64_t overlap_hours, const char **text, struct token *out);
MUST enum rc tokens_revoke(struct req *, const char *id);

#endif
