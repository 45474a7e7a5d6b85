/*
 * conn_anew.c - see conn.h: what is to be read anew, and asked about again, as the cursor says it.
 */
#include "base/json.h"
#include "store/conn.h"

static enum rc
conn_anew(struct ctx *cx, struct db *db, const struct conn *c, const char *kept_from)
{
	json *cursor = json_new(cx->a);

	json_set_i64(cursor, "rev", c->config_rev);
	json_set_bool(cursor, "asks", true);
	if (kept_from)
		json_set_str(cursor, "keptFrom", kept_from);
	return conn_set_cursor(cx, db, c->owner, c->id, json_text(cx->a, cursor));
}

enum rc
conn_read_anew(struct ctx *cx, struct db *db, const struct conn *c, bool asks)
{
	const char *kept_from = conn_kept_from(cx->a, c);

	if (!asks && !kept_from)
		return conn_set_cursor(cx, db, c->owner, c->id, NULL);
	return conn_anew(cx, db, c, kept_from);
}

enum rc
conn_ask_anew(struct ctx *cx, struct db *db, const struct conn *c)
{
	return conn_anew(cx, db, c, "");
}

bool
conn_was_read(struct arena *a, const struct conn *c)
{
	return json_at(json_stored(a, c->cursor), "source");
}

bool
conn_asks(struct arena *a, const struct conn *c)
{
	return json_flag(json_stored(a, c->cursor), "asks", false);
}

const char *
conn_kept_from(struct arena *a, const struct conn *c)
{
	return json_str(json_stored(a, c->cursor), "keptFrom");
}

enum rc
conn_set_kept_from(struct ctx *cx, struct db *db, const struct conn *c, const char *link)
{
	json *cursor = json_stored(cx->a, c->cursor);

	if (link)
		json_set_str(cursor, "keptFrom", link);
	else
		json_unset(cursor, "keptFrom");
	return conn_set_cursor(cx, db, c->owner, c->id, json_text(cx->a, cursor));
}
