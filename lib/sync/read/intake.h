/*
 * intake.h - the sink that providers write to, as far as all uses of it are alike: datasets with
 * their columns and key rules, and rows whose cells lie by column number. What is done with them is
 * the use: keys are found (sample.h), records compared (compare.h), changes shown (show.h).
 */
#ifndef SYNC_READ_INTAKE_H
#define SYNC_READ_INTAKE_H

#include "base/keyset.h"
#include "store/data.h"
#include "table/columns.h"
#include "table/keys.h"
#include "sync/progress.h"
#include "sync/read/match.h"
#include "sync/read/plan.h"

enum { INTAKE_DATASETS = 64, INTAKE_EXAMPLES = 5, INTAKE_PREVIEW_ROWS = 50 };

struct tally {
	int64_t fetched, added, updated, deleted, unchanged, skipped;
	/* not in the source, and kept before as was answered: not among the deleted */
	int64_t kept;
	/* of the deleted: deleted there by us, as was agreed on; no loss */
	int64_t ours;
	/* of the updated: most of what they hold gets another value */
	int64_t replaced;
	int64_t bytes; /* of the keys and payloads of what is added and updated */
};

/* One dataset of the read. */
struct intake_set {
	struct dataset stored; /* no 0: new */
	struct conn_limits limits;
	const char *remote_id, *name;
	struct columns *cols;
	struct key_rule rule;
	bool rule_ready, rekeyed, had_header;
	bool kept_rekeyed; /* rekeyed, and kept records lose their key with the others */
	struct match *match;
	bool *telling; /* of each column (sink.telling); NULL: of none */
	struct tally tally;
	int64_t kept_before; /* of a delta that loses records: what is kept, told of or not */
	int64_t no_key;      /* rows whose key columns were empty */
	int64_t repeated, first_repeated; /* rows with the key of another one; the first line */
	int64_t again;                    /* items that came on an earlier page already */
	bool torn;                        /* what it lacks may be there */
	bool doubtful;                    /* likewise, and only a person can tell */
	json *warnings;
	json *reading; /* what was found out of it, by name */
};

struct intake;

/* What is done with what comes, to the present dataset (in->set). */
struct intake_use {
	/* It begins; its columns and its rule are those that are stored. */
	enum rc (*begin)(struct ctx *, struct intake *);
	/* It is new, and no key was chosen for it. */
	enum rc (*undecided)(struct ctx *, struct intake *);
	/* A row, whose cells are in->cells. */
	enum rc (*row)(struct ctx *, struct intake *, const struct row *);
	enum rc (*gone)(struct ctx *, struct intake *, struct str key, const char *why);
	/* See struct sink. */
	bool (*is_last)(struct ctx *, struct intake *, const struct row *);
	/* It ends; its types are known. */
	enum rc (*end)(struct ctx *, struct intake *);
};

struct intake {
	struct sink sink; /* first: what providers are given */
	const struct intake_use *use;
	struct arena *a;
	struct db *db;           /* NULL: nothing is stored (preview of a new connection) */
	const struct conn *conn; /* NULL likewise */
	const struct provider *provider;
	const json *config;
	bool cut;               /* a preview's prefix: what is missing says nothing */
	bool delta;             /* only what was changed: likewise */
	bool asks;              /* what was kept is asked about like anything else */
	int64_t again;          /* records that are, and are gone */
	struct intake_set *set; /* the present one */
	struct intake_set sets[INTAKE_DATASETS];
	size_t n;
	int64_t lines;
	json *skips, *warnings;
	/* Keys of those that the source has with just the values that were refused. */
	struct keyset *refused;
	int64_t released;    /* of which it has others now, or that it lacks */
	bool people;         /* the records are people, */
	int64_t unreachable; /* so many of them without any address */
	const char *people_how;
	struct arena *scratch;     /* of the present row */
	struct buf *key, *payload; /* of the present row; the key stays until the next one */
	struct cell *cells;        /* by column number */
	size_t n_cells, cells_cap;
};

/* What an intake is made from. */
struct intake_from {
	struct db *db;
	const struct conn *conn;
	const struct provider *provider;
	const json *config;
};

void
intake_init(struct arena *, struct intake *, const struct intake_use *, const struct intake_from *);
/* Begins a dataset, as a provider does. */
MUST enum rc intake_dataset(struct ctx *, struct intake *, const char *remote_id, const char *name);
/* After parse: ends the last dataset. */
MUST enum rc intake_end(struct ctx *, struct intake *);
/* After the last dataset: what is said of people as a whole. */
void intake_people(struct intake *);
/* The same code is kept once. */
void intake_warn(struct intake *, const char *code, const char *message);
/* Makes the rule of the present dataset ready for its first row; row may be an empty one. */
MUST enum rc intake_rule(struct ctx *, struct intake *, const struct row *);
/* Makes payload and key of the row whose cells are in->cells. *no_value: see key_make(). */
MUST enum rc intake_key(struct ctx *, struct intake *, const struct row *, bool *no_value);
/* Sorts the row's cells by column number. */
void intake_arrange(struct intake *, const struct row *);

struct tally intake_tally(const struct intake *);
int64_t intake_stored_rows(const struct intake *);
/* Records that the plan takes away and does not bring back. Under another key every record goes
 * and comes: there it is how many fewer come. */
int64_t intake_lost(const struct intake *);
/* Would too much be lost (blast.h), of all or of one dataset? Beside what was kept before, or,
 * with `of_all`, beside all. */
bool intake_large(const struct intake *, bool of_all);
bool intake_rekeyed(const struct intake *);
/* Would something be deleted of a dataset of which more may be there than was read? */
bool intake_doubtful(const struct intake *);
/* Would more of its values be replaced than is usual here? */
bool intake_replaces(const struct intake_set *);
/* Per cent of its records whose values the plan replaces. */
int64_t intake_replaced_share(const struct intake_set *);
/* Records of the datasets that intake_replaces() is true of whose values would be replaced. */
int64_t intake_replaced(const struct intake *);

#endif
