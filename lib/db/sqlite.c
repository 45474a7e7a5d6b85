/*
 * sqlite.c - the driver of SQLite. Nobody else knows it, but for what its codes mean
 * (sqlite_code.c) and what is asked of the whole file (sqlite_care.c).
 *
 * Nobody opens the file but through SQLite: closing any other descriptor of it would drop SQLite's
 * locks. Writers of all processes take turns (turn.h) before BEGIN IMMEDIATE, because SQLite's own
 * waiting is unfair.
 */
#include "db/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/log.h"
#include "db/db.h"
#include "db/driver.h"
#include "db/turn.h"

enum { WAL_KEEP_BYTES = 64 << 20, BUSY_MS = 10000 };

struct engine {
	sqlite3 *h;
	const char *path, *dir;
	int code;       /* the last that was not all right */
	char said[200]; /* in words, when it was another handle that said it; "": it was ours */
	int said_errno;
	struct turnstile turn;
	bool hasty; /* commits do not wait for the disk */
	sqlite3_stmt *begin_read, *begin_write, *commit, *rollback;
};

sqlite3 *
sqlite_handle(struct engine *e)
{
	return e->h;
}

struct turnstile *
sqlite_turn(struct engine *e)
{
	return &e->turn;
}

static sqlite3_stmt *
sqlite_stmt(struct stmt *st)
{
	return (sqlite3_stmt *)st;
}

/* --- errors --- */

enum engine_code
sqlite_code(struct engine *e, int code)
{
	e->code = code;
	e->said[0] = '\0';
	return sqlite_meaning(code, sqlite3_system_errno(e->h), e->dir);
}

enum engine_code
sqlite_code_of(struct engine *e, sqlite3 *other, int code)
{
	e->code = code;
	e->said_errno = sqlite3_system_errno(other);
	snprintf(e->said, sizeof e->said, "%s", sqlite3_errmsg(other));
	return sqlite_meaning(code, e->said_errno, e->dir);
}

static void
sqlite_tell(struct engine *e, const char *name)
{
	switch (e->code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_CONSTRAINT:
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return;
	default:
		log_event(LOG_LEVEL_ERR, "db.error", "s:statement", name, "i:code",
		    (int64_t)e->code, "s:message", *e->said ? e->said : sqlite3_errmsg(e->h),
		    "i:errno", (int64_t)(*e->said ? e->said_errno : sqlite3_system_errno(e->h)),
		    NULL);
	}
}

static enum rc
sqlite_fail(struct ctx *cx, struct engine *e, enum engine_code code, const char *name)
{
	return engine_fail(cx, &driver_sqlite, e, code, name);
}

/* --- texts of our own --- */

enum engine_code
sqlite_exec(struct engine *e, const char *text)
{
	return sqlite_code(e, sqlite3_exec(e->h, text, NULL, NULL, NULL));
}

/* The first column of the first row. */
enum engine_code
sqlite_ask(struct engine *e, const char *text, int64_t *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(e->h, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return sqlite_code(e, code);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*out = sqlite3_column_int64(st, 0);
		code = SQLITE_DONE;
	}
	sqlite3_finalize(st);
	return sqlite_code(e, code);
}

/* Prepared once, run without parameters. */
static enum engine_code
sqlite_step_own(struct engine *e, sqlite3_stmt **st, const char *text)
{
	int code = SQLITE_OK;

	if (!*st)
		code = sqlite3_prepare_v3(e->h, text, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(*st);
		sqlite3_reset(*st);
	}
	return sqlite_code(e, code);
}

/* --- opening --- */

/* sqlite:/path, sqlite:///path and a plain path all name a file. */
static enum rc
sqlite_place(struct ctx *cx, struct arena *a, const char **path, const char **dir)
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
			return fail(cx, E_FOREIGN, "DATABASE_URL does not name an SQLite file.");
	}
	copy = arena_dup(a, *path);
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	*dir = slash ? copy : ".";
	return RC_OK;
}

static void
sqlite_harden(sqlite3 *h)
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

	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(h, limits[i].id, limits[i].value);
	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, BUSY_MS);
}

/* Is it ours? An empty file is nobody's yet. */
static enum rc
sqlite_check_file(struct ctx *cx, struct engine *e)
{
	int64_t id = 0, version = 0, tables = 0;
	enum engine_code code = sqlite_ask(e, "PRAGMA application_id", &id);

	if (code == ENGINE_OK)
		code = sqlite_ask(e, "PRAGMA user_version", &version);
	if (code == ENGINE_OK && id == 0 && version == 0)
		code = sqlite_ask(e, "SELECT count(*) FROM sqlite_schema", &tables);
	if (code != ENGINE_OK)
		return sqlite_fail(cx, e, code, "application_id");
	if (id != APPLICATION_ID && (id != 0 || version != 0 || tables != 0))
		return fail(cx, E_FOREIGN, "The database file belongs to another program.");
	return RC_OK;
}

static enum rc
sqlite_settings(struct ctx *cx, struct engine *e, unsigned flags)
{
	const char *text = arena_printf(cx->a,
	    "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA mmap_size = 0; "
	    "PRAGMA cell_size_check = ON; PRAGMA cache_size = %d; PRAGMA journal_size_limit = %d",
	    flags & DB_BIG_CACHE ? -4000 : -256, WAL_KEEP_BYTES);
	int64_t pages = 1;
	enum engine_code code = ENGINE_OK;

	/* A file that is made now can be shortened later. It is said once: it is a write. */
	if (flags & DB_ANY_SCHEMA)
		code = sqlite_ask(e, "PRAGMA page_count", &pages);
	if (code == ENGINE_OK && pages == 0)
		code = sqlite_exec(e, "PRAGMA auto_vacuum = INCREMENTAL");
	/* Stored in the file, but not in a restored backup. Costs nothing when it is so already. */
	if (code == ENGINE_OK)
		code = sqlite_exec(e, "PRAGMA journal_mode = WAL");
	if (code == ENGINE_OK)
		code = sqlite_exec(e, text);
	return code == ENGINE_OK ? RC_OK : sqlite_fail(cx, e, code, "settings");
}

/* A process has one thread and nobody asks how much memory SQLite has, so nothing in it needs a
 * lock. It takes this before its first use alone, and refuses it later, when it is set. */
static void
sqlite_alone(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool scratch; /* a place was set */

static void
sqlite_sort_in(const char *dir)
{
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = sqlite3_mprintf("%s", dir);
}

void
db_scratch(const char *dir)
{
	scratch = true;
	sqlite_sort_in(dir);
}

static enum rc
sqlite_open_file(struct ctx *cx, struct engine *e, bool create)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    SQLITE_OPEN_EXRESCODE;
	enum engine_code code;
	mode_t mask;

	if (create) {
		flags |= SQLITE_OPEN_CREATE;
		if (mkdir(e->dir, 0700) != 0 && errno != EEXIST)
			return fail_file(
			    cx, errno, "The directory of the database cannot be made.");
	}
	sqlite_alone();
	if (!scratch)
		sqlite_sort_in(e->dir);
	mask = umask(077);
	code = sqlite_code(e, sqlite3_open_v2(e->path, &e->h, flags, NULL));
	umask(mask);
	if (code != ENGINE_OK && !create && sqlite3_system_errno(e->h) == ENOENT)
		return fail(
		    cx, E_SCHEMA, "There is no database yet. The operator runs: tidemark migrate");
	return code == ENGINE_OK ? RC_OK : sqlite_fail(cx, e, code, "open");
}

static enum rc
sqlite_open(struct ctx *cx, struct arena *a, unsigned flags, struct engine **out)
{
	struct engine *e = arena_alloc(a, sizeof *e);

	*out = e;
	turnstile_init(&e->turn);
	e->turn.brief = flags & DB_BRIEF;
	TRY(sqlite_place(cx, a, &e->path, &e->dir));
	TRY(sqlite_open_file(cx, e, flags & DB_ANY_SCHEMA));
	sqlite_harden(e->h);
	TRY(sqlite_check_file(cx, e));
	return sqlite_settings(cx, e, flags);
}

static void
sqlite_close(struct engine *e, bool forked)
{
	sqlite3_stmt *st;

	/* Closing a parent's handle here could remove the log file under the parent. */
	if (!forked && e->h) {
		while ((st = sqlite3_next_stmt(e->h, NULL)))
			sqlite3_finalize(st);
		sqlite3_close(e->h);
	}
	turnstile_close(&e->turn);
}

/* --- transactions --- */

static enum rc
sqlite_turn_take(struct ctx *cx, struct engine *e)
{
	return turnstile_enter(cx, &e->turn, e->dir);
}

static void
sqlite_turn_give(struct engine *e)
{
	turnstile_leave(&e->turn);
}

static enum engine_code
sqlite_begin(struct engine *e, bool write)
{
	enum engine_code code;

	if (!write)
		return sqlite_step_own(e, &e->begin_read, "BEGIN");
	if (e->turn.brief)
		sqlite3_busy_timeout(e->h, (int)turnstile_left_ms(&e->turn));
	code = sqlite_step_own(e, &e->begin_write, "BEGIN IMMEDIATE");
	if (code == ENGINE_BUSY)
		turnstile_in_vain(&e->turn);
	return code;
}

/* The log is one file that only grows: its flush flushes what was written to it before. */
static enum engine_code
sqlite_durable(struct engine *e, bool durable)
{
	enum engine_code code;

	if (e->hasty == !durable)
		return ENGINE_OK;
	code = sqlite_exec(
	    e, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
	if (code == ENGINE_OK)
		e->hasty = !durable;
	return code;
}

static enum engine_code
sqlite_commit(struct engine *e)
{
	return sqlite_step_own(e, &e->commit, "COMMIT");
}

static enum engine_code
sqlite_rollback(struct engine *e)
{
	return sqlite_step_own(e, &e->rollback, "ROLLBACK");
}

static bool
sqlite_in_transaction(struct engine *e)
{
	return e->h && !sqlite3_get_autocommit(e->h);
}

/* --- statements --- */

static enum engine_code
sqlite_prepare(struct engine *e, const char *text, struct stmt **out)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v3(e->h, text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);

	*out = (struct stmt *)st;
	return sqlite_code(e, code);
}

static void
sqlite_finish(struct stmt *st)
{
	sqlite3_finalize(sqlite_stmt(st));
}

static int
sqlite_parameters(struct stmt *st)
{
	return sqlite3_bind_parameter_count(sqlite_stmt(st));
}

static bool
sqlite_writes(struct stmt *st)
{
	return !sqlite3_stmt_readonly(sqlite_stmt(st));
}

/* Of a binding, whose only failures are a value that is too large, memory, and our mistakes. */
static enum engine_code
sqlite_bound(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
		return ENGINE_OK;
	case SQLITE_TOOBIG:
		return ENGINE_TOO_LARGE;
	case SQLITE_NOMEM:
		return ENGINE_MEMORY;
	default:
		return ENGINE_WRONG;
	}
}

static enum engine_code
sqlite_bind_text(struct stmt *st, int i, const char *p, size_t n)
{
	sqlite3_stmt *s = sqlite_stmt(st);

	if (!p)
		return sqlite_bound(sqlite3_bind_null(s, i));
	return sqlite_bound(sqlite3_bind_text64(s, i, p, n, SQLITE_STATIC, SQLITE_UTF8));
}

static enum engine_code
sqlite_bind_num(struct stmt *st, int i, int64_t n)
{
	return sqlite_bound(sqlite3_bind_int64(sqlite_stmt(st), i, n));
}

static enum engine_code
sqlite_bind_real(struct stmt *st, int i, double d)
{
	return sqlite_bound(sqlite3_bind_double(sqlite_stmt(st), i, d));
}

static enum engine_code
sqlite_next(struct engine *e, struct stmt *st)
{
	return sqlite_code(e, sqlite3_step(sqlite_stmt(st)));
}

static void
sqlite_reset(struct stmt *st)
{
	sqlite3_reset(sqlite_stmt(st));
	sqlite3_clear_bindings(sqlite_stmt(st));
}

static struct str
sqlite_text(struct stmt *st, int col)
{
	const char *p = (const char *)sqlite3_column_text(sqlite_stmt(st), col);

	return (struct str){ p, p ? (size_t)sqlite3_column_bytes(sqlite_stmt(st), col) : 0 };
}

static int64_t
sqlite_num(struct stmt *st, int col)
{
	return sqlite3_column_int64(sqlite_stmt(st), col);
}

static bool
sqlite_null(struct stmt *st, int col)
{
	return sqlite3_column_type(sqlite_stmt(st), col) == SQLITE_NULL;
}

static int64_t
sqlite_mark(struct engine *e)
{
	return sqlite3_total_changes64(e->h);
}

/* sqlite3_changes64() keeps its old value when a statement matches no row; the totals tell whether
 * this one wrote. */
static int64_t
sqlite_changed(struct engine *e, int64_t mark)
{
	return sqlite3_total_changes64(e->h) == mark ? 0 : sqlite3_changes64(e->h);
}

static enum engine_code
sqlite_version(struct engine *e, int64_t *version)
{
	return sqlite_ask(e, "PRAGMA data_version", version);
}

/* --- schema --- */

static enum engine_code
sqlite_schema_get(struct engine *e, int64_t *version)
{
	return sqlite_ask(e, "PRAGMA user_version", version);
}

static enum engine_code
sqlite_schema_set(struct engine *e, int64_t version)
{
	char text[100];

	snprintf(text, sizeof text, "PRAGMA user_version = %d; PRAGMA application_id = %d",
	    (int)version, APPLICATION_ID);
	return sqlite_exec(e, text);
}

const struct driver driver_sqlite = {
	.name = "sqlite",
	.place = sqlite_place,
	.open = sqlite_open,
	.close = sqlite_close,
	.tell = sqlite_tell,
	.turn_take = sqlite_turn_take,
	.turn_give = sqlite_turn_give,
	.begin = sqlite_begin,
	.durable = sqlite_durable,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.in_transaction = sqlite_in_transaction,
	.prepare = sqlite_prepare,
	.finish = sqlite_finish,
	.parameters = sqlite_parameters,
	.writes = sqlite_writes,
	.bind_text = sqlite_bind_text,
	.bind_num = sqlite_bind_num,
	.bind_real = sqlite_bind_real,
	.next = sqlite_next,
	.reset = sqlite_reset,
	.text = sqlite_text,
	.num = sqlite_num,
	.null = sqlite_null,
	.mark = sqlite_mark,
	.changed = sqlite_changed,
	.exec = sqlite_exec,
	.view_text = "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?1",
	.migration_table =
	    "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, "
	    "name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) "
	    "STRICT",
	.version = sqlite_version,
	.schema_get = sqlite_schema_get,
	.schema_set = sqlite_schema_set,
	.broken_references = sqlite_broken_references,
	.integrity = sqlite_integrity,
	.backup = sqlite_backup,
	.restore = sqlite_restore,
	.space = sqlite_space,
	.give = sqlite_give,
	.compact = sqlite_compact,
};
