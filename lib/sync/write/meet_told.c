/*
 * meet_told.c - meet.h: what the history is told of a twin, and what it tells.
 */
#include "sync/write/meet.h"

#include "base/clock.h"
#include "store/conflict.h"
#include "sync/write/flaw.h"

json *
meet_base(struct arena *a, const struct link *l)
{
	return json_stored(a, l->base);
}

enum rc
meet_moved(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    int64_t as_of, bool *moved)
{
	const struct change_mark mark = {
		.owner = t->owner,
		.object = &l->object,
		.connection_id = t->connection_id,
		.after = as_of,
	};

	*moved = false;
	return flaw(FLAW_STALE_READ) ? RC_OK : change_since(cx, db, &mark, moved);
}

enum rc
meet_record(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const struct told *told)
{
	const struct change c = {
		.owner = t->owner,
		.object = l->object,
		.at = clock_ms(),
		.action = change_action(l->base != NULL, told->after != NULL),
		.side = SIDE_THERE,
		.sync_no = t->sync_no,
		.connection_id = t->connection_id,
		.reason = told->reason,
		.fields = t->sync_no ? told->over : NULL,
		.before = l->base,
	};

	if (c.fields && t->overs)
		++*t->overs;
	return change_insert(cx, db, &c);
}

enum rc
meet_record_there(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l, const char *after)
{
	return meet_record(cx, db, t, l, &(struct told){ .after = after });
}

enum rc
meet_record_asked(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const struct asked *asked, bool *told)
{
	const struct told what = {
		.after = l->base,
		.reason = change_asked(asked->here != NULL, asked->there != NULL),
	};
	struct conflict open;

	TRY(meet_gone(cx, db, t, l, asked->here, asked->there));
	TRY(conflict_of_link(cx, db, t->owner, l->id, &open));
	if (open.id && !strcmp(open.fields, asked->fields))
		return RC_OK;
	*told = true;
	return meet_record(cx, db, t, l, &what);
}
