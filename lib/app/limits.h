/*
 * limits.h - how much a connection lets go at once (store/limits.h), as its owner sets it: the
 * members guardPercent and guardItems of a change, where null is as usual.
 */
#ifndef APP_LIMITS_H
#define APP_LIMITS_H

#include "base/complaint.h"
#include "store/limits.h"

/* Complains of what is out of range. */
MUST enum rc limits_fit(struct ctx *, struct complaints *, const json *change);
/* *l with what the change says of it. */
void limits_read(const json *change, struct conn_limits *l);
/* For the audit. */
const char *limits_text(struct arena *, const struct conn_limits *);

#endif
