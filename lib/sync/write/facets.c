/*
 * facets.c - see facets.h.
 */
#include "sync/write/facets.h"

#include "base/clock.h"
#include "kind/ways.h"
#include "queue/post.h"
#include "store/conn.h"

/* Is the twin of this link one that shows them? */
static enum rc
facets_shown(struct ctx *cx, struct db *db, const struct link *l, bool *shown)
{
	const struct provider *p;
	struct conn c;
	enum rc rc;

	*shown = false;
	/* What is being made there may have been told of others. */
	if (!strcmp(l->state, LINK_SKIPPED) || (!l->remote_id && strcmp(l->state, LINK_QUEUED)))
		return RC_OK;
	rc = conn_get(cx, db, l->owner, l->connection_id, &c);
	/* Links of a connection that was cut stay, so that it can be made anew. */
	if (rc != RC_OK && cx->err.kind == E_NOT_FOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	p = provider_find(c.provider);
	*shown = p && p->writer->shows &&
	    ways_of(json_stored(cx->a, c.config)).direction != WAYS_PULL;
	return RC_OK;
}

/* A look finds that it shows others, and has them filled in. */
static enum rc
facets_spread(struct ctx *cx, struct db *db, const struct link *from)
{
	struct link_list list;
	bool shown;

	TRY(link_list(cx, db, from->owner, &from->object, &list));
	for (size_t i = 0; i < list.n; i++) {
		if (!strcmp(list.v[i].id, from->id))
			continue;
		TRY(facets_shown(cx, db, &list.v[i], &shown));
		if (shown)
			TRY(post_look(cx, db, &list.v[i], clock_ms()));
	}
	return RC_OK;
}

/* Is there anything to keep? Of what we have made there itself, we are the guest of nobody. */
static bool
facets_told(const struct link *l, const struct there *there)
{
	return !l->ours && there->values && there->facets &&
	    (l->facets || json_len(there->facets) > 0);
}

void
facets_first(struct arena *a, struct link *l, const struct there *there)
{
	if (facets_told(l, there))
		l->facets = json_text(a, there->facets);
}

enum rc
facets_take(struct ctx *cx, struct db *db, const struct twoway *t, struct link *l,
    const struct there *there)
{
	const char *text;

	(void)t;
	if (!l->id || !facets_told(l, there))
		return RC_OK;
	text = json_text(cx->a, there->facets);
	if (l->facets && !strcmp(l->facets, text))
		return RC_OK;
	l->facets = text;
	TRY(link_save(cx, db, l));
	return facets_spread(cx, db, l);
}

enum rc
facets_for(
    struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l, const json **out)
{
	const struct link *first = NULL;
	struct link_list list;

	*out = NULL;
	if (!t->writer->shows)
		return RC_OK;
	TRY(link_list(cx, db, t->owner, &l->object, &list));
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].facets && !list.v[i].ours &&
		    (!first || list.v[i].created_at < first->created_at))
			first = &list.v[i];
	if (first)
		*out = json_stored(cx->a, first->facets);
	return RC_OK;
}

enum rc
facets_since(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const json *sent, bool *other)
{
	const json *now;

	TRY(facets_for(cx, db, t, l, &now));
	*other = strcmp(json_text(cx->a, sent), json_text(cx->a, now)) != 0;
	return RC_OK;
}

/* A read of its twin may have come between the look that was asked for and now. */
bool
facets_maybe(const json *facets, const struct outbox *o)
{
	return facets && (o->edits > 1 || (o->fields && !strcmp(o->fields, "[]")));
}
