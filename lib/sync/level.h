/*
 * level.h - what a run does for the profiles of those whom it has read.
 */
#ifndef SYNC_LEVEL_H
#define SYNC_LEVEL_H

#include "store/conn.h"
#include "store/run.h"

/* Takes in the people of what the run has saved, when it is not much: who asks behind the end of
 * the run finds them. The rest, and what fails here, is left to a lane (queue/profiles.h). */
void level_profiles(struct ctx *, struct db *, const struct conn *, const struct run *saved);

#endif
