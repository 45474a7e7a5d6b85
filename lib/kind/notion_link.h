/*
 * notion_link.h - ids of Notion, and the links that hold them. Pure.
 */
#ifndef KIND_NOTION_LINK_H
#define KIND_NOTION_LINK_H

#include "base/arena.h"

/* The id in a link, or in a text that is one, as Notion writes it: with hyphens, in lower case.
 * NULL: there is none. */
const char *notion_link_id(struct arena *, const char *text);
/* What of an event a property may say (notion_words.def); ended by a NULL word. */
/* From NOTION_SHOWN on they are written there and never read. */
enum notion_how { NOTION_FIRST, NOTION_BOTH, NOTION_SHOWN, NOTION_FACET };
struct notion_word {
	const char *word, *label, *types, *names;
	enum notion_how how;
};
extern const struct notion_word notion_words[];
const struct notion_word *notion_word(const char *word); /* NULL: there is none such */
/* Where a person sees it. */
const char *notion_link_to(struct arena *, const char *id);

#endif
