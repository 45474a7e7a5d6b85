/*
 * complaint.h - what is wrong with what somebody gave, field by field: a form shows it beside its
 * fields, the interface as the "errors" of its reply, the command as a line each.
 */
#ifndef BASE_COMPLAINT_H
#define BASE_COMPLAINT_H

#include "base/json.h"

struct complaints {
	json *list; /* [{field, message}]; NULL: none */
};

/* field: as the interface names it ("schedule.intervalMinutes"); message: one sentence that does
 * not repeat the name. Both are the caller's, or cx->a's. */
void complaints_add(struct ctx *, struct complaints *, const char *field, const char *message);
/* E_INPUT with the first of them when there is one, else RC_OK. */
MUST enum rc complaints_end(struct ctx *, const struct complaints *);
/* One complaint, and E_INPUT. */
MUST enum rc
complaints_now(struct ctx *, struct complaints *, const char *field, const char *message);

#endif
