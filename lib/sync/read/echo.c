/*
 * echo.c - see echo.h. The history of a record says what was done there, and the ledger of labels
 * what was begun and not told any more.
 */
#include "sync/read/echo.h"

#include "store/labelled.h"
#include "store/link.h"
#include "store/payload.h"

enum { ECHO_PAST = 50 };

/* The newest of each label; up to what a run has changed here, which the source said later. */
static enum rc
echo_told(struct ctx *cx, const struct echo_of *e, json *acts)
{
	const struct change_page page = {
		.owner = e->conn->owner,
		.object = e->object,
		.limit = ECHO_PAST,
	};
	struct change_list list;

	TRY(change_page(cx, e->db, &page, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct change *c = &list.v[i];
		const struct label_act act = label_act(cx->a, c);

		if (!strcmp(c->side, SIDE_HERE) && c->sync_no)
			break;
		if (act.name && !json_has(acts, act.name))
			json_set_bool(acts, act.name, act.on);
	}
	return RC_OK;
}

/* Is it one that is being taken off everybody, for the settings name it no more? */
static bool
echo_owed(struct arena *a, const struct conn *c, const struct labelled *l)
{
	const char *wanted = json_str(json_stored(a, c->config), "label");

	return l->stands == LABELLED_PUT && (!wanted || strcmp(wanted, l->wanted) != 0);
}

static enum rc
echo_begun(struct ctx *cx, const struct echo_of *e, json *acts)
{
	struct labelled l;

	TRY(labelled_get(cx, e->db, e->conn->owner, e->conn->id, e->object->key, &l));
	if (!l.key)
		return RC_OK;
	if (l.stands == LABELLED_COMING)
		json_set_bool(acts, l.name, true);
	else if (l.stands == LABELLED_GOING || echo_owed(cx->a, e->conn, &l))
		json_set_bool(acts, l.name, false);
	return RC_OK;
}

enum rc
echo_acts(struct ctx *cx, const struct echo_of *e, json **acts)
{
	const struct label_elsewhere others = {
		.owner = e->conn->owner,
		.conn_id = e->conn->id,
		.account_id = e->conn->account_id,
		.key = e->object->key,
		.since = e->changed,
	};
	json *found = json_new(cx->a);

	TRY(echo_told(cx, e, found));
	TRY(echo_begun(cx, e, found));
	TRY(label_elsewhere(cx, e->db, &others, found));
	*acts = json_len(found) > 0 ? found : NULL;
	return RC_OK;
}

/* What the source said of it before; NULL: nothing, or that is not known. And when it was changed
 * here. */
static enum rc
echo_before(struct ctx *cx, struct echo_of *e, const char **before)
{
	const enum sql q = Q_STORED_LOOKUP;
	struct link l = { .id = NULL };
	bool found, edited = false;

	*before = NULL;
	TRY(db_row(cx, e->db, &found, q, "is", e->object->dataset_no, e->object->key));
	if (found) {
		e->changed = db_num(e->db, q, C_STORED_FOUND_CHANGED);
		edited = db_num(e->db, q, C_STORED_FOUND_ORIGIN) != 0;
		if (!edited && db_null(e->db, q, C_STORED_FOUND_DELETED))
			*before = db_dup(cx->a, e->db, q, C_STORED_FOUND_PAYLOAD);
	}
	db_reset(e->db, q);
	if (edited)
		TRY(link_of(cx, e->db, e->conn->owner, e->conn->id, e->object, &l));
	if (l.id)
		*before = l.base;
	return RC_OK;
}

static enum rc
echo_compare(
    struct ctx *cx, const struct intake *in, struct echo_of *e, struct str payload, bool *is)
{
	const struct kind *k = in->provider->kind;
	const char *before;
	json *acts, *columns;

	TRY(echo_before(cx, e, &before));
	if (!before)
		return RC_OK;
	TRY(echo_acts(cx, e, &acts));
	if (!acts)
		return RC_OK;
	columns = columns_json(cx->a, in->set->cols);
	*is = k->echoes(cx->a, payload_fields(cx->a, columns, before),
	    payload_fields(cx->a, columns, arena_dup_str(cx->a, payload)), acts);
	return RC_OK;
}

enum rc
echo_met(struct ctx *cx, const struct intake *in, struct str key, struct str payload, bool *is)
{
	struct object o = { OBJECT_RECORD, in->set->stored.no, NULL };
	struct echo_of e = { .db = in->db, .conn = in->conn, .object = &o };
	struct arena *own = cx->a;
	enum rc rc;

	*is = false;
	if (!in->db || !in->conn || !in->provider->kind->echoes)
		return RC_OK;
	/* The scratch of the row, which goes with it. */
	cx->a = in->scratch;
	o.key = arena_dup_str(cx->a, key);
	rc = echo_compare(cx, in, &e, payload, is);
	cx->a = own;
	return rc;
}
