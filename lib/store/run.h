/*
 * run.h - sync runs as rows. Who may change a run's state is lib/queue/queue.c alone; here are
 * reads, and the writes it is made of.
 */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include "db/db.h"
#include "base/json.h"

struct run {
	int64_t no;
	const char *id;
	const char *connection_id;
	const char *owner;
	const char *trigger;
	const char *state; /* queued running complete error */
	const char *phase; /* downloading processing saving complete error */
	int64_t progress;
	const char *message;
	int64_t created_at, started_at, updated_at, finished_at; /* 0: not yet */
	int64_t lease_until, attempt, pid;
	bool cancel;
	int64_t resumes;
	const char *resumed_from; /* NULL or the id of the interrupted run */
	const char *checkpoint;   /* JSON text or NULL */
	int64_t size, lines, fetched, added, updated, deleted, unchanged, skipped, calls;
	bool not_modified;
	const char *skips, *warnings, *review; /* JSON text or NULL */
	const char *error_code, *error_detail; /* NULL: none */
	/* when its schedule had it due; 0: it was asked for */
	int64_t due_at;
	/* running: it waits, so long as is known, and holds no place; queued: it goes on then */
	int64_t wait_until;
	/* runs before it without news, as it is one, that it stands for; the first began then */
	int64_t rolled, rolled_from;
	const char *task;   /* what it does (task.h); NULL: it reads */
	const char *undoes; /* id of the run that it takes back; NULL: none */
};

struct run_list {
	struct run *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

MUST enum rc run_get(struct ctx *, struct db *, const char *owner, const char *id, struct run *out);
/* A connection's latest run, or its active one; RC_OK with out->id NULL when there is none. */
MUST enum rc
run_latest(struct ctx *, struct db *, const char *owner, const char *conn_id, struct run *out);
MUST enum rc
run_active(struct ctx *, struct db *, const char *owner, const char *conn_id, struct run *out);
/* The one that does something else than read, beside it. */
MUST enum rc
run_active_task(struct ctx *, struct db *, const char *owner, const char *conn_id, struct run *out);
struct run_page {
	const char *owner, *conn_id;
	const char *result; /* NULL: any; complete, error */
	const char *before; /* NULL, "" or the cursor of the page before */
	int64_t limit;
};
/* Newest first. */
MUST enum rc run_history(struct ctx *, struct db *, const struct run_page *, struct run_list *out);
/* The owner's active runs and the latest of every connection, active ones on the first pages: the
 * one truth for every page. conn_id and result are not looked at. */
MUST enum rc run_overview(struct ctx *, struct db *, const struct run_page *, struct run_list *out);

/*
 * Makes a queued run, in the caller's write: id, connection_id, owner, trigger, message, resumes,
 * resumed_from, checkpoint, due_at, task and undoes as in *r; *made false: another run of the
 * connection is active.
 */
MUST enum rc run_insert(struct ctx *, struct db *, const struct run *r, int64_t now, bool *made);
/*
 * Ends a running run, in the caller's write: counts, skips, warnings, review, message, state
 * ("complete" or "error") and errors as they are in *r, which names it by id and attempt. E_LEASE
 * when it is not this attempt's any more.
 */
MUST enum rc run_finish(struct ctx *, struct db *, const struct run *r, int64_t now);
/* In the caller's write: a run that has done nothing but ask (queue/outward.h): id, connection,
 * owner, trigger, message, error_detail and review as in *r; what it asks by now (*known false:
 * there is none such); that it was answered, with r->message. */
MUST enum rc run_insert_asked(struct ctx *, struct db *, const struct run *r, int64_t now);
MUST enum rc
run_asks_more(struct ctx *, struct db *, const struct run *r, int64_t now, bool *known);
MUST enum rc run_answered(struct ctx *, struct db *, const struct run *r, int64_t now);
/* What has become of that. */
MUST enum rc run_says(struct ctx *, struct db *, const struct run *r, int64_t now);

/*
 * What streams tell: everybody's runs at once, each of which says whose it is, in order of making.
 */
struct run_number_list {
	int64_t *v;
	size_t n;
};
/* Those made after that number, at most max. */
MUST enum rc run_made(struct ctx *, struct db *, int64_t after, int64_t max, struct run_list *out);
/* Those that run; and the numbers of those that wait. */
MUST enum rc run_going(struct ctx *, struct db *, struct run_list *out);
MUST enum rc run_waiting(struct ctx *, struct db *, struct run_number_list *out);
/* The highest number that was given to any; it goes back with a restored database alone. */
MUST enum rc run_last(struct ctx *, struct db *, int64_t *no);
/* One owner's, by its number; RC_OK with out->id NULL when it is gone. */
MUST enum rc
run_numbered(struct ctx *, struct db *, const char *owner, int64_t no, struct run *out);
/* All of an owner that wait or run, in no order; those that have ended, from that number on, at
 * most max. */
MUST enum rc run_active_all(struct ctx *, struct db *, const char *owner, struct run_list *out);
MUST enum rc run_ended(
    struct ctx *, struct db *, const char *owner, int64_t from, int64_t max, struct run_list *out);

/* The run that went on for an interrupted one; *id NULL: none. */
MUST enum rc run_resumed_by(struct ctx *, struct db *, const struct run *, const char **id);

/* The runs that ended on one day (UTC). */
struct run_day {
	int64_t day; /* since 1970 */
	int64_t runs, complete, took_ms, fetched, changed, calls;
	int64_t failed; /* without those that were cancelled, or asked their owner */
};
struct run_day_list {
	struct run_day *v;
	size_t n;
};
/* Days since then on which a run ended, in order, at most RUN_DAYS_MAX. conn_id NULL: of all
 * connections. */
enum { RUN_DAYS_MAX = 366 };
MUST enum rc run_days(struct ctx *, struct db *, const char *owner, const char *conn_id,
    int64_t since, struct run_day_list *out);

struct log_line {
	int64_t n, at;
	const char *level, *text;
};
struct log_list {
	struct log_line *v;
	size_t n;
};
struct log_page {
	const char *owner, *run_id;
	int64_t after; /* number of a line; 0: from the first */
	int64_t limit;
};
/* Lines of a run in order. E_NOT_FOUND. */
MUST enum rc run_log(struct ctx *, struct db *, const struct log_page *, struct log_list *out);

#endif
