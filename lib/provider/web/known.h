/*
 * known.h - what the readers of this directory have found out about their source at an earlier
 * complete read (source.known), as long as its address is the same.
 */
#ifndef PROVIDER_WEB_KNOWN_H
#define PROVIDER_WEB_KNOWN_H

#include "provider/provider.h"

/* NULL: it was not found out yet, or of another address. */
const char *known_str(const struct source *, const char *name);
/* Had the dataset a column with this label at its last read? */
bool known_column(const struct source *, struct str label);
/* The same, whatever the address was. */
bool known_has(const struct source *, struct str label);
/* Tells the sink what all of it is true of; after dataset(), before the others are told. */
MUST enum rc known_begin(struct ctx *, const struct source *, struct sink *);
/* sink.found() of sinks that have it. */
MUST enum rc known_tell(struct ctx *, struct sink *, const char *name, const char *value);

#endif
