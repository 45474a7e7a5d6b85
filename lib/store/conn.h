/*
 * conn.h - connections with their schedule. Every call but the system ones takes the owner; a
 * foreign id is E_NOT_FOUND, like an unknown one.
 *
 * Results are allocated from cx->a.
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "db/db.h"
#include "base/json.h"
#include "store/limits.h"

enum freq { FREQ_15MIN, FREQ_30MIN, FREQ_HOURLY, FREQ_DAILY, FREQ_WEEKLY, FREQ_CUSTOM, FREQ__MAX };
enum health { HEALTH_OK, HEALTH_RETRYING, HEALTH_ATTENTION, HEALTH__MAX };

const char *freq_name(enum freq); /* "15min" "30min" "hourly" "daily" "weekly" "custom" */
bool freq_from(const char *, enum freq *);
int64_t freq_minutes(enum freq);      /* 0 for custom */
enum freq freq_of_minutes(int64_t);   /* custom when no other has that many */
const char *health_name(enum health); /* "ok" "retrying" "attention" */
enum health health_from(const char *name);

struct sched {
	bool enabled;
	enum health health;
	bool failing;
	int64_t failing_since; /* the first of the failures in a row; 0: none */
	enum freq freq;
	int64_t interval_minutes;
	const char *rrule;     /* NULL or an RFC 5545 rule; then the interval is its usual gap */
	const char *time_zone; /* NULL or an IANA name */
	int64_t next_poll_at;  /* 0: not scheduled */
	int64_t set_at;
	int64_t last_polled_at;  /* 0: never */
	int64_t last_success_at; /* 0: never */
	int64_t retry_count;
	int64_t deferrals;
	int64_t max_retries;
	const char *error_code; /* NULL: none */
	const char *error_detail;
	/* Not stored; of a run that ends: from when on the interval counts; 0: from now on; and
	 * does another one follow it that was asked for while it went on? */
	int64_t count_from;
	bool follows;
};

struct conn {
	const char *id;
	const char *owner;
	const char *provider;
	const char *name;
	const char *config; /* JSON text */
	int64_t config_rev;
	const char *cursor;     /* JSON text or NULL */
	const char *guard;      /* "", "approve", "keep", "always", "plan" */
	const char *guard_plan; /* the digest of the question that it was given for; "" */
	struct conn_limits limits;
	const char *plan; /* the run that asks about a change of its settings; NULL: none */
	bool clearing;    /* its data is to be dropped before it is read again */
	/* what Tidemark has made at its provider is being removed: nothing is read any more */
	bool leaving;
	bool read_only; /* the source has said that nothing can be written there */
	/* A question waits: about what would be written there (outbox.h), or about plan. */
	bool held;
	int64_t created_at, updated_at;
	const char *account_id; /* at the provider (login.h); NULL: none */
	struct sched sched;
};

/* Is anything written to its source? Not while it is paused, unless it is being left. */
bool conn_sends(const struct conn *);
/* Of one connection at two times: the same settings and the same account? */
bool conn_is_set_as(const struct conn *, const struct conn *);

struct conn_list {
	struct conn *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

/* What lists choose and sort by. */
struct conn_brief {
	const char *id, *provider, *name;
	bool enabled, active; /* active: a run of it waits or works */
	enum health health;
	int64_t next_poll_at, last_success_at; /* 0: none */
	int64_t records;
};

struct conn_briefs {
	struct conn_brief *v;
	size_t n;
};

/* How many connections there are of each, [enabled][active]. */
struct conn_tally {
	int64_t n[HEALTH__MAX][2][2];
};

MUST enum rc
conn_get(struct ctx *, struct db *, const char *owner, const char *id, struct conn *out);
/* Also one that is removed, as long as its row is there; its schedule is off. */
MUST enum rc
conn_get_any(struct ctx *, struct db *, const char *owner, const char *id, struct conn *out);
/* Its settings. E_UNSUPPORTED when they are damaged: without them some kinds would read, and write,
 * something else (another calendar, everybody of an address book). */
MUST enum rc conn_config(struct ctx *, const struct conn *, json **out);
/* Every connection of the owner, in order of making. */
MUST enum rc conn_briefs(struct ctx *, struct db *, const char *owner, struct conn_briefs *out);
/* Connections of which a change of the settings is held, the newest first, at most CONN_PLANNED. */
enum { CONN_PLANNED = 20 };
struct conn_planned {
	const char *id, *name, *run;
};
MUST enum rc conn_planned(
    struct ctx *, struct db *, const char *owner, struct conn_planned out[CONN_PLANNED], size_t *n);
/* Counts all of an owner's; owner NULL: everybody's. */
MUST enum rc conn_tally(struct ctx *, struct db *, const char *owner, struct conn_tally *out);
/* By id, or by exact name when it is the only one with it. For the command line. */
MUST enum rc
conn_find(struct ctx *, struct db *, const char *owner, const char *id_or_name, struct conn *out);
/* In order of making; after: "" or the id that ended the page before. */
MUST enum rc conn_list(struct ctx *, struct db *, const char *owner, const char *after,
    int64_t limit, struct conn_list *out);
/* What is due, CONN_DUE_MAX at most, for the connectors interface; system-wide when owner is NULL.
 * Those that failed last and the others by turns, each oldest first. */
enum { CONN_DUE_MAX = 10000 };
MUST enum rc conn_due(struct ctx *, struct db *, const char *owner, int64_t now, int64_t limit,
    struct conn_list *out);

/* Every connection, also those that were disconnected: CONN_PAGE at most, behind the id `after`, in
 * order of ids. */
enum { CONN_PAGE = 100 };
struct conn_stored {
	const char *id, *owner, *provider, *config;
	bool removed;
};
MUST enum rc conn_stored(
    struct ctx *, struct db *, const char *after, struct conn_stored v[CONN_PAGE], size_t *n);

/* In the caller's write transaction: */
/* Another way to write the same configuration; nothing when it has changed meanwhile. */
MUST enum rc
conn_rewrite(struct ctx *, struct db *, const struct conn_stored *, const char *config, bool *done);
MUST enum rc conn_insert(struct ctx *, struct db *, const struct conn *);
/* name and config as in *c, which names it by id and owner; raises config_rev when config differs.
 * Never touches the cursor. */
MUST enum rc conn_update(struct ctx *, struct db *, const struct conn *c, int64_t now);
/* It is being left. */
MUST enum rc conn_leave(struct ctx *, struct db *, const char *owner, const char *id, int64_t now);
/* Disconnects and keeps the data: schedule and credentials go, the row is hidden from everything
 * but its datasets. */
MUST enum rc conn_remove(struct ctx *, struct db *, const char *owner, const char *id, int64_t now);
MUST enum rc
conn_set_cursor(struct ctx *, struct db *, const char *owner, const char *id, const char *cursor);
/* Everything is to be read; asks: and what was kept is asked about again, until an answer to that
 * is carried out. */
MUST enum rc conn_read_anew(struct ctx *, struct db *, const struct conn *, bool asks);
bool conn_asks(struct arena *, const struct conn *);
/* The same, asking, and what was kept is to be released before it (queue/release.h). */
MUST enum rc conn_ask_anew(struct ctx *, struct db *, const struct conn *);
/* Behind which link it still is: "" before the first; NULL: it is not. Reading everything once
 * more leaves that as it is. */
const char *conn_kept_from(struct arena *, const struct conn *);
MUST enum rc conn_set_kept_from(struct ctx *, struct db *, const struct conn *, const char *link);
/* Has it been read to its end? A run that saves takes that back until it ends. */
bool conn_was_read(struct arena *, const struct conn *);
MUST enum rc
conn_set_read_only(struct ctx *, struct db *, const char *owner, const char *id, bool read_only);
/* The account it reads with; another owner's counts as none. */
MUST enum rc conn_set_account(
    struct ctx *, struct db *, const char *owner, const char *id, const char *account_id);
/* plan: the digest of the question that is answered. */
MUST enum rc conn_set_limits(
    struct ctx *, struct db *, const char *owner, const char *id, const struct conn_limits *);
MUST enum rc conn_set_guard(struct ctx *, struct db *, const char *owner, const char *id,
    const char *guard, const char *plan);
/* run: the one that asks about a change of the settings; NULL: none does. */
MUST enum rc
conn_set_plan(struct ctx *, struct db *, const char *owner, const char *id, const char *run);
/* No question is open any more: an answer to one is forgotten; "always" stays. */
MUST enum rc conn_guard_over(struct ctx *, struct db *, const char *owner, const char *id);
/* The next run drops the data before it reads: takes the cursor away with it. */
MUST enum rc conn_clear(struct ctx *, struct db *, const char *owner, const char *id);
MUST enum rc conn_cleared(struct ctx *, struct db *, const char *owner, const char *id);
/* Writes every column of the schedule. */
MUST enum rc sched_save(struct ctx *, struct db *, const struct conn *);

/* Sealed credential of a purpose; *sealed NULL when there is none. */
MUST enum rc cred_get(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *purpose, const char **sealed);
struct cred {
	const char *owner, *conn_id, *purpose;
	const char *sealed;
};
MUST enum rc cred_put(struct ctx *, struct db *, const struct cred *, int64_t now);
MUST enum rc
cred_drop(struct ctx *, struct db *, const char *owner, const char *conn_id, const char *purpose);

#endif
