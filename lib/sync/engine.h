/*
 * engine.h - one run of one connection, from claim to settle.
 *
 *	downloading  fetch pages into a spool file (spool.h); resumable by byte and page
 *	processing   parse the spool, compare every row with what is stored, write the differences
 *	             to a plan file (plan.h); nothing is changed yet, so an incomplete or broken
 *	             read costs nothing; the blast-radius guard looks at the plan
 *	saving       apply the plan in transactions of at most 2,000 records, each with its
 *	             checkpoint and heartbeat; the last one saves cursor, columns and outcome
 *
 * A killed run's spool and plan are taken over by the run that resumes it.
 */
#ifndef SYNC_ENGINE_H
#define SYNC_ENGINE_H

#include "queue/queue.h"
#include "sync/listing.h"

/* Runs a claimed job, which is to read (task.h), to its end and settles it. Returns RC_OK when it
 * was settled, whatever its outcome; anything else: it could not even be settled (lost lease,
 * database down). */
MUST enum rc engine_run(struct ctx *, struct db *, struct job *);
struct look {
	const char *provider;
	const json *config, *secret;
	const struct conn *existing;    /* NULL: not saved yet */
	const char *owner, *account_id; /* of providers that are signed in to; NULL otherwise */
	int64_t budget_ms, max_bytes;
	/* NULL, or filled with what can be chosen in the source */
	json *choices;
	const char *search; /* with choices, which are then all that is asked for (provider.h) */
	/* NULL, or called between reading and parsing: what was read lies in `dir`, and nothing
	 * else is needed but the database, where there is one */
	enum rc (*fetched)(struct ctx *, const char *dir, bool stored);
	struct listing *list; /* NULL: nothing but the rows; which changes are shown */
};
/*
 * What a sync would do, without changing anything: for "preview" and "test" of ask.h. db may be
 * NULL when nothing of the connection is stored. With a list: "plan", "changes", "nextCursor",
 * "counts", and "review": what the guard would ask, null: nothing. Of what both sides edit, both
 * sides' (rehearse.h), where all of the source was read.
 */
MUST enum rc engine_preview(struct ctx *, struct db *, const struct look *, json **out);
/* What the account holds that could be read: adds to `list` (provider.h). */
MUST enum rc engine_sources(struct ctx *, struct db *, const struct look *, json *list, bool *more);

#endif
