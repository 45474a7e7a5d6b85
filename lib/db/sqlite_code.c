/*
 * sqlite_code.c - what a code of SQLite means in words that every engine has.
 */
#include "db/sqlite.h"

#include <errno.h>
#include <unistd.h>

static enum engine_code
sqlite_disk_code(int code, int err, const char *dir)
{
	if (err == ENOSPC || err == EDQUOT || err == EFBIG)
		return ENGINE_FULL;
	/* What could not be opened has left the error number of its last try. */
	if ((code & 0xFF) == SQLITE_CANTOPEN && access(dir, W_OK) != 0)
		err = errno;
	if (err == EROFS || err == EACCES || err == EPERM)
		return ENGINE_READ_ONLY;
	return code == SQLITE_IOERR_WRITE && err == 0 ? ENGINE_FULL : ENGINE_IO;
}

enum engine_code
sqlite_meaning(int code, int err, const char *dir)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_DONE:
		return ENGINE_OK;
	case SQLITE_ROW:
		return ENGINE_ROW;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return code == SQLITE_BUSY_SNAPSHOT ? ENGINE_SERIAL : ENGINE_BUSY;
	case SQLITE_CONSTRAINT:
		return ENGINE_REFUSED;
	case SQLITE_FULL:
		return ENGINE_FULL;
	case SQLITE_TOOBIG:
		return ENGINE_TOO_LARGE;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		if (code == SQLITE_IOERR_NOMEM)
			return ENGINE_MEMORY;
		return sqlite_disk_code(code, err, dir);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ENGINE_READ_ONLY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ENGINE_DAMAGED;
	case SQLITE_NOMEM:
		return ENGINE_MEMORY;
	case SQLITE_INTERRUPT:
	case SQLITE_PROTOCOL:
		return ENGINE_RESOURCES;
	default:
		return ENGINE_WRONG;
	}
}
