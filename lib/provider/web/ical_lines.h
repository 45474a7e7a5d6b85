/*
 * ical_lines.h - an iCalendar stream (RFC 5545) cut into events and time zones, and content
 * lines into name, parameters and value.
 *
 * Lines may end in CRLF, LF or CR and be folded anywhere, inside a character too. Memory: one
 * component; of an event only the properties that the provider reads, so that attachments cost
 * nothing. What is nested badly is set right as far as it can be, and lines that somebody broke
 * without folding go on with the text before them. Pure.
 */
#ifndef PROVIDER_WEB_ICAL_LINES_H
#define PROVIDER_WEB_ICAL_LINES_H

#include "provider/provider.h"

#include "base/buf.h"

enum { ICAL_EVENT_MAX = 1024 * 1024, ICAL_ZONE_MAX = 256 * 1024 };

enum ical_kind {
	ICAL_EVENT,
	ICAL_ZONE,
	ICAL_CALENDAR, /* one line of the calendar itself */
	ICAL_OTHER,    /* a component of another kind: its name */
	ICAL_STRAY     /* a line of an event that belongs to nothing */
};

struct ical_part {
	enum ical_kind kind;
	/* Unfolded lines, each ended by a line feed: of an event without BEGIN and END, of a
	 * time zone with them. */
	struct str text;
	int64_t line; /* where it began */
	bool too_large;
	bool unfinished; /* its END is missing */
};

typedef enum rc ical_part_fn(struct ctx *, void *arg, const struct ical_part *);

struct ical_split;
struct ical_split *ical_split_new(struct arena *, ical_part_fn *, void *arg);
void ical_split_begin(struct ical_split *);
MUST enum rc ical_split_feed(struct ctx *, struct ical_split *, struct str piece);
/* E_EMPTY, E_ICAL, E_HTML when it was no calendar; E_TRUNCATED when it has no end, unless cut. */
MUST enum rc ical_split_end(struct ctx *, struct ical_split *, bool cut);

/* The page with folds that lie inside a UTF-8 character moved behind it: some programs fold at a
 * number of bytes, and what they write is no text before that. */
struct page_in *ical_whole_characters(struct arena *, struct page_in *);

struct ical_line {
	struct str name, params, value; /* as they stand; params without the first semicolon */
};

/* Takes the next line off the text; false at the end. Lines without a colon are passed over. A
 * colon that should stand in quotes, in a TZID or in a name, does not end the parameters. */
bool ical_line_next(struct str *text, struct ical_line *out);
bool ical_line_is(const struct ical_line *, const char *name);
/* The value of a parameter, quotes taken off and RFC 6868 undone; {NULL, 0}: it is not there.
 * Borrowed from scratch. */
struct str ical_param(const struct ical_line *, const char *name, struct buf *scratch);
/* Appends a TEXT value with its escapes undone, up to the first bare comma when list is set;
 * returns how much of the value was used. */
size_t ical_unescape(struct str value, bool list, struct buf *out);

#endif
