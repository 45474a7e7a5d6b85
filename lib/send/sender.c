/*
 * sender.c - see sender.h.
 */
#include "send/sender.h"

#include "base/step.h"
#include "queue/mailbox.h"
#include "send/answerer.h"
#include "send/deliver.h"
#include "send/profiler.h"
#include "send/pulse.h"
#include "send/remover.h"
#include "send/watch.h"

static enum rc
sender_message(struct ctx *cx, struct db *db, struct parcel *p)
{
	struct sent s;

	step("deliver.claimed");
	deliver_send(cx, p, &s);
	step("deliver.sent");
	return deliver_settle(cx, db, p, &s);
}

static enum rc
sender_digest(struct ctx *cx, struct db *db, struct parcel *p, int64_t now, bool *found)
{
	int64_t next;

	*found = false;
	TRY(mail_digest(cx, db, p->lane.owner, now, &next));
	return lane_release(cx, db, &p->lane, next, 0, 0);
}

static enum rc
sender_channel(struct ctx *cx, struct db *db, struct parcel *p)
{
	return watch_work(cx, db, &p->lane);
}

static enum rc
sender_removal(struct ctx *cx, struct db *db, struct parcel *p)
{
	return remover_work(cx, db, &p->lane);
}

static enum rc
sender_profile(struct ctx *cx, struct db *db, struct parcel *p)
{
	return profiler_work(cx, db, &p->lane);
}

static enum rc
sender_answer(struct ctx *cx, struct db *db, struct parcel *p)
{
	return answerer_work(cx, db, &p->lane);
}

static enum rc
sender_pulse(struct ctx *cx, struct db *db, struct parcel *p)
{
	return pulse_work(cx, db, &p->lane);
}

static const struct sender sender_messages = { .take = deliver_take, .work = sender_message };
static const struct sender sender_digests = { .take = sender_digest };
static const struct sender sender_channels = { .work = sender_channel };
static const struct sender sender_removals = { .work = sender_removal };
static const struct sender sender_profiles = { .work = sender_profile };
static const struct sender sender_answers = { .work = sender_answer };
static const struct sender sender_pulses = { .work = sender_pulse };

static const struct sender *senders[LANE__MAX] = {
	[LANE_MAIL] = &sender_messages,
	[LANE_DIGEST] = &sender_digests,
	[LANE_CHANNEL] = &sender_channels,
	[LANE_WEBHOOK] = &sender_messages,
	[LANE_REMOVAL] = &sender_removals,
	[LANE_PROFILE] = &sender_profiles,
	[LANE_ANSWER] = &sender_answers,
	[LANE_PULSE] = &sender_pulses,
};

void
sender_use(enum lane_kind kind, const struct sender *sender)
{
	senders[kind] = sender;
}

struct claiming {
	bool found, again;
	struct parcel parcel;
};

static enum rc
sender_claim_write(struct ctx *cx, struct db *db, void *arg)
{
	struct claiming *c = arg;
	const int64_t now = clock_ms();
	const struct sender *sender;

	*c = (struct claiming){ 0 };
	TRY(lane_claim(cx, db, now, &c->again, &c->parcel.lane));
	if (!c->again)
		return RC_OK;
	sender = senders[c->parcel.lane.kind];
	c->found = true;
	return sender->take ? sender->take(cx, db, &c->parcel, now, &c->found) : RC_OK;
}

enum rc
sender_claim(struct ctx *cx, struct db *db, bool *found, bool *again, struct parcel *out)
{
	const int64_t now = clock_ms();
	struct claiming c = { 0 };
	int64_t next;

	*found = *again = false;
	TRY(lane_next(cx, db, now, &next));
	if (next != 0 && next <= now)
		TRY(db_write(cx, db, sender_claim_write, &c));
	*found = c.found;
	*again = c.again;
	*out = c.parcel;
	return RC_OK;
}

enum rc
sender_all(struct ctx *cx, struct db *db, const volatile sig_atomic_t *stop)
{
	bool found = false, again = true;

	while (again && !*stop) {
		struct parcel p;

		arena_reset(cx->a);
		TRY(sender_claim(cx, db, &found, &again, &p));
		/* Taken over meanwhile: whoever has it now settles it. */
		if (found && senders[p.lane.kind]->work(cx, db, &p) != RC_OK &&
		    cx->err.kind != E_LEASE)
			return error_row(cx->err.kind)->rc;
	}
	return RC_OK;
}
