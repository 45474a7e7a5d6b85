/*
 * deliver.h - delivers messages: a webhook by POST (Standard Webhooks 1.0), a mail by SMTP. Links
 * curl.
 *
 * A try is counted before it is made. One that is cut off by a kill is made again, with the same
 * message id, when its lane is free again; a process that comes back late finds the lane's
 * fencing number changed and writes nothing.
 */
#ifndef SEND_DELIVER_H
#define SEND_DELIVER_H

#include "send/hook.h"
#include "send/parcel.h"

enum { TRIES_MAX = 10, ANSWER_SHOWN = 1024, FAILING_DAYS = 3 };

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

/* What is due in the lane of a webhook or of the mail server, counted as tried (struct sender). */
MUST enum rc deliver_take(struct ctx *, struct db *, struct parcel *, int64_t now, bool *found);
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
