/*
 * named.h - what is chosen in a field that is searched (field.search), by the names that its
 * records have here, for a form whose source is not asked.
 */
#ifndef CONN_NAMED_H
#define CONN_NAMED_H

#include "skin/page.h"

/* Adds to `choices`, as the source would (ask.h), {id, title, detail, gone} of each that is chosen
 * in the form or else the settings; nothing where the source has answered. config: as stored. */
MUST enum rc named_choices(struct req *, const struct conn *, const json *config, json *choices);

#endif
