/*
 * api.h - calls of Notion, version 2025-09-03: what its refusals mean, in words that say what to
 * do. Source: developers.notion.com, "Status codes", "Request limits".
 */
#ifndef PROVIDER_NOTION_API_H
#define PROVIDER_NOTION_API_H

#include "base/buf.h"
#include "provider/provider.h"

extern const struct rest_service notion_rest;

struct notion_ask {
	const char *method; /* of what writes; NULL: it only reads */
	const char *path;
	const json *body; /* NULL: a GET */
	bool once;        /* see rest.h */
	const char *what; /* "the database", for messages */
};

/* Refusals: E_SOURCE_GONE (not shared, or gone), E_SOURCE_DENIED, E_CURSOR (the place in a list is
 * not there any more), E_SOURCE_STATUS with Notion's message. *calls grows. */
MUST enum rc notion_ask(struct ctx *, const struct source *, const struct notion_ask *, int *calls,
    struct rest_reply *);

#endif
