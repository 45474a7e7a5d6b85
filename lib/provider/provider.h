/*
 * provider.h - the contract of a source. A new kind of source is one file and one row in
 * providers.def.
 *
 * A provider sees only lib/base and lib/net. It gets a configuration, the secrets that belong to
 * it and the cursor of the last complete read; it never sees the database, the vault or the
 * schedule. It works in two halves, so that a network failure can never leave half a read
 * behind:
 *
 *	fetch   the network half: brings one page of raw bytes; the engine keeps them in a spool file. Called until `next` is NULL. After a kill
 *	        the engine calls it again with the offset it already has.
 *	parse   the pure half: reads the spooled pages, emits rows. No network, no clock, no random: the same bytes give the same rows.
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/err.h"
#include "base/field.h"
#include "base/json.h"
#include "table/row.h"

enum provider_caps {
	PROVIDER_PULL = 1,     /* source to application */
	PROVIDER_PUSH = 2,     /* application to source */
	PROVIDER_HOOK = 4,     /* can call back */
	PROVIDER_OWN_KEYS = 8, /* rows come with the source's own identity: no key is chosen */
	/* columns have positions and headers, as in a sheet: renames can be told */
	PROVIDER_COLUMNS = 16,
	/* may bring several datasets, and always all there are: one that is missing is gone */
	PROVIDER_TABLES = 32
};

enum quota {
#define QUOTA(id, name, title, project, account) QUOTA_##id,
#include "provider/quota.def"
#undef QUOTA
	QUOTA__MAX
};

/* What the engine lends a provider whose source is signed in to. */
struct remote {
	const char *address; /* of the account, for messages */
	/* A token for the Authorization header. refused: the one that was just answered with
	 * 401, or NULL. */
	enum rc (*token)(struct ctx *, struct remote *, const char *refused, const char **bearer);
	/* Waits until one call fits into the quota that all processes share. E_QUOTA when that
	 * would take too long. */
	enum rc (*spend)(struct ctx *, struct remote *, enum quota);
	/* The provider asked to slow down: every process waits so long. */
	enum rc (*slow)(struct ctx *, struct remote *, enum quota, int64_t wait_ms);
	/* Waits between two tries; ends early with the outcome when the run is to stop. */
	enum rc (*pause)(struct ctx *, struct remote *, int64_t ms);
	/* While a request is under way, some times a second: keeps the run alive; ends the
	 * request with the outcome when the run is to stop. */
	enum rc (*alive)(struct ctx *, struct remote *);
};

/* What a provider works on. All of it is borrowed. */
struct source {
	const json *config; /* checked against `fields` */
	const json *secret; /* NULL or the opened secrets */
	/* what fetch left at the last complete read; NULL: read everything. One that the source
	 * does not take any more is E_CURSOR: fetch is called again without. */
	const json *cursor;
	bool recheck;          /* "unchanged" is not believed this time: read it */
	struct remote *remote; /* NULL: nothing to sign in to */
};

/* One call of fetch. */
struct fetch {
	/* in */
	int page;         /* 0, 1, ... */
	const char *next; /* what the page before left in `next`; NULL for page 0 */
	/* bytes of this page that are already spooled (resume); 0 normally */
	int64_t offset;
	/* what the interrupted try left in `validator`, when offset > 0 */
	const char *validator;
	int64_t max_bytes;  /* over this: E_SOURCE_TOO_LARGE */
	int64_t silence_ms; /* nothing received for this long: E_SILENT */
	/* 0, or stop quietly after about this many (preview) and set `cut` */
	int64_t enough_bytes;
	/* Receives the body, in order. rewind: drop what was spooled of this page and start at 0
	 * (the server did not honour the offset). Called at least once a second while bytes
	 * flow. Any outcome but RC_OK ends the transfer with it. */
	enum rc (*write)(struct ctx *, void *arg, const char *bytes, size_t n);
	enum rc (*rewind)(struct ctx *, void *arg);
	/* So far and expected bytes (total < 0: not known), at least once a second, also while
	 * nothing comes; RC_OK to go on. */
	enum rc (*tick)(struct ctx *, void *arg, int64_t got, int64_t total);
	/* Called when the response has begun, with the validator that would allow a resume
	 * (strong ETag); may be NULL. */
	enum rc (*started)(struct ctx *, void *arg, const char *validator);
	void *arg;
	/* out, allocated from cx->a */
	/* page 0: the source says that nothing changed; nothing was written */
	bool unchanged;
	bool cut; /* stopped at enough_bytes */
	/* This read has only what was changed since the cursor: what is missing in it says
	 * nothing. Alike on every page. */
	bool delta;
	const char *next_page;    /* opaque; NULL: this was the last page */
	const char *content_type; /* as sent, or NULL; kept and handed to parse */
	json *cursor;             /* last page: what the next run gets as source.cursor */
	int calls;                /* requests made */
};

/* The spooled bytes of one page, for parse. */
struct page_in {
	const char *content_type; /* or NULL */
	/* Fills buf with the next bytes; *got 0 at the end. */
	enum rc (*read)(struct ctx *, void *arg, char *buf, size_t cap, size_t *got);
	/* back to the first byte of this page */
	enum rc (*restart)(struct ctx *, void *arg);
	void *arg;
	/* a preview's prefix: the end is not the true end */
	bool cut;
};

/* What parse writes to: the engine's side. Every call may fail (cancelled, disk full); pass the
 * outcome up at once. Strings are borrowed for the call. */
struct sink {
	/* Begins a dataset. remote_id: the source's own name for it, "" when there is only one.
	 * Called before anything else. */
	enum rc (*dataset)(struct ctx *, struct sink *, const char *remote_id, const char *title);
	/* PROVIDER_COLUMNS: the header row as it stood, once per dataset, before the first row.
	 * Blank and repeated names are allowed: the engine names such columns. Cells are then
	 * numbered like the header. */
	enum rc (*header)(struct ctx *, struct sink *, const struct str *names, size_t n);
	/* Others: the number of the column with this name, made if new. */
	enum rc (*column)(struct ctx *, struct sink *, struct str name, size_t *no);
	enum rc (*row)(struct ctx *, struct sink *, const struct row *);
	/* Of a delta: what had this key (row->key) is not in the source any more. why: a sentence
	 * for the history, or NULL. A key may be named more than once: the last word is meant. */
	enum rc (*gone)(struct ctx *, struct sink *, struct str key, const char *why);
	/* A row that cannot be used: counted under the reason (a literal word such as
	 * "too_many_cells"), with a few examples kept. */
	enum rc (*skip)(
	    struct ctx *, struct sink *, const char *reason, int64_t line, const char *detail);
	/* Something a person should know about the whole read; code is a literal word; the same
	 * code is kept once. */
	enum rc (*warn)(struct ctx *, struct sink *, const char *code, const char *fmt, ...)
	    PRINTF(4, 5);
	/* For sources that are read in pieces, between which rows may be moved. Is this the row
	 * that came last in this dataset, by its key? True also where that cannot be told. */
	bool (*is_last)(struct ctx *, struct sink *, const struct row *);
	/* Rows were moved between two pieces of this dataset, nobody knows how: that something
	 * is missing says nothing. */
	enum rc (*torn)(struct ctx *, struct sink *);
};

/* What one reading of everything costs: `calls`, and one more for each `cells` that are begun
 * (0: none). */
struct cost {
	enum quota quota;
	int calls;
	int64_t cells;
};

struct provider {
	const char *id;    /* "csv": stored, in the interface, never renamed */
	const char *title; /* "CSV file" */
	const char *blurb; /* one sentence for the page */
	unsigned caps;
	const struct field *fields; /* ended by a NULL name */
	/* "google": it reads with such an account (remote.h of the store); NULL: none */
	const char *account;
	/* without which the account is of no use, with spaces between */
	const char *scopes;
	const char *more_scopes; /* asked for too; it works without */
	const struct cost *cost; /* ended by 0 calls; NULL: no quota */
	/* > 0: an "unchanged" is believed so long after a complete read */
	int recheck_hours;
	/* Optional. Checks what single fields cannot say, and may rewrite the configuration (a
	 * Sheets link becomes its CSV address); complaints as in field_check(). Pure. */
	void (*configure)(struct arena *, json *config, json *errors);
	/* Optional. What can be chosen in the source (tabs, calendars), for the form: adds to
	 * `choices`. Uses the network. */
	MUST enum rc (*choices)(struct ctx *, const struct source *, json *choices);
	/* Optional. What the account holds that could be read, the latest first: adds {id,
	 * title, link, changedAt} to `list`. Uses the network. */
	MUST enum rc (*sources)(struct ctx *, const struct source *, json *list);
	/* Optional. Values for fields that are left empty, by the names of the columns. Pure. */
	void (*suggest)(struct arena *, const json *columns, json *suggested);
	MUST enum rc (*fetch)(struct ctx *, const struct source *, struct fetch *);
	/* pages: all of the read, in order. */
	MUST enum rc (*parse)(
	    struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);
};

/* Does the second configuration read from another server (scheme, host, port) than the first?
 * What was kept secret for the one is not for the other. An address that cannot be read is
 * another one. Pure. */
bool provider_moved(struct arena *, const json *stored, const json *config);

#define PROVIDER(id) extern const struct provider provider_##id;
#include "provider/providers.def"
#undef PROVIDER

const struct provider *provider_find(const char *id); /* NULL: no such kind */
const struct provider *provider_nth(size_t);          /* NULL past the last */

#endif
