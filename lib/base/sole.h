/*
 * sole.h - one process at a time does something to a thing outside that takes no condition with a
 * write: from its look on until it has written. It is a lock on one byte of a file in the state
 * directory, so it ends with its process however that ends; processes of other machines do not see
 * it.
 */
#ifndef BASE_SOLE_H
#define BASE_SOLE_H

#include "base/err.h"

/* name: that of the thing, anywhere. *held: for sole_end(); -1: somebody else is at it. Nobody is
 * waited for. E_UNAVAILABLE: there is no file. */
MUST enum rc sole_take(struct ctx *, const char *name, int *held);
/* Its file, made by now: for who is about to be left with no others. */
const char *sole_file(struct arena *);
/* held -1: nothing. */
void sole_end(int held);

#endif
