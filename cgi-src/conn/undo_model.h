/*
 * undo_model.h - what an undo would take back, as the interface tells and pages show it.
 */
#ifndef CONN_UNDO_MODEL_H
#define CONN_UNDO_MODEL_H

#include "app/undo.h"
#include "skin/model.h"
#include "skin/wall.h"

/* {syncId, counts{back, left}, complete, label, data[{kind, eventId | datasetId + key, title,
 * action, fate, reason, fields[{field, before, after}]}]} */
MUST enum rc undo_model(struct req *, const char *run_id, json **out);

/* What differs between two payloads of a dataset: [{field, before, after}]. */
json *
undo_columns_differ(struct arena *, const json *columns, const char *before, const char *after);

/* The same as pages show it: [{label, before, after}], texts of a readable length. wall: they are
 * of an event, whose times are told by this clock; else NULL. */
json *undo_changes(struct arena *, const struct wall *wall, const json *fields);
/* Of one thing that is taken back: [{field, before, after}], as it is and as it will be. */
json *undo_item_fields(struct arena *, const struct undo_item *);

#endif
