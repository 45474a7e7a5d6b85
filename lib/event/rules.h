/*
 * rules.h - the rules by which two sides that edited an event are brought together. What an event
 * consists of: event.h.
 */
#ifndef EVENT_RULES_H
#define EVENT_RULES_H

#include "agree/merge.h"

/* Start, end, zone and rule are one thing, of which an occurrence that differs is a part; fields
 * that are null are none. */
extern const struct merge_rules event_rules;

#endif
