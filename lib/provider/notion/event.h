/*
 * event.h - pages of Notion as events. Pure. See event.c for what a page cannot say.
 */
#ifndef PROVIDER_NOTION_EVENT_H
#define PROVIDER_NOTION_EVENT_H

#include "event/when.h"
#include "provider/notion/notion.h"

struct notion_event {
	json *value;                     /* as event/event.h has it; NULL: it has no date */
	const char *push, *object, *uid; /* whose it is, of pages that we have made; NULL: none */
	bool marked;                     /* something is kept beside its properties */
	const char *etag;                /* of the value */
	int64_t edited_at;
};
/* False: the page has no date, and is no event. bot: our user at Notion; NULL: not known. */
bool notion_event(struct arena *, const json *page, const json *calendar, const char *bot,
    struct notion_event *out);

/* What a page is to be. */
struct notion_change {
	const json *calendar;            /* notion_calendar() */
	const json *have, *shall;        /* have NULL: the page is made */
	const char *push, *object, *uid; /* of a page that we make, or have made */
	bool had_mark;                   /* something is kept beside it */
};
/* Does it need the property of our own? */
bool notion_needs_mark(struct arena *, const struct notion_change *);
/* The properties that differ, by their ids, as they are written; {} when none does. */
json *notion_properties(struct arena *, const struct notion_change *);
/* {"start", "end"} of an event; NULL: it has no time. */
json *notion_date(struct arena *, const json *value);
const char *notion_when(struct arena *, const struct when *);
json *notion_piece(struct arena *, struct str text); /* of a text as it is written */
bool notion_same(struct arena *, const json *x, const json *y, const char *name);

#endif
