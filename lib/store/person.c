/*
 * person.c - see person.h.
 */
#include "store/person.h"

#include "base/vec.h"
#include "store/dataset.h"

enum { RULES_MAX = 1000 };

/* --- tables --- */

static const char person_all[] = "\xf4\x8f\xbf\xbf"; /* behind every text: U+10FFFF */

static void
person_table_read(struct ctx *cx, struct db *db, enum sql q, struct person_table *t)
{
	struct arena *a = cx->a;

	*t = (struct person_table){
		.no = db_num(db, q, C_PERSON_TABLE_NO),
		.id = db_dup(a, db, q, C_PERSON_TABLE_ID),
		.connection_id = db_dup(a, db, q, C_PERSON_TABLE_CONNECTION_ID),
		.columns = db_dup(a, db, q, C_PERSON_TABLE_COLUMNS),
		.config = db_dup(a, db, q, C_PERSON_TABLE_CONFIG),
		.chosen = db_dup(a, db, q, C_PERSON_TABLE_MAPPING),
		.end = db_num(db, q, C_PERSON_TABLE_NEXT_SEQ) - 1,
		.pruned = db_num(db, q, C_PERSON_TABLE_PRUNED),
		.taken = db_dup(a, db, q, C_PERSON_TABLE_TAKEN),
		.seq = db_num(db, q, C_PERSON_TABLE_SEQ),
	};
	t->end += t->no << SEQ_SHIFT;
}

enum rc
person_table_next(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    int64_t after, struct person_table *out)
{
	const enum sql q = conn_id ? Q_PERSON_TABLES_OF : Q_PERSON_TABLES;
	bool found;

	*out = (struct person_table){ 0 };
	if (conn_id)
		TRY(db_row(cx, db, &found, q, "sis", owner, after, conn_id));
	else
		TRY(db_row(cx, db, &found, q, "si", owner, after));
	if (found)
		person_table_read(cx, db, q, out);
	db_reset(db, q);
	return RC_OK;
}

enum rc
person_stale(struct ctx *cx, struct db *db, const char *owner, int64_t *dataset_no)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PERSON_STALE, "s", owner));
	*dataset_no = found ? db_num(db, Q_PERSON_STALE, 0) : 0;
	db_reset(db, Q_PERSON_STALE);
	return RC_OK;
}

enum rc
person_place(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no,
    const char *mapping, int64_t seq)
{
	return db_run(cx, db, NULL, Q_PERSON_PLACE_PUT, "issi", dataset_no, owner, mapping, seq);
}

enum rc
person_place_drop(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no)
{
	return db_run(cx, db, NULL, Q_PERSON_PLACE_DROP, "is", dataset_no, owner);
}

enum rc
person_mapping(
    struct ctx *cx, struct db *db, const char *owner, const char *dataset_id, const char *mapping)
{
	if (!mapping)
		return db_run(cx, db, NULL, Q_PERSON_MAPPING_DROP, "ss", dataset_id, owner);
	return db_run(cx, db, NULL, Q_PERSON_MAPPING_PUT, "sss", dataset_id, owner, mapping);
}

/* --- people --- */

/* The columns stand in the same order in every statement that has {person}. */
static void
person_read(struct ctx *cx, struct db *db, enum sql q, struct person_row *p)
{
	const struct str name = db_str(db, q, C_PERSON_NAME);

	*p = (struct person_row){
		.dataset_no = db_num(db, q, C_PERSON_DATASET_NO),
		.key = db_dup(cx->a, db, q, C_PERSON_KEY),
		.profile_id = db_dup(cx->a, db, q, C_PERSON_PROFILE_ID),
		.name = { arena_dup_str(cx->a, name), name.n },
	};
}

static enum rc
person_read_list(struct ctx *cx, struct db *db, enum sql q, struct person_list *out)
{
	size_t cap = 0;

	*out = (struct person_list){ 0 };
	while (db_next(db, q)) {
		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		person_read(cx, db, q, &out->v[out->n++]);
	}
	return db_done(cx, db, q);
}

enum rc
person_get(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, const char *key,
    struct person_row *out)
{
	bool found;

	*out = (struct person_row){ 0 };
	TRY(db_row(cx, db, &found, Q_PERSON_GET, "iss", dataset_no, owner, key));
	if (found)
		person_read(cx, db, Q_PERSON_GET, out);
	db_reset(db, Q_PERSON_GET);
	return RC_OK;
}

enum rc
person_some(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, int64_t limit,
    struct person_list *out)
{
	TRY(db_query(cx, db, Q_PERSON_SOME, "isi", dataset_no, owner, limit));
	return person_read_list(cx, db, Q_PERSON_SOME, out);
}

enum rc
person_members(struct ctx *cx, struct db *db, const char *owner, const char *profile_id,
    int64_t limit, struct person_list *out)
{
	TRY(db_query(cx, db, Q_PERSON_MEMBERS, "ssi", owner, profile_id, limit));
	return person_read_list(cx, db, Q_PERSON_MEMBERS, out);
}

enum rc
person_holders(struct ctx *cx, struct db *db, const char *owner, const struct ident *i,
    int64_t limit, struct person_list *out)
{
	TRY(db_query(cx, db, Q_PERSON_HOLDERS, "siSi", owner, (int64_t)i->kind, i->value, limit));
	return person_read_list(cx, db, Q_PERSON_HOLDERS, out);
}

enum rc
person_put(struct ctx *cx, struct db *db, const char *owner, const struct person_row *p)
{
	return db_run(cx, db, NULL, Q_PERSON_PUT, "isssS", p->dataset_no, p->key, owner,
	    p->profile_id, p->name);
}

enum rc
person_idents_put(struct ctx *cx, struct db *db, const char *owner, const struct person_row *p,
    const struct ident_list *list)
{
	TRY(db_run(cx, db, NULL, Q_PERSON_IDENTS_DROP, "iss", p->dataset_no, owner, p->key));
	for (size_t i = 0; i < list->n; i++)
		TRY(db_run(cx, db, NULL, Q_PERSON_IDENT_PUT, "siSis", owner,
		    (int64_t)list->v[i].kind, list->v[i].value, p->dataset_no, p->key));
	return RC_OK;
}

enum rc
person_drop(struct ctx *cx, struct db *db, const char *owner, const struct person_row *p)
{
	TRY(db_run(cx, db, NULL, Q_PERSON_IDENTS_DROP, "iss", p->dataset_no, owner, p->key));
	return db_run(cx, db, NULL, Q_PERSON_DROP, "iss", p->dataset_no, owner, p->key);
}

enum rc
person_idents(struct ctx *cx, struct db *db, const char *owner, const struct person_row *p,
    struct ident_list *out)
{
	const enum sql q = Q_PERSON_IDENTS;
	size_t cap = 0;

	*out = (struct ident_list){ 0 };
	TRY(db_query(cx, db, q, "iss", p->dataset_no, owner, p->key));
	while (db_next(db, q)) {
		const struct str value = db_str(db, q, C_PERSON_IDENT_VALUE);

		VEC_HOLD(cx->a, out->v, cap, out->n + 1, VEC_ROWS_MAX);
		out->v[out->n++] = (struct ident){
			.kind = (enum ident_kind)db_num(db, q, C_PERSON_IDENT_KIND),
			.value = { arena_dup_str(cx->a, value), value.n },
		};
	}
	return db_done(cx, db, q);
}

/* --- search --- */

enum rc
person_find(struct ctx *cx, struct db *db, const char *owner, const struct person_walk *w,
    struct person_found_list *out)
{
	const enum sql q = Q_PERSON_FOUND;
	const char *from = arena_dup_str(cx->a, w->begins->value);
	const struct person_place_found *after = w->after;

	*out = (struct person_found_list){
		.v = arena_array(cx->a, (size_t)w->limit + 1, sizeof *out->v),
	};
	/* One bound from below: with two of them the index is walked from the first one on. */
	TRY(db_query(cx, db, q, "sissisi", owner, (int64_t)w->begins->kind,
	    arena_printf(cx->a, "%s%s", from, person_all),
	    after->key ? arena_dup_str(cx->a, after->value) : from,
	    after->key ? after->dataset_no : 0, after->key ? after->key : "", w->limit));
	while (out->n < (size_t)w->limit && db_next(db, q)) {
		const struct str value = db_str(db, q, C_PERSON_FOUND_VALUE);

		out->v[out->n++] = (struct person_found){
			.at = {
				.value = { arena_dup_str(cx->a, value), value.n },
				.dataset_no = db_num(db, q, C_PERSON_FOUND_DATASET_NO),
				.key = db_dup(cx->a, db, q, C_PERSON_FOUND_KEY),
			},
			.profile_id = db_dup(cx->a, db, q, C_PERSON_FOUND_PROFILE_ID),
		};
	}
	return db_done(cx, db, q);
}

enum rc
person_many(struct ctx *cx, struct db *db, const char *owner, const struct ident *begins,
    int64_t most, int64_t *n)
{
	const char *from = arena_dup_str(cx->a, begins->value);
	const enum sql q = Q_PERSON_MANY;
	bool found;

	TRY(db_row(cx, db, &found, q, "sissi", owner, (int64_t)begins->kind, from,
	    arena_printf(cx->a, "%s%s", from, person_all), most));
	*n = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

enum rc
profile_list(struct ctx *cx, struct db *db, const char *owner, const char *after, int64_t limit,
    struct profile_ids *out)
{
	*out = (struct profile_ids){ .v = arena_array(cx->a, (size_t)limit, sizeof *out->v) };
	TRY(db_query(cx, db, Q_PROFILE_LIST, "ssi", owner, after ? after : "", limit));
	while (out->n < (size_t)limit && db_next(db, Q_PROFILE_LIST))
		out->v[out->n++] = db_dup(cx->a, db, Q_PROFILE_LIST, 0);
	return db_done(cx, db, Q_PROFILE_LIST);
}

/* --- what people have decided --- */

static enum rc
person_rules_of(struct ctx *cx, struct db *db, enum sql q, struct person_rule_list *out)
{
	while (db_next(db, q))
		if (out->n < RULES_MAX)
			out->v[out->n++] = (struct person_rule){
				.dataset = { db_dup(cx->a, db, q, C_PERSON_RULE_A_DATASET),
				    db_dup(cx->a, db, q, C_PERSON_RULE_B_DATASET) },
				.key = { db_dup(cx->a, db, q, C_PERSON_RULE_A_KEY),
				    db_dup(cx->a, db, q, C_PERSON_RULE_B_KEY) },
				.same = db_flag(db, q, C_PERSON_RULE_SAME),
			};
	return db_done(cx, db, q);
}

enum rc
person_rules(struct ctx *cx, struct db *db, const char *owner, const char *dataset_id,
    const char *key, struct person_rule_list *out)
{
	*out = (struct person_rule_list){ .v = arena_array(cx->a, RULES_MAX, sizeof *out->v) };
	TRY(db_query(cx, db, Q_PERSON_RULES_A, "sss", owner, dataset_id, key));
	TRY(person_rules_of(cx, db, Q_PERSON_RULES_A, out));
	TRY(db_query(cx, db, Q_PERSON_RULES_B, "sss", owner, dataset_id, key));
	return person_rules_of(cx, db, Q_PERSON_RULES_B, out);
}

enum rc
person_ruled(struct ctx *cx, struct db *db, const char *owner, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_PERSON_RULED, "s", owner));
	db_reset(db, Q_PERSON_RULED);
	return RC_OK;
}

enum rc
person_dataset(
    struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, const char **id)
{
	const enum sql q = Q_PERSON_DATASET;
	bool found;

	TRY(db_row(cx, db, &found, q, "si", owner, dataset_no));
	*id = found ? db_dup(cx->a, db, q, 0) : NULL;
	db_reset(db, q);
	return RC_OK;
}

enum rc
person_number(struct ctx *cx, struct db *db, const char *owner, const char *dataset_id, int64_t *no)
{
	const enum sql q = Q_PERSON_NUMBER;
	bool found;

	TRY(db_row(cx, db, &found, q, "ss", owner, dataset_id));
	*no = found ? db_num(db, q, 0) : 0;
	db_reset(db, q);
	return RC_OK;
}

/* One row for two records, whichever is named first. */
enum rc
person_rule_put(struct ctx *cx, struct db *db, const char *owner, const struct person_rule *r,
    const char *actor, int64_t now)
{
	int order = strcmp(r->dataset[0], r->dataset[1]);
	size_t first;

	if (order == 0)
		order = strcmp(r->key[0], r->key[1]);
	first = order > 0;
	return db_run(cx, db, NULL, Q_PERSON_RULE_PUT, "sssssiis", owner, r->dataset[first],
	    r->key[first], r->dataset[!first], r->key[!first], (int64_t)r->same, now, actor);
}

enum rc
profile_believed(struct ctx *cx, struct db *db, const char *owner, const char **order)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PROFILE_BELIEVED, "s", owner));
	*order = found ? db_dup(cx->a, db, Q_PROFILE_BELIEVED, 0) : NULL;
	db_reset(db, Q_PROFILE_BELIEVED);
	return RC_OK;
}

enum rc
profile_believe(struct ctx *cx, struct db *db, const char *owner, const char *order)
{
	return db_run(cx, db, NULL, Q_PROFILE_BELIEVE, "ss", owner, order);
}
