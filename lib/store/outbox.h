/*
 * outbox.h - what is to be done at providers, as rows. An item names a link and fields, never a
 * request: what is sent is computed when it is sent. A link has one open item at most, which later
 * edits join.
 *
 *	waiting -> sending -> done
 *	                    | waiting    again, or edits have joined
 *	                    | unsure     no answer came: look before it is repeated
 *	                    | failed     until a person, or a new edit, tries again
 *	waiting <-> held                 the guard asks (queue/outward.h)
 *
 * Claiming raises the fence, and every later write of the worker names it: one whose lease lapsed
 * gets E_LEASE and has written nothing. A claim that lapsed is due again by itself, and sooner once
 * its process is known to be dead; that a request may be out shows in `mark`.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "db/db.h"

#define OUTBOX_WAITING "waiting"
#define OUTBOX_SENDING "sending"
#define OUTBOX_UNSURE "unsure"
#define OUTBOX_HELD "held"
#define OUTBOX_FAILED "failed"
#define OUTBOX_DONE "done"

/* error_code of what waits because it goes to and fro (sync/write/around.h): another edit ends
 * that. */
#define OUTBOX_BY_TURNS "by_turns"

#define OUTBOX_PUT "put"
#define OUTBOX_DELETE "delete"

struct outbox {
	const char *id, *owner, *link_id, *connection_id;
	const char *op;     /* OUTBOX_PUT, OUTBOX_DELETE */
	const char *fields; /* JSON: names; NULL: all */
	const char *state;
	int64_t edits, taken; /* edits > taken: some have joined since it was claimed */
	const char *mark;     /* what the last request carried; NULL: none is open */
	int64_t attempts;     /* since it was sent and more had joined, or a person tried again */
	int64_t next_at;      /* 0: not by itself */
	int64_t fence;
	const char *error_code, *error_detail;
	int64_t created_at, updated_at, finished_at;
	const char *question; /* the run that asks about it, or did; NULL: none */
	bool harms;           /* it writes over, or deletes, what is there */
	bool allowed;         /* for outbox_put(): a person has let it go already */
};

struct outbox_list {
	struct outbox *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

struct outbox_count {
	const char *state;
	int64_t n;
	const char *first; /* id of the oldest */
};

enum { OUTBOX_STATES = 8 };

MUST enum rc
outbox_get(struct ctx *, struct db *, const char *owner, const char *id, struct outbox *out);
/* The open item of a link: RC_OK with out->id NULL when there is none. */
MUST enum rc outbox_of_link(
    struct ctx *, struct db *, const char *owner, const char *link_id, struct outbox *out);

struct outbox_page {
	const char *owner, *state, *after; /* after: "" or the cursor */
	int64_t limit;
};
/* Oldest first. What is held and was answered is told as what it is about to be: waiting, or
 * not at all. */
MUST enum rc
outbox_list_state(struct ctx *, struct db *, const struct outbox_page *, struct outbox_list *out);
/* A number that is another one when an item has come, gone or got on, unless others have made up
 * for it in the same moment. */
MUST enum rc outbox_print(struct ctx *, struct db *, const char *owner, int64_t *print);
/* What is held and was answered counts as what it is about to be: waiting, or nothing. */
MUST enum rc outbox_counts(struct ctx *, struct db *, const char *owner,
    struct outbox_count out[OUTBOX_STATES], size_t *n);
/* What of one connection has still to be written: by itself, when somebody has agreed, or never
 * unless somebody tries again. Counted as outbox_counts() does. */
struct outbox_standing {
	int64_t waiting, held, failed;
};
MUST enum rc outbox_standing(
    struct ctx *, struct db *, const char *owner, const char *conn_id, struct outbox_standing *out);
/* When the connection has something to send next; 0: never by itself. */
MUST enum rc outbox_next(struct ctx *, struct db *, const char *conn_id, int64_t *at);

/* Is anything of it due because a person has had it tried again? */
MUST enum rc outbox_again(struct ctx *, struct db *, const char *conn_id, int64_t now, bool *again);

/* What would delete or overwrite what is there, and was not let go by a person. */
struct outbox_harm {
	int64_t waiting; /* not held */
	int64_t open;    /* not done yet: those, and what is held or being sent */
	int64_t done;    /* since then, and not open: twins, each counted once */
	int64_t deleted; /* of those */
	int64_t there;   /* twins that there are; counted where something waits */
	bool asked;      /* something of the owner's is held */
};
MUST enum rc outbox_harm(struct ctx *, struct db *, const char *owner, const char *conn_id,
    int64_t since, struct outbox_harm *out);
/* Is there any of it that outbox_judged() has not been told of? Asked for each item that is sent:
 * nothing is counted. */
MUST enum rc
outbox_unjudged(struct ctx *, struct db *, const char *owner, const char *conn_id, bool *any);
MUST enum rc outbox_judged(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* Nothing is written there: what has come does no harm. */
MUST enum rc outbox_harmless(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* The question that something of the connection is held by, and that was not answered yet; NULL:
 * none. */
MUST enum rc
outbox_asking(struct ctx *, struct db *, const char *owner, const char *conn_id, const char **id);
/* What a question holds at connections that are not disconnected: how many, of them deletions. */
MUST enum rc outbox_held(struct ctx *, struct db *, const char *owner, const char *question,
    int64_t *n, int64_t *deletions);
/* Does it hold any? */
MUST enum rc outbox_question_open(
    struct ctx *, struct db *, const char *owner, const char *question, bool *open);
/* How much, for each connection at which it holds something, at most OUTBOX_PLACES. */
enum { OUTBOX_PLACES = 50 };
struct outbox_place {
	const char *connection_id;
	int64_t n, deletions;
};
MUST enum rc outbox_places(struct ctx *, struct db *, const char *owner, const char *question,
    struct outbox_place out[OUTBOX_PLACES], size_t *n);
/* The questions that hold something there and were not answered yet, the newest first, at most
 * OUTBOX_QUESTIONS. */
enum { OUTBOX_QUESTIONS = 20 };
struct outbox_question {
	const char *id;
	int64_t n; /* how much */
};
MUST enum rc outbox_questions(struct ctx *, struct db *, const char *owner,
    struct outbox_question out[OUTBOX_QUESTIONS], size_t *n);
/* The newest one that holds something at a connection, and how much there; id NULL: none. */
MUST enum rc outbox_held_at(
    struct ctx *, struct db *, const char *owner, const char *conn_id, struct outbox_question *out);
/* A page of what one holds, in order of id. */
struct outbox_asked {
	const char *owner, *question, *after; /* after: "" or the cursor */
	const char *connection_id;            /* of what is held there; NULL: anywhere */
	int64_t limit;
};
MUST enum rc
outbox_of_question(struct ctx *, struct db *, const struct outbox_asked *, struct outbox_list *out);
/* Connections at which something waits; *v is the arena's. */
MUST enum rc outbox_conns(struct ctx *, struct db *, const char *owner, const char ***v, size_t *n);

/*
 * In the caller's write transaction.
 */
/* Queues o->op of o->fields, or joins the open item of the link: the later op counts, fields add
 * up. Neither a request that is out, nor a wait that was set for a reason, is shortened; what had
 * failed is tried again. o is the row afterwards. */
MUST enum rc outbox_put(struct ctx *, struct db *, struct outbox *o, int64_t now);
/* The next due item of the connection is the caller's until `until`; out->id NULL: none is due. */
MUST enum rc outbox_claim(
    struct ctx *, struct db *, const char *conn_id, int64_t now, int64_t until, struct outbox *out);
/* What process `pid` had claimed, which is dead, is its no more: it is due now, or, where a request
 * may be out, after OUTBOX_LANDS_MS, unsure and E_INTERRUPTED. Its lanes still bear its number. */
#define OUTBOX_LANDS_MS 5000 /* by then a request has arrived whose sender has died since */
MUST enum rc outbox_orphaned(struct ctx *, struct db *, int64_t pid, int64_t now);
/* Before the request: what it can be found by, and a lease that is longer than it can take.
 * Commit, then send. */
MUST enum rc
outbox_mark(struct ctx *, struct db *, struct outbox *, const char *mark, int64_t until);

struct outbox_end {
	const char *state;                     /* OUTBOX_DONE, _WAITING, _UNSURE, _FAILED, _HELD */
	int64_t next_at;                       /* of _WAITING and _UNSURE */
	const char *error_code, *error_detail; /* NULL: none */
	int64_t now;
};
/* OUTBOX_DONE of an item that edits have joined is OUTBOX_WAITING, due now. out (may be NULL): the
 * row afterwards. */
MUST enum rc outbox_settle(struct ctx *, struct db *, const struct outbox *,
    const struct outbox_end *, struct outbox *out);

/* A person tries it again, or lets a held one go. E_STATE: it is being sent, unsure or over. */
MUST enum rc
outbox_hurry(struct ctx *, struct db *, const char *owner, const char *id, int64_t now);
/* What waits at the connection and does harm is held by the question. */
MUST enum rc outbox_hold(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *question, int64_t now);
/* The guard has nothing to say to this one: a person has. */
MUST enum rc outbox_allow_one(struct ctx *, struct db *, const struct outbox *);
/* How much of a connection is still on its way; what is held or has failed is not. */
MUST enum rc
outbox_on_way(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t *n);
/* One item is, whether it does harm or not, for whoever asks about it himself. */
MUST enum rc outbox_hold_one(
    struct ctx *, struct db *, const struct outbox *, const char *question, int64_t now);
/* So is what would do the same elsewhere to objects of which something is held. */
MUST enum rc outbox_hold_copies(struct ctx *, struct db *, const char *owner, int64_t now);
/* What the guard of that connection holds at others waits again, asked about by nobody. */
MUST enum rc
outbox_unask(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);
/* What a question holds is let go, and not asked about again: as far as the item `to`. */
MUST enum rc outbox_free(struct ctx *, struct db *, const char *owner, const char *question,
    const char *to, int64_t now);
/* So is what waits at the connection, which was not held yet. */
MUST enum rc outbox_allow(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* An item in that state is no more. */
MUST enum rc outbox_drop(struct ctx *, struct db *, const struct outbox *);
/* The same of all that wait or have failed, but for connections that are paused; *n how many. */
MUST enum rc
outbox_hurry_all(struct ctx *, struct db *, const char *owner, int64_t now, int64_t *n);
/* Forgets items that were over, or had failed, before then, at most max of each; *n how many. */
MUST enum rc
outbox_clear(struct ctx *, struct db *, const char *owner, int64_t before, int64_t max, int64_t *n);

#endif
