/*
 * turn.h - writers of all processes take turns. SQLite's own waiting is unfair: who commits
 * and begins again at once starves the rest.
 *
 * Two lock files beside the database. A writer takes A, then B, then lets A go; whoever waits for B
 * holds A, so the one who comes back must queue behind it. A process that dies lets go of both.
 * Used by sqlite.c only.
 */
#ifndef DB_TURN_H
#define DB_TURN_H

#include "base/err.h"

struct turnstile {
	int a, b;        /* files, -1: not open yet */
	int64_t wait_ms; /* how long to queue; TURNSTILE_WAIT_MS, less in tests */
};

enum { TURNSTILE_WAIT_MS = 10000 };

void turnstile_init(struct turnstile *);
/* dir: of the database file. E_UNAVAILABLE when the turn does not come in time or the lock files
 * cannot be opened. */
MUST enum rc turnstile_enter(struct ctx *, struct turnstile *, const char *dir);
void turnstile_leave(struct turnstile *);
void turnstile_close(struct turnstile *);

#endif
