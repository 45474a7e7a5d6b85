/*
 * planned.h - what a sync would do, as people read it.
 */
#ifndef CONN_PLANNED_H
#define CONN_PLANNED_H

#include "app/question.h"
#include "skin/page.h"
#include "skin/wall.h"

/* Does a list of changes know these words? NULL: not said. */
bool planned_knows(const char *side, const char *action);
/* "planned": each of the changes (lib/sync/listing.h) in words, with its fields before and after,
 * the words that differ in parts of their own; "hasPlanned". changes NULL: there are none. wall: by
 * which clock times of events are told; NULL: they are of records. */
void planned_changes(struct arena *, const struct wall *, const json *changes, json *model);
/* That clock, where these settings make events of what is read; else NULL. */
const struct wall *planned_wall(struct req *, const char *provider, const json *config);
/* Is anything of ours ever written there under these settings? */
bool planned_writes(const char *provider, const json *config);
/* "sides": here and, where that is written (or is, for once), there: how much is added, changed and
 * deleted; "nothing": all of it is none. link: where the changes of one kind are listed, up to its
 * query; NULL: nowhere. */
void planned_counts(struct arena *, const json *counts, bool writes, const char *link, json *model);
/* Of a form that asks what settings would do, in parts: which part is asked for, and the answer to
 * that in words: what planned_changes() and planned_counts() say, "plannedFrom", and "first" and
 * "more": the cursors of buttons, NULL where there is no such part. */
MUST enum rc planned_wish(struct req *, struct question_list *out);
void planned_part(struct req *, const char *provider, json *answer);
/* A value as people read it; "": none. */
const char *planned_text(struct arena *, const json *);
/* The same of a field of an event. */
const char *
planned_event_text(struct arena *, const struct wall *, const char *field, const json *);
/* "3 added here, 1 changed there"; NULL: nothing. */
const char *planned_brief(struct arena *, const json *counts);

#endif
