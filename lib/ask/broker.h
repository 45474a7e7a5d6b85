/*
 * broker.h - starts the programs that a FastCGI worker needs but may not start itself, being
 * confined (base/confine.h).
 *
 * broker_fork() splits off a small process before anything is opened; it holds no database,
 * starts `tidemark-worker ask` with a word from a fixed list and `tidemark-tick --once`, and
 * nothing else. It ends with the worker it serves, and ends what answers it. In a program that
 * never called broker_fork() the same functions start the programs directly.
 */
#ifndef ASK_BROKER_H
#define ASK_BROKER_H

#include "base/err.h"

enum { ASK_MS = 10000 };

/* Before the database is opened and the process confined. E_UNAVAILABLE when it cannot be done. */
MUST enum rc broker_fork(struct ctx *);
/* The process that answers, or its service, at the other end of *fd (a stream socket). One at a
 * time. It is killed after ASK_MS. */
MUST enum rc broker_ask(struct ctx *, const char *verb, int *fd);
/* After every broker_ask() that went well, when the answer is in and *fd closed: ends the
 * process. Did it end well by itself? */
bool broker_ended(void);
void broker_wake(void);
/* The process has gone: whoever depends on it should end and be started anew. */
bool broker_lost(void);

#endif
