/*
 * cursor.c - see cursor.h.
 */
#include "base/clock.h"
#include "sync/read/cursor.h"

/* Raised when the same bytes give other records than before. */
enum { CURSOR_ENGINE = 2 };

json *
cursor_old(struct arena *a, const struct conn *conn)
{
	json *c = json_stored(a, conn->cursor);

	if (json_num(c, "rev", -1) != conn->config_rev ||
	    json_num(c, "engine", -1) != CURSOR_ENGINE)
		return NULL;
	return c;
}

bool
cursor_other(struct arena *a, const struct conn *conn)
{
	const json *c = json_stored(a, conn->cursor);

	return c && json_num(c, "rev", -1) != conn->config_rev;
}

json *
cursor_new(struct arena *a, const struct kind *kind, const struct conn *conn, int64_t started,
    json *from_source, const char *digest)
{
	json *c = json_new(a);

	json_set_i64(c, "rev", conn->config_rev);
	json_set_i64(c, "engine", CURSOR_ENGINE);
	json_set_str(c, "digest", digest);
	if (kind->recheck_hours > 0)
		json_set_i64(c, "readAt", started);
	json_set(c, "source", from_source);
	return c;
}

bool
cursor_aged(const struct kind *kind, const json *cursor, int64_t now)
{
	int64_t age = now - json_num(cursor, "readAt", 0);

	return kind->recheck_hours > 0 && (age < 0 || age > kind->recheck_hours * HOUR_MS);
}
