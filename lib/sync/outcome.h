/*
 * outcome.h - what a run has to tell at its end: counts, warnings, skips, log lines, one sentence.
 */
#ifndef SYNC_OUTCOME_H
#define SYNC_OUTCOME_H

#include "sync/read/intake.h"
#include "sync/read/spool.h"

enum { OUTCOME_LINES = 40 };

struct outcome {
	struct run result;
	struct arena *a;
	json *warnings;
	bool keeps;       /* what the source lacks is kept by this run, as was answered */
	const char *said; /* the sentence of its end; NULL: that of a read */
	int64_t kept;     /* records that the source lacks, kept by this run or one before */
	bool among;       /* they are among those that were counted as read */
	struct {
		int64_t at;
		const char *level, *text;
		bool counted;
	} line[OUTCOME_LINES];
	size_t n;
};

struct outcome *outcome_new(struct arena *, const struct job *);
void outcome_log(struct outcome *, const char *level, const char *fmt, ...) PRINTF(3, 4);
/* A line whose figures the run has among its counts as well. One that found no news and stands for
 * those before it goes without: nearly all runs are such, and each would write it anew. */
void outcome_counted(struct outcome *, const char *fmt, ...) PRINTF(2, 3);
/* What saving has met (records that were edited here; records whose history is cut), and how long
 * it took. */
void outcome_saved(struct outcome *, int64_t met, int64_t capped, int64_t ms);
void
outcome_warn(struct outcome *, struct arena *, const char *code, const char *fmt, ...) PRINTF(4, 5);
/* Notes in the plan what was counted so far, for the run that goes on with it. */
void outcome_note(const struct outcome *, struct arena *, json *plan);
/* Takes over what the intake, or the plan of an interrupted run, has counted. */
void outcome_intake(struct outcome *, struct arena *, const struct intake *);
void outcome_plan(struct outcome *, struct arena *, const json *plan);
/* For the cursor: what a run that finds nothing changed has to tell as well, as long as it is true:
 * {"fetched", "lines", "skipped", "kept", "skips", "warnings"}. "kept" is beside what was kept
 * before, where only what was changed was read. */
json *outcome_left(struct arena *, struct outcome *, const struct intake *);
/* The run has found nothing changed since then. left NULL: nothing is known of it. */
void outcome_inherit(struct outcome *, struct arena *, const json *left);
/* Writes log lines and settles; inside the caller's transaction when one is open. Logs the one
 * line of the run. */
MUST enum rc
outcome_settle(struct ctx *, struct db *, const struct job *, struct outcome *, const struct err *);

/* The same for one that has failed, whose spool (NULL: none) goes. A new question voids the answer
 * to the one before. To write down how it ended takes room too: on a full disk, what the run took
 * of it is given back first, and then what is kept for that. */
struct outcome_end {
	const struct err *err;
	struct spool *spool;
};
MUST enum rc outcome_failed(
    struct ctx *, struct db *, const struct job *, struct outcome *, const struct outcome_end *);

#endif
