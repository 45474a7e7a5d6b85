/*
 * change.h - changes as rows: what was changed, where, by which run or person, why, and what it was
 * before. History, undo and "why" read this one table. Rows are added and, after their time,
 * forgotten; never changed.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "db/db.h"
#include "store/object.h"

#define SIDE_HERE "local"
#define SIDE_THERE "remote"

enum change_action { CHANGE_ADDED, CHANGE_UPDATED, CHANGE_DELETED };

struct change {
	int64_t no; /* in order of writing; the database gives it */
	const char *owner;
	struct object object;
	int64_t at;
	/* When it was made on the other side, by our clock, at the latest; 0: not told */
	int64_t edited_at;
	enum change_action action;
	const char *side;          /* where it was changed: SIDE_HERE, SIDE_THERE */
	int64_t sync_no;           /* the run; 0: none */
	const char *sync_id;       /* its id, read only; NULL: none, or forgotten */
	const char *actor;         /* who, when it was no run; NULL */
	const char *connection_id; /* the other side; NULL: none */
	const char *reason;        /* a sentence for people; NULL */
	/* JSON: [{field, before, after}], what of the twin was to be written over by that (a field
	 * "deleted" for all of it); NULL: nothing. */
	const char *fields;
	const char *before; /* JSON: the whole of it before; NULL: there was nothing */
};

struct change_list {
	struct change *v;
	size_t n;
	int64_t next; /* cursor of the next page; 0: this was the last */
};

/* Newest first: of one object, or of one run. */
struct change_page {
	const char *owner;
	const struct object *object; /* NULL: of the run */
	int64_t sync_no;
	int64_t before; /* 0 or the cursor */
	int64_t limit;
	int64_t bytes; /* of what they say was there before: then the page ends; 0: however many */
};
MUST enum rc
change_page(struct ctx *, struct db *, const struct change_page *, struct change_list *out);

enum change_action change_action(bool before, bool after); /* was there, is there something? */

/* Reasons of changes by which nothing was written: somebody has kept here what it was, when much
 * was to be written over. */
#define CHANGE_KEPT \
	"The source changed much at once, and somebody chose \"Keep\": it stays as it was."
#define CHANGE_KEPT_HERE \
	"Much was changed there at once, and somebody chose \"Keep\": here it stays as it was."
/* Of what was changed, or deleted, there, while somebody is asked about it. */
#define CHANGE_ASKED "It was changed here, too: somebody is asked which one is right."
#define CHANGE_ASKED_GONE \
	"It was deleted there and changed here: somebody is asked what becomes of it."
#define CHANGE_ASKED_BACK \
	"It was changed there and deleted here: somebody is asked what becomes of it."
/* Which of these, by where it still is. */
const char *change_asked(bool here, bool there);
/* "ADDED", "UPDATED", "DELETED", or "KEPT" for one that wrote nothing, as its reason says (NULL:
 * none). */
const char *change_word(enum change_action, const char *reason);
/* What the other side has done itself, by the reason of a change there: CHANGE_UPDATED or
 * CHANGE_DELETED; false: it was written there by us, or the reason does not tell. */
bool change_theirs(const char *reason, enum change_action *did);

/* The number of the newest change of all, 0: none. */
MUST enum rc change_last(struct ctx *, struct db *, int64_t *no);
/* Whose objects of a kind were changed after that number, and by which change the last time. */
struct change_told {
	const char *owner;
	int64_t no;
};
struct change_told_list {
	struct change_told *v;
	size_t n;
};
MUST enum rc change_told(
    struct ctx *, struct db *, int64_t after, const char *kind, struct change_told_list *out);
/* The objects of a kind that an owner's changes after that number are about; one may be there
 * twice. */
struct change_keys {
	const char **v;
	size_t n;
};
MUST enum rc change_keys(struct ctx *, struct db *, const char *owner, const char *kind,
    int64_t after, struct change_keys *out);
/* Was the object changed at, or by, the connection after that number? */
struct change_mark {
	const char *owner;
	const struct object *object;
	const char *connection_id;
	int64_t after;
	int64_t from; /* change_sent(), change_taken(): ms, those before then do not count */
};
MUST enum rc change_since(struct ctx *, struct db *, const struct change_mark *, bool *any);
/* The same, and it was we who wrote it there. */
MUST enum rc change_sent(struct ctx *, struct db *, const struct change_mark *, bool *any);

/* How often was it changed here by what the connection says? `after` is left aside. */
MUST enum rc change_taken(struct ctx *, struct db *, const struct change_mark *, int64_t *n);

/* In the caller's write transaction. */
MUST enum rc change_insert(struct ctx *, struct db *, const struct change *);
/* Of those that runs made to an object, all but the newest `keep`; *n how many went. */
MUST enum rc change_trim(
    struct ctx *, struct db *, const char *owner, const struct object *, int64_t keep, int64_t *n);
/* Those of a dataset that goes for good, at most max; *n how many. */
MUST enum rc change_forget(
    struct ctx *, struct db *, const char *owner, int64_t dataset_no, int64_t max, int64_t *n);

#endif
