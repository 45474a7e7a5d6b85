/*
 * refused.h - what of a connection is kept as it was against what the other side says, as a page
 * shows it.
 */
#ifndef CONN_REFUSED_H
#define CONN_REFUSED_H

#include "skin/page.h"
#include "store/conn.h"

/* "keeps": {"refused": {"text", "records": [{"title", "href"}], "more"}, "kept": {"text"}}: values,
 * and deletions, that a person did not want; either may be null; "keeps" null: both are. */
MUST enum rc refused_model(struct req *, const struct conn *, json *model);

#endif
