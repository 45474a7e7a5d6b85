/*
 * answerer.c - see answerer.h.
 */
#include "send/answerer.h"

#include "base/log.h"
#include "base/step.h"
#include "queue/heed.h"

enum {
	TURN_MS = 5 * SECOND_MS,
	REST_MS = MINUTE_MS,
	REST_MAX = 6,
	ANSWER_ARENA = 64 * 1024 * 1024
};

struct answering {
	const struct lane *lane;
	struct heed_page page;
	int64_t failures;
};

static enum rc
answerer_write(struct ctx *cx, struct db *db, void *arg)
{
	struct answering *w = arg;

	TRY(lane_held(cx, db, w->lane));
	return heed_page(cx, db, &w->page);
}

/* Each page with memory of its own. */
static enum rc
answerer_pages(struct ctx *cx, struct db *db, struct answering *w)
{
	const int64_t until = clock_mono_ms() + TURN_MS;
	struct arena *own = cx->a;
	enum rc rc = RC_OK;

	cx->a = arena_new("answer", ANSWER_ARENA, 0);
	do {
		arena_reset(cx->a);
		rc = db_write(cx, db, answerer_write, w);
		step("answer:after-commit");
	} while (rc == RC_OK && w->page.more && clock_mono_ms() < until);
	arena_free(cx->a);
	cx->a = own;
	return rc;
}

/* Asked here, for nobody else can make a lane due that is being worked on. */
static enum rc
answerer_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct answering *w = arg;
	const int64_t now = clock_ms();
	int64_t hold_until = 0;
	struct ruling next;

	TRY(ruling_next(cx, db, w->page.owner, &next));
	if (w->failures)
		hold_until = now + REST_MS * (w->failures < REST_MAX ? w->failures : REST_MAX);
	return lane_release(cx, db, w->lane, next.question ? now : 0, hold_until, w->failures);
}

enum rc
answerer_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct answering w = { .lane = lane, .page = { .owner = lane->owner } };

	if (answerer_pages(cx, db, &w) != RC_OK) {
		log_event(LOG_LEVEL_WARN, "answer.failed", "s:code", error_row(cx->err.kind)->code,
		    "s:detail", cx->err.detail, NULL);
		cx->err = (struct err){ 0 };
		w.failures = lane->failures + 1;
	}
	return db_write(cx, db, answerer_end_write, &w);
}
