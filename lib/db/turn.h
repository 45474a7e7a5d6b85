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

#define TURN_A "turn-a.lock"
#define TURN_B "turn-b.lock"

struct turnstile {
	int a, b;        /* files, -1: not open yet */
	int64_t wait_ms; /* how long to queue; TURNSTILE_WAIT_MS, less in tests */
	bool brief;    /* for a second, or hardly at all while another wait has just been in vain */
	int64_t until; /* monotonic: of the wait that is under way, when it is brief */
	int64_t vain_until;
};

enum { TURNSTILE_WAIT_MS = 10000 };

void turnstile_init(struct turnstile *);
/* dir: of the database file. E_UNAVAILABLE when the turn does not come in time or the lock files
 * cannot be opened. */
MUST enum rc turnstile_enter(struct ctx *, struct turnstile *, const char *dir);
void turnstile_leave(struct turnstile *);
/* What is left of a brief wait, for the engine's own; at least 1. */
int64_t turnstile_left_ms(const struct turnstile *);
/* The engine's own wait was in vain. */
void turnstile_in_vain(struct turnstile *);
void turnstile_close(struct turnstile *);

#endif
