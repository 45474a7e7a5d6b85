/*
 * model.h - users, sessions, tokens and the audit, as the interface and the pages show them.
 */
#ifndef PEOPLE_MODEL_H
#define PEOPLE_MODEL_H

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

#endif
