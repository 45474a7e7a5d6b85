/*
 * around.c - see around.h.
 */
#include "sync/write/around.h"

#include "base/clock.h"

/* So often, and so many changes are looked through for it: there may be more connections. */
enum { AROUND_MAX = 6, AROUND_CHANGES = 100 };

/* Of those within the hour, the newest first. */
static int
around_times(const struct twoway *t, const struct change_list *list, int64_t from)
{
	bool came = false;
	int n = 0;

	for (size_t i = 0; i < list->n && list->v[i].at >= from; i++) {
		const struct change *c = &list->v[i];
		const bool here = !strcmp(c->side, SIDE_HERE);

		if (here && c->actor)
			break;
		if (!c->connection_id || strcmp(c->connection_id, t->connection_id) != 0)
			continue;
		n += came && !here && !c->sync_no;
		came = here || (came && c->sync_no);
	}
	return n;
}

enum rc
around_goes(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct object *o, bool *goes)
{
	const int64_t from = clock_ms() - HOUR_MS;
	const struct change_page page = { .owner = t->owner, .object = o, .limit = AROUND_CHANGES };
	const struct change_mark mark = {
		.owner = t->owner,
		.object = o,
		.connection_id = t->connection_id,
		.from = from,
	};
	struct change_list list;
	int64_t taken;

	*goes = false;
	TRY(change_taken(cx, db, &mark, &taken));
	if (taken < AROUND_MAX)
		return RC_OK;
	TRY(change_page(cx, db, &page, &list));
	*goes = around_times(t, &list, from) >= AROUND_MAX;
	return RC_OK;
}
