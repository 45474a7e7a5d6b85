/*
 * sqlite_care.c - what is asked of the whole file: whether it is sound, a copy of it, and the space
 * that it takes.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "db/db.h"
#include "db/sqlite.h"

enum { RESTORE_TRIES = 200, RESTORE_PAUSE_MS = 50 };

enum engine_code
sqlite_broken_references(struct engine *e, int64_t *rows)
{
	return sqlite_ask(e, "SELECT count(*) FROM pragma_foreign_key_check", rows);
}

enum engine_code
sqlite_integrity(struct engine *e, struct arena *a, const char **answer)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
	    sqlite_handle(e), "PRAGMA integrity_check(10)", -1, &st, NULL);

	*answer = NULL;
	if (code != SQLITE_OK)
		return sqlite_code(e, code);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(st, 0);

		line = line ? line : "";
		*answer = *answer ? arena_printf(a, "%s; %s", *answer, line) : arena_dup(a, line);
	}
	sqlite3_finalize(st);
	return sqlite_code(e, code);
}

static int
copy_open(const char *file, sqlite3 **copy)
{
	*copy = NULL;
	return sqlite3_open_v2(file, copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
}

enum engine_code
sqlite_backup(struct engine *e, const char *file, const char *forget)
{
	enum engine_code meant;
	sqlite3 *copy;
	sqlite3_stmt *st;
	mode_t mask;
	int code = sqlite3_prepare_v2(sqlite_handle(e), "VACUUM INTO ?1", -1, &st, NULL);

	if (code != SQLITE_OK)
		return sqlite_code(e, code);
	/* The copy is attached while it is made. */
	sqlite3_limit(sqlite_handle(e), SQLITE_LIMIT_ATTACHED, 1);
	mask = umask(077);
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	umask(mask);
	sqlite3_limit(sqlite_handle(e), SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_finalize(st);
	if (code == SQLITE_ERROR)
		return ENGINE_REFUSED;
	if (code != SQLITE_DONE)
		return sqlite_code(e, code);
	code = copy_open(file, &copy);
	if (code == SQLITE_OK)
		code = sqlite3_exec(copy, forget, NULL, NULL, NULL);
	meant = sqlite_code_of(e, copy, code);
	sqlite3_close(copy);
	return meant;
}

static int64_t
number_of(sqlite3 *h, const char *pragma)
{
	sqlite3_stmt *st;
	int64_t n = -1;

	if (sqlite3_prepare_v2(h, pragma, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Whole, ours, and of a version that this program knows? */
static bool
copy_fits(sqlite3 *copy, int newest)
{
	int64_t version = number_of(copy, "PRAGMA user_version");

	return number_of(copy, "PRAGMA application_id") == APPLICATION_ID && version > 0 &&
	    version <= newest &&
	    number_of(copy, "SELECT quick_check = 'ok' FROM pragma_quick_check") == 1;
}

/* All pages in one transaction: others see what was, or what is then. */
static int
copy_back(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int code = SQLITE_BUSY;

	if (!b)
		return sqlite3_extended_errcode(to);
	for (int tries = 0; tries < RESTORE_TRIES && (code & 0xFF) == SQLITE_BUSY; tries++) {
		if (tries)
			sqlite3_sleep(RESTORE_PAUSE_MS);
		code = sqlite3_backup_step(b, -1);
	}
	if (code != SQLITE_DONE) {
		(void)sqlite3_backup_finish(b);
		return code;
	}
	return sqlite3_backup_finish(b);
}

enum engine_code
sqlite_restore(struct engine *e, const char *file, const char *forget, int newest)
{
	enum engine_code meant;
	sqlite3 *copy;
	int code = copy_open(file, &copy);

	if (code == SQLITE_OK && !copy_fits(copy, newest)) {
		sqlite3_close(copy);
		return ENGINE_REFUSED;
	}
	/* A copy that was made by other means has it. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(copy, forget, NULL, NULL, NULL);
	meant = sqlite_code_of(e, copy, code);
	/* What fails from here on is said by the handle that is written to. */
	if (code == SQLITE_OK)
		meant = sqlite_code(e, copy_back(sqlite_handle(e), copy));
	else if (code == SQLITE_ERROR)
		meant = ENGINE_REFUSED;
	sqlite3_close(copy);
	return meant;
}

/* --- space --- */

enum { AUTO_VACUUM_INCREMENTAL = 2 };

enum engine_code
sqlite_space(struct engine *e, struct db_space *out)
{
	int64_t size = 0, pages = 0, unused = 0, mode = 0;
	struct stat log;
	enum engine_code code = sqlite_ask(e, "PRAGMA page_size", &size);

	if (code == ENGINE_OK)
		code = sqlite_ask(e, "PRAGMA page_count", &pages);
	if (code == ENGINE_OK)
		code = sqlite_ask(e, "PRAGMA freelist_count", &unused);
	if (code == ENGINE_OK)
		code = sqlite_ask(e, "PRAGMA auto_vacuum", &mode);
	if (stat(sqlite3_filename_wal(sqlite3_db_filename(sqlite_handle(e), "main")), &log) != 0)
		log.st_size = 0;
	*out = (struct db_space){
		.bytes = pages * size,
		.unused = unused * size,
		.page = size,
		.log = log.st_size,
		.gives = mode == AUTO_VACUUM_INCREMENTAL,
	};
	return code;
}

enum engine_code
sqlite_give(struct engine *e, int64_t pages)
{
	char text[64];

	snprintf(text, sizeof text, "PRAGMA incremental_vacuum(%lld)", (long long)pages);
	return sqlite_exec(e, text);
}

enum engine_code
sqlite_compact(struct engine *e)
{
	enum engine_code code;

	/* The new one is attached while it is made. */
	sqlite3_limit(sqlite_handle(e), SQLITE_LIMIT_ATTACHED, 1);
	code = sqlite_exec(e, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
	sqlite3_limit(sqlite_handle(e), SQLITE_LIMIT_ATTACHED, 0);
	if (code == ENGINE_OK)
		code = sqlite_exec(e, "PRAGMA wal_checkpoint(TRUNCATE)");
	return code;
}
