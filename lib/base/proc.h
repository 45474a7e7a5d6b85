/*
 * proc.h - starts the programs that stand beside the running one. A child gets the three
 * standard descriptors and nothing else, the default signal actions, and a process group of its
 * own, so that Ctrl-C reaches only whoever supervises it.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <sys/types.h>

#include "base/err.h"

/* Who this process is in the database: what it claims is marked with this, and goes back to the
 * queue when that process is known to be dead. */
pid_t proc_self(void);
#ifdef TIDEMARK_STEPS
/* Tests: from now on this process plays that one; 0: itself again. A test that lets many work at
 * the same time gives each its context and struct db, and says who plays before each step. */
void proc_play(pid_t);
#endif

/* The path of a program of ours: in TIDEMARK_BIN, or in the directory of the running program. */
const char *proc_path(struct arena *, const char *program);

/* argv[0] is a path. in, out: descriptors above 2 for the child's 0 and 1, or -1 for /dev/null;
 * standard error is shared. detached: a session of its own. E_UNAVAILABLE when it cannot be
 * started. */
MUST enum rc
proc_start(struct ctx *, const char *const argv[], int in, int out, bool detached, pid_t *pid);

/* Is a process gone, or another program by now? Only true when that is certain. program: at most
 * 15 characters. */
bool proc_gone(pid_t, const char *program);

/* Started by root, goes on as the owner of a directory, for good: what it makes there must be
 * usable by the services. Does nothing when the directory is root's or not there yet. */
MUST enum rc proc_as_owner(struct ctx *, const char *dir);

#endif
