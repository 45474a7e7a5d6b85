/*
 * pulse.h - sends the sign of life (queue/pulse.h): the address is asked for, and with "/fail"
 * behind its path and a sentence when something is wrong, as healthchecks.io and what is like it
 * take it. The address is guarded as those of people are, and is in no log.
 */
#ifndef SEND_PULSE_H
#define SEND_PULSE_H

#include "queue/lane.h"

MUST enum rc pulse_work(struct ctx *, struct db *, const struct lane *);
/* The address with "/fail" behind its path. Pure. */
const char *pulse_fail_url(struct arena *, const char *url);

#endif
