/*
 * db_sqlite.c - db.h over SQLite, and its only user. All state is in struct db.
 *
 * Statements are prepared at first use, so that a tick with nothing to do opens in a millisecond; tests/sql prepares every one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQL_TEXTS
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "db/db.h"
#include "db/db_private.h"

enum { BUSY_MS = 10000, LOCK_WAIT_MS = 10000 };

struct db {
	sqlite3 *h;
	sqlite3_stmt *st[Q__MAX];
	int last[Q__MAX];        /* result of the last step of each */
	int turn_a, turn_b;      /* lock files of the turnstile, -1: not open */
	bool write, read;
	pid_t pid;               /* SQLite handles must not cross a fork */
};

static const char *
db_file(struct arena *a)
{
	const char *url = conf_str(CONF_DATABASE_URL);

	if (!*url)
		return conf_path(a, "tidemark.db");
	if (!strncmp(url, "sqlite:///", 10))
		return arena_printf(a, "/%s", url + 10);
	return strncmp(url, "sqlite:", 7) ? url : url + 7;
}

static enum rc
db_fail(struct ctx *cx, struct db *db, int code, const char *what)
{
	int kind = code & 0xff;

	if (kind != SQLITE_BUSY)
		log_event(LOG_LEVEL_ERR, "db.failed", "s:statement", what, "i:code", (int64_t)code, "s:message", sqlite3_errmsg(db->h), NULL);
	switch (kind) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		(void)fail(cx, E_UNAVAILABLE, NULL);
		cx->err.wait_ms = 2000;
		return RC_RETRY;
	case SQLITE_FULL:
		return fail(cx, E_DISK_FULL, NULL);
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE ? fail(cx, E_DISK_FULL, NULL)
														: fail(cx, E_UNAVAILABLE, "The disk could not be read.");
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return fail(cx, E_UNAVAILABLE, "The database file cannot be opened or written.");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail(cx, E_UNAVAILABLE, "The database file is damaged; the operator restores the last backup.");
	case SQLITE_CONSTRAINT:
		return fail(cx, E_STATE, "That contradicts what is stored.");
	default:
		return fail(cx, E_BUG, NULL);
	}
}

static enum rc
db_mine(struct ctx *cx, const struct db *db)
{
	return db->pid == getpid() ? RC_OK : fail(cx, E_BUG, "A database handle was used after a fork.");
}

static enum rc
db_exec(struct ctx *cx, struct db *db, const char *text)
{
	int code = sqlite3_exec(db->h, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? RC_OK : db_fail(cx, db, sqlite3_extended_errcode(db->h), text);
}

/*
 * Opening.
 */

static void
harden(sqlite3 *h)
{
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024);
	sqlite3_limit(h, SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 1);
	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, BUSY_MS);
}

static int64_t
pragma_number(struct db *db, const char *text)
{
	sqlite3_stmt *st;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db->h, text, -1, &st, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static enum rc
db_settings(struct ctx *cx, struct db *db, unsigned flags)
{
	int64_t id = pragma_number(db, "PRAGMA application_id");

	if (id < 0)
		return db_fail(cx, db, sqlite3_extended_errcode(db->h), "open");
	if (id != 0 && id != DB_APPLICATION_ID)
		return fail(cx, E_UNAVAILABLE, "The database file belongs to another program.");
	TRY(db_exec(cx, db, "PRAGMA foreign_keys = ON"));
	TRY(db_exec(cx, db, "PRAGMA synchronous = FULL"));
	TRY(db_exec(cx, db, "PRAGMA journal_size_limit = 67108864"));
	TRY(db_exec(cx, db, "PRAGMA temp_store = MEMORY"));
	return db_exec(cx, db, flags & DB_BIG_CACHE ? "PRAGMA cache_size = -8000" : "PRAGMA cache_size = -256");
}

static int
open_lock(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void
db_free(struct db *db)
{
	for (int i = 0; i < Q__MAX; i++)
		sqlite3_finalize(db->st[i]);
	sqlite3_close(db->h);
	if (db->turn_a >= 0)
		close(db->turn_a);
	if (db->turn_b >= 0)
		close(db->turn_b);
	free(db);
}

static enum rc
db_check(struct ctx *cx, struct db *db, unsigned flags)
{
	int have;

	TRY(db_settings(cx, db, flags));
	have = db_schema_version(db);
	if (!(flags & DB_ANY_SCHEMA) && have != db_schema_wanted())
		return fail(cx, E_SCHEMA, "The database is at version %d, this program needs %d. Run: tidemark migrate", have, db_schema_wanted());
	return RC_OK;
}

enum rc
db_open(struct ctx *cx, unsigned flags, struct db **out)
{
	const char *file = db_file(cx->a);
	struct db *db = calloc(1, sizeof *db);
	int code;
	enum rc rc;

	if (!db)
		return fail(cx, E_UNAVAILABLE, NULL);
	db->pid = getpid();
	db->turn_a = open_lock(arena_printf(cx->a, "%s.turn-a", file));
	db->turn_b = open_lock(arena_printf(cx->a, "%s.turn-b", file));
	code = sqlite3_open_v2(file, &db->h, SQLITE_OPEN_READWRITE | (flags & DB_ANY_SCHEMA ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		db_free(db);
		if (!(flags & DB_ANY_SCHEMA) && access(file, F_OK))
			return fail(cx, E_SCHEMA, "There is no database yet. Run: tidemark migrate");
		return fail(cx, E_UNAVAILABLE, "The database file cannot be opened.");
	}
	harden(db->h);
	rc = db_check(cx, db, flags);
	if (rc != RC_OK) {
		db_free(db);
		return rc;
	}
	*out = db;
	return RC_OK;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	if (db->pid == getpid())
		db_rollback(db);
	db_free(db);
}

/*
 * Transactions. The turnstile: whoever waits at A is next, whatever page the writer before it is at.
 */

static bool
lock_file(int fd)
{
	int64_t until = clock_mono_ms() + LOCK_WAIT_MS;

	if (fd < 0)
		return true; /* a read-only disk: SQLite says so itself */
	while (flock(fd, LOCK_EX) != 0) {
		if (errno != EINTR || clock_mono_ms() > until)
			return false;
	}
	return true;
}

static void
unlock_file(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_UN);
}

enum rc
db_begin(struct ctx *cx, struct db *db)
{
	enum rc rc;

	TRY(db_mine(cx, db));
	if (db->write || db->read)
		return fail(cx, E_BUG, "A transaction was begun inside another.");
	if (!lock_file(db->turn_a))
		return fail(cx, E_UNAVAILABLE, NULL);
	if (!lock_file(db->turn_b)) {
		unlock_file(db->turn_a);
		return fail(cx, E_UNAVAILABLE, NULL);
	}
	unlock_file(db->turn_a);
	rc = db_exec(cx, db, "BEGIN IMMEDIATE");
	if (rc != RC_OK)
		unlock_file(db->turn_b);
	db->write = rc == RC_OK;
	return rc;
}

enum rc
db_commit(struct ctx *cx, struct db *db)
{
	enum rc rc;

	TRY(db_mine(cx, db));
	if (!db->write)
		return fail(cx, E_BUG, "A commit without a transaction.");
	rc = db_exec(cx, db, "COMMIT");
	if (rc != RC_OK) {
		struct err err = cx->err;
		db_rollback(db);
		cx->err = err;
		return rc;
	}
	db->write = false;
	unlock_file(db->turn_b);
	return RC_OK;
}

void
db_rollback(struct db *db)
{
	if (!db->write && !db->read)
		return;
	for (int i = 0; i < Q__MAX; i++)
		if (db->st[i])
			sqlite3_reset(db->st[i]);
	/* A failed statement may have rolled back already. */
	if (!sqlite3_get_autocommit(db->h))
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	if (db->write)
		unlock_file(db->turn_b);
	db->write = db->read = false;
}

bool
db_in_write(const struct db *db)
{
	return db->write;
}

enum rc
db_read_begin(struct ctx *cx, struct db *db)
{
	TRY(db_mine(cx, db));
	if (db->write || db->read)
		return RC_OK;
	TRY(db_exec(cx, db, "BEGIN"));
	db->read = true;
	return RC_OK;
}

void
db_read_end(struct db *db)
{
	if (db->read)
		db_rollback(db);
}

/*
 * Statements.
 */

static enum rc
db_prepare(struct ctx *cx, struct db *db, enum sql q)
{
	if (db->st[q])
		return RC_OK;
	if (sqlite3_prepare_v3(db->h, sql_texts[q].text, -1, SQLITE_PREPARE_PERSISTENT, &db->st[q], NULL) != SQLITE_OK)
		return db_fail(cx, db, sqlite3_extended_errcode(db->h), sql_texts[q].name);
	return RC_OK;
}

static int
bind_one(sqlite3_stmt *st, int i, char type, va_list *ap)
{
	const char *s;
	struct str v;

	switch (type) {
	case 's':
		s = va_arg(*ap, const char *);
		return s ? sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC) : sqlite3_bind_null(st, i);
	case 'S':
		v = va_arg(*ap, struct str);
		return v.p ? sqlite3_bind_text(st, i, v.p, (int)v.n, SQLITE_STATIC) : sqlite3_bind_null(st, i);
	case 'i':
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	case 'd':
		return sqlite3_bind_double(st, i, va_arg(*ap, double));
	case 'n':
		return sqlite3_bind_null(st, i);
	default:
		return SQLITE_MISUSE;
	}
}

static enum rc
db_bind(struct ctx *cx, struct db *db, enum sql q, const char *types, va_list *ap)
{
	sqlite3_stmt *st;

	TRY(db_mine(cx, db));
	TRY(db_prepare(cx, db, q));
	st = db->st[q];
	sqlite3_reset(st);
	if (!db->write && !sqlite3_stmt_readonly(st))
		return fail(cx, E_BUG, "%s writes outside a write transaction.", sql_texts[q].name);
	if (sqlite3_bind_parameter_count(st) != (int)strlen(types))
		return fail(cx, E_BUG, "%s takes %d parameters.", sql_texts[q].name, sqlite3_bind_parameter_count(st));
	for (int i = 0; types[i]; i++)
		if (bind_one(st, i + 1, types[i], ap) != SQLITE_OK)
			return fail(cx, E_BUG, "%s: parameter %d cannot be bound.", sql_texts[q].name, i + 1);
	db->last[q] = SQLITE_OK;
	return RC_OK;
}

enum rc
db_query(struct ctx *cx, struct db *db, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, types);
	rc = db_bind(cx, db, q, types, &ap);
	va_end(ap);
	return rc;
}

bool
db_next(struct db *db, enum sql q)
{
	db->last[q] = sqlite3_step(db->st[q]);
	return db->last[q] == SQLITE_ROW;
}

enum rc
db_done(struct ctx *cx, struct db *db, enum sql q)
{
	int last = db->last[q];
	enum rc rc = last == SQLITE_DONE || last == SQLITE_ROW || last == SQLITE_OK ? RC_OK : db_fail(cx, db, sqlite3_extended_errcode(db->h), sql_texts[q].name);

	sqlite3_reset(db->st[q]);
	return rc;
}

void
db_reset(struct db *db, enum sql q)
{
	if (db->st[q])
		sqlite3_reset(db->st[q]);
}

enum rc
db_run(struct ctx *cx, struct db *db, int64_t *changed, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, types);
	rc = db_bind(cx, db, q, types, &ap);
	va_end(ap);
	TRY(rc);
	while (db_next(db, q))
		continue;
	if (changed)
		*changed = sqlite3_changes64(db->h);
	return db_done(cx, db, q);
}

enum rc
db_row(struct ctx *cx, struct db *db, bool *found, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	*found = false;
	va_start(ap, types);
	rc = db_bind(cx, db, q, types, &ap);
	va_end(ap);
	TRY(rc);
	*found = db_next(db, q);
	return *found ? RC_OK : db_done(cx, db, q);
}

const char *
db_text(struct db *db, enum sql q, int col)
{
	return (const char *)sqlite3_column_text(db->st[q], col);
}

struct str
db_str(struct db *db, enum sql q, int col)
{
	const char *p = (const char *)sqlite3_column_text(db->st[q], col);

	return (struct str){ p, p ? (size_t)sqlite3_column_bytes(db->st[q], col) : 0 };
}

char *
db_dup(struct arena *a, struct db *db, enum sql q, int col)
{
	struct str s = db_str(db, q, col);

	return s.p ? arena_dup_str(a, s) : NULL;
}

int64_t
db_num(struct db *db, enum sql q, int col)
{
	return sqlite3_column_int64(db->st[q], col);
}

double
db_real(struct db *db, enum sql q, int col)
{
	return sqlite3_column_double(db->st[q], col);
}

bool
db_null(struct db *db, enum sql q, int col)
{
	return sqlite3_column_type(db->st[q], col) == SQLITE_NULL;
}

const char *
db_sql_name(enum sql q)
{
	return sql_texts[q].name;
}

enum rc
db_prepare_all(struct ctx *cx, struct db *db)
{
	for (int i = 0; i < Q__MAX; i++)
		TRY(db_prepare(cx, db, (enum sql)i));
	return RC_OK;
}

/*
 * The rest.
 */

enum rc
db_view(struct ctx *cx, struct db *db, const char *drop, const char *create)
{
	if (!db->write)
		return fail(cx, E_BUG, "A view is made in a write transaction.");
	if (drop)
		TRY(db_exec(cx, db, drop));
	return create ? db_exec(cx, db, create) : RC_OK;
}

int
db_schema_version(struct db *db)
{
	return (int)pragma_number(db, "PRAGMA user_version");
}

enum rc
db_script(struct ctx *cx, struct db *db, const char *text)
{
	return db_exec(cx, db, text);
}

sqlite3 *
db_handle(struct db *db)
{
	return db->h;
}

enum rc
db_integrity(struct ctx *cx, struct db *db, const char **answer)
{
	sqlite3_stmt *st;

	TRY(db_mine(cx, db));
	if (sqlite3_prepare_v2(db->h, "PRAGMA integrity_check(1)", -1, &st, NULL) != SQLITE_OK)
		return db_fail(cx, db, sqlite3_extended_errcode(db->h), "integrity_check");
	*answer = sqlite3_step(st) == SQLITE_ROW ? arena_dup(cx->a, (const char *)sqlite3_column_text(st, 0)) : "no answer";
	sqlite3_finalize(st);
	return RC_OK;
}

enum rc
db_backup(struct ctx *cx, struct db *db, const char *file)
{
	sqlite3_stmt *st;
	int code;

	TRY(db_mine(cx, db));
	if (!access(file, F_OK))
		return fail(cx, E_INPUT, "The file %s is there already; name a new one.", file);
	if (sqlite3_prepare_v2(db->h, "VACUUM INTO ?1", -1, &st, NULL) != SQLITE_OK)
		return db_fail(cx, db, sqlite3_extended_errcode(db->h), "backup");
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	sqlite3_finalize(st);
	if (code != SQLITE_DONE)
		return db_fail(cx, db, sqlite3_extended_errcode(db->h), "backup");
	return chmod(file, 0600) ? fail(cx, E_UNAVAILABLE, "The mode of %s cannot be set.", file) : RC_OK;
}
