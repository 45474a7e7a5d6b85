/*
 * room.c - see room.h.
 */
#include "store/room.h"

#include "base/conf.h"

static const struct room_row {
	enum sql count;
	enum conf_key most;
	const char *what, *way; /* "You have 7 logins"; what makes room */
	int64_t unit;           /* of the setting and of what is told; 0: one */
} rooms[] = {
	[ROOM_CONNECTIONS] = { Q_ROOM_CONNECTIONS, CONF_USER_CONNECTIONS, "connections",
	    "Disconnect some", 1 },
	[ROOM_LOGINS] = { Q_ROOM_LOGINS, CONF_USER_LOGINS, "connected accounts", "Disconnect some",
	    1 },
	[ROOM_FOLLOWERS] = { Q_ROOM_FOLLOWERS, CONF_USER_FOLLOWERS, "progress tokens",
	    "Let them live for fewer minutes", 1 },
	[ROOM_DATASETS] = { Q_ROOM_DATASETS, CONF_USER_DATASETS, "datasets",
	    "Disconnect some, with their data", 1 },
	[ROOM_RECORDS] = { Q_ROOM_RECORDS, CONF_USER_RECORDS, "records",
	    "Disconnect some, with their data", 1 },
	[ROOM_BYTES] = { Q_ROOM_BYTES, CONF_USER_MB, "MB of records",
	    "Disconnect some, with their data", 1024 * 1024 },
};

enum rc
room_for(struct ctx *cx, struct db *db, const char *owner, enum room room, int64_t more,
    enum error_kind kind)
{
	const struct room_row *r = &rooms[room];
	const int64_t unit = r->unit ? r->unit : 1, most = conf_int(r->most);
	bool found; /* a count is one row always */
	int64_t n;

	TRY(db_row(cx, db, &found, r->count, "s", owner));
	n = db_num(db, r->count, 0);
	db_reset(db, r->count);
	if (more <= 0 || more <= most * unit - n)
		return RC_OK;
	return fail(cx, kind,
	    "You have %lld %s, of which one user can have %lld. %s, or ask the operator to raise "
	    "%s.",
	    (long long)(n / unit), r->what, (long long)most, r->way, conf_name(r->most));
}
