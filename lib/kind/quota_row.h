/*
 * quota_row.h - the quotas of services that all processes share, as rows (quota.def). Who keeps
 * to them: access/quota.h.
 */
#ifndef KIND_QUOTA_ROW_H
#define KIND_QUOTA_ROW_H

#include <stdbool.h>
#include <stdint.h>

enum quota {
#define QUOTA(id, name, service, title, project, account) QUOTA_##id,
#include "kind/quota.def"
#undef QUOTA
	QUOTA__MAX
};

const char *quota_name(enum quota);    /* "sheets-reads": in the interface and in the database */
const char *quota_service(enum quota); /* who allows that many calls, for people */
const char *quota_title(enum quota);   /* for people */
int64_t quota_limit(enum quota, bool account); /* calls a minute: of an account, or of all */

#endif
