/*
 * colour.h - colours of events that have a word: the numbers are those that calendars at Google
 * have. Pure.
 */
#ifndef EVENT_COLOUR_H
#define EVENT_COLOUR_H

#include <stdbool.h>

struct event_colour {
	const char *id, *name;
};
extern const struct event_colour event_colours[]; /* ended by a NULL id */

bool event_colour_known(const char *color);
/* "Sage" for "2"; a colour without a word is its own. */
const char *event_colour_name(const char *color);

#endif
