/*
 * labelled.h - who was given a label at a provider, as rows: the ledger by which it is taken off
 * again when the connection is left or a sync is undone. One label for each connection.
 */
#ifndef STORE_LABELLED_H
#define STORE_LABELLED_H

#include "base/json.h"
#include "store/change.h"

enum labelled_stands { LABELLED_NOT, LABELLED_PUT, LABELLED_COMING, LABELLED_GOING };
/* What an undo says, whatever is kept here. */
enum labelled_held { LABELLED_FREE, LABELLED_OFF, LABELLED_ON };

struct labelled {
	const char *key;
	const char *label;  /* the provider's name for it */
	const char *name;   /* what it was called there */
	const char *wanted; /* what the settings called it */
	bool made;          /* by us */
	enum labelled_stands stands;
	enum labelled_held held;
};

struct labelled_list {
	struct labelled *v;
	size_t n;
};

/* What a change tells of a label that was put on somebody there, or taken off. */
struct label_act {
	const char *name;   /* what it was called then; NULL: it tells nothing of one */
	const char *wanted; /* what the settings called it */
	bool on;
};
struct label_act label_act(struct arena *, const struct change *);
/* The newest of each label that other connections of the same account have done to a person since
 * (ms) is added to acts, {label: put on?}, unless that has it. */
struct label_elsewhere {
	const char *owner, *conn_id, *account_id, *key;
	int64_t since;
};
MUST enum rc label_elsewhere(struct ctx *, struct db *, const struct label_elsewhere *, json *acts);

/* out->key NULL: there is none. */
MUST enum rc labelled_get(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *key, struct labelled *out);

/* In order of key, behind `after`; "": from the first on. */
enum labelled_which {
	LABELLED_ALL,
	LABELLED_OTHERS, /* who is not kept, and has it or shall have it */
	LABELLED_HELD    /* of whom an undo speaks, or with whom it was begun */
};
struct labelled_page {
	enum labelled_which which;
	const char *owner, *conn_id, *after;
	int64_t limit;
};
MUST enum rc
labelled_list(struct ctx *, struct db *, const struct labelled_page *, struct labelled_list *out);
/* How many have one that was made by us, or by somebody else. */
MUST enum rc labelled_count(
    struct ctx *, struct db *, const char *owner, const char *conn_id, bool made, int64_t *n);

/* In the caller's write. One that says nothing is dropped. */
MUST enum rc labelled_put(
    struct ctx *, struct db *, const char *owner, const char *conn_id, const struct labelled *);
/* It is no longer held without. */
MUST enum rc labelled_release(
    struct ctx *, struct db *, const char *owner, const char *conn_id, const char *key);
/* Everything was done, and the settings name this label (NULL: none). */
MUST enum rc labelled_settle(
    struct ctx *, struct db *, const char *owner, const char *conn_id, const char *wanted);

#endif
