/*
 * named.c - see named.h.
 */
#include "conn/named.h"

#include "kind/kind.h"
#include "store/called.h"
#include "store/data.h"

static const struct field *
named_field(const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);
	const struct field *f = k ? k->fields : NULL;

	while (f && f->name && !f->search)
		f++;
	return f && f->name ? f : NULL;
}

/* What the record of this key is called in one of the datasets; NULL: there is none. */
static enum rc
named_title(struct req *r, const struct dataset_list *sets, const char *key, const char **out)
{
	struct arena *a = r->cx->a;
	struct record rec;

	*out = NULL;
	for (size_t i = 0; i < sets->n && !*out; i++) {
		const struct dataset *d = &sets->v[i];
		enum rc rc = record_get(r->cx, r->db, r->who.user_id, d, key, &rec);

		if (rc == RC_OK)
			*out = called(a, called_column(json_stored(a, d->columns)),
			    json_stored(a, rec.payload.p), key,
			    called_by_digest(json_stored(a, d->key_rule)));
		else if (rc != RC_NOTFOUND)
			return rc;
		r->cx->err = (struct err){ 0 };
	}
	return RC_OK;
}

enum rc
named_choices(struct req *r, const struct conn *c, const json *config, json *choices)
{
	const struct field *f = named_field(c);
	json *list = json_list(r->cx->a);
	struct dataset_list sets;
	const json *chosen;

	if (!f || json_has(choices, f->name))
		return RC_OK;
	chosen = page_chosen(r, f->name, config);
	TRY(dataset_list(r->cx, r->db, r->who.user_id, c->id, &sets));
	for (size_t i = 0; i < json_len(chosen); i++) {
		const char *id = json_value_str(json_nth(chosen, i)), *title;
		json *o = json_new(r->cx->a);

		TRY(named_title(r, &sets, id, &title));
		json_set_str(o, "id", id);
		json_set_str(o, "title", title ? title : "Not read yet");
		json_set_str(o, "detail", title ? NULL : id);
		json_set_bool(o, "gone", false);
		json_add(list, o);
	}
	json_set(choices, f->name, list);
	return RC_OK;
}
