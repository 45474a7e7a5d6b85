/*
 * hook.h - webhooks (endpoints that a user's application listens at), messages, deliveries and
 * their attempts, as rows. A foreign id is E_NOT_FOUND, like an unknown one. What is done with them
 * is lib/send/hook.h and lib/send/deliver.h.
 */
#ifndef STORE_HOOK_H
#define STORE_HOOK_H

#include "db/db.h"

enum { HOOKS_MAX = 20, ATTEMPTS_SHOWN = 20, MESSAGE_ID = 48 };

struct hook {
	const char *id, *owner;
	const char *url; /* what of it is secret is sealed with `secret` (send/hook.h) */
	const char *description;
	const char *events; /* comma-separated */
	bool enabled;
	const char *secret;     /* sealed */
	const char *old_secret; /* sealed, or NULL; signs too until old_until */
	int64_t old_until;
	int64_t created_at, updated_at;
	int64_t last_success_at;   /* 0: never */
	int64_t failing_since;     /* 0: it is not */
	const char *disabled_code; /* NULL, or why it was switched off: gone, failing */
	const char *disabled_detail;
};

struct hook_list {
	struct hook *v;
	size_t n;
};

MUST enum rc
hook_get(struct ctx *, struct db *, const char *owner, const char *id, struct hook *out);
/* At most HOOKS_MAX. */
MUST enum rc hook_list(struct ctx *, struct db *, const char *owner, struct hook_list *out);
/* Everybody's: HOOK_PAGE at most, behind the id `after`, in order of ids. */
enum { HOOK_PAGE = 100 };
MUST enum rc
hook_stored(struct ctx *, struct db *, const char *after, struct hook v[HOOK_PAGE], size_t *n);

/* In the caller's write transaction: */
MUST enum rc hook_insert(struct ctx *, struct db *, const struct hook *);
/* url, description, events, enabled, failing, disabled */
MUST enum rc hook_save(struct ctx *, struct db *, const struct hook *);
MUST enum rc hook_save_secrets(struct ctx *, struct db *, const struct hook *);
/* last success, failing since */
MUST enum rc hook_save_result(struct ctx *, struct db *, const struct hook *);
/* Nobody sees it any more and nothing is sent; it goes with its deliveries (removal_hook()). */
MUST enum rc hook_doom(struct ctx *, struct db *, const char *owner, const char *id, int64_t now);

struct message {
	const char *id; /* of message_id_new() */
	const char *owner, *type;
	const char *body; /* what is sent; of a mail sealed */
};

struct delivery_new {
	const char *owner, *message_id;
	const char *hook_id; /* NULL: a mail */
	const char *lane;
};

/* A message with its own new id, and deliveries of it into a lane: in the caller's write. */
MUST enum rc message_insert(struct ctx *, struct db *, const struct message *, int64_t now);
MUST enum rc delivery_insert(
    struct ctx *, struct db *, const struct delivery_new *, int64_t now, const char **id);
const char *message_id_new(char out[MESSAGE_ID]); /* "msg_" and a UUID */

struct delivery {
	const char *id, *message_id, *type;
	const char *state; /* waiting, done, failed */
	int64_t tries, attempts;
	int64_t due_at; /* 0: over */
	int64_t created_at, finished_at;
};

struct delivery_list {
	struct delivery *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

struct attempt {
	int64_t n, at, duration_ms;
	int64_t status;                        /* 0: no answer */
	const char *error_code, *error_detail; /* NULL: it went well */
	const char *answer;                    /* the beginning of the answer as text, or NULL */
};

MUST enum rc delivery_get(struct ctx *, struct db *, const char *owner, const char *hook_id,
    const char *id, struct delivery *out);
struct delivery_page {
	const char *owner, *hook_id;
	const char *before; /* NULL, "" or the cursor */
	int64_t limit;
};
/* Newest first. */
MUST enum rc
delivery_list(struct ctx *, struct db *, const struct delivery_page *, struct delivery_list *out);
/* Newest first, at most ATTEMPTS_SHOWN. */
MUST enum rc attempt_list(struct ctx *, struct db *, const char *owner, const char *delivery_id,
    struct attempt **out, size_t *n);
/* Queues a delivery again with its tries counted from zero, in the caller's write transaction. */
MUST enum rc
delivery_again(struct ctx *, struct db *, const char *owner, const char *id, int64_t now);

#endif
