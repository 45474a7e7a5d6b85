/*
 * state.h - one word for how a connection is doing, the same on pages, in the interface, in the
 * command and in the metrics, and how many there are of each: counted over all of them, never
 * over a page of a list. Pure, but for the counting.
 */
#ifndef APP_STATE_H
#define APP_STATE_H

#include "store/conn.h"

/* In the order in which they need their owner. */
enum state {
	STATE_ATTENTION,
	STATE_SYNCING,
	STATE_RETRYING,
	STATE_ACTIVE,
	STATE_MANUAL,
	STATE__MAX
};

struct conn_state {
	const char *word;      /* "attention" "syncing" "retrying" "active" "manual" */
	const char *text;      /* for people */
	const char *kind;      /* the look of its badge */
	const char *connector; /* the word of the connectors interface */
};

extern const struct conn_state conn_states[STATE__MAX];

/* active: a run of it waits or works. */
enum state conn_state_of(enum health, bool enabled, bool active);
/* Its row of conn_states. */
const struct conn_state *conn_state(const struct conn *, bool active);
/* When it is read next; 0: not by itself, or that is set when what goes on has ended. */
int64_t conn_next_poll(const struct conn *, bool active, int64_t now);
/* What is told as its trouble, a code of errors.def: why its schedule is not well, or that what
 * would be written, or a change of its settings, waits for an answer; NULL: none. */
const char *conn_trouble(const struct conn *);
/* count[STATE_ACTIVE] ... of an owner's connections; owner NULL: of everybody's. */
MUST enum rc conn_counts(struct ctx *, struct db *, const char *owner, int64_t count[STATE__MAX]);

#endif
