/*
 * conflicts.h - answers to open conflicts: what stands is an edit like any other, and is sent.
 */
#ifndef APP_CONFLICTS_H
#define APP_CONFLICTS_H

#include "app/caller.h"
#include "store/conflict.h"

/*
 * said: {"choice": "local" | "remote"}, or {"choice": "merge", "fields": {name: {"side": "local" |
 * "remote"} or {"value": what it shall be}}} with each field of the conflict; with "alike": true
 * the others that are open at its connection about the same fields are answered in the same way,
 * which nobody can who enters values.
 */
struct conflicts_answered {
	struct conflict row; /* afterwards */
	int64_t alike;       /* how many others */
};
MUST enum rc conflicts_answer(struct ctx *, struct db *, const struct caller *, const char *id,
    const json *said, struct conflicts_answered *out);

/* Are both open at one connection, about the same fields? */
bool conflicts_alike(struct arena *, const struct conflict *, const struct conflict *);

#endif
