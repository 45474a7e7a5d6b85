/*
 * notion.h - what the two halves of the kind "notion" share (read.c, parse.c), and their parts.
 *
 * Each page in the spool is a JSON object with some of
 *
 *	{"title", "schema": [{"id", "name", "type", "source"?, "foreseen"?}]}   the first has these
 *	{"renamed": [{"from", "to"}], "retyped": [{"name", "from", "to"}]}   since the last read
 *	{"lost": [{"word", "label"}]}      what no property says any more
 *	{"unadded": [{"name", "why"}]}     properties that were to be added
 *	{"titles": {page id: title}}       of pages that relations point to
 *	{"hidden": [name of a relation]}   whose pages are not shared
 *	{"delta": true}                    only pages that were edited since
 *	{"truncated": true}                Notion did not tell of all pages
 *	{"calendar": {"title": id, "date": id, "notes": id, ...}}   which property says what
 *	{"bot": id}                        our user at Notion, which has made what we write
 *	{"pages": [...]}                   as Notion tells them, with their long lists completed
 *	{"series": [...]}                  those of series of which an occurrence was edited: each.c
 *	{"gone": [{"id", "why", "unseen"?}]}  what a message said, and the page confirms
 *	{"undecided": [page id]}           may be there although they did not come: young.c
 *
 * The cursor is {"source": id, "schema", "mark": ms of Notion's clock, "sweptAt": ms of ours,
 * "swept": in how many pages of the spool everything was read then, "recent": {page id: digest},
 * "looked"?: {page id: {"digest", "at": ms of Notion's clock}}, "undecided"?: some of it was left
 * so, "calendar"?, "bot"?,
 * "rolling"?: {page id: when what it shows of a series is over, seconds, or NOTION_AT_ONCE}}.
 */
#ifndef PROVIDER_NOTION_NOTION_H
#define PROVIDER_NOTION_NOTION_H

#include "kind/notion_link.h"
#include "provider/notion/api.h"

/* The property that says of pages what no other can. */
#define NOTION_MARK "Tidemark"

/* Where a fetch has the memory of its page, and what it does. */
struct notion_read {
	struct ctx *cx;
	const struct source *src;
	struct fetch *f;
};

/* schema.c. Pure, but for what is said otherwise. */
/* [{"id", "name", "type", "source"?}] of a data source as Notion tells it. "foreseen": true of one
 * that a look leaves to be added. */
json *notion_schema(struct arena *, const json *data_source);
/* Has the page the properties that the schema says, under these names and of these types? own: and
 * perhaps the one of ours, which was added since. */
bool notion_schema_fits(const json *schema, const json *page, bool own);
/* Writes to `out` what is called otherwise or is of another type now. */
void notion_schema_drift(struct arena *, const json *before, const json *now, json *out);

/* Which property of the schema says what of an event, by its id: as the settings name it, by id or
 * name; or as it was when this was read before, under the same settings (cursor), whatever it is
 * called now; or as it is guessed. {"title", "date", ..., "types": {word: type}, "fresh": {word: ms
 * of our clock, since when it says that; empty pages are being filled in}, "lost": {word: id of one
 * that is gone, or cannot say it any more}, "where": notion_where()}. Looks at the clock. */
json *notion_calendar(struct arena *, const struct source *, const json *schema);

/* add.c */
/* The property that the settings name for the word; NULL: none. *add: it is added where it is
 * missing. */
const char *notion_wish(const json *config, const char *word, bool *add);
/* Those of them that the calendar lacks are added: *schema is as it is then. What cannot be is
 * noted in `out`. */
MUST enum rc notion_add(
    struct notion_read *, const char *source, const json *calendar, json **schema, json *out);

/* where.c. Pure. */
/* [{"text", "id"}] of the conditions of the settings, with the property that each is about (null:
 * it is not there). before: the calendar of the last read, or NULL. */
json *notion_where(struct arena *, const json *config, const json *before, const json *schema);
/* The first condition whose property is not there; NULL: none. */
const char *notion_where_missing(const json *calendar);
/* Do all conditions of the calendar hold for the page? */
bool notion_where_holds(struct arena *, const json *page, const json *calendar);

/* read.c; s: where a read stands. May the next read of what was edited bring the page once more? */
bool notion_recent(const json *s, const json *page);
/* Into what the read has brought, when there is something to say of it. */
MUST enum rc notion_row_add(struct notion_read *, json *s, json *page, json *out);

/* By how much the index lags at most. */
enum { NOTION_LAG_MS = 2 * 60 * 1000 };

/* query.c */
enum { NOTION_OVERLAP_MS = 5 * 60 * 1000 };

void notion_query_mark(json *s, const struct rest_reply *);
json *notion_query_body(struct arena *, json *filter, const char *start);
/* Some rows more. */
MUST enum rc notion_query(struct notion_read *, json *s, struct rest_reply *);
/* Begins again at the edge. False: it has begun there before, and came no further. */
bool notion_query_again(json *s);

/* told.c */
/* {id: true} of the pages that are to be looked at by themselves; of others the query tells. whole:
 * everything is read, so that what was looked at lately is looked at once more. */
json *notion_told(struct arena *, const struct source *, bool whole);
/* Is there more than can be looked at so? Then all is read. */
bool notion_told_much(const struct source *);
/* Into what the read brings. *page NULL: it is gone, or not shown. It is not taken from a query any
 * more: what the index says of it may be older. */
MUST enum rc notion_look_at(struct notion_read *, json *s, const char *id, json *out, json **page);
/* The index tells of a page that was looked at lately: is that news, or older? */
MUST enum rc notion_look_again(struct notion_read *, json *s, json *out, json **page);
const char *notion_digest(struct arena *, const json *page);
/* What was looked at in this read and in those of the last minutes; NULL: nothing. */
json *notion_looked_lately(struct arena *, const json *cursor, const json *s);

/* One that a read of everything lacks. *page NULL: it is gone, or not shown, of which nothing is
 * told: it is missing. */
MUST enum rc notion_look_missing(struct notion_read *, json *s, const char *id, json **page);

/* young.c; s: where a read of everything stands. */
/* Before its first query. */
MUST enum rc notion_young_begin(struct notion_read *, json *s);
void notion_young_listed(json *s, const char *id);
/* After its last one: some of those that have not come. *more: there are others. */
MUST enum rc notion_young_look(struct notion_read *, json *s, json *out, bool *more);
/* Is everything read again for those that were left undecided? age: of the last such read, ms. */
bool notion_young_due(const json *cursor, int64_t age);

/* roll.c */
enum { NOTION_AT_ONCE = 1 }; /* when the read is saved, and not again */

/* The series is looked at by itself after this read. */
void notion_roll_soon(struct arena *, json *s, const char *series);
/* Is something shown of a series that is over? now: seconds. */
bool notion_roll_due(const json *s, int64_t now);
/* The read has brought this page: when is what it shows over? */
void notion_roll_note(struct notion_read *, json *s, const json *page);
/* It is in the trash, or elsewhere. */
void notion_roll_gone(struct notion_read *, json *s, const json *page);
/* What the last read knew of that, and has not been done. */
void notion_roll_keep(struct arena *, const json *cursor, json *s);
MUST enum rc notion_tend(struct ctx *, const struct source *, const struct keeping *, int *calls);

/* complete.c: lists of which a page tells only the beginning are fetched in full. *cut: some were
 * cut, so that the page alone does not say whether they have changed. */
MUST enum rc notion_complete(struct notion_read *, json *page, bool *cut);
/* Addresses that are good for an hour go. */
void notion_unsign(json *page);

/* titles.c */
/* Of the pages that the relations of these pages point to, one call each, into `titles`: those that
 * are not there yet. *many: there are too many for that. */
MUST enum rc notion_titles(struct notion_read *, const json *pages, json *titles, bool *many);
const char *notion_title(struct arena *, const json *page);

/* parse.c */
MUST enum rc
notion_parse(struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);

/* A page of the spool, in an arena that was emptied for it. */
MUST enum rc notion_page_read(struct ctx *, struct arena *, struct page_in *, json **out);

/* shared.c */
MUST enum rc notion_choices(struct ctx *, const struct source *, json *choices);
MUST enum rc notion_sources(struct ctx *, const struct source *, json *list, bool *more);

/* leave.c */
MUST enum rc notion_leave(struct ctx *, const struct source *, struct farewell *, int *calls);

/* twins.c */
MUST enum rc notion_twins(
    struct ctx *, const struct source *, struct page_in *pages, size_t n, struct twin_sink *);

/* value.c: one property of a page as a cell. titles: of pages, by id. end: of a date that has
 * one. */
struct notion_cell {
	struct cell cell, end;
	bool unsupported; /* Notion does not tell it */
};
void
notion_value(struct arena *, const json *property, const json *titles, struct notion_cell *out);

#endif
