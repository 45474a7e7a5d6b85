/*
 * deliver.h - carries out what lane.h has queued: a webhook by POST (Standard Webhooks 1.0), a
 * mail by SMTP, a digest by writing a mail. Links curl.
 *
 * A try is counted before it is made. One that is cut off by a kill is made again, with the same
 * message id, when its lane is free again; a process that comes back late finds the lane's
 * fencing number changed and writes nothing.
 */
#ifndef SEND_DELIVER_H
#define SEND_DELIVER_H

#include <signal.h>

#include "send/hook.h"
#include "queue/lane.h"

enum { TRIES_MAX = 10, ANSWER_SHOWN = 1024, FAILING_DAYS = 3 };

struct parcel {
	struct lane lane;
	bool watch; /* nothing to send: a push channel is to be opened (watch.h) */
	const char *delivery, *owner, *message;
	const char *webhook; /* NULL: a mail */
	const char *type, *body;
	int64_t tries, attempt; /* this one's number since it was queued, and in all */
	struct hook hook;
};

struct sent {
	bool ok;
	bool refused;    /* for good: trying again is no use */
	bool gone;       /* 410: the receiver wants nothing any more */
	int64_t status;  /* 0: no answer */
	int64_t wait_ms; /* asked for */
	int64_t duration_ms;
	const char *error_code, *error_detail;
	const char *answer; /* NULL, or its beginning as text */
};

/* Does all there is to do, one after the other, until nothing is due or *stop. */
MUST enum rc deliver_all(struct ctx *, struct db *, const volatile sig_atomic_t *stop);

/* The steps of it. *found false: nothing is due; a claim may also be used up without a parcel:
 * *again. */
MUST enum rc deliver_claim(struct ctx *, struct db *, bool *found, bool *again, struct parcel *out);
void deliver_send(struct ctx *, const struct parcel *, struct sent *out);
MUST enum rc deliver_settle(struct ctx *, struct db *, const struct parcel *, const struct sent *);

/* Pure: */
/* Wait after the n-th failed try (n >= 1), never less than asked_ms; -1: that was the last. rnd:
 * 64 random bits. */
int64_t deliver_wait_ms(int64_t n, int64_t asked_ms, uint64_t rnd);
/* How long a lane waits after its n-th failure in a row. */
int64_t deliver_hold_ms(int64_t n);
/* "v1,<base64>" for each key, separated by spaces. */
const char *deliver_signature(struct arena *, const struct str *keys, size_t n, const char *id,
    int64_t at_seconds, struct str body);
/* The beginning of an answer as text: valid UTF-8 without control characters. */
const char *deliver_answer_text(struct arena *, struct str);

#endif
