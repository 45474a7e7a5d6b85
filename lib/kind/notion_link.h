/*
 * notion_link.h - ids of Notion, and the links that hold them. Pure.
 */
#ifndef KIND_NOTION_LINK_H
#define KIND_NOTION_LINK_H

#include "base/arena.h"

/* The id in a link, or in a text that is one, as Notion writes it: with hyphens, in lower case.
 * NULL: there is none. */
const char *notion_link_id(struct arena *, const char *text);
/* What of an event a property may say: "title", "date", ...; ended by NULL. */
extern const char *const notion_words[];
/* Where a person sees it. */
const char *notion_link_to(struct arena *, const char *id);

#endif
