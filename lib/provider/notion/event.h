/*
 * event.h - pages of Notion as events. Pure. See event.c for what a page cannot say.
 */
#ifndef PROVIDER_NOTION_EVENT_H
#define PROVIDER_NOTION_EVENT_H

#include "event/occur.h"
#include "provider/notion/notion.h"

struct notion_event {
	json *value;                     /* as event/event.h has it; NULL: it has no date */
	bool unread;                     /* it has one that cannot be read */
	const char *push, *object, *uid; /* whose it is, of pages that we have made; NULL: none */
	bool ours;                       /* made by our user at Notion */
	bool left;   /* that of an occurrence, left to whoever has written in it; no other since */
	bool marked; /* something is kept beside its properties */
	const json *shown; /* its date, {"start", "end"} */
	const char *etag;  /* of the value */
	int64_t edited_at;
	json *silent;       /* as twin.silent */
	json *lacking;      /* {word: true} of properties that are to say something, and do not */
	const json *said;   /* {word: id} of those that did when the mark was written; NULL: none */
	const json *each;   /* see each.c; NULL: none */
	const json *unseen; /* as twin.unseen */
	const json *facets; /* what it was given to show of others' (push.facets); NULL: none */
};
/* False: the page has no date, or does not fit the conditions, and is no event. bot: our user at
 * Notion; NULL: not known. */
bool notion_event(struct arena *, const json *page, const json *calendar, const char *bot,
    struct notion_event *out);

/* Likewise of one that has left the calendar, or is in the trash: what it says all the same. That
 * it has no date says nothing of when it is. False: it is not that of an event, or has a date
 * that cannot be read. */
bool notion_event_last(struct arena *, const json *page, const json *calendar, const char *bot,
    struct notion_event *out);

/* What a page is to be. */
struct notion_change {
	const json *calendar;            /* notion_calendar() */
	const json *have, *shall;        /* have NULL: the page is made */
	const char *push, *object, *uid; /* of a page that we make, or have made */
	bool had_mark;                   /* something is kept beside it */
	const json *shown;               /* its date as it is; NULL: the page is made */
	const json *lacking, *said;      /* of notion_event; what lacks is written in any case */
	const json *each;          /* what the mark is to keep of its occurrences; NULL: none */
	const json *facets, *told; /* what others say beside the event, and as it is shown */
	bool keeps;                /* the mark is written in any case */
	int64_t now;               /* seconds: which occurrence of a series comes next */
};
/* Does it need the property of our own? */
bool notion_needs_mark(struct arena *, const struct notion_change *);
/* The properties that differ, by their ids, as they are written; {} when none does. */
json *notion_properties(struct arena *, const struct notion_change *);

/* date.c */
/* {"start", "end"} of an event that comes once; NULL: it has no time. */
json *notion_date(struct arena *, const json *value);
json *notion_date_of(struct arena *, const struct when *start, const struct when *end);
/* From when to when a date of Notion's is: of days or of moments, which are told in UTC. A time
 * without an offset is one of its time_zone, of which replies say null and give an offset. False:
 * it is none, or cannot be read. Source: developers.notion.com, "Page property values", date. */
bool notion_span_of(struct arena *, const json *date, struct when *start, struct when *end);
const char *notion_when(struct arena *, const struct when *);

bool notion_same(struct arena *, const json *x, const json *y, const char *name);
/* The members that say when it is. */
enum { NOTION_TIMES = 4 };
extern const char *const notion_times[NOTION_TIMES];

bool notion_same_facets(struct arena *, const json *x, const json *y);

/* What is kept beside a page; NULL: nothing. */
json *notion_mark(struct arena *, const json *page, const json *calendar);
/* What a property of a page says of an event; NULL: nothing. */
const char *
notion_said(struct arena *, const json *page, const json *calendar, const struct notion_word *);
const json *notion_date_there(const json *page, const json *calendar);
/* Was it made by our user at Notion? */
bool notion_is_ours(const json *page, const char *bot);
/* A change of a page to what it is to be, as far as the page says it. */
void notion_change_of(const struct notion_event *, struct notion_change *out);

/* words.c */
/* What a property shows of a value, in words; NULL: nothing. *usual: as of most events. facets: of
 * the event, see struct push. */
struct notion_showing {
	const json *value, *facets;
};
const char *
notion_word_text(struct arena *, struct notion_showing, const struct notion_word *, bool *usual);
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
/* That occurrence was moved, or says something else; text NULL: nothing. */
void notion_series_move(struct arena *, const char *slot, const struct when *start,
    const struct when *end, json *value);
int64_t notion_series_over(struct arena *, const json *mark);
/* "Every week on Monday"; NULL: it comes once. */
const char *notion_series_words(struct arena *, const json *value);

/* each.c. Pure. */
/* Do the settings want a page for each occurrence? */
bool notion_each_wanted(const json *config);
/* What the mark keeps of its occurrences when the page is written; NULL: nothing. */
json *notion_each_keeps(
    struct arena *, const json *config, const struct notion_event *, const json *shall);
/* The same, of which nothing is known to be level. */
json *notion_each_anew(struct arena *, const json *each);
/* When the occurrences of a series are to be looked at next, seconds; 0: it is none. */
int64_t notion_each_due(struct arena *, const json *config, const struct notion_event *,
    const json *calendar, const json *mark);
/* Is this the page of an occurrence? Then *mark is what is kept beside it. */
bool notion_each_is(
    struct arena *, const json *page, const json *calendar, const char *bot, json **mark);
/* Has somebody changed it since it was written? That is taken into the series. */
bool notion_each_edited(struct arena *, const json *page, const json *calendar, const json *mark);
void notion_each_take(
    struct arena *, const json *page, const json *calendar, const json *mark, json *value);
void notion_each_cancel(struct arena *, const char *slot, json *value);
/* Somebody has made the occurrence of a page another one than the series had it: did he write over
 * what the page was not made to say yet? */
struct notion_unshown {
	const json *calendar, *mark; /* what is kept beside the page */
	const json *was, *now;       /* the series */
};
bool notion_each_unshown(struct arena *, const struct notion_unshown *, const char *slot);
/* What was written over so, as twin.unseen. each: that of the mark of the series. */
json *notion_each_unseen(struct arena *, const json *each);
/* Has the series this place, and is the occurrence there? */
enum notion_place { PLACE_NONE, PLACE_CANCELLED, PLACE_THERE };
enum notion_place notion_each_place(struct arena *, const json *value, const char *slot);
/* Those that have pages, in order; *next: when they are others, seconds. */
size_t notion_each_list(
    struct arena *, const json *value, int64_t now, struct occurrence **out, int64_t *next);
struct notion_occurrence {
	const json *calendar, *value;
	const struct notion_event *series;
	const char *page, *slot; /* of the series; its place in it */
};
/* The properties of the page of an occurrence that are to be written; there NULL: all of them. */
json *notion_each_properties(
    struct arena *, const struct notion_occurrence *, const json *there, const char *bot);
/* What becomes of a page of a series, when the choice is another one than it was made by. */
struct notion_each_turn {
	bool gather;  /* the pages of its occurrences go; else it gets these */
	json *values; /* a list: what they say; NULL or empty: it stays as it is */
};
struct notion_each_turn
notion_each_turn(struct arena *, const json *config, const struct notion_event *);
const char *notion_each_digest(struct arena *, const struct notion_event *, const json *calendar);

/* each_tend.c */
struct notion_tended {
	bool done; /* it is one of these, or was */
	int calls;
};
/* The pages of its occurrences are as the page of the series says, which is this. */
MUST enum rc notion_each_tend(struct ctx *, const struct source *, const struct keeping *,
    const json *page, struct notion_tended *);
/* They go: the page of the series will. parted: a list, to which their ids are added. */
MUST enum rc notion_each_clear(
    struct ctx *, const struct source *, const json *page, const json *calendar, json *parted);
/* The read has brought this page, or found it in the trash: what somebody has done to it is written
 * into its series, whose page is in `out` then. */
MUST enum rc notion_each_read(struct notion_read *, json *s, json *page, bool gone, json *out);

/* left.c. Of a read of everything, s: where it stands (read.c): "left", {page id: true} of
 * occurrences that it has still to tell of, and "strays", {page id: series} of such as their series
 * do not have (one that was hidden while its place went). Those that were made in the minute of
 * their series may come before it. */
void notion_left_note(struct notion_read *, json *s, const json *page);
/* At its end: those that have not come, and the series of strays, are looked at by themselves. */
MUST enum rc notion_left_look(struct notion_read *, json *s, json *out);

#endif
