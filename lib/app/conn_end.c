/*
 * conn_end.c - see conn.h: reading everything again, and the end of a connection.
 */
#include "app/conn.h"
#include "app/remains.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "queue/leave.h"
#include "queue/queue.h"

struct conn_reset {
	const struct caller *by;
	const char *id;
	const struct reset_mode *mode;
	const char **sync_id;
};

static const struct reset_mode {
	const char *word;
	enum reset how;
	const char *audited;
} reset_modes[] = {
	{ "refetch", RESET_READ, "read again" },
	{ "ask", RESET_ASK, "read again, to ask about what was kept" },
	{ "clear", RESET_CLEAR, "cleared" },
};

static const struct reset_mode *
reset_mode(const char *word)
{
	for (size_t i = 0; word && i < sizeof reset_modes / sizeof *reset_modes; i++)
		if (!strcmp(reset_modes[i].word, word))
			return &reset_modes[i];
	return NULL;
}

static enum rc
conn_reset_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_reset *w = arg;
	struct conn c;

	TRY(conn_get(cx, db, w->by->owner, w->id, &c));
	TRY(sync_reset(cx, db, &c, w->mode->how, w->sync_id));
	return caller_audit(cx, db, w->by, w->mode->audited, w->id, "");
}

enum rc
conn_reset(struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char *mode,
    const char **sync_id)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (!reset_mode(mode))
		return caller_wrong(cx, by, "mode",
		    "The mode is refetch (read everything again, data stays readable), ask (the "
		    "same, and ask again about what was kept) or clear (drop the data first).");

	struct conn_reset w = {
		.by = by,
		.id = id,
		.mode = reset_mode(mode),
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
	db_urgent(db);
	rc = db_write(cx, db, conn_disconnect_write, &w);
	/* Its data was kept, and is to go now. */
	if (rc == RC_NOTFOUND && delete_data)
		return remains_delete(cx, db, by, id);
	TRY(rc);
	wake_tick();
	return RC_OK;
}
