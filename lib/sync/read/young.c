/*
 * young.c - see young.h.
 */
#include "sync/read/young.h"

#include "base/clock.h"
#include "store/link.h"

struct young_links {
	struct young young; /* first: what providers are given */
	struct db *db;
	const struct conn *conn;
	int64_t unsure_ms;
};

/* One that was agreed on before the clock was set back is as young. */
static enum rc
young_keys(struct ctx *cx, const struct young *young, json *keys)
{
	const struct young_links *y = (const struct young_links *)young;
	const int64_t now = clock_ms();

	return link_young(cx, y->db,
	    &(struct link_young){
		.owner = y->conn->owner,
		.connection_id = y->conn->id,
		.after = now - y->unsure_ms,
		.before = now + y->unsure_ms,
		.max = YOUNG_MAX,
	    },
	    keys);
}

const struct young *
young_of(struct arena *a, struct db *db, const struct provider *p, const struct conn *conn)
{
	struct young_links *y;

	if (!db || !p->reader->twins || !p->writer->lists_lag)
		return NULL;
	y = arena_alloc(a, sizeof *y);
	*y = (struct young_links){
		.young = { young_keys },
		.db = db,
		.conn = conn,
		.unsure_ms = p->writer->unsure_ms,
	};
	return &y->young;
}
