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
	json *took;     /* {slot: digest of what differs in it, as pages have said it} */
	json *unseen;   /* {slot: what differed in it, and was written over unseen} */
	int64_t now;    /* seconds */
	int64_t making; /* since when pages are made, as the page of the series says; 0: none are */
	bool waits;     /* pages may be there that the index does not tell yet: none is made */
	bool overtaken; /* the page of the series is another one now */
	bool stray;     /* the page that was read is none of those that its series has */
};

MUST enum rc strew_ask(struct strewing *, const struct notion_ask *, struct rest_reply *out);
/* page: optional, as it is then. */
MUST enum rc strew_write(struct strewing *, const char *id, json *properties, json **page);
MUST enum rc strew_trash(struct strewing *, const char *id);
/* As it is now; *page NULL: it is not shown. */
MUST enum rc strew_get(struct strewing *, const char *id, json **page);
MUST enum rc strew_see(struct strewing *, const char *id, json **page); /* with its lists in full */
bool strew_in_trash(const json *page);
/* It went, by us: what is kept of it here is not missed then. */
MUST enum rc strew_parted(struct strewing *, const char *id);
/* What somebody has changed on the page, into the value of the series. */
void strew_take_one(struct strewing *, const char *slot, const json *page, const json *mark);
/* Is the series another one than its page says? */
bool strew_taken(const struct strewing *);
/* Was the page edited by us last? */
bool strew_by_us(const struct strewing *, const json *page);
/* Do edits there come here? */
bool strew_takes(const struct strewing *);
bool strew_has(struct strewing *, const struct occurrence *, size_t n, const char *slot);

/* each_write.c */
/* The page of the series, with what its mark is to keep of its occurrences (NULL: nothing). Fails,
 * and `overtaken` is true, when it was changed since it was seen. */
MUST enum rc strew_series(struct strewing *, const json *each);
MUST enum rc strew_series_seen(struct strewing *, const json *each); /* it was seen just now */
json *strew_each(const struct strewing *, const char *done, int64_t next);
/* The page of an occurrence is as it is to be. */
MUST enum rc strew_one(struct strewing *, const struct occurrence *);

/* each_seen.c */
/* Somebody has changed an occurrence: one is what differed in it before (NULL: nothing), mark what
 * is kept beside its page. */
void strew_changed(struct strewing *, const char *slot, const json *mark, json *one);
/* What differs in an occurrence, of its own; NULL: nothing. */
json *strew_differing(const struct strewing *, const char *slot);
/* Somebody has left it out. */
void strew_cancel(struct strewing *, const char *slot, const json *mark);
/* What the series is to keep of that; level: its pages say what it says. */
void strew_seen(const struct strewing *, bool level, json *each);

/* each_kept.c */
/* The page goes, unless somebody has written something in it that is nowhere else. */
MUST enum rc strew_part(struct strewing *, const json *page);
/* The read tells of one that was left. */
MUST enum rc strew_left(struct strewing *, const json *page, const json *mark);
/* Its place is not in the window. */
MUST enum rc strew_drop(struct strewing *, const char *slot, const json *page);
/* Pages whose places are no more get those that the series has in their stead. True: some do, and
 * the series is to say so before the first of them is written to. */
bool strew_rehome(struct strewing *);
/* If somebody has taken the page out of the trash, its occurrence comes back. */
void strew_restore(struct strewing *, const char *slot, const json *page);

#endif
