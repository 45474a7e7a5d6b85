/*
 * profiler.h - keeps the profiles of one owner level (profile/keep.h): one lane for each, some
 * seconds at a time.
 */
#ifndef SEND_PROFILER_H
#define SEND_PROFILER_H

#include "queue/lane.h"

MUST enum rc profiler_work(struct ctx *, struct db *, const struct lane *);

#endif
