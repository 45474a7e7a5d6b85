/*
 * people.h - address books: people, the labels on them, and how both change.
 *
 * A person keeps what was written of it as JSON in the reference's own form, without what the
 * service adds; its labels are a list of their ids. What was written is there for people.get at
 * once, and for lists when it has come through: `now` and `seen` are the two. A list is in the
 * order in which changes were seen, and a sync token remembers the last of them.
 */
#ifndef FAKE_GOOGLE_PEOPLE_H
#define FAKE_GOOGLE_PEOPLE_H

#include "fake/google/oauth.h"

enum { PEOPLE_BUCKETS = 8192 };

struct person_state {
	json *content; /* members of the reference, and "labels": ids */
	int64_t etag, updated;
	bool gone;
	bool hushed;    /* and no list tells it */
	json *previous; /* resource names that it had; NULL: none */
};

struct person {
	struct person *next, *chain;
	struct account *owner;
	const char *name;    /* "people/c12", "otherContacts/c12": never another one */
	struct person *into; /* who goes on in its place; NULL */
	bool other;          /* not among the contacts */
	struct person_state now, seen;
	int64_t due;     /* when `now` comes to be seen; 0: it is */
	int64_t version; /* of what is seen; 0: nothing is */
};

struct label {
	struct label *next; /* oldest first */
	struct account *owner;
	const char *id, *name;
	bool system, gone;
	int64_t version, updated;
	json *data; /* what applications keep with it; NULL: nothing */
};

struct people {
	struct person *list, **end; /* oldest first */
	struct person **bucket;
	struct label *labels;
	int64_t last_version;
	int64_t began;    /* sync tokens of another world are refused */
	int64_t epoch;    /* and those of an earlier one */
	int64_t delay_ms; /* until what is written comes to be seen in lists */
	int64_t serial;
	struct people_cache *caches; /* people_search.c: what a search looks in */
	int64_t search_lag;          /* searches until one sees what a warm-up has brought */
};

/* people_store.c */
struct people *people_of(const struct fake *);
void people_empty(struct fake *); /* nobody, and no labels */
struct person *person_by(const struct fake *, const struct account *, const char *name);
struct person *person_add(struct fake *, struct account *, const char *name);
/* What is `now` has changed. */
void person_touch(struct fake *, struct person *);
void person_remove(struct fake *, struct person *);
void people_settle(struct fake *); /* what has come through is seen */
int64_t people_next_version(struct fake *);
const char *person_new_name(struct fake *, bool other);
/* *into has been there before under the name of *from, which is gone. hushed: no list says so. */
void person_merge(struct fake *, struct person *into, struct person *from, bool hushed);
struct label *label_by(struct fake *, const struct account *, const char *id);
struct label *label_make(struct fake *, struct account *, const char *id, const char *name);
struct label *label_add(struct fake *, struct account *, const char *name);
struct label *label_named(struct fake *, const struct account *, const char *name);
void label_remove(struct fake *, struct label *);
void labels_begin(struct fake *, struct account *); /* those that everybody has */
bool person_labelled(const struct person_state *, const char *id);
/* Puts the label on, or takes it off. */
void person_label(struct fake *, struct person *, const char *id, bool on);

/* people_show.c */
/* Is every word of the list one that this mask knows? False: refused. */
bool people_mask(struct call *, const char *param, const char *list, const char *known);
json *person_json(struct call *, const struct person *, const struct person_state *,
    const char *fields, bool in_delta);
/* A name as it is shown: "Ada Martens". */
const char *person_called(struct arena *, const json *name);
extern const char person_fields_known[], other_fields_known[];

/* people_list.c */
struct people_ask {
	struct call *c;
	int64_t since;   /* changes after this version; 0: all */
	int64_t full_at; /* when the read began that the chain of tokens comes from */
	int64_t at;      /* the version at the first page */
	int64_t skip;    /* the last item of the page before: its version or its place */
	int64_t limit;
	const char *same; /* what must be the same in every call of a sync */
};
bool people_ask_read(struct call *, int64_t usual, struct people_ask *);
const char *people_page_token(const struct people_ask *, int64_t skip);
const char *people_sync_token(const struct people_ask *);

/* people_write.c */
/* What was sent as a person, without what the service sets. */
json *person_content(struct call *, const json *sent);

/* people_keep.c */
void people_save(struct fake *, struct arena *, json *top);
void people_load(struct fake *, const json *top);

/* Methods. */
void people_connections(struct call *);
void people_others(struct call *);
void people_get(struct call *);
void people_batch_get(struct call *);
void people_search(struct call *);
void people_create(struct call *);
void people_update(struct call *);
void people_delete(struct call *);
void people_batch_delete(struct call *);
void people_copy_other(struct call *);
void labels_list(struct call *);
void labels_get(struct call *);
void labels_create(struct call *);
void labels_update(struct call *);
void labels_delete(struct call *);
void labels_modify(struct call *);

extern const struct fake_param person_body[], group_create_body[], group_update_body[];
extern const struct fake_param members_body[], batch_delete_body[], copy_body[];
extern const struct fake_command people_commands[];

#endif
