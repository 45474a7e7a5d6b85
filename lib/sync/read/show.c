/*
 * show.c - see show.h.
 */
#include "sync/read/show.h"

static json *
shown(struct intake *in, const char *action, struct str key, struct str payload)
{
	json *o = json_new(in->a);

	json_set_str(o, "action", action);
	json_set_s(o, "key", key);
	if (payload.n)
		json_set(o, "values", json_stored(in->a, arena_dup_str(in->a, payload)));
	return o;
}

/* What a changed record was. */
static enum rc
shower_before(struct ctx *cx, struct intake *in, struct str key, json *o)
{
	const enum sql q = Q_STORED_LOOKUP;
	bool found;

	TRY(db_row(cx, in->db, &found, q, "iS", in->set->stored.no, key));
	if (found)
		json_set(
		    o, "before", json_stored(in->a, db_dup(in->a, in->db, q, C_STORED_PAYLOAD)));
	db_reset(in->db, q);
	return RC_OK;
}

static enum rc
shower_item(struct ctx *cx, struct comparer *c, const struct plan_item *it)
{
	static const char *const actions[] = {
		[PLAN_ADD] = "ADDED",
		[PLAN_REVIVE] = "ADDED",
		[PLAN_UPDATE] = "UPDATED",
		[PLAN_DELETE] = "DELETED",
		[PLAN_BACK] = NULL,
	};
	struct shower *s = (struct shower *)c;
	bool gone = it->op == PLAN_DELETE;
	json *o;

	if (!actions[it->op] || it->edited || json_len(s->changes) >= INTAKE_PREVIEW_ROWS)
		return RC_OK;
	o = shown(&c->in, actions[it->op], it->key, gone ? (struct str){ 0 } : it->payload);
	if (it->op == PLAN_UPDATE)
		TRY(shower_before(cx, &c->in, it->key, o));
	json_add(s->changes, o);
	return RC_OK;
}

static enum rc
shower_row(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct shower *s = (struct shower *)in;
	json **rows = &s->rows[in->n - 1];

	TRY(comparing.row(cx, in, row));
	if (!*rows)
		*rows = json_list(in->a);
	if (json_len(*rows) < INTAKE_PREVIEW_ROWS)
		json_add(*rows, shown(in, "", buf_s(in->key), buf_s(in->payload)));
	return RC_OK;
}

void
shower_init(struct arena *a, struct shower *s, const struct intake_from *from)
{
	struct intake_use *use = arena_alloc(a, sizeof *use);

	*use = comparing;
	use->row = shower_row;
	intake_init(a, &s->c.in, use, from);
	s->c.item = shower_item;
	s->changes = json_list(a);
}
