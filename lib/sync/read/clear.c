/*
 * clear.c - see clear.h.
 */
#include "base/step.h"
#include "store/data.h"
#include "sync/read/clear.h"

enum { CLEAR_PAGE = 1000, CLEAR_MOVES = 64 * 1024 };

struct clear_page {
	const struct job *job;
	const struct progress *progress;
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
	TRY(data_delete_page(cx, db, c->owner, c->id, CLEAR_PAGE, &p->more));
	return p->more ? RC_OK : conn_cleared(cx, db, c->owner, c->id);
}

enum rc
clear_all(struct ctx *cx, struct db *db, const struct job *job, struct progress *progress)
{
	struct clear_page p = { .job = job, .progress = progress, .more = true };

	for (int64_t page = 0; p.more; page++) {
		TRY(progress_move(cx, progress,
		    (struct moved){ PHASE_DOWNLOADING, page * CLEAR_MOVES, INT64_MAX },
		    "Dropping the old data"));
		TRY(db_write(cx, db, clear_page_write, &p));
		step("clear:after-commit");
	}
	return RC_OK;
}
