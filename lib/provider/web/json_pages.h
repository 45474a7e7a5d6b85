/*
 * json_pages.h - the network half of the JSON provider: one page at a time, and where the next
 * one is.
 *
 * What config.next and config.page_param mean: kind/json_paging.h. What the body says is read
 * while it passes through. A next page must be on the host of the one before.
 */
#ifndef PROVIDER_WEB_JSON_PAGES_H
#define PROVIDER_WEB_JSON_PAGES_H

#include "provider/provider.h"

MUST enum rc json_pages_fetch(struct ctx *, const struct source *, struct fetch *);
/* The address with the parameter of its query set. Pure. */
char *json_pages_param(struct arena *, const char *url, const char *name, const char *value);

#endif
