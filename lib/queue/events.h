/*
 * events.h - what a run's end tells the outside: messages for the owner's webhooks, written in
 * the transaction that settles the run. So none is lost and none is doubled, and an owner
 * without webhooks costs one look.
 */
#ifndef QUEUE_EVENTS_H
#define QUEUE_EVENTS_H

#include "store/hook.h"
#include "store/conn.h"
#include "store/run.h"

struct event_word {
	const char *name, *meaning;
};
extern const struct event_word event_words[];
extern const size_t event_words_n;
#define EVENT_TEST "webhook.test"

/* Is the word in the comma-separated list? */
bool events_has(const char *list, const char *name);

/* The end of a run. */
struct settled {
	const struct conn *conn; /* with the schedule after it */
	const struct run *run;   /* as it has ended */
	const struct err *err;   /* NULL: complete */
	const struct sched *before;
	int announce; /* of sched_after() */
};

/* In the caller's write. */
MUST enum rc events_settled(struct ctx *, struct db *, const struct settled *);
/* Is a webhook of the owner called at such an event? */
MUST enum rc
events_wanted(struct ctx *, struct db *, const char *owner, const char *type, bool *wanted);
/* A message to one webhook. *delivery: its id. */
MUST enum rc events_test(struct ctx *, struct db *, const struct hook *, const char **delivery);

#endif
