/*
 * clear.c - see clear.h.
 */
#include "base/clock.h"
#include "base/step.h"
#include "store/removal.h"
#include "sync/read/clear.h"

enum { CLEAR_MOVES = 64 * 1024 };

struct clear_page {
	const struct job *job;
	const struct progress *progress;
	int64_t limit;
	bool more;
};

static enum rc
clear_page_write(struct ctx *cx, struct db *db, void *arg)
{
	struct clear_page *p = arg;
	const struct conn *c = &p->job->conn;
	bool cancel;

	TRY(queue_heartbeat(cx, db, p->job,
	    &(struct heartbeat){
		.phase = phase_name(PHASE_DOWNLOADING),
		.message = p->progress->message,
		.progress = p->progress->percent,
	    },
	    &cancel));
	if (cancel)
		return fail(cx, E_CANCELLED,
		    "A person stopped this sync while the old data was dropped. "
		    "The next one drops the rest.");
	TRY(removal_records(cx, db, c->owner, c->id, p->limit, &p->more));
	return p->more ? RC_OK : conn_cleared(cx, db, c->owner, c->id);
}

enum rc
clear_all(struct ctx *cx, struct db *db, const struct job *job, struct progress *progress)
{
	struct clear_page p = {
		.job = job,
		.progress = progress,
		.limit = REMOVAL_PAGE,
		.more = true,
	};

	for (int64_t page = 0; p.more; page++) {
		int64_t began;

		TRY(progress_move(cx, progress,
		    (struct moved){ PHASE_DOWNLOADING, page * CLEAR_MOVES, INT64_MAX },
		    "Dropping the old data"));
		began = clock_mono_ms();
		TRY(db_write(cx, db, clear_page_write, &p));
		p.limit = removal_pace(p.limit, clock_mono_ms() - began);
		step("clear:after-commit");
	}
	return RC_OK;
}
