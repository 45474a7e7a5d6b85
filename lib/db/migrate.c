/*
 * migrate.c - forward-only schema changes: sql/NNNN_name.sql, embedded at build, each applied once in a transaction of its own and recorded with its digest.
 */

#define SQL_TEXTS
#include "base/clock.h"
#include "base/hash.h"
#include "db/db.h"
#include "db/db_private.h"

#define MIGRATIONS (sizeof sql_migrations / sizeof *sql_migrations)

int
db_schema_wanted(void)
{
	return (int)MIGRATIONS;
}

static enum rc
applied_digest(struct ctx *cx, struct db *db, int version, const char **out)
{
	sqlite3_stmt *st;

	*out = NULL;
	if (sqlite3_prepare_v2(db_handle(db), "SELECT sha256 FROM schema_migration WHERE version = ?1", -1, &st, NULL) != SQLITE_OK)
		return fail(cx, E_UNAVAILABLE, "The list of schema changes cannot be read.");
	sqlite3_bind_int(st, 1, version);
	if (sqlite3_step(st) == SQLITE_ROW)
		*out = arena_dup(cx->a, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return RC_OK;
}

static enum rc
record(struct ctx *cx, struct db *db, int version, const char *digest)
{
	sqlite3_stmt *st;
	int code;

	if (sqlite3_prepare_v2(db_handle(db), "INSERT INTO schema_migration (version, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)", -1, &st, NULL) != SQLITE_OK)
		return fail(cx, E_BUG, NULL);
	sqlite3_bind_int(st, 1, version);
	sqlite3_bind_text(st, 2, sql_migrations[version - 1].name, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 3, digest, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 4, clock_ms());
	code = sqlite3_step(st);
	sqlite3_finalize(st);
	if (code != SQLITE_DONE)
		return fail(cx, E_UNAVAILABLE, "The schema change could not be recorded.");
	return db_script(cx, db, arena_printf(cx->a, "PRAGMA user_version = %d", version));
}

static enum rc
migrate_one(struct ctx *cx, struct db *db, int version, int *applied)
{
	const char *text = sql_migrations[version - 1].text, *have;
	char digest[SHA256_HEX];

	hash_sha256_hex(str_c(text), digest);
	TRY(applied_digest(cx, db, version, &have));
	if (have)
		return strcmp(have, digest) ? fail(cx, E_SCHEMA, "%s was changed after it had been applied to this database.", sql_migrations[version - 1].name) : RC_OK;
	TRY(db_script(cx, db, text));
	TRY(record(cx, db, version, digest));
	(*applied)++;
	return RC_OK;
}

enum rc
db_migrate(struct ctx *cx, struct db *db, int *applied)
{
	int none, have = db_schema_version(db);
	enum rc rc;

	if (!applied)
		applied = &none;
	*applied = 0;
	if (have > db_schema_wanted())
		return fail(cx, E_SCHEMA, "The database is at version %d, made by a newer program; this one knows %d.", have, db_schema_wanted());
	TRY(db_script(cx, db, "PRAGMA journal_mode = WAL"));
	for (int v = 0; v <= db_schema_wanted(); v++) {
		TRY(db_begin(cx, db));
		if (v == 0)
			rc = db_script(cx, db, arena_printf(cx->a, "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
			    " sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT; PRAGMA application_id = %d", DB_APPLICATION_ID));
		else
			rc = migrate_one(cx, db, v, applied);
		if (rc == RC_OK)
			rc = db_commit(cx, db);
		if (rc != RC_OK) {
			db_rollback(db);
			return rc;
		}
	}
	return RC_OK;
}
