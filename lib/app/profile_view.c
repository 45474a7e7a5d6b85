/*
 * profile_view.c - see profile_view.h.
 */
#include "app/profile_view.h"

#include <stdlib.h>

#include "base/conf.h"
#include "base/fold.h"
#include "kind/kind.h"
#include "profile/email.h"
#include "profile/group.h"
#include "profile/mapping.h"
#include "store/conn.h"
#include "store/data.h"

enum { TABLES_MAX = 200, FIELDS_MAX = 200 };

/* One dataset with people, and how much it is believed: the smaller, the more. */
struct believed {
	struct person_table table;
	struct dataset set;
	struct conn conn;
	struct mapping mapping;
	json *columns;
	size_t rank;
};
struct believed_list {
	struct believed *v;
	size_t n;
	const json *order; /* of connections, as somebody has set it */
};

void
profile_views(const char *owner, struct profile_views *out)
{
	*out = (struct profile_views){ .owner = owner };
}

/* As it was set; of the others those that are address books first. */
static size_t
believed_rank(const json *order, const struct conn *c)
{
	const struct kind *kind = kind_find(c->provider);
	const size_t n = json_len(order);

	for (size_t i = 0; i < n; i++)
		if (json_value_str(json_nth(order, i)) &&
		    !strcmp(json_value_str(json_nth(order, i)), c->id))
			return i;
	return n + !(kind && kind->caps & KIND_PEOPLE);
}

static enum rc
believed_add(
    struct ctx *cx, struct db *db, struct profile_views *v, int64_t no, struct believed **out)
{
	struct believed *b = &v->believed->v[v->believed->n];

	*out = NULL;
	*b = (struct believed){ 0 };
	TRY(person_table_next(cx, db, v->owner, NULL, no - 1, &b->table));
	if (b->table.no != no)
		return RC_OK;
	TRY(dataset_get(cx, db, v->owner, b->table.id, &b->set));
	TRY(conn_get(cx, db, v->owner, b->table.connection_id, &b->conn));
	mapping_of(cx->a, &b->table, conf_str(CONF_PHONE_COUNTRY), &b->mapping);
	b->columns = json_stored(cx->a, b->set.columns);
	b->rank = believed_rank(v->believed->order, &b->conn);
	v->believed->n++;
	*out = b;
	return RC_OK;
}

/* NULL: it is disconnected. */
static enum rc
believed_get(
    struct ctx *cx, struct db *db, struct profile_views *v, int64_t no, struct believed **out)
{
	const char *order;

	if (!v->believed) {
		v->believed = arena_alloc(cx->a, sizeof *v->believed);
		v->believed->v = arena_array(cx->a, TABLES_MAX, sizeof *v->believed->v);
		TRY(profile_believed(cx, db, v->owner, &order));
		v->believed->order = json_stored(cx->a, order);
	}
	for (size_t i = 0; i < v->believed->n; i++) {
		*out = &v->believed->v[i];
		if ((*out)->table.no == no)
			return RC_OK;
	}
	if (v->believed->n == TABLES_MAX)
		v->believed->n = 0;
	return believed_add(cx, db, v, no, out);
}

/* --- sources --- */

struct source_of {
	const struct believed *from;
	const json *values;
	json *shown;
	const char *name;
};

static json *
source_fields(struct arena *a, const struct source_of *s)
{
	json *fields = json_new(a);

	for (size_t i = 0; i < json_len(s->from->columns); i++) {
		const json *c = json_nth(s->from->columns, i);

		if (!json_flag(c, "gone", false))
			json_set(fields, json_str(c, "name"), json_nth(s->values, i));
	}
	return fields;
}

/* Why nobody is found to be the same elsewhere by what it has; NULL: it can be. */
static enum rc
source_skipped(
    struct ctx *cx, struct db *db, const char *owner, const struct person_row *p, const char **out)
{
	struct ident_list has;

	TRY(person_idents(cx, db, owner, p, &has));
	*out = "no_identifier";
	for (size_t i = 0; i < has.n; i++) {
		const struct ident *one = &has.v[i];

		if (one->kind == IDENT_WORD)
			continue;
		*out = "shared_mailbox";
		if (one->kind == IDENT_EMAIL && email_of_many(one->value))
			continue;
		*out = NULL;
		break;
	}
	return RC_OK;
}

/* *found false: it has gone since. */
static enum rc
source_read(struct ctx *cx, struct db *db, struct profile_views *v, const struct person_row *p,
    struct source_of *out, bool *found)
{
	const char *skipped;
	struct believed *b;
	struct record rec;
	enum rc rc;

	*found = false;
	TRY(believed_get(cx, db, v, p->dataset_no, &b));
	if (!b)
		return RC_OK;
	rc = record_get(cx, db, v->owner, &b->set, p->key, &rec);
	if (rc == RC_NOTFOUND || (rc == RC_OK && rec.deleted)) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	*out = (struct source_of){ .from = b, .values = json_stored(cx->a, rec.payload.p) };
	out->name = mapping_name(cx->a, &b->mapping, out->values);
	out->shown = json_new(cx->a);
	json_set_str(out->shown, "connectionId", b->conn.id);
	json_set_str(out->shown, "connection", b->conn.name);
	json_set_str(out->shown, "provider", b->conn.provider);
	json_set_str(out->shown, "datasetId", b->set.id);
	json_set_str(out->shown, "key", p->key);
	TRY(source_skipped(cx, db, v->owner, p, &skipped));
	json_set_str(out->shown, "skipped", skipped);
	json_set(out->shown, "fields", source_fields(cx->a, out));
	*found = true;
	return RC_OK;
}

static int
source_order(const void *x, const void *y)
{
	const struct source_of *a = x, *b = y;
	const int order = (a->from->rank > b->from->rank) - (a->from->rank < b->from->rank);

	return order ? order : strcmp(a->from->conn.id, b->from->conn.id);
}

/* --- what wins --- */

/* It says something. */
static bool
value_given(const json *value)
{
	return json_truth(value) || json_is_num(value) || json_is_bool(value);
}

/* What the sources say of one field, with the most believed first. */
static void
field_add(struct arena *a, json *fields, const char *name, const json *value, size_t source)
{
	json *o = json_at(fields, name), *others, *other;

	if (!o) {
		o = json_new(a);
		json_set(o, "value", (json *)(uintptr_t)value);
		json_set_i64(o, "source", (int64_t)source);
		json_set(o, "others", json_list(a));
		json_set(fields, name, o);
		return;
	}
	if (!strcmp(json_text(a, json_at(o, "value")), json_text(a, value)))
		return;
	others = json_at(o, "others");
	other = json_new(a);
	json_set(other, "value", (json *)(uintptr_t)value);
	json_set_i64(other, "source", (int64_t)source);
	json_add(others, other);
}

/* The name under which a field was met first: sources write it in different cases. */
static const char *
field_name(struct arena *a, const char **called, size_t n, const char *name)
{
	const struct str folded = fold_words(a, str_c(name));

	for (size_t i = 0; i < n; i++)
		if (str_eq(fold_words(a, str_c(called[i])), folded))
			return called[i];
	return name;
}

static json *
view_fields(struct arena *a, const struct source_of *v, size_t n)
{
	const char **called = arena_array(a, FIELDS_MAX, sizeof *called), *name;
	json *fields = json_new(a);
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		for (struct json_iter it = { 0 }; json_each(json_at(v[i].shown, "fields"), &it);) {
			if (!value_given(it.value))
				continue;
			name = field_name(a, called, known, it.key);
			if (!json_has(fields, name) && known == FIELDS_MAX)
				continue;
			if (!json_has(fields, name))
				called[known++] = name;
			field_add(a, fields, name, it.value, i);
		}
	return fields;
}

static enum rc
view_idents(struct ctx *cx, struct db *db, const char *owner, const struct person_list *list,
    json *emails, json *phones)
{
	struct ident_list idents;

	for (size_t i = 0; i < list->n; i++) {
		TRY(person_idents(cx, db, owner, &list->v[i], &idents));
		for (size_t k = 0; k < idents.n; k++) {
			json *to = idents.v[k].kind == IDENT_EMAIL ? emails : phones;
			bool there = idents.v[k].kind == IDENT_WORD;

			for (size_t j = 0; !there && j < json_len(to); j++)
				there = str_is(idents.v[k].value, json_value_str(json_nth(to, j)));
			if (!there)
				json_add(to, json_string(cx->a, idents.v[k].value));
		}
	}
	return RC_OK;
}

static json *
view_of(struct arena *a, const char *id, const struct source_of *v, size_t n, json *emails,
    json *phones)
{
	json *o = json_new(a), *sources = json_list(a);
	const char *name = "";

	for (size_t i = 0; i < n; i++) {
		if (!*name)
			name = v[i].name;
		json_add(sources, v[i].shown);
	}
	json_set_str(o, "id", id);
	json_set_str(o, "name", *name ? name : NULL);
	json_set(o, "emails", emails);
	json_set(o, "phones", phones);
	json_set(o, "fields", view_fields(a, v, n));
	json_set(o, "sources", sources);
	return o;
}

enum rc
profile_view(struct ctx *cx, struct db *db, struct profile_views *views, const char *id, json **out)
{
	json *emails = json_list(cx->a), *phones = json_list(cx->a);
	struct person_list list;
	struct source_of *v;
	size_t n = 0;
	bool found;

	*out = NULL;
	TRY(person_members(cx, db, views->owner, id, GROUP_MAX, &list));
	v = arena_array(cx->a, list.n + 1, sizeof *v);
	for (size_t i = 0; i < list.n; i++) {
		TRY(source_read(cx, db, views, &list.v[i], &v[n], &found));
		n += found;
	}
	if (n == 0)
		return RC_OK;
	if (n > 1)
		qsort(v, n, sizeof *v, source_order);
	TRY(view_idents(cx, db, views->owner, &list, emails, phones));
	*out = view_of(cx->a, id, v, n, emails, phones);
	return RC_OK;
}
