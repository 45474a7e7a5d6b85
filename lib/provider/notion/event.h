/*
 * event.h - pages of Notion as events. Pure. See event.c for what a page cannot say.
 */
#ifndef PROVIDER_NOTION_EVENT_H
#define PROVIDER_NOTION_EVENT_H

#include "event/occur.h"
#include "provider/notion/notion.h"

struct notion_event {
	json *value;                     /* as event/event.h has it; NULL: it has no date */
	const char *push, *object, *uid; /* whose it is, of pages that we have made; NULL: none */
	bool marked;                     /* something is kept beside its properties */
	const json *shown;               /* its date, {"start", "end"} */
	const char *etag;                /* of the value */
	int64_t edited_at;
	json *silent;     /* as twin.silent */
	json *lacking;    /* {word: true} of properties that are to say something, and do not */
	const json *said; /* {word: id} of those that did when the mark was written; NULL: none */
};
/* False: the page has no date, or does not fit the conditions, and is no event. bot: our user at
 * Notion; NULL: not known. */
bool notion_event(struct arena *, const json *page, const json *calendar, const char *bot,
    struct notion_event *out);

/* What a page is to be. */
struct notion_change {
	const json *calendar;            /* notion_calendar() */
	const json *have, *shall;        /* have NULL: the page is made */
	const char *push, *object, *uid; /* of a page that we make, or have made */
	bool had_mark;                   /* something is kept beside it */
	const json *shown;               /* its date as it is; NULL: the page is made */
	const json *lacking, *said;      /* of notion_event; what lacks is written in any case */
	int64_t now;                     /* seconds: which occurrence of a series comes next */
};
/* Does it need the property of our own? */
bool notion_needs_mark(struct arena *, const struct notion_change *);
/* The properties that differ, by their ids, as they are written; {} when none does. */
json *notion_properties(struct arena *, const struct notion_change *);
/* {"start", "end"} of an event that comes once; NULL: it has no time. */
json *notion_date(struct arena *, const json *value);
json *notion_date_of(struct arena *, const struct when *start, const struct when *end);
/* From when to when a date of Notion's is. False: it is none. */
bool notion_span_of(const json *date, struct when *start, struct when *end);
const char *notion_when(struct arena *, const struct when *);
bool notion_same(struct arena *, const json *x, const json *y, const char *name);

/* When what a page shows of a series is over, seconds; 0: it is no series. */
int64_t notion_page_over(struct arena *, const json *page, const json *calendar, const char *bot);

/* words.c */
/* What a property shows of a value, in words; NULL: nothing. *usual: as of most events. */
const char *notion_word_text(struct arena *, const json *value, const char *word, bool *usual);
/* {TYPE: text} as it is written to the property that has the word; text NULL: it is emptied. */
json *notion_word_value(
    struct arena *, const json *calendar, const struct notion_word *, const char *text);
/* A text in pieces of 2,000 characters. */
json *notion_rich(struct arena *, const char *text);

/* series.c. mark: what is kept beside a page. */
bool notion_is_series(struct arena *, const json *mark);
/* The one that comes next, or came last; false: there is none. */
bool notion_series_next(struct arena *, const json *value, int64_t now, struct occurrence *out);
json *notion_series_shown(struct arena *, const struct occurrence *);
/* A date that is not the one that was shown has moved that occurrence. */
void notion_series_take(struct arena *, const json *mark, const json *date, json *value);
int64_t notion_series_over(struct arena *, const json *mark);
/* "Every week on Monday"; NULL: it comes once. */
const char *notion_series_words(struct arena *, const json *value);

#endif
