/*
 * audit.c - see audit.h. Ids are made in order of time, so they are the cursor.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "store/audit.h"

/* Above every id. */
#define NEWEST "~"

enum rc
audit_add(
    struct ctx *cx, struct db *db, const char *owner, const struct actor *by, const struct deed *d)
{
	char id[UUID_TEXT];

	return db_run(cx, db, NULL, Q_AUDIT_INSERT, "ssisssss", rand_uuid(id), owner, clock_ms(),
	    by->name, d->action, d->object, d->detail ? d->detail : "", by->from);
}

static void
audit_read(struct arena *a, struct db *db, enum sql q, struct audit_row *r)
{
	*r = (struct audit_row){
		.id = db_dup(a, db, q, C_AUDIT_ID),
		.at = db_num(db, q, C_AUDIT_AT),
		.owner = db_dup(a, db, q, C_AUDIT_OWNER),
		.actor = db_dup(a, db, q, C_AUDIT_ACTOR),
		.action = db_dup(a, db, q, C_AUDIT_ACTION),
		.object = db_dup(a, db, q, C_AUDIT_OBJECT),
		.detail = db_dup(a, db, q, C_AUDIT_DETAIL),
		.from = db_dup(a, db, q, C_AUDIT_ADDRESS),
	};
}

enum rc
audit_page(struct ctx *cx, struct db *db, const struct audit_page *p, struct audit_list *out)
{
	enum sql q = p->object ? Q_AUDIT_OF_OBJECT : Q_AUDIT_OF_OWNER;
	const char *before = p->cursor && *p->cursor ? p->cursor : NEWEST;
	const int64_t limit = p->limit;

	if (!p->owner)
		q = Q_AUDIT_OF_ALL;
	*out = (struct audit_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	if (q == Q_AUDIT_OF_ALL)
		TRY(db_query(cx, db, q, "si", before, limit + 1));
	else if (q == Q_AUDIT_OF_OBJECT)
		TRY(db_query(cx, db, q, "sssi", p->owner, p->object, before, limit + 1));
	else
		TRY(db_query(cx, db, q, "ssi", p->owner, before, limit + 1));
	while (db_next(db, q)) {
		if ((int64_t)out->n == limit) {
			out->next = out->v[limit - 1].id;
			break;
		}
		audit_read(cx->a, db, q, &out->v[out->n++]);
	}
	return db_done(cx, db, q);
}

enum rc
audit_sweep(struct ctx *cx, struct db *db, int64_t before)
{
	return db_run(cx, db, NULL, Q_AUDIT_SWEEP, "i", before);
}
