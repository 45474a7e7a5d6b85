/*
 * known.c - see known.h. Of sources with several tables nothing is known by name: each of them
 * is found by its own id.
 */
#include "store/data.h"
#include "sync/read/known.h"

static json *
known_labels(struct arena *a, const char *columns)
{
	json *stored = json_stored(a, columns), *list = json_list(a);

	for (size_t i = 0; i < json_len(stored); i++) {
		const json *c = json_nth(stored, i);

		if (!json_flag(c, "gone", false) && json_str(c, "label"))
			json_add_str(list, json_str(c, "label"));
	}
	return list;
}

enum rc
source_known(struct ctx *cx, struct db *db, const struct conn *c, json **out)
{
	struct dataset_list list;

	*out = NULL;
	TRY(dataset_list(cx, db, c->owner, c->id, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!*list.v[i].remote_id) {
			*out = json_stored(cx->a, list.v[i].reading);
			json_set(*out, "columns", known_labels(cx->a, list.v[i].columns));
		}
	return RC_OK;
}
