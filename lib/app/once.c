/*
 * once.c - see once.h.
 */
#include "app/once.h"

#include "kind/kind.h"
#include "store/login.h"

enum { ONCE_PAGE = 200 };

/* NULL: it is read into datasets alone. The main calendar of an account has its address as another
 * name. */
static enum rc
once_name(
    struct ctx *cx, struct db *db, const struct conn *c, const struct kind *k, const char **name)
{
	const json *config = json_stored(cx->a, c->config);
	struct login a;
	enum rc rc;

	*name = kind_object(k, config) ? json_str(config, k->place) : NULL;
	if (!*name || !k->place_own || strcmp(*name, k->place_own) || !c->account_id)
		return RC_OK;
	rc = login_get(cx, db, c->owner, c->account_id, &a);
	if (rc == RC_OK)
		*name = a.address;
	else if (rc == RC_NOTFOUND)
		cx->err = (struct err){ 0 };
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
once_beside(struct ctx *cx, struct db *db, const struct conn *c, const struct kind *k,
    const char *name, const struct conn *other)
{
	const json *read = json_at(json_stored(cx->a, other->cursor), "source");
	const char *theirs, *found;

	if (!strcmp(other->id, c->id) || strcmp(other->provider, c->provider))
		return RC_OK;
	TRY(once_name(cx, db, other, k, &theirs));
	if (!theirs)
		return RC_OK;
	/* The link of a database, by which one of its data sources was found. */
	found = k->place_found ? json_str(read, k->place_found) : NULL;
	if (strcasecmp(theirs, name) && (!found || strcasecmp(found, name)))
		return RC_OK;
	return fail(cx, E_STATE, "\"%.100s\" is connected to it already. Use that connection.",
	    other->name);
}

enum rc
once_only(struct ctx *cx, struct db *db, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);
	struct conn_list list = { .next = "" };
	const char *name;

	if (!k || !k->place)
		return RC_OK;
	TRY(once_name(cx, db, c, k, &name));
	while (name && list.next) {
		TRY(conn_list(cx, db, c->owner, list.next, ONCE_PAGE, &list));
		for (size_t i = 0; i < list.n; i++)
			TRY(once_beside(cx, db, c, k, name, &list.v[i]));
	}
	return RC_OK;
}
