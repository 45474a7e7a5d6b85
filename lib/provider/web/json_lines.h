/*
 * json_lines.h - JSON values one behind the other (NDJSON, JSON Lines, and the same without line
 * breaks), read as the list of them. For the providers of this directory.
 */
#ifndef PROVIDER_WEB_JSON_LINES_H
#define PROVIDER_WEB_JSON_LINES_H

#include "provider/provider.h"

/* *out: the page to read instead, which may be the given one. It is such a list when behind the
 * first object or list another one begins. Lines are numbered as in the page. */
MUST enum rc json_lines_open(struct ctx *, struct page_in *, struct page_in **out);

#endif
