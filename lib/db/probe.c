/*
 * probe.c - is the database as it should be? What one process meets, all of them tell: damage is
 * noted in a file of the state directory, which is empty as long as nobody has met any.
 */
#include "db/handle.h"
#include "db/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"

enum { NOTE_MAX = 200 };

int64_t
db_stamp(struct ctx *cx)
{
	const char *path, *dir;
	struct stat st;

	/* What is committed goes to the log first. */
	if (db_place(cx, cx->a, &path, &dir) != RC_OK || !path ||
	    stat(arena_printf(cx->a, "%s-wal", path), &st) != 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static const char *
probe_note(struct arena *a)
{
	return conf_path(a, "damaged");
}

void
db_note_file(struct ctx *cx, struct db *db)
{
	const char *path, *dir;
	struct stat st;

	if (db_place(cx, cx->a, &path, &dir) == RC_OK && path && stat(path, &st) == 0) {
		db->dev = st.st_dev;
		db->ino = st.st_ino;
	}
}

void
db_note_damage(struct ctx *cx, const char *name)
{
	char at[CLOCK_TEXT];
	int fd = open(
	    probe_note(cx->a), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size == 0)
		(void)dprintf(fd, "%s met it at %s.\n", name, clock_text(clock_ms(), at));
	close(fd);
}

void
db_forget_damage(struct arena *a)
{
	unlink(probe_note(a));
}

static enum rc
probe_touch(struct ctx *cx, const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail_file(cx, errno, "The state directory cannot be written.");
	close(fd);
	return RC_OK;
}

enum rc
db_files(struct ctx *cx, struct arena *a, const char *v[DB_FILES + 1])
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	const char *path, *dir;
	size_t n = 0;

	TRY(db_place(cx, a, &path, &dir));
	for (size_t i = 0; path && i < sizeof tails / sizeof *tails; i++)
		v[n++] = arena_printf(a, "%s%s", path, tails[i]);
	v[n++] = arena_printf(a, "%s/%s", dir, TURN_A);
	v[n++] = arena_printf(a, "%s/%s", dir, TURN_B);
	v[n++] = probe_note(a);
	v[n] = NULL;
	for (size_t i = 0; i < n; i++)
		TRY(probe_touch(cx, v[i]));
	return RC_OK;
}

static enum rc
probe_noted(struct ctx *cx)
{
	char text[NOTE_MAX];
	ssize_t n;
	int fd = open(probe_note(cx->a), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return RC_OK;
	n = read(fd, text, sizeof text);
	close(fd);
	return n > 0 ? fail(cx, E_DAMAGED, "The database file is damaged: %.*s", (int)n, text)
		     : RC_OK;
}

static enum rc
probe_file(struct ctx *cx, const struct db *db)
{
	const char *path, *dir;
	struct stat st;

	TRY(db_place(cx, cx->a, &path, &dir));
	if (!path)
		return RC_OK;
	if (stat(path, &st) != 0 || st.st_dev != db->dev || st.st_ino != db->ino)
		return fail(cx, E_DAMAGED,
		    "The database file was moved or replaced while Tidemark runs: what is written "
		    "now goes astray. Stop Tidemark, put the right file in place, start it.");
	if (access(path, W_OK) != 0 || access(dir, W_OK) != 0)
		return fail(cx, E_READ_ONLY, NULL);
	return RC_OK;
}

enum rc
db_probe(struct ctx *cx, struct db *db)
{
	bool found;

	TRY(probe_noted(cx));
	TRY(probe_file(cx, db));
	TRY(db_row(cx, db, &found, Q_STATS_PROBE, ""));
	db_reset(db, Q_STATS_PROBE);
	return RC_OK;
}
