/*
 * ruling.c - see ruling.h.
 */
#include "store/ruling.h"

static void
ruling_read(struct ctx *cx, struct db *db, enum sql q, bool found, struct ruling *out)
{
	*out = (struct ruling){ 0 };
	if (found)
		*out = (struct ruling){
			.question = db_dup(cx->a, db, q, C_RULING_QUESTION),
			.owner = db_dup(cx->a, db, q, C_RULING_OWNER),
			.keep = db_flag(db, q, C_RULING_KEEP),
			.said = db_dup(cx->a, db, q, C_RULING_SAID),
			.done = db_num(db, q, C_RULING_DONE),
		};
	db_reset(db, q);
}

enum rc
ruling_next(struct ctx *cx, struct db *db, const char *owner, struct ruling *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RULING_NEXT, "s", owner));
	ruling_read(cx, db, Q_RULING_NEXT, found, out);
	return RC_OK;
}

enum rc
ruling_of_link(
    struct ctx *cx, struct db *db, const char *owner, const char *link_id, struct ruling *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RULING_OF_LINK, "ss", owner, link_id));
	ruling_read(cx, db, Q_RULING_OF_LINK, found, out);
	return RC_OK;
}

enum rc
ruling_of(
    struct ctx *cx, struct db *db, const char *owner, const char *question, struct ruling *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_RULING_OF, "ss", question, owner));
	ruling_read(cx, db, Q_RULING_OF, found, out);
	return RC_OK;
}

enum rc
ruling_put(struct ctx *cx, struct db *db, const struct ruling *r, int64_t now)
{
	return db_run(cx, db, NULL, Q_RULING_PUT, "ssisi", r->question, r->owner, (int64_t)r->keep,
	    r->said, now);
}

enum rc
ruling_more(struct ctx *cx, struct db *db, const struct ruling *r, int64_t n)
{
	return db_run(cx, db, NULL, Q_RULING_MORE, "ssi", r->question, r->owner, n);
}

enum rc
ruling_over(struct ctx *cx, struct db *db, const struct ruling *r)
{
	return db_run(cx, db, NULL, Q_RULING_OVER, "ss", r->question, r->owner);
}
