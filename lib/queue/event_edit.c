/*
 * event_edit.c - see event_edit.h.
 */
#include "queue/event_edit.h"

#include "base/clock.h"
#include "event/occur.h"
#include "event/rules.h"

/* The text and the bounds of a value. */
static void
event_fill(struct ctx *cx, struct event_row *e, const json *value)
{
	int64_t from, until;

	occur_bounds(cx->a, value, &from, &until);
	e->value = json_text(cx->a, value);
	e->from_at = from * SECOND_MS;
	e->until_at = until >= EVENT_NEVER / SECOND_MS ? EVENT_NEVER : until * SECOND_MS;
}

enum rc
event_put(struct ctx *cx, struct db *db, struct event_row *e, const json *value, int64_t now)
{
	if (value)
		event_fill(cx, e, value);
	e->deleted_at = value ? 0 : now;
	if (e->rev)
		return event_save(cx, db, e, now);
	e->created_at = now;
	return event_insert(cx, db, e);
}

enum rc
event_edit(struct ctx *cx, struct db *db, const struct edit *edit, struct event_row *e)
{
	struct edit told = *edit;
	struct mirror mirror;
	int64_t room;

	if (edit->after && (!e->rev || e->deleted_at)) {
		TRY(event_room(cx, db, e->owner, &room));
		if (room <= 0)
			return event_full(cx);
	}
	TRY(event_put(cx, db, e, edit->after, edit->now));
	told.object = (struct object){ .kind = OBJECT_EVENT, .key = e->id };
	told.rules = &event_rules;
	TRY(edit_tell(cx, db, &told));
	TRY(mirror_open(cx, db, e->owner, &mirror));
	return mirror_event(cx, db, &mirror, e, edit->now);
}
