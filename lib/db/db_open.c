/*
 * db_open.c - finding, opening and closing the database file, its settings, and SQLite's errors
 * in our words.
 *
 * Nobody opens the file but through SQLite: closing any other descriptor of it would drop
 * SQLite's locks.
 */
#include "db/handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"

/* Raised in every child that fork() makes; cheaper than asking for the process id at every
 * statement. */
static unsigned forks;

static void
count_fork(void)
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
disk_error(struct ctx *cx, struct db *db, int code)
{
	int err = sqlite3_system_errno(db->h);

	if (code == SQLITE_IOERR_WRITE || err == ENOSPC || err == EDQUOT || err == EFBIG)
		return fail(cx, E_DISK_FULL, NULL);
	return fail(cx, E_UNAVAILABLE, "The disk that holds the database reports an error.");
}

static void
tell(struct db *db, int code, const char *name)
{
	log_event(LOG_LEVEL_ERR, "db.error", "s:statement", name, "i:code", (int64_t)code,
	    "s:message", sqlite3_errmsg(db->h), "i:errno", (int64_t)sqlite3_system_errno(db->h),
	    NULL);
}

enum rc
db_fail(struct ctx *cx, struct db *db, int code, const char *name)
{
	int extended = db->h ? sqlite3_extended_errcode(db->h) : code;
	enum rc rc;

	if ((extended & 0xFF) != (code & 0xFF))
		extended = code;
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		rc = fail(cx, E_UNAVAILABLE, "The database is busy.");
		cx->err.wait_ms = 2 * SECOND_MS;
		return rc;
	case SQLITE_CONSTRAINT:
		return fail(cx, E_STATE, "The change does not fit what is stored.");
	case SQLITE_FULL:
		return fail(cx, E_DISK_FULL, NULL);
	case SQLITE_TOOBIG:
		return fail(cx, E_TOO_LARGE, "A value is larger than the database holds.");
	default:
		break;
	}
	tell(db, extended, name);
	switch (code & 0xFF) {
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return disk_error(cx, db, extended);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return fail(cx, E_UNAVAILABLE, "The database may only be read.");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail(cx, E_UNAVAILABLE,
		    "The database file is damaged. The operator runs: tidemark doctor");
	case SQLITE_NOMEM:
	case SQLITE_INTERRUPT:
	case SQLITE_PROTOCOL:
		return fail(cx, E_UNAVAILABLE, "The database has no resources left.");
	default:
		return fail(cx, E_BUG, "The database refused a statement.");
	}
}

/* --- small texts of our own --- */

enum rc
db_exec(struct ctx *cx, struct db *db, const char *name, const char *sql)
{
	int code = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? RC_OK : db_fail(cx, db, code, name);
}

enum rc
db_ask(struct ctx *cx, struct db *db, const char *name, const char *sql, int64_t *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db->h, sql, -1, &st, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(st);
		if (code == SQLITE_ROW) {
			*out = sqlite3_column_int64(st, 0);
			code = SQLITE_DONE;
		}
		sqlite3_finalize(st);
	}
	return code == SQLITE_DONE ? RC_OK : db_fail(cx, db, code, name);
}

/* --- opening --- */

/* sqlite:/path, sqlite:///path and a plain path all name a file. */
enum rc
db_place(struct ctx *cx, struct arena *a, const char **path, const char **dir)
{
	struct str s = str_trim(str_c(conf_str(CONF_DATABASE_URL)));
	char *slash, *copy;

	if (s.n == 0) {
		*path = conf_path(a, "tidemark.db");
	} else {
		if (str_istarts(s, "sqlite://"))
			s = (struct str){ s.p + 9, s.n - 9 };
		else if (str_istarts(s, "sqlite:"))
			s = (struct str){ s.p + 7, s.n - 7 };
		*path = arena_dup_str(a, s);
		if (s.n == 0 || strstr(*path, "://") || (*path)[0] == ':')
			return fail(
			    cx, E_UNAVAILABLE, "DATABASE_URL does not name an SQLite file.");
	}
	copy = arena_dup(a, *path);
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	*dir = slash ? copy : ".";
	return RC_OK;
}

static void
harden(struct db *db)
{
	static const struct {
		int id, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 16 << 20 },
		/* Views of wide datasets are part of the schema, so this is not smaller. */
		{ SQLITE_LIMIT_SQL_LENGTH, 1000000 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 1000 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 20 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(db->h, limits[i].id, limits[i].value);
	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_busy_timeout(db->h, BUSY_MS);
}

/* Is it ours, and at which version? An empty file is nobody's yet. */
static enum rc
check_file(struct ctx *cx, struct db *db)
{
	int64_t id = 0, tables = 0;
	int version;

	TRY(db_ask(cx, db, "application_id", "PRAGMA application_id", &id));
	version = db_schema_version(db);
	if (id != APPLICATION_ID) {
		if (id == 0 && version == 0)
			TRY(db_ask(
			    cx, db, "schema", "SELECT count(*) FROM sqlite_schema", &tables));
		if (id != 0 || version != 0 || tables != 0)
			return fail(
			    cx, E_UNAVAILABLE, "The database file belongs to another program.");
	}
	if (db->flags & DB_ANY_SCHEMA)
		return RC_OK;
	if (version < db_schema_wanted())
		return fail(cx, E_SCHEMA,
		    "The database is older than this program. The operator runs: tidemark migrate");
	if (version > db_schema_wanted())
		return fail(cx, E_SCHEMA,
		    "The database is newer than this program. The operator installs the newer program.");
	return RC_OK;
}

static enum rc
settings(struct ctx *cx, struct db *db)
{
	const char *text = arena_printf(cx->a,
	    "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA cache_size = %d; PRAGMA journal_size_limit = %d",
	    db->flags & DB_BIG_CACHE ? -8000 : -256, WAL_KEEP_BYTES);

	/* Stored in the file, but not in a restored backup. Costs nothing when it is so already. */
	TRY(db_exec(cx, db, "journal_mode", "PRAGMA journal_mode = WAL"));
	return db_exec(cx, db, "settings", text);
}

/* What sorting does not hold in memory lies where the data lies: guarded like it, and confined
 * processes can reach no other place. */
static void
sort_beside(const struct db *db)
{
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = sqlite3_mprintf("%s", db->dir);
}

static enum rc
open_file(struct ctx *cx, struct db *db)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    SQLITE_OPEN_EXRESCODE;
	int code;
	bool create = db->flags & DB_ANY_SCHEMA;
	mode_t mask;

	if (create) {
		flags |= SQLITE_OPEN_CREATE;
		if (mkdir(db->dir, 0700) != 0 && errno != EEXIST)
			return fail(cx, errno == ENOSPC ? E_DISK_FULL : E_UNAVAILABLE,
			    "The directory of the database cannot be made.");
	}
	sort_beside(db);
	mask = umask(077);
	code = sqlite3_open_v2(db->path, &db->h, flags, NULL);
	umask(mask);
	if (code != SQLITE_OK && !create && sqlite3_system_errno(db->h) == ENOENT)
		return fail(
		    cx, E_SCHEMA, "There is no database yet. The operator runs: tidemark migrate");
	if (code != SQLITE_OK)
		return db_fail(cx, db, code, "open");
	harden(db);
	TRY(check_file(cx, db));
	return settings(cx, db);
}

enum rc
db_open(struct ctx *cx, unsigned flags, struct db **out)
{
	static bool watching;
	struct arena *a = arena_new("db", 1 << 20, 0);
	struct db *db = arena_alloc(a, sizeof *db);
	enum rc rc;

	if (!watching)
		watching = pthread_atfork(NULL, NULL, count_fork) == 0;
	db->a = a;
	db->flags = flags;
	db->forks = forks;
	turnstile_init(&db->turn);
	rc = db_place(cx, db->a, &db->path, &db->dir);
	if (rc == RC_OK)
		rc = open_file(cx, db);
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
	sqlite3_stmt *st;

	if (!db)
		return;
	/* A forked child has the parent's handle: closing it there could remove the log file
	 * under the parent. */
	if (!db_forked(db) && db->h) {
		db_rollback(db);
		while ((st = sqlite3_next_stmt(db->h, NULL)))
			sqlite3_finalize(st);
		sqlite3_close(db->h);
	}
	turnstile_close(&db->turn);
	arena_free(db->a);
}

/* --- doctor and backup --- */

enum rc
db_integrity(struct ctx *cx, struct db *db, const char **answer)
{
	sqlite3_stmt *st;
	int code;
	int64_t broken = 0;

	TRY(db_check_process(cx, db));
	code = sqlite3_prepare_v2(db->h, "PRAGMA integrity_check(10)", -1, &st, NULL);
	if (code != SQLITE_OK)
		return db_fail(cx, db, code, "integrity_check");
	*answer = NULL;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(st, 0);

		*answer = *answer ? arena_printf(cx->a, "%s; %s", *answer, line ? line : "")
				  : arena_dup(cx->a, line ? line : "");
	}
	sqlite3_finalize(st);
	if (code != SQLITE_DONE)
		return db_fail(cx, db, code, "integrity_check");
	TRY(db_ask(
	    cx, db, "foreign_key_check", "SELECT count(*) FROM pragma_foreign_key_check", &broken));
	if (broken > 0)
		*answer = arena_printf(
		    cx->a, "%s; %lld rows refer to rows that are gone", *answer, (long long)broken);
	return RC_OK;
}

enum rc
db_backup(struct ctx *cx, struct db *db, const char *file)
{
	sqlite3_stmt *st;
	mode_t mask;
	int code;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "A backup was begun inside a transaction.");
	code = sqlite3_prepare_v2(db->h, "VACUUM INTO ?1", -1, &st, NULL);
	if (code != SQLITE_OK)
		return db_fail(cx, db, code, "backup");
	/* The copy is attached while it is made. */
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 1);
	mask = umask(077);
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	umask(mask);
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_finalize(st);
	if (code == SQLITE_ERROR)
		return fail(cx, E_STATE,
		    "The backup file exists already or cannot be made; give another name.");
	return code == SQLITE_DONE ? RC_OK : db_fail(cx, db, code, "backup");
}
