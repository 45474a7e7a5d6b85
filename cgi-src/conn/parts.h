/*
 * parts.h - which properties of a source say what of its items, as a page shows it.
 */
#ifndef CONN_PARTS_H
#define CONN_PARTS_H

#include "kind/kind.h"
#include "skin/page.h"
#include "store/conn.h"

/* [{word, label, property, missing, shown}] of a source that was read; NULL: that is always the
 * same, or not known yet. reading: how it was found to be read. */
json *parts_model(struct arena *, const struct conn *, const json *reading);
/* The change of the settings by which the property for the word is added; NULL: it has none. */
json *parts_add(struct arena *, const struct conn *, const char *word);

#endif
