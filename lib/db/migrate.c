/*
 * migrate.c - brings the schema forward: sql/NNNN_name.sql in order of number, each in one
 * transaction, never back.
 *
 * What was applied is recorded with its hash in schema_migration; a file that changed afterwards
 * is an error, because the database would no longer be what the file says. PRAGMA user_version
 * repeats the number where db_open() finds it quickly; both change in the same transaction.
 */
#define SQL_TEXTS
#include "db/handle.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/step.h"

enum { MIGRATIONS = sizeof sql_migrations / sizeof *sql_migrations };

int
db_schema_wanted(void)
{
	return MIGRATIONS;
}

int
db_schema_version(struct db *db)
{
	struct ctx none = { .a = db->a };
	int64_t version = 0;

	if (db_ask(&none, db, "user_version", "PRAGMA user_version", &version) != RC_OK ||
	    version < 0 || version > INT32_MAX)
		return 0;
	return (int)version;
}

static enum rc
prepare(struct ctx *cx, struct db *db, const char *sql, sqlite3_stmt **st)
{
	int code = sqlite3_prepare_v2(db->h, sql, -1, st, NULL);

	return code == SQLITE_OK ? RC_OK : db_fail(cx, db, code, "migrate");
}

/* *done: the migration was applied with exactly this text. */
static enum rc
check_applied(struct ctx *cx, struct db *db, int version, const char *sum, bool *done)
{
	sqlite3_stmt *st;
	int code;

	*done = false;
	TRY(prepare(cx, db, "SELECT sha256 = ?2 FROM schema_migration WHERE version = ?1", &st));
	sqlite3_bind_int(st, 1, version);
	sqlite3_bind_text(st, 2, sum, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*done = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (code == SQLITE_ROW && !*done)
		return fail(
		    cx, E_SCHEMA, "Migration %d was changed after it had been applied.", version);
	return code == SQLITE_ROW || code == SQLITE_DONE ? RC_OK : db_fail(cx, db, code, "migrate");
}

static enum rc
record(struct ctx *cx, struct db *db, int version, const char *sum)
{
	sqlite3_stmt *st;
	int code;

	TRY(prepare(cx, db,
	    "INSERT INTO schema_migration (version, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)",
	    &st));
	sqlite3_bind_int(st, 1, version);
	sqlite3_bind_text(st, 2, sql_migrations[version - 1].name, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 3, sum, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 4, clock_ms());
	code = sqlite3_step(st);
	sqlite3_finalize(st);
	if (code != SQLITE_DONE)
		return db_fail(cx, db, code, "migrate");
	return db_exec(cx, db, "migrate",
	    arena_printf(cx->a, "PRAGMA user_version = %d; PRAGMA application_id = %d", version,
		APPLICATION_ID));
}

static enum rc
apply(struct ctx *cx, struct db *db, int version, bool *applied)
{
	const char *name = sql_migrations[version - 1].name;
	char sum[SHA256_HEX];
	bool done;
	int64_t number, broken = 0;
	struct str rest;

	*applied = false;
	if (!str_i64(str_cut(str_c(name), '_', &rest), version, version, &number))
		return fail(cx, E_BUG, "Migration %d is not numbered in order: %s.", version, name);
	hash_sha256_hex(str_c(sql_migrations[version - 1].text), sum);
	TRY(db_exec(cx, db, "migrate",
	    "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
	    "sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"));
	TRY(check_applied(cx, db, version, sum, &done));
	if (done)
		return RC_OK;
	TRY(db_exec(cx, db, name, sql_migrations[version - 1].text));
	TRY(db_ask(
	    cx, db, "foreign_key_check", "SELECT count(*) FROM pragma_foreign_key_check", &broken));
	if (broken > 0)
		return fail(cx, E_BUG, "Migration %d breaks references.", version);
	TRY(record(cx, db, version, sum));
	*applied = true;
	return RC_OK;
}

enum rc
db_migrate(struct ctx *cx, struct db *db, int *applied)
{
	int n = 0;
	bool one;

	if (db_schema_version(db) > MIGRATIONS)
		return fail(cx, E_SCHEMA,
		    "The database is newer than this program. The operator installs the newer program.");
	/* Each asks again inside its transaction: another process may be migrating too. */
	for (int version = 1; version <= MIGRATIONS; version++) {
		enum rc rc;

		TRY(db_begin(cx, db));
		rc = apply(cx, db, version, &one);
		step("migrate:before-commit");
		if (rc == RC_OK)
			rc = db_commit(cx, db);
		else
			db_rollback(db);
		if (rc != RC_OK)
			return rc;
		if (one)
			log_event(
			    LOG_LEVEL_INFO, "db.migrated", "i:version", (int64_t)version, NULL);
		n += one;
	}
	if (applied)
		*applied = n;
	return RC_OK;
}
