/*
 * conn_end.c - see conn.h: reading everything again, and the end of a connection.
 */
#include "app/conn.h"
#include "app/remains.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "queue/leave.h"

struct conn_reset {
	const struct caller *by;
	const char *id;
	bool clear;
	const char **sync_id;
};

static enum rc
conn_reset_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_reset *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	bool clear = w->clear;
	const char **sync_id = w->sync_id;
	struct conn c;

	TRY(conn_get(cx, db, by->owner, id, &c));
	TRY(sync_reset(cx, db, &c, clear, sync_id));
	return caller_audit(cx, db, by, clear ? "cleared" : "read again", id, "");
}

enum rc
conn_reset(struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char *mode,
    const char **sync_id)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (!mode || (strcmp(mode, "refetch") && strcmp(mode, "clear")))
		return caller_wrong(cx, by, "mode",
		    "The mode is refetch (read everything again, data stays readable) or clear "
		    "(drop the data first).");

	struct conn_reset w = {
		.by = by,
		.id = id,
		.clear = !strcmp(mode, "clear"),
		.sync_id = sync_id,
	};

	TRY(db_write(cx, db, conn_reset_write, &w));
	wake_tick();
	return RC_OK;
}

struct conn_disconnect {
	const struct caller *by;
	const char *id;
	bool data;
};

static enum rc
conn_disconnect_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_disconnect *w = arg;
	struct conn c;

	TRY(conn_get(cx, db, w->by->owner, w->id, &c));
	TRY(leave_end(cx, db, &c, w->data, clock_ms()));
	return caller_audit(cx, db, w->by,
	    w->data ? "disconnected, data deleted" : "disconnected, data kept", w->id, c.name);
}

enum rc
conn_disconnect(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, bool delete_data)
{
	struct conn_disconnect w = {
		.by = by,
		.id = id,
		.data = delete_data,
	};
	enum rc rc;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	rc = db_write(cx, db, conn_disconnect_write, &w);
	/* Its data was kept, and is to go now. */
	if (rc == RC_NOTFOUND && delete_data)
		return remains_delete(cx, db, by, id);
	TRY(rc);
	wake_tick();
	return RC_OK;
}
