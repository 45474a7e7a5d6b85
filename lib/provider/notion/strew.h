/*
 * strew.h - the pages of the occurrences of one series while they are brought level: at Notion
 * (each_tend.c), and what becomes of those that have no place (each_kept.c).
 */
#ifndef PROVIDER_NOTION_STREW_H
#define PROVIDER_NOTION_STREW_H

#include "provider/notion/event.h"

struct strewing {
	struct ctx *cx;
	const struct source *src;
	const struct keeping *kept; /* for the histories of pages; NULL: see parted */
	json *parted;               /* ids of the pages that went, of whom nobody was told */
	int *calls;
	const char *source, *bot;
	const json *calendar;
	const json *page; /* of the series */
	struct notion_event e;
	json *value;    /* of it, with what was changed in pages of its occurrences */
	json *made;     /* {slot: page id} */
	json *there;    /* {slot: page} */
	json *marks;    /* {slot: what is kept beside that page} */
	int64_t now;    /* seconds */
	int64_t making; /* since when pages are made, as the page of the series says; 0: none are */
	bool waits;     /* pages may be there that the index does not tell yet: none is made */
};

MUST enum rc strew_ask(struct strewing *, const struct notion_ask *, struct rest_reply *out);
/* page: optional, as it is then. */
MUST enum rc strew_write(struct strewing *, const char *id, json *properties, json **page);
MUST enum rc strew_trash(struct strewing *, const char *id);
/* Was the page edited by us last? */
bool strew_by_us(const struct strewing *, const json *page);
/* Do edits there come here? */
bool strew_takes(const struct strewing *);
bool strew_has(struct strewing *, const struct occurrence *, size_t n, const char *slot);

/* each_kept.c */
/* The page goes, unless somebody has written something in it that is nowhere else. */
MUST enum rc strew_part(struct strewing *, const json *page, const json *mark);
/* Its place is not in the window. */
MUST enum rc strew_drop(struct strewing *, const char *slot, const json *page);
/* Pages whose places are no more get those that the series has in their stead. */
void strew_rehome(struct strewing *);
/* If somebody has taken the page out of the trash, its occurrence comes back. */
void strew_restore(struct strewing *, const char *slot, const json *page);

#endif
