/*
 * before.c - see before.h.
 */
#include "sync/before.h"

#include "base/step.h"
#include "queue/channel.h"
#include "queue/heed.h"
#include "queue/release.h"
#include "sync/read/clear.h"

enum { KEPT_PAGE = 100, BEFORE_ARENA = 128 * 1024 * 1024 };

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
before_page(struct ctx *cx, struct db *db, db_write_fn *fn, void *arg)
{
	struct arena *own = cx->a;
	enum rc rc;

	cx->a = arena_new("before", BEFORE_ARENA, 0);
	rc = db_write(cx, db, fn, arg);
	arena_free(cx->a);
	cx->a = own;
	step("before:after-commit");
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
		TRY(before_page(cx, db, kept_write, &k));
		*n += k.page.released;
		progress_whole(progress);
	}
	return RC_OK;
}

struct heeding {
	const struct job *job;
	struct heed_page page;
};

static enum rc
heeding_write(struct ctx *cx, struct db *db, void *arg)
{
	struct heeding *h = arg;

	if (h->job)
		TRY(queue_hold(cx, db, h->job));
	return heed_page(cx, db, &h->page);
}

enum rc
before_deciding(struct ctx *cx, struct db *db, const char *owner, const struct job *job)
{
	struct heeding h = { .job = job, .page = { .owner = owner, .more = true } };
	struct ruling any;

	TRY(ruling_next(cx, db, owner, &any));
	while (any.question && h.page.more)
		TRY(before_page(cx, db, heeding_write, &h));
	return RC_OK;
}

enum rc
before_reading(struct ctx *cx, struct db *db, const struct job *job, struct progress *progress,
    struct outcome *o)
{
	int64_t n = 0;

	if (!strcmp(job->run.trigger, CHANNEL_OPENED))
		outcome_log(o, "info",
		    "The source tells of changes from now on; what has changed before that is read "
		    "once.");
	TRY(before_deciding(cx, db, job->conn.owner, job));
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
