/*
 * clocks.c - see clocks.h.
 */
#include "access/clocks.h"

#include "base/clock.h"
#include "base/log.h"

#define AGAIN_MS (10 * MINUTE_MS)
#define LARGE_MS (30 * SECOND_MS)

enum rc
clocks_open(struct ctx *cx, struct db *db, const char *service, struct clocks *out)
{
	bool found;

	*out = (struct clocks){ .service = service };
	TRY(db_row(cx, db, &found, Q_CLOCK_GET, "s", service));
	if (found) {
		skew_read(
		    json_stored(cx->a, db_text(db, Q_CLOCK_GET, C_CLOCK_SAMPLES)), &out->skew);
		out->at = db_num(db, Q_CLOCK_GET, C_CLOCK_AT);
	}
	db_reset(db, Q_CLOCK_GET);
	return RC_OK;
}

struct hearing {
	struct clocks *known;
	struct clocks now;
	struct skew_sample sample;
};

/* Somebody else may have stored one meanwhile. */
static enum rc
clocks_write(struct ctx *cx, struct db *db, void *arg)
{
	struct hearing *w = arg;
	struct clocks *c = &w->now;

	TRY(clocks_open(cx, db, w->known->service, c));
	skew_add(&c->skew, w->sample);
	c->at = clock_ms();
	return db_run(cx, db, NULL, Q_CLOCK_PUT, "ssi", c->service,
	    json_text(cx->a, skew_json(cx->a, &c->skew)), c->at);
}

/* Somebody should set one of the two right. */
static void
clocks_tell(const struct clocks *was, const struct clocks *is)
{
	struct skew_sample a = skew_of(&was->skew), b = skew_of(&is->skew);
	int64_t moved = b.ahead_ms - a.ahead_ms;

	if ((b.ahead_ms >= -LARGE_MS && b.ahead_ms <= LARGE_MS && b.within_ms < INT64_MAX) ||
	    (moved >= -LARGE_MS && moved <= LARGE_MS && a.within_ms == b.within_ms))
		return;
	log_event(LOG_LEVEL_WARN, "clock.apart", "s:service", is->service, "i:ahead_ms", b.ahead_ms,
	    "s:used", b.within_ms < INT64_MAX ? "yes" : "no, it is too far off", NULL);
}

void
clocks_hear(struct ctx *cx, struct db *db, struct clocks *c, struct skew_sample sample)
{
	struct hearing w = { .known = c, .sample = sample };
	const struct err err = cx->err;
	const int64_t now = clock_ms();

	if (!skew_news(&c->skew, sample) && now >= c->at && now < c->at + AGAIN_MS)
		return;
	if (db_write_hasty(cx, db, clocks_write, &w) == RC_OK) {
		clocks_tell(c, &w.now);
		*c = w.now;
	}
	cx->err = err;
}
