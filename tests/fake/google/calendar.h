/*
 * calendar.h - calendars, who sees them, and the events in them.
 *
 * An event keeps what was written to it as JSON in the reference's own form; what a reader sees is
 * made from that, with the times in a zone of the reader's choice. An event of a series that
 * differs from the others is an event of its own, an exception; those that do not are made when
 * they are asked for.
 *
 * Every change gives its event a version, higher than all before: that is its etag, and what a sync
 * token remembers.
 */
#ifndef FAKE_GOOGLE_CALENDAR_H
#define FAKE_GOOGLE_CALENDAR_H

#include "base/zone.h"
#include "fake/google/oauth.h"

enum { EVENT_BUCKETS = 4096, EVENT_ID_MIN = 5, EVENT_ID_MAX = 1024 };

enum calendar_role { ROLE_NONE, ROLE_FREE_BUSY, ROLE_READER, ROLE_WRITER, ROLE_OWNER };

struct event;

struct calendar {
	struct calendar *next; /* oldest first */
	const char *id;
	struct account *owner;
	bool primary; /* the one that its owner has always had: its id is the owner's address */
	const char *summary, *description, *location, *zone_name;
	const struct zone *zone;
	json *roles;                /* {"address": "reader"} beside the owner */
	json *shown;                /* {"address": {...}}: what each has changed in his own list */
	struct event **bucket;      /* by id */
	struct event *first, **end; /* oldest first */
	int64_t serial;             /* of the last event made */
	int64_t epoch;              /* sync tokens of an earlier one are refused */
	int64_t version;            /* of its entry in lists */
	bool gone;
};

struct event {
	struct event *next, *chain;
	struct calendar *calendar;
	int64_t serial; /* place in lists */
	const char *id, *uid;
	struct event *series; /* an exception's; NULL */
	const char *slot;     /* an exception's place in its series: end of its id */
	json *content;        /* what was written; for an exception without "recurrence" */
	const char *creator, *organizer; /* addresses */
	int64_t version, created, updated;
	bool gone;
	bool purged; /* not even a trace of it is told any more */
};

struct mail {
	struct mail *next; /* oldest first */
	const char *event, *to, *kind;
};

struct calendars {
	struct calendar *list;
	struct mail *mails;
	int64_t last_version;
	int64_t began; /* sync tokens of another world are refused */
	bool brief;    /* pages hold fewer than was asked for, sometimes none */
	bool whole;    /* of what is deleted all is told that there was, not its name alone */
};

/* A moment, or a day, of an event. */
struct event_time {
	bool date;
	int64_t local, utc; /* seconds; of a date both are midnight */
	const struct zone *zone;
	const char *zone_name; /* NULL: none was named */
};

/* calendar_store.c */
struct calendars *calendars_of(const struct fake *);
struct calendar *calendar_add(struct fake *, struct account *owner, const char *summary);
struct calendar *calendar_primary(struct fake *, struct account *);
struct calendar *calendar_by(struct fake *, const char *id);
enum calendar_role calendar_role_of(const struct calendar *, const struct account *);
const char *calendar_role_word(enum calendar_role);
/* The calendar that the call names, when the caller may do this much; refused otherwise. */
struct calendar *calendar_of_call(struct call *, const char *id, enum calendar_role least);
void calendar_touch(struct fake *, struct calendar *); /* its entry in lists has changed */
struct event *event_by(const struct calendar *, const char *id); /* also one that is gone */
struct event *event_add(struct fake *, struct calendar *, const char *id);
/* Something of it has changed: a version, a time, and a notification. */
void event_touch(struct fake *, struct event *);
void event_remove(struct fake *, struct event *); /* with its exceptions */
const char *event_new_id(struct fake *);
json *world_copy(struct fake *, struct arena *, const json *); /* a copy that stays */

/* calendar_time.c */
/* false: it is none; *why says so in Google's words. */
bool event_time_read(struct arena *, const json *, const struct zone *otherwise,
    struct event_time *, const char **why);
json *event_time_json(
    struct arena *, const struct event_time *, const struct zone *shown, const char *calendar_zone);
/* RFC 3339 with an offset; milliseconds do not count. */
bool moment_read(struct str, int64_t *utc);
void json_set_stamp(struct arena *, json *, const char *name, int64_t ms); /* with milliseconds */

/* calendar_check.c: false when it refused. */
bool event_check(struct call *, const struct calendar *, const json *content);
bool event_check_id(struct call *, const char *id);
/* What is too long of the extended properties is cut or left out without a word. */
void event_trim(struct arena *, json *content);

/* calendar_series.c */
struct slot {
	int64_t local, utc; /* where the series has it */
	bool date;
};
bool event_is_series(const struct event *);
/* Up to `max` slots of a series whose start lies before `until` (UTC); how many. */
size_t event_slots(struct arena *, const struct event *, int64_t until, struct slot *, size_t max);
const char *slot_text(struct arena *, const struct slot *);
/* The event of that id: one that is there, or an instance that is still as its series has it, made
 * for this call and in no list. NULL: there is none. */
struct event *event_find(struct call *, struct calendar *, const char *id);
/* The instance as an event of its own from now on. */
struct event *event_settle(struct fake *, struct arena *, struct event *instance);
/* Exceptions in places that the series has no longer. */
void series_prune(struct fake *, struct arena *, struct event *series);
struct event *series_instance(struct arena *, const struct event *series, const struct slot *);

/* calendar_show.c */
json *event_json(struct call *, const struct event *, const struct zone *shown);
json *event_stub(struct arena *, const struct event *); /* what is left of one that is gone */
const char *event_etag(struct arena *, const struct event *);
/* The zone of the query, or the calendar's. NULL: refused. */
const struct zone *zone_shown(struct call *, const struct calendar *);

/* calendar_guests.c */
/* After a write by `who`: guests of this world have it in their calendars too, and get mail when
 * that was asked for. old: before it; NULL: it is new. */
void guests_follow(struct call *, struct event *, const json *old);
void guests_cancel(struct call *, struct event *);
bool event_is_organizer(const struct event *, const struct calendar *);
/* May the caller change this much of somebody else's event? False: refused. */
bool guests_may(struct call *, const struct event *, const json *changed);

/* calendar_body.c */
extern const struct fake_param event_body[], calendar_body[];

/* calendar_keep.c */
void calendar_save(struct fake *, struct arena *, json *top);
void calendar_load(struct fake *, const json *top);

/* Methods. */
void events_list(struct call *);
void events_get(struct call *);
void events_instances(struct call *);
void events_insert(struct call *);
void events_update(struct call *);
void events_patch(struct call *);
void events_delete(struct call *);
void events_import(struct call *);
void events_move(struct call *);
void events_watch(struct call *);
void calendar_entries(struct call *);
void calendar_list_get(struct call *);
void calendar_list_watch(struct call *);
void calendar_entry(struct call *);
void calendar_insert(struct call *);
void calendar_setting(struct call *);

/* calendar_control.c */
extern const struct fake_command calendar_commands[];

#endif
