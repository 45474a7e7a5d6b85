/*
 * json_pages.h - the network half of the JSON provider: one page at a time, and where the next
 * one is.
 *
 * config.next: absent (one page), "Link" (the header), "page:NAME" (a number in the query that
 * counts up until a page has no records), or the JSON path of the next page's address; with
 * config.page_param what stands at the path is a token for that parameter of the query. What the
 * body says is read while it passes through. A next page must be on the host of the one before.
 */
#ifndef PROVIDER_WEB_JSON_PAGES_H
#define PROVIDER_WEB_JSON_PAGES_H

#include "provider/provider.h"

MUST enum rc json_pages_fetch(struct ctx *, const struct source *, struct fetch *);
/* NULL when config.next can be used, else what is wrong with it; the arena's. */
const char *json_pages_fault(struct arena *, const char *next);
/* The address with the parameter of its query set. Pure. */
char *json_pages_param(struct arena *, const char *url, const char *name, const char *value);

#endif
