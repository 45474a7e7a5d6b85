/*
 * meet_goes.c - meet.h: what is gone at one connection and has come at another was moved there, and
 * nothing is deleted.
 */
#include "sync/write/meet.h"

enum rc
meet_elsewhere(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct link *of, const char **to)
{
	struct link_list links;

	*to = NULL;
	if (!t->ops->moved)
		return RC_OK;
	TRY(link_list(cx, db, t->owner, &of->object, &links));
	for (size_t i = 0; i < links.n && !*to; i++) {
		const struct link *l = &links.v[i];

		if (strcmp(l->id, of->id) && l->base && l->since_no > t->known_no)
			*to = l->connection_id;
	}
	return RC_OK;
}

/* A read that is under way may still have the old twin: under its own name it is remembered. */
enum rc
meet_goes(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l, const char *to)
{
	struct link old;

	TRY(meet_close(cx, db, l, "agreement", false));
	TRY(meet_record(
	    cx, db, t, l, &(struct told){ .reason = "It was moved to another calendar." }));
	old = *l;
	old.object.key = l->remote_id;
	if (old.object.key)
		TRY(meet_record_there(cx, db, t, &old, NULL));
	TRY(link_delete(cx, db, l));
	l->id = NULL;
	return t->ops->moved(cx, db, t, l->object.key, to);
}
