/*
 * intake.h - the sink that providers write to: rows come in, a plan goes out. Reads the
 * database, writes only the plan file.
 */
#ifndef SYNC_READ_INTAKE_H
#define SYNC_READ_INTAKE_H

#include "store/data.h"
#include "table/columns.h"
#include "table/keys.h"
#include "sync/read/match.h"
#include "sync/read/plan.h"
#include "sync/progress.h"

enum { INTAKE_DATASETS = 64, INTAKE_EXAMPLES = 5, INTAKE_PREVIEW_ROWS = 50 };

struct tally {
	int64_t fetched, added, updated, deleted, unchanged, skipped;
	/* not in the source, and kept before as was answered: not among the deleted */
	int64_t kept;
};

/* Key rules found from the first rows of new datasets. */
struct key_finds {
	size_t n;
	struct {
		const char *remote_id;
		struct key_rule rule;
	} v[INTAKE_DATASETS];
};

/* One dataset of the read. */
struct intake_set {
	struct dataset stored; /* no 0: new */
	const char *remote_id, *name;
	struct columns *cols;
	struct key_rule rule;
	bool rule_ready, rekeyed, had_header;
	bool kept_rekeyed; /* rekeyed, and kept records lose their key with the others */
	struct match *match;
	struct tally tally;
	int64_t no_key; /* rows whose key columns were empty */
	bool torn;      /* what it lacks may be there */
	json *warnings;
	json *rows; /* previews: its first rows */
};

struct intake {
	struct sink sink; /* first: what providers are given */
	struct arena *a;
	struct db *db;           /* NULL: nothing is stored (preview of a new connection) */
	const struct conn *conn; /* NULL likewise */
	const struct provider *provider;
	const json *config;
	struct progress *progress;
	struct plan_writer *plan; /* NULL while sampling */
	/* not NULL: only sampling; a provider of one dataset ends with E_CANCELLED after
	 * KEY_SAMPLE_ROWS */
	struct key_sample *sample;
	const struct key_finds
	    *finds; /* for datasets that are new and have no chosen key; NULL: not looked for yet */
	/* ended with E_CANCELLED at a dataset whose key is to be found first */
	bool unknown;
	bool enough;             /* the sample of the present dataset is full */
	struct key_finds *found; /* while sampling; its names are in finds_arena */
	struct arena *finds_arena;
	const int64_t *read_bytes; /* grows as the provider reads */
	int64_t total_bytes;
	int64_t lines;
	struct intake_set *set; /* the present one */
	struct intake_set sets[INTAKE_DATASETS];
	size_t n;
	json *skips, *warnings;
	bool cut;                  /* a preview's prefix: what is missing says nothing */
	bool delta;                /* only what was changed: likewise */
	bool rows;                 /* previews: the first rows of each dataset are kept */
	json *changes;             /* previews: the first changes; NULL otherwise */
	struct buf *key, *payload; /* of the present row; the key stays until the next one */
	struct str why;            /* what the source says of the one that is gone */
	struct cell *cells;        /* by column number */
	size_t cells_cap;
};

struct intake *intake_new(struct ctx *, struct db *, const struct conn *, const struct provider *,
    const json *config, struct progress *);
/* Finds key columns from the first rows of each dataset. Takes memory from a scratch arena of
 * its own. */
MUST enum rc intake_find_keys(struct ctx *, const struct provider *, const json *config,
    struct spool *, bool cut, struct progress *, struct key_finds *out);
/* After parse: types, columns that are gone, records that are gone, datasets that are gone. */
MUST enum rc intake_finish(struct ctx *, struct intake *);
struct tally intake_tally(const struct intake *);
int64_t intake_stored_rows(const struct intake *);
/* Records that the plan takes away and does not bring back. Under another key every record goes
 * and comes: there it is how many fewer come. */
int64_t intake_lost(const struct intake *);
/* Would too much be lost (guard.h), of all or of one dataset? Beside what was kept before, or,
 * with `of_all`, beside all. */
bool intake_large(const struct intake *, bool of_all);
bool intake_rekeyed(const struct intake *);

#endif
