/*
 * shown.h - one occurrence of an event as pages show it.
 */
#ifndef EVENTS_SHOWN_H
#define EVENTS_SHOWN_H

#include "events/coming.h"
#include "events/model.h"
#include "skin/wall.h"

/* {href, title, clock, span, place, colour, tentative, free, repeats, state{kind, text}}: clock is
 * "10:00", empty of a whole day; span is of a day of the list, or of the whole; state is null where
 * everything is level. */
MUST enum rc
shown_item(struct req *, const struct wall *, const struct coming *, int64_t day, json **out);
/* "/events/ID", of a series with the place in it. */
const char *shown_href(struct arena *, const char *id, const json *value, const struct when *slot);
/* Where it stands at the providers: {kind, text} of the worst, or null. */
MUST enum rc shown_state(struct req *, const struct event_row *, json *o);
/* Where it stands in one calendar, and what kind of news that is. */
const char *shown_state_words(const struct event_link *, const char **kind);
/* "1" to "11" of a colour that has a class; "": none. */
const char *shown_colour(const json *value);

/* For colours there are words: {value, label, selected}. */
json *shown_colours(struct arena *, const char *chosen);

#endif
