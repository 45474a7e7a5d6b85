/*
 * answerer.h - what persons have answered to the guard is carried out (queue/heed.h): one lane for
 * each owner, some seconds at a time.
 */
#ifndef SEND_ANSWERER_H
#define SEND_ANSWERER_H

#include "queue/lane.h"

MUST enum rc answerer_work(struct ctx *, struct db *, const struct lane *);

#endif
