/*
 * story.h - why an event is as it is, in sentences: what was changed by whom, where it stands at
 * each provider, and edits that could not both stand.
 */
#ifndef EVENTS_STORY_H
#define EVENTS_STORY_H

#include "events/model.h"
#include "skin/wall.h"

/* "history": [{when, who, what, changes[{label, before, after}], reason}], and "older". */
MUST enum rc story_past(struct req *, const struct wall *, const struct event_row *, json *model);
/* What differs between two values of an event: [{label, before, after}]. */
json *story_changes(struct arena *, const struct wall *, const json *before, const json *after);
/* "twins": [{name, href, provider, kind, text, reason, when}] */
MUST enum rc story_twins(struct req *, const struct event_row *, json *model);
/* "conflicts": [{when, name, open, conflictId, fields[{label, here, there, words}]}] */
MUST enum rc
story_conflicts(struct req *, const struct wall *, const struct event_row *, json *model);

/* What people call a field of a conflict, of one of a series when that is. */
const char *story_label(struct arena *, const struct wall *, const char *field);
/* A value of it as people read it, whole; NULL: there is none. */
const char *story_value(struct arena *, const struct wall *, const char *field, const json *value);

/* "Every week on Monday"; a rule that has no words as it is written; NULL: it comes once. */
const char *story_rule(struct arena *, const json *value);

#endif
