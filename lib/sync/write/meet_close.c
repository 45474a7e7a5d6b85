/*
 * meet_close.c - meet.h: what a link's open conflict asks is no question any more.
 */
#include "sync/write/meet.h"

#include "base/clock.h"
#include "store/conflict.h"

/* {field: what is there} of what was asked. */
static json *
meet_asked_there(struct arena *a, const struct conflict *c)
{
	json *fields = json_stored(a, c->fields), *kept = json_new(a);

	for (size_t i = 0; i < json_len(fields); i++) {
		const json *f = json_nth(fields, i);

		slot_set(kept, json_str(f, "field"), slot_of(f, "remote"));
	}
	return kept;
}

enum rc
meet_gone(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const json *here, const json *there)
{
	json *fields = json_list(cx->a), *kept = json_new(cx->a);
	struct conflict open;
	const json *asked;

	if (strcmp(l->state, LINK_CONFLICT) || !here || !there || !t->part)
		return RC_OK;
	TRY(conflict_of_link(cx, db, l->owner, l->id, &open));
	asked = json_stored(cx->a, open.fields);
	for (size_t i = 0; i < json_len(asked); i++) {
		json *f = json_copy(cx->a, json_nth(asked, i));
		const char *name = json_str(f, "field");

		if (*name != t->part || !json_has(f, "remote") || json_has(here, name) ||
		    json_has(there, name))
			continue;
		slot_set(kept, name, slot_of(f, "remote"));
		json_set_str(f, "chosen", "local");
		json_add(fields, f);
	}
	if (!json_len(fields))
		return RC_OK;
	open.state = CONFLICT_RESOLVED;
	open.fields = json_text(cx->a, fields);
	open.kept = json_text(cx->a, kept);
	open.resolved_by = "edit";
	open.resolved_at = clock_ms();
	return conflict_put(cx, db, &open);
}

enum rc
meet_close(struct ctx *cx, struct db *db, struct link *l, const char *by, bool overruled)
{
	struct conflict open;

	if (strcmp(l->state, LINK_CONFLICT))
		return RC_OK;
	TRY(conflict_of_link(cx, db, l->owner, l->id, &open));
	l->state = LINK_SYNCED;
	if (!open.id)
		return RC_OK;
	if (overruled)
		open.kept = json_text(cx->a, meet_asked_there(cx->a, &open));
	open.resolved_by = by;
	open.resolved_at = clock_ms();
	return conflict_resolve(cx, db, &open);
}
