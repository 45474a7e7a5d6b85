/*
 * migrate.c - brings the schema forward: sql/NNNN_name.sql in order of number, each in one
 * transaction, never back.
 *
 * What was applied is recorded with its hash in schema_migration; a file that changed afterwards is
 * an error, because the database would no longer be what the file says. The engine repeats the
 * number where db_open() finds it quickly; both change in the same transaction.
 */
#include "db/handle.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/step.h"
#include "sql_texts.h"

enum { MIGRATIONS = sizeof sql_migrations / sizeof *sql_migrations };

int
db_schema_wanted(void)
{
	return MIGRATIONS;
}

int
db_schema_version(struct db *db)
{
	int64_t version = 0;

	if (db->drv->schema_get(db->engine, &version) != ENGINE_OK || version < 0 ||
	    version > INT32_MAX)
		return 0;
	return (int)version;
}

static enum rc
migrate_fail(struct ctx *cx, struct db *db, enum engine_code code)
{
	return db_fail(cx, db, code, "migrate");
}

/* *done: the migration was applied with exactly this text. */
static enum rc
migrate_check(struct ctx *cx, struct db *db, int version, const char *sum, bool *done)
{
	const struct driver *drv = db->drv;
	struct stmt *st;
	struct str had;
	enum engine_code code = drv->prepare(
	    db->engine, "SELECT sha256 FROM schema_migration WHERE version = ?1", &st);

	*done = false;
	if (code != ENGINE_OK)
		return migrate_fail(cx, db, code);
	code = drv->bind_num(st, 1, version);
	if (code == ENGINE_OK)
		code = drv->next(db->engine, st);
	if (code == ENGINE_ROW) {
		had = drv->text(st, 0);
		*done = had.p && str_is(had, sum);
	}
	drv->finish(st);
	if (code == ENGINE_ROW && !*done)
		return fail(cx, E_FOREIGN,
		    "Another program has made this database: its migration %d is not the one of "
		    "this program.",
		    version);
	return code == ENGINE_ROW || code == ENGINE_OK ? RC_OK : migrate_fail(cx, db, code);
}

static enum rc
migrate_record(struct ctx *cx, struct db *db, int version, const char *sum)
{
	const struct driver *drv = db->drv;
	const char *name = sql_migrations[version - 1].name;
	struct stmt *st;
	enum engine_code code = drv->prepare(db->engine,
	    "INSERT INTO schema_migration (version, name, sha256, applied_at) "
	    "VALUES (?1, ?2, ?3, ?4)",
	    &st);

	if (code != ENGINE_OK)
		return migrate_fail(cx, db, code);
	code = drv->bind_num(st, 1, version);
	if (code == ENGINE_OK)
		code = drv->bind_text(st, 2, name, strlen(name));
	if (code == ENGINE_OK)
		code = drv->bind_text(st, 3, sum, strlen(sum));
	if (code == ENGINE_OK)
		code = drv->bind_num(st, 4, clock_ms());
	if (code == ENGINE_OK)
		code = drv->next(db->engine, st);
	drv->finish(st);
	if (code == ENGINE_OK)
		code = drv->schema_set(db->engine, version);
	return code == ENGINE_OK ? RC_OK : migrate_fail(cx, db, code);
}

struct migration {
	int version;
	bool applied; /* now: it was not there */
};

/* Asks again inside its transaction: another process may be migrating too. */
static enum rc
migrate_write(struct ctx *cx, struct db *db, void *arg)
{
	struct migration *m = arg;
	const char *name = sql_migrations[m->version - 1].name;
	const char *text = sql_migrations[m->version - 1].text;
	char sum[SHA256_HEX];
	bool done;
	int64_t number, broken = 0;
	enum engine_code code;
	struct str rest;

	m->applied = false;
	if (!str_i64(str_cut(str_c(name), '_', &rest), m->version, m->version, &number))
		return fail(
		    cx, E_BUG, "Migration %d is not numbered in order: %s.", m->version, name);
	hash_sha256_hex(str_c(text), sum);
	TRY(db_exec(cx, db, "migrate", db->drv->migration_table));
	TRY(migrate_check(cx, db, m->version, sum, &done));
	if (done)
		return RC_OK;
	TRY(db_exec(cx, db, name, text));
	code = db->drv->broken_references(db->engine, &broken);
	if (code != ENGINE_OK)
		return migrate_fail(cx, db, code);
	if (broken > 0)
		return fail(cx, E_BUG, "Migration %d breaks references.", m->version);
	TRY(migrate_record(cx, db, m->version, sum));
	m->applied = true;
	step("migrate:before-commit");
	return RC_OK;
}

/* *last: the last that was applied; *n: how many were. */
static enum rc
migrate_all(struct ctx *cx, struct db *db, int *last, int *n)
{
	for (int version = 1; version <= MIGRATIONS; version++) {
		struct migration m = { .version = version };

		TRY(db_write(cx, db, migrate_write, &m));
		if (m.applied) {
			*last = version;
			++*n;
		}
	}
	return RC_OK;
}

enum rc
db_fail_newer(struct ctx *cx, int64_t version)
{
	return fail(cx, E_NEWER,
	    "The database is at version %lld, newer than this program, which knows %d.",
	    (long long)version, MIGRATIONS);
}

enum rc
db_migrate(struct ctx *cx, struct db *db, int *applied)
{
	const int from = db_schema_version(db);
	int last = from, n = 0;
	enum rc rc;

	if (from > MIGRATIONS)
		return db_fail_newer(cx, from);
	rc = migrate_all(cx, db, &last, &n);
	if (n)
		log_event(LOG_LEVEL_INFO, "db.migrated", "i:from", (int64_t)from, "i:version",
		    (int64_t)last, NULL);
	if (applied && rc == RC_OK)
		*applied = n;
	return rc;
}
