/*
 * err.h - what went wrong, named by what the caller must do next.
 *
 * enum rc is the closed set of outcomes; errors.def lists the error kinds, each with its
 * outcome, how the schedule treats it and the words a person reads. A function that can fail
 * takes a struct ctx, returns enum rc, and on failure leaves kind and detail in cx->err. Nobody
 * logs on the way up: the place that settles the request or the run logs once.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdint.h>

#include "base/arena.h"

/*     name      HTTP  what the caller does */
#define RC_LIST(X) \
	X(OK, 200)       /* go on */ \
	X(RETRY, 503)    /* try again later; nobody's fault here */ \
	X(LIMITED, 429)  /* the other side asked us to wait: err.wait_ms */ \
	X(AUTH, 401)     /* credentials are missing or dead */ \
	X(RESYNC, 409)   /* the cursor was refused: read everything again */ \
	X(CONFLICT, 409) /* both sides changed, or it runs already */ \
	X(REVIEW, 409)   /* a person must answer first */ \
	X(UNSURE, 503) /* the request may or may not have had its effect: look before repeating */ \
	X(NOTFOUND, 404) \
	X(INVALID, 422) /* the input is wrong and stays wrong */ \
	X(DENIED, 403) \
	X(BUG, 500)

enum rc {
#define X(name, http) RC_##name,
	RC_LIST(X)
#undef X
	    RC__MAX
};

/* How the schedule treats a run that ended with this error. */
enum retry_class {
	RETRY_NONE,   /* not a failure of the source: cancelled, needs approval */
	RETRY_CALLER, /* meant for who has asked: no run ends with it (queue_settle()) */
	RETRY_DEFER,  /* 429, 5xx, network, our own faults: back off, do not count */
	RETRY_COUNT,  /* the owner's to mend, or unknown: counts towards maxRetries */
	RETRY_STOP    /* stop at once: dead grant, 403, 404 */
};

enum error_kind {
#define ERROR(id, code, rc, retry, title, advice, fix) E_##id,
#include "base/errors.def"
#undef ERROR
	E__MAX
};

struct error_row {
	const char *code; /* the stable word of API replies */
	enum rc rc;
	enum retry_class retry;
	const char *title;  /* one sentence: what happened */
	const char *advice; /* one sentence: what to do */
	const char *fix;    /* the button that helps: "retry" "edit" "review" "reconnect" "" */
};

const struct error_row *error_row(enum error_kind);
/* the row of E_BUG for an unknown word; NULL for NULL */
const struct error_row *error_by_code(const char *code);
int rc_http(enum rc);

struct err {
	enum error_kind kind; /* E_NONE: no error */
	const char *where;    /* file:line */
	const char *field;    /* E_INPUT: the word or member it is about; NULL: not said */
	int64_t wait_ms;      /* not before this long from now (Retry-After); 0: not said */
	char detail[512];     /* UTF-8, shown to the owner: never a secret, path or SQL */
};

/* Carried through a request or job. cx->a is where results are allocated. */
struct ctx {
	struct arena *a;
	struct err err;
};

/* Records the error and returns its outcome, so that one can `return fail(cx, E_X, "...")`. In
 * test builds E_BUG aborts. fmt: the detail sentence(s); NULL for the row's title and advice
 * alone. */
enum rc
fail_at(struct ctx *, const char *where, enum error_kind, const char *fmt, ...) PRINTF(4, 5);
/* E_INPUT about one field, as the interface names it: a constant. */
enum rc fail_input_at(struct ctx *, const char *where, const char *field, const char *fmt, ...)
    PRINTF(4, 5);

#define ERR_STR2(x) #x
#define ERR_STR(x) ERR_STR2(x)
/* A file of Tidemark's own could not be had: the disk is full, broken, only to be read, ... err: an
 * errno. what: the detail; NULL: none. */
enum rc fail_file(struct ctx *, int err, const char *what);

#ifdef __clang_analyzer__
/* What fails has an error with an outcome of its own; who only reads this file cannot know. */
static inline enum rc
fail_never_ok(enum rc rc)
{
	if (rc == RC_OK)
		__builtin_unreachable();
	return rc;
}
#define fail(cx, ...) fail_never_ok(fail_at((cx), "", __VA_ARGS__))
#define fail_input(cx, ...) fail_never_ok(fail_input_at((cx), "", __VA_ARGS__))
#else
#define fail(cx, ...) fail_at((cx), __FILE__ ":" ERR_STR(__LINE__), __VA_ARGS__)
#define fail_input(cx, ...) fail_input_at((cx), __FILE__ ":" ERR_STR(__LINE__), __VA_ARGS__)
#endif
#define TRY(call) \
	do { \
		enum rc try_rc_ = (call); \
		if (try_rc_ != RC_OK) \
			return try_rc_; \
	} while (0)

#endif
