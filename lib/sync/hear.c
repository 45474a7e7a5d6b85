/*
 * hear.c - see hear.h.
 */
#include "sync/hear.h"

#include "queue/channel.h"
#include "queue/signed.h"

static bool
hear_signed(const struct provider *p)
{
	return p->kind->receiver && p->kind->receiver->signs;
}

enum rc
hear_told(
    struct ctx *cx, struct db *db, const struct provider *p, const struct conn *c, json **told)
{
	*told = NULL;
	return hear_signed(p) ? signed_told(cx, db, c, told) : RC_OK;
}

enum rc
hear_on(struct ctx *cx, struct db *db, const struct provider *p, const struct conn *c,
    const json *cursor)
{
	if (!(p->kind->caps & KIND_HOOK))
		return RC_OK;
	if (!hear_signed(p))
		return channel_want(cx, db, c);
	return signed_served(cx, db, c, p->kind->receiver->resource(json_at(cursor, "source")));
}
