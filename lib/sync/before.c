/*
 * before.c - see before.h.
 */
#include "sync/before.h"

#include "base/step.h"
#include "queue/release.h"
#include "sync/read/clear.h"

enum { KEPT_PAGE = 100, KEPT_ARENA = 128 * 1024 * 1024 };

struct kept {
	const struct job *job;
	struct release_page page;
};

static enum rc
kept_write(struct ctx *cx, struct db *db, void *arg)
{
	struct kept *k = arg;

	TRY(queue_hold(cx, db, k->job));
	return release_kept(cx, db, &k->page);
}

/* One page, with memory of its own. */
static enum rc
kept_page(struct ctx *cx, struct db *db, struct kept *k)
{
	struct arena *own = cx->a;
	enum rc rc;

	cx->a = arena_new("kept", KEPT_ARENA, 0);
	rc = db_write(cx, db, kept_write, k);
	arena_free(cx->a);
	cx->a = own;
	step("kept:after-commit");
	return rc;
}

static enum rc
kept_all(
    struct ctx *cx, struct db *db, const struct job *job, struct progress *progress, int64_t *n)
{
	struct kept k = {
		.job = job,
		.page = {
			.owner = job->conn.owner,
			.conn_id = job->conn.id,
			.limit = KEPT_PAGE,
			.more = true,
		},
	};

	while (k.page.more) {
		TRY(progress_move(cx, progress, (struct moved){ PHASE_DOWNLOADING, 0, INT64_MAX },
		    "Asking again about what was kept, %lld so far", (long long)*n));
		TRY(kept_page(cx, db, &k));
		*n += k.page.released;
		progress_whole(progress);
	}
	return RC_OK;
}

enum rc
before_reading(struct ctx *cx, struct db *db, const struct job *job, struct progress *progress,
    struct outcome *o)
{
	int64_t n = 0;

	if (job->conn.clearing) {
		TRY(clear_all(cx, db, job, progress));
		outcome_log(o, "info",
		    "The old data was dropped; everything is read as if for the first time.");
	}
	if (!conn_kept_from(cx->a, &job->conn))
		return RC_OK;
	TRY(kept_all(cx, db, job, progress, &n));
	outcome_log(
	    o, "info", "It was kept until now, and is asked about again: %lld.", (long long)n);
	return RC_OK;
}
