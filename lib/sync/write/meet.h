/*
 * meet.h - an object and its twin brought together: decided under the lock of a write, from what is
 * here now, what was read there and the base. Whoever has read a twin, a pull, a look or the answer
 * of a push, comes here.
 */
#ifndef SYNC_WRITE_MEET_H
#define SYNC_WRITE_MEET_H

#include "sync/write/twoway.h"

/*
 * In the caller's write. Writes the object, its history, a conflict, what is to be sent, and the
 * link (rev 0: a new one); l is the link afterwards, its id NULL: there is none any more. What was
 * read before the link agreed on something else may be older than that: then nothing is written,
 * *doubted is set, and an item is queued that looks.
 */
MUST enum rc meet(struct ctx *, struct db *, const struct twoway *, struct link *l,
    const struct there *, bool *doubted);

/* What the link has as its base: NULL: that there is nothing. */
json *meet_base(struct arena *, const struct link *);

/* History: the twin was as l->base says, and is known to be as `after` now. */
struct told {
	const char *after;  /* JSON, or NULL: nothing */
	const char *reason; /* NULL: none */
	const char *over;   /* see struct change, fields */
};
MUST enum rc meet_record(
    struct ctx *, struct db *, const struct twoway *, const struct link *l, const struct told *);
/* The same, with neither reason nor anything that was written over. */
MUST enum rc meet_record_there(
    struct ctx *, struct db *, const struct twoway *, const struct link *l, const char *after);

/* In the caller's write, before it is asked: what is asked is something that the link has taken in
 * of its twin, though no base changes. *told: so the history was told of it. */
struct asked {
	const json *here, *there; /* NULL: deleted */
	const char *fields;       /* what the question is about */
};
MUST enum rc meet_record_asked(struct ctx *, struct db *, const struct twoway *,
    const struct link *, const struct asked *, bool *told);

/* In the caller's write: what the link's open conflict asks, if there is one, is no question any
 * more; l is not saved. overruled: what is there was written over, and is kept. */
MUST enum rc meet_close(struct ctx *, struct db *, struct link *l, const char *by, bool overruled);

/* In the caller's write: what of a part is asked about, and is on neither side any more, was taken
 * along by what was edited beside it (a rule that has no such occurrence any more): as it was there
 * it is kept. here, there: both sides as they are; NULL: deleted. */
MUST enum rc meet_gone(struct ctx *, struct db *, const struct twoway *, const struct link *l,
    const json *here, const json *there);

/* Has the object of a link whose twin is gone a twin elsewhere that is there by itself, and that
 * was met since this side was read last? It has its uid, then. *to: that connection; NULL: none. */
MUST enum rc meet_elsewhere(
    struct ctx *, struct db *, const struct twoway *, const struct link *, const char **to);
/* In the caller's write: what was here before goes on there; the link is no more (its id NULL). */
MUST enum rc
meet_goes(struct ctx *, struct db *, const struct twoway *, struct link *l, const char *to);

/* Has the link agreed on anything since? */
MUST enum rc meet_moved(struct ctx *, struct db *, const struct twoway *, const struct link *,
    int64_t as_of, bool *moved);

#endif
