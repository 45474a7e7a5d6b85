/*
 * queue.h - all changes of a run's state, and the verbs of pages, interface and command line on a
 * connection. States of a run:
 *
 *	queued -> running     queue_claim     a scheduled run is made and claimed in one transaction
 *	queued -> error       sync_cancel, sync_end
 *	running -> complete   queue_settle
 *	running -> error      queue_settle, queue_reap, sync_end
 *	running -> queued     queue_leave: it waits, and goes on where it was
 *
 * Every move names the state it starts from, and those of a worker its fencing number. A run is
 * queued or claimed in one transaction with its schedule; "one active run per connection" is a
 * unique index. The queue is durable, the schedule is arithmetic, waking the tick is a hint. A
 * complete run that has found nothing new takes the place of the one before it, when that had found
 * nothing either on the same day (roll.c).
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "store/conn.h"
#include "store/run.h"

enum { COOLDOWN_MS = 3000 };

#define LEAVING "What Tidemark has made there is being removed; then it is disconnected."

/* Queues a run in a transaction of its own. running already: E_RUNNING, with the active run's id
 * in *id; when that one goes on with what an interrupted run has read, another run follows it.
 * Within COOLDOWN_MS of the last start that was asked for: E_COOLDOWN with err.wait_ms. Unknown or
 * foreign connection: E_NOT_FOUND. id: cx->a's. The caller wakes the tick. */
MUST enum rc sync_start(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *trigger, const char **id);
/* The same inside the caller's write transaction and without the cooldown: a new connection, an
 * approval. */
MUST enum rc
sync_enqueue(struct ctx *, struct db *, const struct conn *, const char *trigger, const char **id);
/* The same, or, when a run is active, after it: *id is that one's. */
MUST enum rc
sync_follow(struct ctx *, struct db *, const struct conn *, const char *trigger, const char **id);
enum reset {
	RESET_READ,
	RESET_ASK,  /* what was kept here against what the source says is asked about again */
	RESET_CLEAR /* the data is dropped first */
};
/* Everything is read again: in the caller's write transaction, queues a run, *id, that compares
 * whatever the source says of changes. A run is active: E_STATE. */
MUST enum rc
sync_reset(struct ctx *, struct db *, const struct conn *, enum reset, const char **id);
/* In the caller's write, queues a run that does something else than read: trigger, task, undoes and
 * message as in *as. It may be beside one that reads; when another such is active, E_RUNNING with
 * its id in *id. Its end leaves the schedule as it is. */
MUST enum rc
sync_task(struct ctx *, struct db *, const struct conn *, const struct run *as, const char **id);
/* Asks a run to stop at its next checkpoint; a queued one ends at once. Finished: E_STATE. */
MUST enum rc sync_cancel(struct ctx *, struct db *, const char *owner, const char *id);
/* In the caller's write, which disconnects: whatever run of the connection is active has ended, as
 * cancelled, and its worker writes no more. */
MUST enum rc sync_end(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* The same of all of an owner's. */
MUST enum rc sync_end_all(struct ctx *, struct db *, const char *owner);
/* Does this run ask what no later one has settled or asked anew? */
MUST enum rc sync_question(struct ctx *, struct db *, const struct run *, bool *open);
/* Answers the blast-radius guard of a run that ended with needs_approval: "approve" (apply this
 * once), "always" (never ask for this connection again) or "keep" (go on without these deletions
 * until the source has these records again). Queues a run: *id. approve and keep are for the
 * deletions that were asked about; a run that finds others asks again. What was asked before
 * anything left for a provider (outward.h) is answered at once: *id is the same run. Over: E_STATE.
 */
MUST enum rc sync_answer(struct ctx *, struct db *, const char *owner, const char *run_id,
    const char *answer, const char **id);

/* --- for the files of this room --- */

/* In a write. *made false, *id NULL: another run of the connection is active. */
MUST enum rc queue_insert(struct ctx *, struct db *, const struct conn *, const char *trigger,
    bool *made, const char **id);
/* The same for one that its schedule has due since due_at. */
MUST enum rc queue_insert_due(
    struct ctx *, struct db *, const struct conn *, int64_t due_at, bool *made, const char **id);
/* In the write that stops a run before it has begun, or while it waits: the regular time that has
 * come for its connection is over, too. */
MUST enum rc queue_pass_over(struct ctx *, struct db *, const char *owner, const char *conn_id);
int64_t queue_lease_ms(void);
/* In the write that has ended a run: when it has brought no news, like the one before it, that one
 * goes and is counted by it. */
MUST enum rc queue_roll(struct ctx *, struct db *, const struct conn *);

/* --- for the tick and its workers --- */

struct job {
	struct conn conn;
	struct run run;
	int64_t attempt; /* the fencing number */
};

/* How far a run has come. */
struct heartbeat {
	const char *phase, *message;
	int64_t progress;
	int64_t wait_until; /* it waits until about then, and holds no place; 0: it works */
};

struct claim_state {
	int64_t healthy, failing; /* scheduled runs claimed so far by this worker */
	/* take only what was asked for: the share of scheduled runs is used up */
	bool asked_only;
};

/* How a worker ends that was well and found nothing to claim, and one that had not memory enough
 * for what it was doing. */
enum { QUEUE_NOTHING = 3, QUEUE_NO_MEMORY = 4 };

/* Claims the next piece of work that has a place (places.h): what was asked for, then what is due.
 * Owners take turns, and of one owner the oldest comes first. *found false: nothing to do. only:
 * NULL, or the id of a run to claim, whatever places there are. */
MUST enum rc queue_claim(struct ctx *, struct db *, struct claim_state *, const char *only,
    bool *found, struct job *out);
/* Renews the lease and saves progress. E_LEASE: the lease is lost, stop without another write.
 * *cancel: a person asked to stop. */
MUST enum rc queue_heartbeat(
    struct ctx *, struct db *, const struct job *, const struct heartbeat *, bool *cancel);
/* In the caller's write: renews the lease, so that who writes is who has it. E_LEASE. */
MUST enum rc queue_hold(struct ctx *, struct db *, const struct job *);
/* In the caller's write, before the first change of the run and after its last, as often as it
 * likes: where in the table of changes they are. from: all of them are behind that number; -1:
 * behind what there is now. */
MUST enum rc queue_range(struct ctx *, struct db *, const struct job *, int64_t from);
/* In the caller's write, with its checkpoint: nobody works on the run until then, and whoever
 * claims it goes on. E_LEASE. */
MUST enum rc
queue_leave(struct ctx *, struct db *, const struct job *, int64_t until, const char *message);
/* Ends the run and schedules the next, in one transaction; inside the caller's when one is open.
 * err NULL: complete. */
MUST enum rc queue_settle(
    struct ctx *, struct db *, const struct job *, const struct run *result, const struct err *err);
/* What a run may end with: a kind that is meant for callers of the interface says nothing about a
 * source and is a bug, for a connection whose run ended so would stay as it was for ever. */
struct err queue_run_error(struct ctx *, const struct err *);
/* Runs whose lease ran out, or whose process `pid` (0: any) is known to be dead: ended as
 * interrupted (how: E_INTERRUPTED, E_CRASHED, E_TIMED_OUT, E_MEMORY) and queued again with their
 * checkpoint, at most 3 times in a row. *n how many. */
MUST enum rc queue_reap(struct ctx *, struct db *, int64_t pid, enum error_kind how, int64_t *n);
/* A process that was killed just after it had ended a run has left that one's files: they go. */
void queue_clear_left(struct ctx *, struct db *);
/* Runs in progress with the process that holds each; at most max. */
struct holder {
	int64_t pid, lease_until;
	bool waits; /* and so holds no place */
};
MUST enum rc queue_running(struct ctx *, struct db *, struct holder *, size_t max, size_t *n);
/* Anything queued or called for, or unless asked_only also due, that has a place? Cheap: the tick
 * asks each time. */
MUST enum rc queue_pending(struct ctx *, struct db *, bool asked_only, bool *yes);
/* When something is due next; 0: nothing ever is. */
MUST enum rc queue_next(struct ctx *, struct db *, int64_t *at);
/* Writes the tick's heartbeat. Whatever waits for a time that a clock since set back has named is
 * brought forward: it waits as long as was meant. */
MUST enum rc queue_beat(struct ctx *, struct db *, int64_t now);
MUST enum rc queue_last_beat(struct ctx *, struct db *, int64_t *at); /* 0: never */
/* The time by which age is judged before anything is deleted, never later than now: it follows the
 * clock no faster than twice the time in which the tick was seen to beat. A clock that jumps ahead
 * ages nothing; one that is wrong for a time costs at most that time's worth of history. After a
 * long pause it catches up in as long again. */
MUST enum rc queue_trusted_now(struct ctx *, struct db *, int64_t now, int64_t *out);
/* That time at a beat, from what it was at the last one. Pure. */
int64_t queue_trust(int64_t trusted, int64_t last, int64_t now);

#endif
