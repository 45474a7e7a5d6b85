/*
 * parted.c - see parted.h.
 */
#include "sync/parted.h"

#include "base/clock.h"
#include "store/change.h"
#include "store/data.h"

static enum rc
parted_one(struct ctx *cx, struct db *db, const struct dataset *set, const char *key)
{
	const struct change c = {
		.owner = set->owner,
		.object = { OBJECT_RECORD, set->no, key },
		.at = clock_ms(),
		.action = CHANGE_DELETED,
		.side = SIDE_THERE,
		.connection_id = set->connection_id,
		.reason = "It went there with what it was a part of, which was deleted here.",
	};
	struct record rec;
	enum rc rc = record_get(cx, db, set->owner, set, key, &rec);

	if (rc != RC_OK && cx->err.kind == E_NOT_FOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	return rec.deleted ? RC_OK : change_insert(cx, db, &c);
}

enum rc
parted_tell(
    struct ctx *cx, struct db *db, const char *owner, const char *connection_id, const json *keys)
{
	struct dataset_list sets;

	if (!json_len(keys))
		return RC_OK;
	TRY(dataset_list(cx, db, owner, connection_id, &sets));
	for (size_t i = 0; i < sets.n; i++)
		for (size_t k = 0; k < json_len(keys); k++)
			TRY(parted_one(cx, db, &sets.v[i], json_value_str(json_nth(keys, k))));
	return RC_OK;
}

enum rc
parted_is(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, struct str key, bool *is)
{
	const struct object object = { OBJECT_RECORD, dataset_no, arena_dup_str(cx->a, key) };
	struct change_list list;

	*is = false;
	TRY(change_page(
	    cx, db, &(struct change_page){ .owner = owner, .object = &object, .limit = 1 }, &list));
	if (list.n > 0)
		*is = list.v[0].action == CHANGE_DELETED && !strcmp(list.v[0].side, SIDE_THERE);
	return RC_OK;
}
