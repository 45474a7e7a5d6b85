/*
 * loop.h - the tick that keeps running (tidemark-tick --loop): it says where it is, and whoever has
 * queued work from outside wakes it, so that the work is done with the settings of what runs.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/err.h"

/* Whoever keeps the schedule says here with which settings (conf_save), so that a command that was
 * typed in another shell can tell. */
#define TICK_ENV "tick.env"

/* The signal that it waits for between its turns; to be blocked before. */
enum { LOOP_SIGNAL = 10 }; /* SIGUSR1 */

/* This process is the loop from now on, until it ends; with a second one nothing is changed. */
void loop_begin(struct arena *);
bool loop_runs(struct arena *);
/* False: there is none. */
bool loop_wake(struct arena *);

#endif
