/*
 * labelled.c - see labelled.h.
 */
#include "store/labelled.h"

enum { ELSEWHERE_PAST = 50 };

struct label_act
label_act(struct arena *a, const struct change *c)
{
	const json *f = json_nth(json_stored(a, c->fields), 0);
	const char *field = json_str(f, "field"), *after = json_str(f, "after");

	if (strcmp(c->side, SIDE_THERE) != 0 || !field || strcmp(field, "label") != 0)
		return (struct label_act){ 0 };
	return (struct label_act){
		.name = after ? after : json_str(f, "before"),
		.wanted = json_str(f, "wanted"),
		.on = after != NULL,
	};
}

enum rc
label_elsewhere(struct ctx *cx, struct db *db, const struct label_elsewhere *l, json *acts)
{
	const enum sql q = Q_LABELLED_ELSEWHERE;

	if (!l->account_id)
		return RC_OK;
	TRY(db_query(cx, db, q, "ssssii", l->account_id, l->owner, l->conn_id, l->key, l->since,
	    (int64_t)ELSEWHERE_PAST));
	while (db_next(db, q)) {
		const struct change c = {
			.side = SIDE_THERE,
			.fields = db_dup(cx->a, db, q, C_LABELLED_ELSEWHERE_FIELDS),
		};
		const struct label_act act = label_act(cx->a, &c);

		if (act.name && !json_has(acts, act.name))
			json_set_bool(acts, act.name, act.on);
	}
	return db_done(cx, db, q);
}

static void
labelled_read(struct ctx *cx, struct db *db, enum sql q, struct labelled *l)
{
	*l = (struct labelled){
		.key = db_dup(cx->a, db, q, C_LABELLED_KEY),
		.label = db_dup(cx->a, db, q, C_LABELLED_LABEL),
		.name = db_dup(cx->a, db, q, C_LABELLED_NAME),
		.wanted = db_dup(cx->a, db, q, C_LABELLED_WANTED),
		.made = db_flag(db, q, C_LABELLED_MADE),
		.stands = (enum labelled_stands)db_num(db, q, C_LABELLED_STANDS),
		.held = (enum labelled_held)db_num(db, q, C_LABELLED_HELD),
	};
}

enum rc
labelled_get(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *key,
    struct labelled *out)
{
	const enum sql q = Q_LABELLED_GET;
	bool found;

	*out = (struct labelled){ 0 };
	TRY(db_row(cx, db, &found, q, "sss", conn_id, key, owner));
	if (found)
		labelled_read(cx, db, q, out);
	db_reset(db, q);
	return RC_OK;
}

enum rc
labelled_list(
    struct ctx *cx, struct db *db, const struct labelled_page *page, struct labelled_list *out)
{
	static const enum sql which[] = {
		[LABELLED_ALL] = Q_LABELLED_LIST,
		[LABELLED_OTHERS] = Q_LABELLED_OTHERS,
		[LABELLED_HELD] = Q_LABELLED_HELD,
	};
	const enum sql q = which[page->which];

	*out = (struct labelled_list){
		.v = arena_array(cx->a, (size_t)page->limit, sizeof *out->v),
	};
	TRY(db_query(cx, db, q, "sssi", page->conn_id, page->after, page->owner, page->limit));
	while (out->n < (size_t)page->limit && db_next(db, q))
		labelled_read(cx, db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
}

enum rc
labelled_count(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, bool made, int64_t *n)
{
	const enum sql q = Q_LABELLED_COUNT;
	bool found;

	TRY(db_row(cx, db, &found, q, "ssi", conn_id, owner, (int64_t)made));
	*n = db_num(db, q, 0);
	db_reset(db, q);
	return RC_OK;
}

enum rc
labelled_put(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const struct labelled *l)
{
	const struct db_arg args[P_LABELLED_PUT__N] = {
		[P_LABELLED_PUT_CONNECTION_ID] = db_s(conn_id),
		[P_LABELLED_PUT_KEY] = db_s(l->key),
		[P_LABELLED_PUT_OWNER] = db_s(owner),
		[P_LABELLED_PUT_LABEL] = db_s(l->label),
		[P_LABELLED_PUT_NAME] = db_s(l->name),
		[P_LABELLED_PUT_WANTED] = db_s(l->wanted),
		[P_LABELLED_PUT_MADE] = db_i(l->made),
		[P_LABELLED_PUT_STANDS] = db_i(l->stands),
		[P_LABELLED_PUT_HELD] = db_i(l->held),
	};

	if (l->stands == LABELLED_NOT && l->held == LABELLED_FREE)
		return db_run(cx, db, NULL, Q_LABELLED_DROP, "sss", conn_id, l->key, owner);
	return db_run_named(cx, db, NULL, Q_LABELLED_PUT, args, P_LABELLED_PUT__N);
}

enum rc
labelled_release(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *key)
{
	return db_run(cx, db, NULL, Q_LABELLED_RELEASE, "sss", conn_id, key, owner);
}

enum rc
labelled_settle(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *wanted)
{
	TRY(db_run(cx, db, NULL, Q_LABELLED_SETTLE, "ss", conn_id, owner));
	return db_run(cx, db, NULL, Q_LABELLED_SWEEP, "sss", conn_id, owner, wanted ? wanted : "");
}
