/*
 * world.h - what all services share: time, people, notifications, faults, quotas and the log. What
 * a service keeps is known to its own files only: fake_part().
 *
 * Everything in a world lives in its arena until the world ends: what is replaced is left behind
 * there, which is fine for something that lives as long as a test or a demonstration. Lists are
 * singly linked, newest first unless said otherwise.
 */
#ifndef FAKE_CORE_WORLD_H
#define FAKE_CORE_WORLD_H

#include "fake/core/service.h"

struct account {
	struct account *next; /* oldest first */
	const char *sub, *email, *name;
	bool service; /* not a person */
};

/* How notifications are sent. */
struct note_way {
	int64_t delay_ms, watch_delay_ms; /* of each notification; of the answer to watch */
	int64_t drop, duplicate;          /* the next so many are dropped, sent twice */
	const char *origin; /* scheme and host to send to instead of the address's; or NULL */
	bool refuse;        /* watch answers that the address is not allowed */
	int64_t sent, delivered, failed;
};

struct fake {
	struct arena *a;
	void **part; /* of each service, in the order of fake_services */
	int64_t skew_ms, serial, latency_ms;
	int64_t asked; /* calls so far */
	struct account *accounts;
	struct note *notes; /* core/note.c */
	struct note_way way;
	struct fault *faults;    /* core/fault.c */
	struct quota *quotas;    /* core/quota.c */
	struct journal *journal; /* core/journal.c */
	struct breach *breaches; /* core/contract.c */
	const char *back;        /* where people are sent back to; NULL: anywhere */
};

/* The service's part of the world. */
void *fake_part(const struct fake *, const struct fake_service *);
int64_t fake_serial(struct fake *);
char *fake_secret(struct arena *, const char *prefix);

struct account *account_by(struct fake *, const char *email);
struct account *account_add(struct fake *, const char *email, const char *name);

/* core/fault.c: NULL, or what is wrong with it. */
const char *fault_add(struct fake *, const json *);

/* core/quota.c */
void quota_init(struct fake *);
/* {"sheets.read": {"user", "project"}}; NULL, or what is wrong with it. */
const char *quota_set(struct fake *, const json *limits);
void quota_reset(struct fake *); /* counts only */
int64_t
quota_in_force(const struct fake *, const struct fake_quota *, bool user); /* as it is now */
json *quota_report(const struct fake *, struct arena *);

/* core/note.c */
struct note_text {
	const char *headers; /* "Name: value\r\n" lines, all but Host and Content-Length */
	const char *body;    /* NULL: none */
	int tries;           /* in all */
	bool stubborn;       /* tried again whatever was answered, or nothing */
	/* NULL, or makes both anew for each try; false: there is nothing to be said any more. */
	bool (*make)(struct fake *, struct note_text *, int attempt);
	void *arg; /* for it */
};
void note_send(struct fake *, const char *address, const struct note_text *);
/* The same at once, so that it may well be there before the answer to the call at hand. */
void note_send_now(struct fake *, const char *address, const struct note_text *);

/* core/journal.c */
void journal_init(struct fake *);
void journal_free(struct fake *);
void journal_reset(struct fake *);
void journal_call(struct call *, const char *path);
int64_t journal_count(const struct fake *);
json *journal_report(const struct fake *, struct arena *);

#endif
