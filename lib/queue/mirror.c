/*
 * mirror.c - see mirror.h.
 */
#include "queue/mirror.h"

#include "base/clock.h"
#include "base/vec.h"
#include "kind/kind.h"
#include "queue/edit.h"
#include "queue/outward.h"
#include "store/change.h"

enum { MIRROR_PAGE = 100, MIRROR_CONNS = 200 };

static void
mirror_add(struct arena *a, struct mirror *m, size_t *cap, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);
	const json *config = json_stored(a, c->config);
	const char *object = k ? kind_object(k, config) : NULL;

	if (c->leaving || !object || strcmp(object, OBJECT_EVENT))
		return;
	VEC_HOLD(a, m->v, *cap, m->n + 1, VEC_ROWS_MAX);
	m->v[m->n] = (struct mirror_to){
		.id = c->id,
		.ways = ways_of(config),
		/* While a run saves there is no cursor: what it has read before is known. */
		.read = c->cursor || c->sched.last_success_at,
	};
	m->v[m->n++].ways.closed = c->read_only;
}

enum rc
mirror_open(struct ctx *cx, struct db *db, const char *owner, struct mirror *out)
{
	struct conn_list list;
	size_t cap = 0;

	*out = (struct mirror){ 0 };
	list.next = "";
	do {
		TRY(conn_list(cx, db, owner, list.next, MIRROR_CONNS, &list));
		for (size_t i = 0; i < list.n; i++)
			mirror_add(cx->a, out, &cap, &list.v[i]);
	} while (list.next);
	return RC_OK;
}

bool
mirror_wants(const struct mirror_to *to, const struct event_row *e)
{
	if (e->deleted_at || (e->origin && !strcmp(e->origin, to->id)))
		return false;
	return ways_writes(&to->ways, e->origin) && ways_touch(&to->ways, e->from_at, e->until_at);
}

static enum rc
mirror_link(struct ctx *cx, struct db *db, const struct mirror_to *to, const struct event_row *e,
    int64_t now)
{
	struct link l = {
		.owner = e->owner,
		.connection_id = to->id,
		.object = { .kind = OBJECT_EVENT, .key = e->id },
		.run_no = to->run_no,
	};

	return edit_link(cx, db, &l, now);
}

/* Unless it has one. */
static enum rc
mirror_link_once(struct ctx *cx, struct db *db, const struct mirror_to *to,
    const struct event_row *e, int64_t now)
{
	const struct object o = { .kind = OBJECT_EVENT, .key = e->id };
	struct link l;

	TRY(link_of(cx, db, e->owner, to->id, &o, &l));
	return l.id ? RC_OK : mirror_link(cx, db, to, e, now);
}

enum rc
mirror_event(
    struct ctx *cx, struct db *db, const struct mirror *m, const struct event_row *e, int64_t now)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].read && mirror_wants(&m->v[i], e))
			TRY(mirror_link_once(cx, db, &m->v[i], e, now));
	return RC_OK;
}

/* Also where the first read is under way: it cannot find there what is made here now. */
enum rc
mirror_split(struct ctx *cx, struct db *db, const struct mirror *m, const char *from,
    const struct event_row *e, int64_t now)
{
	const struct object o = { .kind = OBJECT_EVENT, .key = from };
	struct link l;

	for (size_t i = 0; i < m->n; i++) {
		TRY(link_of(cx, db, e->owner, m->v[i].id, &o, &l));
		if (!l.id || m->v[i].ways.direction == WAYS_PULL)
			continue;
		if (strcmp(l.state, LINK_SKIPPED) || outward_resumes(&l))
			TRY(mirror_link_once(cx, db, &m->v[i], e, now));
	}
	return RC_OK;
}

enum rc
mirror_fill(struct ctx *cx, struct db *db, const char *owner, const struct mirror_to *to,
    struct mirror_at *at)
{
	const int64_t now = clock_ms();
	struct event_list list;

	TRY(event_unlinked(cx, db,
	    &(struct event_page){
		.owner = owner,
		.connection_id = to->id,
		.after = at->after,
		.after_id = at->after_id,
		.limit = MIRROR_PAGE,
	    },
	    &list));
	for (size_t i = 0; i < list.n; i++) {
		at->after = list.v[i].from_at;
		at->after_id = list.v[i].id;
		if (!mirror_wants(to, &list.v[i]))
			continue;
		TRY(mirror_link(cx, db, to, &list.v[i], now));
		at->made++;
	}
	at->over = !list.more;
	return RC_OK;
}

enum rc
mirror_late(
    struct ctx *cx, struct db *db, const char *owner, const struct mirror_to *to, int64_t after)
{
	const int64_t now = clock_ms();
	struct change_keys keys;
	struct event_row e;

	TRY(change_keys(cx, db, owner, OBJECT_EVENT, after, &keys));
	for (size_t i = 0; i < keys.n; i++) {
		TRY(event_try(cx, db, owner, keys.v[i], &e));
		if (e.id && mirror_wants(to, &e))
			TRY(mirror_link_once(cx, db, to, &e, now));
	}
	return RC_OK;
}
