/*
 * ctl_undo.c - tidemark undo.
 */
#include "app/undo.h"
#include "ctl/ctl.h"
#include "store/user.h"

struct undo_find {
	const char *owner; /* NULL: nobody's */
};

static enum rc
undo_look_among(struct call *c, const struct user *u, void *arg)
{
	struct undo_find *f = arg;
	struct run run;
	enum rc rc = run_get(c->cx, c->db, u->id, c->arg[0], &run);

	if (rc == RC_OK)
		f->owner = u->id;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
undo_say(struct call *c, const char *owner)
{
	struct undo_view view;

	TRY(undo_look(c->cx, c->db, owner, c->arg[0], &view));
	for (size_t i = 0; i < view.n; i++) {
		const struct undo_item *it = &view.v[i];

		if (it->fate == UNDO_LEFT)
			ctl_say("stays: %s. %s\n", it->title, it->why);
		else if (it->label)
			ctl_say("the label %s %s there: %s\n", it->label->name,
			    it->label->on ? "is taken off" : "is put on again", it->title);
		else
			ctl_say("%s%s: %s\n", !it->before ? "goes" : "is as before",
			    it->there ? " there" : "", it->title);
	}
	ctl_say("%lld taken back, %lld left as they are%s\n", (long long)view.back,
	    (long long)view.left, view.more ? ", as far as was counted" : "");
	return RC_OK;
}

enum rc
ctl_undo(struct call *c)
{
	struct undo_find f = { 0 };
	struct caller by;
	const char *id;

	TRY(call_users(c, undo_look_among, &f));
	c->cx->err = (struct err){ 0 };
	if (!f.owner)
		return fail(c->cx, E_NOT_FOUND, "There is no sync with this id.");
	if (call_option(c, "look"))
		return undo_say(c, f.owner);
	by = call_by(c, f.owner);
	TRY(undo_sync(c->cx, c->db, &by, c->arg[0], &id));
	ctl_say("%s\n", id);
	return RC_OK;
}
