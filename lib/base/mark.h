/*
 * mark.h - a program that keeps running says where it is: a file in the state directory that it
 * holds a lock on for its life, with its number. A number without the lock is nobody's.
 */
#ifndef BASE_MARK_H
#define BASE_MARK_H

#include <sys/types.h>

#include "base/arena.h"

#define LOOP_MARK "tick.loop"     /* tidemark-tick --loop */
#define STREAM_MARK "stream.lock" /* tidemark-stream */

/* This process is it from now on, until it ends; with a second one nothing is changed. */
void mark_put(struct arena *, const char *name);
/* The number of the one that is; 0: there is none. */
pid_t mark_pid(struct arena *, const char *name);

#endif
