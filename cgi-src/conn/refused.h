/*
 * refused.h - which records of a connection are kept as they were against what the source says, as
 * a page shows it.
 */
#ifndef CONN_REFUSED_H
#define CONN_REFUSED_H

#include "skin/page.h"
#include "store/conn.h"

/* "refused": {"text", "records": [{"title", "href"}], "more"}; null: there are none. */
MUST enum rc refused_model(struct req *, const struct conn *, json *model);

#endif
