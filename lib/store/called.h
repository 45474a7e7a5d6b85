/*
 * called.h - what people call a record, where a list of them is read: by the column that such a
 * name stands in, else by its key. Pure.
 */
#ifndef STORE_CALLED_H
#define STORE_CALLED_H

#include "base/json.h"

/* The number of that column in a dataset's columns; -1: none tells. */
int called_column(const json *columns);
/* values: of the record, by column; NULL: not known. digest: keys are digests, which tell nobody
 * anything: then its first value does. */
const char *called(struct arena *, int column, const json *values, const char *key, bool digest);
/* Are the keys of a dataset digests? key_rule: the dataset's. */
bool called_by_digest(const json *key_rule);

#endif
