/*
 * refused.c - see refused.h.
 */
#include "conn/refused.h"

#include "kind/kind.h"
#include "queue/outward.h"
#include "store/called.h"
#include "store/data.h"
#include "store/link.h"

enum { REFUSED_SHOWN = 20 };

static enum rc
refused_record(struct req *r, const struct dataset_list *sets, const struct link *l, json *list)
{
	const struct dataset *d = NULL;
	struct arena *a = r->cx->a;
	json *o = json_new(a);
	struct record rec;
	enum rc rc;

	for (size_t i = 0; i < sets->n && !d; i++)
		if (sets->v[i].no == l->object.dataset_no)
			d = &sets->v[i];
	if (!d)
		return RC_OK;
	rc = record_get(r->cx, r->db, r->who.user_id, d, l->object.key, &rec);
	/* It has gone since. */
	if (rc == RC_NOTFOUND) {
		r->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	json_set_str(o, "href", page_record_href(a, d->id, rec.key));
	json_set_str(o, "title",
	    called(a, called_column(json_stored(a, d->columns)), json_stored(a, rec.payload.p),
		rec.key, called_by_digest(json_stored(a, d->key_rule))));
	json_add(list, o);
	return RC_OK;
}

static enum rc
refused_values(struct req *r, const struct conn *c, json *model)
{
	json *o = json_new(r->cx->a), *list = json_list(r->cx->a);
	struct dataset_list sets;
	struct link_list links;
	int64_t n;

	TRY(link_refused(r->cx, r->db, c->owner, c->id, &n));
	if (n == 0)
		return RC_OK;
	TRY(dataset_list(r->cx, r->db, c->owner, c->id, &sets));
	TRY(link_list_refused(r->cx, r->db, c->owner, c->id, REFUSED_SHOWN, &links));
	for (size_t i = 0; i < links.n; i++)
		TRY(refused_record(r, &sets, &links.v[i], list));
	json_set_str(o, "text",
	    page_plural(r->cx->a, n, "record is kept as it was", "records are kept as they were"));
	json_set(o, "records", list);
	json_set_str(o, "more",
	    n > REFUSED_SHOWN
		? arena_printf(r->cx->a, "and %lld more", (long long)(n - REFUSED_SHOWN))
		: NULL);
	json_set(model, "refused", o);
	return RC_OK;
}

/* Events are told once, and not again as the records that they are read from. */
static enum rc
refused_kept(struct req *r, const struct conn *c, json *model)
{
	const json *left = json_at(json_stored(r->cx->a, c->cursor), "left");
	const char *place = kind_place(c->provider, "the source");
	struct arena *a = r->cx->a;
	json *o = json_new(a);
	int64_t n;

	TRY(link_kept(r->cx, r->db, c->owner, c->id, OUTWARD_KEPT, &n));
	if (n > 0)
		json_set_str(o, "text",
		    arena_printf(a,
			"%s, here or in %s, although the other side has deleted or changed %s",
			page_plural(
			    a, n, "event is kept as it was", "events are kept as they were"),
			place, n == 1 ? "it" : "them"));
	else if ((n = json_num(left, "kept", 0)) > 0)
		json_set_str(o, "text",
		    arena_printf(a, "%s that %s does not have any more",
			page_plural(a, n, "record is kept", "records are kept"), place));
	if (n > 0)
		json_set(model, "kept", o);
	return RC_OK;
}

enum rc
refused_model(struct req *r, const struct conn *c, json *model)
{
	json *keeps = json_new(r->cx->a);

	json_set_null(keeps, "refused");
	json_set_null(keeps, "kept");
	TRY(refused_values(r, c, keeps));
	TRY(refused_kept(r, c, keeps));
	if (json_at(keeps, "refused") || json_at(keeps, "kept"))
		json_set(model, "keeps", keeps);
	else
		json_set_null(model, "keeps");
	return RC_OK;
}
