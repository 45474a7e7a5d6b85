/*
 * seclude.h - what a process gives up for good before it parses for a run what strangers wrote. It
 * carries out no other run after that one: what a source does to it stays with that source.
 */
#ifndef SYNC_SECLUDE_H
#define SYNC_SECLUDE_H

#include "base/err.h"

/* Takes from this process all but the database and what lies in `dir`. */
typedef enum rc seclude_way(struct ctx *, const char *dir);
/* Without one, as in tests, nothing is given up. */
void seclude_use(seclude_way *);
MUST enum rc seclude(struct ctx *, const char *dir);
bool seclude_done(void);

#endif
