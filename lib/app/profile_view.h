/*
 * profile_view.h - a profile as JSON; see profiles.h.
 */
#ifndef APP_PROFILE_VIEW_H
#define APP_PROFILE_VIEW_H

#include "base/json.h"
#include "db/db.h"

/* What is the same for all profiles of one owner, read once. */
struct profile_views {
	const char *owner;
	struct believed_list *believed;
};

void profile_views(const char *owner, struct profile_views *out);
/* *out NULL: there is no such profile. */
MUST enum rc
profile_view(struct ctx *, struct db *, struct profile_views *, const char *id, json **out);

#endif
