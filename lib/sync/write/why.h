/*
 * why.h - of an object that both sides have edited: when its fields were edited here, and there by
 * our clock.
 */
#ifndef SYNC_WRITE_WHY_H
#define SYNC_WRITE_WHY_H

#include "sync/write/twoway.h"

/* Sets here->edits.at from the object's history, as far back as it is looked at; what came from
 * another side was edited when it was edited there. */
MUST enum rc why_edits(
    struct ctx *, struct db *, const struct twoway *, const struct object *, struct here *here);

/* For what the provider tells of its times: its clock as it is known by now. */
void why_clock(const struct twoway *, struct policy_facts *);
/* A time of there, by our clock; 0: not known. */
int64_t why_there(const struct twoway *, const struct there *);

#endif
