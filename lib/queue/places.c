/*
 * places.c - see places.h.
 */
#include "queue/places.h"

#include "base/clamp.h"
#include "base/conf.h"

enum { WAITING = 8 }; /* runs that may wait, for each place */

int64_t
places_most(void)
{
	return clamp(conf_int(CONF_WORKERS) * (1 + WAITING), 1, PLACES_OWNERS);
}

static struct places_owner *
places_of(struct arena *a, struct places *p, const char *owner)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].owner, owner))
			return &p->v[i];
	if (p->n == PLACES_OWNERS)
		return NULL;
	p->v[p->n] = (struct places_owner){ .owner = arena_dup(a, owner) };
	return &p->v[p->n++];
}

static void
places_add(struct places_taken *t, int64_t busy, int64_t n, bool failing)
{
	t->busy += busy;
	t->all += n;
	t->failing_busy += failing ? busy : 0;
	t->failing_all += failing ? n : 0;
}

static void
places_count(struct arena *a, struct places *p, struct db *db)
{
	const enum sql q = Q_QUEUE_PLACES;
	const int64_t n = db_num(db, q, C_QUEUE_PLACES_N);
	const int64_t busy = db_flag(db, q, C_QUEUE_PLACES_WAITS) ? 0 : n;
	const bool failing = db_flag(db, q, C_QUEUE_PLACES_FAILING);
	const bool asked = db_flag(db, q, C_QUEUE_PLACES_ASKED);
	struct places_owner *o = places_of(a, p, db_text(db, q, C_QUEUE_PLACES_OWNER));

	places_add(&p->total, busy, n, failing);
	if (asked)
		places_add(&p->asked, busy, n, failing);
	if (!o)
		return;
	places_add(&o->total, busy, n, failing);
	if (asked)
		places_add(&o->asked, busy, n, failing);
}

enum rc
places_read(struct ctx *cx, struct db *db, struct places *out)
{
	*out = (struct places){ 0 };
	TRY(db_query(cx, db, Q_QUEUE_PLACES, ""));
	while (db_next(db, Q_QUEUE_PLACES))
		places_count(cx->a, out, db);
	return db_done(cx, db, Q_QUEUE_PLACES);
}

static int64_t
places_half(int64_t n)
{
	return n < 2 ? n : n / 2;
}

bool
places_any(const struct places *p, struct places_want want)
{
	const int64_t slots = conf_int(CONF_WORKERS), most = places_most();
	const struct places_taken *t = want.asked ? &p->asked : &p->total;

	return t->busy < slots && t->all < most &&
	    (!want.failing ||
		(t->failing_busy < places_half(slots) && t->failing_all < places_half(most)));
}

bool
places_for(const struct places *p, const char *owner, struct places_want want)
{
	const int64_t slots = conf_int(CONF_WORKERS), most = places_most();
	const int64_t busy = slots == 1 ? 1 : slots - 1, room = most - slots;
	const struct places_taken *t;

	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].owner, owner) != 0)
			continue;
		t = want.asked ? &p->v[i].asked : &p->v[i].total;
		return t->busy < busy && t->all < (room > busy ? room : busy);
	}
	return true;
}
