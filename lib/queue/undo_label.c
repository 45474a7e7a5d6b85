/*
 * undo_label.c - see undo.h: the label that a run has put on people there, or taken off. Whether
 * somebody has it is all that there is to it, so who has it no more, or again, since is as it
 * shall be.
 */
#include "queue/undo.h"
#include "store/labelled.h"

enum { UNDO_LABEL_LATEST = 50 };

static bool
undo_label_of_runs(const struct undo *u, const struct change *c)
{
	for (size_t i = 0; c->sync_no && i < json_len(u->runs); i++)
		if (json_num(json_nth(u->runs, i), "no", 0) == c->sync_no)
			return true;
	return false;
}

/* The newest change that says anything of it. */
static enum rc
undo_label_last(struct ctx *cx, struct db *db, const struct change *c, struct change *last)
{
	const struct change_page page = {
		.owner = c->owner,
		.object = &c->object,
		.limit = UNDO_LABEL_LATEST,
	};
	struct change_list list;

	*last = *c;
	TRY(change_page(cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++)
		if (label_act(cx->a, &list.v[i]).name) {
			*last = list.v[i];
			break;
		}
	return RC_OK;
}

/* Do the settings name it still? */
static enum rc
undo_label_wanted(
    struct ctx *cx, struct db *db, const struct undo *u, const char *wanted, bool *yes)
{
	const char *now;
	struct conn c;

	TRY(conn_get(cx, db, u->owner, u->conn_id, &c));
	now = json_str(json_stored(cx->a, c.config), "label");
	*yes = now && wanted && !strcmp(now, wanted);
	return RC_OK;
}

static enum rc
undo_label_judge(struct ctx *cx, struct db *db, const struct undo *u, const struct change *c,
    struct undo_item *it)
{
	const enum labelled_held shall = it->label->on ? LABELLED_OFF : LABELLED_ON;
	struct labelled l;
	struct change last;
	bool yes;

	TRY(undo_label_last(cx, db, c, &last));
	if (last.no != c->no &&
	    (undo_label_of_runs(u, &last) || label_act(cx->a, &last).on != it->label->on))
		return RC_OK;
	TRY(labelled_get(cx, db, u->owner, u->conn_id, c->object.key, &l));
	if (l.key && l.held == shall)
		return RC_OK;
	TRY(undo_label_wanted(cx, db, u, label_act(cx->a, c).wanted, &yes));
	it->fate = UNDO_LEFT;
	if (last.no != c->no)
		it->why = "A later sync has done the same with the label since.";
	else if (!yes)
		it->why = "The settings name another label by now, or none.";
	else
		it->fate = UNDO_BACK;
	return RC_OK;
}

enum rc
undo_labelled(struct ctx *cx, struct db *db, const struct undo *u, const struct change *c,
    struct undo_item *it)
{
	struct undo_label *label = arena_alloc(cx->a, sizeof *label);
	const struct label_act act = label_act(cx->a, c);

	*label = (struct undo_label){ act.name, act.on };
	it->fate = UNDO_NONE;
	if (!label->name)
		return RC_OK;
	it->did = CHANGE_UPDATED;
	it->connection_id = c->connection_id;
	it->label = label;
	return undo_label_judge(cx, db, u, c, it);
}

/* Whoever is kept has it by itself: nothing needs to be held for that. */
enum rc
undo_label_hold(struct ctx *cx, struct db *db, const struct undo *u, const struct undo_item *it)
{
	struct labelled l;
	json *cursor;
	struct conn c;

	TRY(conn_get(cx, db, u->owner, u->conn_id, &c));
	TRY(labelled_get(cx, db, u->owner, u->conn_id, it->object.key, &l));
	l.held = it->label->on ? LABELLED_OFF : LABELLED_ON;
	if (!l.key) {
		l.key = it->object.key;
		l.label = "";
		l.name = it->label->name;
		l.wanted = json_str(json_stored(cx->a, c.config), "label");
	}
	TRY(labelled_put(cx, db, u->owner, u->conn_id, &l));
	/* Whatever becomes of this run, the next sync does it. */
	cursor = json_stored(cx->a, c.cursor);
	if (!json_at(cursor, "source") || json_flag(json_at(cursor, "source"), "untended", false))
		return RC_OK;
	json_set_bool(json_at(cursor, "source"), "untended", true);
	return conn_set_cursor(cx, db, u->owner, u->conn_id, json_text(cx->a, cursor));
}

enum rc
undo_label_follows(struct ctx *cx, struct db *db, const struct undo *u, const struct undo_item *it)
{
	const struct undo_label label = { it->relabels, it->now != NULL };
	struct undo_item whose = *it;

	whose.label = &label;
	return undo_label_hold(cx, db, u, &whose);
}
