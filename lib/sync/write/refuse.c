/*
 * refuse.c - see refuse.h.
 */
#include "sync/write/refuse.h"

#include "base/clock.h"
#include "store/change.h"
#include "sync/write/meet.h"
#include "sync/write/silent.h"
#include "sync/write/stays.h"

static const char kept_here[] =
    "It was changed there and kept here as it was, because somebody chose \"Keep\"; the next "
    "change there is taken over.";

/* What is not to be sent says so; an edit that waits goes there by itself. */
static void
refuse_state(struct arena *a, struct link *l, const struct there *there)
{
	if (strcmp(l->state, LINK_SYNCED) && strcmp(l->state, LINK_SKIPPED))
		return;
	l->state = LINK_SKIPPED;
	l->error_code = there->fixed ? LINK_REFUSED_FIXED : LINK_REFUSED;
	l->error_detail = there->fixed ? arena_printf(a, "%s %s", there->fixed, kept_here)
				       : kept_here;
}

static enum rc
refuse_save(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l,
    const struct there *there)
{
	const struct told told = {
		.after = json_text(cx->a, there->values),
		.reason = CHANGE_KEPT_HERE,
	};

	TRY(meet_record(cx, db, t, l, &told));
	l->base = told.after;
	l->etag = there->etag;
	l->last_synced_at = l->updated_at = clock_ms();
	refuse_state(cx->a, l, there);
	return link_save(cx, db, l);
}

/* It has agreed on something since, or is about to. */
static bool
refuse_waits(const struct link *l, bool moved)
{
	return moved || l->sent || l->withdrawn || l->back || !strcmp(l->state, LINK_CONFLICT);
}

enum rc
refuse(
    struct ctx *cx, struct db *db, const struct twoway *t, struct link *l, const struct there *read)
{
	struct there there;
	struct here here;
	bool moved, doubted;

	TRY(silent_there(cx, db, t, l, read, &there));
	TRY(t->ops->get(cx, db, t, l->object.key, &here));
	TRY(meet_moved(cx, db, t, l, read->as_of, &moved));
	if (!here.value || refuse_waits(l, moved) || stays_refused(cx->a, t, l, &there))
		return RC_OK;
	if (!l->base || merge_same(cx->a, t->rules, here.value, there.values))
		return meet(cx, db, t, l, &there, &doubted);
	return refuse_save(cx, db, t, l, &there);
}
