/*
 * person.h - records that are people, what they can be found by, and the profile that each is a
 * part of. lib/profile decides; here are the rows.
 */
#ifndef STORE_PERSON_H
#define STORE_PERSON_H

#include "db/db.h"

enum ident_kind { IDENT_EMAIL = 1, IDENT_PHONE, IDENT_WORD };

struct person_row {
	int64_t dataset_no;
	const char *key;
	const char *profile_id;
	struct str name; /* folded */
};

struct person_list {
	struct person_row *v;
	size_t n;
};

struct ident {
	enum ident_kind kind;
	struct str value;
};

struct ident_list {
	struct ident *v;
	size_t n;
};

/* A dataset that may have people. */
struct person_table {
	int64_t no;
	const char *id, *connection_id;
	const char *columns, *config; /* JSON: the dataset's, the connection's */
	const char *chosen;           /* the mapping that somebody chose; NULL: nobody did */
	int64_t end;                  /* seq of its last change */
	int64_t pruned;               /* seq of the newest one that is forgotten; 0: none */
	const char *taken;            /* the mapping by which it was taken in; NULL: it was not */
	int64_t seq;                  /* of the last record that was taken in */
};

/* The first dataset behind that number, of one connection or (NULL) of all; of those that are
 * connected. out->no 0: there is none. */
MUST enum rc person_table_next(struct ctx *, struct db *, const char *owner, const char *conn_id,
    int64_t after, struct person_table *out);
/* A dataset that is no more, or disconnected, of which people are still there; 0: none. */
MUST enum rc person_stale(struct ctx *, struct db *, const char *owner, int64_t *dataset_no);

/* In the caller's write: */
MUST enum rc person_place(struct ctx *, struct db *, const char *owner, int64_t dataset_no,
    const char *mapping, int64_t seq);
MUST enum rc person_place_drop(struct ctx *, struct db *, const char *owner, int64_t dataset_no);
MUST enum rc person_put(struct ctx *, struct db *, const char *owner, const struct person_row *);
/* In place of those it had. */
MUST enum rc person_idents_put(struct ctx *, struct db *, const char *owner,
    const struct person_row *, const struct ident_list *);
MUST enum rc person_drop(struct ctx *, struct db *, const char *owner, const struct person_row *);
/* mapping NULL: as it is guessed. */
MUST enum rc person_mapping(
    struct ctx *, struct db *, const char *owner, const char *dataset_id, const char *mapping);

/* out->key NULL: there is no such person. */
MUST enum rc person_get(struct ctx *, struct db *, const char *owner, int64_t dataset_no,
    const char *key, struct person_row *out);
MUST enum rc person_some(struct ctx *, struct db *, const char *owner, int64_t dataset_no,
    int64_t limit, struct person_list *out);
/* Of one profile, in order of table and key. */
MUST enum rc person_members(struct ctx *, struct db *, const char *owner, const char *profile_id,
    int64_t limit, struct person_list *out);
MUST enum rc person_idents(struct ctx *, struct db *, const char *owner, const struct person_row *,
    struct ident_list *out);
/* Who has it, in order of table and key; at most limit. */
MUST enum rc person_holders(struct ctx *, struct db *, const char *owner, const struct ident *,
    int64_t limit, struct person_list *out);

/* A place in a walk along all who have something that begins with a text. */
struct person_place_found {
	struct str value;
	int64_t dataset_no;
	const char *key;
};
struct person_found {
	struct person_place_found at;
	const char *profile_id;
};
struct person_found_list {
	struct person_found *v;
	size_t n;
};
struct person_walk {
	const struct ident *begins;
	const struct person_place_found *after; /* key NULL: from the start */
	int64_t limit;
};
MUST enum rc person_find(struct ctx *, struct db *, const char *owner, const struct person_walk *,
    struct person_found_list *out);
/* How many have something that begins so, at most `most`. */
MUST enum rc person_many(struct ctx *, struct db *, const char *owner, const struct ident *begins,
    int64_t most, int64_t *n);
struct profile_ids {
	const char **v;
	size_t n;
};
MUST enum rc profile_list(struct ctx *, struct db *, const char *owner, const char *after,
    int64_t limit, struct profile_ids *out);

/* Two records of which somebody has said whether they are one person. */
struct person_rule {
	const char *dataset[2], *key[2];
	bool same;
};
struct person_rule_list {
	struct person_rule *v;
	size_t n;
};
MUST enum rc person_rules(struct ctx *, struct db *, const char *owner, const char *dataset_id,
    const char *key, struct person_rule_list *out);
/* Has anybody decided anything? */
MUST enum rc person_ruled(struct ctx *, struct db *, const char *owner, bool *yes);
/* The id of a dataset by its number; NULL: it is no more. */
MUST enum rc
person_dataset(struct ctx *, struct db *, const char *owner, int64_t dataset_no, const char **id);
/* The number of a dataset by its id; 0: it is no more. */
MUST enum rc
person_number(struct ctx *, struct db *, const char *owner, const char *dataset_id, int64_t *no);
MUST enum rc person_rule_put(struct ctx *, struct db *, const char *owner,
    const struct person_rule *, const char *actor, int64_t now);

/* JSON list of connection ids, the most believed first; NULL: nobody has said. */
MUST enum rc profile_believed(struct ctx *, struct db *, const char *owner, const char **order);
MUST enum rc profile_believe(struct ctx *, struct db *, const char *owner, const char *order);

#endif
