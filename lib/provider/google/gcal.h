/*
 * gcal.h - google-calendar: what its files share. gcal.c brings pages, gcal_read.c makes rows of
 * them and gcal_twins.c twins, gcal_write.c sends, gcal_watch.c opens channels.
 *
 * The cursor is {"token", "zone", "role"}: of the next changes, and what is known of the calendar.
 */
#ifndef PROVIDER_GOOGLE_GCAL_H
#define PROVIDER_GOOGLE_GCAL_H

#include "kind/google_call.h"
#include "kind/ways.h"
#include "provider/google/api.h"
#include "provider/google/gcal_map.h"

enum {
	GCAL_PAGE = 500, /* events of one page */
	GCAL_ANSWER_MAX = 64 * 1024 * 1024
};

/* As google_service, and what 410 and 403 mean here: E_CURSOR for a sync token that has ended,
 * E_SOURCE_GONE for an event that is deleted. */
extern const struct rest_service gcal_service;

/* "/calendar/v3/calendars/ID/events", and more of the path behind it, encoded; event NULL: none. */
const char *gcal_path(struct arena *, const struct source *, const char *event, const char *query);
/* What is asked for of events. */
extern const char gcal_members[];
/* Of the calendar, as far as the cursor tells. */
struct gcal_home gcal_home_of(const struct source *);

/* Does no part of it lie in the days that the settings name? By the calendar's clock. */
bool gcal_outside(struct arena *, const json *value, const struct ways *, const struct gcal_home *);

/* A request for data; the answer is of GCAL_ANSWER_MAX bytes at most. */
MUST enum rc
gcal_get(struct ctx *, const struct source *, const char *path, int *calls, struct rest_reply *out);
/* What the calendar says of itself: {summary, timeZone, accessRole}. */
MUST enum rc gcal_head(struct ctx *, const struct source *, struct rest_reply *out);
/* For who writes: the outcome of what was asked about the calendar itself. Of one that is not shown
 * (RC_NOTFOUND) no event is gone by itself: E_UNAVAILABLE, what is to be written waits. */
MUST enum rc gcal_shown(struct ctx *, const struct source *, enum rc);
/* The event as it is there now; *event NULL: in a calendar that is shown it is not there. */
MUST enum rc gcal_see(struct ctx *, const struct source *, const char *id, json **event);

/* An event with what differs in it. */
struct gcal_whole {
	const json *event; /* NULL: there is none */
	json *differing;   /* of a series; in the order of their ids */
	struct gcal_home home;
};

/* The series of this id, by the uid that all of it shares: it is read whole. */
MUST enum rc gcal_series(
    struct ctx *, const struct source *, const char *id, const char *uid, struct gcal_whole *out);

/* An etag. Of a series {"": the series', "uid": its iCalUID, id: that of what differs ...}; of
 * others the event's own. NULL: none is told. */
const char *gcal_etag(struct arena *, const json *event, const json *differing);
/* The uid; NULL where it is no series. */
const char *gcal_etag_uid(struct arena *, const char *etag);

MUST enum rc
gcal_parse(struct ctx *, const struct source *, struct page_in *, size_t n, struct sink *);
MUST enum rc
gcal_twins(struct ctx *, const struct source *, struct page_in *, size_t n, struct twin_sink *);
MUST enum rc gcal_early(struct ctx *, const struct source *, struct page_in *, struct twin_sink *);
MUST enum rc gcal_leave(struct ctx *, const struct source *, struct farewell *, int *calls);

#endif
