/*
 * open.c - opening and closing, an engine's failures in our words, and what the operator asks of
 * the whole database.
 */
#include "db/handle.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"

/* Raised in every child that fork() makes; cheaper than asking for the process id each time. */
static unsigned forks;

static void
db_count_fork(void)
{
	forks++;
}

bool
db_forked(const struct db *db)
{
	return db->forks != forks;
}

enum rc
db_check_process(struct ctx *cx, const struct db *db)
{
	if (!db_forked(db))
		return RC_OK;
	return fail(cx, E_BUG, "The database was opened before a fork.");
}

/* --- errors --- */

static enum rc
engine_fail_busy(struct ctx *cx)
{
	enum rc rc = fail(cx, E_UNAVAILABLE, "The database is busy.");

	cx->err.wait_ms = 2 * SECOND_MS;
	return rc;
}

enum rc
engine_fail(struct ctx *cx, const struct driver *drv, struct engine *engine, enum engine_code code,
    const char *name)
{
	if (engine)
		drv->tell(engine, name);
	switch (code) {
	case ENGINE_BUSY:
	case ENGINE_SERIAL:
		return engine_fail_busy(cx);
	case ENGINE_REFUSED:
		return fail(cx, E_STATE, "The change does not fit what is stored.");
	case ENGINE_FULL:
		return fail(cx, E_DISK_FULL, NULL);
	case ENGINE_TOO_LARGE:
		return fail(cx, E_TOO_LARGE, "A value is larger than the database holds.");
	case ENGINE_READ_ONLY:
		return fail(cx, E_READ_ONLY, NULL);
	case ENGINE_DAMAGED:
		db_note_damage(cx, name);
		return fail(cx, E_DAMAGED, NULL);
	case ENGINE_IO:
		return fail(cx, E_DISK_BROKEN, NULL);
	case ENGINE_MEMORY:
		return fail(cx, E_MEMORY, NULL);
	case ENGINE_RESOURCES:
		return fail(cx, E_UNAVAILABLE, "The database has no resources left.");
	case ENGINE_CROSSED:
		return fail(
		    cx, E_BUG, "Statement %s was read across the end of its transaction.", name);
	default:
		return fail(cx, E_BUG, "The database refused a statement.");
	}
}

enum rc
db_fail(struct ctx *cx, struct db *db, enum engine_code code, const char *name)
{
	if (code == ENGINE_BUSY || code == ENGINE_SERIAL)
		db->again = true;
	return engine_fail(cx, db->drv, db->engine, code, name);
}

/* --- opening --- */

enum rc
db_place(struct ctx *cx, struct arena *a, const char **path, const char **dir)
{
	return driver_sqlite.place(cx, a, path, dir);
}

static enum rc
db_check_schema(struct ctx *cx, struct db *db)
{
	int64_t version = 0;
	enum engine_code code;

	if (db->flags & DB_ANY_SCHEMA)
		return RC_OK;
	code = db->drv->schema_get(db->engine, &version);
	if (code != ENGINE_OK)
		return db_fail(cx, db, code, "schema");
	if (version < 0)
		return db_fail(cx, db, ENGINE_DAMAGED, "schema");
	if (version > db_schema_wanted())
		return db_fail_newer(cx, version);
	if (version < db_schema_wanted())
		return fail(cx, E_SCHEMA,
		    "The database is older than this program. The operator runs: tidemark migrate");
	return RC_OK;
}

enum rc
db_open(struct ctx *cx, unsigned flags, struct db **out)
{
	static bool watching;
	struct arena *a = arena_new("db", 1 << 20, 0);
	struct db *db = arena_alloc(a, sizeof *db);
	enum rc rc;

	if (!watching)
		watching = pthread_atfork(NULL, NULL, db_count_fork) == 0;
	db->a = a;
	db->drv = &driver_sqlite;
	db->flags = flags;
	db->forks = forks;
	rc = db->drv->open(cx, a, flags, &db->engine);
	if (rc == RC_OK)
		rc = db_check_schema(cx, db);
	if (rc == RC_OK)
		db_note_file(cx, db);
	if (rc != RC_OK) {
		db_close(db);
		db = NULL;
	}
	*out = db;
	return rc;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	if (db->engine) {
		db_rollback(db);
		db->drv->close(db->engine, db_forked(db));
	}
	arena_free(db->a);
}

/* --- texts of ours, and the operator's --- */

enum rc
db_exec(struct ctx *cx, struct db *db, const char *name, const char *sql)
{
	enum engine_code code = db->drv->exec(db->engine, sql);

	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, name);
}

enum rc
db_view(struct ctx *cx, struct db *db, const char *drop, const char *create)
{
	TRY(db_check_process(cx, db));
	if (!db->write)
		return fail(cx, E_BUG, "A view was made outside a write.");
	if (drop)
		TRY(db_exec(cx, db, "view_drop", drop));
	if (create)
		TRY(db_exec(cx, db, "view_create", create));
	return RC_OK;
}

enum rc
db_view_is(struct ctx *cx, struct db *db, const char *name, const char *create, bool *same)
{
	const struct driver *drv = db->drv;
	struct stmt *st;
	struct str text;
	enum engine_code code;

	*same = false;
	TRY(db_check_process(cx, db));
	code = drv->prepare(db->engine, drv->view_text, &st);
	if (code == ENGINE_OK)
		code = drv->bind_text(st, 1, name, strlen(name));
	if (code == ENGINE_OK)
		code = drv->next(db->engine, st);
	if (code == ENGINE_ROW) {
		text = drv->text(st, 0);
		*same = text.p && str_is(text, create);
	}
	drv->finish(st);
	return code == ENGINE_ROW || code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "view_text");
}

enum rc
db_integrity(struct ctx *cx, struct db *db, const char **answer)
{
	enum engine_code code;
	int64_t broken = 0;

	TRY(db_check_process(cx, db));
	code = db->drv->integrity(db->engine, cx->a, answer);
	if (code == ENGINE_OK)
		code = db->drv->broken_references(db->engine, &broken);
	if (code != ENGINE_OK)
		return db_fail(cx, db, code, "integrity_check");
	if (broken > 0)
		*answer = arena_printf(
		    cx->a, "%s; %lld rows refer to rows that are gone", *answer, (long long)broken);
	return RC_OK;
}

enum rc
db_backup(struct ctx *cx, struct db *db, const char *file)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "A backup was begun inside a transaction.");
	code = db->drv->backup(db->engine, file, db_sql_text(Q_FEED_EPOCH_FORGET));
	if (code == ENGINE_REFUSED)
		return fail(cx, E_STATE,
		    "The backup file exists already or cannot be made; give another name.");
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "backup");
}

enum rc
db_space(struct ctx *cx, struct db *db, struct db_space *out)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	code = db->drv->space(db->engine, out);
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "space");
}

enum rc
db_version(struct ctx *cx, struct db *db, int64_t *out)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	code = db->drv->version(db->engine, out);
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "version");
}

enum rc
db_restore(struct ctx *cx, struct db *db, const char *file)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "A backup was restored inside a transaction.");
	db_reset_all(db);
	if (db->drv->turn_take)
		TRY(db->drv->turn_take(cx, db->engine));
	code = db->drv->restore(
	    db->engine, file, db_sql_text(Q_FEED_EPOCH_FORGET), db_schema_wanted());
	if (db->drv->turn_give)
		db->drv->turn_give(db->engine);
	if (code == ENGINE_REFUSED)
		return fail(cx, E_STATE,
		    "The file is no backup of Tidemark, or damaged, or of a newer version.");
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "restore");
}

static enum rc
give_write(struct ctx *cx, struct db *db, void *arg)
{
	const int64_t *pages = arg;
	enum engine_code code = db->drv->give(db->engine, *pages);

	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "give");
}

enum rc
db_give(struct ctx *cx, struct db *db, int64_t bytes)
{
	struct db_space s;
	int64_t pages;

	TRY(db_space(cx, db, &s));
	pages = bytes / s.page;
	return pages > 0 && s.gives ? db_write_hasty(cx, db, give_write, &pages) : RC_OK;
}

enum rc
db_compact(struct ctx *cx, struct db *db)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "The file was to be written anew inside a transaction.");
	db_reset_all(db);
	if (db->drv->turn_take)
		TRY(db->drv->turn_take(cx, db->engine));
	code = db->drv->compact(db->engine);
	if (db->drv->turn_give)
		db->drv->turn_give(db->engine);
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "compact");
}
